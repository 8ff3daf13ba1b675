/** What is open in the conversation that is read: which messages are unfolded, which one the keys mean, how each is shown. */
import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import { app } from "./app";
import type { Email, Id } from "./jmap";
import { bubbles, firstUnread, hidden, openAtFirst, placed, type Placed } from "./model/arrange";
import type { Conversation } from "./model/conversations";
import { keyOf, placeOf, type Place } from "./model/letters";

/** How a message is shown, where the member asked for another way than usual. */
export interface Look {
  images?: boolean;
  quotes?: boolean;
  theme?: "light" | "dark";
  isFixed?: boolean;
  /** Goes up where the same address shows something else since. */
  turn?: number;
  /** Of a message that is dangerous: shown without links, or with. */
  trust?: "text" | "links";
  why?: boolean;
}

const SEEN_TOGETHER = 100; // milliseconds in which messages that are read are told as one

export class Reading {
  readonly place = signal<Place>("mail");
  /** By the messages' numbers: one that moves to another conversation stays as it is. */
  readonly opened = signal<ReadonlySet<string>>(new Set());
  readonly folded = signal<readonly (readonly string[])[]>([]);
  readonly current = signal("");
  readonly looks = signal<ReadonlyMap<string, Look>>(new Map());
  /** Came while it was open, and were not looked at. */
  readonly fresh = signal<ReadonlySet<string>>(new Set());
  readonly shown: ReadonlySignal<readonly Placed[] | null>;
  /** The member went elsewhere: what was on the screen counts as seen. */
  isLeft = false;
  private seen = new Set<Id>();
  private timer = 0;
  private readonly at = Date.now();
  private known: ReadonlySet<string> | null = null;
  private waiting: (() => void)[] = [];
  /** Null until they are there, also what came since they were looked at: from then on they are, and what comes is news. */
  readonly emails: ReadonlySignal<readonly Email[] | null>;

  constructor(readonly conversation: Conversation, wanted: Place) {
    this.place.value = wanted;
    this.emails = computed(() => (conversation.isBehind.value && !this.known ? null : conversation.emails.value));
    this.shown = computed(() => {
      const here = this.here.value;
      return here && placed(bubbles(here), app.me.addresses);
    });
  }

  get id(): Id {
    return this.conversation.id;
  }

  /** The messages of one place: Spam is never mixed into a conversation (rule R14). */
  readonly here = computed(() => this.in(this.place.value));

  in(place: Place): readonly Email[] | null {
    return this.emails.value?.filter((email) => placeOf(email, (role) => app.mailboxes.byRole(role)?.id) === place) ?? null;
  }

  /** Decide what is open, once the messages are there; later, open what is new. False where nothing is there yet. */
  settle(): boolean {
    const shown = this.shown.peek();
    if (!shown) return false;
    const keys = shown.filter((one) => !one.email.keywords["$draft"]).map((one) => keyOf(one.email.id)); // one that is sent is new then
    if (!this.known) this.begin(shown);
    else this.welcome(shown.map((one) => one.email).filter((email) => !this.known!.has(keyOf(email.id)) && !email.keywords["$draft"]));
    this.known = new Set([...(this.known ?? []), ...keys]);
    if (this.waiting.length) queueMicrotask(() => this.catchUp()); // when they stand on the screen
    return true;
  }

  /** Now, or as soon as the messages are there: a key can be quicker than the network. */
  onceThere(what: () => void): void {
    if (this.known) what();
    else this.waiting.push(what);
  }

  /** Go over to the messages of another place. */
  turn(place: Place): void {
    this.known = null;
    this.place.value = place;
  }

  toggle(key: string, open = !this.opened.peek().has(key)): void {
    const opened = new Set(this.opened.peek());
    if (open) opened.add(key);
    else opened.delete(key);
    batch(() => {
      this.opened.value = opened;
      this.current.value = key;
    });
  }

  openAll(): void {
    this.folded.value = [];
    this.opened.value = new Set((this.shown.peek() ?? []).map((one) => keyOf(one.email.id)));
  }

  foldAll(): void {
    this.opened.value = new Set();
  }

  unfold(key: string): void {
    this.folded.value = this.folded.peek().filter((run) => run[0] !== key);
  }

  look(key: string): Look {
    return this.looks.value.get(key) ?? {};
  }

  show(key: string, how: Look): void {
    this.looks.value = new Map([...this.looks.peek(), [key, { ...this.looks.peek().get(key), ...how }]]);
  }

  /** The message that keys mean: the one in focus, else the first that is open, else the last. */
  email(): Email | null {
    const shown = this.shown.peek() ?? [];
    const named = (key: string) => shown.find((one) => keyOf(one.email.id) === key)?.email;
    return named(this.current.peek()) ?? shown.findLast((one) => this.opened.peek().has(keyOf(one.email.id)))?.email ?? shown.at(-1)?.email ?? null;
  }

  /** It was on the screen for long enough: it is read, unless the member just said that it is not. */
  saw(email: Email): void {
    if (this.seen.has(email.id) || this.isKeptUnread(email)) return;
    this.seen.add(email.id);
    if (this.fresh.peek().has(keyOf(email.id))) this.fresh.value = new Set([...this.fresh.peek()].filter((key) => key !== keyOf(email.id)));
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.tell(), SEEN_TOGETHER);
  }

  /** What was seen is told at once: the conversation is left. */
  tell(): void {
    clearTimeout(this.timer);
    const emails = this.conversation.emails.peek() ?? [];
    const unread = emails.filter((email) => this.seen.has(email.id) && !email.keywords["$seen"]).map((email) => email.id);
    this.seen.clear();
    if (unread.length) app.act({ act: "read", threadIds: [this.id], emailIds: unread, isSilent: true });
  }

  /** What was asked for while the messages were on their way; no longer, where the member went elsewhere meanwhile. */
  private catchUp(): void {
    for (const what of this.waiting.splice(0)) if (reading.peek() === this) what();
  }

  private begin(shown: readonly Placed[]): void {
    const opened = openAtFirst(shown, app.unreadAtStart);
    batch(() => {
      this.opened.value = opened;
      this.folded.value = hidden(shown, opened);
      this.current.value = keyOf((firstUnread(shown, app.unreadAtStart) ?? shown.at(-1))?.email.id ?? "0");
    });
  }

  /** What is one's own is no news. */
  private welcome(emails: readonly Email[]): void {
    if (!emails.length) return;
    batch(() => {
      this.opened.value = new Set([...this.opened.peek(), ...emails.map((email) => keyOf(email.id))]);
      this.fresh.value = new Set([...this.fresh.peek(), ...emails.filter((email) => !email.isOwn).map((email) => keyOf(email.id))]);
    });
  }

  private isKeptUnread(email: Email): boolean {
    const about = (one: { emailIds: readonly Id[]; threadIds: readonly Id[] }): boolean => (one.emailIds.length ? one.emailIds.includes(email.id) : one.threadIds.includes(this.id));
    return app.operations.log.peek().some((one) => one.kind === "act" && one.act === "unread" && one.at >= this.at && about(one));
  }
}

/** The open conversation's; null where none is open. */
export const reading = signal<Reading | null>(null);

/** Conversations with their messages, fetched when opened or likely to be, and kept while they are of use. */
import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Email, Id, ThreadLink } from "../jmap";
import { MethodFailed, type Jmap } from "../jmap/client";
import { hasBody, isInspected, moved, overlaid, type Roles } from "./letters";
import type { Operation, Operations } from "./operations";

export interface Conversation {
  id: Id;
  /** In all places, oldest first, those of long conversations without their texts; null until loaded. */
  emails: ReadonlySignal<readonly Email[] | null>;
  /** What it goes on from, and as. */
  links: Signal<readonly ThreadLink[]>;
  trouble: Signal<string>;
  /** The conversation that it was merged into while it was known. */
  went: Signal<Id | null>;
  /** More came since it was looked at, and is on its way: what is open is decided when that is there. */
  isBehind: Signal<boolean>;
}

/** What a list says of a conversation: how many messages it has, where that is known, and when the newest came. */
export interface Seen {
  count?: number | undefined;
  at?: string | undefined;
}

/** The same conversation, of which only one message is seen. */
export function single(whole: Conversation, email: Id): Conversation {
  return { ...whole, emails: computed(() => whole.emails.value?.filter((one) => one.id === email) ?? null) };
}

interface Kept extends Conversation {
  base: Signal<readonly Email[] | null>;
  state: number;
  awaited: number; // the state that it is behind of
  loading: Promise<void> | null;
  wanted: Set<Id>;
}

const KEPT = 60;
const RETRY = 5_000; // milliseconds
const LONGEST = 1_500; // milliseconds that what is known waits for what is new
const TEXT_BYTES = 262_144; // of a plain text that comes along with its message; a longer one is shown in a frame
const AT_ONCE = 24; // messages whose texts are asked for in one request
const LAST = 20; // that are loaded of a long conversation, beside the first and what is unread
const MOST_UNREAD = 60;
const MOST_IDS = 500; // in a call
const FEW = 3; // messages that are looked for where a conversation is gone
const MOST_MOVES = 5; // of a message between two looks

const CHANGING = ["id", "keywords", "mailboxIds", "scheduled"];
/** What the store keeps in columns. */
const ENVELOPE = [
  ...["id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt", "sentAt", "messageId", "inReplyTo"],
  ...["from", "sender", "to", "cc", "bcc", "replyTo", "subject", "hasAttachment", "preview", "isOwn", "files", "scheduled"],
];
/** What a conversation shows; bodies in HTML are documents of their own. */
const WHOLE = {
  properties: [...ENVELOPE, "references", "textBody", "htmlBody", "attachments", "bodyValues"],
  bodyProperties: ["partId", "blobId", "size", "name", "type", "charset", "disposition", "cid", "language", "location", "header:Content-Type"],
  fetchTextBodyValues: true,
  maxBodyValueBytes: TEXT_BYTES,
};

/** What the server must look into a message for: of those that are opened. */
const TRUST = ["event", "trackers", "warnings", "remote", "unsubscribe", "why"];
const SHORT = 4; // messages of a conversation that is looked into at once

export class Conversations {
  private kept = new Map<Id, Kept>();

  constructor(private jmap: Jmap, private operations: Operations, private roles: Roles, private isOpen: (id: Id) => boolean = () => false) {}

  /** The conversation, which begins to load where it is not known or older than `state`. */
  open(id: Id, state = 0, row: Seen = {}): Conversation {
    const one = this.get(id);
    if (one.base.peek() && one.state < state && lacks(one, row)) void this.overtake(one, state);
    else if (!one.base.peek() || one.state < state) void this.load(one, row.count);
    return one;
  }

  /** Have it at hand when it is opened, with what came since it was looked at. */
  async prefetch(id: Id, state = 0, row: Seen = {}): Promise<Conversation> {
    const one = this.get(id);
    if (!one.base.peek()) await this.load(one, row.count);
    else if (one.state < state && lacks(one, row)) await this.refresh(id);
    return one;
  }

  /** Let it wait for what is new; not for long, and not where it can't be had. */
  private async overtake(one: Kept, state: number): Promise<void> {
    batch(() => {
      one.awaited = state;
      one.isBehind.value = true;
    });
    const timer = setTimeout(() => (one.isBehind.value = false), LONGEST);
    if (one.loading) await one.loading;
    if (one.state < state) await this.load(one);
    clearTimeout(timer);
    one.isBehind.value = false;
  }

  /** Is an operation of this state unknown to a conversation that is kept, and shown wrongly without it? */
  needs(operation: Operation): boolean {
    return operation.threadIds.some((id) => (this.kept.get(id)?.state ?? Infinity) < operation.state!);
  }

  /** Those that were left before this state, and hold back what everything else has heard of: they are fetched anew. */
  shed(state: number): void {
    for (const [id, one] of this.kept) if (one.state < state && !this.isOpen(id)) this.kept.delete(id);
  }

  /** Fetch again what can have changed of it. */
  async refresh(id: Id): Promise<void> {
    const one = this.kept.get(id);
    if (one?.loading) await one.loading; // it may have begun before what is to be heard of
    if (one) await this.load(one);
  }

  /** The messages as they are at `state` or later. */
  async latest(id: Id, state: number): Promise<readonly Email[]> {
    const one = this.get(id);
    if (!one.base.peek() || one.state < state) await this.load(one);
    return one.base.peek() ?? [];
  }

  /** The texts of these messages, which were left out of a long conversation. */
  async read(id: Id, emailIds: readonly Id[]): Promise<void> {
    const one = this.kept.get(id);
    if (!one) return;
    for (const name of emailIds) one.wanted.add(name);
    await Promise.resolve(); // what is asked for in one turn is asked together
    const ids = [...one.wanted];
    one.wanted.clear();
    await this.guarded(one, () => this.fill(one, ids));
  }

  /** Have these messages looked into: warnings, trackers, images on the web, events. `again`: also where that is known. */
  async inspect(id: Id, emailIds: readonly Id[], again = false): Promise<void> {
    const one = this.kept.get(id);
    const ids = emailIds.filter((name) => again || one?.base.peek()?.some((email) => email.id === name && !isInspected(email)));
    if (!one || !ids.length) return;
    const answer = await this.jmap.call("Email/get", { ids: [...ids], properties: ["id", ...TRUST] }).catch(() => null);
    if (!answer) return void setTimeout(() => void this.inspect(id, emailIds, again), RETRY); // not shown before it was looked into
    const found = new Map(answer.list.map((email) => [email.id, email]));
    const nothing = { event: null, trackers: [], warnings: [], unsubscribe: null }; // shown all the same
    one.base.value = (one.base.peek() ?? []).map((email) => (ids.includes(email.id) ? { ...email, ...(found.get(email.id) ?? nothing) } : email));
  }

  private load(one: Kept, count = Infinity): Promise<void> {
    return (one.loading ??= this.guarded(one, () => this.fetch(one, count)).finally(() => (one.loading = null)));
  }

  private async guarded(one: Kept, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      one.trouble.value = "";
    } catch (error) {
      one.trouble.value = (error as Error).constructor.name;
    }
  }

  /** A short one comes whole; of a long one, and of one that is known, first what is light. */
  private async fetch(one: Kept, count: number): Promise<void> {
    const known = new Map((one.base.peek() ?? []).map((email) => [email.id, email]));
    const first = count <= SHORT ? { ...WHOLE, properties: [...WHOLE.properties, ...TRUST] } : count <= AT_ONCE ? WHOLE : { properties: ENVELOPE };
    const wanted = known.size ? { properties: CHANGING } : first;
    const call = `thread-${one.id}`;
    const thread = this.jmap.call("Thread/get", { ids: [one.id] }, call);
    const answer = this.jmap.call("Email/get", { "#ids": { resultOf: call, name: "Thread/get", path: "/list/*/emailIds" }, ...wanted });
    const [threads, emails] = await Promise.allSettled([thread, answer]);
    if (threads.status === "rejected") throw threads.reason;
    const ids = threads.value.list[0]?.emailIds ?? [];
    if (!ids.length && known.size) one.went.value = await this.whereTo([...known.keys()]);
    const found = emails.status === "fulfilled" ? emails.value.list : await this.inSteps(ids, wanted, emails.reason);
    const byId = new Map(found.map((email) => [email.id, joined(known.get(email.id), email)]));
    const fresh = ids.filter((id) => wanted.properties === CHANGING && !known.has(id) && byId.has(id));
    one.links.value = threads.value.list[0]?.links ?? [];
    const list = ids.flatMap((id) => byId.get(id) ?? []);
    const state = Number(threads.value.state); // what came before the second question was answered may not have been found by the first
    const whole = fresh.length ? await this.whole(fresh) : null; // what is new comes with its text, or not yet
    batch(() => {
      one.state = state;
      one.base.value = list.map((email) => later(email, whole?.get(email.id) ?? one.base.peek()?.find((known) => known.id === email.id)));
      if (state >= one.awaited) one.isBehind.value = false;
    });
    await this.fill(one, missing(list));
  }

  /** The conversation that has these messages now: one that moves gets a new id, the next of its own. */
  private async whereTo(ids: readonly Id[]): Promise<Id | null> {
    const after = ids.slice(0, FEW).flatMap((id) => Array.from({ length: MOST_MOVES }, (_, n) => moved(id, n + 1)));
    const { list } = await this.jmap.call("Email/get", { ids: after, properties: ["id", "threadId"] });
    return list[0]?.threadId ?? null;
  }

  /** More messages than one call may name. */
  private async inSteps(ids: readonly Id[], wanted: object, reason: unknown): Promise<Email[]> {
    if (!(reason instanceof MethodFailed) || reason.type !== "requestTooLarge" || ids.length <= MOST_IDS) throw reason;
    const steps = Array.from({ length: Math.ceil(ids.length / MOST_IDS) }, (_, n) => ids.slice(n * MOST_IDS, (n + 1) * MOST_IDS));
    const answers = await Promise.all(steps.map((some) => this.jmap.call("Email/get", { ids: some, ...wanted })));
    return answers.flatMap((answer) => answer.list);
  }

  /** Put texts where they are missing. */
  private async fill(one: Kept, ids: readonly Id[]): Promise<void> {
    if (!ids.length) return;
    const found = await this.whole(ids);
    one.base.value = (one.base.peek() ?? []).map((email) => (found.has(email.id) ? { ...email, ...found.get(email.id)! } : email));
  }

  private async whole(ids: readonly Id[]): Promise<Map<Id, Email>> {
    const steps = Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, n) => ids.slice(n * AT_ONCE, (n + 1) * AT_ONCE));
    const answers = await Promise.all(steps.map((some) => this.jmap.call("Email/get", { ids: some, ...WHOLE })));
    return new Map(answers.flatMap((answer) => answer.list).map((email) => [email.id, email]));
  }

  private get(id: Id): Kept {
    const known = this.kept.get(id) ?? this.make(id);
    this.kept.delete(id);
    this.kept.set(id, known);
    const oldest = this.kept.size > KEPT && [...this.kept.keys()].find((other) => !this.isOpen(other) && other !== id);
    if (oldest) this.kept.delete(oldest);
    return known;
  }

  private make(id: Id): Kept {
    const base = signal<readonly Email[] | null>(null);
    const emails = computed(() => base.value && overlaid(base.value, this.operations.log.value, id, one.state, this.roles));
    const one: Kept = { id, base, emails, links: signal([]), trouble: signal(""), went: signal(null), isBehind: signal(false), state: 0, awaited: 0, loading: null, wanted: new Set() };
    return one;
  }
}

/** Does the list know of a newer message than those at hand? Other changes take nobody elsewhere: they are seen when they come. */
function lacks(one: Kept, row: Seen): boolean {
  return !row.at || !one.base.peek()?.some((email) => email.receivedAt >= row.at!);
}

/** What is known of a message with what is newer; the very same object where nothing changed, so that nothing is drawn again. */
function joined(known: Email | undefined, news: Email): Email {
  if (!known) return news;
  const same = names(known.keywords) === names(news.keywords) && names(known.mailboxIds) === names(news.mailboxIds) && known.scheduled?.sendAt === news.scheduled?.sendAt;
  return same ? known : { ...known, ...news };
}

/** What came in meanwhile is kept: `email` says what can change, `known` the rest. */
function later(email: Email, known: Email | undefined): Email {
  return known && hasBody(known) && (!hasBody(email) || known.warnings !== undefined) ? joined(known, email) : email;
}

const names = (of: Record<string, true>): string => Object.keys(of).sort().join(" ");

/** Of a conversation without its texts those that are loaded at once: the first, the last and what is unread. */
export function missing(list: readonly Email[]): Id[] {
  const fresh = list.filter((email) => !email.keywords["$seen"]).slice(-MOST_UNREAD);
  const wanted = new Set([...list.slice(0, 1), ...list.slice(-LAST), ...fresh]);
  return list.filter((email) => wanted.has(email) && !hasBody(email)).map((email) => email.id);
}

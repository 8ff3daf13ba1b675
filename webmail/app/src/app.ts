/** The running application: its model, joined to the server, and what the whole interface shares. */
import { batch, computed, effect, signal, untracked } from "@preact/signals";
import { readKept, writeKept } from "./kept";
import type { Boot, Me } from "./boot";
import { t } from "./i18n";
import type { Act, Id, Identity } from "./jmap";
import { Jmap } from "./jmap/client";
import { listen } from "./jmap/push";
import { Conversations } from "./model/conversations";
import { leaves } from "./model/effects";
import { keyOf, Lists, type List, type Source } from "./model/lists";
import { Mailboxes } from "./model/mailboxes";
import { Operations, type Operation, type Wish } from "./model/operations";
import { Preferences } from "./model/preferences";
import { href, where, type Where } from "./navigation";
import { said } from "./sentences";

/** What is said at the bottom of the page, with one thing to do about it. */
export interface Toast {
  text: string;
  verb?: string;
  key?: string;
  act?: () => void;
}

const TOAST = 8_000; // milliseconds
const MOST_OVERLAID = 100; // operations that lie over lists; with more of them the lists that are not seen begin anew
const UNDO_AFTER_RELOAD = 600_000;
const ROLES: Record<string, string> = { starred: "flagged", spam: "junk" }; // where a place's address and its role differ

export class App {
  readonly me: Me;
  readonly csrf: string;
  readonly jmap: Jmap;
  readonly icons: string;
  readonly maxUpload: number;
  readonly catalogues: Record<string, string>;
  /** Numbers of messages that were unread when the page was asked for, and are not since. */
  readonly unreadAtStart: ReadonlySet<string>;
  readonly operations: Operations;
  readonly mailboxes: Mailboxes;
  readonly lists: Lists;
  readonly conversations: Conversations;
  readonly preferences: Preferences;
  readonly toast = signal<Toast | null>(null);
  /** The account's newest state that is known of. */
  readonly state = signal(0);
  readonly signedOut = signal(false);
  /** Of the list that is shown: the row that keys act on, and what is selected. */
  readonly focused = signal<Id | null>(null);
  readonly selected = signal<ReadonlySet<Id>>(new Set());
  /** Not only those that are loaded: all conversations of the list are meant. */
  readonly allSelected = signal(false);
  /** The list that is shown, or that the open conversation was opened from. */
  readonly source = computed<Source | null>(() => this.sourceOf(where.value));
  readonly list = computed<List | null>(() => (this.source.value ? this.lists.open(this.source.value) : null));

  /** Takes back the last sending, where it is newer than the moment that is given; false where there is none. */
  unsend: (since: number) => boolean = () => false;

  private timer = 0;
  private own: Promise<readonly Identity[]> | null = null;

  constructor(boot: Boot) {
    this.me = boot.me;
    this.icons = boot.icons;
    this.maxUpload = boot.maxUpload;
    if (boot.identities) this.own = Promise.resolve(boot.identities);
    this.catalogues = boot.catalogues;
    this.unreadAtStart = new Set(boot.unread);
    this.csrf = boot.csrf;
    this.jmap = new Jmap(boot.accountId, boot.csrf, boot.capabilities, () => (this.signedOut.value = true));
    const listener = {
      refused: (operation: Operation, reason: string) => this.refused(operation, reason),
      confirmed: (state: number) => this.heard(state),
    };
    this.operations = new Operations(this.jmap, listener, (waiting) => writeKept(boot.accountId, waiting));
    this.mailboxes = new Mailboxes(this.jmap, boot.mailboxes, Number(boot.state));
    this.lists = new Lists(this.jmap, this.operations, (id) => this.mailboxes.get(id), () => !this.preferences.get("conversations"));
    this.conversations = new Conversations(this.jmap, this.operations, (role) => this.mailboxes.byRole(role)?.id, isRead);
    this.preferences = new Preferences(this.jmap, boot.preferences);
    this.state.value = Number(boot.state);
    if (boot.list) this.lists.adopt(boot.list.query === undefined ? { mailboxId: boot.list.mailboxId! } : { query: boot.list.query }, boot.list.rows);
  }

  /** As whom one may write: what the page said, else what the server says when it is first wanted. */
  identities(): Promise<readonly Identity[]> {
    this.own ??= this.jmap.call("Identity/get", { ids: null }).then((answer) => answer.list);
    this.own.catch(() => (this.own = null));
    return this.own;
  }

  /** Begin to listen, and finish what an earlier page left undone. */
  start(accountId: Id): void {
    const onLine = (there: boolean): void => {
      this.operations.online.value = there;
      if (there) this.catchUp();
    };
    const ask = (): void => void this.jmap.call("Core/echo", {}).catch(() => {}); // is one signed in?
    listen(accountId, (state) => this.heard(state), onLine, ask);
    addEventListener("online", () => this.operations.hurry());
    addEventListener("offline", () => (this.operations.online.value = false));
    readKept(accountId, (kept) => this.operations.resume(kept));
    const shown = computed(() => this.source.value && keyOf(this.source.value)); // counts change all the time: the selection stays
    effect(() => void (shown.value, this.unselect()));
    effect(() => {
      const list = this.list.value;
      if (list) untracked(() => this.lists.freshen(list, this.state.peek()));
    });
  }

  /** Do something to conversations, or to single messages; it is shown at once and can be undone. */
  act(deed: Wish): void {
    batch(() => {
      const named = deed.all ? (this.list.peek()?.rows.peek() ?? []).map((row) => row.id) : deed.threadIds;
      const was = this.lists.whereabouts(new Set([...named, ...deed.emailIds]));
      const box = this.source.peek() && "mailboxId" in this.source.peek()! ? this.mailboxes.get((this.source.peek() as { mailboxId: Id }).mailboxId) : null;
      if (!deed.emailIds.length && leaves(deed, box)) this.moveFocusOff(new Set(deed.threadIds));
      const operation = this.operations.act(deed, was);
      if (deed.isSilent) return;
      this.unselect();
      if (deed.act !== "read" && deed.act !== "unread" && deed.act !== "star" && deed.act !== "unstar") this.sayDone(operation);
      else if (deed.threadIds.length > 1 || deed.all) this.sayDone(operation);
    });
  }

  async undo(id?: string): Promise<void> {
    if (!id && this.unsend(this.operations.lastAt)) return;
    if (!id && !this.operations.canUndo) await this.recall();
    const operation = this.operations.undo(id);
    this.say(operation ? { text: t("Undone: {what}", { what: said(operation, this.mailboxes) }) } : { text: t("Nothing to undo.") });
  }

  redo(): void {
    const operation = this.operations.redo();
    if (operation) this.sayDone(operation);
    else this.say({ text: t("Nothing to redo.") });
  }

  say(toast: Toast): void {
    clearTimeout(this.timer);
    this.toast.value = toast;
    this.timer = window.setTimeout(() => (this.toast.value = null), TOAST);
  }

  /** The mailbox of a place's slug or role. */
  place(slug: string): ReturnType<Mailboxes["byRole"]> {
    return this.mailboxes.byRole(ROLES[slug] ?? slug);
  }

  /** Where a mailbox is shown. */
  hrefOf(boxId: Id): string {
    const box = this.mailboxes.get(boxId);
    const slug = Object.entries(ROLES).find(([, role]) => role === box?.role)?.[0] ?? box?.role;
    return href(slug ? { at: "place", slug } : { at: "label", id: boxId });
  }

  private sourceOf(there: Where): Source | null {
    if (there.at === "search") return { query: there.query };
    if (there.at === "label") return this.mailboxes.get(there.id) ? { mailboxId: there.id } : null;
    if (there.at === "place") {
      const box = this.place(there.slug);
      return box ? { mailboxId: box.id } : null;
    }
    return this.originOf(there.origin);
  }

  private originOf(origin: string): Source | null {
    const found = origin && this.readOrigin(origin);
    return found ? this.sourceOf(found) : null;
  }

  private readOrigin(origin: string): Exclude<Where, { at: "conversation" }> | null {
    const url = new URL(origin, "http://here");
    const [first = "", second = ""] = url.pathname.split("/").slice(1);
    if (first === "label") return { at: "label", id: `F${second}` };
    if (first === "search") return { at: "search", query: url.searchParams.get("q") ?? "" };
    return { at: "place", slug: second || "inbox" };
  }

  /** The change log says that the account is at `state`: catch up with what is shown. */
  heard(state: number): void {
    if (state <= this.state.peek()) return;
    this.state.value = state;
    this.catchUp();
  }

  /** What is shown and older than what is known of: also after a cut, in which news may have been heard and not fetched. */
  private catchUp(): void {
    const state = this.state.peek();
    const list = this.list.peek();
    if (this.mailboxes.state < state) void this.mailboxes.catchUp().catch(() => {});
    if (list && (list.base.peek()?.state ?? 0) < state) void this.lists.catchUp(list).then(() => this.tidy(list));
    const there = where.peek();
    if (there.at === "conversation") void this.conversations.refresh(there.id);
  }

  private tidy(list: List): void {
    const isCrowded = this.operations.log.peek().length > MOST_OVERLAID;
    if (isCrowded) this.lists.keepOnly(list);
    if (isCrowded) this.conversations.shed(this.lists.oldest);
    this.operations.prune(this.lists.oldest, (one) => this.conversations.needs(one));
  }

  private refused(operation: Operation, reason: string): void {
    const gone = reason === "notFound" && operation.kind !== "act";
    this.say({ text: gone ? t("That is undone already.") : t("That did not work: {reason}. Nothing was changed.", { reason }) });
    const list = this.list.peek();
    if (list) void this.lists.load(list);
  }

  private sayDone(operation: Operation): void {
    this.say({ text: said(operation, this.mailboxes), verb: t("Undo"), key: "z", act: () => void this.undo(operation.id) });
  }

  unselect(): void {
    this.select([]);
  }

  /** Choose these; `all`: and with them everything that the list holds. */
  select(ids: Iterable<Id>, all = false): void {
    batch(() => {
      this.selected.value = new Set(ids);
      this.allSelected.value = all;
    });
  }

  /** What the keys act on goes: the next one below takes its place, else the one above. */
  private moveFocusOff(going: ReadonlySet<Id>): void {
    const rows = this.list.peek()?.rows.peek() ?? [];
    const at = rows.findIndex((row) => row.id === this.focused.peek());
    if (at < 0 || !going.has(rows[at]!.id)) return;
    const next = rows.slice(at).find((row) => !going.has(row.id)) ?? rows.slice(0, at).findLast((row) => !going.has(row.id));
    this.focused.value = next?.id ?? null;
  }

  /** Acts of before the page was loaded, where they are not long ago. */
  private async recall(): Promise<void> {
    const answer = await this.jmap.call("Action/get", { ids: null }).catch(() => null);
    const recent = (answer?.list ?? []).filter((one) => !one.isUndone && one.operationId && Date.now() - Date.parse(one.at) < UNDO_AFTER_RELOAD);
    this.operations.remember(recent.reverse().map((one) => ({ operationId: one.operationId!, act: one.act as Act, count: one.count })));
  }
}

function isRead(id: Id): boolean {
  const there = where.peek();
  return there.at === "conversation" && there.id === id;
}

/** Made once, by `main`. */
export let app: App;

export function open(boot: Boot): App {
  return (app = new App(boot));
}

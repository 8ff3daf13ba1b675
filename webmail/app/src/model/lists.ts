/** Lists of conversations: what the server said of each, loaded page by page, brought up to date by its changes. */
import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Hint, Id, Mailbox, Offer, ThreadRow, ThreadRowQueryResponse } from "../jmap";
import { MethodFailed, type Jmap } from "../jmap/client";
import { byNewest, type Row } from "./effects";
import { applied, type ListKey, type Operations } from "./operations";

/** What a list shows: a mailbox, or what a query finds. */
export type Source = { mailboxId: Id } | { query: string };

/** Before the key of a list whose rows are messages. */
export const MESSAGES = "messages ";

export const keyOf = (source: Source): ListKey => ("query" in source ? `q:${source.query}` : `m:${source.mailboxId}`);

/** `state`: the account's when the rows were right; `cursor`: where to go on, null at the end. */
export interface Base {
  rows: readonly ThreadRow[];
  cursor: string | null;
  total: number;
  isTotalExact: boolean;
  asideTotal: number;
  hints: readonly Hint[];
  offers: readonly Offer[];
  state: number;
}

export interface List {
  key: ListKey;
  source: Source;
  base: Signal<Base | null>;
  /** What is seen: the base with unconfirmed operations over it. */
  rows: ReadonlySignal<readonly ThreadRow[]>;
  /** Why it could not be loaded; empty while it can. */
  trouble: Signal<string>;
  loading: Signal<boolean>;
}

const KEPT = 12; // lists in memory
const MOST_PAGES = 6; // that are loaded again at once
const DEEPEST = 5_000; // rows of a list that are worth patching; a longer one begins anew when it changed

export class Lists {
  private lists = new Map<ListKey, List>();

  constructor(private jmap: Jmap, private operations: Operations, private mailbox: (id: Id) => Mailbox | null, private perMessage: () => boolean) {}

  /** The list, which begins to load where it is not known, or catches up where it is older than `state`. */
  open(source: Source, state = 0): List {
    const list = this.get(source);
    if (!list.base.peek()) void this.load(list);
    else if (list.base.peek()!.state < state) void this.catchUp(list);
    return list;
  }

  /** One that comes into view again, and has not heard of all that is known of. */
  freshen(list: List, state: number): void {
    const base = list.base.peek();
    if (base && base.state < state && !list.loading.peek()) void this.catchUp(list);
  }

  /** Rows that the server's page brought along. */
  adopt(source: Source, answer: ThreadRowQueryResponse): void {
    this.get(source).base.value = baseOf(answer);
  }

  /** Where in the cached lists a conversation is seen, and how: what undoing puts back. */
  whereabouts(ids: ReadonlySet<Id>): { key: ListKey; row: ThreadRow }[] {
    return [...this.lists.values()].flatMap((list) =>
      list.rows.peek().filter((row) => ids.has(row.id)).map((row) => ({ key: list.key, row })),
    );
  }

  /** All rows that are held, as they are seen, by the list that they are of. */
  held(): { source: Source; rows: readonly ThreadRow[] }[] {
    return [...this.lists.values()].map((list) => ({ source: list.source, rows: list.rows.peek() }));
  }

  /** Lists that were left long ago hold back operations that everything else has heard of: they begin anew when opened. */
  keepOnly(list: List): void {
    this.lists = new Map([[list.key, list]]);
  }

  /** The state that every cached list has reached. */
  get oldest(): number {
    return Math.min(...[...this.lists.values()].map((list) => list.base.peek()?.state ?? Infinity));
  }

  /** The next page; nothing where there is none, or one is under way. */
  async more(list: List): Promise<void> {
    const base = list.base.peek();
    if (!base?.cursor || list.loading.peek()) return;
    await this.busy(list, async () => {
      const next = await this.page(list, base.cursor!);
      const now = list.base.peek();
      if (!now || now.cursor !== base.cursor) return; // it was loaded anew meanwhile
      const known = new Set(now.rows.map((row) => row.id));
      list.base.value = { ...now, rows: [...now.rows, ...rowsOf(next).filter((row) => !known.has(row.id))], cursor: next.cursor };
    });
  }

  /** One that is as new as the list: in an older one there are rows that have left it since, and others are missing. */
  private async page(list: List, before: string): Promise<ThreadRowQueryResponse> {
    const next = await this.ask(list.source, before);
    const isOld = Number(next.queryState) < (list.base.peek()?.state ?? 0);
    return isOld ? this.ask(list.source, before) : next;
  }

  /** Fewer rows than these are left, and there are more: also where acts took away what was loaded, once the server knows of them. */
  isShort(list: List, wanted: number): boolean {
    if (!list.base.value?.cursor || list.loading.value || list.trouble.value) return false;
    return list.rows.value.length < wanted && (list.rows.value.length > 0 || !this.operations.waiting.value);
  }

  /** From the start. */
  async load(list: List): Promise<void> {
    await this.busy(list, async () => {
      renew(list, baseOf(await this.ask(list.source)));
    });
  }

  /** What changed since it was right. */
  async catchUp(list: List): Promise<void> {
    const base = list.base.peek();
    if (!base || "query" in list.source || this.perMessage() || base.rows.length > DEEPEST) return this.again(list);
    const source = list.source;
    await this.busy(list, async () => {
      try {
        const news = await this.jmap.call("ThreadRow/changes", { mailboxId: source.mailboxId, sinceQueryState: String(base.state) });
        const now = list.base.peek();
        if (now && Number(news.newQueryState) > now.state) list.base.value = merged(now, news); // changes since an older state do no harm
      } catch (error) {
        if (!(error instanceof MethodFailed)) throw error;
        renew(list, baseOf(await this.ask(source))); // too much changed to patch it
      }
    });
  }

  /** The newest that a query finds, without a list being kept of it. */
  async glance(query: string, limit: number): Promise<{ rows: readonly Row[]; state: number }> {
    const answer = await this.ask({ query }, undefined, limit);
    return { rows: rowsOf(answer), state: Number(answer.queryState) };
  }

  /** From the start, as far as it was loaded: nothing is pulled away from under who looks further down. */
  private async again(list: List): Promise<void> {
    const wanted = list.base.peek()?.rows.length ?? 0;
    await this.busy(list, async () => {
      const base = baseOf(await this.ask(list.source));
      for (let page = 1; base.cursor && base.rows.length < wanted && page < MOST_PAGES; page++) {
        const next = await this.ask(list.source, base.cursor);
        base.rows = [...base.rows, ...rowsOf(next)];
        base.cursor = next.cursor;
      }
      renew(list, base);
    });
  }

  private ask(source: Source, before?: string, limit?: number): Promise<ThreadRowQueryResponse> {
    const more = { ...(this.perMessage() && { perMessage: true }), ...(before && { before }), ...(limit && { limit }) };
    return this.jmap.call("ThreadRow/query", { ...source, ...more });
  }

  private async busy(list: List, work: () => Promise<void>): Promise<void> {
    list.loading.value = true;
    try {
      await work();
      list.trouble.value = "";
    } catch (error) {
      list.trouble.value = (error as Error).constructor.name;
    }
    list.loading.value = false;
  }

  private get(source: Source): List {
    const key = (this.perMessage() ? MESSAGES : "") + keyOf(source);
    const known = this.lists.get(key) ?? this.make(key, source);
    this.lists.delete(key);
    this.lists.set(key, known); // the last one used is the last one to go
    if (this.lists.size > KEPT) this.lists.delete(this.lists.keys().next().value!);
    return known;
  }

  private make(key: ListKey, source: Source): List {
    const base = signal<Base | null>(null);
    const rows = computed(() => {
      const box = "mailboxId" in source ? this.mailbox(source.mailboxId) : null;
      return base.value ? applied(base.value.rows, this.operations.log.value, key, box, base.value.state) : [];
    });
    return { key, source, base, rows, trouble: signal(""), loading: signal(false) };
  }
}

function baseOf(answer: ThreadRowQueryResponse): Base {
  const { list, cursor, total, isTotalExact, asideTotal, hints, offers, queryState } = answer;
  return { rows: rowsOf(answer), cursor, total: total ?? list.length, isTotalExact, asideTotal, hints, offers, state: Number(queryState) };
}

/** Of two answers that overtook one another the newer one stays. */
function renew(list: List, base: Base): void {
  if (base.state >= (list.base.peek()?.state ?? 0)) list.base.value = base;
}

/** A message's row goes by the message's id: several are of one conversation. */
function rowsOf({ list }: ThreadRowQueryResponse): Row[] {
  return list.map((row) => (row.emailId ? { ...row, id: row.emailId, threadId: row.id } : row));
}

/** The base with changed rows in their places. What belongs below what is loaded waits for its page. */
export function merged(base: Base, news: { list: ThreadRow[]; removed: Id[]; total: number; newQueryState: string }): Base {
  const gone = new Set([...news.removed, ...news.list.map((row) => row.id)]);
  const kept = base.rows.filter((row) => !gone.has(row.id));
  const fitting = news.list.filter((row) => isLoaded(row, base.cursor));
  return { ...base, rows: [...kept, ...fitting].sort(byNewest), total: news.total, state: Number(news.newQueryState) };
}

/** Does a row lie above where the next page begins? The last row itself may be gone from the list. Of the cursor's own second: yes. */
function isLoaded(row: ThreadRow, cursor: string | null): boolean {
  const microseconds = cursor?.split("~")[0];
  return !microseconds || Date.parse(row.at) >= Math.floor(Number(microseconds) / 1e6) * 1_000; // rows name no part of a second
}

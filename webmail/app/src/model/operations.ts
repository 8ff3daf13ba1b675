/** What the member did and the server has not confirmed: kept in order, sent again until answered, applied over what is known. */
import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Act, ActionResponse, Id, Mailbox, ThreadRow } from "../jmap";
import { MethodFailed, SignedOut, Unreachable, type Jmap } from "../jmap/client";
import { byNewest, isMeant, leaves, patched, type Deed } from "./effects";

export type ListKey = string;

/** A row as it was before the operation, and the list it was in: what undoing puts back. */
export interface Was {
  key: ListKey;
  row: ThreadRow;
}

/** All conversations of a mailbox, or all that a query finds. */
export type All = { mailboxId: Id } | { query: string };

/**
 * An act that is asked for; `count`: how many conversations, where `all` of a list are meant. With `emailIds` the act is done to
 * these alone, and `threadIds` say whose they are. `isSilent`: it happens by itself, as reading marks as read: nothing to undo.
 */
export interface Wish extends Deed {
  all?: All;
  count?: number;
  isSilent?: boolean;
}

const SILENT = "seen-"; // begins the names of operations that nobody asked for

/** `undo` and `redo` are of another operation (`of`). `state`: the account's once the server confirmed it. */
export interface Operation extends Deed {
  id: string;
  kind: "act" | "undo" | "redo";
  of?: string;
  was: readonly Was[];
  all?: All;
  count: number;
  at: number;
  state?: number;
}

const STEPS = 20; // that can be undone
const MOST_TOGETHER = 12; // operations in a request
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000; // milliseconds between tries

/** What is told to who asked: that an operation failed, and the newest state of those that were confirmed together. */
export interface Listener {
  refused: (operation: Operation, reason: string) => void;
  confirmed: (state: number) => void;
}

export class Operations {
  readonly log: Signal<readonly Operation[]> = signal([]);
  /** Whether the server was reached when it was last tried. */
  readonly online = signal(true);
  readonly waiting: ReadonlySignal<number> = computed(() => this.log.value.filter((one) => one.state === undefined).length);
  private done: Operation[] = []; // by the member, the last one last: what undo walks back
  private undone: Operation[] = [];
  private sending = false;
  private wait = FIRST_WAIT;

  constructor(private jmap: Jmap, private listener: Listener, private keep: (waiting: readonly Operation[]) => void = () => {}) {}

  /** Do it: what is seen changes at once. */
  act(deed: Wish, was: readonly Was[]): Operation {
    const count = deed.count ?? (deed.emailIds.length || deed.threadIds.length);
    const operation: Operation = { ...deed, id: (deed.isSilent ? SILENT : "") + name(), kind: "act", was, count, at: Date.now() };
    if (deed.isSilent) return this.add(operation);
    this.done = [...this.done.slice(1 - STEPS), operation];
    this.undone = [];
    return this.add(operation);
  }

  /** Take back the last act, or a given one; null where there is none that this tab knows. */
  undo(id?: string): Operation | null {
    const of = id ? this.done.find((one) => one.id === id) : this.done.at(-1);
    if (!of) return null;
    this.done = this.done.filter((one) => one !== of);
    this.undone.push(of);
    return this.add({ ...of, id: name(), kind: "undo", of: of.id, at: Date.now() });
  }

  /** Take back the last undo. */
  redo(): Operation | null {
    const of = this.undone.pop();
    if (!of) return null;
    this.done.push(of);
    return this.add({ ...of, id: name(), kind: "redo", of: of.id, at: Date.now() });
  }

  /** Acts of before a reload, oldest first, from the server's log: their rows are not known any more. */
  remember(acts: { operationId: string; act: Act; count: number }[]): void {
    const asked = acts.filter((one) => !one.operationId.startsWith(SILENT));
    const known = new Set([...this.done, ...this.undone].map((one) => one.id)); // done while the log was on its way
    const before = asked.filter((one) => !known.has(one.operationId));
    this.done = [...before.map((one): Operation => ({ ...one, id: one.operationId, kind: "act", threadIds: [], emailIds: [], was: [], at: 0 })), ...this.done].slice(-STEPS);
  }

  /** When the last act was that can be undone; 0 where there is none of this page. */
  get lastAt(): number {
    return this.done.at(-1)?.at ?? 0;
  }

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  /** Operations of an earlier life of the page that the server may not have heard of. To send one twice does nothing twice. */
  resume(kept: readonly Operation[]): void {
    this.change([...kept, ...this.log.value]);
    void this.send();
  }

  /** What every cached list has heard of need not lie over it any more, but for what something else still needs. */
  prune(oldestState: number, isNeeded: (operation: Operation) => boolean = () => false): void {
    const left = this.log.value.filter((one) => one.state === undefined || one.state > oldestState || isNeeded(one));
    if (left.length < this.log.value.length) this.log.value = left;
  }

  private add(operation: Operation): Operation {
    this.change([...this.log.value, operation]);
    queueMicrotask(() => this.send());
    return operation;
  }

  private change(log: readonly Operation[]): void {
    this.log.value = log;
    this.keep(log.filter((one) => one.state === undefined));
  }

  /** What waits, in order, one request at a time. */
  private async send(): Promise<void> {
    const batch = together(this.log.value.filter((one) => one.state === undefined));
    if (this.sending || !batch.length) return;
    this.sending = true;
    const outcomes = await Promise.allSettled(batch.map((one) => this.ask(one)));
    this.sending = false;
    const reached = outcomes.map((outcome, n) => this.settle(batch[n]!, outcome)).every(Boolean);
    const states = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? Number(outcome.value.newState) : []));
    if (states.length) this.listener.confirmed(Math.max(...states));
    this.online.value = reached;
    if (reached) this.wait = FIRST_WAIT;
    else setTimeout(() => this.send(), (this.wait = Math.min(2 * this.wait, LONGEST_WAIT)));
    if (reached && this.waiting.value) void this.send();
  }

  /** Try at once: the browser says that the network is back. */
  hurry(): void {
    this.wait = FIRST_WAIT;
    void this.send();
  }

  private ask(one: Operation): Promise<ActionResponse> {
    if (one.kind === "undo") return this.jmap.call("Action/undo", { operationId: one.of! });
    if (one.kind === "redo") return this.jmap.call("Action/redo", { operationId: one.of! });
    const what = one.all ? { all: one.all } : one.emailIds.length ? { emailIds: [...one.emailIds] } : { threadIds: [...one.threadIds] };
    const how = { ...(one.mailboxId && { mailboxId: one.mailboxId }), ...(one.until && { until: one.until }), ...(one.color && { color: one.color }) };
    return this.jmap.call("Thread/act", { act: one.act, operationId: one.id, ...what, ...how });
  }

  /** False where the server was not reached. */
  private settle(one: Operation, outcome: PromiseSettledResult<ActionResponse>): boolean {
    if (outcome.status === "fulfilled") {
      const confirmed = { ...one, state: Number(outcome.value.newState) };
      this.change(this.log.value.map((other) => (other.id === one.id ? confirmed : other)));
      return true;
    }
    const error: unknown = outcome.reason;
    if (error instanceof SignedOut || error instanceof Unreachable) return false;
    this.change(this.log.value.filter((other) => other.id !== one.id)); // rolled back: it lies over nothing any more
    this.done = this.done.filter((other) => other.id !== one.id);
    this.listener.refused(one, error instanceof MethodFailed && error.type !== "notFound" ? error.message : error instanceof MethodFailed ? error.type : String(error));
    return true;
  }
}

/** Of what waits, the first that touch different conversations: of one that the server could not do, none that builds on it is done. */
function together(waiting: readonly Operation[]): readonly Operation[] {
  const isAlone = (one: Operation): boolean => !one.threadIds.length; // `all` of a list, or what was done before a reload
  const touched = new Set<Id>();
  const clashes = waiting.findIndex((one, n) => {
    const known = touched.size;
    for (const id of one.threadIds) touched.add(id);
    return (n > 0 && (isAlone(one) || isAlone(waiting[0]!))) || touched.size < known + new Set(one.threadIds).size;
  });
  return waiting.slice(0, Math.min(MOST_TOGETHER, clashes < 0 ? waiting.length : clashes));
}

/** The rows of a list as the member should see them: what the server said at `state`, with all that was done since laid over. */
export function applied(rows: readonly ThreadRow[], log: readonly Operation[], key: ListKey, box: Mailbox | null, state: number): readonly ThreadRow[] {
  return log.reduce((seen, one) => (one.state !== undefined && one.state <= state ? seen : overlaid(seen, one, log, key, box)), rows);
}

function overlaid(rows: readonly ThreadRow[], one: Operation, log: readonly Operation[], key: ListKey, box: Mailbox | null): readonly ThreadRow[] {
  if (one.kind === "undo") return put(rows, one.was.filter((was) => was.key === key).map((was) => was.row));
  if (one.all && !isUndone(one.id, log)) return covers(one.all, key) && leaves(one, box) ? [] : covers(one.all, key) ? rows.map((row) => patched(row, one)) : rows;
  if (one.kind === "act" && isUndone(one.id, log)) return rows;
  const meant = new Set(rows.filter((row) => isMeant(row, one)));
  if (!meant.size) return rows;
  if (leaves(one, box)) return rows.filter((row) => !meant.has(row) || (one.emailIds.length > 0 && !row.emailId)); // of a conversation's parts the server alone knows
  return rows.map((row) => (meant.has(row) ? patched(row, one) : row));
}

export const isUndone = (id: string, log: readonly Operation[]): boolean => log.findLast((one) => one.of === id)?.kind === "undo";
const covers = (all: All, key: ListKey): boolean => key.replace(/^messages /, "") === ("query" in all ? `q:${all.query}` : `m:${all.mailboxId}`);

/** Rows put where they belong; one that is there is as it was. */
function put(rows: readonly ThreadRow[], back: readonly ThreadRow[]): readonly ThreadRow[] {
  if (!back.length) return rows;
  const ids = new Set(back.map((row) => row.id));
  return [...rows.filter((row) => !ids.has(row.id)), ...back].sort(byNewest);
}

/** A name for an operation that no other has. */
export const name = (): string => crypto.randomUUID();

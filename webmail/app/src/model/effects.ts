/** What an act does to what is shown, as pure functions: an operation that the server has not confirmed lies over what it said. */
import type { Act, Id, Mailbox, Mark, StarColor, ThreadRow } from "../jmap";

/** Of an act: what it is done to and with. */
export interface Deed {
  act: Act;
  threadIds: readonly Id[];
  emailIds: readonly Id[];
  mailboxId?: Id;
  until?: string;
  color?: StarColor;
}

/** A row of a list: a conversation, or, where the member wants none, a message; then `id` is the message's. */
export type Row = ThreadRow & { threadId?: Id };

export const threadOf = (row: Row): Id => row.threadId ?? row.id;

/** What the row says of its conversation: how many messages it has, where the row is not of one alone, and when the newest came. */
export const seenOf = (row: Row): { count?: number; at: string } => ({ ...(!row.emailId && { count: row.count }), at: row.at });

/** Is the row among what the deed is done to? A message's row is, where it or its whole conversation is. */
export function isMeant(row: Row, deed: Deed): boolean {
  if (!row.emailId) return deed.threadIds.includes(row.id);
  return deed.emailIds.length ? deed.emailIds.includes(row.emailId) : deed.threadIds.includes(threadOf(row));
}

const LEAVES: Partial<Record<Act, (box: Mailbox, deed: Deed) => boolean>> = {
  archive: (box) => box.role === "inbox",
  mute: (box) => box.role === "inbox",
  snooze: (box) => box.role === "inbox",
  unsnooze: (box) => box.role === "snoozed",
  toInbox: (box) => box.role === "snoozed" || box.role === "archive" || box.role === "trash" || box.role === "junk",
  trash: (box) => box.role !== "trash",
  restore: (box) => box.role === "trash",
  spam: (box) => box.role !== "junk" && box.role !== "sent",
  notSpam: (box) => box.role === "junk",
  unstar: (box) => box.role === "flagged",
  moveTo: (box) => box.role === "inbox" || box.role === "trash" || box.role === "junk",
  removeLabel: (box, deed) => box.id === deed.mailboxId,
};

/** Does a conversation leave the list of this mailbox? Of single messages (emailIds) the server alone knows: ask not. */
export function leaves(deed: Deed, box: Mailbox | null): boolean {
  if (!box) return deed.act === "trash" || deed.act === "spam"; // of a search: what it finds is in no Trash and no Spam
  return LEAVES[deed.act]?.(box, deed) ?? false;
}

const mark = (row: ThreadRow, name: Mark, on: boolean): ThreadRow =>
  row.marks.includes(name) === on ? row : { ...row, marks: on ? [...row.marks, name] : row.marks.filter((one) => one !== name) };

const label = (row: ThreadRow, id: Id | undefined, on: boolean): ThreadRow =>
  !id || row.labels.includes(id) === on ? row : { ...row, labels: on ? [...row.labels, id] : row.labels.filter((one) => one !== id) };

const unread = (row: ThreadRow, count: number): ThreadRow =>
  row.unread === count ? row : { ...row, unread: count, writers: row.writers.map((one, n) => spoken(one, n === row.writers.length - 1 && count > 0)) };

function spoken(one: ThreadRow["writers"][number], isUnread: boolean): ThreadRow["writers"][number] {
  const { isUnread: _, ...rest } = one;
  return isUnread ? { ...rest, isUnread } : rest;
}

function plain({ starColor: _, ...row }: ThreadRow): ThreadRow {
  return row;
}

const PATCHES: Partial<Record<Act, (row: ThreadRow, deed: Deed) => ThreadRow>> = {
  read: (row, deed) => unread(row, deed.emailIds.length ? Math.max(0, row.unread - deed.emailIds.length) : 0),
  unread: (row, deed) => unread(row, deed.emailIds.length ? Math.min(row.count, row.unread + deed.emailIds.length) : Math.max(1, row.unread)),
  star: (row, deed) => ({ ...mark(row, "starred", true), starColor: deed.color ?? "red" }),
  unstar: (row, deed) => (deed.emailIds.length && row.count > 1 ? row : plain(mark(row, "starred", false))),
  mute: (row) => mark(row, "muted", true),
  unmute: (row) => mark(row, "muted", false),
  addLabel: (row, deed) => label(row, deed.mailboxId, true),
  moveTo: (row, deed) => label(row, deed.mailboxId, true),
  removeLabel: (row, deed) => label(row, deed.mailboxId, false),
};

/** The row as it is after the act. */
export function patched(row: ThreadRow, deed: Deed): ThreadRow {
  return PATCHES[deed.act]?.(row, deed) ?? row;
}

const KEYWORDS: Partial<Record<Act, [string, boolean]>> = {
  read: ["$seen", true],
  unread: ["$seen", false],
  star: ["$flagged", true],
  unstar: ["$flagged", false],
};

/** A message's keywords after the act. */
export function keywords(before: Record<string, true>, act: Act): Record<string, true> {
  const [name, on] = KEYWORDS[act] ?? ["", false];
  if (!name || (before[name] ?? false) === on) return before;
  const { [name]: _, ...rest } = before;
  return on ? { ...rest, [name]: true } : rest;
}

/** In the order of lists: newest first, of the same moment the later made one first. */
export function byNewest(a: ThreadRow, b: ThreadRow): number {
  return a.at === b.at ? number(b.id) - number(a.id) : a.at < b.at ? 1 : -1;
}

const number = (id: Id): number => Number(/\d+/.exec(id)?.[0] ?? 0);

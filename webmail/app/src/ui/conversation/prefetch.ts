/** What is likely to be opened next is at hand: its messages, and what was found by looking into those that will be open. */
import { app } from "../../app";
import type { Email, Id } from "../../jmap";
import { bubbles, openAtFirst } from "../../model/arrange";
import { seenOf, threadOf, type Row } from "../../model/effects";
import { hasBody, isInspected, keyOf } from "../../model/letters";
import { where } from "../../navigation";
import { isHtml } from "./body";
import { isDangerous } from "./cautions";
import { warm } from "./frame";

const NEXT = 3;
const MOST_FRAMES = 3; // documents of a conversation that are loaded ahead, the newest
const REST = 300; // milliseconds after a conversation is there until those below it are loaded
const HOVER = 80; // milliseconds after which a pointer means it

/** What is open, or being opened, loads by itself, and those below it follow. */
const isOpened = (row: Row): boolean => {
  const there = where.peek();
  return there.at === "conversation" && there.id === threadOf(row);
};

/** Have a row's conversation at hand. */
export async function foresee(row: Row): Promise<void> {
  if (isOpened(row)) return;
  const id = threadOf(row);
  const conversation = await app.conversations.prefetch(id, app.state.peek(), seenOf(row));
  const emails = conversation.emails.peek();
  if (!emails) return;
  const open = openAtFirst(bubbles(emails));
  const isOpen = (email: Email): boolean => open.has(keyOf(email.id));
  await app.conversations.inspect(id, emails.filter(isOpen).map((email) => email.id));
  const known = isOpened(row) ? [] : (conversation.emails.peek() ?? []);
  for (const email of known.filter((one) => isOpen(one) && hasBody(one) && isInspected(one) && isHtml(one) && !isDangerous(one)).slice(-MOST_FRAMES)) warm(email);
}

/** The conversations below an open one, once that one's own documents had their time. Gives back how to stop. */
export function foreseeAfter(id: Id): () => void {
  const timer = window.setTimeout(() => {
    const rows = app.list.peek()?.rows.peek() ?? [];
    const at = rows.findIndex((row) => row.id === id);
    if (at >= 0) for (const row of rows.slice(at + 1, at + 1 + NEXT)) void foresee(row);
  }, REST);
  return () => clearTimeout(timer);
}

let timer = 0;

/** The keys went to a row: it and those below it may be next. */
export function foreseeFrom(id: Id | null): void {
  clearTimeout(timer);
  const rows = app.list.peek()?.rows.peek() ?? [];
  const at = rows.findIndex((row) => row.id === id);
  if (at >= 0) timer = window.setTimeout(() => isOpened(rows[at]!) || rows.slice(at, at + NEXT).forEach((row) => void foresee(row)), HOVER);
}

/** The pointer came over a row, or left it (null). */
export function hover(row: Row | null): void {
  clearTimeout(timer);
  if (row) timer = window.setTimeout(() => void foresee(row), HOVER);
}

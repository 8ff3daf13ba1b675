/** How a conversation is laid out (product.md 3.6): what is open, what is folded behind a line, who came and who went. */
import type { Email, EmailAddress, Id } from "../jmap";
import { keyOf } from "./letters";

/** Messages with one Message-ID are one: a direct copy and one through a list, say. The first stands for all. */
export interface Bubble {
  email: Email;
  copies: readonly Email[];
}

/** What is said between two messages. */
export type Line = { kind: "added"; people: EmailAddress[]; by: EmailAddress } | { kind: "dropped"; people: EmailAddress[] };

export interface Placed extends Bubble {
  lines: Line[];
  /** What it answers, where that is not the message above it. */
  answers: Email | null;
}

const FOLDED = 4; // so many read messages in a row become one line

export function bubbles(emails: readonly Email[]): Bubble[] {
  const found = new Map<string, Email[]>();
  for (const email of emails) {
    const name = email.messageId?.[0] ?? email.id;
    const known = found.get(name);
    if (known) known.push(email);
    else found.set(name, [email]);
  }
  return [...found.values()].map(([email, ...copies]) => ({ email: email!, copies }));
}

const isDraft = (email: Email): boolean => email.keywords["$draft"] ?? false;
const isUnread = (one: Bubble): boolean => !one.email.keywords["$seen"] || one.copies.some((copy) => !copy.keywords["$seen"]);

/** What is unread, or was until now (`also`), and the last that is no draft; keys: a message that changes its conversation stays open. */
export function openAtFirst(list: readonly Bubble[], also: ReadonlySet<string> = new Set()): Set<string> {
  const last = list.findLast((one) => !isDraft(one.email)) ?? list.at(-1);
  return new Set(list.filter((one) => one === last || isUnread(one) || also.has(keyOf(one.email.id))).map((one) => keyOf(one.email.id)));
}

/** Runs of folded messages that one line stands for: all but the first of each. */
export function hidden(list: readonly Bubble[], open: ReadonlySet<string>): string[][] {
  const runs: string[][] = [[]];
  for (const one of list) {
    const key = keyOf(one.email.id);
    if (open.has(key)) runs.push([]);
    else runs.at(-1)!.push(key);
  }
  return runs.filter((run) => run.length >= FOLDED).map((run) => run.slice(1));
}

/** The first that is unread, else none: where a conversation is scrolled to. */
export const firstUnread = <B extends Bubble>(list: readonly B[], also: ReadonlySet<string> = new Set()): B | undefined =>
  list.find((one) => isUnread(one) || also.has(keyOf(one.email.id)));

const named = (email: Email): EmailAddress[] => [...(email.from ?? []), ...(email.to ?? []), ...(email.cc ?? [])];
const address = (one: EmailAddress): string => one.email.toLowerCase();

/** Oldest first, each with what changed in who is addressed, and with what it answers. `mine`: the member's addresses. */
export function placed(list: readonly Bubble[], mine: readonly string[]): Placed[] {
  const known = new Set<string>();
  const byMessageId = new Map<Id, Email>();
  let above: Email | null = null;
  return list.map((one) => {
    const { email } = one;
    const answered = byMessageId.get(email.inReplyTo?.[0] ?? "") ?? null;
    const lines = isDraft(email) ? [] : [...added(email, known, mine), ...dropped(email, answered ?? above, mine)];
    for (const person of named(email)) known.add(address(person));
    for (const id of email.messageId ?? []) byMessageId.set(id, email);
    const answers = answered && above && answered !== above ? answered : null;
    if (!isDraft(email)) above = email;
    return { ...one, lines, answers };
  });
}

/** Who is addressed for the first time, and has not written before. */
function added(email: Email, known: ReadonlySet<string>, mine: readonly string[]): Line[] {
  const by = email.from?.[0];
  if (!known.size || !by) return [];
  const fresh = distinct(named(email)).filter((one) => !known.has(address(one)) && address(one) !== address(by) && !mine.includes(address(one)));
  return fresh.length ? [{ kind: "added", people: fresh, by }] : [];
}

/** Who was part of what it answers, of at least two beside the author, and is left out. */
function dropped(email: Email, before: Email | null, mine: readonly string[]): Line[] {
  if (!before) return [];
  const now = new Set(named(email).map(address));
  const others = distinct(named(before)).filter((one) => !mine.includes(address(one)));
  const gone = others.filter((one) => !now.has(address(one)));
  return others.length > 1 && gone.length && gone.length < others.length ? [{ kind: "dropped", people: gone }] : [];
}

function distinct(people: readonly EmailAddress[]): EmailAddress[] {
  return [...new Map(people.filter((one) => one.email).map((one) => [address(one), one])).values()];
}

/** Whom an answer at the end is to: the last message that is not one's own, else the last that is no draft. */
export function replyTarget(emails: readonly Email[]): Email | null {
  const letters = emails.filter((email) => !isDraft(email));
  return letters.findLast((email) => !email.isOwn) ?? letters.at(-1) ?? null;
}

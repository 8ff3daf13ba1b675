/** What an answer takes over from its message: recipients, ids and subject. As mailsuite/protocol/answer.py and subject.py do it. */
import type { Email, EmailAddress, Identity } from "../jmap";
import { same } from "./address_list";
import type { Person } from "./letter";

const MOST = 200; // recipients
const MOST_IDS = 20;

/** A message with the fields that only an answer needs. */
export type Answerable = Email & { "header:List-Post:asURLs"?: string[] | null; "header:Mail-Followup-To:asAddresses"?: EmailAddress[] | null; "header:List-Id"?: string | null };

/** `redirected`: Reply-To says otherwise than From, which the writer should see. */
export interface Recipients {
  to: Person[];
  cc: Person[];
  redirected: boolean;
}

const people = (list: readonly EmailAddress[] | null | undefined): Person[] => (list ?? []).filter((one) => one.email).map((one) => ({ name: one.name ?? "", email: one.email }));

/** RFC 5322 §3.6.3: never to myself, unless nobody is left. An answer to my own message goes to whom that went to. */
export function recipients(email: Answerable, mine: readonly string[], everyone: boolean): Recipients {
  const own = new Set(mine.map(same));
  const [authors, named] = [people(email.from), people(email.replyTo)];
  const isMine = authors.length > 0 && authors.every((one) => own.has(same(one.email)));
  const followup = people(email["header:Mail-Followup-To:asAddresses"]);
  let first = named.length ? named : authors;
  let others = people(email.cc);
  if (isMine) first = people(email.to).length ? people(email.to) : others;
  else if (everyone) [first, others] = followup.length ? [followup, []] : [first, [...people(email.to), ...others]];
  let to = without(first, own);
  let cc = everyone ? without(others, new Set([...own, ...to.map((one) => same(one.email))])) : [];
  if (!to.length) [to, cc] = cc.length ? [cc, []] : [first.slice(0, 1), []];
  const keys = (list: Person[]): string => [...new Set(list.map((one) => same(one.email)))].sort().join();
  return { to: to.slice(0, MOST), cc: cc.slice(0, MOST), redirected: named.length > 0 && !isMine && keys(named) !== keys(authors) };
}

function without(list: readonly Person[], left: ReadonlySet<string>): Person[] {
  const seen = new Set(left);
  return list.filter((one) => !seen.has(same(one.email)) && seen.add(same(one.email)));
}

/** Was I in Bcc? It came to me, and I am neither named nor its author, nor is it from a list. */
export function wasBcc(email: Answerable, mine: readonly string[]): boolean {
  const own = new Set(mine.map(same));
  const named = [...people(email.to), ...people(email.cc), ...people(email.from)];
  return named.length > 0 && !email["header:List-Id"] && !named.some((one) => own.has(same(one.email)));
}

/** RFC 5322 §3.6.4, at most 20: the first says where the conversation began, the last what is answered. */
export function ids(email: Email): { inReplyTo: string[]; references: string[] } {
  const own = (email.messageId ?? []).slice(0, 1);
  const before = email.references?.length ? email.references : email.inReplyTo?.length === 1 ? email.inReplyTo : [];
  const all = [...before.filter((one) => !own.includes(one)), ...own];
  return { inReplyTo: own, references: all.length > MOST_IDS ? [all[0]!, ...all.slice(1 - MOST_IDS)] : all };
}

/** The identity that the message came to, else the first one. */
export function identityFor(email: Email, identities: readonly Identity[]): Identity | undefined {
  const named = [...people(email.to), ...people(email.cc), ...people(email.bcc), ...people(email.from)];
  const exactly = identities.find((one) => named.some((person) => person.email.toLowerCase() === one.email.toLowerCase()));
  return exactly ?? identities.find((one) => named.some((person) => same(person.email) === same(one.email))) ?? identities[0];
}

const COUNT = String.raw` ?(?:\[\d{1,4}\]|\(\d{1,4}\)|\^\d{1,4})? ?[:：]\s*`;
const REPLIES = "re|r|aw|antw|antwort|sv|vs|rif|rv|res|resp|odp|ynt|vá|atb|bls|tl|απ|σχετ|תגובה|رد|ответ|отв|回复|回覆|答复|答覆|회신";
const FORWARDS = "fwd|fw|wg|wl|tr|enc|i|pd|doorst|vb|vl|ilt|trs|ct|πρθ|הועבר|пересл|转发|轉寄|전달|továbbítás";
const ANSWER = new RegExp(`^(?:${REPLIES})${COUNT}`, "i");
const ANSWER_OR_FORWARD = new RegExp(`^(?:${REPLIES}|${FORWARDS})${COUNT}`, "i");
const TAGS = /^(?:\[[^[\]]{1,200}\]\s*)+/;

/** One `Re:`, never `Re: AW: Re:`. Tags of lists stay. */
export const replySubject = (subject: string): string => `Re: ${bare(ANSWER, subject)}`.trim();
export const forwardSubject = (subject: string): string => `Fwd: ${bare(ANSWER_OR_FORWARD, subject)}`.trim();

/** Does this subject belong to the same conversation? Another one begins a new one (rule R7). */
export function sameSubject(one: string, other: string): boolean {
  return bare(ANSWER_OR_FORWARD, one).toLowerCase() === bare(ANSWER_OR_FORWARD, other).toLowerCase();
}

function bare(prefix: RegExp, subject: string): string {
  let text = subject.slice(0, 1_000).normalize("NFC").replace(/\s+/g, " ").trim();
  let tags = "";
  for (;;) {
    const found = prefix.exec(text) ?? TAGS.exec(text);
    if (!found?.[0] || (!prefix.test(text) && found[0].length === text.length)) return tags + text;
    if (!prefix.test(text)) tags += found[0];
    text = text.slice(found[0].length);
  }
}

/** Messages of a conversation as they are seen: what the server said of each, with what was done since laid over. */
import type { Act, Email, Id } from "../jmap";
import { keywords, type Deed } from "./effects";
import { isUndone, type Operation } from "./operations";

export type Place = "mail" | "spam" | "trash";

/** The id of the account's mailbox with a role. */
export type Roles = (role: string) => Id | undefined;

type Homes = Record<Id, true>;

/** Each message is in exactly one place (product.md 3.7). */
export function placeOf(email: Email, roles: Roles): Place {
  if (email.mailboxIds[roles("junk") ?? ""]) return "spam";
  return email.mailboxIds[roles("trash") ?? ""] ? "trash" : "mail";
}

/** The message's number, as addresses of pages have it: an Email id is it with a letter before, and a mark of its moves behind. */
export const keyOf = (id: Id): string => /\d+/.exec(id)![0];

/** The id of the message after so many more moves to another conversation. */
export const moved = (id: Id, times: number): Id => `${id.split("-")[0]}-${Number(id.split("-")[1] ?? 0) + times}`;

/** Is what can be said against it known? What is one's own needs no such look. */
export const isInspected = (email: Email): boolean => email.warnings !== undefined || email.isOwn === true;

/** Is its text at hand? Of a long conversation only some are. */
export const hasBody = (email: Email): boolean => (email as Partial<Email>).bodyValues !== undefined;

/** The messages after all that was done and that the server had not heard of at `state`. */
export function overlaid(emails: readonly Email[], log: readonly Operation[], id: Id, state: number, roles: Roles): readonly Email[] {
  const news = log.filter((one) => one.kind === "act" && (one.state === undefined || one.state > state) && !isUndone(one.id, log));
  const touching = news.filter((one) => (one.emailIds.length ? emails.some((email) => one.emailIds.includes(email.id)) : one.threadIds.includes(id)));
  if (!touching.length) return emails;
  return emails.map((email) => touching.filter((one) => !one.emailIds.length || one.emailIds.includes(email.id)).reduce((before, one) => after(before, one, roles), email));
}

function after(email: Email, deed: Deed, roles: Roles): Email {
  const words = keywords(email.keywords, deed.act);
  const homes = MOVES[deed.act]?.(email, deed, roles) ?? email.mailboxIds;
  return words === email.keywords && homes === email.mailboxIds ? email : { ...email, keywords: words, mailboxIds: homes };
}

const only = (id: Id | undefined): Homes | undefined => (id ? { [id]: true } : undefined);
const without = (homes: Homes, id: Id | undefined): Homes => Object.fromEntries(Object.entries(homes).filter(([one]) => one !== id)) as Homes;

function labelled(email: Email, id: Id | undefined, roles: Roles): Homes | undefined {
  return id && placeOf(email, roles) === "mail" ? { ...email.mailboxIds, [id]: true } : undefined;
}

function back(email: Email, from: Place, roles: Roles): Homes | undefined {
  return placeOf(email, roles) === from ? only(roles("all")) : undefined;
}

/** Where a message is after an act; undefined where it is as it was. */
const MOVES: Partial<Record<Act, (email: Email, deed: Deed, roles: Roles) => Homes | undefined>> = {
  archive: (email, _, roles) => without(email.mailboxIds, roles("inbox")),
  toInbox: (email, _, roles) => (roles("inbox") ? { ...(placeOf(email, roles) === "mail" ? email.mailboxIds : only(roles("all"))), [roles("inbox")!]: true } : undefined),
  trash: (email, _, roles) => (placeOf(email, roles) === "mail" ? only(roles("trash")) : undefined),
  restore: (email, _, roles) => back(email, "trash", roles),
  spam: (email, _, roles) => (placeOf(email, roles) === "mail" && !email.isOwn ? only(roles("junk")) : undefined),
  notSpam: (email, _, roles) => back(email, "spam", roles),
  addLabel: (email, deed, roles) => labelled(email, deed.mailboxId, roles),
  moveTo: (email, deed, roles) => labelled({ ...email, mailboxIds: without(email.mailboxIds, roles("inbox")) }, deed.mailboxId, roles),
  removeLabel: (email, deed) => without(email.mailboxIds, deed.mailboxId),
};

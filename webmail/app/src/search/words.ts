/** How a query was read, in words: what stands on the chips. */
import { locale, t } from "../i18n";
import { clean } from "../people";
import type { Node, Term } from "./tree";

/** A value of an operator, as it is said. */
type Named = (value: string) => string;

const FIELDS: Record<string, Named> = {
  from: (value) => t("From: {value}", { value }),
  to: (value) => t("To: {value}", { value }),
  cc: (value) => t("Cc: {value}", { value }),
  bcc: (value) => t("Bcc: {value}", { value }),
  with: (value) => t("With: {value}", { value }),
  deliveredto: (value) => t("Delivered to: {value}", { value }),
  list: (value) => t("List: {value}", { value }),
  subject: (value) => t("Subject: {value}", { value }),
  body: (value) => t("Text: {value}", { value }),
  filename: (value) => t("File: {value}", { value }),
  has: (value) => t("Has: {value}", { value }),
  label: (value) => t("Label: {value}", { value }),
  in: (value) => t("In: {value}", { value }),
  is: (value) => t("Is: {value}", { value }),
  category: (value) => t("Category: {value}", { value }),
  after: (value) => t("After: {value}", { value }),
  before: (value) => t("Before: {value}", { value }),
  date: (value) => t("Date: {value}", { value }),
  newer_than: (value) => t("Newer than {value}", { value }),
  older_than: (value) => t("Older than {value}", { value }),
  larger: (value) => t("Larger than {value}", { value }),
  smaller: (value) => t("Smaller than {value}", { value }),
  msgid: (value) => t("Message-ID: {value}", { value }),
  keyword: (value) => t("Keyword: {value}", { value }),
  threadid: (value) => t("Conversation: {value}", { value }),
};

/** Names of places, kinds and states on chips and beside completions; what is not here is said as it is written. */
const NAMES: Record<string, () => string> = {
  inbox: () => t("Inbox"), sent: () => t("Sent"), drafts: () => t("Drafts"), trash: () => t("Trash"), junk: () => t("Spam"), spam: () => t("Spam"),
  archive: () => t("Archive"), flagged: () => t("Starred"), starred: () => t("starred"), all: () => t("All mail"), anywhere: () => t("anywhere"),
  snoozed: () => t("Snoozed"), scheduled: () => t("Scheduled"), bin: () => t("Trash"), chats: () => t("Chats"),
  attachment: () => t("file"), pdf: () => t("PDF"), image: () => t("image"), video: () => t("video"), audio: () => t("audio"), calendar: () => t("invitation"),
  contact: () => t("contact card"), link: () => t("link"), document: () => t("document"), spreadsheet: () => t("spreadsheet"), presentation: () => t("presentation"),
  userlabels: () => t("a label"), nouserlabels: () => t("no label"), unread: () => t("unread"), read: () => t("read"), unstarred: () => t("not starred"),
  muted: () => t("muted"), draft: () => t("draft"), replied: () => t("replied to"), unreplied: () => t("not replied to"), forwarded: () => t("forwarded"),
  newsletter: () => t("newsletters"), notice: () => t("notices"), people: () => t("people"), list: () => t("discussion lists"), receipt: () => t("receipts"),
  encrypted: () => t("encrypted"), signed: () => t("signed"), tracked: () => t("tracked"), chat: () => t("chat"), today: () => t("today"), yesterday: () => t("yesterday"),
  monday: () => t("Monday"), tuesday: () => t("Tuesday"), wednesday: () => t("Wednesday"), thursday: () => t("Thursday"), friday: () => t("Friday"),
  saturday: () => t("Saturday"), sunday: () => t("Sunday"), me: () => t("me"),
};
const PEOPLE = new Set(["from", "to", "cc", "bcc", "with"]);
const CHOSEN = new Set(["has", "in", "is", "category"]);

export const nameOfValue = (value: string): string => NAMES[value]?.() ?? value;

/** `called`: what a person with this address is called; empty where that is not known. */
export function describe(node: Node, called: (email: string) => string): string {
  if (node.kind === "term") return describeTerm(node, called);
  if (node.kind === "not") return t("Not: {what}", { what: describe(node.child, called) });
  if (node.kind === "around") return t("{left} near {right}", { left: describe(node.left, called), right: describe(node.right, called) });
  const type = node.kind === "and" ? "conjunction" : "disjunction";
  return new Intl.ListFormat(locale(), { type }).format(node.children.map((child) => describe(child, called)));
}

function describeTerm(term: Term, called: (email: string) => string): string {
  const value = clean(valueOf(term, called));
  const said = term.exact ? t("exactly {value}", { value }) : term.quoted ? t("“{value}”", { value }) : value;
  return FIELDS[term.operator]?.(said) ?? said;
}

function valueOf(term: Term, called: (email: string) => string): string {
  const value = String(term.value);
  if (PEOPLE.has(term.operator)) return value.toLowerCase() === "me" ? t("me") : called(value) || value;
  if (CHOSEN.has(term.operator)) return nameOfValue(value);
  if (term.operator === "after" || term.operator === "before") return day(value);
  if (term.operator === "date") return span(term.value as readonly [string, string]);
  if (term.operator.endsWith("_than")) return age(value);
  return term.operator === "larger" || term.operator === "smaller" ? size(Number(value)) : value;
}

function day(value: string): string {
  const at = value.startsWith("@") ? new Date(Number(value.slice(1)) * 1_000) : new Date(`${value}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return nameOfValue(value);
  const shown = locale() === "en" ? "en-GB" : locale();
  return new Intl.DateTimeFormat(shown, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(at);
}

function span([first, last]: readonly [string, string]): string {
  return first === last ? day(first) : t("{first} to {last}", { first: day(first), last: day(last) });
}

function age(value: string): string {
  const n = parseInt(value, 10);
  if (!Number.isFinite(n)) return value;
  return {
    h: () => t("{n, plural, one {# hour} other {# hours}}", { n }),
    d: () => t("{n, plural, one {# day} other {# days}}", { n }),
    w: () => t("{n, plural, one {# week} other {# weeks}}", { n }),
    m: () => t("{n, plural, one {# month} other {# months}}", { n }),
    y: () => t("{n, plural, one {# year} other {# years}}", { n }),
  }[value.at(-1) as "h" | "d" | "w" | "m" | "y"]();
}

function size(bytes: number): string {
  const units: [number, Named][] = [[2 ** 30, (n) => t("{n} GB", { n })], [2 ** 20, (n) => t("{n} MB", { n })], [2 ** 10, (n) => t("{n} KB", { n })]];
  const [unit, said] = units.find(([least]) => bytes >= least) ?? [1, (n: string) => t("{n} bytes", { n })];
  return said((bytes / unit).toLocaleString(locale(), { maximumFractionDigits: 1 }));
}

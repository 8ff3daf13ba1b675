/** Quoting (product.md 5.5): the attribution in the language of the mail, the quoted text, and the head of what is passed on. */
import attributions from "../data/attribution.json";
import type { Email, EmailAddress } from "../jmap";
import { clean, nameOf } from "../people";
import { formatted } from "./address_list";
import { languageOf } from "./language";
import type { Quote } from "./letter";
import { escaped, paragraphs } from "./paragraphs";

const SENTENCES = attributions.sentences as unknown as Record<string, [string, string]>;

/** What an answer or a forward quotes, by the text and the HTML of its message. `html`: sanitised, empty where there is none. */
export interface Source {
  email: Email;
  text: string;
  html: string;
}

/** "On 3 October 2026 at 14:02, Ana Silva wrote:" */
export function attribution(language: string, name: string, at: Date, zone: string): string {
  const [sentence, form] = SENTENCES[language.toLowerCase().split("-")[0]!] ?? SENTENCES["en"]!;
  return sentence.replace("{date}", () => written(form, at, zone)).replace("{name}", () => name);
}

/** A date by a form of strftime, of which only %Y %m %d %-d %H %M %B occur. */
function written(form: string, at: Date, zone: string): string {
  const options = { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" } as const;
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", options).formatToParts(at).map((one) => [one.type, one.value]));
  const values: Record<string, string> = {
    Y: parts["year"]!, m: parts["month"]!, d: parts["day"]!, H: parts["hour"]!, M: parts["minute"]!,
    "-d": String(Number(parts["day"])), B: attributions.months[Number(parts["month"]) - 1]!,
  };
  return form.replace(/%(-?[A-Za-z])/g, (whole, name: string) => values[name] ?? whole);
}

/** `>` before each line; signatures are left out (RFC 3676 §4.5). */
export function quotedText(text: string): string {
  const lines = text.replace(/\r\n?/g, "\n").replace(/^\n+|\n+$/g, "").split("\n");
  const end = lines.indexOf("-- ");
  const kept = end >= 0 ? lines.slice(0, end) : lines;
  return kept.map((line) => (line.startsWith(">") ? `>${line}` : `> ${line}`.trimEnd())).join("\n").trimEnd();
}

/** What stands above or below an answer. `selection`: text that alone is quoted. */
export function replyQuote({ email, text, html }: Source, zone: string, isAbove = false, selection = ""): Quote {
  const author = email.from?.[0] ?? { name: null, email: "" };
  const line = attribution(languageOf(text), nameOf(author.name, author.email), new Date(email.sentAt ?? email.receivedAt), zone);
  const inner = selection ? paragraphs(selection) : html || paragraphs(text);
  const quoted = `<div>${escaped(line)}</div><blockquote type="cite">${inner}</blockquote>`;
  return { text: `${line}\n${quotedText(selection || text)}`, html: quoted, isHtml: html !== "", isAbove };
}

/** A forwarded message inside the text: who, when, what, to whom, and all that it says. */
export function forwardQuote({ email, text, html }: Source, at: string): Quote {
  const head: [string, string][] = [
    ["From", list(email.from)],
    ["Date", at],
    ["Subject", clean(email.subject ?? "")],
    ["To", list(email.to)],
    ["Cc", list(email.cc)],
  ];
  const shown = head.filter(([, value]) => value);
  const title = "---------- Forwarded message ----------";
  const lines = shown.map(([name, value]) => `${name}: ${value}`);
  return {
    text: [title, ...lines, "", text.replace(/\r\n?/g, "\n").replace(/^\n+|\n+$/g, ""), ""].join("\n"),
    html: `<div>${[title, ...lines].map(escaped).join("<br>")}</div><div><br></div>${html || paragraphs(text)}`,
    isHtml: html !== "",
    isAbove: false,
  };
}

const list = (people: readonly EmailAddress[] | null): string => (people ?? []).map((one) => formatted({ name: clean(one.name ?? ""), email: clean(one.email) })).join(", ");

/** A plain draft's own words, and the quotation below them, which is folded again. */
export function splitText(text: string): { own: string; quote: string } {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  let at = lines.length;
  while (at > 0 && (lines[at - 1]!.startsWith(">") || (!lines[at - 1]!.trim() && at < lines.length && lines[at]?.startsWith(">")) || (at === lines.length && !lines[at - 1]!.trim()))) at--;
  const isAttributed = at > 0 && /[:：]\s*$/.test(lines[at - 1]!) && lines[at]?.startsWith(">");
  if (!isAttributed) return { own: text, quote: "" };
  return { own: lines.slice(0, at - 1).join("\n").trimEnd(), quote: lines.slice(at - 1).join("\n").trimEnd() };
}

/** The text that is the writer's own: without lines that quote, and without what follows the line of a forward. */
export function ownWords(text: string): string {
  const forwarded = text.search(/^-{5,} .{3,60} -{5,}$/m);
  const kept = forwarded >= 0 ? text.slice(0, forwarded) : text;
  return kept.split("\n").filter((line) => !line.startsWith(">")).join("\n").trimEnd();
}

/** Plain text as a message shows it: links, quotations behind bars, tables in fixed pitch, old quotations folded (product.md 4.6). */
import { clean } from "../people";
import { split } from "./quote";

/** Text, or an address in it. `kind` web and phone are links as they stand; of mail `href` is the address. */
export type Inline = string | { kind: "web" | "mail" | "phone"; href: string; text: string };

/** Lines of one depth of quotation; the blank lines between runs are their margin already. */
export interface Run {
  depth: number;
  paragraphs: { isFixed: boolean; content: Inline[] }[];
}

export interface Laid {
  runs: Run[];
  signature: Inline[];
}

/** What is read, and the quotation that is folded behind "…" (null where nothing is). */
export interface Shown {
  text: Laid;
  quote: Laid | null;
}

const DEEPEST = 4;
const ALREADY_SEEN = 0.7; // share of quoted lines that occur earlier in the conversation, for a quotation to be folded
const MOST_LINKS = 2_000;
const MOST_SAID = 200_000; // characters of a message that are compared with what later ones quote

const LINK = new RegExp(
  "(?<![\\p{L}\\p{N}_])(?:https?://|www\\.)[^\\s<>\"“”«»\\x00-\\x20]{2,2000}" +
    "|(?<![\\p{L}\\p{N}_.+-])[\\p{L}\\p{N}_.+-]{1,64}@[\\p{L}\\p{N}_-]{1,63}(?:\\.[\\p{L}\\p{N}_-]{1,63}){1,8}(?![\\p{L}\\p{N}_])" +
    "|(?<![\\p{L}\\p{N}_+])\\+\\d(?:[ ()/.-]{0,2}\\d){6,14}(?!\\d)",
  "gu",
);
const QUOTED = /^(?:> ?)+/;
const ALIGNED = /^(?:\t| {4})\S|\S {3,}\S|\S\t+\S|^\s*[|+][-|+ ].*[|+]\s*$/;
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u{e0000}-\u{e007f}]/gu;
const TRAILING = ".,;:!?'\"*_>»”";
const CLOSING: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

/** `earlier`: the lines that the conversation has said before, from `said`; without it nothing is folded. */
export function show(text: string, earlier?: ReadonlySet<string>, forward = false): Shown {
  const whole = cleanLines(text);
  const at = earlier?.size ? foldAt(whole, earlier, forward) : whole.length;
  return { text: laid(whole.slice(0, at)), quote: at < whole.length ? laid(whole.slice(at)) : null };
}

/** The lines of a text in the form by which quotations are recognised. */
export function said(text: string): Set<string> {
  return new Set(cleanLines(text.slice(0, MOST_SAID)).split("\n").map(normal).filter((line) => line));
}

/** Controls removed, line ends and bidi marks kept: its own box isolates it. */
export const cleanLines = (text: string): string => text.replace(/\r\n?/g, "\n").replace(UNSEEN, "");

/** An HTML text's lines, roughly: enough to know a quotation of it again. */
export function linesOfHtml(html: string): string {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " ", "#39": "'" };
  return html.slice(0, MOST_SAID).replace(/<\/?(?:b|i|u|a|em|strong|span|font|code)\b[^<>]*>/gi, "").replace(/<[^<>]*>/g, "\n").replace(/&(amp|lt|gt|quot|nbsp|#39);/g, (_, name: string) => entities[name]!);
}

const normal = (line: string): string => line.replace(QUOTED, "").split(/\s+/).filter((word) => word).join(" ").toLowerCase();

/** Where a quotation begins that says nothing new; the text's length where none does. */
function foldAt(text: string, earlier: ReadonlySet<string>, forward: boolean): number {
  let before = 0;
  for (const piece of split(text, forward)) {
    if (piece.kind === "quoted") {
      const lines = piece.text.split("\n").filter((line) => QUOTED.test(line)).map(normal).filter((line) => line);
      const known = lines.filter((line) => earlier.has(line)).length;
      return lines.length && known >= ALREADY_SEEN * lines.length ? before : text.length;
    }
    before += piece.text.length;
  }
  return text.length;
}

function laid(text: string): Laid {
  const lines = text.trimEnd() ? text.split("\n") : [];
  while (lines.length && !lines.at(-1)!.trim()) lines.pop();
  const sign = lines.findLastIndex((line) => line === "-- " || line === "--");
  const links = new Links();
  const runs = divided(sign < 0 ? lines : lines.slice(0, sign), links);
  return { runs, signature: sign < 0 ? [] : links.in(lines.slice(sign).join("\n")) };
}

function divided(lines: readonly string[], links: Links): Run[] {
  const groups = grouped(lines, depthOf);
  return groups.map(([depth, run], n) => {
    const bare = depth ? run.map((line) => line.replace(QUOTED, "")) : run;
    return { depth, paragraphs: paragraphs(stripped(bare, n > 0, n < groups.length - 1), links) };
  });
}

const depthOf = (line: string): number => Math.min(/^(?:> ?)*/.exec(line)![0].replaceAll(" ", "").length, DEEPEST);

function stripped(lines: readonly string[], before: boolean, after: boolean): readonly string[] {
  let [start, end] = [0, lines.length];
  while (before && start < end && !lines[start]!.trim()) start++;
  while (after && start < end && !lines[end - 1]!.trim()) end--;
  return lines.slice(start, end);
}

/** Runs of three or more aligned lines are a table or code, and keep a fixed pitch. */
function paragraphs(lines: readonly string[], links: Links): Run["paragraphs"] {
  return grouped(lines, (line) => ALIGNED.test(line.slice(0, 500))).map(([aligned, block]) => ({ isFixed: aligned && block.length >= 3, content: links.in(block.join("\n")) }));
}

function grouped<K>(lines: readonly string[], by: (line: string) => K): [K, string[]][] {
  const found: [K, string[]][] = [];
  for (const line of lines) {
    const key = by(line);
    if (found.length && found.at(-1)![0] === key) found.at(-1)![1].push(line);
    else found.push([key, [line]]);
  }
  return found;
}

/** Finds web and mail addresses and phone numbers; only so many in a text. */
class Links {
  private count = 0;

  in(text: string): Inline[] {
    const found: Inline[] = [];
    let at = 0;
    for (const match of text.matchAll(LINK)) {
      if (this.count++ >= MOST_LINKS) break;
      const address = untrailed(match[0]);
      if (match.index > at) found.push(text.slice(at, match.index));
      found.push(link(address));
      at = match.index + address.length;
    }
    if (at < text.length) found.push(text.slice(at));
    return found;
  }
}

/** Without the punctuation of the sentence around it; a closing bracket stays if it was opened inside. */
function untrailed(address: string): string {
  const count = (sign: string): number => address.split(sign).length;
  for (let n = 0; n < 20; n++) {
    const last = address.at(-1) ?? "";
    if (!TRAILING.includes(last) && !(last in CLOSING && count(last) > count(CLOSING[last]!))) break;
    address = address.slice(0, -1);
  }
  return address;
}

function link(address: string): Inline {
  const text = clean(address);
  if (address.startsWith("+")) return { kind: "phone", href: `tel:${address.replace(/[^\d+]/g, "")}`, text };
  if (!address.includes("://") && address.includes("@") && !address.startsWith("www.")) return { kind: "mail", href: address, text };
  return { kind: "web", href: clean(address.includes("://") ? address : `http://${address}`), text };
}

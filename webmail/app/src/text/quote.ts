/** Divides a text into what its author wrote, what is only quoted, and the signature, as protocol/quote.py does (product.md 4.6). */
import words from "../data/quotations.json";

export type Kind = "visible" | "quoted" | "signature";

/** A run of whole lines; the pieces put together are the text. */
export interface Piece {
  kind: Kind;
  text: string;
}

const FORWARDS = new RegExp(`^(?:${words.forwards})`, "iu");
const ORIGINAL = new RegExp(`^(?:${words.original})`, "iu");
const SENDER_LINE = new RegExp(`^(?:${words.sender})`, "iu");
const HEADER_LINE = /^\*?\p{L}[\p{L}\p{N}_ '’-]{0,24}\*?\s?[:：]\*? ?\S/u;
const WROTE = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${words.wrote.join("|")})|(?:写道|寫道|のメール|書きました|작성)`, "iu");
const RULE = /^(?:_{10,}|-{10,})$/;
const LONGEST_SIGNATURE = 15; // lines
const LONGEST_ATTRIBUTION = 400; // characters
const MOST_LINES = 20_000;

/** The text in pieces, in order. `forward`: it passes a message on, so that nothing of it is a quotation. */
export function split(text: string, forward = false): Piece[] {
  const lines = text.split(/(?<=[\n\u2028\u2029])/u).filter((line) => line);
  const bare = lines.map((line) => line.replace(/[\r\n\u2028\u2029]+$/u, ""));
  const [first, last] = forward || bare.length > MOST_LINES ? [bare.length, bare.length] : quotation(bare);
  const kinds: Kind[] = bare.map((_, n) => (n >= first && n < last ? "quoted" : "visible"));
  kinds.fill("signature", signature(bare, 0, first), first);
  kinds.fill("signature", signature(bare, last, bare.length), bare.length);
  return pieces(lines, kinds);
}

function pieces(lines: readonly string[], kinds: readonly Kind[]): Piece[] {
  const found: { kind: Kind; lines: string[] }[] = [];
  lines.forEach((line, n) => {
    if (found.at(-1)?.kind !== kinds[n]) found.push({ kind: kinds[n]!, lines: [] });
    found.at(-1)!.lines.push(line);
  });
  return found.map((one) => ({ kind: one.kind, text: one.lines.join("") }));
}

/** First line of the quotation and the one after its last; twice the number of lines where there is none to hide. */
function quotation(lines: readonly string[]): [number, number] {
  const nothing: [number, number] = [lines.length, lines.length];
  if (lines.some((line) => !line.startsWith(">") && FORWARDS.test(line.trim().slice(0, 200)))) return nothing;
  const appended = outlook(lines);
  if (appended >= 0) return lines.slice(0, appended).some(isQuoted) || !saysSomething(lines, appended) ? nothing : [appended, lines.length];
  const end = endOfQuotation(lines);
  let [at, start] = [end, end];
  while (at > 0 && (isQuoted(lines[at - 1]!) || !lines[at - 1]!.trim())) {
    at--;
    if (isQuoted(lines[at]!)) start = at;
  }
  if (start === end || lines.slice(0, start).some(isQuoted)) return nothing; // nothing quoted, or answered between the lines
  start = withAttribution(lines, start);
  return saysSomething(lines, start) || end < lines.length ? [start, end] : nothing;
}

const isQuoted = (line: string): boolean => line.startsWith(">");
const saysSomething = (lines: readonly string[], until: number): boolean => lines.slice(0, until).some((line) => line.trim());

/** After the last quoted line, if below it is nothing but blank lines and a signature; else 0. */
function endOfQuotation(lines: readonly string[]): number {
  const end = lines.findLastIndex(isQuoted) + 1;
  return lines.slice(end, signature(lines, end, lines.length)).some((line) => line.trim()) ? 0 : end;
}

/** The first line of the quotation, the line that introduces it included; programs break that into up to three. */
function withAttribution(lines: readonly string[], start: number): number {
  let at = start;
  while (at > 0 && !lines[at - 1]!.trim() && start - at < 2) at--;
  for (const count of [1, 2, 3]) {
    const head = lines.slice(Math.max(at - count, 0), at);
    if (head.length < count || !head.every((line) => line.trim())) break;
    const alone = count === 1 && head[0]!.trim().includes(" "); // "Bob wrote:" is enough right above a quotation, "wrote:" is not
    if (isAttribution(head.join(" "), !alone)) return at - count - Number(at > count && isFirstHalf(lines[at - count - 1]!, head[0]!));
  }
  return start;
}

/** Does a line (its folds joined) say that somebody wrote and, `dated`, when or from where? */
export function isAttribution(line: string, dated = true): boolean {
  const bare = line.trim().replace(/[\u200e\u200f\u202c]+$/u, "");
  if (bare.length > LONGEST_ATTRIBUTION || !/[:：]$/u.test(bare) || !WROTE.test(bare)) return false;
  return !dated || bare.includes("@") || /\p{Nd}/u.test(bare);
}

/** Did an attribution that was recognised begin a line earlier: "On 3 October 2026" above "Ana <ana@x> wrote:"? */
function isFirstHalf(line: string, rest: string): boolean {
  if (!line.trim() || line.length > 100 || /[.!?:]$/.test(line.trimEnd())) return false;
  return /\p{Nd}/u.test(line) && !/\p{Nd}/u.test(rest.split("<")[0]!);
}

/** Where what Outlook and its like append begins: a line that says so, or the header of the message it quotes. */
function outlook(lines: readonly string[]): number {
  for (const [at, line] of lines.entries()) {
    const bare = line.trim();
    if (ORIGINAL.test(bare.slice(0, 200))) return at;
    if (!SENDER_LINE.test(bare.slice(0, 60)) || !lines.slice(at, at + 3).every((one) => HEADER_LINE.test(one.trim().slice(0, 100)))) continue;
    const above = at ? lines[at - 1]!.trim() : "";
    if (lines.length < at + 4 || (above && !RULE.test(above))) continue;
    return above ? at - 1 : at;
  }
  return -1;
}

/** Where in these lines the signature begins (RFC 3676 §4.3); `end` where there is none. */
function signature(lines: readonly string[], start: number, end: number): number {
  for (let at = end - 1; at >= Math.max(start, end - LONGEST_SIGNATURE - 6); at--) {
    const isMark = lines[at] === "-- " || lines[at] === "--";
    if (isMark && lines.slice(at + 1, end).filter((line) => line.trim()).length <= LONGEST_SIGNATURE) return at;
  }
  return end;
}

/** Values of operators read from text: days, spans of days, ages, sizes (mailstore/search/values.py). */
import { strip } from "./fold";
import { WEEKDAYS } from "./operators";

const DAYS = new Set(["today", "yesterday", ...WEEKDAYS]);
const YEAR_FIRST = /^(\p{Nd}{4})(?:[-/.](\p{Nd}{1,2})(?:[-/.](\p{Nd}{1,2}))?)?$/u;
const YEAR_LAST = /^(\p{Nd}{1,2})([./-])(\p{Nd}{1,2})\2(\p{Nd}{4})$/u;
const AGE = /^\p{Nd}{1,5}[hdwmy]$/iu;
const SIZE = /^(\p{Nd}{1,15})([kmg]?)b?$/iu;
const FACTOR: Record<string, number> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** First and last day, in ISO form or as a word. */
export type Days = readonly [string, string];

/** A number in the digits of any script. */
export function numberOf(digits: string): number {
  return Number([...digits].map(digit).join(""));
}

/** Digits of a script stand in a row of ten, and such rows begin where a digit has none before it. */
function digit(one: string): number {
  const code = one.codePointAt(0)!;
  if (code < 128) return code - 48;
  let first = code;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(first - 1))) first--;
  return (code - first) % 10;
}

/** A day in ISO form, "today" and its like, or "@" and Unix seconds; a month or year is its first day. Null: not a date. */
export function readDay(text: string, dayFirst: boolean): string | null {
  const said = strip(text).toLowerCase();
  if (DAYS.has(said)) return said;
  if (/^\p{Nd}{9,11}$/u.test(said)) return `@${said}`;
  return readSpan(said, dayFirst)?.[0] ?? null;
}

/** First and last day of a day, month, year, or `a..b`. */
export function readSpan(text: string, dayFirst: boolean): Days | null {
  const said = strip(text).toLowerCase();
  const dots = said.indexOf("..");
  if (dots >= 0) {
    const [first, last] = [readSpan(said.slice(0, dots), dayFirst), readSpan(said.slice(dots + 2), dayFirst)];
    return first && last ? [first[0], last[1]] : null;
  }
  if (DAYS.has(said)) return [said, said];
  const yearFirst = YEAR_FIRST.exec(said);
  if (yearFirst) return whole(...(yearFirst.slice(1).map((part) => (part ? numberOf(part) : 0)) as [number, number, number]));
  const yearLast = YEAR_LAST.exec(said);
  return yearLast ? yearLastDay(yearLast, dayFirst) : null;
}

function yearLastDay(found: RegExpExecArray, dayFirst: boolean): Days | null {
  const [one, other, year] = [numberOf(found[1]!), numberOf(found[3]!), numberOf(found[4]!)];
  const dotted = found[2] === "." || one > 12; // 16.4.2026 is written by no one who puts the month first
  const isDayFirst = (dotted || dayFirst) && other <= 12;
  return whole(year, isDayFirst ? other : one, isDayFirst ? one : other);
}

const daysIn = (year: number, month: number): number => {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
};

function whole(year: number, month: number, day: number): Days | null {
  const [first, from] = [month || 1, day || 1];
  if (year < 1 || first > 12 || from > daysIn(year, first)) return null;
  const last = month || 12;
  const start = iso(year, first, from);
  return [start, day ? start : iso(year, last, daysIn(year, last))];
}

const iso = (year: number, month: number, day: number): string =>
  `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;

/** A date in the form that is read, as near as can be to what was meant: 16/13/2026 becomes 2026-12-16. */
export function nearestDate(text: string): string {
  const found = YEAR_LAST.exec(strip(text));
  if (!found) return "2026-12-16";
  const [one, other, year] = [numberOf(found[1]!), numberOf(found[3]!), numberOf(found[4]!)];
  const [low, high] = one < other ? [one, other] : [other, one];
  const [day, month] = low <= 12 ? [high, low] : [one, 12];
  return iso(year, Math.max(month, 1), Math.min(Math.max(day, 1), month === 2 ? 28 : 30));
}

/** `7d`, in lower case; h, d, w, m (months) or y. Null: not an age. */
export const readAge = (text: string): string | null => (AGE.test(text) ? text.toLowerCase() : null);

/** Bytes; k, M and G are powers of 1,024. Null: not a size. */
export function readSize(text: string): number | null {
  const found = SIZE.exec(text);
  return found ? numberOf(found[1]!) * FACTOR[found[2]!.toLowerCase()]! : null;
}

/** What is being typed at the caret, and how the query reads with it completed. */
import { BLANK } from "./fold";
import { quoted, withTerm } from "./chips";
import { CHOICES, OPERATORS, PLACES, type Kind } from "./operators";

/** The word at the caret: `operator` is null for a plain word, `value` what was typed of it without quotation marks. */
export interface Typed {
  start: number;
  end: number;
  negated: boolean;
  operator: string | null;
  kind: Kind | null;
  value: string;
}

const WORD = new RegExp(`(-?)(?:([A-Za-z][A-Za-z0-9_]{0,19}):)?(?:"([^"]*)"?|([^${BLANK}(){}"]*))`, "uy");
const BETWEEN = new RegExp(`[${BLANK}(){}]`, "u");

export function typedAt(query: string, caret: number): Typed {
  let at = 0;
  while (at < caret) {
    if (BETWEEN.test(query[at]!)) {
      at++;
      continue;
    }
    WORD.lastIndex = at;
    const found = WORD.exec(query);
    const end = at + Math.max(found?.[0].length ?? 0, 1);
    if (end >= caret) return read(found, at, end);
    at = end;
  }
  return { start: caret, end: caret, negated: false, operator: null, kind: null, value: "" };
}

function read(found: RegExpExecArray | null, start: number, end: number): Typed {
  const name = found?.[2]?.toLowerCase() ?? null;
  const operator = name ? OPERATORS.get(name) : undefined;
  const [value, negated] = [found?.[3] ?? found?.[4] ?? "", found?.[1] === "-"];
  if (name && !operator) return { start, end, negated, operator: null, kind: null, value: `${found![2]}:${value}` };
  return { start, end, negated, operator: name, kind: operator?.value ?? null, value };
}

/** The query with the word at the caret replaced, and a blank behind it to go on. */
export function completed(query: string, typed: Typed, term: string): string {
  const rest = query.slice(typed.end).trimStart();
  return `${query.slice(0, typed.start)}${typed.negated ? "-" : ""}${term} ${rest}`;
}

/** The query with one thing more, ready for the next. */
export const added = (query: string, term: string): string => `${withTerm(query, term)} `;

/** `operator:value`, in quotation marks where needed. */
export const asTerm = (operator: string, value: string): string => `${operator}:${quoted(value)}`;

const SAMPLES: Partial<Record<Kind, readonly string[]>> = {
  date: ["today", "yesterday", "monday"],
  span: ["today", "yesterday"],
  age: ["1d", "7d", "1m", "1y"],
  size: ["1M", "5M", "10M"],
};

/** Values that are written without the member's own data: places, states, kinds, days. */
export function valuesOf(typed: Typed, most: number): string[] {
  if (!typed.kind) return [];
  const known = typed.kind === "place" ? [...PLACES.keys()] : [...(CHOICES[typed.kind]?.known.keys() ?? SAMPLES[typed.kind] ?? [])];
  const wanted = typed.value.toLowerCase();
  return known.filter((one) => one.startsWith(wanted) && one !== wanted).slice(0, most);
}

/** Names of operators that a plain word may become. */
export function operatorsOf(typed: Typed, most: number): string[] {
  const wanted = typed.value.toLowerCase();
  if (typed.operator || wanted.length < 2) return [];
  return [...OPERATORS.keys()].filter((one) => one.startsWith(wanted)).slice(0, most);
}

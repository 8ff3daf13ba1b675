/** What is said when a query was read differently than it may have been meant (product.md 2.6): never silence, never an error. */
import { t } from "../i18n";
import { LATER, OPERATORS } from "./operators";

/** `text`: with **bold** for what to write. `typed`, `meant`: what to replace by what, where there is something better. */
export interface Hint {
  code: string;
  text: string;
  typed: string;
  meant: string;
}

const hint = (code: string, text: string, typed = "", meant = ""): Hint => ({ code, text, typed, meant });
const sorted = (word: string): string => [...word].sort().join("");

/** For a word that looks like an operator, if a real one is one edit or swap away. A swap is a slip of the fingers. */
export function notAnOperator(typed: string, value: string): Hint | null {
  const name = typed.toLowerCase();
  const meant = name.length > 2 ? closest(name, [...OPERATORS.keys(), ...LATER]) : null;
  if (!meant) return null;
  const better = `${meant}:${value}`;
  if (sorted(name) === sorted(meant)) return hint("misspelled_operator", t("Did you mean **{better}**?", { better }), typed, better);
  return hint("unknown_operator", t("{typed}: is not an operator. Did you mean **{better}**?", { typed, better }), typed, better);
}

export const lowerCaseOr = (): Hint => hint("lower_case_or", t("or is searched as a word. Use **OR** in capitals."), "or", "OR");

export function noUnit(operator: string, number: string): Hint {
  const better = `${operator}:${number}d`;
  return hint("no_unit", t("Add a unit: **{better}**.", { better }), number, better);
}

const UNKNOWN: Record<string, [() => string, (better: string) => string]> = {
  is: [() => t("Not a state."), (better) => t("Not a state. **{better}**?", { better })],
  has: [() => t("Not a kind of thing."), (better) => t("Not a kind of thing. **{better}**?", { better })],
  category: [() => t("Not a category."), (better) => t("Not a category. **{better}**?", { better })],
};

/** For a value of `is:`, `has:` or `category:` that there is none of. */
export function unknownValue(operator: string, value: string, known: Iterable<string>): Hint {
  const meant = closest(value.toLowerCase(), known);
  const [bare, asking] = UNKNOWN[operator]!;
  const better = meant ? `${operator}:${meant}` : "";
  return hint("unknown_value", better ? asking(better) : bare(), `${operator}:${value}`, better);
}

export function noValue(operator: string): Hint {
  const isPerson = OPERATORS.get(operator)?.value === "person";
  return hint("no_value", isPerson ? t("{operator}: who?", { operator }) : t("{operator}: what?", { operator }), `${operator}:`);
}

export const notADate = (value: string, meant: string): Hint => hint("not_a_date", t("Not a date. Write **{meant}**.", { meant }), value, meant);

export function notASize(operator: string, value: string): Hint {
  const better = `${operator}:10M`;
  return hint("not_a_size", t("Not a size. Write **{better}**.", { better }), value, better);
}

export function notAnAge(operator: string, value: string): Hint {
  const better = `${operator}:7d`;
  return hint("not_an_age", t("Not an age. Write **{better}**.", { better }), value, better);
}

export const notYet = (what: string): Hint => hint("not_yet", t("**{what}** cannot be searched yet and was left out.", { what }), what);
export const noLetters = (word: string): Hint => hint("no_letters", t("{word} has no letters or digits and was left out.", { word }), word);
export const tooLong = (limit: number): Hint => hint("too_long", t("Only the first {limit} characters were read.", { limit }));
export const tooMany = (limit: number): Hint => hint("too_many", t("Only the first {limit} terms were read.", { limit }));
export const tooDeep = (limit: number): Hint => hint("too_deep", t("Brackets deeper than {limit} were left out.", { limit }));

/** For `label:` and `in:` with a label that the account does not have. */
export function noLabel(name: string, labels: Iterable<string>): Hint {
  const byForm = new Map([...labels].map((label) => [label.toLowerCase(), label]));
  const meant = byForm.get(closest(name.toLowerCase(), byForm.keys()) ?? "") ?? "";
  const better = meant.includes(" ") ? `label:"${meant}"` : `label:${meant}`;
  if (!meant) return hint("no_label", t("No label {name}.", { name }), name);
  return hint("no_label", t("No label {name}. **{better}**?", { name, better }), name, better);
}

/** The known word that is one edit or one swap of neighbours away; a swap wins. */
export function closest(word: string, known: Iterable<string>): string | null {
  const near = [...known].filter((one) => one !== word && oneSlip(word, one));
  const isSwap = (one: string): boolean => sorted(one) === sorted(word);
  near.sort((a, b) => Number(isSwap(b)) - Number(isSwap(a)) || (a < b ? -1 : Number(a > b)));
  return near[0] ?? null;
}

function oneSlip(one: string, other: string): boolean {
  const [a, b] = [[...one], [...other]];
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  const [x, y] = [a.slice(start), b.slice(start)];
  const same = (p: string[], q: string[]): boolean => p.join("") === q.join("");
  if (x.length !== y.length) return x.length > y.length ? same(x.slice(1), y) : same(x, y.slice(1));
  return same(x.slice(1), y.slice(1)) || (x[0] === y[1] && x[1] === y[0] && same(x.slice(2), y.slice(2)));
}

/** A query taken apart for who typed it: a chip for each thing that must hold, and the query as a hint would have it. */
import { BLANK, strip } from "./fold";
import type { Parsed } from "./grammar";
import type { Hint } from "./hints";
import { conjuncts, type Node, type Span } from "./tree";

/** `text` as typed, the query without it, and what it was read as. */
export interface Chip {
  text: string;
  query: string;
  node: Node;
}

const BLANKS = new RegExp(`[${BLANK}]+`, "u");
const WORD = new RegExp(`[^${BLANK}(){}"]*"[^"]*"?|[^${BLANK}(){}"]+`, "gu");
const words = (text: string): string[] => text.split(BLANKS).filter(Boolean);

export function chipsOf({ text, tree }: Parsed): Chip[] {
  return conjuncts(tree).flatMap((node) => {
    const typed = strip(text.slice(...node.span));
    return typed ? [{ text: typed, query: without(text, node.span), node }] : [];
  });
}

/** The query without what stands there, and without the AND that joined it. */
export function without(query: string, [start, end]: Span): string {
  const [before, after] = [words(query.slice(0, start)), words(query.slice(end))];
  if (before.at(-1) === "AND") before.pop();
  else if (!before.length && after[0] === "AND") after.shift();
  return [...before, ...after].join(" ");
}

/** The query with what the hint says in place of the word it is about; empty where the hint has nothing better. */
export function better(query: string, hint: Hint): string {
  if (!hint.typed || !hint.meant) return "";
  const found = [...query.matchAll(WORD)];
  const wrong = found.find(([word]) => word === hint.typed) ?? found.find(([word]) => word.includes(hint.typed));
  if (!wrong) return "";
  // A date is said without the operator that it follows.
  const right = hint.meant.includes(":") ? hint.meant : wrong[0].replaceAll(hint.typed, hint.meant);
  return words(query.slice(0, wrong.index) + right + query.slice(wrong.index + wrong[0].length)).join(" ");
}

/** The query with one thing more. */
export const withTerm = (query: string, term: string): string => [strip(query), term].filter(Boolean).join(" ");

/** A value as it is written after an operator: in quotation marks where it has blanks or brackets. */
export const quoted = (value: string): string => (/[\s(){}"]/.test(value) || !value ? `"${value.replaceAll('"', "")}"` : value);

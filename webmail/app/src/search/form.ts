/** The fields of the search form, read from a query and written as one. What has no field stays among the words. */
import { quoted } from "./chips";
import { strip } from "./fold";
import { parse } from "./grammar";
import { conjuncts, type Group, type Node, type Term } from "./tree";

export interface Fields {
  from: string;
  to: string;
  subject: string;
  words: string;
  not: string;
  larger: string;
  /** An age as `newer_than:` takes it. */
  newer: string;
  /** As it follows in the query: `in:inbox`, `label:work`. */
  place: string;
  hasFile: boolean;
}

export const EMPTY: Fields = { from: "", to: "", subject: "", words: "", not: "", larger: "", newer: "", place: "", hasFile: false };

type Put = (fields: Fields, term: Term, typed: string) => Partial<Fields>;
const more = (before: string, value: string): string => [before, value].filter(Boolean).join(" ");

const FIELDS: Partial<Record<string, Put>> = {
  from: ({ from }, term) => (from ? {} : { from: String(term.value) }),
  to: ({ to }, term) => (to ? {} : { to: String(term.value) }),
  subject: ({ subject }, term) => ({ subject: more(subject, term.quoted ? `"${term.value}"` : String(term.value)) }),
  larger: ({ larger }, _, typed) => (larger ? {} : { larger: typed }),
  newer_than: ({ newer }, term) => (newer ? {} : { newer: String(term.value) }),
  in: ({ place }, _, typed) => (place ? {} : { place: typed }),
  label: ({ place }, _, typed) => (place ? {} : { place: typed }),
  has: (_, term) => (term.value === "attachment" ? { hasFile: true } : {}),
};

export function readFields(query: string): Fields {
  const { text, tree } = parse(query);
  const nodes = conjuncts(tree).flatMap((node) => (isOfSubject(node) ? node.children : [node]));
  return nodes.reduce((fields, node) => ({ ...fields, ...put(fields, node, strip(text.slice(...node.span))) }), EMPTY);
}

/** `subject:(red roof)`: both words are the subject's. */
function isOfSubject(node: Node): node is Group {
  return node.kind === "and" && node.children.every((child) => child.kind === "term" && child.operator === "subject");
}

function put(fields: Fields, node: Node, typed: string): Partial<Fields> {
  if (node.kind === "term" && !node.exact) {
    const value = node.operator === "larger" ? typed.slice(typed.indexOf(":") + 1) : typed;
    const found = FIELDS[node.operator]?.(fields, node, value) ?? {};
    if (Object.keys(found).length) return found;
  }
  const child = node.kind === "not" ? node.child : null;
  if (child?.kind === "term" && child.operator === "text") return { not: more(fields.not, typed.replace(/^(-|NOT\s+)/, "")) };
  return { words: more(fields.words, typed) };
}

export function writeFields({ from, to, subject, words, not, larger, newer, place, hasFile }: Fields): string {
  const excluded = [...not.matchAll(/"[^"]*"?|[^\s(){}"]+/g)].map(([one]) => `-${one}`);
  const parts = [
    from.trim() && `from:${quoted(from.trim())}`,
    to.trim() && `to:${quoted(to.trim())}`,
    subject.trim() && `subject:${subjectOf(subject.trim())}`,
    words.trim(),
    ...excluded,
    larger.trim() && `larger:${quoted(larger.trim())}`,
    newer && `newer_than:${newer}`,
    place,
    hasFile && "has:attachment",
  ];
  return parts.filter(Boolean).join(" ");
}

/** Several words are all looked for; a phrase in quotation marks stays one. */
function subjectOf(subject: string): string {
  const bare = subject.replace(/[(){}]/g, " ").trim();
  if (/^"[^"]*"$/.test(bare) || !/\s/.test(bare)) return bare;
  return `(${bare})`;
}

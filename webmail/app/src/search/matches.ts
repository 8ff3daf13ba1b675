/**
 * Does a conversation that is held here match a query? A row does not hold all of a conversation, so there are three answers;
 * what is unknown here the server knows. It never says yes or no where the server says otherwise (product.md 2.3).
 */
import type { ThreadRow } from "../jmap";
import { asked, fold, tokens } from "./fold";
import { ago, endOf, startOf } from "./moments";
import type { Node, Term } from "./tree";

export type Answer = "yes" | "no" | "unknown";

/** `roles`: of the places in whose lists it is seen. `isWhole`: the row is of no one place, but of the whole conversation. */
export interface Candidate {
  row: ThreadRow;
  roles: ReadonlySet<string>;
  isWhole: boolean;
}

/** What words of a query mean to this member. `labels`: path by id. */
export interface World {
  now: Date;
  zone: string;
  labels: ReadonlyMap<string, string>;
}

/** Of a conversation's messages: does one fulfil it, and do all? A state is the same of each of them. */
interface Of {
  one: Answer;
  all: Answer;
}

const UNKNOWN: Of = { one: "unknown", all: "unknown" };
const ASIDE = ["trash", "junk"];
const both = (answer: Answer): Of => ({ one: answer, all: answer });
const sure = (is: boolean): Of => both(is ? "yes" : "no");
const opposite = (answer: Answer): Answer => (answer === "yes" ? "no" : answer === "no" ? "yes" : "unknown");

export function matches(tree: Node, candidate: Candidate, world: World): Answer {
  if (ASIDE.some((role) => candidate.roles.has(role))) return "unknown"; // rows of Trash and Spam show another part of it
  return of(tree, candidate, world).one;
}

function of(node: Node, candidate: Candidate, world: World): Of {
  if (node.kind === "term") return ofTerm(node, candidate, world);
  if (node.kind === "around") return UNKNOWN;
  if (node.kind === "not") {
    const { one, all } = of(node.child, candidate, world);
    return { one: opposite(all), all: opposite(one) };
  }
  const children = node.children.map((child) => of(child, candidate, world));
  return node.kind === "and" ? together(children) : either(children);
}

/** One and the same message must fulfil them all: two that only some messages fulfil may be two messages'. */
function together(children: readonly Of[]): Of {
  const some = children.filter((child) => child.all !== "yes");
  const no = children.some((child) => child.one === "no");
  const all = children.some((child) => child.all === "no") ? "no" : some.length ? "unknown" : "yes";
  return { one: no ? "no" : some.length > 1 ? "unknown" : (some[0]?.one ?? "yes"), all };
}

function either(children: readonly Of[]): Of {
  const one = children.some((child) => child.one === "yes") ? "yes" : children.every((child) => child.one === "no") ? "no" : "unknown";
  const all = children.some((child) => child.all === "yes") ? "yes" : one === "no" ? "no" : "unknown";
  return { one, all };
}

type Test = (term: Term, candidate: Candidate, world: World) => Of;

const TESTS: Record<string, Test> = {
  text: (term, { row }) => content(row, says(term, row.subject) || says(term, row.preview) || isBy(term, row)),
  subject: (term, { row }) => content(row, says(term, row.subject)),
  from: (term, { row }) => content(row, isBy(term, row)),
  with: (term, { row }) => (isBy(term, row) ? both("yes") : UNKNOWN),
  has: (term, { row }) => has(String(term.value), row),
  is: (term, candidate) => is(String(term.value), candidate),
  in: (term, { roles }) => (term.value === "anywhere" || term.value === "all" || roles.has(String(term.value)) ? both("yes") : UNKNOWN),
  label: (term, { row }, { labels }) => sure(labelsNamed(String(term.value), labels).some((id) => row.labels.includes(id))),
  after: (term, candidate, world) => since(candidate, startOf(String(term.value), world.now, world.zone)),
  before: (term, candidate, world) => until(candidate, startOf(String(term.value), world.now, world.zone)),
  newer_than: (term, candidate, world) => since(candidate, ago(String(term.value), world.now)),
  older_than: (term, candidate, world) => until(candidate, ago(String(term.value), world.now)),
  date: (term, candidate, world) => {
    const [first, last] = term.value as readonly [string, string];
    return together([since(candidate, startOf(first, world.now, world.zone)), until(candidate, endOf(last, world.now, world.zone))]);
  },
};

function ofTerm(term: Term, candidate: Candidate, world: World): Of {
  return TESTS[term.operator]?.(term, candidate, world) ?? UNKNOWN;
}

/** What is seen in a row is one message's; what is not seen may still be there. */
const content = (row: ThreadRow, seen: boolean): Of => (seen ? { one: "yes", all: row.count === 1 ? "yes" : "unknown" } : UNKNOWN);

/** The words of a term, next to one another in a text whose end may be cut off. */
function says(term: Term, text: string): boolean {
  if (term.exact) return false;
  const { tokens: wanted, openEnd } = asked(String(term.value));
  const there = tokens(text);
  if (text.endsWith("…")) there.pop();
  const last = wanted.length - 1;
  const fits = (word: string, at: number): boolean => {
    const found = there[at];
    return found === word || (found?.startsWith(word) === true && (term.prefix || openEnd) && word === wanted[last]);
  };
  return wanted.length > 0 && there.some((_, at) => wanted.every((word, n) => (n === last ? fits(word, at + n) : there[at + n] === word)));
}

function isBy(term: Term, row: ThreadRow): boolean {
  if (term.operator !== "text" && fold(String(term.value)) === "me") return row.writers.some((one) => one.isMe);
  return row.writers.some((one) => says(term, one.name) || (one.email !== undefined && says(term, one.email)));
}

const FILES = new Set(["pdf", "image", "video", "audio", "archive", "document", "spreadsheet", "presentation"]);

function has(kind: string, row: ThreadRow): Of {
  if (kind === "userlabels") return sure(row.labels.length > 0);
  if (kind === "nouserlabels") return sure(!row.labels.length);
  const isThere = row.marks.includes("attachment");
  if (kind === "attachment") return isThere ? content(row, true) : both("no");
  return FILES.has(kind) && !isThere ? both("no") : UNKNOWN;
}

function is(state: string, { row, isWhole }: Candidate): Of {
  if (state === "unread" || state === "read") {
    if (!row.unread && !isWhole) return UNKNOWN;
    return sure((row.unread > 0) === (state === "unread"));
  }
  if (state === "starred" || state === "muted") return sure(row.marks.includes(state));
  if (state === "unstarred") return sure(!row.marks.includes("starred"));
  return state === "draft" && isWhole ? sure(row.marks.includes("draft")) : UNKNOWN;
}

/** A row says when its newest message came; older ones may have come at any time before. */
function since({ row, isWhole }: Candidate, start: Date): Of {
  if (Date.parse(row.at) >= start.getTime()) return { one: "yes", all: row.count === 1 ? "yes" : "unknown" };
  return isWhole || row.count === 1 ? both("no") : UNKNOWN;
}

function until({ row, isWhole }: Candidate, end: Date): Of {
  if (Date.parse(row.at) < end.getTime()) return { one: "yes", all: isWhole || row.count === 1 ? "yes" : "unknown" };
  return row.count === 1 ? both("no") : UNKNOWN;
}

/** Ids of the labels that `label:` means: that one and those below it; a dash is a blank, a star at the end anything. */
export function labelsNamed(wanted: string, labels: ReadonlyMap<string, string>): string[] {
  const said = labelForm(wanted);
  const isOpen = said.endsWith("*");
  const form = said.replace(/\*+$/, "").replace(/\/+$/, "");
  const fits = (known: string): boolean => known === form || known.startsWith(`${form}/`) || (isOpen && known.startsWith(form));
  return [...labels].filter(([, path]) => fits(labelForm(path))).map(([id]) => id);
}

const labelForm = (name: string): string => fold(name).replace(/[-_]/g, " ").split("/").map((part) => part.trim()).join("/");

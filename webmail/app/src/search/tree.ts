/** The tree that a query is read into: the same as the server's (mailstore/search/query.py). */

/** Where in the typed text a node stands, for chips. */
export type Span = readonly [number, number];

/** One thing asked. `prefix`: the last word may go on; `exact`: without folding and prefix. */
export interface Term {
  kind: "term";
  operator: string;
  value: string | number | readonly [string, string];
  prefix: boolean;
  exact: boolean;
  /** Inside quotation marks: a phrase, even of one word. */
  quoted: boolean;
  span: Span;
}

export interface Around {
  kind: "around";
  left: Term;
  right: Term;
  within: number;
  span: Span;
}

/** All of them, or any; all of none is everything. */
export interface Group {
  kind: "and" | "or";
  children: readonly Node[];
  span: Span;
}

export interface Not {
  kind: "not";
  child: Node;
  span: Span;
}

export type Node = Term | Around | Group | Not;

export const EVERYTHING: Node = { kind: "and", children: [], span: [0, 0] };

/** What must hold together, at the top of the tree: the chips under the box. */
export const conjuncts = (node: Node): readonly Node[] => (node.kind === "and" ? node.children : [node]);

/** Every leaf, with whether an odd number of `Not` stands above it. */
export function terms(node: Node, negated = false): { term: Term; negated: boolean }[] {
  if (node.kind === "term") return [{ term: node, negated }];
  if (node.kind === "around") return [node.left, node.right].map((term) => ({ term, negated }));
  if (node.kind === "not") return terms(node.child, !negated);
  return node.children.flatMap((child) => terms(child, negated));
}

/** As JSON, the form that Query/parse gives. */
export function asData(node: Node): unknown {
  if (node.kind === "term") return { [node.operator]: node.value, ...(node.prefix && { prefix: true }), ...(node.exact && { exact: true }) };
  if (node.kind === "around") return { around: [asData(node.left), asData(node.right)], within: node.within };
  if (node.kind === "not") return { not: asData(node.child) };
  return { [node.kind]: node.children.map(asData) };
}

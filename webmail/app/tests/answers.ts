/** For tests of the server's: reads questions from the file it is given, and prints how the browser reads and answers them. */
import { readFileSync } from "node:fs";
import type { ThreadRow } from "../src/jmap";
import { better, chipsOf } from "../src/search/chips";
import { parse } from "../src/search/grammar";
import { matches } from "../src/search/matches";
import { asData } from "../src/search/tree";

interface Asked {
  queries: string[];
  now: string;
  zone: string;
  labels: Record<string, string>;
  rows: { row: ThreadRow; roles: string[]; isWhole: boolean }[];
}

const asked = JSON.parse(readFileSync(process.argv[2]!, "utf8")) as Asked;
const world = { now: new Date(asked.now), zone: asked.zone, labels: new Map(Object.entries(asked.labels)) };
const answers = asked.queries.map((query) => {
  const parsed = parse(query);
  return {
    tree: asData(parsed.tree),
    chips: chipsOf(parsed).map(({ text, query }) => ({ text, query })),
    hints: parsed.hints.map((hint) => ({ ...hint, query: better(parsed.text, hint) })),
    matches: asked.rows.map(({ row, roles, isWhole }) => matches(parsed.tree, { row, roles: new Set(roles), isWhole }, world)),
  };
});
console.log(JSON.stringify(answers));

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { better, chipsOf, withTerm } from "../src/search/chips";
import { parse } from "../src/search/grammar";
import { noLabel } from "../src/search/hints";
import { asData } from "../src/search/tree";

interface Case {
  query: string;
  tree: unknown;
  chips: [string, string][];
  hints: [string, string, string][];
}
const CASES = JSON.parse(readFileSync(join(process.env["APP"]!, "../../tests/data/search_cases.json"), "utf8")) as { read: Case[] };

for (const { query, tree, chips, hints } of CASES.read) {
  test(`a query is read as the table says: ${query}`, () => {
    const parsed = parse(query);
    assert.deepEqual(JSON.parse(JSON.stringify(asData(parsed.tree))), tree);
    assert.deepEqual(chipsOf(parsed).map((chip) => [chip.text, chip.query]), chips);
    assert.deepEqual(parsed.hints.map((hint) => [hint.code, hint.text, better(parsed.text, hint)]), hints);
  });
}

test("a label that there is not is hinted at, and the better query keeps the rest", () => {
  const hint = noLabel("needs actoin", ["Work", "Needs Action"]);
  assert.equal(hint.text, 'No label needs actoin. **label:"Needs Action"**?');
  assert.equal(better('(label:"needs actoin" OR b) c', hint), '(label:"Needs Action" OR b) c');
  assert.equal(noLabel("xyzzy", ["Work"]).text, "No label xyzzy.");
});

test("a long query is read to its limit, with a hint", () => {
  assert.deepEqual(parse("roof ".repeat(1024)).hints.map((hint) => hint.code), ["too_long", "too_many"]);
  assert.equal(withTerm("roof ", "has:pdf"), "roof has:pdf");
});

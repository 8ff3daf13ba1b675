import assert from "node:assert/strict";
import test from "node:test";
import type { Jmap } from "../src/jmap/client";
import { completed, operatorsOf, typedAt, valuesOf } from "../src/search/completion";
import { EMPTY, readFields, writeFields } from "../src/search/form";
import { ordered, score } from "../src/search/fuzzy";
import { parse } from "../src/search/grammar";
import { markerOf } from "../src/search/marking";
import { People } from "../src/search/people";
import { piecesOf } from "../src/search/snippet";

const at = (query: string, caret = query.length) => {
  const { operator, value, start, end, negated } = typedAt(query, caret);
  return [operator, value, query.slice(start, end), negated];
};

test("what is typed at the caret is known, with its operator", () => {
  assert.deepEqual(at("roof fr"), [null, "fr", "fr", false]);
  assert.deepEqual(at("roof from:an"), ["from", "an", "from:an", false]);
  assert.deepEqual(at("-label:ga"), ["label", "ga", "-label:ga", true]);
  assert.deepEqual(at('label:"needs a'), ["label", "needs a", 'label:"needs a', false]);
  assert.deepEqual(at("from:ana roof", 7), ["from", "an", "from:ana", false].with(1, "ana"));
  assert.deepEqual(at("(from:an"), ["from", "an", "from:an", false]);
  assert.deepEqual(at("roof "), [null, "", "", false]);
  assert.deepEqual(at("https://x"), [null, "https://x", "https://x", false]);
});

test("a completion takes the place of the word, and leaves the rest", () => {
  const query = "from:an invoice";
  assert.equal(completed(query, typedAt(query, 7), "from:ana@example.org"), "from:ana@example.org invoice");
  assert.equal(completed("-la", typedAt("-la", 3), "label:x"), "-label:x ");
  assert.deepEqual(valuesOf(typedAt("is:un", 5), 9), ["unread", "unstarred", "unreplied"]);
  assert.deepEqual(valuesOf(typedAt("has:p", 5), 9), ["pdf", "presentation"]);
  assert.deepEqual(operatorsOf(typedAt("fr", 2), 2), ["from"]);
});

test("the form's fields and the query are the same", () => {
  const fields = { ...EMPTY, from: "ana@example.org", to: "bob", subject: "dinner movie", words: 'invoice "red roof"', not: "draft", larger: "5M", newer: "7d", place: "in:sent", hasFile: true };
  const query = 'from:ana@example.org to:bob subject:(dinner movie) invoice "red roof" -draft larger:5M newer_than:7d in:sent has:attachment';
  assert.equal(writeFields(fields), query);
  assert.deepEqual(readFields(query), fields);
  assert.equal(writeFields(readFields("from:ana OR from:bob is:unread roof")), "from:ana OR from:bob is:unread roof");
  assert.equal(writeFields({ ...EMPTY, from: "Ana Silva" }), 'from:"Ana Silva"');
});

test("the palette finds by beginnings, then by words, then by letters in their order", () => {
  const names = ["Archive", "Go to Inbox", "Mark as unread", "Move to Trash", "Mark as read"];
  assert.deepEqual(ordered("mar", names, (name) => name), ["Mark as read", "Mark as unread"]);
  assert.equal(ordered("inbox", names, (name) => name)[0], "Go to Inbox");
  assert.equal(ordered("gti", names, (name) => name)[0], "Go to Inbox");
  assert.equal(score("xyz", "Archive"), 0);
  assert.equal(ordered("a.*(", names, (name) => name).length, 0);
});

test("words are marked as the index understands them", () => {
  const marked = (query: string, text: string) => markerOf(parse(query).tree, ["text", "subject"])(text).map(([start, end]) => text.slice(start, end));
  assert.deepEqual(marked("roof ", "The Roof, roofs"), ["Roof"]);
  assert.deepEqual(marked("roof", "The Roof, roofs"), ["Roof", "roofs"]);
  assert.deepEqual(marked("resume ", "my Résumé"), ["Résumé"]);
  assert.deepEqual(marked('"red roof"', "red, roof"), ["red, roof"]);
  assert.deepEqual(marked("strasse ", "Große Straße 7"), ["Straße"]);
  assert.deepEqual(marked("-roof from:roof ", "roof"), []);
  assert.deepEqual(marked("天気", "明日の天気予報"), ["天気"]);
  assert.deepEqual(marked("a.* ", "a.* b"), ["a"]);
});

test("a snippet is text, whatever it looks like", () => {
  assert.deepEqual(piecesOf("a &lt;b&gt; <mark>roof &amp;amp;</mark> c"), [
    { text: "a <b> ", isMarked: false }, { text: "roof &amp;", isMarked: true }, { text: " c", isMarked: false },
  ]);
});

test("people are found by any beginning of their names and addresses, the most written to first", () => {
  const people = new People({} as Jmap);
  people.take({ people: [[1, "ana.roth@coop.example", "Ana Roth", 9, 1], [2, "ana@example.org", "Ana Silva", 3, 1]], members: [{ name: "Bob", email: "bob@example.org" }, { name: "Ana S", email: "ANA@example.org" }] });
  assert.deepEqual(people.find("ana", 9).map((one) => one.email), ["ana.roth@coop.example", "ana@example.org"]);
  assert.deepEqual(people.find("silva exa", 9).map((one) => one.email), ["ana@example.org"]);
  assert.deepEqual(people.find("bob", 9).length, 1);
  const others = [{ name: "Dan Wu", email: "dan@wu.example" }, { name: "Bob again", email: people.find("bob", 1)[0]!.email.toUpperCase() }];
  assert.deepEqual(people.find("da", 9, others).map((one) => one.name).includes("Dan Wu"), true);
  assert.deepEqual(people.find("bob", 9, others).length, 1); // the same address once
  assert.equal(people.nameOf("ana@EXAMPLE.org"), "Ana Silva");
});

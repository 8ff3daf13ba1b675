import assert from "node:assert/strict";
import test from "node:test";
import type { Email } from "../src/jmap";
import { bubbles, firstUnread, hidden, openAtFirst, placed, replyTarget } from "../src/model/arrange";

const person = (name: string) => ({ name, email: `${name}@elsewhere.example` });
const me = { name: "Alice", email: "alice@example.org" };
const letter = (n: number, more: Partial<Email> = {}): Email =>
  ({ id: `M${n}`, messageId: [`${n}@x`], inReplyTo: null, keywords: { $seen: true }, from: [person("ana")], to: [me], cc: null, isOwn: false, ...more }) as Email;
const unread = { keywords: {} };
const draft = { keywords: { $seen: true, $draft: true } as const };

test("what is unread and the last that is no draft are open, and groups of four or more fold behind their first", () => {
  const list = bubbles([1, 2, 3, 4, 5, 6].map((n) => letter(n)).concat(letter(7, unread), letter(8), letter(9, draft)));
  const open = openAtFirst(list);
  assert.deepEqual([...open], ["7", "8"]);
  assert.deepEqual(hidden(list, open), [["2", "3", "4", "5", "6"]]);
  assert.equal(firstUnread(list)!.email.id, "M7");
  assert.deepEqual(hidden(bubbles([1, 2, 3, 4].map((n) => letter(n))), new Set(["4"])), []);
  assert.deepEqual([...openAtFirst(bubbles([letter(1, draft)]))], ["1"]);
});

test("copies of one message are one bubble", () => {
  const list = bubbles([letter(1), letter(2, { messageId: ["1@x"] }), letter(3)]);
  assert.deepEqual(list.map((one) => [one.email.id, one.copies.length]), [["M1", 1], ["M3", 0]]);
});

test("it is said who was added, and who is not addressed any more", () => {
  const list = bubbles([
    letter(1, { to: [me, person("bob")] }),
    letter(2, { from: [person("bob")], to: [person("ana"), me, person("carol")], inReplyTo: ["1@x"] }),
    letter(3, { to: [me, person("carol")], inReplyTo: ["2@x"] }),
    letter(4, { from: [person("dan")], to: [me], inReplyTo: ["3@x"] }),
  ]);
  const lines = placed(list, [me.email]).map((one) => one.lines.map((line) => [line.kind, ...line.people.map((who) => who.name)]));
  assert.deepEqual(lines, [[], [["added", "carol"]], [["dropped", "bob"]], []]);
});

test("what answers not the message above says what it answers", () => {
  const list = bubbles([letter(1), letter(2, { inReplyTo: ["1@x"] }), letter(3, { inReplyTo: ["1@x"] }), letter(4, { ...draft, inReplyTo: ["2@x"] }), letter(5, { inReplyTo: ["3@x"] })]);
  assert.deepEqual(placed(list, []).map((one) => one.answers?.id ?? null), [null, null, "M1", "M2", null]);
});

test("an answer at the end is to the last who is not me", () => {
  assert.equal(replyTarget([letter(1), letter(2), letter(3, { isOwn: true }), letter(4, draft)])!.id, "M2");
  assert.equal(replyTarget([letter(1, { isOwn: true })])!.id, "M1");
  assert.equal(replyTarget([letter(1, draft)]), null);
});

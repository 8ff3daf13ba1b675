import assert from "node:assert/strict";
import test from "node:test";
import { define } from "../src/commands/registry";
import { Dispatcher, written } from "../src/keys/dispatcher";
import { BINDINGS } from "../src/keys/table";

const done: string[] = [];
for (const id of ["go.inbox", "archive", "go.archive", "next"]) define({ id, title: () => id, context: "everywhere", run: () => done.push(id) });
const pressed = (dispatcher: Dispatcher, ...keys: [string, number][]): string[] => {
  done.length = 0;
  for (const [key, at] of keys) dispatcher.press(key, at);
  return [...done];
};

test("a sequence waits a second, and no longer", () => {
  assert.deepEqual(pressed(new Dispatcher(() => true), ["g", 0], ["i", 1400]), ["go.inbox"]);
  assert.deepEqual(pressed(new Dispatcher(() => true), ["g", 0], ["i", 1600]), []);
  assert.deepEqual(pressed(new Dispatcher(() => true), ["g", 0], ["e", 10], ["e", 20]), ["archive"]);
});

test("switched off, single keys do nothing and those with Ctrl still do", () => {
  assert.deepEqual(pressed(new Dispatcher(() => false), ["e", 0], ["g", 0], ["i", 1]), []);
});

test("a member's own keys come first", () => {
  assert.deepEqual(pressed(new Dispatcher(() => true, () => ({ q: "archive", e: "next" })), ["q", 0], ["e", 0]), ["archive", "next"]);
});

test("keys are what they print, whatever was held to print it", () => {
  const key = (key: string, more = {}) => written({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });
  assert.equal(key("#", { shiftKey: true }), "#");
  assert.equal(key(" "), "Space");
  assert.equal(key("k", { metaKey: true }), "Mod+k");
});

test("no key has two meanings but by its place", () => {
  const isOfOnePlace = (command: string): boolean => /^(message|conversation)\.|^deleteForEver$/.test(command); // a conversation, Trash
  for (const key of new Set(BINDINGS.flatMap((one) => one.keys))) {
    const commands = BINDINGS.filter((one) => one.keys.includes(key)).map((one) => one.command);
    assert.ok(commands.length === 1 || (commands.length === 2 && commands.filter(isOfOnePlace).length === 1), key);
  }
});

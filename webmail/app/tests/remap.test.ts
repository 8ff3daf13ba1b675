import assert from "node:assert/strict";
import test from "node:test";
import { define } from "../src/commands/registry";
import { Dispatcher } from "../src/keys/dispatcher";
import { given, inTheWay, reset, taken, whole, type Keyboard } from "../src/keys/remap";

const does = (own: Keyboard, key: string) => whole(own).find((one) => one.key === key)?.command;

test("a free key is given, and the usual one of the command does nothing any more", () => {
  const own = given({}, "Q", "archive");
  assert.deepEqual(own, { Q: "archive", e: "none" });
  assert.equal(does(own, "e"), undefined);
  assert.deepEqual(reset(own, "archive"), {});
});

test("a key that is taken says by what, also where it begins another or another begins it", () => {
  assert.deepEqual(inTheWay({}, "m", "archive"), [{ key: "m", command: "mute" }]);
  assert.ok(inTheWay({}, "g", "archive").some((one) => one.key === "g i"));
  assert.deepEqual(inTheWay({}, "e x", "star"), [{ key: "e", command: "archive" }]);
  assert.deepEqual(inTheWay({}, "e", "archive"), []);
});

test("given all the same, what was in the way has no key", () => {
  const own = given({}, "m", "archive");
  assert.equal(does(own, "m"), "archive");
  assert.equal(does(own, "e"), undefined);
  assert.equal(whole(own).some((one) => one.command === "mute"), false);
  assert.equal(does(given({}, "g", "archive"), "g i"), undefined);
});

test("a command may have no key, and have its usual ones again", () => {
  const own = taken({}, "undo");
  assert.deepEqual(own, { z: "none", "Mod+z": "none" });
  assert.deepEqual(reset(own, "undo"), {});
  assert.deepEqual(given(own, "z", "undo"), { "Mod+z": "none" });
});

test("a key that does one thing in a conversation and another in a list may lose either", () => {
  const own = given({}, "Q", "message.next");
  assert.deepEqual(own, { Q: "message.next", n: "next" });
  assert.deepEqual(reset(own, "message.next"), {});
  assert.deepEqual(inTheWay({}, "n", "archive").map((one) => one.command), ["message.next", "next"]);
});

test("a keyboard of one's own is what the keys do", () => {
  const done: string[] = [];
  for (const id of ["archive", "go.inbox", "star"]) define({ id, title: () => id, context: "everywhere", run: () => done.push(id) });
  const own = given(given({}, "g", "star"), "e x", "archive");
  const dispatcher = new Dispatcher(() => true, () => own);
  for (const key of ["g", "i", "e", "x", "e"]) dispatcher.press(key, 0);
  assert.deepEqual(done, ["star", "archive"]);
});

import assert from "node:assert/strict";
import test from "node:test";
import type { Email } from "../src/jmap";
import { Conversations, missing } from "../src/model/conversations";
import { overlaid, placeOf } from "../src/model/letters";
import { Operations, applied } from "../src/model/operations";
import { MethodFailed, type Jmap } from "../src/jmap/client";

const ROLES: Record<string, string> = { inbox: "F1", all: "F2", trash: "F3", junk: "F4" };
const roles = (role: string) => ROLES[role];
const quiet = { refused: () => {}, confirmed: () => {}, signedOut: () => {} };
const letter = (n: number, more: Partial<Email> = {}): Email =>
  ({ id: `M${n}`, threadId: "T1", mailboxIds: { F1: true, F2: true }, keywords: { $seen: true }, ...more }) as Email;
const pending = () => new Operations({ call: () => new Promise(() => {}) } as unknown as Jmap, quiet);

test("an act on single messages is seen in these alone, and undone it never was", () => {
  const operations = pending();
  operations.act({ act: "trash", threadIds: ["T1"], emailIds: ["M2"] }, []);
  const seen = () => overlaid([letter(1), letter(2)], operations.log.value, "T1", 5, roles).map((one) => placeOf(one, roles));
  assert.deepEqual(seen(), ["mail", "trash"]);
  operations.undo();
  assert.deepEqual(seen(), ["mail", "mail"]);
});

test("labels go on what is in Mail, and off everywhere", () => {
  const operations = pending();
  operations.act({ act: "addLabel", threadIds: ["T1"], emailIds: [], mailboxId: "F9" }, []);
  const [here, spam] = overlaid([letter(1), letter(2, { mailboxIds: { F4: true } })], operations.log.value, "T1", 5, roles);
  assert.ok(here!.mailboxIds["F9"]);
  assert.ok(!spam!.mailboxIds["F9"]);
  operations.act({ act: "removeLabel", threadIds: ["T1"], emailIds: [], mailboxId: "F9" }, []);
  assert.deepEqual(overlaid([letter(1)], operations.log.value, "T1", 5, roles)[0]!.mailboxIds, letter(1).mailboxIds);
});

test("reading by itself marks the row, takes no step of undo and says nothing to a search after a reload", () => {
  const operations = pending();
  operations.act({ act: "read", threadIds: ["T1"], emailIds: ["M2"], isSilent: true }, []);
  const row = { id: "T1", subject: "", preview: "", writers: [{ name: "Ana" }], count: 3, unread: 2, at: "", marks: [], labels: [] };
  assert.equal(applied([row], operations.log.value, "m:F1", null, 0)[0]!.unread, 1);
  assert.equal(operations.canUndo, false);
  operations.remember([{ operationId: operations.log.value[0]!.id, act: "read", count: 1 }]);
  assert.equal(operations.canUndo, false);
});

test("of a long conversation the first, the last twenty and what is unread are read, the rest on demand", async () => {
  const many = Array.from({ length: 700 }, (_, n) => letter(n, n === 300 ? { keywords: {} } : {}));
  assert.deepEqual(missing(many), ["M0", "M300", ...many.slice(-20).map((one) => one.id)]);
  const asked: Record<string, unknown>[] = [];
  const call = async (name: string, args: Record<string, unknown>) => {
    asked.push(args);
    if (name === "Thread/get") return { list: [{ id: "T1", emailIds: many.map((one) => one.id) }], state: "7" };
    if (args["#ids"]) throw new MethodFailed("requestTooLarge", "");
    const ids = new Set(args["ids"] as string[]);
    const whole = "fetchTextBodyValues" in args;
    return { list: many.filter((one) => ids.has(one.id)).map((one) => (whole ? { ...one, bodyValues: {} } : one)), state: "7" };
  };
  const conversations = new Conversations({ call } as unknown as Jmap, pending(), roles);
  const one = await conversations.prefetch("T1");
  assert.equal(one.emails.value!.length, 700);
  assert.equal(one.emails.value!.filter((email) => email.bodyValues).length, 22);
  assert.ok(asked.every((args) => ((args["ids"] as string[] | undefined) ?? []).length <= 500));
  await conversations.read("T1", ["M5"]);
  assert.ok(one.emails.value![5]!.bodyValues);
});

test("what is asked again of a conversation is only what can change, and what did not is the same object", async () => {
  const list = [letter(1), letter(2)];
  const call = async (name: string, args: Record<string, unknown>) => {
    if (name === "Thread/get") return { list: [{ id: "T1", emailIds: list.map((one) => one.id) }], state: "7" };
    const ids = (args["ids"] as string[] | undefined) ?? list.map((one) => one.id);
    const names = args["properties"] as string[];
    const told = (one: Email) => (names.includes("subject") ? { ...one, bodyValues: {} } : { id: one.id, keywords: one.keywords, mailboxIds: one.mailboxIds });
    return { list: list.filter((one) => ids.includes(one.id)).map(told), state: "7" };
  };
  const conversations = new Conversations({ call } as unknown as Jmap, pending(), roles);
  const one = await conversations.prefetch("T1", 2);
  const before = one.emails.value!;
  list[1] = letter(2, { keywords: {} });
  list.push(letter(3));
  await conversations.refresh("T1");
  const now = one.emails.value!;
  assert.equal(now[0], before[0]);
  assert.deepEqual(now[1]!.keywords, {});
  assert.ok(now[1]!.bodyValues && now[2]!.bodyValues);
});

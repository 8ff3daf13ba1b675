import assert from "node:assert/strict";
import test from "node:test";
import type { Email } from "../src/jmap";
import { Conversations, missing } from "../src/model/conversations";
import { overlaid, placeOf } from "../src/model/letters";
import { Operations, applied } from "../src/model/operations";
import { MethodFailed, Unreachable, type Jmap } from "../src/jmap/client";

const ROLES: Record<string, string> = { inbox: "F1", all: "F2", trash: "F3", junk: "F4" };
const roles = (role: string) => ROLES[role];
const quiet = { refused: () => {}, confirmed: () => {} };
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
  const one = await conversations.prefetch("T1", 0, { count: 2 });
  const before = one.emails.value!;
  list[1] = letter(2, { keywords: {} });
  list.push(letter(3));
  await conversations.refresh("T1");
  const now = one.emails.value!;
  assert.equal(now[0], before[0]);
  assert.deepEqual(now[1]!.keywords, {});
  assert.ok(now[1]!.bodyValues && now[2]!.bodyValues);
});

/** A conversation at a state, whose next answers come when they are let go. */
async function kept(at: string) {
  const waiting: (() => void)[] = [];
  let [state, isHeld, asked] = ["5", false, 0];
  const list = [letter(1, { receivedAt: "2026-10-01T00:00:00Z" })];
  const call = async (name: string) => {
    asked++;
    if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve));
    if (state === "away") throw new Unreachable();
    return { list: name === "Thread/get" ? [{ id: "T1", emailIds: list.map((one) => one.id) }] : list.map((one) => ({ ...one, bodyValues: {} })), state };
  };
  const conversations = new Conversations({ call } as unknown as Jmap, pending(), roles);
  await conversations.prefetch("T1");
  [isHeld, asked] = [true, 0];
  const one = conversations.open("T1", 6, { at });
  const answer = async (now: string) => {
    list.push(letter(2, { receivedAt: "2026-10-02T00:00:00Z" }));
    state = now;
    isHeld = false;
    for (const go of waiting.splice(0)) go();
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { conversations, one, answer, asked: () => asked };
}

test("a kept conversation that lacks what its row tells of is behind until that is there, or can't be had", async () => {
  const { conversations, one, answer, asked } = await kept("2026-10-02T00:00:00Z");
  assert.equal(one.isBehind.value, true);
  await answer("6");
  assert.deepEqual([one.isBehind.value, one.emails.value!.length], [false, 2]);
  const before = asked();
  assert.equal(conversations.open("T1", 6).isBehind.value, false);
  assert.equal(asked(), before, "it is up to date: nothing is asked");
  const lost = await kept("2026-10-02T00:00:00Z");
  await lost.answer("away");
  assert.deepEqual([lost.one.isBehind.value, lost.one.emails.value!.length], [false, 1]);
});

test("a kept conversation that has all its row tells of is shown at once, and brought up to date behind that", async () => {
  const { one, answer, asked } = await kept("2026-10-01T00:00:00Z");
  assert.deepEqual([one.isBehind.value, asked()], [false, 2]);
  await answer("6");
  assert.equal(one.emails.value!.length, 2);
});

test("what is pointed at is brought up to date where its row tells of more", async () => {
  const { conversations, answer, asked } = await kept("2026-10-01T00:00:00Z");
  await answer("6");
  const before = asked();
  await conversations.prefetch("T1", 7, { at: "2026-10-02T00:00:00Z" });
  assert.equal(asked(), before);
  await conversations.prefetch("T1", 7, { at: "2026-10-03T00:00:00Z" });
  assert.ok(asked() > before);
});

test("what came between the two questions of a loading is asked for when it is heard of", async () => {
  const list = [letter(1, { receivedAt: "2026-10-01T00:00:00Z" })];
  const call = async (name: string) => {
    if (name === "Thread/get") return { list: [{ id: "T1", emailIds: list.map((one) => one.id) }], state: list.length === 1 ? "5" : "6" };
    const found = list.map((one) => ({ ...one, bodyValues: {} }));
    if (list.length === 1) list.push(letter(2, { receivedAt: "2026-10-02T00:00:00Z" }));
    return { list: found, state: "6" };
  };
  const conversations = new Conversations({ call } as unknown as Jmap, pending(), roles);
  assert.equal((await conversations.prefetch("T1")).emails.value!.length, 1);
  const one = conversations.open("T1", 6, { at: "2026-10-02T00:00:00Z" });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(one.emails.value!.length, 2);
});

test("what is open is never let go, however many are looked at after it", async () => {
  const call = async (name: string) => ({ list: name === "Thread/get" ? [{ id: "T1", emailIds: [] }] : [], state: "5" });
  const conversations = new Conversations({ call } as unknown as Jmap, pending(), roles, (id) => id === "T0");
  const open = conversations.open("T0", 5);
  for (let n = 1; n < 100; n++) await conversations.prefetch(`T${n}`);
  assert.equal(conversations.open("T0").emails, open.emails);
  conversations.shed(9);
  assert.equal(conversations.open("T0").emails, open.emails);
});

test("an operation lies over a kept conversation until that has heard of it", async () => {
  const list = [letter(1)];
  let state = "5";
  const answers: Record<string, object> = { "Thread/get": { list: [{ id: "T1", emailIds: ["M1"] }] }, "Email/get": { list }, "Thread/act": { newState: "6" } };
  const jmap = { call: async (name: string) => ({ state, ...answers[name] }) } as unknown as Jmap;
  const operations = new Operations(jmap, quiet);
  const conversations = new Conversations(jmap, operations, roles);
  const one = await conversations.prefetch("T1");
  operations.act({ act: "unread", threadIds: ["T1"], emailIds: [] }, []);
  await new Promise((resolve) => setTimeout(resolve, 5));
  operations.prune(6, (done) => conversations.needs(done));
  assert.deepEqual(one.emails.value![0]!.keywords, {});
  state = "6";
  await conversations.refresh("T1");
  operations.prune(6, (done) => conversations.needs(done));
  assert.equal(operations.log.value.length, 0);
});

import assert from "node:assert/strict";
import test from "node:test";
import type { Mailbox, ThreadRow } from "../src/jmap";
import { byNewest } from "../src/model/effects";
import { merged, type Base } from "../src/model/lists";
import { applied, Operations, type Operation } from "../src/model/operations";
import { MethodFailed, Unreachable, type Jmap } from "../src/jmap/client";

const row = (n: number, more: Partial<ThreadRow> = {}): ThreadRow => ({
  id: `T${n}`, subject: `s${n}`, preview: "", writers: [{ name: "Ana" }], count: 1, unread: 0, at: `2026-10-0${n}T00:00:00Z`, marks: [], labels: [], ...more,
});
const inbox = { id: "F1", role: "inbox" } as Mailbox;
const starred = { id: "F2", role: "flagged" } as Mailbox;
const rows = [row(3, { unread: 2 }), row(2), row(1)];

/** A server that answers what it is told to, in order. */
function server(...answers: (number | Error)[]): { jmap: Jmap; asked: [string, Record<string, unknown>][] } {
  const asked: [string, Record<string, unknown>][] = [];
  const call = async (name: string, args: Record<string, unknown>) => {
    asked.push([name, args]);
    const answer = answers.shift() ?? 10;
    if (answer instanceof Error) throw answer;
    return { newState: String(answer), action: null };
  };
  return { jmap: { call } as unknown as Jmap, asked };
}

const quiet = { refused: () => {}, confirmed: () => {} };
const ids = (seen: readonly ThreadRow[]): string => seen.map((one) => one.id).join(" ");
const cursorAt = (at: string, key: number): string => `${Date.parse(at) * 1_000 + 250_000}~${key}`;
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("an act is seen at once, and stays seen until the list has heard of it", async () => {
  const { jmap } = server(7);
  const operations = new Operations(jmap, quiet);
  operations.act({ act: "archive", threadIds: ["T2"], emailIds: [] }, []);
  assert.equal(ids(applied(rows, operations.log.value, "m:F1", inbox, 5)), "T3 T1");
  await settled();
  assert.equal(ids(applied(rows, operations.log.value, "m:F1", inbox, 5)), "T3 T1", "confirmed, but the list is older");
  assert.equal(ids(applied(rows, operations.log.value, "m:F1", inbox, 7)), "T3 T2 T1", "what the server says at 7 is the truth");
  operations.prune(7);
  assert.equal(operations.log.value.length, 0);
});

test("undo puts the very row back in its place, also after the list forgot it", async () => {
  const { jmap, asked } = server(7, 8);
  const operations = new Operations(jmap, quiet);
  const act = operations.act({ act: "archive", threadIds: ["T2"], emailIds: [] }, [{ key: "m:F1", row: rows[1]! }]);
  await settled();
  const without = [rows[0]!, rows[2]!];
  operations.undo();
  assert.deepEqual(applied(without, operations.log.value, "m:F1", inbox, 7), rows);
  await settled();
  assert.deepEqual(asked[1], ["Action/undo", { operationId: act.id }]);
});

test("an act that is undone before the server heard of it leaves no trace in what is seen", () => {
  const operations = new Operations(server().jmap, quiet);
  operations.act({ act: "read", threadIds: ["T3"], emailIds: [] }, [{ key: "m:F1", row: rows[0]! }]);
  assert.equal(applied(rows, operations.log.value, "m:F1", inbox, 5)[0]!.unread, 0);
  operations.undo();
  assert.deepEqual(applied(rows, operations.log.value, "m:F1", inbox, 5), rows);
  operations.redo();
  assert.equal(applied(rows, operations.log.value, "m:F1", inbox, 5)[0]!.unread, 0);
});

test("what the server refuses is rolled back and said; it can't be undone any more", async () => {
  const refused: string[] = [];
  const operations = new Operations(server(new MethodFailed("forbidden", "Not yours")).jmap, { ...quiet, refused: (_: Operation, reason: string) => refused.push(reason) });
  operations.act({ act: "trash", threadIds: ["T1"], emailIds: [] }, []);
  await settled();
  assert.deepEqual(refused, ["Not yours"]);
  assert.equal(ids(applied(rows, operations.log.value, "m:F1", inbox, 5)), "T3 T2 T1");
  assert.equal(operations.undo(), null);
});

test("without a network what was done waits in its order, and is sent again under the same name", async () => {
  const { jmap, asked } = server(new Unreachable(), new Unreachable(), 7, 8);
  const operations = new Operations(jmap, quiet);
  const first = operations.act({ act: "star", threadIds: ["T1"], emailIds: [] }, []);
  const second = operations.act({ act: "archive", threadIds: ["T2"], emailIds: [] }, []);
  await settled();
  assert.equal(operations.online.value, false);
  assert.equal(operations.waiting.value, 2);
  operations.hurry();
  await settled();
  assert.deepEqual(asked.map(([, args]) => args["operationId"]), [first.id, second.id, first.id, second.id]);
  assert.equal(operations.waiting.value, 0);
  assert.equal(operations.online.value, true);
});

test("what builds on an operation is not sent before that is done", async () => {
  const { jmap, asked } = server(new Unreachable("serverUnavailable"));
  const operations = new Operations(jmap, quiet);
  const act = operations.act({ act: "archive", threadIds: ["T1"], emailIds: [] }, []);
  operations.undo();
  const other = operations.act({ act: "star", threadIds: ["T2"], emailIds: [] }, []);
  await settled();
  assert.deepEqual(asked.map(([name]) => name), ["Thread/act"]);
  operations.hurry();
  await settled();
  assert.deepEqual(asked.map(([, args]) => args["operationId"]), [act.id, act.id, act.id, other.id]);
  assert.deepEqual(asked.map(([name]) => name), ["Thread/act", "Thread/act", "Action/undo", "Thread/act"]);
});

test("operations that are confirmed together are told once, with the newest state", async () => {
  const told: number[] = [];
  const operations = new Operations(server(7, 9, 8).jmap, { ...quiet, confirmed: (state: number) => told.push(state) });
  for (const id of ["T1", "T2", "T3"]) operations.act({ act: "star", threadIds: [id], emailIds: [] }, []);
  await settled();
  assert.deepEqual(told, [9]);
});

test("acts of before a reload come before those that were done while their names were on the way", async () => {
  const operations = new Operations(server().jmap, quiet);
  const now = operations.act({ act: "star", threadIds: ["T1"], emailIds: [] }, []);
  operations.remember([{ operationId: "old", act: "archive", count: 1 }, { operationId: now.id, act: "star", count: 1 }]);
  assert.deepEqual([operations.undo()?.of, operations.undo()?.of, operations.undo()], [now.id, "old", null]);
});

test("twenty steps are walked back, the last one first", () => {
  const operations = new Operations(server().jmap, quiet);
  const done = Array.from({ length: 25 }, (_, n) => operations.act({ act: "star", threadIds: [`T${n}`], emailIds: [] }, []));
  const undone = Array.from({ length: 25 }, () => operations.undo()?.of);
  assert.deepEqual(undone.filter(Boolean), done.slice(5).reverse().map((one) => one.id));
});

test("a place loses what leaves it, and only that", () => {
  const seen = (act: Operation["act"], box: Mailbox | null, more = {}): string => {
    const operations = new Operations(server().jmap, quiet);
    operations.act({ act, threadIds: ["T1"], emailIds: [], ...more }, []);
    return ids(applied(rows, operations.log.value, "k", box, 5));
  };
  assert.equal(seen("unstar", inbox), "T3 T2 T1");
  assert.equal(seen("unstar", starred), "T3 T2");
  assert.equal(seen("mute", inbox), "T3 T2");
  assert.equal(seen("archive", null), "T3 T2 T1", "a search keeps what is archived");
  assert.equal(seen("trash", null), "T3 T2");
  assert.equal(seen("removeLabel", { id: "F9", role: null } as Mailbox, { mailboxId: "F9" }), "T3 T2");
});

test("changed rows take their places, and what belongs below the last loaded row waits for its page", () => {
  const base: Base = { rows, cursor: cursorAt("2026-10-01T00:00:00Z", 1), total: 9, isTotalExact: true, asideTotal: 0, hints: [], offers: [], state: 5 };
  const news = { list: [row(9), row(2, { subject: "new" }), { ...row(1), id: "T0", at: "2026-01-01T00:00:00Z" }], removed: ["T3"], total: 8, newQueryState: "6" };
  const now = merged(base, news);
  assert.equal(ids(now.rows), "T9 T2 T1");
  assert.equal(now.rows[1]!.subject, "new");
  assert.equal(ids(merged({ ...base, cursor: null }, news).rows), "T9 T2 T1 T0");
  assert.deepEqual([now.total, now.state], [8, 6]);
});

test("what undoing brings back stays, where it lies above the next page though below all rows that are left", () => {
  const base: Base = { rows: [rows[0]!], cursor: cursorAt("2026-10-01T00:00:00Z", 1), total: 9, isTotalExact: true, asideTotal: 0, hints: [], offers: [], state: 5 };
  assert.equal(ids(merged(base, { list: [row(2), row(1)], removed: [], total: 9, newQueryState: "6" }).rows), "T3 T2 T1");
});

test("of the same moment the later conversation is first, by number and not by letter", () => {
  const same = [row(1), { ...row(1), id: "T10" }, { ...row(1), id: "T9" }];
  assert.equal(ids(same.sort(byNewest)), "T10 T9 T1");
});

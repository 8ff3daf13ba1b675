import assert from "node:assert/strict";
import test from "node:test";
import type { ThreadRow } from "../src/jmap";
import type { Jmap } from "../src/jmap/client";
import { Lists } from "../src/model/lists";
import { Operations } from "../src/model/operations";

const row = (n: number): ThreadRow => ({ id: `T${n}`, subject: "", preview: "", writers: [], count: 1, unread: 0, at: `2026-10-0${n}T00:00:00Z`, marks: [], labels: [] });
const page = (state: number, ...rows: ThreadRow[]) => ({ list: rows, cursor: null, total: rows.length, isTotalExact: true, asideTotal: 0, hints: [], offers: [], queryState: String(state) });
const changes = (state: number, list: ThreadRow[], removed: string[] = []) => ({ list, removed, total: 1, newQueryState: String(state) });

/** A server whose answers come when they are let go, in any order. */
function held() {
  const waiting: ((answer: unknown) => void)[] = [];
  const call = () => new Promise((resolve) => waiting.push(resolve));
  const jmap = { call } as unknown as Jmap;
  const operations = new Operations(jmap, { refused: () => {}, confirmed: () => {} });
  const lists = new Lists(jmap, operations, () => null, () => false);
  const answer = async (n: number, what: unknown) => (waiting[n]!(what), await new Promise((resolve) => setTimeout(resolve)));
  return { lists, answer, operations };
}

test("of two answers that overtake one another nothing is lost and nothing comes back", async () => {
  const { lists, answer } = held();
  const list = lists.open({ mailboxId: "F1" });
  await answer(0, page(5, row(2), row(1)));
  void lists.catchUp(list); // to 6
  void lists.catchUp(list); // to 7
  await answer(1, changes(6, [row(3)]));
  await answer(2, changes(7, [row(3), row(4)], ["T1"]));
  assert.deepEqual(list.rows.value.map((one) => one.id), ["T4", "T3", "T2"]);
  assert.equal(list.base.value!.state, 7);

  void lists.catchUp(list);
  void lists.load(list);
  await answer(4, page(9, row(5)));
  await answer(3, changes(8, [row(1)]));
  assert.deepEqual(list.rows.value.map((one) => one.id), ["T5"]);
});

test("an old page that comes late does not replace a newer one", async () => {
  const { lists, answer } = held();
  const list = lists.open({ mailboxId: "F1" });
  void lists.load(list);
  await answer(1, page(9, row(5)));
  await answer(0, page(5, row(1)));
  assert.deepEqual(list.rows.value.map((one) => one.id), ["T5"]);
});

test("a page that is older than the list is asked for again", async () => {
  const { lists, answer } = held();
  const list = lists.open({ mailboxId: "F1" });
  await answer(0, { ...page(5, row(5), row(4)), cursor: "0~4" });
  void lists.more(list);
  void lists.catchUp(list);
  await answer(2, changes(7, [], ["T3"]));
  await answer(1, page(5, row(3), row(2)));
  assert.deepEqual(list.rows.value.map((one) => one.id), ["T5", "T4"]);
  await answer(3, page(7, row(2)));
  assert.deepEqual(list.rows.value.map((one) => one.id), ["T5", "T4", "T2"]);
});

test("a list that acts have emptied wants its next page, as soon as the server knows of them", async () => {
  const { lists, answer, operations } = held();
  const list = lists.open({ mailboxId: "F1" });
  await answer(0, { ...page(5, row(5), row(4)), cursor: "0~4" });
  assert.equal(lists.isShort(list, 2), false);
  assert.equal(lists.isShort(list, 3), true);
  operations.act({ act: "trash", threadIds: ["T5", "T4"], emailIds: [] }, []);
  assert.deepEqual(list.rows.value, []);
  assert.equal(lists.isShort(list, 2), false, "what the server would say is not yet so");
  await new Promise((resolve) => setTimeout(resolve));
  await answer(1, { newState: "6", action: null });
  assert.equal(lists.isShort(list, 2), true);
  void lists.more(list);
  assert.equal(lists.isShort(list, 2), false, "it is on the way");
  await answer(2, page(6));
  assert.deepEqual([list.rows.value, lists.isShort(list, 2)], [[], false], "it is empty");
});

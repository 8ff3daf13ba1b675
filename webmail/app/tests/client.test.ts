import assert from "node:assert/strict";
import test from "node:test";
import { Jmap, MethodFailed, SignedOut, Unreachable } from "../src/jmap/client";

type Call = [string, Record<string, unknown>, string];

/** A server in place of the network: says what was asked in each request, how many were under way at once, and answers as told. */
function served(answer: (calls: Call[], n: number) => unknown = () => null) {
  const requests: string[][] = [];
  let [under, most] = [0, 0];
  globalThis.fetch = (async (_: string, { body }: { body: string }) => {
    const calls = (JSON.parse(body) as { methodCalls: Call[] }).methodCalls;
    requests.push(calls.map(([name]) => name));
    most = Math.max(most, ++under);
    await new Promise((resolve) => setTimeout(resolve, 2));
    under--;
    return answer(calls, requests.length) ?? Response.json({ methodResponses: calls.map(([name, , id]) => [name, {}, id]) });
  }) as typeof fetch;
  return { requests, most: () => most };
}

const caller = () => new Jmap("A1", "token", []) as unknown as { call: (name: string, args: object, id?: string) => Promise<unknown> };

test("what is asked in one turn goes one request after the other", async () => {
  const { requests, most } = served();
  const jmap = caller();
  await Promise.all(Array.from({ length: 40 }, (_, n) => jmap.call(`m${n}`, {})));
  assert.deepEqual(requests.map((one) => one.length), [16, 16, 8]);
  assert.deepEqual(requests.flat(), Array.from({ length: 40 }, (_, n) => `m${n}`));
  assert.equal(most(), 1);
});

test("a call is not cut off from what it refers to", async () => {
  const { requests } = served();
  const jmap = caller();
  const plain = Array.from({ length: 15 }, () => jmap.call("plain", {}));
  const thread = jmap.call("Thread/get", { ids: ["T1"] }, "t");
  await Promise.all([...plain, thread, jmap.call("Email/get", { "#ids": { resultOf: "t", name: "Thread/get", path: "/list/*/emailIds" } })]);
  assert.deepEqual(requests.map((one) => one.length), [15, 2]);
  await Promise.all(Array.from({ length: 20 }, (_, n) => jmap.call("chain", n ? { emailId: "#letter" } : {})));
  assert.deepEqual(requests.slice(2).map((one) => one.length), [20]);
});

test("what follows a request that got lost is not asked before it", async () => {
  const { requests } = served((_, n) => (n === 1 ? new Response("", { status: 502 }) : null));
  const jmap = caller();
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => jmap.call("m", {})));
  assert.equal(requests.length, 1);
  assert.ok(outcomes.every((one) => one.status === "rejected" && one.reason instanceof Unreachable));
});

test("a server that is busy for a moment was not reached, one that fails refuses", async () => {
  const said = ["serverUnavailable", "serverFail", "forbidden"];
  served((calls) => Response.json({ methodResponses: calls.map(([, , id], n) => ["error", { type: said[n] }, id]) }));
  const jmap = caller();
  const outcomes = await Promise.allSettled(said.map(() => jmap.call("Thread/act", {})));
  const kinds = outcomes.map((one) => one.status === "rejected" && (one.reason as Error).constructor);
  assert.deepEqual(kinds, [Unreachable, MethodFailed, MethodFailed]);
});

test("whoever asks: that one is signed out is told", async () => {
  served(() => new Response("", { status: 401 }));
  let told = 0;
  const jmap = new Jmap("A1", "token", [], () => told++);
  await assert.rejects(jmap.call("Mailbox/get", { ids: null }), SignedOut);
  assert.equal(told, 1);
});

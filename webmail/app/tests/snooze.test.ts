import assert from "node:assert/strict";
import test from "node:test";
import { moments } from "../src/snooze";

const offered = (at: string): string[] => moments(new Date(at)).map((one) => `${one.id} ${one.at.toDateString()} ${one.at.getHours()}`);

test("in the morning the evening is offered, late at night it is not", () => {
  assert.deepEqual(offered("2026-11-24T09:00"), ["today Tue Nov 24 2026 18", "tomorrow Wed Nov 25 2026 8", "weekend Sat Nov 28 2026 9", "week Mon Nov 30 2026 8"]);
  assert.deepEqual(offered("2026-11-24T17:30")[0], "tomorrow Wed Nov 25 2026 8");
});

test("on a Sunday tomorrow and next week are one moment, and the weekend is the next one", () => {
  assert.deepEqual(offered("2026-11-29T20:00"), ["tomorrow Mon Nov 30 2026 8", "weekend Sat Dec 05 2026 9"]);
});

test("on a Saturday the weekend is not today", () => {
  assert.ok(offered("2026-11-28T07:00").includes("weekend Sat Dec 05 2026 9"));
});

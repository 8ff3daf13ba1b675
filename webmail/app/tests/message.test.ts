import assert from "node:assert/strict";
import test from "node:test";
import { fill } from "../src/i18n/message";

test("plural forms are those of the language", () => {
  const message = "{count, plural, one {# Brief} other {# Briefe}}";
  assert.equal(fill(message, { count: 1 }, "de"), "1 Brief");
  assert.equal(fill(message, { count: 1200 }, "de"), "1.200 Briefe");
  const arabic = "{n, plural, zero {z} one {o} two {t} few {f} many {m} other {x}}";
  assert.deepEqual([0, 1, 2, 3, 11, 100].map((n) => fill(arabic, { n }, "ar")), ["z", "o", "t", "f", "m", "x"]);
});

test("cases may hold values, signs and other cases", () => {
  const message = "{who, select, me {You have} other {{who} has}} {n, plural, =0 {no mail} one {one letter} other {# letters}}.";
  assert.equal(fill(message, { who: "Ana", n: 0 }, "en"), "Ana has no mail.");
  assert.equal(fill(message, { who: "me", n: 2 }, "en"), "You have 2 letters.");
});

test("a message without an end is shown as far as it goes and never hangs", () => {
  for (const broken of ["{", "{a", "{a,", "{a, plural", "{a, plural,", "{a, plural, one", "{a, plural, one {", "{a, plural, one {x", "}", "{a}}"]) {
    assert.equal(typeof fill(broken, { a: 1 }, "en"), "string");
  }
});

import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { Ear } from "../src/jmap/push";

/** In place of the browser's. */
class Stream extends EventTarget {
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  static all: Stream[] = [];
  readyState = 1;

  constructor(readonly address: string) {
    super();
    Stream.all.push(this);
  }

  say(name: string, data = ""): void {
    this.dispatchEvent(new MessageEvent(name, { data }));
  }

  close(): void {
    this.readyState = 2;
  }
}

function ear() {
  globalThis.EventSource = Stream as unknown as typeof EventSource;
  Stream.all = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const told: (number | boolean)[] = [];
  let refused = 0;
  const one = new Ear("A1", (news) => told.push(news), () => refused++);
  one.open();
  Stream.all[0]!.say("open");
  return { one, told, refused: () => refused };
}

test("a stream that says nothing any more is opened anew, one that pings is left alone", () => {
  const { told } = ear();
  assert.match(Stream.all[0]!.address, /ping=60$/);
  for (let n = 0; n < 10; n++) {
    mock.timers.tick(60_000);
    Stream.all[0]!.say("ping", '{"interval": 60}');
  }
  assert.equal(Stream.all.length, 1);
  mock.timers.tick(120_000);
  assert.deepEqual([Stream.all.length, Stream.all[0]!.readyState], [2, 2]);
  Stream.all[1]!.say("state", '{"changed": {"A1": {"Email": "9"}}}');
  assert.deepEqual(told, [true, 9]);
});

test("who looks opens it anew only where it was silent for too long, or is gone", () => {
  const { one } = ear();
  mock.timers.tick(59_000);
  one.look();
  assert.equal(Stream.all.length, 1);
  mock.timers.tick(3_000);
  one.look();
  assert.equal(Stream.all.length, 2);
  Stream.all[1]!.readyState = 0;
  one.look();
  assert.equal(Stream.all.length, 3);
});

test("a stream that the server refuses is asked about, and tried again later and later", () => {
  const { told, refused } = ear();
  for (const wait of [1_000, 2_000, 4_000]) {
    const last = Stream.all.at(-1)!;
    last.close();
    last.say("error");
    mock.timers.tick(wait - 1);
    assert.equal(Stream.all.at(-1), last);
    mock.timers.tick(1);
    assert.notEqual(Stream.all.at(-1), last);
  }
  assert.deepEqual([told, refused()], [[true, false, false, false], 3]);
});

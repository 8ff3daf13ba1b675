/** Hears of changes: one event stream a browser (RFC 8620 §7.3), held by whichever tab has the lock, told to the others. */
import type { Id, StateChange } from "../jmap";

const PING = 60; // seconds after which a stream that has no news says that it is there
const ADDRESS = `/jmap/events?types=Mailbox,Email&closeafter=no&ping=${PING}`;
const SILENCE = 2 * PING * 1_000; // milliseconds after which a stream counts as dead
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000; // milliseconds between tries

/** The account's state, or whether the stream is there. */
type News = number | boolean;

/** What another tab asks of the one that has the stream: to see whether it lives. */
const LOOK = "look";

/**
 * Call `hear` with the account's state whenever it is said. `onLine` is told whether the stream is there, `refused` that the server
 * gives none: the browser does not say why.
 */
export function listen(accountId: Id, hear: (state: number) => void, onLine: (there: boolean) => void, refused: () => void): void {
  const bus = new BroadcastChannel(`mail-${accountId}`);
  const take = (news: News): void => (typeof news === "number" ? hear(news) : onLine(news));
  const tell = (news: News): void => {
    bus.postMessage(news);
    take(news);
  };
  const ear = new Ear(accountId, tell, refused);
  const look = (): void => {
    bus.postMessage(LOOK);
    ear.look();
  };
  bus.onmessage = (event: MessageEvent<News | typeof LOOK>) => (event.data === LOOK ? ear.look() : take(event.data));
  addEventListener("online", look);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
  void navigator.locks.request(`events-${accountId}`, () => {
    ear.open();
    return new Promise(() => {}); // for as long as the tab lives
  });
}

/** The stream: after a cut the browser comes again by itself, with Last-Event-ID; of one that died silently it never hears. */
export class Ear {
  private stream: EventSource | null = null;
  private heardAt = 0;
  private wait = FIRST_WAIT;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private accountId: Id, private tell: (news: News) => void, private refused: () => void) {}

  /** A new one says at once where the account is. */
  open(): void {
    this.stream?.close();
    const stream = (this.stream = new EventSource(ADDRESS));
    this.heard();
    stream.addEventListener("open", () => {
      this.wait = FIRST_WAIT;
      this.heard();
      this.tell(true);
    });
    stream.addEventListener("ping", () => this.heard());
    stream.addEventListener("state", (event: MessageEvent<string>) => {
      this.heard();
      const changed = (JSON.parse(event.data) as StateChange).changed[this.accountId];
      if (changed?.["Email"]) this.tell(Number(changed["Email"]));
    });
    stream.addEventListener("error", () => this.failed(stream));
  }

  /** The network came back, or somebody looks at the page: open it anew, where it said nothing for longer than it should. */
  look(): void {
    if (this.stream && (this.stream.readyState !== EventSource.OPEN || Date.now() - this.heardAt > PING * 1_000 + FIRST_WAIT)) this.open();
  }

  private heard(): void {
    this.heardAt = Date.now();
    this.again(SILENCE);
  }

  private failed(stream: EventSource): void {
    this.tell(false);
    if (stream.readyState !== EventSource.CLOSED) return; // it comes again by itself
    this.refused();
    this.again(this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
  }

  private again(after: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), after);
  }
}

/** Hears of changes: one event stream a browser (RFC 8620 §7.3), held by whichever tab has the lock, told to the others. */
import type { Id, StateChange } from "../jmap";

const ADDRESS = "/jmap/events?types=Mailbox,Email&closeafter=no&ping=0";

/** Call `hear` with the account's state whenever it is said. `onLine` is told whether the stream is there. */
export function listen(accountId: Id, hear: (state: number) => void, onLine: (there: boolean) => void): void {
  const bus = new BroadcastChannel(`mail-${accountId}`);
  bus.onmessage = (event: MessageEvent<number | boolean>) => {
    if (typeof event.data === "number") hear(event.data);
    else onLine(event.data);
  };
  const tell = (news: number | boolean): void => {
    bus.postMessage(news);
    if (typeof news === "number") hear(news);
    else onLine(news);
  };
  void navigator.locks.request(`events-${accountId}`, () => hold(accountId, tell));
}

/** For as long as the tab lives: the browser comes again by itself after a cut, with Last-Event-ID. */
function hold(accountId: Id, tell: (news: number | boolean) => void): Promise<never> {
  let wait = 1_000;
  const open = (): void => {
    const stream = new EventSource(ADDRESS);
    stream.addEventListener("open", () => {
      wait = 1_000;
      tell(true);
    });
    stream.addEventListener("state", (event: MessageEvent<string>) => {
      const changed = (JSON.parse(event.data) as StateChange).changed[accountId];
      if (changed?.["Email"]) tell(Number(changed["Email"]));
    });
    stream.addEventListener("error", () => {
      tell(false);
      if (stream.readyState !== EventSource.CLOSED) return; // it comes again by itself
      setTimeout(open, wait);
      wait = Math.min(2 * wait, 60_000);
    });
  };
  open();
  return new Promise(() => {});
}

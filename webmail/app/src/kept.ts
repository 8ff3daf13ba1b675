/** Operations that wait for the network are kept on the device, so that a closed page loses none. */
import type { Id } from "./jmap";
import type { Operation } from "./model/operations";

const PREFIX = "waiting:";
/** Milliseconds after which an act is not done any more: what came since was not meant, of "all" above all. */
const FOR = 24 * 3_600_000;
const ALL_FOR = 10 * 60_000;
const tab = crypto.randomUUID();

/** A tab's own are under its own name; a lock says that the tab lives. */
export function writeKept(accountId: Id, waiting: readonly Operation[]): void {
  const key = `${PREFIX}${accountId}:${tab}`;
  try {
    if (waiting.length) localStorage.setItem(key, JSON.stringify(waiting));
    else localStorage.removeItem(key);
  } catch {
    // a full or forbidden storage: the operations still go to the server from memory
  }
}

/** Take over what tabs left behind that live no more. */
export function readKept(accountId: Id, resume: (kept: readonly Operation[]) => void): void {
  void navigator.locks.request(`${PREFIX}${tab}`, () => new Promise(() => {}));
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}${accountId}:`) && !key.endsWith(tab));
  for (const key of keys) {
    void navigator.locks.request(PREFIX + key.split(":").at(-1)!, { ifAvailable: true }, (lock) => {
      const kept = lock && localStorage.getItem(key);
      if (!kept) return;
      resume((JSON.parse(kept) as Operation[]).filter((one) => Date.now() - one.at < (one.all ? ALL_FOR : FOR)));
      localStorage.removeItem(key);
    });
  }
}

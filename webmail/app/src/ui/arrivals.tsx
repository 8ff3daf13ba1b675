/** New mail in Inbox, told to those who do not see it come; at most every half minute (product.md 6.1). */
import { effect } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { app } from "../app";
import { t } from "../i18n";

const EVERY = 30_000; // milliseconds
const OWN = 10_000; // after an own act, such as one that takes back, counts say nothing of new mail

interface Counts {
  totalEmails: number;
  unreadEmails: number;
}

export function Arrivals() {
  const [count, say] = useState(0);
  useEffect(() => told(say), []);
  return <p class="vh arrivals" role="status">{count > 0 && t("{count, plural, one {# new message} other {# new messages}}", { count })}</p>;
}

/** Calls `say` with how many came since it was called last; the function that is returned ends it. */
function told(say: (count: number) => void): () => void {
  let known: Counts | null = null;
  let waiting = 0;
  let timer = 0;
  const tell = (): void => {
    say(waiting);
    timer = waiting ? window.setTimeout(tell, EVERY) : 0;
    waiting = 0;
  };
  const stop = effect(() => {
    const now = app.mailboxes.byRole("inbox");
    waiting += known && now && !isOwn() ? came(known, now) : 0;
    known = now;
    if (waiting && !timer) tell();
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

const isOwn = (): boolean => app.operations.log.peek().some((one) => Date.now() - one.at < OWN);

/** What is new is unread, and was not there before. */
const came = (before: Counts, now: Counts): number => Math.max(0, Math.min(now.totalEmails - before.totalEmails, now.unreadEmails - before.unreadEmails));

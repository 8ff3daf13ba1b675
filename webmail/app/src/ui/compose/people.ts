/** Whom the member writes to, fetched once and kept up to date: the fields ask it at every key. */
import { app } from "../../app";
import { People } from "../../compose/rank";

export const people = new People();
const STALE = 60_000; // milliseconds
let asked = 0;
let running: Promise<void> | null = null;

/** Have it at hand; what is known already goes on being used meanwhile. */
export function refreshPeople(): Promise<void> {
  if (Date.now() - asked >= STALE) running = fetchPeople();
  return running ?? Promise.resolve();
}

async function fetchPeople(): Promise<void> {
  asked = Date.now();
  try {
    people.take(await app.jmap.call("Suggestion/get", people.state ? { sinceState: people.state } : {}));
  } catch {
    asked = 0; // a field without suggestions is still a field
  }
}

export function forgetPerson(email: string): void {
  people.forget(email);
  void app.jmap.call("Suggestion/forget", { emails: [email] }).catch(() => {});
}

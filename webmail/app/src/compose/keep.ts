/** Letters are kept on the device as they are typed, with files that are not uploaded yet, so that a killed page loses next to nothing. */
import { openDB, type IDBPDatabase } from "idb";
import type { Id } from "../jmap";
import type { Letter } from "./letter";

const OLD = 30 * 86_400_000; // milliseconds after which a letter is not opened by itself any more

/** `files`: by the key of an attachment. `isDirty`: the server has not got all of it. */
export interface KeptLetter {
  key: string;
  accountId: Id;
  letter: Letter;
  files: Record<string, Blob>;
  isDirty: boolean;
  at: number;
}

let opened: Promise<IDBPDatabase> | null = null;

function database(): Promise<IDBPDatabase> {
  return (opened ??= openDB("letters", 1, { upgrade: (db) => void db.createObjectStore("letters", { keyPath: "key" }) }));
}

/** A device that keeps nothing (a private window, a full disk) is no reason not to write. */
async function attempt<T>(what: (db: IDBPDatabase) => Promise<T>): Promise<T | null> {
  try {
    return await what(await database());
  } catch {
    return null;
  }
}

export async function keep(one: KeptLetter): Promise<void> {
  await attempt((db) => db.put("letters", one));
}

export async function forget(key: string): Promise<void> {
  await attempt((db) => db.delete("letters", key));
}

/** Letters of pages that live no more, oldest first. */
export async function orphans(accountId: Id, now = Date.now()): Promise<KeptLetter[]> {
  const all = (await attempt((db) => db.getAll("letters") as Promise<KeptLetter[]>)) ?? [];
  const held = new Set((await navigator.locks.query()).held?.map((lock) => lock.name));
  for (const one of all) if (one.at < now - OLD || (!one.isDirty && !held.has(`letter:${one.key}`))) void forget(one.key);
  return all.filter((one) => one.accountId === accountId && one.isDirty && one.at >= now - OLD && !held.has(`letter:${one.key}`)).sort((a, b) => a.at - b.at);
}

/** Everything of everybody: at signing out. */
export async function forgetAll(): Promise<void> {
  await attempt((db) => db.clear("letters"));
}

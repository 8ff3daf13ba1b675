/** What was searched for last: on this device only, and gone when the member signs out. */
import { signal } from "@preact/signals";

const MOST = 8;
const key = (accountId: string): string => `searches:${accountId}`;
const known = signal<readonly string[] | null>(null);

export function recent(accountId: string): readonly string[] {
  return (known.value ??= kept(accountId));
}

export function remember(accountId: string, query: string): void {
  keep(accountId, [query, ...recent(accountId).filter((one) => one !== query)].slice(0, MOST));
}

export function forget(accountId: string, query?: string): void {
  keep(accountId, query === undefined ? [] : recent(accountId).filter((one) => one !== query));
}

function kept(accountId: string): readonly string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key(accountId)) ?? "[]");
    return Array.isArray(found) ? found.filter((one): one is string => typeof one === "string").slice(0, MOST) : [];
  } catch {
    return [];
  }
}

function keep(accountId: string, queries: readonly string[]): void {
  known.value = queries;
  try {
    if (queries.length) localStorage.setItem(key(accountId), JSON.stringify(queries));
    else localStorage.removeItem(key(accountId));
  } catch {
    // a full or forbidden storage: they last as long as the page
  }
}

/** Parts of the interface that are fetched when they are first wanted. */
import { signal, type ReadonlySignal } from "@preact/signals";

export interface Later<T> {
  /** Null until it is there. */
  part: ReadonlySignal<T | null>;
  /** Begin to fetch it. Where that fails, the next wish tries again. */
  want: () => void;
}

export function later<T>(load: () => Promise<T>): Later<T> {
  const part = signal<T | null>(null);
  let loading = false;
  const want = (): void => {
    if (loading) return;
    loading = true;
    load().then((found) => (part.value = found), () => (loading = false));
  };
  return { part, want };
}

/** What is open over the page: one menu or picker at a time, and what it is for. */
import { signal } from "@preact/signals";
import type { Id } from "./jmap";

export type Overlay =
  | { kind: "menu"; x: number; y: number; commands: readonly string[] }
  | { kind: "label" | "unlabel" | "move" | "snooze" | "look" | "destroy" };

export const overlay = signal<Overlay | null>(null);

/** What commands act on while it is open: a row that was pointed at, selected or not. */
export const pointedAt = signal<readonly Id[] | null>(null);

export function show(what: Overlay, ids: readonly Id[] | null = pointedAt.peek()): void {
  pointedAt.value = ids;
  overlay.value = what;
}

export function close(): void {
  overlay.value = null;
  pointedAt.value = null;
}

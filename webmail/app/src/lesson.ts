/** After something was done with the mouse, its key is shown for a moment, so that people learn keys by themselves. */
import { signal } from "@preact/signals";
import { command } from "./commands/registry";
import { keyShown } from "./keys/shown";

const SHOWN = 2_000; // milliseconds

export const lesson = signal<{ title: string; key: string } | null>(null);
let timer = 0;

/** Where there is a mouse, there is a keyboard. Keys that press a button count as keys (`detail` is 0). */
export function teach(): void {
  document.addEventListener("click", (event) => {
    const from = event.target instanceof Element ? event.target.closest("[data-command]") : null;
    if (!from || !event.detail || !matchMedia("(hover: hover) and (pointer: fine)").matches) return;
    const one = command(from.getAttribute("data-command")!);
    const key = one && keyShown(one.id);
    if (!key) return;
    clearTimeout(timer);
    lesson.value = { title: one.title(), key };
    timer = window.setTimeout(() => (lesson.value = null), SHOWN);
  });
}

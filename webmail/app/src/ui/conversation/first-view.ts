/** Where a conversation is scrolled to when it opens: the first unread message with its header in sight, else the last one. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { Reading } from "../../reading";

const PATIENCE = 4_000; // milliseconds in which what comes late may still push things about

/** Until the member does something, frames that grow do not carry away what is to be read. */
export function useFirstView(pane: RefObject<HTMLElement | null>, reading: Reading, isSettled: boolean): void {
  useLayoutEffect(() => {
    const element = pane.current;
    if (!isSettled || !element) return undefined;
    const put = (): void => show(element, reading.current.peek());
    put();
    const gone = new AbortController();
    const watch = new ResizeObserver(put);
    watch.observe(element.querySelector(".conversation")!);
    const stop = (): void => {
      watch.disconnect();
      gone.abort();
    };
    for (const name of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(name, stop, { signal: gone.signal, passive: true, capture: true });
    const timer = setTimeout(stop, PATIENCE);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [reading, isSettled, reading.place.value]);
}

function show(pane: HTMLElement, key: string): void {
  const message = pane.querySelector<HTMLElement>(`[data-key="${key}"]`);
  const isFirst = message && !message.previousElementSibling;
  if (!message || isFirst) pane.scrollTop = 0;
  else message.scrollIntoView({ block: "start" });
}

/** Pulling the list down with a finger fetches: what was pulled far enough when it is let go. */
import { signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { run } from "../../commands/registry";
import { t } from "../../i18n";

const FAR = 72; // pixels
const pulled = signal(0);

export function usePull(scroller: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = scroller.current!;
    let from: number | null = null;
    const began = (event: TouchEvent): void => void (from = element.scrollTop <= 0 && event.touches.length === 1 ? event.touches[0]!.clientY : null);
    const moved = (event: TouchEvent): void => {
      if (from === null) return;
      if (element.scrollTop > 0) from = null;
      pulled.value = from === null ? 0 : Math.max(0, event.touches[0]!.clientY - from);
    };
    const ended = (event: TouchEvent): void => {
      if (event.type === "touchend" && pulled.peek() >= FAR) run("fetch");
      pulled.value = 0;
      from = null;
    };
    element.addEventListener("touchstart", began, { passive: true });
    element.addEventListener("touchmove", moved, { passive: true });
    element.addEventListener("touchend", ended);
    element.addEventListener("touchcancel", ended);
    return () => {
      element.removeEventListener("touchstart", began);
      element.removeEventListener("touchmove", moved);
      element.removeEventListener("touchend", ended);
      element.removeEventListener("touchcancel", ended);
    };
  }, []);
}

/** What letting go would do, once it is pulled far enough to be meant. */
export function Pull() {
  if (pulled.value < FAR / 3) return null;
  return <p class="pull" aria-hidden="true">{pulled.value >= FAR ? t("Let go to fetch") : t("Pull to fetch")}</p>;
}

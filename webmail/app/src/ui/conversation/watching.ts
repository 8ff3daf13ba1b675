/** What is on the screen: messages that are seen for a moment are read, and of many only those near it are drawn. */
import { useSignal, type Signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Email } from "../../jmap";
import { keyOf } from "../../model/letters";
import type { Reading } from "../../reading";

const LONG_ENOUGH = 500; // milliseconds
const NEAR = "1500px";

const pane = (): Element | null => document.querySelector(".reading-pane");

/** It is read when it was on the screen for half a second, or is when the conversation is left. Once: what is marked unread again stays so. */
export function useSeen(inside: RefObject<HTMLElement | null>, emails: readonly Email[], reading: Reading): void {
  const now = useRef(emails);
  now.current = emails;
  const may = useRef(emails.some((email) => !email.keywords["$seen"] || reading.fresh.peek().has(keyOf(email.id))));
  useEffect(() => {
    if (!may.current) return undefined;
    let timer = 0;
    let isSeen = false;
    const tell = (): void => {
      if (!may.current) return;
      may.current = false;
      for (const email of now.current) reading.saw(email);
    };
    const begin = (): void => {
      clearTimeout(timer);
      if (isSeen && document.visibilityState === "visible") timer = window.setTimeout(tell, LONG_ENOUGH);
    };
    const watch = new IntersectionObserver((entries) => {
      isSeen = entries.at(-1)!.isIntersecting;
      begin();
    }, { root: pane() });
    watch.observe(inside.current!);
    document.addEventListener("visibilitychange", begin);
    return () => {
      watch.disconnect();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", begin);
      if (isSeen && reading.isLeft) tell();
    };
  }, []);
}

/** Whether to draw it; where not, it keeps its height. */
export function useNear(inside: RefObject<HTMLElement | null>, isCrowded: boolean, height: Signal<number>): boolean {
  const isNear = useSignal(!isCrowded);
  useEffect(() => {
    if (!isCrowded) return void (isNear.value = true);
    const watch = new IntersectionObserver((entries) => {
      if (!entries.at(-1)!.isIntersecting && isNear.peek()) height.value = inside.current?.offsetHeight ?? 0;
      isNear.value = entries.at(-1)!.isIntersecting;
    }, { root: pane(), rootMargin: `${NEAR} 0px` });
    watch.observe(inside.current!);
    return () => watch.disconnect();
  }, [isCrowded, isNear.value]);
  return isNear.value;
}

/** A menu behind a button: opened, walked through with arrows, left with Escape or a press elsewhere; not drawn before it is opened. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icon";

interface DropProps {
  label: string;
  icon?: string;
  /** What the button says instead of an icon. */
  face?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}

export function Drop({ label, icon = "more", face, class: classes = "", children }: DropProps) {
  const details = useRef<HTMLDetailsElement>(null);
  const wasOpened = useSignal(false);
  useEffect(() => {
    if (!wasOpened.value) return undefined; // a thousand menus would listen to each press
    const elsewhere = (event: Event): void => {
      if (details.current?.open && !details.current.contains(event.target as Node)) details.current.open = false;
    };
    document.addEventListener("pointerdown", elsewhere);
    document.addEventListener("focusin", elsewhere);
    return () => {
      document.removeEventListener("pointerdown", elsewhere);
      document.removeEventListener("focusin", elsewhere);
    };
  }, [wasOpened.value]);
  const close = (): void => {
    if (details.current) details.current.open = false; // what was chosen may have taken the menu away
  };
  return (
    <details ref={details} class={`menu ${classes}`} onToggle={() => (wasOpened.value = true)} onKeyDown={(event) => walk(event, details.current!)}>
      <summary class={face ? "" : "tool"} aria-label={face ? undefined : label} title={face ? undefined : label}>{face ?? <Icon name={icon} />}</summary>
      <div onClick={(event) => (event.target as Element).closest("a, button") && close()}>{wasOpened.value && children}</div>
    </details>
  );
}

function walk(event: KeyboardEvent, details: HTMLDetailsElement): void {
  if (!details.open) return;
  const items = [...details.querySelectorAll<HTMLElement>(":scope > div :is(a, button)")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: items[at + 1] ?? items[0], ArrowUp: items[at - 1] ?? items.at(-1), Home: items[0], End: items.at(-1) }[event.key];
  if (to) to.focus();
  else if (event.key === "Escape") {
    details.open = false;
    details.querySelector("summary")!.focus();
  } else if (event.key !== "Enter" && event.key !== " " && event.key !== "Tab") {
    event.stopPropagation(); // letters are no commands in here
    return;
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

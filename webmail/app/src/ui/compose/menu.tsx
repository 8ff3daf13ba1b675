/** A menu that opens by a press and closes when one goes elsewhere, presses Escape, or has chosen. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

export function Menu({ name, label, class: extra = "", children }: { name: ComponentChildren; label: string; class?: string; children: ComponentChildren }) {
  const details = useRef<HTMLDetailsElement>(null);
  const close = (): void => void (details.current!.open = false);
  return (
    <details
      class={`menu up ${extra}`}
      ref={details}
      onFocusOut={(event) => !details.current!.contains(event.relatedTarget as Node | null) && event.relatedTarget && close()}
      onKeyDown={(event) => event.key === "Escape" && details.current!.open && (event.stopPropagation(), close(), details.current!.querySelector("summary")!.focus())}
    >
      <summary class="tool" title={label} aria-label={label} onMouseDown={(event) => event.preventDefault()}>{name}</summary>
      <div onClick={(event) => event.target instanceof Element && event.target.closest("button") && !event.target.closest("[data-stay]") && close()}>{children}</div>
    </details>
  );
}

/** A dialog over the page: it has the focus and the keys until it closes, by Escape or a click beside it. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface DialogProps {
  label: string;
  kind: string;
  onClose: () => void;
  children: ComponentChildren;
  /** Where its corner is, for a menu; in the middle without it. */
  at?: { x: number; y: number };
}

export function Dialog({ label, kind, onClose, children, at }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isGone = useRef(false); // the browser says "close" later, when another dialog may be open already
  useLayoutEffect(() => {
    const element = dialog.current!;
    const before = document.activeElement as HTMLElement | null;
    element.showModal();
    if (at) place(element, at.x, at.y);
    return () => {
      isGone.current = true;
      element.close();
      if (before?.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const escape = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    event.preventDefault(); // a browser may want a press of the pointer since the last Escape before it closes anything
    onClose();
  };
  const beside = (event: MouseEvent): void => void (event.target === dialog.current && onClose());
  return (
    <dialog ref={dialog} class={`over ${kind}`} aria-label={label} onClose={() => isGone.current || onClose()} onMouseDown={beside} onKeyDown={escape}>
      {children}
    </dialog>
  );
}

/** At the pointer, but wholly on the screen. */
function place(element: HTMLElement, x: number, y: number): void {
  const { width, height } = element.getBoundingClientRect();
  element.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  element.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
}

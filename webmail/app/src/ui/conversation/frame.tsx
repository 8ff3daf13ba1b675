/** HTML mail: a document of its own in a frame in which nothing can run (product.md 4.1), as tall as what it shows. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { takeMailto } from "../../commands/compose";
import { dark } from "../theme";
import type { Email } from "../../jmap";
import { keyOf } from "../../model/letters";
import { type Look } from "../../reading";
import { decoded, watchLinks } from "./destination";

const RIGHTS = "allow-same-origin allow-popups allow-popups-to-escape-sandbox";
const FIRST = 160; // pixels of a frame that nothing is known of
const heights = new Map<string, number>(); // of frames that were shown: they open as tall as they were

/** The document's address; of what is not asked for it says nothing, so that it is the same one each time. */
export function frameAddress(email: Email, look: Look): string {
  const asked = new URLSearchParams({ notes: "0" });
  if ((look.theme ?? (dark.value ? "dark" : "light")) === "dark") asked.set("theme", "dark");
  if (look.images) asked.set("images", "1");
  if (look.quotes) asked.set("quotes", "shown");
  if (look.trust === "text") asked.set("links", "0");
  return `/m/${keyOf(email.id)}/body?${asked}`;
}

export function Frame({ email, look, title, onQuotes }: { email: Email; look: Look; title: string; onQuotes: () => void }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const stop = useRef(() => {});
  const src = frameAddress(email, look);
  const isThere = useSignal(false);
  useEffect(() => () => stop.current(), []);
  const fit = (): void => {
    const inside = frame.current?.contentDocument?.documentElement;
    if (!inside) return;
    const height = Math.ceil(inside.getBoundingClientRect().height) + (inside.scrollWidth > inside.clientWidth ? 16 : 0);
    if (height) heights.set(src, height);
    frame.current!.style.blockSize = `${height}px`;
  };
  const loaded = (): void => {
    stop.current();
    const inside = frame.current?.contentDocument;
    if (!inside?.body) return;
    fit();
    isThere.value = true;
    const watch = new ResizeObserver(fit);
    watch.observe(inside.documentElement);
    const links = watchLinks(inside);
    listen(inside, onQuotes);
    takeMailto(inside);
    stop.current = () => {
      watch.disconnect();
      links();
    };
  };
  const isDark = (look.theme ?? (dark.value ? "dark" : "light")) === "dark";
  return (
    <iframe
      ref={frame} class={`frame${isThere.value ? "" : " coming"}${dark.value && !isDark ? " on-white" : ""}`} src={src} sandbox={RIGHTS} title={title} referrerpolicy="no-referrer"
      style={{ blockSize: `${heights.get(src) ?? FIRST}px` }} onLoad={loaded}
    />
  );
}

/** What the page does for the document, which can do nothing by itself. */
function listen(inside: Document, onQuotes: () => void): void {
  inside.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    const again = new KeyboardEvent("keydown", { key, ctrlKey, metaKey, altKey, shiftKey, bubbles: true, cancelable: true });
    if (!document.body.dispatchEvent(again)) event.preventDefault();
  });
  inside.addEventListener("pointerdown", () => document.dispatchEvent(new PointerEvent("pointerdown"))); // menus close
  inside.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a");
    if (link?.classList.contains("mailsuite-more")) onQuotes();
    else if (link?.protocol === "mailto:") write(link.getAttribute("href")!);
    else return;
    event.preventDefault();
  });
}

/** A mail address in a mail: write there, by ourselves. */
function write(href: string): void {
  const link = document.createElement("a");
  link.href = `/compose?to=${encodeURIComponent(decoded(href.slice("mailto:".length).split("?")[0]!))}`;
  document.body.append(link);
  link.click();
  link.remove();
}

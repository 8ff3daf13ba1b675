/** HTML mail: a document of its own in a frame in which nothing can run (product.md 4.1), as tall as what it shows. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { takeMailto } from "../../commands/compose";
import { dark } from "../theme";
import type { Email } from "../../jmap";
import { keyOf } from "../../model/letters";
import { type Look } from "../../reading";
import { watchLinks } from "./destination";

const RIGHTS = "allow-same-origin allow-popups allow-popups-to-escape-sandbox";
const LOOK = 20; // milliseconds between looks whether a document is there
const FIRST = 160; // pixels of a frame that nothing is known of
const heights = new Map<string, number>(); // of frames that were shown: they open as tall as they were

/** The document's address, the same one each time: it names all that was decided about it, for it may come from the browser's cache. */
export function frameAddress(email: Email, look: Look): string {
  const asked = new URLSearchParams({ notes: "0", images: look.images || email.remote?.images === "proxied" ? "1" : "0" });
  if ((look.theme ?? (dark.value ? "dark" : "light")) === "dark") asked.set("theme", "dark");
  if (look.quotes) asked.set("quotes", "shown");
  if (look.trust === "text") asked.set("links", "0");
  if (look.turn) asked.set("turn", `${look.turn}`); // the sender's colours were decided about since
  return `/m/${keyOf(email.id)}/body?${asked}`;
}

const warmed = new Map<string, number>(); // addresses that were loaded ahead, and when
const WARM = 240_000; // milliseconds: somewhat less than the server lets it be kept

/** Have the document in the browser's cache before it is opened. That keeps what frames load apart: only a frame can fetch it.
 *
 * Not where images of the web would be loaded with it, for their sender would take that for reading.
 */
export function warm(email: Email): void {
  const src = frameAddress(email, {});
  if (email.remote?.images === "proxied" || Date.now() - (warmed.get(src) ?? 0) < WARM) return;
  warmed.set(src, Date.now());
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", RIGHTS);
  frame.hidden = true;
  frame.addEventListener("load", () => frame.remove());
  frame.src = src;
  document.body.append(frame);
}

export function Frame({ email, look, title, onQuotes }: { email: Email; look: Look; title: string; onQuotes: () => void }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const src = frameAddress(email, look);
  const first = useRef(src); // later ones replace it in the frame: the browser's Back is not to go through them
  const height = useRef(heights.get(src) ?? FIRST);
  const isThere = useSignal(false);
  useEffect(() => {
    const element = frame.current!;
    warmed.set(src, Date.now());
    const before = isThere.peek() || src !== first.current ? element.contentDocument : null;
    if (before) replace(element, src);
    return whenReady(element, src, before, () => {
      isThere.value = true;
      return take(element, src, onQuotes);
    });
  }, [src, look.turn]);
  const isDark = (look.theme ?? (dark.value ? "dark" : "light")) === "dark";
  const classes = ["frame", !isThere.value && "coming", dark.value && !isDark && "on-white"].filter(Boolean).join(" ");
  return <iframe ref={frame} class={classes} src={first.current} sandbox={RIGHTS} title={title} referrerpolicy="no-referrer" style={{ blockSize: `${height.current}px` }} />;
}

/** Another document in the same frame; keys that went into the old one would go nowhere. */
function replace(frame: HTMLIFrameElement, src: string): void {
  if (document.activeElement === frame) frame.closest(".message")?.querySelector<HTMLElement>(".fold")?.focus({ preventScroll: true });
  frame.contentWindow?.location.replace(src);
}

/** As soon as its text is there, however long its images take: no script inside could say so. Gives back how to stop. */
function whenReady(frame: HTMLIFrameElement, src: string, before: Document | null, ready: () => () => void): () => void {
  let stop = (): void => {};
  const look = (): void => {
    const inside = frame.contentDocument;
    if (!inside?.body || inside === before || inside.readyState === "loading" || !inside.URL.endsWith(src)) return;
    clearInterval(timer);
    frame.removeEventListener("load", look);
    stop = ready();
  };
  const timer = setInterval(look, LOOK);
  frame.addEventListener("load", look);
  return () => {
    clearInterval(timer);
    frame.removeEventListener("load", look);
    stop();
  };
}

/** Make the frame as tall as its document, whatever comes in late, and do for it what it cannot. */
function take(frame: HTMLIFrameElement, src: string, onQuotes: () => void): () => void {
  const inside = frame.contentDocument!;
  const fit = (): void => {
    const root = inside.documentElement;
    const height = Math.ceil(root.getBoundingClientRect().height) + (root.scrollWidth > root.clientWidth ? 16 : 0);
    if (!height) return;
    heights.set(src, height);
    frame.style.blockSize = `${height}px`;
  };
  fit();
  const watch = new ResizeObserver(fit);
  watch.observe(inside.documentElement);
  const links = watchLinks(inside);
  listen(inside, onQuotes);
  takeMailto(inside);
  return () => {
    watch.disconnect();
    links();
  };
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
    else return;
    event.preventDefault();
  });
}

/** Where a link leads, before it is followed: a bar at the edge of the page, the real host in bold (F56). */
import { signal } from "@preact/signals";
import { clean } from "../../people";

const shown = signal("");
const LONG_PRESS = 450; // milliseconds

export function Destination() {
  const parts = shown.value && divide(shown.value);
  if (!parts) return null;
  return <p class="destination" dir="ltr" aria-hidden="true"><span>{parts.before}<b>{parts.host}</b>{parts.after}</span></p>;
}

/** An address in three, the middle one being what tells where it leads. */
export function divide(address: string): { before: string; host: string; after: string } | null {
  const found = /^((?:https?|xmpp):\/\/(?:[^/?#@]*@)?)([^/?#:]+)(.*)$/is.exec(address);
  if (found) return { before: found[1]!, host: found[2]!, after: found[3]! };
  const other = /^(mailto:|tel:|xmpp:|\/compose\?to=)(.*)$/is.exec(address);
  if (!other) return null;
  return { before: other[1]!.startsWith("/") ? "mailto:" : other[1]!, host: decoded(other[2]!), after: "" };
}

/** As people read it, whatever was encoded wrongly. */
function decoded(text: string): string {
  try {
    return clean(decodeURIComponent(text));
  } catch {
    return clean(text);
  }
}

/** Of a link inside a message; wrappers that others put around it are seen through, as the server wrote it in its title. */
function addressOf(target: EventTarget | null): string {
  const link = (target as Element | null)?.closest?.("a[href], area[href]");
  if (!link) return "";
  const [href, title] = [link.getAttribute("href")!, link.getAttribute("title") ?? ""];
  const isWrapped = /^https?:\/\//i.test(title) && divide(title)?.host !== divide(href)?.host;
  return clean(isWrapped ? title : href).slice(0, 300);
}

/** Watch the links in a document or element; gives back how to stop. */
export function watchLinks(inside: Document | HTMLElement): () => void {
  const gone = new AbortController();
  const on = (names: string[], what: (event: Event) => void): void => names.forEach((name) => inside.addEventListener(name, what, { signal: gone.signal, passive: true }));
  let press = 0;
  on(["mouseover", "focusin"], (event) => (shown.value = addressOf(event.target)));
  on(["mouseleave", "focusout", "mouseout"], () => (shown.value = ""));
  on(["touchstart"], (event) => {
    shown.value = "";
    press = window.setTimeout(() => (shown.value = addressOf(event.target)), LONG_PRESS);
  });
  on(["touchend", "touchcancel", "touchmove"], () => clearTimeout(press));
  return () => {
    gone.abort();
    clearTimeout(press);
    shown.value = "";
  };
}

/** Where the member is: the address bar's paths, the same ones that the simple view answers. */
import { signal } from "@preact/signals";

/** `email`: only this message of it is shown. `origin`: of a conversation, the address of the list it was opened from. */
export type Where =
  | { at: "place"; slug: string }
  | { at: "label"; id: string }
  | { at: "search"; query: string }
  | { at: "conversation"; id: string; origin: string; email?: string };

/** Where the member is now. */
export const where = signal<Where>({ at: "place", slug: "inbox" });

export function read(address: string): Where | null {
  const url = new URL(address, "http://here");
  const [first = "", second = ""] = url.pathname.split("/").slice(1);
  if (first === "" || (first === "in" && second)) return { at: "place", slug: second || "inbox" };
  if (first === "label" && /^\d+$/.test(second)) return { at: "label", id: `F${second}` };
  if (first === "search" && url.searchParams.get("q")) return { at: "search", query: url.searchParams.get("q")! };
  if (first === "t" && /^\d+$/.test(second)) {
    const email = url.searchParams.get("message");
    return { at: "conversation", id: `T${second}`, origin: fromOrigin(url.searchParams), ...(email && { email }) };
  }
  return null;
}

/** `?in=inbox`, `?in=label-7` or `?q=…`, as the simple view writes them. */
function fromOrigin(asked: URLSearchParams): string {
  const origin = asked.get("in") ?? "inbox";
  if (asked.get("q")) return href({ at: "search", query: asked.get("q")! });
  return origin.startsWith("label-") ? href({ at: "label", id: `F${origin.slice(6)}` }) : href({ at: "place", slug: origin });
}

export function href(to: Where): string {
  if (to.at === "place") return to.slug === "inbox" ? "/" : `/in/${to.slug}`;
  if (to.at === "label") return `/label/${to.id.slice(1)}`;
  if (to.at === "search") return `/search?${new URLSearchParams({ q: to.query })}`;
  const origin = read(to.origin);
  const asked = origin?.at === "search" ? { q: origin.query } : { in: origin?.at === "label" ? `label-${origin.id.slice(1)}` : origin?.at === "place" ? origin.slug : "inbox" };
  return `/t/${to.id.slice(1)}?${new URLSearchParams({ ...asked, ...(to.email && { message: to.email }) } as Record<string, string>)}`;
}

/** Go there. Going back from a conversation to its list is the browser's Back, so that Back and `u` agree. */
export function go(to: Where, replace = false): void {
  const depth = (history.state as { depth?: number } | null)?.depth ?? 0;
  history[replace ? "replaceState" : "pushState"]({ depth: replace ? depth : depth + 1 }, "", href(to));
  where.value = to;
}

export function back(to: Where): void {
  const depth = (history.state as { depth?: number } | null)?.depth ?? 0;
  if (depth > 0) history.back();
  else go(to, true);
}

/** From now on links inside the application do not load a page. */
export function take(): void {
  history.scrollRestoration = "manual";
  addEventListener("popstate", () => {
    const there = read(location.href);
    if (there) where.value = there;
    else location.reload();
  });
  addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey && !event.defaultPrevented;
    if (!link || !plain || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    const there = read(link.href);
    if (!there) return;
    event.preventDefault();
    go(there);
  });
}

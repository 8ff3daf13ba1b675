/** Brings what the member chose about the look to the page: density, theme, language, and whether there is a reading pane. */
import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import { app } from "./app";
import { chosen as spoken, speak } from "./i18n";

const WIDE = 1440;
const LEAST = 1024; // narrower than this a pane leaves neither side enough room
const width = signal(innerWidth);

export type Pane = "none" | "right" | "bottom";

/** The reading pane of this window: the member's choice, where there is room for one. */
export const pane: ReadonlySignal<Pane> = computed(() => {
  const chosen = app.preferences.get("pane");
  if (width.value < LEAST) return "none";
  if (chosen === "auto") return width.value >= WIDE || isTablet() ? "right" : "none";
  return chosen;
});

/** Held across, a tablet shows the list and a conversation. */
const isTablet = (): boolean => matchMedia("(pointer: coarse) and (orientation: landscape)").matches;

export function follow(): void {
  addEventListener("resize", () => (width.value = innerWidth));
  effect(() => void (document.documentElement.dataset["density"] = app.preferences.get("density")));
  effect(() => paint(app.preferences.get("theme")));
  effect(() => converse(app.preferences.get("language")));
}

/** Where nothing is chosen, the browser's first language that there are words of. */
function converse(chosen: string | null): void {
  const known = ["en", ...Object.keys(app.catalogues)];
  const wanted = chosen ?? navigator.languages.map((one) => one.split("-")[0]!).find((one) => known.includes(one)) ?? "en";
  if (wanted !== spoken()) void speak(wanted, app.catalogues);
}

/** The dark sheet is there always, by the device's wish, or never. */
function paint(theme: "system" | "light" | "dark"): void {
  const scheme = document.querySelector<HTMLMetaElement>("meta[name=color-scheme]");
  if (scheme) scheme.content = theme === "system" ? "light dark" : theme;
  const sheet = document.querySelector<HTMLLinkElement>("link[data-dark]");
  if (sheet) sheet.media = theme === "dark" ? "all" : theme === "light" ? "not all" : "(prefers-color-scheme: dark)";
}

/** Does the page show dark colours now? */
export const isDark = (): boolean => {
  const theme = app.preferences.get("theme");
  return theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
};

/** Whether the page is dark now: as the member chose, or as the device is. */
import { computed, signal } from "@preact/signals";
import { app } from "../app";

const query = matchMedia("(prefers-color-scheme: dark)");
const system = signal(query.matches);
query.addEventListener("change", () => (system.value = query.matches));

export const dark = computed(() => {
  const chosen = app.preferences.get("theme");
  return chosen === "system" ? system.value : chosen === "dark";
});

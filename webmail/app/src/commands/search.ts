/** Finding: mail and people through the search box, commands and labels through the palette, keys through their list. */
import { signal } from "@preact/signals";
import { app } from "../app";
import { t } from "../i18n";
import { searching } from "../ui/search/part";
import { forget } from "../ui/search/recent";
import { begin, open } from "../ui/search/state";
import { define } from "./registry";

/** Which palette is open: of everything, or of labels alone. */
export const palette = signal<"" | "everything" | "labels">("");

function search(query?: string): void {
  searching.want();
  if (query === undefined) begin();
  else open(query);
}

export function defineSearch(): void {
  define(
    { id: "search", title: () => t("Search"), icon: "search", context: "everywhere", run: () => search() },
    { id: "search.people", title: () => t("Search people"), icon: "people", context: "everywhere", run: () => search("with:") },
    { id: "search.form", title: () => t("Search by field"), icon: "settings", context: "everywhere", run: () => (searching.want(), open(undefined, true)) },
    { id: "palette", title: () => t("Command palette"), context: "everywhere", run: () => (palette.value = palette.value ? "" : "everything") },
    { id: "go.label", title: () => t("Go to label"), icon: "label", context: "everywhere", when: () => app.mailboxes.labels.value.length > 0, run: () => (palette.value = "labels") },
  );
  document.addEventListener("submit", (event) => {
    if (event.target instanceof HTMLFormElement && event.target.action.endsWith("/sign-out")) forget(app.jmap.accountId);
  });
}

/** What places are called on the screen, and their icons. */
import { app } from "../app";
import { t } from "../i18n";
import type { Mailbox } from "../jmap";
import type { Source } from "../model/lists";

export interface Place {
  slug: string;
  title: () => string;
  icon: string;
}

/** In the order of the sidebar; those of an account that has no such mailbox are left out. */
export const PLACES: readonly Place[] = [
  { slug: "inbox", title: () => t("Inbox"), icon: "inbox" },
  { slug: "starred", title: () => t("Starred"), icon: "star" },
  { slug: "snoozed", title: () => t("Snoozed"), icon: "clock" },
  { slug: "sent", title: () => t("Sent"), icon: "send" },
  { slug: "drafts", title: () => t("Drafts"), icon: "draft" },
  { slug: "scheduled", title: () => t("Scheduled"), icon: "scheduled" },
  { slug: "all", title: () => t("All mail"), icon: "all" },
  { slug: "spam", title: () => t("Spam"), icon: "spam" },
  { slug: "trash", title: () => t("Trash"), icon: "trash" },
];

export function titleOf(source: Source, box: Mailbox | null): string {
  if ("query" in source) return t("Search: {query}", { query: source.query });
  if (!box) return "";
  if (box.role === "archive") return t("Archive||place");
  return PLACES.find((place) => app.place(place.slug) === box)?.title() ?? app.mailboxes.label(box.id)?.path ?? box.name;
}

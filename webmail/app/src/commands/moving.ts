/** Going about: places, rows of the list, the open conversation and back; and what is selected. */
import { signal } from "@preact/signals";
import { app } from "../app";
import { t } from "../i18n";
import type { Id, ThreadRow } from "../jmap";
import { threadOf, type Row } from "../model/effects";
import { back, go, read, where, type Where } from "../navigation";
import { pane } from "../look";
import { define, type Command } from "./registry";

/** Dialogs that are open. */
export const help = signal(false);

/** The list scrolls its row into view when this changes. */
export const reveal = signal<Id | null>(null);

const rows = (): readonly ThreadRow[] => app.list.value?.rows.value ?? [];
const at = (): number => rows().findIndex((row) => row.id === app.focused.value);
const isListed = (): boolean => where.value.at !== "conversation" || pane.value !== "none";

export function focusOn(id: Id | undefined): void {
  if (!id) return;
  app.focused.value = id;
  reveal.value = null;
  reveal.value = id;
}

/** To the conversation so many rows further down; an open one is replaced by it. */
function step(by: number): void {
  const list = rows();
  const there = where.value;
  const open = there.at === "conversation" ? (there.email ?? there.id) : null;
  const from = open ? list.findIndex((row) => row.id === open) : at();
  const to = list[from < 0 ? 0 : Math.min(Math.max(from + by, 0), list.length - 1)];
  if (!to) return;
  focusOn(to.id);
  if (there.at === "conversation" && to.id !== open) go(openedAt(to, there.origin), true);
  if (list.length - from < 20) void app.lists.more(app.list.value!);
}

function extend(by: number): void {
  const list = rows();
  if (at() < 0) return step(by);
  const ids = [list[at()]!.id, list[at() + by]?.id].filter((id) => id !== undefined);
  app.select([...app.selected.value, ...ids]);
  step(by);
}

export function toggle(id: Id): void {
  const selected = new Set(app.selected.value);
  if (!selected.delete(id)) selected.add(id);
  app.select(selected);
}

/** From the last one selected to this one: Shift and a click. */
export function selectTo(id: Id): void {
  const list = rows();
  const [from, to] = [list.findIndex((row) => row.id === app.focused.value), list.findIndex((row) => row.id === id)].sort((a, b) => a - b);
  app.select([...app.selected.value, ...list.slice(Math.max(0, from!), to! + 1).map((row) => row.id)]);
  app.focused.value = id;
}

/** Where a row leads: to its conversation, or to its one message. */
export function openedAt(row: Row, origin: string): Where {
  return { at: "conversation", id: threadOf(row), origin, ...(row.emailId && { email: row.emailId }) };
}

export function openRow(id: Id): void {
  const row = rows().find((one) => one.id === id);
  if (!row) return;
  app.focused.value = id;
  const there = where.value;
  go(openedAt(row, there.at === "conversation" ? there.origin : location.pathname + location.search), there.at === "conversation");
}

/** Rows that are seen at once, less one to keep one's place. */
function screenful(): number {
  const list = document.querySelector<HTMLElement>(".rows");
  const row = list?.querySelector<HTMLElement>(".row");
  return Math.max(1, Math.floor((list?.clientHeight ?? 0) / (row?.offsetHeight || 44)) - 1);
}

function nextUnread(by: number): void {
  const list = rows();
  for (let n = at() + by; n >= 0 && n < list.length; n += by) if (list[n]!.unread) return focusOn(list[n]!.id);
}

const place = (id: string, slug: string, title: () => string): Command => ({
  id: `go.${id}`, title, context: "everywhere", when: () => app.place(slug) !== null, run: () => go({ at: "place", slug }),
});
const select = (id: string, title: () => string, fits: (row: ThreadRow) => boolean): Command => ({
  id: `select.${id}`, title, context: "list", when: isListed, run: () => app.select(rows().filter(fits).map((row) => row.id)),
});
const inList = (id: string, title: () => string, run: () => void): Command => ({ id, title, context: "list", when: isListed, run });

export function defineMoving(): void {
  define(
    place("inbox", "inbox", () => t("Go to Inbox")),
    place("starred", "starred", () => t("Go to Starred")),
    place("snoozed", "snoozed", () => t("Go to Snoozed")),
    place("sent", "sent", () => t("Go to Sent")),
    place("drafts", "drafts", () => t("Go to Drafts")),
    place("scheduled", "scheduled", () => t("Go to Scheduled")),
    place("all", "all", () => t("Go to All mail")),
    place("spam", "spam", () => t("Go to Spam")),
    place("trash", "trash", () => t("Go to Trash")),
    { id: "older", title: () => t("Older conversation"), context: "everywhere", run: () => step(1) },
    { id: "newer", title: () => t("Newer conversation"), context: "everywhere", run: () => step(-1) },
    inList("next", () => t("Next unread conversation"), () => nextUnread(1)),
    inList("previous", () => t("Previous unread conversation"), () => nextUnread(-1)),
    inList("open", () => t("Open"), () => app.focused.value && openRow(app.focused.value)),
    { id: "back", title: () => t("Back to the list"), context: "conversation", when: () => where.value.at === "conversation" || app.selected.value.size > 0, run: goBack },
    inList("list.first", () => t("First conversation"), () => focusOn(rows()[0]?.id)),
    inList("list.last", () => t("Last conversation"), () => focusOn(rows().at(-1)?.id)),
    inList("list.nextPage", () => t("Next page"), () => step(screenful())),
    inList("list.previousPage", () => t("Previous page"), () => step(-screenful())),
    inList("page", () => t("A screen further"), () => step(screenful())),
    inList("page.back", () => t("A screen back"), () => step(-screenful())),
    { id: "toolbar", title: () => t("To the toolbar"), context: "everywhere", run: () => document.querySelector<HTMLElement>(".reading-pane .bar .tool, .list-pane .bar :is(input, .tool)")?.focus() },
    inList("select", () => t("Select"), () => app.focused.value && toggle(app.focused.value)),
    inList("select.older", () => t("Extend the selection down"), () => extend(1)),
    inList("select.newer", () => t("Extend the selection up"), () => extend(-1)),
    select("all", () => t("Select all"), () => true),
    select("none", () => t("Select none"), () => false),
    select("read", () => t("Select read"), (row) => !row.unread),
    select("unread", () => t("Select unread"), (row) => row.unread > 0),
    inList("select.matching", () => t("Select all that match"), () => app.select(rows().map((row) => row.id), true)),
    select("starred", () => t("Select starred"), (row) => row.marks.includes("starred")),
    select("unstarred", () => t("Select unstarred"), (row) => !row.marks.includes("starred")),
    { id: "help", title: () => t("Keyboard shortcuts"), icon: "info", context: "everywhere", run: () => (help.value = !help.value) },
    { id: "fetch", title: () => t("Fetch now"), context: "everywhere", run: () => app.list.value && void app.lists.load(app.list.value) },
  );
}

function goBack(): void {
  const there = where.value;
  if (there.at !== "conversation") app.unselect();
  else back(read(there.origin) ?? { at: "place", slug: "inbox" });
}

/** What is done to conversations: each works on the selection, else on the open conversation, else on the row in focus. */
import { app } from "../app";
import { t } from "../i18n";
import type { Act, Id, StarColor } from "../jmap";
import { openedAt } from "./moving";
import { back, go, read, where, type Where } from "../navigation";
import { pointedAt, show } from "../overlay";
import { pane } from "../look";
import { define, type Command } from "./registry";

/** What commands act on: what was pointed at, else what is selected, else what is open, else the row in focus. */
export function chosen(): Id[] {
  if (pointedAt.value) return [...pointedAt.value];
  const selected = app.selected.value;
  if (selected.size) return [...selected];
  const there = where.value;
  if (there.at === "conversation") return [there.email ?? there.id];
  return app.focused.value ? [app.focused.value] : [];
}

const role = (): string => {
  const source = app.source.value;
  const box = source && "mailboxId" in source ? app.mailboxes.get(source.mailboxId) : null;
  return box ? (box.role ?? "label") : "search";
};

const rows = () => app.list.value?.rows.value ?? [];
const some = (): boolean => chosen().length > 0;
/** The labels that a conversation carries, as its row says. */
export const labelsOf = (id: Id): readonly Id[] => rows().find((row) => row.id === id)?.labels ?? [];

const isStarred = (id: Id): boolean => rows().find((row) => row.id === id)?.marks.includes("starred") ?? false;
const isMuted = (id: Id): boolean => rows().find((row) => row.id === id)?.marks.includes("muted") ?? false;

/** Do it, and leave an open conversation that is not in its list any more, as the member prefers. */
export function act(name: Act, more: { mailboxId?: Id; until?: string; color?: StarColor } = {}, leave = true): void {
  const threadIds = chosen();
  if (!threadIds.length) return;
  const next = leave ? after(threadIds[0]!) : null;
  const all = app.allSelected.value && !pointedAt.value ? app.source.value : null;
  const list = app.list.value?.base.value;
  app.act({ act: name, ...(all ? split([]) : split(threadIds)), ...more, ...(all && { all, count: list?.total ?? threadIds.length }) });
  if (next && where.value.at === "conversation" && pane.value === "none") leaveTo(next);
}

/** Rows' ids as conversations and single messages. */
export function split(ids: readonly Id[]): { threadIds: Id[]; emailIds: Id[] } {
  const open = where.value.at === "conversation" ? where.value.email : undefined;
  const isEmail = (id: Id): boolean => id === open || rows().some((row) => row.id === id && row.emailId);
  return { threadIds: ids.filter((id) => !isEmail(id)), emailIds: ids.filter(isEmail) };
}

/** Where the member goes when the open conversation is done with. */
function after(id: Id, wanted: string = app.preferences.get("afterAct")): Where | null {
  const there = where.value;
  if (there.at !== "conversation") return null;
  const list = rows();
  const at = list.findIndex((row) => row.id === id);
  const neighbour = wanted === "older" ? list[at + 1] : wanted === "newer" ? list[at - 1] : undefined;
  return at >= 0 && neighbour ? openedAt(neighbour, there.origin) : read(there.origin) ?? { at: "place", slug: "inbox" };
}

function leaveTo(next: Where): void {
  if (next.at === "conversation") go(next, true);
  else back(next);
}

/** `y`: out of this view, whatever that is. */
function remove(leave = true): void {
  const source = app.source.value;
  if (role() === "label" && source && "mailboxId" in source) act("removeLabel", { mailboxId: source.mailboxId }, leave);
  else act(({ inbox: "archive", flagged: "unstar", trash: "restore", junk: "notSpam" } as Record<string, Act>)[role()] ?? "archive", {}, leave);
}

/** Do it and open the neighbour. `what` is told whether to leave what is open by itself. */
function andThen(what: (leave: boolean) => void, step: "older" | "newer"): void {
  const [id] = chosen();
  const next = id && where.value.at === "conversation" ? after(id, step) : null;
  const isNeighbour = next ? next.at === "conversation" : false;
  what(!isNeighbour);
  if (next && isNeighbour) go(next, true);
}

const simple = (id: string, title: () => string, icon: string, name: Act, leave: boolean, when: () => boolean = some): Command => ({
  id, title, icon, context: "row", when: () => some() && when(), run: () => act(name, {}, leave),
});

/** The colours in their order; `s` again goes to the next, and after the last takes the star away (F24). */
const COLORS: readonly StarColor[] = ["red", "orange", "yellow", "green", "blue", "purple"];
const SOON = 3_000; // milliseconds in which `s` again means the next colour
let starred = { ids: "", at: 0 };

function star(): void {
  const ids = chosen();
  const again = starred.ids === ids.join() && Date.now() - starred.at < SOON;
  const color = rows().find((row) => row.id === ids[0])?.starColor;
  const next = again && color ? COLORS[COLORS.indexOf(color) + 1] : undefined;
  starred = { ids: ids.join(), at: Date.now() };
  if (again && next) act("star", { color: next }, false);
  else act(ids.every(isStarred) ? "unstar" : "star", {}, false);
}

/** What a menu offers for conversations. */
export const MENU = ["open", "|", "toInbox", "unsnooze", "restore", "notSpam", "archive", "spam", "trash", "deleteForEver", "|", "read", "unread", "star", "snooze", "mute", "|", "label", "unlabel", "move", "|", "unread.from", "print", "why"];

/** Beside the button that asks for it, else beside the row. */
function showMore(): void {
  const from = document.activeElement?.matches("[data-command=more]") ? document.activeElement : document.querySelector(".row.focused, .reading-pane .bar");
  const at = from?.getBoundingClientRect();
  show({ kind: "menu", x: at?.left ?? 100, y: at?.bottom ?? 100, commands: MENU });
}

export function defineMail(): void {
  const inTrash = (): boolean => role() === "trash";
  const inSpam = (): boolean => role() === "junk";
  define(
    simple("archive", () => t("Archive"), "archive", "archive", true, () => !inTrash() && !inSpam()),
    simple("toInbox", () => t("Move to Inbox"), "inbox", "toInbox", true, () => ["archive", "all", "label", "search"].includes(role())),
    simple("trash", () => t("Move to Trash"), "trash", "trash", true, () => !inTrash()),
    simple("restore", () => t("Restore"), "inbox", "restore", true, inTrash),
    simple("spam", () => t("Report spam"), "spam", "spam", true, () => !inSpam() && !inTrash()),
    simple("notSpam", () => t("Not spam"), "inbox", "notSpam", true, inSpam),
    simple("read", () => t("Mark as read"), "read", "read", false),
    simple("unread", () => t("Mark as unread"), "unread", "unread", true),
    { id: "star", title: () => t("Star"), icon: "star", context: "row", when: some, run: star },
    { id: "snooze", title: () => t("Snooze …"), icon: "clock", context: "row", when: () => some() && !inTrash() && !inSpam(), opens: true, run: () => show({ kind: "snooze" }) },
    simple("unsnooze", () => t("Back to Inbox now"), "inbox", "unsnooze", true, () => role() === "snoozed"),
    { id: "mute", title: () => t("Mute"), icon: "mute", context: "row", when: some, run: () => act(chosen().every(isMuted) ? "unmute" : "mute", {}, !chosen().every(isMuted)) },
    { id: "label", title: () => t("Label as …"), icon: "label", context: "row", when: () => some() && !inTrash() && !inSpam(), opens: true, run: () => show({ kind: "label" }) },
    { id: "unlabel", title: () => t("Remove a label …"), icon: "label", context: "row", when: () => some() && chosen().some((id) => labelsOf(id).length > 0), opens: true, run: () => show({ kind: "unlabel" }) },
    { id: "move", title: () => t("Move to …"), icon: "folder", context: "row", when: some, opens: true, run: () => show({ kind: "move" }) },
    { id: "more", title: () => t("More actions"), icon: "more", context: "row", when: some, opens: true, run: () => showMore() },
    { id: "remove", title: () => t("Remove from this view"), context: "row", when: some, run: () => remove() },
    { id: "remove.newer", title: () => t("Remove from this view, then the newer one"), context: "row", when: some, run: () => andThen(remove, "newer") },
    { id: "remove.older", title: () => t("Remove from this view, then the older one"), context: "row", when: some, run: () => andThen(remove, "older") },
    { id: "archive.newer", title: () => t("Archive, then the newer one"), context: "row", when: some, run: () => andThen((leave) => act("archive", {}, leave), "newer") },
    { id: "archive.older", title: () => t("Archive, then the older one"), context: "row", when: some, run: () => andThen((leave) => act("archive", {}, leave), "older") },
    { id: "undo", title: () => t("Undo"), context: "everywhere", run: () => void app.undo() },
    { id: "redo", title: () => t("Redo"), context: "everywhere", run: () => app.redo() },
  );
}

/** In which part of the list of keys a command stands (product.md 2.7). */
import { t } from "../i18n";

export const GROUPS = ["jump", "application", "move", "act", "select", "compose"] as const;
export type Group = (typeof GROUPS)[number];

export const TITLES: Record<Group, () => string> = {
  jump: () => t("Jump"),
  application: () => t("Application"),
  move: () => t("Move"),
  act: () => t("Act"),
  select: () => t("Select in the list"),
  compose: () => t("Compose"),
};

const APPLICATION = new Set(["compose", "compose.tab", "search", "search.people", "search.form", "help", "help.keys", "more", "move", "label", "toolbar", "palette"]);
const MOVE = new Set(["older", "newer", "next", "previous", "open", "back", "page", "page.back", "fetch", "section.next", "section.previous"]);
const SELECT = new Set(["select.all", "select.none", "select.read", "select.unread", "select.starred", "select.unstarred", "select.matching"]);

export function groupOf(command: string): Group {
  if (APPLICATION.has(command)) return "application";
  if (SELECT.has(command)) return "select";
  if (command.startsWith("go.")) return "jump";
  if (MOVE.has(command) || /^(list|message|conversation)\./.test(command)) return "move";
  return command.startsWith("letter.") ? "compose" : "act";
}

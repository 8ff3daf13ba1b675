/** Deleting for ever, from Trash and Spam: asked once, and never undone (product.md 3.8). */
import { signal } from "@preact/signals";
import { app } from "../app";
import { t } from "../i18n";
import type { Id, Mailbox } from "../jmap";
import { pane } from "../look";
import { back, read, where } from "../navigation";
import { pointedAt, show } from "../overlay";
import { chosen, split } from "./mail";
import { define } from "./registry";

/** What is to be deleted: conversations and single messages, or all of a place. */
export type Doomed = { threadIds: Id[]; emailIds: Id[] } | { mailboxId: Id };

/** What the dialog asks about. */
export const doomed = signal<Doomed | null>(null);

/** The place that is shown, or that the open conversation was opened from, where it is one of the two. */
export function disposal(): Mailbox | null {
  const source = app.source.value;
  const box = source && "mailboxId" in source ? app.mailboxes.get(source.mailboxId) : null;
  return box?.role === "trash" || box?.role === "junk" ? box : null;
}

function ask(what: Doomed): void {
  doomed.value = what;
  show({ kind: "destroy" });
}

function askForChosen(): void {
  const box = disposal()!;
  ask(app.allSelected.value && !pointedAt.value ? { mailboxId: box.id } : split(chosen()));
}

/** The dialog's yes. */
export async function destroy(what: Doomed): Promise<void> {
  const ids = "threadIds" in what ? new Set(what.threadIds) : null;
  const answer = await app.jmap.call("Thread/destroy", { ...what });
  const there = where.peek();
  if (there.at === "conversation" && (!ids || ids.has(there.id)) && pane.value === "none") back(read(there.origin) ?? { at: "place", slug: "inbox" });
  app.unselect();
  app.heard(Number(answer.newState));
  app.say({ text: t("{count, plural, one {# message} other {# messages}} deleted for ever.", { count: answer.emails }) });
}

export function defineDeleting(): void {
  define(
    { id: "deleteForEver", title: () => t("Delete for ever"), icon: "trash", context: "row", opens: true, when: () => disposal() !== null && chosen().length > 0, run: askForChosen },
    { id: "emptyPlace", title: () => (disposal()?.role === "junk" ? t("Empty Spam") : t("Empty Trash")), icon: "trash", context: "list", opens: true, when: () => (disposal()?.totalEmails ?? 0) > 0, run: () => ask({ mailboxId: disposal()!.id }) },
  );
}

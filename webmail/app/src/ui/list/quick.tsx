/** What can be done to a row without opening it, shown while the pointer or the focus is on it. */
import { app } from "../../app";
import { act } from "../../commands/mail";
import { command } from "../../commands/registry";
import { t } from "../../i18n";
import type { Act, ThreadRow } from "../../jmap";
import { pointedAt, show } from "../../overlay";
import { Icon } from "../icon";

export function Quick({ row }: { row: ThreadRow }) {
  const source = app.source.value;
  const role = source && "mailboxId" in source ? app.mailboxes.get(source.mailboxId)?.role : null;
  const back: [Act, string, string] | null = role === "trash" ? ["restore", t("Restore"), "inbox"] : role === "junk" ? ["notSpam", t("Not spam"), "inbox"] : null;
  const seen: [Act, string, string] = row.unread ? ["read", t("Mark as read"), "read"] : ["unread", t("Mark as unread"), "unread"];
  const canSnooze = !back && command("snooze");
  return (
    <span role="gridcell" class="quick">
      <One row={row} deed={back ?? ["archive", t("Archive"), "archive"]} />
      {role !== "trash" && <One row={row} deed={["trash", t("Move to Trash"), "trash"]} />}
      <One row={row} deed={seen} />
      {canSnooze && <button type="button" tabIndex={-1} class="tool" data-command="snooze" title={t("Snooze")} aria-label={t("Snooze")} onClick={() => show({ kind: "snooze" }, [row.id])}><Icon name="clock" /></button>}
    </span>
  );
}

function One({ row, deed: [name, title, icon] }: { row: ThreadRow; deed: [Act, string, string] }) {
  const run = (): void => {
    pointedAt.value = [row.id];
    act(name, {}, false);
    pointedAt.value = null;
  };
  return <button type="button" tabIndex={-1} class="tool" data-command={name} title={title} aria-label={title} onClick={run}><Icon name={icon} /></button>;
}

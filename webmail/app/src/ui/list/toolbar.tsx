/** Above the list: its name and size, or, while rows are selected, what can be done to them. */
import { app } from "../../app";
import { t } from "../../i18n";
import type { Mailbox } from "../../jmap";
import type { List } from "../../model/lists";
import { clean } from "../../people";
import { command, run } from "../../commands/registry";
import { Tool } from "../button";
import { Icon } from "../icon";
import { titleOf } from "../titles";

const TOOLS = ["restore", "notSpam", "toInbox", "archive", "spam", "trash", "deleteForEver", "|", "read", "unread", "snooze", "label", "move", "mute", "more"];

export function Toolbar({ list, box }: { list: List; box: Mailbox | null }) {
  const selected = app.selected.value;
  const rows = list.rows.value;
  const all = rows.length > 0 && selected.size === rows.length;
  const tick = (): void => app.select(selected.size ? [] : rows.map((row) => row.id));
  return (
    <div class={`bar${selected.size ? " selecting" : ""}`} role="toolbar" aria-label={t("Actions")}>
      <label class="all">
        <span class="vh">{t("Select all")}</span>
        <input type="checkbox" checked={all} indeterminate={selected.size > 0 && !all} disabled={!rows.length} onChange={tick} />
      </label>
      {selected.size ? <Selected count={app.allSelected.value ? (list.base.value?.total ?? selected.size) : selected.size} /> : <Heading list={list} box={box} />}
    </div>
  );
}

/** Where more match than are loaded: whether those are meant, too. */
export function AllBanner({ list, box }: { list: List; box: Mailbox | null }) {
  const total = list.base.value?.total ?? 0;
  const rows = list.rows.value.length;
  if (!rows || !app.preferences.get("conversations") || app.selected.value.size < rows || !list.base.value?.cursor) return null;
  const place = clean(titleOf(list.source, box));
  return app.allSelected.value ? (
    <p class="banner" role="status">{t("All {total} conversations in {place} are selected.", { total, place })} <button type="button" class="link" onClick={() => app.unselect()}>{t("Clear the selection")}</button></p>
  ) : (
    <p class="banner" role="status">{t("{rows} conversations are selected.", { rows })} <button type="button" class="link" onClick={() => run("select.matching")}>{t("Select all {total} in {place}", { total, place })}</button></p>
  );
}

function Selected({ count }: { count: number }) {
  return (
    <>
      <button type="button" class="tool only-phone" aria-label={t("Clear the selection")} onClick={() => app.unselect()}><Icon name="close" /></button>
      <h1 class="count">{t("{count} selected", { count })}</h1>
      {TOOLS.map((id) => (id === "|" ? <span class="divider" /> : <Tool key={id} id={id} />))}
    </>
  );
}

function Heading({ list, box }: { list: List; box: Mailbox | null }) {
  const base = list.base.value;
  return (
    <>
      <h1><bdi>{clean(titleOf(list.source, box))}</bdi></h1>
      {box && box.unreadThreads > 0 && <span class="bar-note">{t("{count} unread", { count: box.unreadThreads })}</span>}
      <span class="space" />
      <Emptying box={box} />
      {base && <span class="range">{total(base.total, base.isTotalExact)}</span>}
    </>
  );
}

/** Of Trash and Spam: all of it at once. */
function Emptying({ box }: { box: Mailbox | null }) {
  const one = command("emptyPlace");
  if (!one?.when?.() || (box?.role !== "trash" && box?.role !== "junk")) return null;
  return <button type="button" class="button small" data-command="emptyPlace" onClick={() => run("emptyPlace")}>{one.title()}</button>;
}

function total(count: number, isExact: boolean): string {
  const values = { count };
  if (!app.preferences.get("conversations")) return t("{count, plural, one {# message} other {# messages}}", values);
  return isExact ? t("{count, plural, one {# conversation} other {# conversations}}", values) : t("about {count} conversations", values);
}

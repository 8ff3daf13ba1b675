/** A conversation in a list. */
import { memo } from "../memo";
import { app } from "../../app";
import { hueOf } from "../../model/mailboxes";
import { MENU, split } from "../../commands/mail";
import { openedAt, openRow, selectTo, toggle } from "../../commands/moving";
import { show } from "../../overlay";
import { coming, daysLeft, long, short } from "../../dates";
import { t } from "../../i18n";
import type { ThreadRow } from "../../jmap";
import type { Row as ListRow } from "../../model/effects";
import { href } from "../../navigation";
import { called, clean, face, hue, initials, nameOf } from "../../people";
import { hover } from "../conversation/prefetch";
import { Icon } from "../icon";
import { Quick } from "./quick";
import { useSwipe } from "./swipe";
import { Preview, Subject } from "../search/slots";

export interface RowProps {
  row: ListRow;
  index: number;
  isFocused: boolean;
  /** The one row that Tab comes to. */
  isTabStop: boolean;
  isSelected: boolean;
  /** The address of the list, and the label whose list it is. */
  origin: string;
  hiddenLabel: string;
}

const MOST_CHIPS = 3;

export const Row = memo(function Row({ row, index, isFocused, isTabStop, isSelected, origin, hiddenLabel }: RowProps) {
  const starred = row.marks.includes("starred");
  const who = face(row.writers);
  const name = nameOf(who?.name, who?.email ?? "");
  const classes = ["row", row.unread && "unread", isFocused && "focused", isSelected && "picked"].filter(Boolean).join(" ");
  const swipe = useSwipe(row);
  return (
    <div class={classes} role="row" {...swipe} onContextMenu={(event) => pointed(event, row)} onMouseEnter={() => hover(row)} onMouseLeave={() => hover(null)} aria-rowindex={index + 1} aria-selected={isSelected} data-thread={row.id} aria-label={spoken(row, hiddenLabel, origin)}>
      <span role="gridcell" class="pick">
        <input type="checkbox" tabIndex={-1} checked={isSelected} aria-label={t("Select")} onClick={(event) => (event.shiftKey ? selectTo(row.id) : (toggle(row.id), (app.focused.value = row.id)))} />
        <span class={`avatar ${hue(who?.email ?? name)}`} aria-hidden="true">{initials(name)}</span>
      </span>
      <span role="gridcell">
        <button type="button" tabIndex={-1} class={`tool star${starred ? ` on star-${row.starColor ?? "red"}` : ""}`} data-command="star" aria-pressed={starred} aria-label={t("Star")} onClick={() => app.act({ act: starred ? "unstar" : "star", ...split([row.id]) })}>
          <Icon name="star" />
        </button>
      </span>
      <span role="gridcell" class="cell">
        <a class="open" tabIndex={isTabStop ? 0 : -1} href={href(openedAt(row, origin))} onClick={(event) => clicked(event, row.id)}>
          <Who row={row} />
          <span class="what">
            <span class="subject" dir="auto"><bdi><Subject text={clean(row.subject) || t("(no subject)")} /></bdi></span>
            <Chips row={row} hiddenLabel={hiddenLabel} />
            <span class="preview" dir="auto"><Preview row={row} /></span>
          </span>
          <span class="clip">{row.marks.includes("attachment") && <Icon name="clip" small />}</span>
          <When row={row} origin={origin} />
        </a>
      </span>
      <Quick row={row} />
    </div>
  );
});

/** When it came; in Scheduled when it goes out, in Trash and Spam how long it stays. */
function When({ row, origin }: { row: ThreadRow; origin: string }) {
  if (row.purgedAt) return <span class="until">{daysLeft(row.purgedAt)}</span>;
  if (row.snoozedUntil) return <span class="until snoozed" title={long(new Date(row.snoozedUntil))}><Icon name="clock" small /> {short(new Date(row.snoozedUntil))}</span>;
  if (row.wokeAt && row.snoozedAt) return <Woke row={row} since={row.snoozedAt} />;
  const at = new Date(goesOut(row, origin) ?? row.at);
  return <time class={goesOut(row, origin) ? "coming" : ""} dateTime={at.toISOString()} title={long(at)}>{goesOut(row, origin) ? coming(at) : short(at)}</time>;
}

function Woke({ row, since }: { row: ThreadRow; since: string }) {
  const words = t("Snoozed since {date}", { date: short(new Date(since)) });
  return <time class="woke" dateTime={row.at} title={words}><Icon name="clock" small /><span class="vh">{words}. </span>{short(new Date(row.at))}</time>;
}

const goesOut = (row: ThreadRow, origin: string): string | undefined => (origin === "/in/scheduled" ? row.sendAt : undefined);

/** With Ctrl or Cmd the browser opens a tab, with Shift the selection grows. */
function clicked(event: MouseEvent, id: string): void {
  if (event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (event.shiftKey) selectTo(id);
  else openRow(id);
}

/** A long touch selects; a right click, or Shift+F10, opens the menu. */
function pointed(event: MouseEvent, row: ThreadRow): void {
  event.preventDefault();
  if ((event as PointerEvent).pointerType === "touch") return toggle(row.id);
  const selected = app.selected.peek();
  const at = event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : corner(event.currentTarget as HTMLElement);
  show({ kind: "menu", ...at, commands: MENU }, selected.has(row.id) ? [...selected] : [row.id]);
}

function corner(element: HTMLElement): { x: number; y: number } {
  const { left, bottom } = element.getBoundingClientRect();
  return { x: left + 48, y: bottom };
}

function Who({ row }: { row: ThreadRow }) {
  const names = called(row.writers, row.writerCount);
  return (
    <span class="who">
      <span class="names">
        <bdi>{names.map((one, n) => [n > 0 && ", ", one.isUnread ? <b>{one.name}</b> : one.name])}{!names.length && t("(nobody)")}</bdi>
        {row.marks.includes("draft") && <>, <span class="draft">{t("Draft")}</span></>}
      </span>
      {row.count > 1 && <span class="n">{row.count}</span>}
      {row.count > 1 && row.unread > 0 && <span class="new">{t("{count} new", { count: row.unread })}</span>}
    </span>
  );
}

function Chips({ row, hiddenLabel }: { row: ThreadRow; hiddenLabel: string }) {
  const labels = row.labels.filter((id) => id !== hiddenLabel).flatMap((id) => app.mailboxes.label(id) ?? []).slice(0, MOST_CHIPS);
  if (!labels.length) return null;
  return (
    <span class="chips">
      {labels.map((label) => <span key={label.box.id} class={`chip ${hueOf(label.box)}`}><span>{clean(label.path)}</span></span>)}
    </span>
  );
}

/** As a screen reader says the row, in reading order (product.md 6.1). */
function spoken(row: ThreadRow, hiddenLabel: string, origin: string): string {
  const names = called(row.writers, row.writerCount).map((one) => one.name).join(", ");
  const parts = [
    row.unread && t("Unread"),
    row.count > 1 && row.unread > 0 ? t("{names}, {unread} new of {count}", { names, unread: row.unread, count: row.count }) : names,
    row.count > 1 && !row.unread && t("{count, plural, one {# message} other {# messages}}", { count: row.count }),
    clean(row.subject) || t("(no subject)"),
    ...row.labels.filter((id) => id !== hiddenLabel).flatMap((id) => app.mailboxes.label(id)?.path ?? []).map((label) => t("Label {label}", { label })),
    row.marks.includes("attachment") && t("Attachment"),
    row.marks.includes("starred") && t("Starred"),
    goesOut(row, origin) ? t("Goes out {when}", { when: long(new Date(row.sendAt!)) }) : long(new Date(row.at)),
  ];
  return parts.filter(Boolean).join(". ");
}

/** Above a conversation: what can be done to it and where it stands in its list; its subject and labels. */
import { app } from "../../app";
import { run } from "../../commands/registry";
import { t } from "../../i18n";
import type { Id } from "../../jmap";
import { hueOf } from "../../model/mailboxes";
import { href, read, where } from "../../navigation";
import { clean } from "../../people";
import { reading as current, type Reading } from "../../reading";
import { Tool } from "../button";
import { Icon } from "../icon";

const TOOLS = ["restore", "notSpam", "archive", "spam", "trash", "deleteForEver", "|", "unread", "snooze", "star", "label", "move", "mute", "more"];

export function Bar({ id }: { id: Id }) {
  const there = where.value;
  const to = read(there.at === "conversation" ? there.origin : "/");
  const rows = app.list.value?.rows.value ?? [];
  const at = rows.findIndex((row) => row.id === id);
  const base = app.list.value?.base.value;
  return (
    <div class="bar" role="toolbar" aria-label={t("Actions")}>
      <a class="tool" href={to ? href(to) : "/"} data-command="back" title={`${t("Back to the list")} (u)`} aria-label={t("Back to the list")} onClick={goBack}><Icon name="back" /></a>
      {TOOLS.map((one) => (one === "|" ? <span class="divider" /> : <Tool key={one} id={one} more={one === "trash" ? whole() : undefined} />))}
      <span class="space" />
      {at >= 0 && base && <span class="range only-wide">{base.isTotalExact ? t("{at} of {total}", { at: at + 1, total: base.total }) : t("{at} of about {total}", { at: at + 1, total: base.total })}</span>}
      {at >= 0 && <span class="only-wide steps"><Tool id="newer" icon="newer" /><Tool id="older" icon="older" /></span>}
    </div>
  );
}

/** What goes with a whole conversation: one's own messages too. */
function whole(): string | undefined {
  const emails = current.value?.here.value ?? [];
  const own = emails.filter((email) => email.isOwn).length;
  return own ? t("Move to Trash: {count, plural, one {# message} other {# messages}}, {own} of them yours", { count: emails.length, own }) : undefined;
}

/** The browser's Back, so that the list is as it was left. */
function goBack(event: MouseEvent): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  run("back");
}

export function Labels({ reading }: { reading: Reading }) {
  const place = reading.place.value;
  if (place !== "mail") return <span class={`chip ${place === "spam" ? "hue-red" : "hue-grey"}`}>{place === "spam" ? t("Spam") : t("Trash")}</span>;
  const ids = new Set((reading.here.value ?? []).flatMap((email) => Object.keys(email.mailboxIds)));
  return (
    <>
      {app.mailboxes.labels.value.filter((one) => ids.has(one.box.id)).map(({ box, path }) => (
        <span key={box.id} class={`chip ${hueOf(box)}`}>
          <span><span class="vh">{t("Label")} </span><bdi>{clean(path)}</bdi></span>
          <button type="button" aria-label={t("Remove label {label}", { label: clean(path) })} title={t("Remove label")} onClick={() => app.act({ act: "removeLabel", threadIds: [reading.id], emailIds: [], mailboxId: box.id })}><Icon name="close" small /></button>
        </span>
      ))}
    </>
  );
}

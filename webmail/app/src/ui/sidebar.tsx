/** Places and labels, with what waits in them. */
import { useMemo } from "preact/hooks";
import { app } from "../app";
import { hueOf } from "../model/mailboxes";
import { run } from "../commands/registry";
import { t } from "../i18n";
import type { Mailbox } from "../jmap";
import { href } from "../navigation";
import { clean } from "../people";
import { Icon } from "./icon";
import { PLACES } from "./titles";

export function Sidebar() {
  const source = app.source.value;
  const current = source && "mailboxId" in source ? source.mailboxId : "";
  return (
    <nav id="places" popover="auto" aria-label={t("Places and labels")}>
      <button type="button" class="button primary compose-button" onClick={() => run("compose")}><Icon name="compose" /> <span>{t("Compose")}</span></button>
      <div class="scroll" onClick={(event) => (event.currentTarget.closest("nav") as HTMLElement).hidePopover?.()}>
        <ul>
          {PLACES.map(({ slug, title, icon }) => {
            const box = app.place(slug);
            return box && (
              <li key={slug}>
                <a href={href({ at: "place", slug })} aria-current={box.id === current ? "page" : undefined}>
                  <Icon name={icon} /><span class="name">{title()}</span><Count box={box} />
                </a>
              </li>
            );
          })}
        </ul>
        <h2><span>{t("Labels")}</span><a class="tool" href="/labels" title={t("New label, rename, delete")} aria-label={t("Manage labels")}><Icon name="plus" /></a></h2>
        <ul>
          {app.mailboxes.labels.value.filter(({ box }) => isShown(box, current)).map(({ box, path, depth }) => (
            <li key={box.id} class={`depth-${depth}`}>
              <a href={href({ at: "label", id: box.id })} title={clean(path)} aria-current={box.id === current ? "page" : undefined}>
                <span class={`dot ${hueOf(box)}`} /><span class="name"><bdi>{clean(box.name)}</bdi></span><Count box={box} />
              </a>
            </li>
          ))}
        </ul>
      </div>
      <Storage />
    </nav>
  );
}

/** How much is kept, as the server drew it with the page that the application takes over. */
function Storage() {
  const drawn = useMemo(() => {
    const found = document.querySelector<HTMLElement>(".storage");
    return found && { used: found.dataset["used"]!, quota: found.dataset["quota"]!, share: found.querySelector("meter")?.value };
  }, []);
  if (!drawn) return null;
  const { used, quota, share } = drawn;
  return (
    <div class="storage">
      {share !== undefined && <meter min={0} max={1} low={0.8} high={0.95} optimum={0} value={share} aria-hidden="true" />}
      {quota ? t("{used} of {quota}", { used, quota }) : t("{used} kept", { used })}
    </div>
  );
}

/** As the member chose for the label; the one that is open is there in any case. */
const isShown = (box: Mailbox, current: string): boolean =>
  box.id === current || box.showInSidebar !== "hide" && (box.showInSidebar !== "unread" || box.unreadThreads > 0);

/** Inbox, labels and Spam count what is unread, Drafts and Scheduled what waits; a number elsewhere would only be noise. */
function Count({ box }: { box: Mailbox }) {
  const role = box.role as string | null;
  const waiting = role === "drafts" || role === "scheduled" || role === "snoozed";
  const count = waiting ? box.totalThreads : role === null || role === "inbox" || role === "junk" ? box.unreadThreads : 0;
  if (!count) return null;
  return <span class={`count${waiting || role === "junk" ? "" : " unread"}`}>{count}<span class="vh"> {waiting ? t("waiting") : t("unread")}</span></span>;
}

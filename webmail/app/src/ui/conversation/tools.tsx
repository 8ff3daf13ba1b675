/** What can be done with one message: the buttons in its header, and its menu. */
import { app } from "../../app";
import { command, run } from "../../commands/registry";
import { withMessage } from "../../commands/target";
import { t } from "../../i18n";
import type { Act, Email } from "../../jmap";
import { keyOf, type Place } from "../../model/letters";
import { nameOf } from "../../people";
import type { Reading } from "../../reading";
import { Icon } from "../icon";
import { Drop } from "../drop";
import { dark } from "../theme";
import { isHtml } from "./body";
import { hasBody } from "../../model/letters";
import { block, isLight, paint } from "./trust";

interface ToolsProps {
  email: Email;
  reading: Reading;
}

export function Tools({ email, reading }: ToolsProps) {
  const isDraft = email.keywords["$draft"] ?? false;
  return (
    <div class="tools">
      {!isDraft && <Doing id="reply" email={email} />}
      <Star email={email} reading={reading} />
      <More email={email} reading={reading} />
    </div>
  );
}

/** Acts on this message alone. */
function one(name: Act, email: Email, reading: Reading): () => void {
  return () => app.act({ act: name, threadIds: [reading.id], emailIds: [email.id] });
}

function Star({ email, reading }: ToolsProps) {
  const on = email.keywords["$flagged"] ?? false;
  return <button type="button" class={`tool star${on ? " on" : ""}`} aria-pressed={on} aria-label={t("Star")} title={t("Star")} onClick={one(on ? "unstar" : "star", email, reading)}><Icon name="star" /></button>;
}

/** The same in the menu, for phones, whose header has no room for it. */
function StarItem({ email, reading }: ToolsProps) {
  const on = email.keywords["$flagged"] ?? false;
  return <button type="button" class="only-phone" onClick={one(on ? "unstar" : "star", email, reading)}><Icon name="star" /> {on ? t("Remove star") : t("Star")}</button>;
}

/** A command of its own that is done to this message; nothing where there is no such command. */
function Doing({ id, email, words = false }: { id: string; email: Email; words?: boolean }) {
  const found = command(id);
  if (!found) return null;
  const title = found.title();
  return words
    ? <button type="button" onClick={() => withMessage(email, () => run(id))}><Icon name={found.icon ?? id} /> {title}</button>
    : <button type="button" class="tool" title={title} aria-label={title} onClick={() => withMessage(email, () => run(id))}><Icon name={found.icon ?? id} /></button>;
}

function More({ email, reading }: ToolsProps) {
  const place = reading.place.value;
  const key = keyOf(email.id);
  const isDraft = email.keywords["$draft"] ?? false;
  return (
    <Drop label={t("More for this message")} class="end">
      <StarItem email={email} reading={reading} />
      {!isDraft && <><span class="only-phone"><Doing id="reply" email={email} words /></span><Doing id="replyAll" email={email} words /><Doing id="forward" email={email} words /><Doing id="unread.from" email={email} words /></>}
      <Moving email={email} reading={reading} place={place} isDraft={isDraft} />
      <hr />
      <Looks email={email} reading={reading} />
      {email.why && <Doing id="why" email={email} words />}
      <a href={`/m/${key}/original`} target="_blank" rel="noopener"><Icon name="source" /> {t("Show original")}</a>
      <a href={`/m/${key}/message.eml`} download><Icon name="download" /> {t("Download .eml")}</a>
      <a href={`/m/${key}/print`} target="_blank" rel="noopener"><Icon name="print" /> {t("Print")}</a>
    </Drop>
  );
}

function Moving({ email, reading, place, isDraft }: ToolsProps & { place: Place; isDraft: boolean }) {
  const author = email.from?.[0];
  if (place === "trash") return <button type="button" onClick={one("restore", email, reading)}><Icon name="inbox" /> {t("Restore this message")}</button>;
  if (place === "spam") return <button type="button" onClick={one("notSpam", email, reading)}><Icon name="inbox" /> {t("This message is not spam")}</button>;
  return (
    <>
      <button type="button" onClick={one("trash", email, reading)}><Icon name="trash" /> {isDraft ? t("Discard this draft") : t("Trash this message")}</button>
      {!email.isOwn && <button type="button" onClick={one("spam", email, reading)}><Icon name="spam" /> {t("Report this message as spam")}</button>}
      {!email.isOwn && author?.email && <button type="button" onClick={() => void block(email)}><Icon name="close" /> <bdi>{t("Block {name}", { name: nameOf(author.name, author.email) })}</bdi></button>}
    </>
  );
}

/** How it is shown: in its own colours on a dark page, in letters of one width. */
function Looks({ email, reading }: ToolsProps) {
  const key = keyOf(email.id);
  const look = reading.looks.value.get(key) ?? {};
  if (!hasBody(email)) return null;
  if (!isHtml(email)) return <button type="button" onClick={() => reading.show(key, { isFixed: !look.isFixed })}><Icon name="source" /> {look.isFixed ? t("Letters of their own widths") : t("Letters of one width")}</button>;
  if (!dark.value) return null;
  const isOwn = look.theme ? look.theme === "light" : isLight(email);
  return <button type="button" onClick={() => void paint(reading, email, !isOwn)}><Icon name="sun" /> {isOwn ? t("Show in dark colours") : t("Show in its own colours")}</button>;
}

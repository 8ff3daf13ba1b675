/** An open conversation. */
import { useEffect, useRef } from "preact/hooks";
import { app } from "../../app";
import { hueOf } from "../../model/mailboxes";
import { t } from "../../i18n";
import type { Email, Id } from "../../jmap";
import { href, read, where } from "../../navigation";
import { clean } from "../../people";
import { Tool } from "../button";
import { Icon } from "../icon";
import { Bubble } from "./bubble";

const TOOLS = ["restore", "notSpam", "archive", "spam", "trash", "|", "unread", "snooze", "star", "label", "move", "mute", "more"];
const FOLDED = 4; // so many read messages in a row become one line

export function ConversationPane({ id }: { id: Id }) {
  const conversation = app.conversations.open(id, app.state.peek());
  const emails = conversation.emails.value;
  const heading = useRef<HTMLHeadingElement>(null);
  const row = app.list.value?.rows.value.find((one) => one.id === id);
  const subject = clean(emails?.[0]?.subject ?? row?.subject ?? "") || t("(no subject)");
  useEffect(() => {
    document.title = `${subject} · Mailsuite`;
    heading.current?.focus({ preventScroll: true });
  }, [id]);
  useEffect(() => {
    if (emails?.some((email) => !email.keywords["$seen"])) {
      const timer = setTimeout(() => app.act({ act: "read", threadIds: [id], emailIds: [] }), 500);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [id, emails !== null]);
  return (
    <section class="reading-pane" aria-labelledby="subject">
      <Bar />
      <article class="conversation">
        <header><h1 id="subject" ref={heading} tabIndex={-1}><bdi>{subject}</bdi></h1><Labels ids={row?.labels ?? []} thread={id} /></header>
        {conversation.trouble.value && !emails && (
          <div class="empty" role="alert">
            <p>{t("This conversation could not be loaded.")}</p>
            <button type="button" class="button" onClick={() => void app.conversations.refresh(id)}>{t("Try again")}</button>
          </div>
        )}
        {emails && !emails.length && <p class="empty">{t("This conversation is gone.")}</p>}
        {emails && <Messages emails={emails} />}
      </article>
    </section>
  );
}

function Bar() {
  const there = where.value;
  const origin = there.at === "conversation" ? there.origin : "/";
  const to = read(origin);
  return (
    <div class="bar" role="toolbar" aria-label={t("Actions")}>
      <a class="tool" href={to ? href(to) : "/"} data-command="back" title={t("Back to the list") + " (u)"} aria-label={t("Back to the list")}><Icon name="back" /></a>
      {TOOLS.map((id) => (id === "|" ? <span class="divider" /> : <Tool key={id} id={id} />))}
    </div>
  );
}

function Labels({ ids, thread }: { ids: readonly Id[]; thread: Id }) {
  return (
    <>
      {ids.flatMap((id) => app.mailboxes.label(id) ?? []).map(({ box, path }) => (
        <span key={box.id} class={`chip ${hueOf(box)}`}>
          <span>{clean(path)}</span>
          <button type="button" aria-label={t("Remove label {label}", { label: path })} onClick={() => app.act({ act: "removeLabel", threadIds: [thread], emailIds: [], mailboxId: box.id })}><Icon name="close" small /></button>
        </span>
      ))}
    </>
  );
}

/** Unread ones and the last are open, the rest folded; many folded ones in a row are one line until asked for. */
function Messages({ emails }: { emails: readonly Email[] }) {
  const opened = useRef(new Set(emails.filter((email, n) => n === emails.length - 1 || !email.keywords["$seen"]).map((email) => email.id)));
  const firstOpen = emails.findIndex((email) => opened.current.has(email.id));
  const older = firstOpen > FOLDED ? emails.slice(1, firstOpen - 1) : [];
  const inOlder = new Set(older.map((email) => email.id));
  return (
    <>
      {emails.map((email) => {
        if (email === older[0]) return <Older key="older" emails={older} />;
        return inOlder.has(email.id) ? null : <Bubble key={email.id} email={email} isOpen={opened.current.has(email.id)} />;
      })}
    </>
  );
}

function Older({ emails }: { emails: readonly Email[] }) {
  return (
    <details class="older">
      <summary>{t("{count, plural, one {# older message} other {# older messages}}", { count: emails.length })}</summary>
      {emails.map((email) => <Bubble key={email.id} email={email} isOpen={false} />)}
    </details>
  );
}

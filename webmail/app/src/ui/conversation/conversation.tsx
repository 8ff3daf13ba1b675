/** An open conversation. */
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { app } from "../../app";
import { focusOn } from "../../commands/moving";
import { goTo } from "../../commands/reading";
import { t } from "../../i18n";
import type { Id } from "../../jmap";
import type { Placed } from "../../model/arrange";
import { seenOf } from "../../model/effects";
import { single } from "../../model/conversations";
import { keyOf, type Place } from "../../model/letters";
import { go, where } from "../../navigation";
import { clean } from "../../people";
import { reading as current, Reading } from "../../reading";
import { Tool } from "../button";
import { isWritten, ReplyBox } from "../compose/reply_box";
import { Answer } from "./answer";
import { Bubble } from "./bubble";
import { Destination } from "./destination";
import { Bar, Labels } from "./header";
import { Answers, Aside, Change, Links, Older } from "./lines";
import { foreseeAfter } from "./prefetch";
import { useFirstView } from "./first-view";

const MOST_DRAWN = 60; // bodies in the page; of more only those near the screen

/** One came from a place whose messages are kept apart. */
function placeOfOrigin(): Place {
  const box = app.source.peek() && "mailboxId" in app.source.peek()! ? app.mailboxes.get((app.source.peek() as { mailboxId: Id }).mailboxId) : null;
  return box?.role === "junk" ? "spam" : box?.role === "trash" ? "trash" : "mail";
}

/** `only`: the one message of it that is shown, where the member wants no conversations. */
export function ConversationPane({ id, only }: { id: Id; only?: Id | undefined }) {
  const row = app.list.value?.rows.value.find((one) => one.id === (only ?? id));
  const reading = useMemo(() => {
    const whole = app.conversations.open(id, app.state.peek(), row && seenOf(row));
    return new Reading(only ? single(whole, only) : whole, placeOfOrigin());
  }, [id]);
  const heading = useRef<HTMLHeadingElement>(null);
  const pane = useRef<HTMLElement>(null);
  const emails = reading.emails.value;
  const subject = clean(emails?.[0]?.subject ?? row?.subject ?? "") || t("(no subject)");
  useLayoutEffect(() => {
    current.value = reading;
    heading.current?.focus({ preventScroll: true });
    app.focused.value = only ?? id;
    return () => leave(reading);
  }, [id]);
  useEffect(() => follow(reading), [reading.conversation.went.value]);
  useEffect(() => void (document.title = `${subject} · Mailsuite`), [subject]);
  useEffect(() => (emails ? foreseeAfter(id) : undefined), [id, !emails]);
  const isSettled = useMemo(() => settled(reading), [emails, reading, reading.place.value]);
  useFirstView(pane, reading, isSettled);
  return (
    <section class="reading-pane" aria-labelledby="subject" ref={pane}>
      <Bar id={id} />
      <article class="conversation" aria-busy={!emails}>
        <header>
          <h1 id="subject" ref={heading} tabIndex={-1} dir="auto"><bdi>{subject}</bdi></h1>
          <Labels reading={reading} />
          <span class="space" />
          <Tool id="print" />
        </header>
        <Links links={reading.conversation.links.value} />
        {!emails && <Waiting reading={reading} />}
        {emails && !emails.length && <p class="empty">{t("This conversation is gone.")}</p>}
        {emails && emails.length > 0 && <><Aside reading={reading} /><Messages reading={reading} /><ReplyBox threadId={id} emails={reading.here.value ?? []}><Answer reading={reading} /></ReplyBox></>}
      </article>
      <News reading={reading} />
      <Destination />
    </section>
  );
}

/** One that was merged into another while it was open goes on as that. */
function follow(reading: Reading): void {
  const there = where.peek();
  const went = reading.conversation.went.peek();
  if (went && there.at === "conversation" && there.id === reading.id) go({ ...there, id: went }, true);
}

/** What is open is decided as soon as the messages are known; where this place holds none, another one does. */
function settled(reading: Reading): boolean {
  const emails = reading.emails.value;
  if (emails?.length && !reading.in(reading.place.value)?.length) {
    const other = (["mail", "spam", "trash"] as const).find((place) => reading.in(place)?.length);
    if (other) queueMicrotask(() => reading.turn(other));
    return false;
  }
  return reading.shown.value !== null && reading.settle();
}

/** Back in the list, the focus is where it was: on the row, or on what took its place. */
function leave(reading: Reading): void {
  reading.isLeft = true;
  if (current.peek() === reading) current.value = null;
  queueMicrotask(() => reading.tell());
  if (where.peek().at !== "conversation") requestAnimationFrame(() => focusOn(app.focused.peek() ?? reading.id));
}

function Waiting({ reading }: { reading: Reading }) {
  if (!reading.conversation.trouble.value) return <p class="loading" role="status">{t("Loading …")}</p>;
  return (
    <div class="empty" role="alert">
      <p>{reading.conversation.trouble.value === "Unreachable" ? t("The server can't be reached just now.") : t("This conversation could not be loaded.")}</p>
      <button type="button" class="button" onClick={() => void app.conversations.refresh(reading.id)}>{t("Try again")}</button>
    </div>
  );
}

function Messages({ reading }: { reading: Reading }) {
  const shown = reading.shown.value ?? [];
  const runs = reading.folded.value;
  const isReversed = app.preferences.get("chronology") === "newest";
  const isCrowded = reading.opened.value.size > MOST_DRAWN;
  const inRun = new Map(runs.flatMap((run) => run.map((key) => [key, run] as const)));
  const order = isReversed ? [...shown].reverse() : shown;
  const drawn = new Set<readonly string[]>();
  return (
    <div class="messages">
      {order.map((one) => {
        const run = inRun.get(keyOf(one.email.id));
        if (!run) return <Message key={keyOf(one.email.id)} one={one} reading={reading} isCrowded={isCrowded} />;
        if (drawn.has(run)) return null;
        drawn.add(run);
        return <Older key={`run-${run[0]}`} run={run} reading={reading} />;
      })}
    </div>
  );
}

function Message({ one, reading, isCrowded }: { one: Placed; reading: Reading; isCrowded: boolean }) {
  if (isWritten(one.email)) return null;
  return (
    <>
      {one.lines.map((line) => <Change line={line} />)}
      {one.answers && <Answers to={one.answers} reading={reading} />}
      <Bubble email={one.email} copies={one.copies} reading={reading} isCrowded={isCrowded} />
    </>
  );
}

/** Came in while it was read; nothing moves by itself. */
function News({ reading }: { reading: Reading }) {
  const [first] = reading.fresh.value;
  return (
    <div class="news" role="status">
      {first && <button type="button" class="button small" onClick={() => goTo(reading, first)}>{t("{count, plural, one {# new message} other {# new messages}}", { count: reading.fresh.value.size })}</button>}
    </div>
  );
}

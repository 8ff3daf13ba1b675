/** An invitation as a card that is answered in place (F64). */
import { useSignal } from "@preact/signals";
import { app } from "../../app";
import { long } from "../../dates";
import { locale, t } from "../../i18n";
import type { Email, Event, EventAnswer, EventTimes } from "../../jmap";
import { clean, nameOf } from "../../people";

const ANSWERS: readonly { answer: EventAnswer; name: () => string }[] = [
  { answer: "yes", name: () => t("Yes") },
  { answer: "maybe", name: () => t("Maybe") },
  { answer: "no", name: () => t("No") },
];

export function EventCard({ email, event }: { email: Email; event: Event }) {
  const over = event.isCancelled || event.isReplaced;
  const at = event.startAt ?? event.start;
  const day = at ? new Date(event.isAllDay && event.start ? `${event.start.slice(0, 10)}T12:00:00Z` : at) : null;
  const part = (options: Intl.DateTimeFormatOptions): string => (day ? new Intl.DateTimeFormat(locale(), options).format(day) : "");
  return (
    <section class={`event${over ? " over" : ""}`} aria-label={t("Event")}>
      <p class="leaf" aria-hidden="true"><span>{part({ month: "short" })}</span><b>{part({ day: "numeric" })}</b></p>
      <div>
        <h3><bdi>{clean(event.title) || t("(no title)")}</bdi></h3>
        <p class={over ? "gone" : ""}>{when(event)}</p>
        {event.replaces && <p class="muted">{t("It was: {when}", { when: when(event.replaces) })}</p>}
        {event.where && <p><bdi>{clean(event.where)}</bdi></p>}
        {event.organiser && <p class="muted"><bdi>{t("{name} invites", { name: nameOf(event.organiser.name, event.organiser.email) })}</bdi>{event.attendees.length > 0 && <> · {t("{count, plural, one {# guest} other {# guests}}", { count: event.attendees.length })}</>}</p>}
        {event.repeats && <p class="muted">{t("It repeats.")}</p>}
        <Standing email={email} event={event} />
      </div>
    </section>
  );
}

function Standing({ email, event }: { email: Email; event: Event }) {
  const said = useSignal(event.answer);
  const sending = useSignal(false);
  if (event.isCancelled) return <p class="gone-note">{t("Cancelled.")}</p>;
  if (event.isReplaced) return <p class="gone-note">{t("A newer message moves it.")}</p>;
  if (!event.canAnswer) return null;
  const answer = async (to: EventAnswer): Promise<void> => {
    const before = said.value;
    said.value = to;
    sending.value = true;
    const done = await app.jmap.call("Event/answer", { emailId: email.id, answer: to }).catch(() => null);
    sending.value = false;
    if (!done) said.value = before;
    app.say({ text: done ? t("Your answer is sent.") : t("The answer could not be sent. Try again.") });
  };
  return (
    <p class="answers" role="group" aria-label={t("Are you coming?")}>
      {ANSWERS.map((one) => (
        <button type="button" class={`button small${said.value === one.answer ? " primary" : ""}`} aria-pressed={said.value === one.answer} disabled={sending.value} onClick={() => void answer(one.answer)}>{one.name()}</button>
      ))}
    </p>
  );
}

/** When it is, in the member's own time; whole days and times that are the same on every clock as they are written. */
function when(event: EventTimes): string {
  const start = event.startAt ?? event.start;
  if (!start) return t("at no set time");
  if (event.isAllDay) return date(event.start ?? start);
  const end = event.endAt ?? event.end;
  const until = end ? time(end, !event.endAt) : "";
  const first = event.startAt ? long(new Date(event.startAt)) : `${date(event.start!)}, ${time(event.start!, true)}`;
  return until ? t("{start} to {end}", { start: first, end: until }) : first;
}

const date = (written: string): string => new Intl.DateTimeFormat(locale() === "en" ? "en-GB" : locale(), { dateStyle: "full", timeZone: "UTC" }).format(new Date(`${written.slice(0, 10)}T12:00:00Z`));
const time = (written: string, isFloating: boolean): string => (isFloating ? written.slice(11, 16) : long(new Date(written)).split(" ").at(-1)!);

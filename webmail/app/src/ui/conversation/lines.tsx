/** Lines between messages: who came and who went, what is answered, what is folded or lies elsewhere. */
import { app } from "../../app";
import { goTo } from "../../commands/reading";
import { middle } from "../../dates";
import { t } from "../../i18n";
import type { Email, EmailAddress, ThreadLink } from "../../jmap";
import type { Line } from "../../model/arrange";
import { keyOf, type Place } from "../../model/letters";
import { href, where } from "../../navigation";
import { clean } from "../../people";
import type { Reading } from "../../reading";
import { authorOf, short } from "./people";

const NAMES = 4;

const names = (people: readonly EmailAddress[]): string => people.slice(0, NAMES).map(short).join(", ");

export function Change({ line }: { line: Line }) {
  const values = { people: names(line.people), more: line.people.length - NAMES, count: line.people.length };
  const hasMore = line.people.length > NAMES;
  if (line.kind === "dropped") {
    const text = hasMore ? t("− {people} and {more} more are no longer addressed", values) : t("− {people} {count, plural, one {is} other {are}} no longer addressed", values);
    return <p class="line"><bdi>{text}</bdi></p>;
  }
  const by = short(line.by);
  const text = hasMore ? t("+ {people} and {more} more were added by {by}", { ...values, by }) : t("+ {people} {count, plural, one {was} other {were}} added by {by}", { ...values, by });
  return <p class="line"><bdi>{text}</bdi></p>;
}

/** What a message answers, where that is not the one above it. */
export function Answers({ to, reading }: { to: Email; reading: Reading }) {
  const go = (): void => {
    const key = keyOf(to.id);
    reading.folded.value = reading.folded.peek().filter((run) => !run.includes(key));
    requestAnimationFrame(() => goTo(reading, key));
  };
  return <p class="line"><button type="button" class="link-button" onClick={go}><bdi>{t("in reply to {name}, {date}", { name: authorOf(to), date: middle(new Date(to.receivedAt)) })}</bdi></button></p>;
}

/** "Continues from Budget", and there "Went on as New flat". */
export function Links({ links }: { links: readonly ThreadLink[] }) {
  const there = where.value;
  const origin = there.at === "conversation" ? there.origin : "/";
  return (
    <>
      {links.slice(0, 5).map((one) => (
        <p class="line" key={one.threadId}>
          {one.isBefore ? t("Continues from") : t("Went on as")} <a href={href({ at: "conversation", id: one.threadId, origin })}><bdi>{clean(one.subject) || t("(no subject)")}</bdi></a>
        </p>
      ))}
    </>
  );
}

/** Messages of the conversation that lie in another place. */
export function Aside({ reading }: { reading: Reading }) {
  const sentences: Record<Place, (count: number) => string> = {
    mail: (count) => t("{count, plural, one {# message} other {# messages}} of this conversation in All mail.", { count }),
    spam: (count) => t("{count, plural, one {# message} other {# messages}} of this conversation in Spam.", { count }),
    trash: (count) => t("{count, plural, one {# message} other {# messages}} of this conversation in Trash.", { count }),
  };
  const others = (Object.keys(sentences) as Place[]).filter((place) => place !== reading.place.value && reading.in(place)?.length);
  return (
    <>
      {others.map((place) => (
        <p class="line" key={place}>{sentences[place](reading.in(place)!.length)} <button type="button" class="link-button" onClick={() => turn(reading, place)}>{t("Show")}</button></p>
      ))}
    </>
  );
}

function turn(reading: Reading, place: Place): void {
  reading.turn(place);
  reading.settle();
  app.unselect();
}

/** Folded messages that one line stands for. */
export function Older({ run, reading }: { run: readonly string[]; reading: Reading }) {
  const isReversed = app.preferences.get("chronology") === "newest";
  return (
    <button type="button" class="older" onClick={() => reading.unfold(run[0]!)}>
      {isReversed ? t("{count, plural, one {# more message} other {# more messages}}", { count: run.length }) : t("{count, plural, one {# older message} other {# older messages}}", { count: run.length })}
    </button>
  );
}

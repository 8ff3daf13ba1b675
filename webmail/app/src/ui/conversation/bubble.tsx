/** A message of a conversation: folded to a line, or open with its body. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { app } from "../../app";
import { long, middle } from "../../dates";
import { t } from "../../i18n";
import type { Email } from "../../jmap";
import type { Placed } from "../../model/arrange";
import { hasBody, isInspected, keyOf } from "../../model/letters";
import { clean, hue, initials, nameOf } from "../../people";
import type { Reading } from "../../reading";
import { compose } from "../../compose/desk";
import { SendingNote } from "../compose/sending";
import { memo } from "../memo";
import { Icon } from "../icon";
import { Body } from "./body";
import { isDangerous, Notes, Veil, WarningBar } from "./cautions";
import { EventCard } from "./event";
import { Files } from "./files";
import { authorOf, People, toLine } from "./people";
import { Waiting } from "./waiting";
import { Tools } from "./tools";
import { useNear, useSeen } from "./watching";
import { WhyPanel } from "./why";

export interface BubbleProps {
  email: Email;
  copies: Placed["copies"];
  reading: Reading;
  /** So many messages are open that only those near the screen are drawn whole. */
  isCrowded: boolean;
}

export const Bubble = memo(function Bubble({ email, copies, reading, isCrowded }: BubbleProps) {
  const key = keyOf(email.id);
  const isOpen = useComputed(() => reading.opened.value.has(key)).value;
  const isFresh = useComputed(() => reading.fresh.value.has(key)).value;
  const chosen = useSignal(email.id);
  const shown = [email, ...copies].find((one) => one.id === chosen.value) ?? email;
  const article = useRef<HTMLElement>(null);
  const unread = [email, ...copies].some((one) => !one.keywords["$seen"]);
  const classes = ["message", isOpen && "is-open", unread && "unread", isFresh && "fresh"].filter(Boolean).join(" ");
  return (
    <article ref={article} class={classes} data-key={key} data-email={email.id} aria-labelledby={`name-${key}`} onFocusIn={() => (reading.current.value = key)}>
      <Header email={shown} isOpen={isOpen} unread={unread} reading={reading} />
      <SendingNote emailId={shown.id} />
      {isOpen && <Inside email={shown} copies={[email, ...copies]} choose={(id) => (chosen.value = id)} reading={reading} isCrowded={isCrowded} />}
    </article>
  );
});

function Header({ email, isOpen, unread, reading }: { email: Email; isOpen: boolean; unread: boolean; reading: Reading }) {
  const key = keyOf(email.id);
  const author = email.from?.[0] ?? { name: null, email: "" };
  const at = new Date(email.sentAt && email.isOwn ? email.sentAt : email.receivedAt);
  const toggle = (event: MouseEvent): void => {
    if (!(event.target as Element).closest("a, button, summary, .menu") || (event.target as Element).closest(".fold")) reading.toggle(key);
  };
  return (
    <header class="head" onClick={toggle}>
      <span class={`avatar ${hue(author.email)}`} aria-hidden="true">{initials(nameOf(author.name, author.email))}</span>
      <div class="who-when">
        <h2>
          <button type="button" class="fold" id={`name-${key}`} aria-expanded={isOpen}>
            {unread && <span class="vh">{t("Unread")}. </span>}
            {email.keywords["$draft"] && <span class="draft">{t("Draft")} </span>}
            <span class="name"><bdi>{authorOf(email)}</bdi></span>
            {isOpen && <span class="address"><bdi>{clean(author.email)}</bdi></span>}
            {!isOpen && <span class="fold-preview" dir="auto"><bdi>{clean(email.preview)}</bdi></span>}
          </button>
        </h2>
        {isOpen && <People email={email} />}
      </div>
      <div class="when">
        {!isOpen && email.hasAttachment && <><Icon name="clip" small /><span class="vh">{t("Attachment")}</span></>}
        {!isOpen && email.keywords["$flagged"] && <span class="mark"><Icon name="star" small /><span class="vh">{t("Starred")}</span></span>}
        <time dateTime={email.receivedAt} title={long(at)}>{middle(at)}</time>
        {isOpen && <Tools email={email} reading={reading} />}
      </div>
    </header>
  );
}

interface InsideProps extends Omit<BubbleProps, "copies"> {
  copies: readonly Email[];
  choose: (id: string) => void;
}

function Inside({ email, copies, choose, reading, isCrowded }: InsideProps) {
  const inside = useRef<HTMLDivElement>(null);
  const height = useSignal(0);
  const isNear = useNear(inside, isCrowded, height);
  useSeen(inside, copies, reading);
  return (
    <div ref={inside} class="inside" style={isNear ? {} : { blockSize: `${height.value || 200}px` }}>
      {isNear && <Content email={email} copies={copies} choose={choose} reading={reading} />}
    </div>
  );
}

function Content({ email, copies, choose, reading }: Omit<InsideProps, "isCrowded">) {
  useEffect(() => {
    if (hasBody(email)) void app.conversations.inspect(reading.id, [email.id]);
    else void app.conversations.read(reading.id, [email.id]);
  }, [hasBody(email), email.id]);
  const trust = reading.looks.value.get(keyOf(email.id))?.trust;
  const isVeiled = isDangerous(email) && trust !== "links";
  const title = t("Message from {name}, {date}", { name: authorOf(email), date: middle(new Date(email.receivedAt)) });
  const mayShow = !isVeiled || trust === "text";
  return (
    <>
      {copies.length > 1 && <Copies copies={copies} shown={email} choose={choose} />}
      <Waiting email={email} />
      <WarningBar email={email} reading={reading} />
      {isVeiled && <Veil email={email} reading={reading} />}
      <Notes email={email} reading={reading} />
      <WhyPanel email={email} reading={reading} />
      {email.event && <EventCard key={email.id} email={email} event={email.event} />}
      {!isInspected(email) && hasBody(email) && <p class="muted coming" role="status">{t("Loading …")}</p>}
      {(isInspected(email) || !hasBody(email)) && mayShow && <Body key={email.id} email={email} title={title} reading={reading} />}
      <Files email={email} />
      {email.keywords["$draft"] && <p><button type="button" class="button small" onClick={() => void compose({ kind: "draft", emailId: email.id })}><Icon name="compose" small /> {t("Go on writing")}</button></p>}
    </>
  );
}

/** A message that came by two ways, as through a list and directly. */
function Copies({ copies, shown, choose }: { copies: readonly Email[]; shown: Email; choose: (id: string) => void }) {
  return (
    <details class="copies">
      <summary>{t("{count} copies", { count: copies.length })}</summary>
      <ul>{copies.map((one) => <li><button type="button" class="link-button" aria-pressed={one === shown} onClick={() => choose(one.id)}>{long(new Date(one.receivedAt))}, {toLine(one)}</button></li>)}</ul>
    </details>
  );
}

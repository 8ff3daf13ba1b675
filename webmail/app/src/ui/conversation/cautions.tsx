/** Beside a message what the member should know before reading it: warnings, trackers, images that wait, a list to leave. */
import { middle } from "../../dates";
import { t } from "../../i18n";
import type { Email, EmailWarning } from "../../jmap";
import { keyOf } from "../../model/letters";
import { clean } from "../../people";
import type { Reading } from "../../reading";
import { Icon } from "../icon";
import { alwaysImages, isFine, leave } from "./trust";

interface PartProps {
  email: Email;
  reading: Reading;
}

const ORDER = ["note", "caution", "danger"];
const ASKS: Record<string, () => string> = {
  money: () => t("it speaks of money"),
  urgent: () => t("it presses you"),
  file: () => t("it brings a file that can run programs"),
  link: () => t("a link does not lead where it says"),
  reply: () => t("answers go to another address"),
};
const SAID: Record<string, (v: Record<string, string>) => string> = {
  P1: (v) => t("{name} is a name here, but this is from {address}. The {name} you know writes from {known}.", v),
  P2: (v) => t("The name says {named}. The real sender is {address}.", v),
  P3: (v) => t("Someone outside is using an address of {domain}. It was not sent through us.", v),
  P4: (v) => t("{domain} looks like {known}, but it is not.", v),
  P5: (v) => t("The sender's domain is written in unusual letters: {shown} is {domain}.", v),
  P6: (v) => t("First message from this person, and {ask}.", { ...v, ask: ASKS[v["ask"] ?? ""]?.() ?? "" }),
  P7: () => t("First message from this address."),
  P8: (v) => t("A link says {said} and goes to {goes}.", v),
  P9: (v) => t("{file} can run programs.", v),
  P10: (v) => t("Mail from {domain} is usually signed by it. This one is not.", v),
  P11: (v) => t("A new address for {name}. Ask them another way.", v),
  P12: (v) => t("Your answer goes to {address}.", v),
};

/** A warning in the member's language; a kind that is newer than the application in English. */
export function sentence(one: EmailWarning): string {
  const values = Object.fromEntries(Object.entries(one.values).map(([name, value]) => [name, clean(value).slice(0, 200)]));
  return SAID[one.code]?.(values) ?? clean(one.text);
}

/** The warnings of a message's header, the worst first: those of a file or of answers stand there. */
const ofHeader = (email: Email): EmailWarning[] =>
  (email.warnings ?? []).filter((one) => one.where === "header" || one.where === "link").sort((a, b) => ORDER.indexOf(b.level) - ORDER.indexOf(a.level));

export const isDangerous = (email: Email): boolean => ofHeader(email)[0]?.level === "danger";
export const warningsAt = (email: Email, where: EmailWarning["where"]): EmailWarning[] => (email.warnings ?? []).filter((one) => one.where === where);

/** At most one bar: the worst, and how many more there are. */
export function WarningBar({ email, reading }: PartProps) {
  const [worst, ...others] = ofHeader(email);
  if (!worst) return null;
  const kind = { note: "grey", caution: "warn", danger: "danger" }[worst.level];
  return (
    <div class={`note caution ${kind}`} role={worst.level === "note" ? undefined : "alert"}>
      <p><Icon name="info" small /> <span><bdi>{sentence(worst)}</bdi></span></p>
      {others.length > 0 && <details><summary>{t("and {count} more", { count: others.length })}</summary><ul>{others.map((one) => <li><bdi>{sentence(one)}</bdi></li>)}</ul></details>}
      {worst.level !== "note" && <button type="button" class="button small quiet" onClick={() => void isFine(reading, email, worst.code)}>{t("This is fine")}</button>}
    </div>
  );
}

/** In the place of a dangerous message's body: it is shown in two steps, first without its links. */
export function Veil({ email, reading }: PartProps) {
  const show = (trust: "text" | "links") => () => reading.show(keyOf(email.id), { trust });
  const isShown = reading.looks.value.get(keyOf(email.id))?.trust === "text";
  return (
    <p class="veil">
      {!isShown && <button type="button" class="button small" onClick={show("text")}>{t("Show without links")}</button>}
      {isShown && <button type="button" class="button small" onClick={show("links")}>{t("Show and enable links")}</button>}
    </p>
  );
}

/** Trackers that were kept out, images that wait, and the list that it came from. */
export function Notes({ email, reading }: PartProps) {
  return (
    <>
      <Trackers email={email} />
      <Images email={email} reading={reading} />
      <Leaving email={email} reading={reading} />
    </>
  );
}

function Trackers({ email }: { email: Email }) {
  const found = email.trackers ?? [];
  const count = found.reduce((sum, one) => sum + one.count, 0);
  if (!count) return null;
  const names = found.slice(0, 5).map((one) => clean(one.name)).join(", ");
  return <p class="aside shield"><Icon name="shield" small /> <span>{t("{count, plural, one {# tracker} other {# trackers}} blocked:", { count })} <bdi>{names}</bdi></span></p>;
}

function Images({ email, reading }: PartProps) {
  const { images = "none", count = 0 } = email.remote ?? {};
  const key = keyOf(email.id);
  if (reading.looks.value.get(key)?.images || (images !== "blocked" && images !== "off") || !count) return null;
  if (images === "off") return <p class="aside">{t("{count, plural, one {An image from the web is} other {# images from the web are}} not loaded here.", { count })}</p>;
  return (
    <p class="aside images">
      <span>{t("{count, plural, one {An image from the web was} other {# images from the web were}} not loaded: the sender does not learn that you read this.", { count })}</span>
      <button type="button" class="link-button" onClick={() => reading.show(key, { images: true })}>{t("Show images")} <kbd>i</kbd></button>
      <button type="button" class="link-button" onClick={() => void alwaysImages(reading, email)}>{t("Always for this sender")}</button>
    </p>
  );
}

function Leaving({ email, reading }: PartProps) {
  const found = email.unsubscribe;
  if (!found) return null;
  if (found.leftAt) return <p class="aside">{t("Unsubscribed {date}.", { date: middle(new Date(found.leftAt)) })}</p>;
  return <p class="aside"><span>{t("From a list.")}</span><button type="button" class="link-button" onClick={() => void leave(reading, email)}>{t("Unsubscribe")}</button></p>;
}

/** Who wrote to whom: a line, and behind it names, addresses, the date in full and what is known of the sender. */
import { app } from "../../app";
import { long } from "../../dates";
import { t } from "../../i18n";
import type { Email, EmailAddress } from "../../jmap";
import { clean, firstName, nameOf } from "../../people";
import { Icon } from "../icon";
import { Drop } from "../drop";
import { proof } from "./why";

const NAMES = 4; // in "to me, Ana, Bob and 12 others"

export const isMe = (one: EmailAddress): boolean => app.me.addresses.includes(one.email.toLowerCase());

/** What the author is called; who only says that it is me is not me. */
export const authorOf = (email: Email): string => {
  const author = email.from?.[0] ?? { name: null, email: "" };
  return email.isOwn && isMe(author) ? t("me") : nameOf(author.name, author.email);
};

export const short = (one: EmailAddress): string => (isMe(one) ? t("me") : firstName(nameOf(one.name, one.email)));

export function toLine(email: Email): string {
  const names = [...(email.to ?? []), ...(email.cc ?? []), ...(email.bcc ?? [])].map(short);
  if (!names.length) return t("to nobody in sight");
  if (names.length <= NAMES) return t("to {people}", { people: names.join(", ") });
  return t("to {people} and {count} others", { people: names.slice(0, NAMES - 1).join(", "), count: names.length - NAMES + 1 });
}

export function People({ email }: { email: Email }) {
  const rows: [string, readonly EmailAddress[] | null | undefined][] = [
    [t("From"), email.from], [t("Sender"), email.sender], [t("Reply to"), email.replyTo], [t("To"), email.to], [t("Cc"), email.cc], [t("Bcc"), email.bcc],
  ];
  return (
    <Drop label={t("Details")} class="people" face={<><span><bdi>{toLine(email)}</bdi></span><Icon name="down" small /></>}>
      <dl>
        {rows.map(([name, people]) => people && people.length > 0 && (
          <>
            <dt>{name}</dt>
            <dd>{people.slice(0, 200).map((one) => <span class="person"><bdi>{clean(one.name ?? "")}</bdi> <bdi class="muted">{clean(one.email)}</bdi></span>)}</dd>
          </>
        ))}
        <dt>{t("Date")}</dt>
        <dd>{long(new Date(email.sentAt ?? email.receivedAt))}</dd>
        {email.why && proof(email.why) && <><dt>{t("Checks")}</dt><dd><bdi>{proof(email.why)}</bdi></dd></>}
        {email.subject && <><dt>{t("Subject")}</dt><dd><bdi>{clean(email.subject)}</bdi></dd></>}
      </dl>
    </Drop>
  );
}

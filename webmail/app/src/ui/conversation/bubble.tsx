/** A message of a conversation: folded to a line, or open with its body. */
import { useSignal } from "@preact/signals";
import { app } from "../../app";
import { long, middle } from "../../dates";
import { t } from "../../i18n";
import type { Email, EmailAddress } from "../../jmap";
import { clean, hue, initials, nameOf } from "../../people";
import { Icon } from "../icon";
import { Body } from "./body";

export function Bubble({ email, isOpen }: { email: Email; isOpen: boolean }) {
  const open = useSignal(isOpen);
  const author = email.from?.[0] ?? { name: null, email: "" };
  const isMe = app.me.addresses.includes(author.email.toLowerCase());
  const name = isMe ? t("me") : nameOf(author.name, author.email);
  const unread = !email.keywords["$seen"];
  const at = new Date(email.receivedAt);
  return (
    <details class={`message${unread ? " unread" : ""}`} open={open.value} onToggle={(event) => (open.value = event.currentTarget.open)} data-email={email.id}>
      <summary>
        <span class={`avatar ${hue(author.email)}`} aria-hidden="true">{initials(nameOf(author.name, author.email))}</span>
        <h2 class="from">
          {unread && <span class="vh">{t("Unread")}. </span>}
          {email.keywords["$draft"] && <span class="draft">{t("Draft")} </span>}
          <span class="name"><bdi>{name}</bdi></span>
          <span class="address"><bdi>{clean(author.email)}</bdi></span>
          <span class="fold-preview"><bdi>{clean(email.preview)}</bdi></span>
        </h2>
        <span class="when">
          {email.hasAttachment && <Icon name="clip" small />}
          {email.keywords["$flagged"] && <span class="mark"><Icon name="star" small /><span class="vh">{t("Starred")}</span></span>}
          <time dateTime={email.receivedAt} title={long(at)}>{middle(at)}</time>
        </span>
      </summary>
      {open.value && (
        <div class="inside">
          <p class="people">{t("to {people}", { people: people([...(email.to ?? []), ...(email.cc ?? [])]) })}</p>
          <Body email={email} title={t("Message from {name}, {date}", { name, date: middle(at) })} />
        </div>
      )}
    </details>
  );
}

function people(list: readonly EmailAddress[]): string {
  return list.map((one) => (app.me.addresses.includes(one.email.toLowerCase()) ? t("me") : nameOf(one.name, one.email))).join(", ") || t("nobody");
}

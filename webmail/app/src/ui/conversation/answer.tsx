/** At the end of a conversation: answer, and to whom. */
import { app } from "../../app";
import { command, run } from "../../commands/registry";
import { withMessage } from "../../commands/target";
import { t } from "../../i18n";
import type { Email, EmailAddress } from "../../jmap";
import { replyTarget } from "../../model/arrange";
import { nameOf } from "../../people";
import type { Reading } from "../../reading";
import { Icon } from "../icon";
import { sentence, warningsAt } from "./cautions";
import { isMe } from "./people";

export function Answer({ reading }: { reading: Reading }) {
  const emails = reading.here.value ?? [];
  const email = replyTarget(emails);
  if (!email || reading.place.value !== "mail" || !command("reply")) return null;
  const to = recipients(email);
  const everyone = distinct([...to, ...(email.to ?? []), ...(email.cc ?? [])]).filter((one) => !isMe(one));
  const does = (id: string) => () => withMessage(email, () => run(id));
  return (
    <section class="answer" aria-label={t("Answer")}>
      <span class={`avatar ${app.me.hue}`} aria-hidden="true">{app.me.initials}</span>
      <div>
        <button type="button" class="write" onClick={does("reply")}><Icon name="reply" small /> <bdi>{t("Reply to {names}", { names: to.map((one) => (isMe(one) ? t("me") : nameOf(one.name, one.email))).join(", ") || t("nobody") })}</bdi></button>
        <p class="others">
          {everyone.length > 1 && <button type="button" class="button small quiet" onClick={does("replyAll")}><Icon name="reply-all" small /> {t("Reply all ({count})", { count: everyone.length })}</button>}
          <button type="button" class="button small quiet" onClick={does("forward")}><Icon name="forward" small /> {t("Forward")}</button>
        </p>
        {warningsAt(email, "reply").map((one) => <p class="aside"><bdi>{sentence(one)}</bdi></p>)}
      </div>
    </section>
  );
}

/** Whom an answer goes to: where the author wants it, or with one's own message to whom it went. */
function recipients(email: Email): EmailAddress[] {
  if (email.isOwn) return email.to?.length ? [...email.to] : [...(email.from ?? [])];
  return [...(email.replyTo?.length ? email.replyTo : (email.from ?? []))];
}

const distinct = (people: readonly EmailAddress[]): EmailAddress[] => [...new Map(people.map((one) => [one.email.toLowerCase(), one])).values()];

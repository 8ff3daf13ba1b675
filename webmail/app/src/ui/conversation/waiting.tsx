/** Beside a message that waits in Scheduled: when it goes out, and what can be done about that. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { app } from "../../app";
import { compose } from "../../compose/desk";
import { choices, instant, readWall, wall, written, type Choice } from "../../compose/schedule";
import { coming, long, zoneName } from "../../dates";
import { t } from "../../i18n";
import type { Email, Id } from "../../jmap";
import { cancel, reschedule, type Outcome } from "../../model/submissions";
import { Drop } from "../drop";
import { Icon } from "../icon";

const LONGEST = 365 * 86_400_000; // milliseconds that the server keeps a letter for
const SOONEST = 60_000;
const NAMES: Record<Choice["name"], () => string> = { today: () => t("Later today"), tomorrow: () => t("Tomorrow"), monday: () => t("Monday") };

export function Waiting({ email }: { email: Email }) {
  const busy = useSignal(false);
  const scheduled = email.scheduled;
  if (!scheduled) return null;
  const at = new Date(scheduled.sendAt);
  const id = scheduled.submissionId;
  const once = (what: () => Promise<void>) => (): void => {
    if (busy.value) return;
    busy.value = true;
    void what().finally(() => (busy.value = false));
  };
  return (
    <p class="note waiting">
      <Icon name="scheduled" small />
      <span>{t("Goes out {when}", { when: coming(at) })} <time class="vh" dateTime={scheduled.sendAt}>{long(at)}</time></span>
      {id && (
        <span class="choices-in-line">
          <button type="button" class="link-button" onClick={once(() => edit(email, id))}>{t("Edit")}</button>
          <button type="button" class="link-button" onClick={once(() => leaveAt(email, id, null))}>{t("Send now")}</button>
          <Drop label={t("Change time")} face={t("Change time")}><Times email={email} id={id} /></Drop>
        </span>
      )}
    </p>
  );
}

function Times({ email, id }: { email: Email; id: Id }) {
  const input = useRef<HTMLInputElement>(null);
  const wrong = useSignal(false);
  const now = new Date();
  const zone = zoneName();
  const was = wall(new Date(email.scheduled!.sendAt), zone);
  const pick = (): void => {
    const shown = readWall(input.current!.value);
    const at = shown && instant(shown, zone);
    wrong.value = !at || at.getTime() < Date.now() + SOONEST || at.getTime() > Date.now() + LONGEST;
    if (at && !wrong.value) void leaveAt(email, id, at);
  };
  return (
    <>
      <p class="muted">{t("Send later ({zone})", { zone })}</p>
      {choices(now, zone).map((one) => <button key={one.name} type="button" onClick={() => void leaveAt(email, id, one.at)}>{NAMES[one.name]()} <span class="muted">{coming(one.at, now)}</span></button>)}
      <hr />
      <div class="another-time" onClick={(event) => event.stopPropagation()} onKeyDown={(event) => event.key !== "Escape" && event.stopPropagation()}>
        <label class="vh" for={`at-${id}`}>{t("Date and time")}</label>
        <input id={`at-${id}`} ref={input} type="datetime-local" min={written(wall(now, zone))} defaultValue={written(was)} aria-invalid={wrong.value} />
        <button type="button" class="button small" onClick={pick}>{t("Send then")}</button>
        {wrong.value && <p class="error" role="alert">{t("Choose a time that is still to come, within a year.")}</p>}
      </div>
    </>
  );
}

/** A draft again, and open. */
async function edit(email: Email, id: Id): Promise<void> {
  if (said(await cancel(app.jmap, id))) await compose({ kind: "draft", emailId: email.id });
}

async function leaveAt(email: Email, id: Id, at: Date | null): Promise<void> {
  if (!said(await reschedule(app.jmap, id, at))) return;
  app.say({ text: at ? t("Goes out {when}.", { when: coming(at) }) : t("Sent.") });
  void app.conversations.refresh(email.threadId);
}

/** Tell what went wrong; true where nothing did. */
function said(outcome: Outcome): boolean {
  if (outcome.is === "late") app.say({ text: t("It has left already.") });
  if (outcome.is === "away") app.say({ text: t("The server can't be reached. It will leave at its time.") });
  if (outcome.is === "refused") app.say({ text: t("That did not work: {reason}", { reason: outcome.reason }) });
  return outcome.is === "done";
}

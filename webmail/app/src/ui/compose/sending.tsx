/** What waits to leave: said at the bottom of the page, and beside its message. */
import { sending, sendNow, takeBack, tick, type Sending } from "../../compose/outbox";
import { middle } from "../../dates";
import { t } from "../../i18n";
import type { Id } from "../../jmap";

const left = (one: Sending): number => Math.max(0, Math.ceil((one.until - tick.value) / 1_000));

function words(one: Sending): string {
  if (one.isScheduled) return t("Will be sent {when}", { when: middle(new Date(one.until)) });
  return left(one) ? t("Sending in {seconds} s", { seconds: left(one) }) : t("Sent.");
}

function Choices({ one }: { one: Sending }) {
  if (!one.isScheduled && !left(one)) return null;
  return (
    <>
      <button type="button" onClick={() => void takeBack(one)}>{t("Undo")} <kbd>z</kbd></button>
      {!one.isScheduled && <button type="button" onClick={() => void sendNow(one)}>{t("Send now")}</button>}
    </>
  );
}

/** The last two: who sends three letters in ten seconds undoes them one by one. */
export function SendingToasts() {
  return (
    <>
      {sending.value.slice(-2).map((one) => (
        <div key={one.id} class="toast sending">
          <span class={one.isScheduled ? "" : "counting"}>{words(one)}</span>
          <Choices one={one} />
        </div>
      ))}
    </>
  );
}

/** Beside a message that has not left: nothing where it has. */
export function SendingNote({ emailId }: { emailId: Id }) {
  const one = sending.value.find((other) => other.emailId === emailId);
  if (!one || (!one.isScheduled && !left(one))) return null;
  return <p class="note sending-note"><span>{words(one)}</span> <Choices one={one} /></p>;
}

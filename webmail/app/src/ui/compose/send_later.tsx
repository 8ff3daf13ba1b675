/** What the menu beside Send holds: times of day to send at, in words and with their zone. */
import { useRef } from "preact/hooks";
import { choices, instant, readWall, wall, written, type Choice } from "../../compose/schedule";
import { middle, zoneName } from "../../dates";
import { t } from "../../i18n";
import { sendIt } from "./desk";
import type { Writing } from "./writing";

const LONGEST = 365 * 86_400_000; // milliseconds that the server keeps a letter for
const NAMES: Record<Choice["name"], () => string> = { today: () => t("Later today"), tomorrow: () => t("Tomorrow"), monday: () => t("Monday") };

export function SendLater({ writing }: { writing: Writing }) {
  const now = new Date();
  const zone = zoneName();
  const input = useRef<HTMLInputElement>(null);
  const later = (at: Date): void => void sendIt(writing, { at });
  const pick = (): void => {
    const shown = readWall(input.current!.value);
    const at = shown && instant(shown, zone);
    if (at && at.getTime() > Date.now() + 60_000 && at.getTime() < Date.now() + LONGEST) later(at);
    else writing.say({ kind: "error", text: t("Choose a time that is still to come, within a year."), choices: [] });
  };
  return (
    <>
      <p>{t("Send later ({zone})", { zone })}</p>
      {choices(now, zone).map((one) => <button key={one.name} type="button" onClick={() => later(one.at)}><span>{NAMES[one.name]()}</span> <span class="muted">{middle(one.at, now)}</span></button>)}
      <hr />
      <div class="pick">
        <label class="vh" for={`${writing.letter.value.key}-at`}>{t("Date and time")}</label>
        <input id={`${writing.letter.value.key}-at`} ref={input} type="datetime-local" min={written(wall(now, zone))} defaultValue={written({ ...wall(new Date(now.getTime() + 86_400_000), zone), hour: 8, minute: 0 })} />
        <button type="button" class="button small" onClick={pick}>{t("Send then")}</button>
      </div>
    </>
  );
}

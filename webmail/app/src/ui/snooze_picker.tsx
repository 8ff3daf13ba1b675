/** Choose until when a conversation sleeps. */
import { useRef } from "preact/hooks";
import { act } from "../commands/mail";
import { long } from "../dates";
import { t } from "../i18n";
import { close } from "../overlay";
import { moments, type Moment } from "../snooze";
import { Dialog } from "./dialog";
import { Icon } from "./icon";

const TITLES: Record<Moment["id"], () => string> = {
  today: () => t("This evening"),
  tomorrow: () => t("Tomorrow morning"),
  weekend: () => t("At the weekend"),
  week: () => t("Next week"),
};

export function SnoozePicker() {
  const input = useRef<HTMLInputElement>(null);
  const until = (at: Date): void => {
    if (Number.isNaN(at.getTime())) return input.current?.reportValidity() as undefined;
    act("snooze", { until: at.toISOString().replace(/\.\d+Z$/, "Z") });
    close();
  };
  return (
    <Dialog label={t("Snooze")} kind="picker snooze" onClose={close}>
      <h2>{t("Snooze until")}</h2>
      <div role="menu" onKeyDown={step}>
        {moments(new Date()).map(({ id, at }) => (
          <button key={id} type="button" role="menuitem" onClick={() => until(at)}><Icon name="clock" /><span>{TITLES[id]()}</span><time>{long(at)}</time></button>
        ))}
      </div>
      <form onSubmit={(event) => (event.preventDefault(), until(new Date(input.current!.value)))}>
        <label>{t("Another time")} <input ref={input} type="datetime-local" required min={local(new Date())} /></label>
        <button class="button primary">{t("Snooze")}</button>
      </form>
    </Dialog>
  );
}

/** As an input of date and time writes it. */
const local = (at: Date): string => new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

function step(event: KeyboardEvent): void {
  const items = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=menuitem]")];
  const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (!by) return;
  event.preventDefault();
  items.at((items.indexOf(document.activeElement as HTMLElement) + by) % items.length)?.focus();
}

/** Takes a key for a command: what is pressed, one key or two after one another, and a word where it is taken already. */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { app } from "../app";
import { command as commandOf } from "../commands/registry";
import { t } from "../i18n";
import { PATIENCE, written } from "../keys/dispatcher";
import { given, inTheWay, reset, taken, type Keyboard } from "../keys/remap";
import { Key } from "./key";

const ALONE = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock", "Dead", "Process", "Unidentified", "AltGraph"]);

export function Recorder({ command, onDone }: { command: string; onDone: () => void }) {
  const pressed = useSignal("");
  const isWhole = useSignal(false);
  const timer = useRef(0);
  const place = useRef<HTMLButtonElement>(null);
  const own = app.preferences.get("customKeys");
  const conflicts = isWhole.value ? inTheWay(own, pressed.value, command) : [];
  const keep = (next: Keyboard): void => (void app.preferences.set("customKeys", { ...next }), onDone());
  useLayoutEffect(() => {
    place.current?.focus();
    return () => clearTimeout(timer.current);
  }, []);
  const end = (): void => {
    isWhole.value = true;
    if (!inTheWay(app.preferences.get("customKeys"), pressed.value, command).length) keep(given(app.preferences.get("customKeys"), pressed.value, command));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isWhole.value || event.key === "Tab" || ALONE.has(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return onDone();
    clearTimeout(timer.current);
    const key = written(event);
    if (pressed.value) (pressed.value = `${pressed.value} ${key}`), end();
    else (pressed.value = key), (timer.current = window.setTimeout(end, key.startsWith("Mod+") ? 0 : PATIENCE));
  };
  return (
    <span class="recorder">
      {!isWhole.value && <button type="button" class="recording" ref={place} onKeyDown={onKeyDown} onBlur={() => isWhole.value || pressed.value || onDone()}>{pressed.value ? <Key keys={pressed.value} /> : t("Press a key …")}</button>}
      {!pressed.value && <button type="button" class="link" onMouseDown={(event) => event.preventDefault()} onClick={() => keep(taken(own, command))}>{t("None")}</button>}
      {!pressed.value && <button type="button" class="link" onMouseDown={(event) => event.preventDefault()} onClick={() => keep(reset(own, command))}>{t("As usual")}</button>}
      {conflicts.length > 0 && (
        <span class="conflict" role="alert">
          <span>{conflicts.slice(0, 3).map((one) => <span key={one.key}><Key keys={one.key} /> {commandOf(one.command)?.title() ?? t("something else")}. </span>)}{conflicts.length > 3 && t("And {count} more.", { count: conflicts.length - 3 })}</span>
          <button type="button" class="link" autofocus onClick={() => keep(given(own, pressed.value, command))}>{t("Use it here")}</button>
          <button type="button" class="link" onClick={onDone}>{t("Cancel")}</button>
        </span>
      )}
    </span>
  );
}

/** A button beside a letter's text, and the keys that do the same. */
import { keyOf } from "../../keys/table";
import { Icon } from "../icon";

/** A press keeps the focus and the selection in the text. */
export function Press({ icon, label, act, isOn = false, extra = "" }: { icon: string; label: string; act: () => void; isOn?: boolean; extra?: string }) {
  return <button type="button" class={`tool ${isOn ? "pressed" : ""} ${extra}`} title={label} aria-label={label} aria-pressed={isOn} onMouseDown={(event) => event.preventDefault()} onClick={act}><Icon name={icon} /></button>;
}

/** As it is written on this machine's keys; empty where there is none. */
export const keyOfLetter = (name: string): string => keyOf(`letter.${name}`).replace("Mod", /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl");

/** The formats of a rich letter, as buttons. */
import { app } from "../../app";
import { t } from "../../i18n";
import { Icon } from "../icon";
import { COLORS } from "./formats";
import { Menu } from "./menu";
import { keyOfLetter, Press } from "./press";
import type { Writing } from "./writing";

const TOOLS: readonly [string, string, () => string][] = [
  ["bold", "B", () => t("Bold")], ["italic", "I", () => t("Italic")], ["underline", "U", () => t("Underline")], ["strike", "S", () => t("Strike through")],
];
const MORE: readonly [string, string, () => string][] = [
  ["bullets", "bullets", () => t("Bulleted list")], ["numbers", "numbers", () => t("Numbered list")], ["quote", "quote", () => t("Quote")], ["code", "code", () => t("Code")],
  ["outdent", "outdent", () => t("Indent less")], ["indent", "indent", () => t("Indent more")],
  ["left", "align-left", () => t("Align left")], ["center", "align-center", () => t("Centre")], ["right", "align-right", () => t("Align right")],
  ["link", "link", () => t("Link")], ["rule", "rule", () => t("Line")], ["clear", "clear", () => t("Remove formatting")],
];
const SIZE_NAMES: readonly [string, () => string][] = [["small", () => t("Small")], ["", () => t("Normal")], ["large", () => t("Large")], ["huge", () => t("Huge")]];

export function FormatBar({ writing }: { writing: Writing }) {
  const on = writing.formats.value;
  const run = (name: string) => () => void writing.editor.peek().run(name);
  const title = (name: string, label: string): string => (keyOfLetter(name) ? `${label} (${keyOfLetter(name)})` : label);
  const isRtl = document.dir === "rtl" || app.preferences.get("language") === "ar";
  return (
    <div class="formats" role="toolbar" aria-label={t("Formats")}>
      {TOOLS.map(([name, sign, label]) => <button key={name} type="button" class={`tool sign ${name}${on.has(name) ? " pressed" : ""}`} aria-pressed={on.has(name)} title={title(name, label())} aria-label={label()} onMouseDown={(event) => event.preventDefault()} onClick={run(name)}>{sign}</button>)}
      <Menu name={<Icon name="color" />} label={t("Colour")} class="colors">
        <div class="color-grid">{["", ...COLORS].map((name) => <button key={name} type="button" class={name && `color-${name} hue-${name}`} title={name || t("No colour")} aria-label={name || t("No colour")} onMouseDown={(event) => event.preventDefault()} onClick={run(`color.${name}`)}>{name ? "A" : "×"}</button>)}</div>
      </Menu>
      <Menu name={<span class="sign">T</span>} label={t("Size")}>
        {SIZE_NAMES.map(([name, label]) => <button key={name} type="button" class={name ? `size-${name}` : ""} onMouseDown={(event) => event.preventDefault()} onClick={run(`size.${name}`)}>{label()}</button>)}
      </Menu>
      {MORE.map(([name, icon, label]) => <Press key={name} icon={icon} label={title(name, label())} isOn={on.has(name)} act={run(name)} />)}
      <Press icon="direction" label={isRtl ? t("Left to right") : t("Right to left")} act={run(isRtl ? "ltr" : "rtl")} />
    </div>
  );
}

/** The bar below a letter: Send and its menu, formats, files, and what is seldom needed. */
import { useRef } from "preact/hooks";
import { app } from "../../app";
import { EMOJI } from "../../compose/emoji";
import { t } from "../../i18n";
import { keyOf } from "../../keys/table";
import { Icon } from "../icon";
import { discard, sendIt } from "./desk";
import { COLORS } from "./formats";
import { Menu } from "./menu";
import { Audience } from "./notices";
import { SendLater } from "./send_later";
import type { Writing } from "./writing";

export function Foot({ writing }: { writing: Writing }) {
  const letter = writing.letter.value;
  const isRich = writing.editor.value.isRich;
  const formats = writing.shown.value.has("formats");
  const label = letter.subject.trim() ? t("Send") : t("Send without subject");
  return (
    <footer class="letter-foot">
      {isRich && formats && <Formats writing={writing} />}
      <div class="letter-tools" role="toolbar" aria-label={t("Letter")}>
        <span class="split">
          <button type="button" class="button primary" disabled={writing.isSending.value} title={t("Send (Ctrl+Enter)")} onClick={() => void sendIt(writing)}>{writing.isSending.value ? t("Sending …") : label}</button>
          <SendLater writing={writing} />
        </span>
        <Audience writing={writing} />
        <span class="space" />
        {isRich && <Press icon="format" label={t("Formats")} isOn={formats} act={() => writing.show("formats", !formats)} />}
        <Attach writing={writing} />
        {isRich && <Press icon="link" label={t("Link (Ctrl+K)")} act={() => writing.editor.peek().run("link")} extra="only-wide" />}
        <Menu name={<Icon name="smile" />} label={t("Emoji")} class="end emoji only-wide">
          <div class="emoji-grid">{EMOJI.map(([name, sign]) => <button key={name} type="button" title={name} aria-label={name} onClick={() => (writing.editor.peek().insertText(sign), writing.editor.peek().focus())}>{sign}</button>)}</div>
        </Menu>
        <Others writing={writing} />
        <Press icon="trash" label={t("Discard draft")} act={() => void discard(writing)} />
      </div>
    </footer>
  );
}

/** A press keeps the focus and the selection in the text. */
function Press({ icon, label, act, isOn = false, extra = "" }: { icon: string; label: string; act: () => void; isOn?: boolean; extra?: string }) {
  return <button type="button" class={`tool ${isOn ? "pressed" : ""} ${extra}`} title={label} aria-label={label} aria-pressed={isOn} onMouseDown={(event) => event.preventDefault()} onClick={act}><Icon name={icon} /></button>;
}

function Attach({ writing }: { writing: Writing }) {
  const [file, camera] = [useRef<HTMLInputElement>(null), useRef<HTMLInputElement>(null)];
  const take = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    writing.files.add([...(input.files ?? [])], false);
    input.value = "";
  };
  return (
    <>
      <input ref={file} type="file" multiple hidden onChange={take} aria-label={t("Attach files")} />
      <Press icon="clip" label={t("Attach files")} act={() => file.current!.click()} />
      <input ref={camera} type="file" accept="image/*" capture="environment" hidden onChange={take} aria-label={t("Take a picture")} />
      <Press icon="camera" label={t("Take a picture")} act={() => camera.current!.click()} extra="only-touch" />
    </>
  );
}

function Others({ writing }: { writing: Writing }) {
  const isRich = writing.editor.value.isRich;
  const isMarkdown = localStorage.getItem("markdown") !== "off";
  const plain = async (): Promise<void> => {
    const { RichEditor } = await import("./rich_editor");
    writing.toggleRich((listener, look) => new RichEditor(listener, look));
  };
  return (
    <Menu name={<Icon name="more" />} label={t("More")} class="end">
      <button type="button" onClick={() => void plain()}>{isRich ? t("Plain text") : t("Rich text")}</button>
      {isRich && <button type="button" role="menuitemcheckbox" aria-checked={isMarkdown} onClick={() => localStorage.setItem("markdown", isMarkdown ? "off" : "on")}>{isMarkdown ? t("No Markdown while typing") : t("Markdown while typing")}</button>}
      {writing.place.value === "thread" && <button type="button" onClick={() => (writing.show("head"), (writing.place.value = "dock"))}>{t("In a window at the side")}</button>}
      {writing.place.value === "thread" && <button type="button" onClick={() => writing.show("head")}>{t("Change subject or From")}</button>}
      <button type="button" onClick={() => void writing.saver.save()}>{t("Save draft")} <kbd>{key("save")}</kbd></button>
      {writing.letter.value.parent && <button type="button" onClick={() => void sendIt(writing, { archive: true })}>{t("Send and archive")} <kbd>{key("sendArchive")}</kbd></button>}
    </Menu>
  );
}

const key = (name: string): string => keyOf(`letter.${name}`).replace("Mod", /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl");

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

function Formats({ writing }: { writing: Writing }) {
  const on = writing.formats.value;
  const run = (name: string) => () => void writing.editor.peek().run(name);
  const title = (name: string, label: string): string => (keyOf(`letter.${name}`) ? `${label} (${key(name)})` : label);
  const isRtl = document.dir === "rtl" || app.preferences.get("language") === "ar";
  return (
    <div class="formats" role="toolbar" aria-label={t("Formats")}>
      {TOOLS.map(([name, sign, label]) => <button key={name} type="button" class={`tool sign ${name}${on.has(name) ? " pressed" : ""}`} aria-pressed={on.has(name)} title={title(name, label())} aria-label={label()} onMouseDown={(event) => event.preventDefault()} onClick={run(name)}>{sign}</button>)}
      <Menu name={<Icon name="color" />} label={t("Colour")} class="colors">
        <div class="color-grid">{["", ...COLORS].map((name) => <button key={name} type="button" class={name ? `color-${name}` : ""} title={name || t("No colour")} aria-label={name || t("No colour")} onMouseDown={(event) => event.preventDefault()} onClick={run(`color.${name}`)}>{name ? "A" : "×"}</button>)}</div>
      </Menu>
      <Menu name={<span class="sign">T</span>} label={t("Size")}>
        {SIZE_NAMES.map(([name, label]) => <button key={name} type="button" class={name ? `size-${name}` : ""} onMouseDown={(event) => event.preventDefault()} onClick={run(`size.${name}`)}>{label()}</button>)}
      </Menu>
      {MORE.map(([name, icon, label]) => <Press key={name} icon={icon} label={title(name, label())} isOn={on.has(name)} act={run(name)} />)}
      <Press icon="direction" label={isRtl ? t("Left to right") : t("Right to left")} act={run(isRtl ? "ltr" : "rtl")} />
    </div>
  );
}


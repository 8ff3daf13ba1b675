/** The bar below a letter: Send and its menu, formats, files, and what is seldom needed. */
import { useRef } from "preact/hooks";
import { t } from "../../i18n";
import { Icon } from "../icon";
import { discard, sendIt } from "./desk";
import { Menu } from "./menu";
import { Audience } from "./notices";
import { lazy } from "./lazy";
import { Press } from "./press";
import type { Writing } from "./writing";

/** Parts that few letters need come when they are asked for. */
const Formats = lazy<{ writing: Writing }>(() => import("./later").then((found) => found.FormatBar));
const Emoji = lazy<{ writing: Writing }>(() => import("./later").then((found) => found.EmojiGrid));
const Others = lazy<{ writing: Writing }>(() => import("./later").then((found) => found.Others));
const Later = lazy<{ writing: Writing }>(() => import("./later").then((found) => found.SendLater));

export function Foot({ writing }: { writing: Writing }) {
  const letter = writing.letter.value;
  const isRich = writing.editor.value.isRich;
  const formats = writing.shown.value.has("formats");
  const label = letter.subject.trim() ? t("Send") : t("Send without subject");
  return (
    <div class="letter-foot">
      {isRich && formats && <Formats writing={writing} />}
      <div class="letter-tools" role="toolbar" aria-label={t("Letter")}>
        <span class="split">
          <button type="button" class="button primary" disabled={writing.isSending.value} title={t("Send (Ctrl+Enter)")} onClick={() => void sendIt(writing)}>{writing.isSending.value ? t("Sending …") : label}</button>
          <Menu name={<Icon name="down" small />} label={t("Send later")} class="later-menu"><Later writing={writing} /></Menu>
        </span>
        <Audience writing={writing} />
        <span class="space" />
        {isRich && <Press icon="format" label={t("Formats")} isOn={formats} act={() => writing.show("formats", !formats)} />}
        <Attach writing={writing} />
        {isRich && <Press icon="link" label={t("Link (Ctrl+K)")} act={() => writing.editor.peek().run("link")} extra="only-wide" />}
        <Menu name={<Icon name="smile" />} label={t("Emoji")} class="end emoji only-wide"><Emoji writing={writing} /></Menu>
        <Menu name={<Icon name="more" />} label={t("More")} class="end"><Others writing={writing} /></Menu>
        <Press icon="trash" label={t("Discard draft")} act={() => void discard(writing)} />
      </div>
    </div>
  );
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

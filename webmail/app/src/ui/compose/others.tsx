/** What is seldom done to a letter: the menu at the end of its bar. */
import { paragraphs } from "../../compose/paragraphs";
import { t } from "../../i18n";
import { sendIt } from "./desk";
import { keyOfLetter } from "./press";
import type { RichMaker, Writing } from "./writing";

/** To plain text or back; going back to rich text after nothing was typed brings the formats back. */
function toggle(writing: Writing, makeRich: RichMaker): void {
  const before = writing.editor.peek();
  const text = before.bodies().text;
  const content = before.isRich ? text : writing.richBefore?.text === text ? writing.richBefore.html : paragraphs(text);
  if (before.isRich) writing.richBefore = { text, html: before.content() };
  writing.editor.value = writing.edit({ ...writing.letter.peek(), isRich: !before.isRich }, makeRich);
  writing.editor.peek().setContent(content);
  before.destroy();
  writing.change({ isRich: !before.isRich });
  writing.editor.peek().focus();
}

export function Others({ writing }: { writing: Writing }) {
  const isRich = writing.editor.value.isRich;
  const isMarkdown = localStorage.getItem("markdown") !== "off";
  const plain = async (): Promise<void> => {
    const { RichEditor } = await import("./rich_editor");
    toggle(writing, (listener, look) => new RichEditor(listener, look));
  };
  return (
    <>
      <button type="button" onClick={() => void plain()}>{isRich ? t("Plain text") : t("Rich text")}</button>
      {isRich && <button type="button" role="menuitemcheckbox" aria-checked={isMarkdown} onClick={() => localStorage.setItem("markdown", isMarkdown ? "off" : "on")}>{isMarkdown ? t("No Markdown while typing") : t("Markdown while typing")}</button>}
      {writing.place.value === "thread" && <button type="button" onClick={() => (writing.show("head"), (writing.place.value = "dock"))}>{t("In a window at the side")}</button>}
      {writing.place.value === "thread" && <button type="button" onClick={() => writing.show("head")}>{t("Change subject or From")}</button>}
      <button type="button" onClick={() => void writing.saver.save()}>{t("Save draft")} <kbd>{keyOfLetter("save")}</kbd></button>
      {writing.letter.value.parent && <button type="button" onClick={() => void sendIt(writing, { archive: true })}>{t("Send and archive")} <kbd>{keyOfLetter("sendArchive")}</kbd></button>}
    </>
  );
}


/** Rows beside a letter that few see: what another device wrote, and where a link leads. */
import { useEffect, useRef } from "preact/hooks";
import { middle } from "../../dates";
import type { Letter } from "../../compose/letter";
import { paragraphs } from "../../compose/paragraphs";
import { textOf } from "../../compose/plain";
import { t } from "../../i18n";
import { draftLetter, fetchEmail } from "./begin";
import { discard } from "./desk";
import { fragment } from "./sanitiser";
import type { Writing } from "./writing";

export function Conflict({ writing }: { writing: Writing }) {
  const conflict = writing.saver.conflict.value;
  if (!conflict) return null;
  const { draft } = conflict;
  const take = async (): Promise<void> => {
    const email = draft && (await fetchEmail(draft.emailId, true));
    if (email) replace(writing, suited({ ...draftLetter(email, draft, writing.identities, null), parent: writing.letter.peek().parent }, writing.editor.peek().isRich));
  };
  return (
    <p class="note warn conflict" role="alert">
      <span>{draft ? t("Changed elsewhere, {when}.", { when: middle(new Date(draft.savedAt)) }) : t("It was sent or deleted elsewhere.")}</span>
      {draft && <button type="button" class="button small" onClick={() => void take()}>{t("Use that")}</button>}
      <button type="button" class="button small" onClick={() => void writing.saver.insist("mine")}>{t("Keep mine")}</button>
      {draft && <button type="button" class="button small" onClick={() => void writing.saver.insist("both")}>{t("Both")}</button>}
      {!draft && <button type="button" class="button small" onClick={() => void discard(writing)}>{t("Discard mine")}</button>}
    </p>
  );
}

/** Another version of it in its place: what another device wrote. */
function replace(writing: Writing, letter: Letter): void {
  writing.letter.value = { ...letter, key: writing.letter.peek().key };
  writing.editor.peek().setContent(letter.body);
  writing.saver.adopt();
}

/** For a rich editor or a plain one. */
function suited(letter: Letter, isRich: boolean): Letter {
  if (letter.isRich === isRich) return letter;
  return { ...letter, isRich, body: isRich ? paragraphs(letter.body) : textOf(fragment(letter.body)) };
}

export function LinkForm({ writing }: { writing: Writing }) {
  const asked = writing.link.value;
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => void (asked && (input.current!.focus(), input.current!.select())), [asked]);
  if (!asked) return null;
  const done = (href: string | null): void => {
    writing.link.value = null;
    if (href !== null) asked.done(href && completed(href));
    else writing.editor.peek().focus();
  };
  const wanted = /^\S+\.\S+$/.test(asked.selected) ? asked.selected : "";
  return (
    <form class="link-form" onSubmit={(event) => (event.preventDefault(), done(input.current!.value.trim()))}>
      <label for={`${writing.letter.value.key}-link`}>{t("Link to")}</label>
      <input id={`${writing.letter.value.key}-link`} ref={input} type="text" inputMode="url" autocomplete="off" spellcheck={false} dir="ltr" defaultValue={asked.href || wanted} placeholder="https://" />
      <button class="button small">{t("Apply")}</button>
      {asked.href && <button type="button" class="button small quiet" onClick={() => done("")}>{t("Remove link")}</button>}
      <button type="button" class="button small quiet" onClick={() => done(null)}>{t("Cancel")}</button>
    </form>
  );
}

/** "example.org" and "ana@example.org" are completed; what is no web, mail or telephone address leads nowhere. */
function completed(href: string): string {
  if (/^(https?|mailto|tel):/i.test(href)) return href;
  if (/^[^\s/@]+@[^\s/@]+$/.test(href)) return `mailto:${href}`;
  return /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(href) ? "" : `https://${href}`;
}

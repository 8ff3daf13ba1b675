/** What is asked and said beside a letter: never in its way, and once. */
import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { everyone } from "../../compose/letter";
import { middle } from "../../dates";
import { t } from "../../i18n";
import { draftLetter, fetchEmail } from "./begin";
import { discard } from "./desk";
import { people } from "./people";
import { isOutside } from "./recipients";
import { corrected } from "./sender";
import type { Notice, Writing } from "./writing";

export function Notices({ writing }: { writing: Writing }) {
  const hint = useHint(writing);
  const all: readonly Notice[] = writing.notices.value.length ? writing.notices.value : hint ? [hint] : [];
  return (
    <div class="letter-notices" aria-live="polite">
      {all.map((one) => (
        <p key={one.text} class={`note ${{ question: "warn", error: "danger", info: "" }[one.kind]}`}>
          <span>{one.text}</span>
          {one.choices.map((choice) => <button key={choice.label} type="button" class="button small" onClick={choice.act}>{choice.label}</button>)}
        </p>
      ))}
    </div>
  );
}

/** What is only said: another person of the same name, and many people. The guards come when the first person is there. */
function useHint(writing: Writing): Notice | null {
  const guards = useSignal<typeof import("../../compose/guards") | null>(null);
  const letter = writing.letter.value;
  const all = everyone(letter);
  useEffect(() => {
    if (all.length && !guards.peek()) void import("../../compose/guards").then((found) => (guards.value = found));
  }, [all.length > 0]);
  if (!guards.value) return null;
  for (const one of all) {
    const other = writing.asked.has(`name ${one.email}`) ? null : guards.value.otherOfName(one, people.known());
    if (!other) continue;
    const done = (): void => void (writing.asked.add(`name ${one.email}`), writing.say(null), (writing.letter.value = { ...writing.letter.peek() }));
    const change = { label: t("Change to {address}", { address: other.email }), act: () => (done(), corrected(writing, one.email, other.email)) };
    return { kind: "question", text: t("Not {address}?", { address: other.email }), choices: [change, { label: t("No, this one"), act: done }] };
  }
  return null;
}

/** Beside Send: how many it goes to, where that is worth a thought; and how many of them are outside. */
export function Audience({ writing }: { writing: Writing }) {
  const all = everyone(writing.letter.value);
  const outside = all.filter(isOutside);
  const parts = [
    all.length >= 12 && t("Goes to {count} people", { count: all.length }),
    outside.length > 0 && outside.length < all.length && all.length - outside.length > 1 && t("{count, plural, one {1 outside} other {# outside}}", { count: outside.length }),
  ].filter(Boolean);
  return parts.length ? <span class="audience">{parts.join(" · ")}</span> : null;
}

export function Conflict({ writing }: { writing: Writing }) {
  const conflict = writing.saver.conflict.value;
  if (!conflict) return null;
  const { draft } = conflict;
  const take = async (): Promise<void> => {
    const email = draft && (await fetchEmail(draft.emailId));
    if (email) writing.replace({ ...draftLetter(email, draft, writing.identities, null), parent: writing.letter.peek().parent });
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

/** What is asked and said beside a letter: never in its way, and once. */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { everyone } from "../../compose/letter";
import { t } from "../../i18n";
import { people } from "./people";
import { isOutside } from "./recipients";
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
    if (all.length && !guards.peek()) void import("./later").then((found) => (guards.value = found.guards), () => {});
  }, [all.length > 0]);
  if (!guards.value) return null;
  for (const one of all) {
    const other = writing.asked.has(`name ${one.email}`) ? null : guards.value.otherOfName(one, people.known());
    if (!other) continue;
    const done = (): void => void (writing.asked.add(`name ${one.email}`), writing.say(null), (writing.letter.value = { ...writing.letter.peek() }));
    const change = { label: t("Change to {address}", { address: other.email }), act: () => (done(), writing.correct(one.email, other.email)) };
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

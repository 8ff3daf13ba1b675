/** What is asked and said beside a letter: never in its way, and once. */
import { isAddress } from "../../compose/address_list";
import { everyone } from "../../compose/letter";
import { t } from "../../i18n";
import { lazy } from "./lazy";
import { isOutside } from "./recipients";
import type { Notice, Writing } from "./writing";

const Hints = lazy<{ writing: Writing }>(() => import("./later").then((found) => found.Hints));

export function Notices({ writing }: { writing: Writing }) {
  return (
    <div class="letter-notices" aria-live="polite">
      {writing.notices.value.map((one) => <Note key={one.text} one={one} />)}
      {!writing.notices.value.length && everyone(writing.letter.value).length > 0 && <Hints writing={writing} />}
    </div>
  );
}

export function Note({ one }: { one: Notice }) {
  return (
    <p class={`note ${{ question: "warn", error: "danger", info: "" }[one.kind]}`}>
      <span>{one.text}</span>
      {one.choices.map((choice) => <button key={choice.label} type="button" class="button small" onClick={choice.act}>{choice.label}</button>)}
    </p>
  );
}

/** Beside Send: how many it goes to, where that is worth a thought; and how many of them are outside. */
export function Audience({ writing }: { writing: Writing }) {
  const all = everyone(writing.letter.value).filter((one) => isAddress(one.email));
  const outside = all.filter(isOutside);
  const parts = [
    all.length >= 12 && t("Goes to {count} people", { count: all.length }),
    outside.length > 0 && outside.length < all.length && all.length - outside.length > 1 && t("{count, plural, one {1 outside} other {# outside}}", { count: outside.length }),
  ].filter(Boolean);
  return parts.length ? <span class="audience">{parts.join(" · ")}</span> : null;
}

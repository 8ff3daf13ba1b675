/** How a query was read: a chip for each thing that must hold, to be taken away or changed; and what may have been meant. */
import { t } from "../../i18n";
import { added } from "../../search/completion";
import { asData } from "../../search/tree";
import { describe } from "../../search/words";
import type { Chip } from "../../search/chips";
import { Icon } from "../icon";
import { called, type Said } from "./reading";
import { caret, draft, field, open } from "./state";

interface Use {
  query: string;
  chips: readonly Chip[];
  /** Goes on with another query: the draft's, or other results. */
  onQuery: (query: string) => void;
}

export function Chips({ query, chips, onQuery }: Use) {
  return (
    <div class="read-as">
      <ul aria-label={t("How it is read")}>
        {chips.map((chip, n) => {
          const what = describe(chip.node, called);
          return (
            <li key={n} class="chip hue-blue">
              <button type="button" class="chip-text" title={t("Change {what}", { what })} onClick={() => change(query, chip)}><bdi>{what}</bdi></button>
              <button type="button" class="chip-x" aria-label={t("Without {what}", { what })} onClick={() => onQuery(chip.query)}><Icon name="close" small /></button>
            </li>
          );
        })}
      </ul>
      <More query={query} chips={chips} onQuery={onQuery} />
    </div>
  );
}

/** The text of a chip, selected in the box. */
function change(query: string, chip: Chip): void {
  open(query);
  const [start, end] = chip.node.span;
  field()?.setSelectionRange(start, end);
  caret.value = end;
}

const ADDED: readonly [string, unknown, () => string][] = [
  ["has:attachment", { has: "attachment" }, () => t("has file")],
  ["is:unread", { is: "unread" }, () => t("unread")],
];

/** One click more, for what is asked most; not what is asked already. */
function More({ query, chips, onQuery }: Use) {
  const has = new Set(chips.map((chip) => JSON.stringify(asData(chip.node))));
  const left = ADDED.filter(([, data]) => !has.has(JSON.stringify(data)));
  if (!chips.length || !left.length) return null;
  return (
    <span class="add">
      <span aria-hidden="true">+</span>
      {left.map(([term, , title]) => <button key={term} type="button" aria-label={t("Add: {what}", { what: title() })} onClick={() => onQuery(added(query, term))}>{title()}</button>)}
    </span>
  );
}

/** Never silence: what was read otherwise than it may have been meant, and the better query in one click. */
export function Hints({ hints, onQuery }: { hints: readonly Said[]; onQuery: (query: string) => void }) {
  if (!hints.length) return null;
  return (
    <ul class="said" role="status">
      {hints.map((hint) => (
        <li key={hint.text}>
          {hint.text.split("**").map((part, n) => n % 2 === 0 ? <bdi>{part}</bdi> : hint.query ? <button type="button" class="better" onClick={() => onQuery(hint.query)}><bdi>{part}</bdi></button> : <b><bdi>{part}</bdi></b>)}
        </li>
      ))}
    </ul>
  );
}

/** In the box, going on typing. */
export const intoBox = (query: string): void => open(query === draft.value ? query : query && `${query.trimEnd()} `);

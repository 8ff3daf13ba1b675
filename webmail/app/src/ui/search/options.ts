/** What is offered below the search box, people and labels first (product.md 2.5), and what taking an offer does. */
import { computed } from "@preact/signals";
import { app } from "../../app";
import { openedAt } from "../../commands/moving";
import type { Row } from "../../model/effects";
import type { Label } from "../../model/mailboxes";
import { go } from "../../navigation";
import { asTerm, completed, operatorsOf, typedAt, valuesOf, type Typed } from "../../search/completion";
import { fold } from "../../search/fold";
import type { Person } from "../../search/people";
import { hits } from "./hits";
import { everyone } from "./reading";
import { recent, remember } from "./recent";
import { caret, close, draft, open, resultsHref, search } from "./state";

/** `accepted`: the query with it in place, for Tab; empty where there is nothing to go on typing after. `take`: for Enter. */
export type Option = { accepted: string; take: () => void } & (
  | { kind: "person"; person: Person }
  | { kind: "label"; label: Label }
  | { kind: "value"; term: string; value: string }
  | { kind: "recent"; query: string }
  | { kind: "mail"; row: Row }
);

const MOST = { people: 4, labels: 3, values: 8, operators: 2 };
const PEOPLE = "person";
const AUTHORS = ["from", "with"];

export const typed = computed(() => typedAt(draft.value, caret.value));

export const options = computed((): Option[] => {
  if (!draft.value.trim()) return recent(app.jmap.accountId).map((query) => ({ kind: "recent", query, accepted: `${query} `, take: () => search(query) }));
  const one = typed.value;
  return [...people(one), ...labels(one), ...values(one), ...hits.value.rows.map(mail)];
});

function people(one: Typed): Option[] {
  const isAsked = one.kind === PEOPLE;
  if (!isAsked && (one.operator || one.value.length < 2)) return [];
  const others = !isAsked || AUTHORS.includes(one.operator!) ? lately() : [];
  return everyone().find(one.value, isAsked ? 8 : MOST.people, others).map((person) => {
    const accepted = completed(draft.value, one, asTerm(isAsked ? one.operator! : "from", person.email));
    return { kind: "person", person, accepted, take: () => search(accepted) };
  });
}

/** Who wrote what the list shows: one may never have written to them. */
function lately(): Person[] {
  const writers = (app.list.peek()?.rows.peek() ?? []).flatMap((row) => row.writers);
  return writers.flatMap(({ name, email, isMe }) => (email && !isMe ? [{ name, email }] : []));
}

function labels(one: Typed): Option[] {
  const isAsked = one.kind === "label" || one.kind === "place";
  if (!isAsked && (one.operator || one.value.length < 2)) return [];
  const wanted = fold(one.value);
  const begins = (path: string): boolean => path.split(/[/\s-]/).some((_, n, words) => words.slice(n).join(" ").startsWith(wanted)) || path.startsWith(wanted);
  const found = app.mailboxes.labels.value.filter(({ path }) => begins(fold(path))).slice(0, isAsked ? 8 : MOST.labels);
  return found.map((label) => {
    const accepted = completed(draft.value, one, asTerm("label", label.path));
    const isAlone = draft.value.trim() === one.value;
    return { kind: "label", label, accepted, take: () => (isAlone ? leave(() => go({ at: "label", id: label.box.id })) : search(accepted)) };
  });
}

function values(one: Typed): Option[] {
  const found = one.operator
    ? valuesOf(one, MOST.values).map((value) => ({ term: asTerm(one.operator!, value), value }))
    : operatorsOf(one, MOST.operators).map((name) => ({ term: `${name}:`, value: "" }));
  return found.map(({ term, value }) => {
    const accepted = value ? completed(draft.value, one, term) : completed(draft.value, one, term).trimEnd();
    return { kind: "value", term, value, accepted, take: () => (value ? search(accepted) : open(accepted)) };
  });
}

function mail(row: Row): Option {
  const query = draft.value.trim();
  const show = (): void => (remember(app.jmap.accountId, query), go(openedAt(row, resultsHref(query))));
  return { kind: "mail", row, accepted: "", take: () => leave(show) };
}

function leave(then: () => void): void {
  close();
  document.querySelector<HTMLElement>("#q")?.blur();
  then();
}

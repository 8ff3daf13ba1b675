/** The draft as it is read: its tree, its chips, and what is to say about it. */
import { computed, signal } from "@preact/signals";
import { app } from "../../app";
import { better, chipsOf } from "../../search/chips";
import { parse, type Parsed } from "../../search/grammar";
import { noLabel, type Hint } from "../../search/hints";
import { labelsNamed, type World } from "../../search/matches";
import { People } from "../../search/people";
import { terms } from "../../search/tree";
import { zoneName } from "../../dates";
import { draft, shown } from "./state";

let people: People | null = null;
const loaded = signal(false); // who looks for people before they are there looks again

export function everyone(): People {
  people ??= new People(app.jmap);
  if (!loaded.value) void people.load().then((isThere) => (loaded.value = isThere));
  return people;
}

/** Nothing where an address belongs to nobody that is known. */
export const called = (email: string): string => everyone().nameOf(email);

export function world(): World {
  const labels = new Map(app.mailboxes.labels.peek().map(({ box, path }) => [box.id as string, path]));
  return { now: new Date(), zone: zoneName(), labels };
}

/** What is to say about a query, with the better one where there is one. */
export interface Said extends Hint {
  query: string;
}

export function said(parsed: Parsed): Said[] {
  const { labels } = world();
  const asked = terms(parsed.tree).filter(({ term }) => term.operator === "label").map(({ term }) => String(term.value));
  const unknown = asked.filter((name) => !labelsNamed(name, labels).length).map((name) => noLabel(name, labels.values()));
  return [...parsed.hints, ...unknown].map((hint) => ({ ...hint, query: better(parsed.text, hint) }));
}

export const parsed = computed(() => parse(draft.value));
export const chips = computed(() => chipsOf(parsed.value));
export const parsedShown = computed(() => parse(shown.value));

/** The operators of the search box and their values, as the server's reader knows them (written by `manage.py jmaptypes`). */
import data from "../data/search.json";

/** What a value is read as. */
export type Kind = "text" | "person" | "label" | "place" | "state" | "category" | "kind" | "date" | "span" | "age" | "size" | "id";

export interface Operator {
  /** The one that terms carry. */
  name: string;
  value: Kind;
}

type Table = Readonly<Record<string, string>>;
const map = (table: object): ReadonlyMap<string, string> => new Map(Object.entries(table as Table));

export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  Object.entries(data.operators).map(([typed, [name, value]]) => [typed, { name: name!, value: value as Kind }]),
);
export const LATER: ReadonlySet<string> = new Set(data.later);
/** Terms of these ask for words, and may stand at both sides of AROUND. */
export const TEXT: ReadonlySet<string> = new Set(data.text);
export const PLACES = map(data.places);
export const PLACES_LATER: ReadonlySet<string> = new Set(data.placesLater);

/** By kind of value: what can be written, what it means, and what is known but not answered yet. */
export const CHOICES: Partial<Record<Kind, { known: ReadonlyMap<string, string>; later: ReadonlySet<string> }>> = {
  state: { known: map(data.states), later: new Set(data.statesLater) },
  kind: { known: map(data.kinds), later: new Set(data.kindsLater) },
  category: { known: map(data.categories), later: new Set() },
};
export const WEEKDAYS: readonly string[] = data.weekdays;
export const LONGEST = data.limits.characters;
export const MOST_TERMS = data.limits.terms;
export const DEEPEST = data.limits.depth;
/** Letters of an unfinished word that are looked for already. */
export const SHORTEST = data.shortest;

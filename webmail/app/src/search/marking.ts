/** Where a text says what was searched for, as the index understands words (mailstore/search/marking.py). */
import { fold, runs } from "./fold";
import { terms, type Node } from "./tree";

export type Range = readonly [number, number];
export type Marker = (text: string) => Range[];

const PHRASES = 30;
const WORDS = 10; // of a phrase
const MOST = 50; // marks in a text
const LETTER = "[\\p{L}\\p{N}]";
const BETWEEN = "[^\\p{L}\\p{N}]";

const nothing: Marker = () => [];

/** Marks the words of a query's own texts; what must not be there is not marked. `operators`: whose words. */
export function markerOf(tree: Node, operators: readonly string[]): Marker {
  const asked = terms(tree).filter(({ term, negated }) => !negated && operators.includes(term.operator));
  const patterns = [...new Set(asked.map(({ term }) => pattern(String(term.value), term.prefix)))].filter(Boolean);
  if (!patterns.length) return nothing;
  const found = new RegExp(patterns.sort((a, b) => b.length - a.length).slice(0, PHRASES).join("|"), "gu");
  return (text) => ranges(text, found);
}

function ranges(text: string, pattern: RegExp): Range[] {
  const { folded, places } = located(text);
  const found: Range[] = [];
  for (const match of folded.matchAll(pattern)) {
    const [start, end] = [match.index, match.index + match[0].length];
    if (end > start) found.push(places ? [places[start]!, places[end]!] : [start, end]);
    if (found.length === MOST) break;
  }
  return found;
}

/** The text as it is compared, and for each of its places the one it came from; none where all kept theirs. */
function located(text: string): { folded: string; places: number[] | null } {
  const whole = fold(text);
  if (whole.length === text.length) return { folded: whole, places: null };
  const places: number[] = [];
  let folded = "";
  let at = 0;
  for (const letter of text) {
    const one = fold(letter);
    for (let n = 0; n < one.length; n++) places.push(at);
    folded += one;
    at += letter.length;
  }
  return { folded, places: [...places, at] };
}

/** Words of a script with blanks begin and end where the text's words do; of a script without, anywhere. */
function pattern(phrase: string, prefix: boolean): string {
  const words = runs(phrase.slice(0, 1_000)).slice(0, WORDS);
  return words
    .map(({ word, unspaced }, n) => {
      const joined = n === 0 || words[n - 1]!.unspaced;
      const between = n === 0 ? "" : unspaced || joined ? `${BETWEEN}*` : `${BETWEEN}+`;
      if (unspaced) return between + escaped(word);
      const before = joined && n > 0 ? "" : `(?<!${LETTER})`;
      const after = prefix && n === words.length - 1 ? `${LETTER}*` : `(?!${LETTER})`;
      return between + before + escaped(word) + after;
    })
    .join("");
}

const escaped = (word: string): string => word.replace(/[\\^$.*+?()[\]{}|/-]/gu, "\\$&");

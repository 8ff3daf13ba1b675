/** Text to words as the index knows them (mailstore/search/fold.py): folded, and pairs of characters where a script has no blanks. */
import data from "../data/search.json";

/** What Python counts as a blank; JavaScript's own \s differs by a few. */
export const BLANK = "\\u0009-\\u000d\\u001c-\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/** Without blanks at the ends. */
export const strip = (text: string): string => text.replace(ENDS, "");
const ENDS = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, "g");

const FOREIGN = /[^\x00-\x7f]+/g;
const PASSED_OVER = new RegExp(`[${data.passedOver}]`, "gu");
const ACCENTS = new RegExp(`[${data.accents}]+`, "gu");
const LETTERS = new Map(Object.entries(data.letters));
const SPECIAL = new RegExp(`[${[...LETTERS.keys()].join("")}]`, "gu");
const MARKS = /(\p{M}{8})\p{M}+/gu; // a long run of combining marks makes normalisation slow; no language stacks more
const WORD = /[\p{L}\p{N}](?:[\p{L}\p{N}]|\p{M})*/gu;
const UNSPACED_CHARACTER = new RegExp(`[${data.unspaced}]`, "u");
const UNSPACED_RUN = new RegExp(`([${data.unspaced}\\p{M}]*[${data.unspaced}][${data.unspaced}\\p{M}]*)`, "gu");

/** Compatibility forms, case and accents removed: `Résumé`, `ＲＥＳＵＭＥ` and `resume` become one. */
export function fold(text: string): string {
  return text.replace(FOREIGN, foldRun).toLowerCase();
}

function foldRun(run: string): string {
  const seen = run.replace(PASSED_OVER, "").replace(MARKS, "$1").normalize("NFKC").toLowerCase();
  const parts = seen.replaceAll("ß", "ss").normalize("NFKD").replaceAll("\u0345", "ι"); // as casefolding has them
  return parts.replace(ACCENTS, "").normalize("NFC").replace(SPECIAL, (letter) => LETTERS.get(letter)!);
}

/** A word of the text, and whether it is a run of a script without blanks. */
export interface Run {
  word: string;
  unspaced: boolean;
}

/** The folded words of a text in order. */
export function runs(text: string): Run[] {
  return (fold(text).match(WORD) ?? []).flatMap((word) => {
    if (!UNSPACED_CHARACTER.test(word)) return [{ word: cut(word), unspaced: false }];
    return word.split(UNSPACED_RUN).map((piece, n) => ({ word: n % 2 ? piece : cut(piece), unspaced: n % 2 === 1 })).filter((one) => one.word);
  });
}

const cut = (word: string): string => (word.length > data.longestToken ? [...word].slice(0, data.longestToken).join("") : word);

/** Every two neighbouring characters; with `toTheEnd` also the last one alone, so that each character begins a token. */
function pairs(run: string, toTheEnd: boolean): string[] {
  const letters = [...run];
  const found = letters.slice(1).map((letter, n) => letters[n]! + letter);
  return toTheEnd || !found.length ? [...found, letters.at(-1)!] : found;
}

/** What the index keeps of a text, in order. */
export function tokens(text: string): string[] {
  return runs(text).flatMap(({ word, unspaced }) => (unspaced ? pairs(word, true) : [word]));
}

/** The tokens to look for in order, and whether the last must match as a prefix (one character of an unspaced script). */
export function asked(text: string): { tokens: string[]; openEnd: boolean } {
  const pieces = runs(text);
  const found = pieces.flatMap(({ word, unspaced }, n) => (unspaced ? pairs(word, n < pieces.length - 1) : [word]));
  const last = pieces.at(-1);
  return { tokens: found, openEnd: last !== undefined && last.unspaced && [...last.word].length === 1 };
}

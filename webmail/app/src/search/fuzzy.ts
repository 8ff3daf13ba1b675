/** Which of many names is meant by a few letters: for the command palette. */
import { fold } from "./fold";

/** Higher is better; 0 is not at all. Beginnings of words count most, letters side by side more than scattered ones. */
export function score(typed: string, name: string): number {
  const [wanted, text] = [fold(typed).replace(/\s+/g, " ").trim(), fold(name)];
  if (!wanted) return 1;
  if (text.startsWith(wanted)) return 1_000 - text.length / 100;
  const word = new RegExp(`(?<![\\p{L}\\p{N}])${wanted.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")}`, "u").exec(text);
  if (word) return 800 - word.index / 10 - text.length / 100;
  const every = wanted.split(" ").every((one) => new RegExp(`(?<![\\p{L}\\p{N}])${one.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")}`, "u").test(text));
  if (every) return 600 - text.length / 100;
  if (text.includes(wanted)) return 400 - text.length / 100;
  return scattered(wanted.replaceAll(" ", ""), text);
}

/** The letters in order, each as near to the one before as can be. */
function scattered(wanted: string, text: string): number {
  let [at, gaps] = [-1, 0];
  for (const letter of wanted) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return 0;
    if (at >= 0) gaps += next - at - 1;
    at = next;
  }
  return gaps > wanted.length * 3 ? 0 : Math.max(1, 200 - gaps * 5 - text.length / 100);
}

/** Those that fit, the best first; what is equal keeps its order. */
export function ordered<T>(typed: string, all: readonly T[], name: (one: T) => string): T[] {
  const scored = all.map((one) => ({ one, points: score(typed, name(one)) })).filter(({ points }) => points > 0);
  return scored.sort((a, b) => b.points - a.points).map(({ one }) => one);
}

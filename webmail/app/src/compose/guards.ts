/** What a letter is asked about before it leaves (product.md 5.6), as webmail/guards.py does it, with the same tables. */
import attachedTable from "../data/attached.json";
import domainTable from "../data/mail-domains.json";
import noreplyTable from "../data/noreply.json";
import { folded, same } from "./address_list";
import type { Person } from "./letter";

const SHORT = 9; // characters of a domain, up to which one slip is as many as can be told from another domain
const LONGEST = 100;
const USED_MORE = 4; // times, by which another person of the name must be written to more

let pattern: RegExp | null = null;

function attachedWords(): RegExp {
  if (pattern) return pattern;
  const languages = Object.entries(attachedTable.words as Record<string, string[]>);
  const joins = new Set(attachedTable.withoutBlanks as string[]);
  const joined = languages.flatMap(([language, words]) => (joins.has(language) ? words : []));
  const divided = [...new Set(languages.flatMap(([language, words]) => (joins.has(language) ? [] : words)))].sort((a, b) => b.length - a.length);
  return (pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${divided.map(asPattern).join("|")})|${joined.join("|")}`, "iu"));
}

function asPattern(word: string): string {
  const words = word.replace(/\*$/, "").replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ /g, "\\s+");
  return words + (word.endsWith("*") ? "[\\p{L}\\p{N}_]{0,20}" : "(?![\\p{L}\\p{N}_])");
}

/** The words in it that say that a file goes along; "" where none do. `text` is the writer's own, without quotations. */
export function attached(text: string): string {
  return attachedWords().exec(text.slice(0, 200_000))?.[0] ?? "";
}

/** Is this an address that only sends? */
export function nobodyReads(email: string): boolean {
  const local = email.slice(0, Math.max(0, email.lastIndexOf("@"))).split("+")[0]!.toLowerCase().replace(/[.\-_]/g, "");
  return noreplyTable.exact.includes(local) || noreplyTable.containing.some((word) => local.includes(word));
}

/** The domain that was most likely meant; "" where this one is known, or like none. `also`: further known ones. */
export function meant(domain: string, also: readonly string[] = []): string {
  const asked = domain.toLowerCase().replace(/\.$/, "");
  const known = [...new Set([...domainTable.domains, ...also])].sort();
  if (known.includes(asked) || !/^[\x21-\x7e]*$/.test(asked) || asked.length < 4 || asked.length > LONGEST) return "";
  const most = asked.length <= SHORT ? 1 : 2;
  const near = known.map((one) => [distance(asked, one, most), one] as const).filter(([steps]) => steps <= most);
  return near.reduce<readonly [number, string]>((best, one) => (one[0] < best[0] ? one : best), [Infinity, ""])[1];
}

/** Letters to add, drop, change or swap with the next to make one word of the other; `most` + 1 where it is more. */
function distance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, n) => n);
  for (let i = 1; i <= one.length; i++) {
    const last = before;
    before = row;
    row = [i];
    for (let j = 1; j <= other.length; j++) {
      let cost = Math.min(before[j]! + 1, row[j - 1]! + 1, before[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) cost = Math.min(cost, last[j - 2]! + 1);
      row.push(cost);
    }
    if (Math.min(...row) > most) return most + 1;
  }
  return row.at(-1)!;
}

/** Somebody whom the member writes to, and how much. */
export interface Known extends Person {
  weight: number;
}

/** Another person of the same name who is written to far more: "Not ana.roth@…?" */
export function otherOfName(one: Person, known: readonly Known[]): Known | null {
  const name = folded(one.name);
  if (name.length < 3) return null;
  const own = known.find((other) => same(other.email) === same(one.email))?.weight ?? 0;
  const others = known.filter((other) => folded(other.name) === name && same(other.email) !== same(one.email));
  const best = others.reduce<Known | null>((most, other) => (!most || other.weight > most.weight ? other : most), null);
  return best && best.weight > Math.max(1, own * USED_MORE) ? best : null;
}

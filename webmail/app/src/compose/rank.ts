/** Whom a few letters mean, best first (product.md 5.7). Everything is in memory: a key is answered at once. */
import type { Suggestion, SuggestionCircle, SuggestionGetResponse, SuggestionMember } from "../jmap";
import { folded, same } from "./address_list";
import type { Person } from "./letter";

const TOP = 8;
const [FIRST, SURNAME, DOMAIN, INSIDE] = [6, 4, 2, 1] as const;
const [WRITTEN, HEARD, MEMBER, TOGETHER] = [5, 2, 3, 10] as const;

/** Somebody who can be suggested, with the folded words that are looked at. */
interface Entry extends Person {
  key: number;
  written: number;
  heard: number;
  isMember: boolean;
  words: { text: string; bonus: number }[];
  whole: string;
}

export interface Suggested extends Person {
  weight: number;
  isMember: boolean;
  isOften: boolean;
}

export class People {
  private byKey = new Map<number, Suggestion>();
  private circles: SuggestionCircle[] = [];
  private members: SuggestionMember[] = [];
  private entries: Entry[] = [];
  private halfLife = 1;
  private reference = 0;
  state: string | null = null;

  /** Put what the server says over what is known. */
  take(answer: SuggestionGetResponse): void {
    if (answer.isComplete) this.byKey.clear();
    for (const one of answer.people) this.byKey.set(one[0], one);
    for (const key of answer.removed) this.byKey.delete(key);
    this.circles = answer.circles ?? this.circles;
    this.members = answer.members ?? this.members;
    this.halfLife = answer.halfLife * 1_000;
    this.reference = Date.parse(answer.reference);
    this.state = answer.state;
    this.entries = this.joined();
  }

  /** Never again, until they are written to. */
  forget(email: string): void {
    this.entries = this.entries.filter((one) => same(one.email) !== same(email));
    for (const [key, one] of this.byKey) if (same(one[1]) === same(email)) this.byKey.delete(key);
  }

  /** Who matches all the words that are typed, in any order; with nothing typed, whom one writes to with those `chosen`. */
  find(typed: string, chosen: readonly Person[], now = Date.now()): Suggested[] {
    const asked = folded(typed).split(/\s+/).filter(Boolean);
    const taken = new Set(chosen.map((one) => same(one.email)));
    const share = this.together(taken);
    const decay = 2 ** (-(now - this.reference) / this.halfLife);
    const found: { entry: Entry; score: number }[] = [];
    for (const entry of this.entries) {
      if (taken.has(same(entry.email))) continue;
      const bonus = asked.length ? matched(entry, asked) : (share.get(entry.key) ?? 0);
      if (!bonus) continue;
      const score = (WRITTEN * entry.written + HEARD * entry.heard) * decay + (entry.isMember ? MEMBER : 0) + TOGETHER * (share.get(entry.key) ?? 0) + bonus;
      found.push({ entry, score });
    }
    found.sort((a, b) => b.score - a.score || (a.entry.email < b.entry.email ? -1 : 1));
    return found.slice(0, TOP).map(({ entry }) => this.suggested(entry, decay));
  }

  /** Everybody who is written to, with how much. */
  known(now = Date.now()): Suggested[] {
    const decay = 2 ** (-(now - this.reference) / this.halfLife);
    return this.entries.map((entry) => this.suggested(entry, decay));
  }

  nameOf(email: string): string {
    return this.entries.find((one) => same(one.email) === same(email))?.name ?? "";
  }

  private suggested(entry: Entry, decay: number): Suggested {
    const weight = entry.written * decay;
    return { name: entry.name, email: entry.email, weight, isMember: entry.isMember, isOften: weight >= 2 };
  }

  /** Of the mails to all who are chosen: the share that went to each other person too. */
  private together(taken: ReadonlySet<string>): Map<number, number> {
    const share = new Map<number, number>();
    const keys = this.entries.filter((one) => one.key && taken.has(same(one.email))).map((one) => one.key);
    if (!keys.length) return share;
    let all = 0;
    for (const [members, written] of this.circles) {
      if (!keys.every((key) => members.includes(key))) continue;
      all += written;
      for (const key of members) share.set(key, (share.get(key) ?? 0) + written);
    }
    const whole = Math.max(all, ...keys.map((key) => this.byKey.get(key)?.[3] ?? 0));
    for (const [key, sum] of share) share.set(key, whole ? Math.min(1, sum / whole) : 0);
    return share;
  }

  private joined(): Entry[] {
    const found = new Map<string, Entry>();
    for (const [key, email, name, written, heard] of this.byKey.values()) found.set(same(email), entryOf(key, name, email, written, heard));
    for (const { name, email } of this.members) {
      const known = found.get(same(email));
      if (known) known.isMember = true;
      else found.set(same(email), { ...entryOf(0, name, email, 0, 0), isMember: true });
    }
    return [...found.values()];
  }
}

function entryOf(key: number, name: string, email: string, written: number, heard: number): Entry {
  const at = email.lastIndexOf("@");
  const names = folded(name).split(/[\s,]+/).filter(Boolean);
  const local = folded(email.slice(0, at));
  const words = [
    ...names.map((text, n) => ({ text, bonus: n ? SURNAME : FIRST })),
    { text: local, bonus: FIRST },
    ...local.split(/[._-]+/).slice(1).map((text) => ({ text, bonus: SURNAME })),
    { text: folded(email.slice(at + 1)), bonus: DOMAIN },
    { text: folded(email), bonus: FIRST },
  ];
  return { key, name, email, written, heard, isMember: false, words, whole: `${folded(name)} ${folded(email)}` };
}

/** The bonus of the best match; 0 where a word matches nowhere. */
function matched(entry: Entry, asked: readonly string[]): number {
  let best = 0;
  for (const word of asked) {
    if (!entry.whole.includes(word)) return 0;
    let bonus: number = INSIDE;
    for (const one of entry.words) if (one.bonus > bonus && one.text.startsWith(word)) bonus = one.bonus;
    best = Math.max(best, bonus);
  }
  return best;
}

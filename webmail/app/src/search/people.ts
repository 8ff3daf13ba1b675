/** People whom the member writes to, to be found by the beginnings of their names and addresses. */
import type { SuggestionGetResponse } from "../jmap";
import type { Jmap } from "../jmap/client";
import { tokens } from "./fold";

export interface Person {
  name: string;
  email: string;
}

interface Known extends Person {
  words: readonly string[];
}

const knownBy = (one: Person): Known => ({ ...one, words: tokens(`${one.name} ${one.email}`) });
const MOST_MET = 2_000; // people whose words are kept

export class People {
  private known: readonly Known[] = [];
  private byEmail = new Map<string, Person>();
  private met = new Map<string, Known>(); // of the others, by name and address: to take words apart for every key would take too long
  private loading: Promise<boolean> | null = null;

  constructor(private jmap: Jmap) {}

  /** Asked once; where it fails, again the next time. Whether they are there. */
  load(): Promise<boolean> {
    return (this.loading ??= this.jmap.call("Suggestion/get", {}).then(
      (answer) => (this.take(answer), true),
      () => ((this.loading = null), false),
    ));
  }

  take({ people, members }: Pick<SuggestionGetResponse, "people" | "members">): void {
    const all = [...people.map(([, email, name]) => ({ name, email })), ...(members ?? [])];
    this.byEmail = new Map(all.reverse().map((one) => [one.email.toLowerCase(), one]));
    this.known = [...this.byEmail.values()].reverse().map(knownBy);
  }

  /** The most written to first, then of `others`: each word typed begins one of their names or a part of their address. */
  find(typed: string, most: number, others: readonly Person[] = []): Person[] {
    const wanted = tokens(typed);
    const fits = ({ words }: Known): boolean => wanted.every((one) => words.some((word) => word.startsWith(one)));
    const found = new Map<string, Person>();
    const consider = (one: Known): void => {
      if (fits(one) && !found.has(one.email.toLowerCase())) found.set(one.email.toLowerCase(), { name: one.name, email: one.email });
    };
    for (let n = 0; n < this.known.length && found.size < most; n++) consider(this.known[n]!);
    for (let n = 0; n < others.length && found.size < most; n++) consider(this.meet(others[n]!));
    return [...found.values()];
  }

  private meet(one: Person): Known {
    const key = `${one.name} ${one.email}`;
    const known = this.met.get(key) ?? knownBy(one);
    if (this.met.size >= MOST_MET) this.met.clear();
    this.met.set(key, known);
    return known;
  }

  nameOf(email: string): string {
    return this.byEmail.get(email.toLowerCase())?.name ?? "";
  }
}

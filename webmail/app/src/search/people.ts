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

export class People {
  private known: readonly Known[] = [];
  private byEmail = new Map<string, Person>();
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
    for (const one of [...this.known, ...others.map(knownBy)]) {
      if (found.size === most) break;
      if (fits(one) && !found.has(one.email.toLowerCase())) found.set(one.email.toLowerCase(), { name: one.name, email: one.email });
    }
    return [...found.values()];
  }

  nameOf(email: string): string {
    return this.byEmail.get(email.toLowerCase())?.name ?? "";
  }
}

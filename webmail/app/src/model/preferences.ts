/** What the member chose: the same on every device, kept by the server. */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { Preferences as Chosen } from "../jmap";
import type { Jmap } from "../jmap/client";

export class Preferences {
  private chosen;

  constructor(private jmap: Jmap, known: Chosen) {
    this.chosen = signal(known);
  }

  get all(): ReadonlySignal<Chosen> {
    return this.chosen;
  }

  get<K extends keyof Chosen>(name: K): Chosen[K] {
    return this.chosen.value[name];
  }

  /** Shown at once; the former value again where the server refuses it. */
  async set<K extends keyof Chosen>(name: K, value: Chosen[K]): Promise<void> {
    const before = this.chosen.value[name];
    this.chosen.value = { ...this.chosen.value, [name]: value };
    const answer = await this.jmap.call("Preferences/set", { update: { singleton: { [name]: value } } }).catch(() => null);
    if (!answer?.updated) this.chosen.value = { ...this.chosen.value, [name]: before };
  }
}

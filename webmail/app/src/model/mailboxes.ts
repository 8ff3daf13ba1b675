/** The account's mailboxes: places, states and the member's own labels, with their counts. */
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Id, Mailbox } from "../jmap";
import type { Jmap } from "../jmap/client";

/** A label as the sidebar shows it: its path's last part, and how deep it stands. */
export interface Label {
  box: Mailbox;
  path: string;
  depth: number;
}

/** The class of a label's colour. */
export const hueOf = (box: Mailbox): string => `hue-${(box as { color?: string }).color || "grey"}`;

export class Mailboxes {
  private boxes = signal<ReadonlyMap<Id, Mailbox>>(new Map());
  state = 0;
  readonly all: ReadonlySignal<readonly Mailbox[]> = computed(() => [...this.boxes.value.values()]);
  readonly labels: ReadonlySignal<readonly Label[]> = computed(() => labelsOf(this.boxes.value));

  constructor(private jmap: Jmap, boxes: readonly Mailbox[], state: number) {
    this.take(boxes, state);
  }

  take(boxes: readonly Mailbox[], state: number): void {
    this.boxes.value = new Map(boxes.map((box) => [box.id, box]));
    this.state = state;
  }

  get(id: Id): Mailbox | null {
    return this.boxes.value.get(id) ?? null;
  }

  byRole(role: string): Mailbox | null {
    return this.all.value.find((box) => box.role === role) ?? null;
  }

  label(id: Id): Label | null {
    return this.labels.value.find((one) => one.box.id === id) ?? null;
  }

  /** Make a label of this path, the labels above it included; its id. Throws an Error with a sentence where that is refused. */
  async create(path: string): Promise<Id> {
    let parentId: Id | null = null;
    for (const [n, name] of path.split("/").map((part) => part.trim()).entries()) {
      const known: Label | undefined = this.labels.peek().find((one) => one.path.toLowerCase() === path.split("/").slice(0, n + 1).join("/").toLowerCase());
      parentId = known?.box.id ?? (await this.createOne(name, parentId));
    }
    await this.catchUp();
    return parentId!;
  }

  private async createOne(name: string, parentId: Id | null): Promise<Id> {
    const answer = await this.jmap.call("Mailbox/set", { create: { new: { name, parentId } } });
    const made = answer.created?.["new"];
    if (!made?.id) throw new Error(answer.notCreated?.["new"]?.description ?? answer.notCreated?.["new"]?.type ?? "");
    return made.id;
  }

  async catchUp(): Promise<void> {
    const answer = await this.jmap.call("Mailbox/get", { ids: null });
    this.take(answer.list, Number(answer.state));
  }
}

/** In the order of their paths, as people sort. */
function labelsOf(boxes: ReadonlyMap<Id, Mailbox>): Label[] {
  const path = (box: Mailbox): string => {
    const above = box.parentId ? boxes.get(box.parentId) : undefined;
    return above ? `${path(above)}/${box.name}` : box.name;
  };
  const own = [...boxes.values()].filter((box) => !box.role).map((box) => ({ box, path: path(box) }));
  const sorted = own.sort((a, b) => a.path.localeCompare(b.path, undefined, { numeric: true, sensitivity: "base" }));
  return sorted.map((one) => ({ ...one, depth: Math.min(2, one.path.split("/").length - 1) }));
}

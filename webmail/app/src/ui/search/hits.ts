/** Conversations found while typing: those at hand at once, the server's as soon as they come; older answers are dropped. */
import { effect, signal } from "@preact/signals";
import { app } from "../../app";
import { byNewest, type Row } from "../../model/effects";
import { matches, type Candidate } from "../../search/matches";
import { EVERYTHING } from "../../search/tree";
import { parsed, world } from "./reading";
import { draft, opened } from "./state";

export interface Hits {
  query: string;
  rows: readonly Row[];
  /** Whether the server has answered; until then there may be more. */
  isSure: boolean;
}

const MOST = 6;
const PATIENCE = 120; // milliseconds without a key before the server is asked
const KEPT = 30; // answers

const NONE: Hits = { query: "", rows: [], isSure: true };
export const hits = signal<Hits>(NONE);
const answers = new Map<string, readonly Row[]>();
let timer = 0;
let answeredAt = -1;

/** From now on the draft is followed. */
export function follow(): void {
  effect(() => {
    const query = draft.value.trim();
    clearTimeout(timer);
    if (opened.value !== "found" || parsed.value.tree === EVERYTHING) return void (hits.value = NONE);
    if (hits.peek().query === query && hits.peek().isSure) return;
    const known = fresh(query);
    hits.value = known ? { query, rows: known, isSure: true } : { query, rows: atHand(), isSure: false };
    if (!known) timer = window.setTimeout(() => void ask(query), PATIENCE);
  });
}

async function ask(query: string): Promise<void> {
  const answer = await app.lists.glance(query, MOST).catch(() => null);
  if (answer) keep(query, answer.rows, answer.state);
  if (draft.peek().trim() !== query || opened.peek() !== "found") return; // another is asked for meanwhile
  hits.value = { query, rows: answer?.rows ?? hits.peek().rows, isSure: true };
}

/** Answers hold until the account's mail changes. */
function fresh(query: string): readonly Row[] | undefined {
  if (answeredAt !== app.state.peek()) answers.clear();
  return answers.get(query);
}

function keep(query: string, rows: readonly Row[], state: number): void {
  if (state !== answeredAt) answers.clear();
  answeredAt = state;
  answers.set(query, rows);
  if (answers.size > KEPT) answers.delete(answers.keys().next().value!);
}

function atHand(): Row[] {
  const [{ tree }, now] = [parsed.peek(), world()];
  const found = candidates().filter((one) => matches(tree, one, now) === "yes");
  return found.map((one) => one.row).sort(byNewest).slice(0, MOST);
}

/** Every conversation that is held here, once, with the places it was seen in. Rows of single messages are the server's to find. */
function candidates(): Candidate[] {
  const known = new Map<string, { row: Row; roles: Set<string>; isWhole: boolean }>();
  for (const { source, rows } of app.lists.held()) {
    const role = "mailboxId" in source ? (app.mailboxes.get(source.mailboxId)?.role ?? "label") : "";
    for (const row of rows) {
      if (row.emailId) continue;
      const one = known.get(row.id) ?? { row, roles: new Set<string>(), isWhole: !role || role === "all" };
      if (role) one.roles.add(role);
      known.set(row.id, one);
    }
  }
  for (const rows of answers.values()) for (const row of rows) if (!known.has(row.id) && !row.emailId) known.set(row.id, { row, roles: new Set(), isWhole: true });
  return [...known.values()];
}

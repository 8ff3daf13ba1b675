/** What the search box holds while it is used: text, caret, and how far it is opened. */
import { computed, signal } from "@preact/signals";
import { app } from "../../app";
import { go, href, read, where, type Where } from "../../navigation";
import type { Id } from "../../jmap";
import type { Marker } from "../../search/marking";
import type { Piece } from "../../search/snippet";
import { remember } from "./recent";

export const draft = signal("");
export const caret = signal(0);
/** What is below the box: nothing, what is found while typing, or the form with a field for each thing. */
export const opened = signal<"" | "found" | "form">("");
/** Of what is offered below the box, the one that Enter takes; -1: what is typed. */
export const active = signal(-1);

/** Find the words that were searched for, in what is shown of results; null where nothing is searched for. */
export interface Markers {
  subject: Marker;
  text: Marker;
}
export const markers = signal<Markers | null>(null);
/** The text around the words, where a row itself does not show them: by conversation. */
export const snippets = signal<ReadonlyMap<Id, readonly Piece[]>>(new Map());

/** The query whose results are shown, or that the open conversation was opened from. */
export const shown = computed(() => {
  const there = where.value;
  const list: Where | null = there.at === "conversation" ? read(there.origin) : there;
  return list?.at === "search" ? list.query : "";
});

export const field = (): HTMLInputElement | null => document.querySelector<HTMLInputElement>("#q");

/** Put this into the box and go on typing. */
export function open(query = draft.value, form = false): void {
  draft.value = query;
  caret.value = query.length;
  active.value = -1;
  opened.value = form ? "form" : "found";
  const box = field();
  if (!box) return;
  box.closest(".finder")!.classList.add("is-open"); // on a phone it is shown from now on, and only what is shown takes the focus
  box.value = query;
  box.focus();
  box.setSelectionRange(query.length, query.length);
}

/** Begin another search; what the last one was is there to go on with. */
export function begin(): void {
  open();
  field()?.select();
}

export function close(): void {
  opened.value = "";
  active.value = -1;
}

/** Show all results. */
export function search(query: string): void {
  const wanted = query.trim();
  close();
  field()?.blur();
  if (!wanted) return;
  draft.value = wanted;
  remember(app.jmap.accountId, wanted);
  go({ at: "search", query: wanted }, where.peek().at === "search" && shown.peek() === wanted);
}

/** The place that is shown, as a term. Empty where a search of everything is the same. */
export function here(): { term: string; boxId: string } | null {
  const source = app.source.value;
  if (!source || !("mailboxId" in source)) return null;
  const box = app.mailboxes.get(source.mailboxId);
  const label = box && app.mailboxes.label(box.id);
  if (label) return { term: /[\s(){}]/.test(label.path) ? `label:"${label.path}"` : `label:${label.path}`, boxId: box.id };
  const terms: Record<string, string> = { flagged: "in:starred", junk: "in:spam" };
  return box?.role && box.role !== "all" ? { term: terms[box.role] ?? `in:${box.role}`, boxId: box.id } : null;
}

/** Show what is found in the place that is shown. */
export function searchHere(): void {
  search([draft.value.trim(), here()?.term].filter(Boolean).join(" "));
}

export const resultsHref = (query: string): string => href({ at: "search", query });

/** Where a list leaves room for search: above results, below them, and in their texts. */
import { useEffect } from "preact/hooks";
import type { ThreadRow } from "../../jmap";
import type { List } from "../../model/lists";
import { clean } from "../../people";
import { Marked } from "./marked";
import { searching } from "./part";
import { markers, snippets } from "./state";

export function ResultsHead({ list }: { list: List }) {
  const part = searching.part.value;
  useEffect(searching.want, []);
  return part ? <part.Head list={list} /> : <div class="results-head" />;
}

export function ResultsFoot({ list }: { list: List }) {
  const part = searching.part.value;
  return part && <part.Foot list={list} />;
}

/** A row's subject with the words marked that were searched for. */
export function Subject({ text }: { text: string }) {
  return <Marked text={text} found={markers.value?.subject(text) ?? []} />;
}

/** The beginning of a row's text, or what stands around the words that were searched for. */
export function Preview({ row }: { row: ThreadRow }) {
  const text = clean(row.preview);
  const around = markers.value && snippets.value.get(row.id);
  if (!around) return <Marked text={text} found={markers.value?.text(text) ?? []} />;
  return <>{around.map((piece) => (piece.isMarked ? <mark>{cleaned(piece.text)}</mark> : cleaned(piece.text)))}</>;
}

/** Blanks at the ends of a piece divide it from the next. */
const cleaned = (text: string): string => `${/^\s/.test(text) ? " " : ""}${clean(text)}${/\s$/.test(text) ? " " : ""}`;

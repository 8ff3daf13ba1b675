/** A text with the words marked that were searched for. */
import type { Range } from "../../search/marking";

/** `found`: the places to mark, in order. */
export function Marked({ text, found }: { text: string; found: readonly Range[] }) {
  if (!found.length) return <>{text}</>;
  const pieces = found.flatMap(([start, end], n) => [text.slice(found[n - 1]?.[1] ?? 0, start), <mark>{text.slice(start, end)}</mark>]);
  return <>{pieces}{text.slice(found.at(-1)![1])}</>;
}

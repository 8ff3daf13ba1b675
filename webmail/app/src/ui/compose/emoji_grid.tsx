/** Emoji to choose from. */
import { EMOJI } from "../../compose/emoji";
import type { Writing } from "./writing";

export function EmojiGrid({ writing }: { writing: Writing }) {
  const take = (sign: string): void => (writing.editor.peek().insertText(sign), writing.editor.peek().focus());
  return <div class="emoji-grid">{EMOJI.map(([name, sign]) => <button key={name} type="button" title={name} aria-label={name} onClick={() => take(sign)}>{sign}</button>)}</div>;
}

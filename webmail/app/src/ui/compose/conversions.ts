/** Markdown while one types: the signs go, and what they mean comes. */
import { converted, type Conversion } from "../../compose/markdown";
import type { RichEditor } from "./rich_editor";

const TAGS = { bold: "b", italic: "i", strike: "s", code: "code" } as const;

/** What takes it back; null where nothing was converted. `line`: from the start of the block to the cursor. */
export function convert(editor: RichEditor, line: string, range: Range): (() => void) | null {
  const what = converted(line);
  const node = range.startContainer as Text;
  const from = what ? range.startOffset - what.length : -1;
  if (!what || from < 0 || node.parentElement?.closest("code, pre, a")) return null;
  editor.squire.saveUndoState(range);
  return what.kind === "inline" ? inline(editor, node, from, what) : block(editor, node, from, what);
}

/** A sign without width after it keeps what is typed next outside. */
function inline(editor: RichEditor, node: Text, from: number, what: Conversion & { kind: "inline" }): () => void {
  const typed = node.substringData(from, what.length);
  const element = document.createElement(TAGS[what.format]);
  element.textContent = node.substringData(from + what.marks, what.length - 2 * what.marks);
  const rest = node.splitText(from);
  rest.deleteData(0, what.length);
  const after = document.createTextNode("\u200b");
  rest.before(element, after);
  if (!rest.length) rest.remove();
  (editor.squire as unknown as { _mayHaveZWS: boolean })._mayHaveZWS = true;
  editor.placeCursor(after, 1);
  return () => {
    const text = document.createTextNode(typed);
    element.replaceWith(text);
    after.data = after.data.replace(/\u200b/g, "");
    editor.placeCursor(text, text.length);
  };
}

function block(editor: RichEditor, node: Text, from: number, what: Conversion & { kind: "block" | "rule" }): () => void {
  const { squire } = editor;
  const typed = node.substringData(from, what.length);
  node.deleteData(from, what.length);
  const around = editor.blockOf(node);
  if (!node.length) {
    node.remove();
    if (!around.textContent) around.replaceChildren(document.createElement("br"));
  }
  editor.placeCursor(around, 0);
  if (what.kind === "rule") {
    const line = document.createElement("hr");
    around.before(line);
    return () => (line.remove(), write(editor, typed));
  }
  if (what.format === "bullets") squire.makeUnorderedList();
  else if (what.format === "numbers") squire.makeOrderedList();
  else squire.increaseQuoteLevel();
  return () => {
    if (what.format === "quote") squire.decreaseQuoteLevel();
    else squire.removeList();
    write(editor, typed);
  };
}

/** Put the signs back at the start of the cursor's block. */
function write(editor: RichEditor, typed: string): void {
  const around = editor.blockOf(editor.squire.getSelection().startContainer);
  const text = document.createTextNode(typed.replace(/ $/, "\u00a0"));
  around.prepend(text);
  editor.placeCursor(text, text.length);
}

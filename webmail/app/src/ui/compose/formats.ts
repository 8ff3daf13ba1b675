/** What the keys and buttons of a rich letter do to its text. */
import type { RichEditor } from "./rich_editor";

const SIZES = ["small", "", "large", "huge"];

/** Put the tag around the selection, or take it away where all of it has it. */
const toggle = (tag: string) => ({ squire }: RichEditor): void => {
  if (squire.hasFormat(tag)) squire.changeFormat(null, { tag });
  else squire.changeFormat({ tag });
};

const listed = (tag: "UL" | "OL") => ({ squire }: RichEditor): void => {
  if (new RegExp(`(?:^|>)${tag}\\b`).test(squire.getPath())) squire.removeList();
  else if (tag === "UL") squire.makeUnorderedList();
  else squire.makeOrderedList();
};

/** Colours and sizes are classes while one writes, for the page allows no style attributes; the letter has styles. */
function classed({ squire }: RichEditor, kind: "color" | "size", names: readonly string[], name: string): void {
  const named = (one: string): string => (kind === "color" ? `color-${one} hue-${one}` : `size-${one}`);
  for (const other of names) if (other) squire.changeFormat(null, { tag: "SPAN", attributes: { class: named(other) } });
  if (name) squire.changeFormat({ tag: "SPAN", attributes: { class: named(name) } });
}

function resized(editor: RichEditor, by: number): void {
  const now = SIZES.findIndex((size) => size && editor.squire.hasFormat("SPAN", { class: `size-${size}` }));
  const next = Math.min(Math.max((now < 0 ? 1 : now) + by, 0), SIZES.length - 1);
  classed(editor, "size", SIZES, SIZES[next]!);
}

/** Blocks are aligned by the attribute that mail programs of all ages know. */
const aligned = (side: "left" | "center" | "right") => ({ squire }: RichEditor): void => {
  squire.forEachBlock((block) => void (side === "left" ? block.removeAttribute("align") : block.setAttribute("align", side)), true);
  squire.focus();
};

const isInList = ({ squire }: RichEditor): boolean => /(?:^|>)[UO]L\b/.test(squire.getPath());

export const COLORS = ["grey", "rose", "red", "orange", "amber", "lime", "green", "teal", "cyan", "blue", "indigo", "purple"];

export const COMMANDS: Record<string, (editor: RichEditor) => void> = {
  bold: toggle("B"),
  italic: toggle("I"),
  underline: toggle("U"),
  strike: toggle("S"),
  code: ({ squire }) => void squire.toggleCode(),
  bullets: listed("UL"),
  numbers: listed("OL"),
  quote: ({ squire }) => void squire.increaseQuoteLevel(),
  indent: (editor) => void (isInList(editor) ? editor.squire.increaseListLevel() : editor.squire.increaseQuoteLevel()),
  outdent: (editor) => void (isInList(editor) ? editor.squire.decreaseListLevel() : editor.squire.decreaseQuoteLevel()),
  left: aligned("left"),
  center: aligned("center"),
  right: aligned("right"),
  rtl: ({ squire }) => void squire.setTextDirection("rtl"),
  ltr: ({ squire }) => void squire.setTextDirection("ltr"),
  smaller: (editor) => resized(editor, -1),
  larger: (editor) => resized(editor, 1),
  clear: ({ squire }) => {
    squire.forEachBlock((block) => void (block.removeAttribute("align"), block.removeAttribute("dir")), true);
    squire.removeAllFormatting();
  },
  rule: ({ squire }) => void squire.insertElement(document.createElement("hr")),
  undo: ({ squire }) => void squire.undo(),
  redo: ({ squire }) => void squire.redo(),
  link,
  ...Object.fromEntries(["", ...COLORS].map((name) => [`color.${name}`, (editor: RichEditor) => classed(editor, "color", COLORS, name)])),
  ...Object.fromEntries(SIZES.map((name) => [`size.${name}`, (editor: RichEditor) => classed(editor, "size", SIZES, name)])),
};

/** Asks for the address; an empty one takes the link away. */
function link(editor: RichEditor): void {
  const { squire, listener } = editor;
  const range = squire.getSelection();
  const node = range.startContainer;
  const around = (node instanceof Element ? node : node.parentElement)?.closest("a");
  const href = around?.getAttribute("href") ?? "";
  listener.askLink(squire.getSelectedText(range), href, (wanted) => {
    squire.setSelection(range);
    if (wanted) squire.makeLink(wanted);
    else squire.removeLink();
    squire.focus();
  });
}

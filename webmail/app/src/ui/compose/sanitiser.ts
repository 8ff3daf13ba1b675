/** The door to the sanitiser and its like, whose code comes a moment after the window of a new letter. */
import type { RichEditor } from "./rich_editor";
import { serialised } from "./serial";

type Sanitiser = (html: string, own?: boolean) => DocumentFragment;
let found: Sanitiser | null = null;
/** What is pasted loses its looks. */
export let plainer: (pasted: DocumentFragment) => void = () => {};

/** Markdown, likewise. */
export let convert: (editor: RichEditor, line: string, range: Range) => (() => void) | null = () => null;

export function provide(sanitiser: Sanitiser, cleaner: typeof plainer, converter: typeof convert): void {
  found = sanitiser;
  plainer = cleaner;
  convert = converter;
}

/** Nodes of HTML from anywhere. Before the sanitiser is there, or where it could not be fetched, only text comes through. */
export function fragment(html: string, own = false): DocumentFragment {
  return found ? found(html, own) : lines(html);
}

/** Sanitised HTML as text, with `cid:` and remote pictures as the letter has them. */
export function cleaned(html: string): string {
  return serialised(fragment(html));
}

function lines(html: string): DocumentFragment {
  const made = document.createDocumentFragment();
  const text = html.replace(/<\/div>|<br\s*\/?>/gi, "\n").replace(/<[^>]*>/g, "").replace(/\n+$/, "");
  for (const line of html ? text.split("\n") : []) {
    const block = document.createElement("div");
    block.append(line || document.createElement("br"));
    made.append(block);
  }
  return made;
}

/** A letter in rich text: Squire, with our sanitiser, our formats as classes, and Markdown while one types. */
import "../../core";
import Squire from "squire-rte";
import { asked } from "../../compose/emoji_asked";
import type { Bodies } from "../../compose/letter";
import { isOnlyText, textOf } from "../../compose/plain";
import { convert, fragment, plainer } from "./sanitiser";
import { serialised } from "./serial";
import { dress, type Editor, type Listener, type Look } from "./editor";
import { COMMANDS } from "./formats";

/** Squire writes undo steps back as HTML: they go through the sanitiser as all HTML does. */
class Ground extends Squire {
  /** What comes back by undoing is not typed: nothing of it is converted again. */
  isGoingBack = false;

  override undo(): this {
    this.isGoingBack = true;
    super.undo();
    this.isGoingBack = false;
    return this;
  }

  override redo(): this {
    this.isGoingBack = true;
    super.redo();
    this.isGoingBack = false;
    return this;
  }

  override _setRawHTML(html: string): this {
    this._root.replaceChildren(fragment(html, true));
    if (!this._root.firstChild) this._root.append(this.createDefaultBlock());
    this._ignoreChange = true;
    return this;
  }
}

const OURS = ["Ctrl-Shift-5", "Ctrl-Shift-6", "Ctrl-Shift-7", "Ctrl-Shift-8", "Ctrl-Shift-9", "Ctrl-[", "Ctrl-]", "Ctrl-d", "PageUp", "PageDown"];

export class RichEditor implements Editor {
  readonly isRich = true;
  readonly root = document.createElement("div");
  readonly squire: Ground;
  private isReverting = false; // until the next key: what came back is not converted again
  private takeBack: (() => void) | null = null; // of a conversion that has just been made

  constructor(readonly listener: Listener, look: Look) {
    this.root.className = "rich";
    dress(this.root, look);
    this.squire = new Ground(this.root, { sanitizeToDOMFragment: (html) => fragment(html), undo: { documentSizeThreshold: 100_000, undoLimit: 200 }, didError: (error) => console.warn(error) });
    for (const key of OURS) this.squire.setKeyHandler(key.replace("Ctrl", /Mac|iP/.test(navigator.platform) ? "Meta" : "Ctrl"), null);
    this.listen();
  }

  private listen(): void {
    this.squire.addEventListener("input", () => this.typed());
    this.squire.addEventListener("undoStateChange", () => this.showPictures());
    for (const name of ["pathChange", "select", "cursor"]) this.squire.addEventListener(name, () => this.listener.moved());
    this.squire.addEventListener("willPaste", ((event: CustomEvent<{ fragment?: DocumentFragment }>) => {
      if (event.detail.fragment) plainer(event.detail.fragment);
    }) as (event: Event) => void);
    this.squire.addEventListener("pasteImage", ((event: CustomEvent<{ clipboardData: DataTransfer }>) => {
      this.listener.files([...event.detail.clipboardData.files], true);
    }) as (event: Event) => void);
    document.addEventListener("selectionchange", this.noteCursor);
    this.root.addEventListener("keydown", (event) => this.pressed(event), true);
    this.root.addEventListener("drop", (event) => {
      const files = [...(event.dataTransfer?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      event.stopImmediatePropagation(); // the editor's own way with them is another
      this.listener.files(files, true);
    }, true);
  }

  /** Backspace right after a conversion undoes it. */
  private pressed(event: KeyboardEvent): void {
    const takeBack = this.takeBack;
    if (event.key !== "Shift") this.takeBack = null;
    this.isReverting = event.key === "Backspace" && takeBack !== null;
    if (!this.isReverting) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    takeBack!();
  }

  private typed(): void {
    this.listener.changed();
    if (this.squire.isGoingBack || this.isReverting) return;
    const range = this.squire.getSelection();
    if (!range.collapsed || !(range.startContainer instanceof Text)) return;
    const line = this.lineBefore(range);
    const emoji = asked(line);
    if (emoji?.isWhole) return void this.replaceEmoji(range, emoji.typed);
    const takeBack = this.listener.isMarkdown() ? convert(this, line, range) : null;
    if (takeBack) this.takeBack = takeBack; // what the conversion changed is heard of too, and is none itself
  }

  /** From the start of the block to the cursor. */
  private lineBefore(range: Range): string {
    const block = this.blockOf(range.startContainer);
    const before = document.createRange();
    before.setStart(block, 0);
    before.setEnd(range.startContainer, range.startOffset);
    return before.toString().replace(/\u200b/g, "");
  }

  blockOf(node: Node): Element {
    const element = node instanceof Element ? node : node.parentElement!;
    return element.closest("div, p, li, blockquote, td, pre, h1, h2, h3, h4, h5, h6") ?? this.root;
  }

  private async replaceEmoji(range: Range, name: string): Promise<void> {
    const node = range.startContainer as Text;
    const from = range.startOffset - name.length - 2;
    const { EMOJI } = await import("./later");
    const sign = EMOJI.find(([one]) => one === name.toLowerCase())?.[1];
    if (!sign || from < 0 || node.data.slice(from, from + name.length + 2) !== `:${name}:`) return; // one typed on meanwhile
    this.squire.saveUndoState(range);
    node.replaceData(from, name.length + 2, sign);
    this.placeCursor(node, from + sign.length);
    this.takeBack = () => (node.replaceData(from, sign.length, `:${name}:`), this.placeCursor(node, from + name.length + 2));
  }

  placeCursor(node: Node, offset: number): void {
    const range = document.createRange();
    range.setStart(node, offset);
    this.squire.setSelection(range);
  }

  focus(atEnd = false): void {
    this.squire.focus();
    if (atEnd) this.squire.moveCursorToEnd();
  }

  content(): string {
    return serialised(this.root);
  }

  setContent(content: string): void {
    this.squire.setHTML(content);
    this.showPictures();
  }

  bodies(): Bodies {
    const text = textOf(this.root);
    return { text, html: isOnlyText(this.root) ? "" : this.content() };
  }

  text(): string {
    const own = this.root.cloneNode(true) as HTMLElement;
    for (const quote of own.querySelectorAll("blockquote")) quote.remove();
    return textOf(own);
  }

  append(html: string): void {
    this.squire.saveUndoState();
    const last = this.root.lastElementChild;
    const gap = last && last.textContent?.trim() ? "<div><br></div>" : "";
    this.squire.modifyDocument(() => this.root.append(fragment(gap + html)));
    this.showPictures();
    this.listener.changed();
  }

  insertText(text: string): void {
    this.squire.insertPlainText(text, false);
  }

  insertPicture(cid: string, name: string): void {
    const image = document.createElement("img");
    image.alt = name;
    image.dataset["cid"] = cid;
    this.squire.insertElement(image);
    this.showPictures();
  }

  showPictures(): void {
    for (const image of this.root.querySelectorAll<HTMLImageElement>("img[data-cid]:not([src])")) {
      const source = this.listener.picture(image.dataset["cid"] ?? "");
      if (source) image.src = source;
    }
  }

  run(command: string): boolean {
    const what = COMMANDS[command];
    if (!what) return false;
    what(this);
    this.listener.moved();
    return true;
  }

  formats(): ReadonlySet<string> {
    const path = this.squire.getPath();
    const found = new Set<string>();
    const has = (tag: string): boolean => (path === "(selection)" ? this.squire.hasFormat(tag) : new RegExp(`(?:^|>)${tag}\\b`).test(path));
    for (const [name, tag] of [["bold", "B"], ["italic", "I"], ["underline", "U"], ["strike", "S"], ["code", "CODE"], ["link", "A"], ["bullets", "UL"], ["numbers", "OL"], ["quote", "BLOCKQUOTE"]] as const) if (has(tag)) found.add(name);
    return found;
  }

  /** Where the cursor is. A range would follow its nodes out of the page, and end up beside the text. */
  private cursor: [Node, number, Node, number] | null = null;

  private readonly noteCursor = (): void => {
    const now = getSelection();
    if (now?.anchorNode && now.rangeCount && this.root.contains(now.anchorNode)) {
      const { startContainer, startOffset, endContainer, endOffset } = now.getRangeAt(0);
      this.cursor = [startContainer, startOffset, endContainer, endOffset];
    }
  };

  unpark(): void {
    const [start, startOffset, end, endOffset] = this.cursor ?? [];
    if (!start || !end || !this.root.contains(start) || !this.root.contains(end)) return;
    const range = document.createRange();
    range.setStart(start, Math.min(startOffset!, lengthOf(start)));
    range.setEnd(end, Math.min(endOffset!, lengthOf(end)));
    this.squire.setSelection(range);
  }

  destroy(): void {
    document.removeEventListener("selectionchange", this.noteCursor);
    this.squire.destroy();
    this.root.remove();
  }
}

const lengthOf = (node: Node): number => (node instanceof CharacterData ? node.length : node.childNodes.length);

/** A letter in plain text: a text area that grows. */
import type { Bodies } from "../../compose/letter";
import { dress, type Editor, type Listener, type Look } from "./editor";

export class PlainEditor implements Editor {
  readonly isRich = false;
  readonly root = document.createElement("textarea");

  constructor(private listener: Listener, look: Look) {
    dress(this.root, look);
    this.root.removeAttribute("role"); // it is one by itself
    this.root.className = "text-area";
    this.root.addEventListener("input", () => (this.grow(), listener.changed()));
    this.root.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length || event.clipboardData?.types.includes("text/plain")) return;
      event.preventDefault();
      listener.files(files, false);
    });
  }

  private grow(): void {
    this.root.style.blockSize = "auto";
    this.root.style.blockSize = `${this.root.scrollHeight + 2}px`;
  }

  focus(atEnd = false): void {
    this.grow();
    this.root.focus({ preventScroll: true });
    if (atEnd) this.root.setSelectionRange(this.root.value.length, this.root.value.length);
  }

  content(): string {
    return this.root.value;
  }

  setContent(content: string): void {
    this.root.value = content;
    this.root.setSelectionRange(0, 0);
    requestAnimationFrame(() => this.grow());
  }

  bodies(): Bodies {
    return { text: this.root.value, html: "" };
  }

  text(): string {
    return this.root.value;
  }

  append(_html: string, text: string): void {
    const [from, to] = [this.root.selectionStart, this.root.selectionEnd];
    this.root.value = `${this.root.value.trimEnd()}\n\n${text}`;
    this.root.setSelectionRange(from, to);
    this.grow();
  }

  insertText(text: string): void {
    this.root.setRangeText(text, this.root.selectionStart, this.root.selectionEnd, "end");
    this.grow();
    this.listener.changed();
  }

  insertPicture(): void {}

  showPictures(): void {}

  run(): boolean {
    return false;
  }

  formats(): ReadonlySet<string> {
    return new Set();
  }

  unpark(): void {
    requestAnimationFrame(() => this.grow());
  }

  destroy(): void {
    this.root.remove();
  }
}

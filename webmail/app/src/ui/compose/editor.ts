/** What a letter's text is written in: rich text, or plain; the letter sees no difference. */
import type { Bodies } from "../../compose/letter";

/** `root` is put where the letter is shown, and may be moved: the text, its undo steps and the cursor stay. */
export interface Editor {
  root: HTMLElement;
  isRich: boolean;
  focus(atEnd?: boolean): void;
  /** As it is kept: HTML of a rich letter, else text. */
  content(): string;
  setContent(content: string): void;
  /** What is sent. `html` is empty where nothing but text was used. */
  bodies(): Bodies;
  /** The writer's own words, for what is asked before sending. */
  text(): string;
  /** Put something at the end, as an unfolded quotation; the cursor stays. */
  append(html: string, text: string): void;
  insertText(text: string): void;
  /** A picture of the letter, by its cid. */
  insertPicture(cid: string, name: string): void;
  /** Pictures are found by their cid; call it where what is found has changed. */
  showPictures(): void;
  /** False where this editor does not know the command. */
  run(command: string): boolean;
  /** The formats at the cursor, by the names of the commands. */
  formats(): ReadonlySet<string>;
  /** It is in the page again: its cursor is where it was. */
  unpark(): void;
  destroy(): void;
}

/** What an editor tells and asks. */
export interface Listener {
  changed(): void;
  moved(): void;
  files(files: readonly File[], isInline: boolean): void;
  /** Where the picture of this cid is shown from; "" where it is not known. */
  picture(cid: string): string;
  askLink(selected: string, href: string, done: (href: string) => void): void;
  isMarkdown(): boolean;
}

export interface Look {
  label: string;
  language: string;
  isSpellchecked: boolean;
}

export function dress(root: HTMLElement, look: Look): void {
  root.setAttribute("role", "textbox");
  root.setAttribute("aria-multiline", "true");
  root.setAttribute("aria-label", look.label);
  root.spellcheck = look.isSpellchecked;
  if (look.language) root.lang = look.language;
  root.dir = "auto";
}

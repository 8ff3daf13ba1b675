/** Turns pressed keys into commands, by the character they make: `#` is `#` on every layout. */
import { run } from "../commands/registry";
import { BINDINGS, WRITING } from "./table";

/** What a key of the member's own does that is to do nothing. */
export const NOTHING = "none";

/** Milliseconds between the keys of a sequence: time enough for a slow hand, and not so much that the first is forgotten. */
export const PATIENCE = 1_500;

/** How a pressed key is written in the table. */
export function written(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const key = event.key === " " ? (event.shiftKey ? "Shift+Space" : "Space") : event.key;
  return event.ctrlKey || event.metaKey ? `Mod+${key}` : key;
}

const SIGNS: Record<string, string> = { Comma: ",", Period: ".", Minus: "-", Equal: "+", NumpadSubtract: "-", NumpadAdd: "+" };

/** How a key is written in the table of those that work in a letter: with Shift held, what a key prints says too little. */
export function writtenInLetter(event: Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey">): string {
  const sign = event.shiftKey ? (SIGNS[event.code] ?? /^Digit(\d)$/.exec(event.code)?.[1]) : undefined;
  const key = sign ?? (event.key.length === 1 ? event.key.toLowerCase() : event.key);
  return `${event.ctrlKey || event.metaKey ? "Mod+" : ""}${event.shiftKey ? "Shift+" : ""}${key}`;
}

/** What the key does in a letter; true where it did something. */
function pressInLetter(event: KeyboardEvent): boolean {
  const key = writtenInLetter(event);
  return WRITING.some((one) => one.keys.includes(key) && run(one.command));
}

/** Is the key meant for what it is pressed in? */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button])");
}

/** On a button of an open letter, too, a key does nothing to the mail behind it; one that is folded is only a tab. */
function isInLetter(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("[data-letter]:not(.folded)") !== null;
}

export class Dispatcher {
  private begun = "";
  private until = 0;
  private commands = new Map<string, string[]>();

  /** `enabled`: whether single keys do anything (WCAG 2.1.4); those with Ctrl or Cmd always do. */
  constructor(private enabled: () => boolean, private custom: () => Readonly<Record<string, string>> = () => ({})) {
    for (const { keys, command } of BINDINGS) for (const key of keys) this.commands.set(key, [...(this.commands.get(key) ?? []), command]);
  }

  /** True where the key did something. `now`: when it was pressed, milliseconds; a page that is busy may hear of it later. */
  press(key: string, now: number): boolean {
    const whole = now < this.until && this.begun ? `${this.begun} ${key}` : key;
    this.begun = "";
    if (!this.enabled() && !key.startsWith("Mod+")) return false;
    if (whole === key && this.begins(key)) {
      this.begun = key;
      this.until = now + PATIENCE;
      return true;
    }
    return this.bound(whole).some((id) => run(id));
  }

  private bound(key: string): string[] {
    const own = this.custom()[key];
    return own ? [own] : (this.commands.get(key) ?? []);
  }

  /** A sequence that was given to nothing, and a key of the member's own, begin none. */
  private begins(key: string): boolean {
    const own = this.custom();
    if (own[key] && own[key] !== NOTHING) return false;
    const isBound = (one: string): boolean => one.startsWith(`${key} `) && own[one] !== NOTHING;
    return [...this.commands.keys(), ...Object.keys(own)].some(isBound);
  }
}

/** What a key presses by itself, where it has the focus. */
const PRESSED: Record<string, string> = { Enter: "a[href], button, summary, [role=menuitem]", Space: "button, summary, [role=menuitem]" };

/** Menus, dialogs and text fields keep their keys. `isComing`: what was called by a key is about to take the keys. */
export function attach(dispatcher: Dispatcher, isComing: () => boolean = () => false): void {
  document.addEventListener("keydown", (event) => {
    if (isComing()) return event.preventDefault();
    if (event.defaultPrevented || event.altKey || event.isComposing || document.querySelector("dialog[open]:modal")) return;
    if (event.target instanceof Element && event.target.closest("[data-letter]") && pressInLetter(event)) return event.preventDefault();
    const key = written(event);
    if ((isTyping(event.target) || isInLetter(event.target)) && !key.startsWith("Mod+")) return;
    if (isTyping(event.target) && /^Mod\+[zZ]$/.test(key)) return;
    if (key === "Mod+k" && event.target instanceof HTMLElement && event.target.isContentEditable) return; // inserts a link there
    if (event.target instanceof Element && event.target.closest(PRESSED[key] ?? "never")) return;
    if (dispatcher.press(key, event.timeStamp)) event.preventDefault();
  });
}

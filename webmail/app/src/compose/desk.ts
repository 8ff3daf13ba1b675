/** Where letters are begun: the composer's code is fetched when first needed, or before that when the browser is idle. */
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { app } from "../app";
import { t } from "../i18n";
import type { Email, Id } from "../jmap";
import type { Fill } from "./mailto";

export type Answer = "reply" | "replyAll" | "forward";

/** What is to be written: something new, an answer to a message, a draft to go on with. `isShownOnly`: under its conversation, without the focus. */
export type Wish =
  | { kind: "new"; fill?: Fill }
  | { kind: Answer; email: Email | Id; selection?: string }
  | { kind: "attach"; emails: readonly Email[] }
  | { kind: "draft"; emailId: Id; isShownOnly?: boolean };

/** What the composer's chunk offers. */
export interface Desk {
  /** Open a window for it; `alone`: it is all that this browser window shows. */
  begin(wish: Wish, alone?: boolean): Promise<void>;
  /** Do a command of the composer that has the focus; false where none has. */
  run(name: string): boolean;
  /** The letter as it was when it was sent, from this page's memory; false where it is not known here. */
  reopen(draftId: Id): boolean;
  /** These messages are drafts no more: letters that nobody wrote at here go. */
  leave(emailIds: readonly Id[]): void;
  Dock: ComponentType;
  InPlace: ComponentType<{ threadId: Id }>;
}

export const desk = signal<Desk | null>(null);
/** Messages that are being written: a conversation leaves them to the composer. */
export const written = signal<ReadonlySet<Id>>(new Set());
/** Conversations under which an answer is being written. */
export const answeredIn = signal<ReadonlySet<Id>>(new Set());
let loading: Promise<Desk> | null = null;

export function load(): Promise<Desk> {
  return (loading ??= import("../ui/compose/desk").then(
    (made) => (desk.value = made.open()),
    (error: Error) => {
      loading = null; // the next try asks again
      throw error;
    },
  ));
}

/** Keys that are pressed before the letter is there: they are meant for it, and never for the list below. */
let catcher: HTMLInputElement | null = null;

export function catchKeys(): void {
  if (catcher) return catcher.focus();
  catcher = document.createElement("input");
  catcher.className = "vh";
  catcher.setAttribute("aria-label", t("Compose"));
  (document.getElementById("main") ?? document.body).append(catcher);
  catcher.focus();
}

/** What was typed meanwhile. */
export function caught(): string {
  const text = catcher?.value ?? "";
  catcher?.remove();
  catcher = null;
  return text;
}

export async function compose(wish: Wish, alone = false): Promise<void> {
  if (wish.kind !== "draft") catchKeys();
  try {
    await (await load()).begin(wish, alone);
  } catch (error) {
    console.warn(error);
    caught();
    app.say({ text: t("Writing could not be started. Is the server reached?"), verb: t("Try again"), act: () => void compose(wish, alone) });
  }
}

/** Have it at hand before it is wanted; a letter that a lost page left behind is opened again then. */
export function prefetch(): void {
  const idle = (globalThis as { requestIdleCallback?: (what: () => void, how: { timeout: number }) => void }).requestIdleCallback;
  const fetch = (): void => void load().catch(() => {});
  if (idle) idle(fetch, { timeout: 5_000 });
  else setTimeout(fetch, 1_000);
}

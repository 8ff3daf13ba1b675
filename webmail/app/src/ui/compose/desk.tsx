/** The desk: every letter that is being written, where each is shown, and what the keys do to the one in focus. */
import "../../core";
import { computed, effect, signal } from "@preact/signals";
import { app } from "../../app";
import { answeredIn, caught, written, type Desk, type Wish } from "../../compose/desk";
import type { Letter } from "../../compose/letter";
import { t } from "../../i18n";
import type { Draft, Id, Identity } from "../../jmap";
import { go, where } from "../../navigation";
import { newLetter } from "./fresh";
import { refreshPeople } from "./people";
import type { How } from "./sender";
import { LetterWindow } from "./window";
import { Writing, type Place, type RichMaker } from "./writing";

export const writings = signal<readonly Writing[]>([]);
/** The one that was in use last. */
export const latest = signal<Writing | null>(null);
const left = new Map<Id, Writing>(); // sent a moment ago, by draft: undoing brings them back as they were
const MOST_LEFT = 5;
let makeRich: RichMaker | null = null;

export interface Tools {
  own: readonly Identity[];
  rich: RichMaker | null;
}

async function tools(): Promise<Tools> {
  const own = app.identities();
  makeRich ??= await import("./rich_editor").then(({ RichEditor }): RichMaker => (listener, look) => new RichEditor(listener, look));
  return { own: await own, rich: makeRich };
}

/** Where letters to this conversation are shown. */
export const placeOf = (letter: Letter, alone: boolean): Place => {
  const there = where.peek();
  if (alone) return "alone";
  return letter.parent?.kind === "reply" && there.at === "conversation" && there.id === letter.parent.threadId ? "thread" : there.at === "conversation" && there.id === letter.threadId && letter.parent ? "thread" : "dock";
};

async function begin(wish: Wish, alone = false): Promise<void> {
  const { own, rich } = await tools();
  void refreshPeople();
  const isPlain = wish.kind === "new" && !wish.fill?.body && !own[0]?.htmlSignature && !own[0]?.textSignature;
  if (!isPlain) await import("./later"); // what is not empty goes through the sanitiser
  if (wish.kind === "new") return show(new Writing(newLetter(wish.fill, own), alone ? "alone" : "dock", own, rich));
  const { answer } = await import("./later");
  await answer(wish, { own, rich, alone });
}

/** `isInUse`: it takes the focus. */
export function show(writing: Writing, isInUse = true): void {
  const room = Math.max(1, Math.min(3, Math.floor((innerWidth - 40) / 576)));
  const docked = writings.peek().filter((one) => one.place.peek() === "dock" && !one.isFolded.peek());
  if (writing.place.peek() === "dock") for (const one of docked.slice(0, Math.max(0, docked.length - room + 1))) one.fold();
  if (isInUse) latest.value = writing;
  writings.value = [...writings.peek(), writing];
}

export function reveal(writing: Writing): void {
  const there = where.peek();
  const { threadId } = writing.letter.peek();
  if (writing.place.peek() === "thread" && (there.at !== "conversation" || there.id !== threadId)) go({ at: "conversation", id: threadId, origin: location.pathname + location.search });
  writing.isFolded.value = false;
  writing.isClosing = false; // it is wanted again
  latest.value = writing;
  focus(writing);
  if (writing.place.peek() === "thread") document.querySelector(`[data-letter="${writing.letter.peek().key}"]`)?.scrollIntoView({ block: "nearest" });
}

/** To the text of an answer, to the first field of anything else. */
export function focus(writing: Writing): void {
  const letter = writing.letter.peek();
  const input = document.querySelector<HTMLInputElement>(`[data-letter="${letter.key}"] [data-field="to"] input`);
  const text = caught();
  if (letter.to.length) writing.editor.peek().focus();
  else input?.focus();
  if (!text) return;
  if (letter.to.length || !input) return writing.editor.peek().insertText(text);
  input.value += text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Tell conversations which of their messages are shown here: each saving makes another message of a draft. */
function note(): void {
  tell(written, writings.value.flatMap((one) => one.letter.value.emailId || []));
  tell(answeredIn, writings.value.flatMap((one) => (one.place.value === "thread" ? one.letter.value.threadId : [])));
}

function tell(heard: typeof written, ids: readonly Id[]): void {
  if (ids.length !== heard.peek().size || ids.some((id) => !heard.peek().has(id))) heard.value = new Set(ids);
}

export function drop(writing: Writing): void {
  writing.editor.peek().root.blur(); // what has left the page does not hear that it lost the focus
  writings.value = writings.peek().filter((one) => one !== writing);
  if (latest.peek() === writing) latest.value = writings.peek().at(-1) ?? null;
}

/** Put it away; what was written is a draft. While its files are uploaded it waits as a tab, from where it can be had again. */
export async function close(writing: Writing): Promise<void> {
  if (writing.isClosing) return;
  writing.isClosing = true;
  if (!(await uploaded(writing))) return;
  const isKept = writing.saver.isDirty || writing.letter.peek().draftId !== "";
  drop(writing);
  const isUnsaved = writing.saver.isDirty || writing.files.isOwing;
  await writing.close();
  if (isUnsaved && (writing.saver.isDirty || writing.files.isOwing)) return app.say({ text: t("Couldn’t reach the server. Your draft is safe on this device.") });
  if (isKept) app.say({ text: t("Draft kept."), verb: t("Discard"), act: () => void trash(writing.letter.peek()) });
  else void forget(writing.letter.peek().key);
  leaveAlone();
}

/** False where one went on with it meanwhile. */
async function uploaded(writing: Writing): Promise<boolean> {
  if (!writing.files.isBusy) return true;
  if (writing.place.peek() === "thread") writing.place.value = "dock";
  writing.fold();
  await writing.files.settled();
  return writing.isClosing && writings.peek().includes(writing);
}

/** The device need not keep it any more. */
const forget = (key: string): Promise<void> => import("./later").then(({ device }) => device.forget(key));

/** Away with it; what the server has of it goes to Trash, from where undoing brings it back. */
export async function discard(writing: Writing): Promise<void> {
  const content = writing.current();
  writing.isClosing = true;
  drop(writing);
  await writing.saver.save();
  await writing.saver.pause();
  void forget(content.key);
  if (writing.letter.peek().draftId) trash(writing.letter.peek());
  else app.say({ text: t("Draft discarded.") });
  writing.files.stop();
  leaveAlone();
}

function trash(letter: Letter): void {
  app.act({ act: "trash", threadIds: [], emailIds: [letter.emailId] });
  app.say({ text: t("Draft discarded."), verb: t("Undo"), key: "z", act: () => void app.undo() });
}

/** A browser window that has shown its letter is done. */
function leaveAlone(): void {
  if (document.documentElement.classList.contains("alone")) window.close();
}

export async function sendIt(writing: Writing, how: How = {}): Promise<void> {
  const { send } = await import("./later").catch(unreached);
  if (!(await send(writing, how, sendIt))) return;
  drop(writing);
  const { draftId, key } = writing.letter.peek();
  void forget(key);
  left.set(draftId, writing);
  if (left.size > MOST_LEFT) left.delete(left.keys().next().value!);
  setTimeout(leaveAlone, 300);
}

/** A part of the composer could not be fetched: said where it is missed. */
function unreached(error: Error): never {
  app.say({ text: t("Couldn’t reach the server. Your draft is safe on this device.") });
  throw error;
}

/** As it was, with its cursor and its steps; under a new name, for the old one is spent. */
function reopen(draftId: Id): boolean {
  const writing = left.get(draftId);
  if (!writing) return false;
  left.delete(draftId);
  writing.operationId = crypto.randomUUID();
  writing.unheard = null;
  writing.saver.resume();
  writing.say(null);
  show(writing);
  void app.jmap.call("Draft/get", { ids: [draftId] }).then(({ list: [draft] }) => draft && refreshed(writing, draft)).catch(() => {});
  requestAnimationFrame(() => writing.editor.peek().focus());
  return true;
}

function refreshed(writing: Writing, draft: Draft): void {
  writing.change({ emailId: draft.emailId, revision: draft.revision, threadId: draft.threadId }, false);
}

/** Sent, deleted, or written on, by another page. */
function leave(emailIds: readonly Id[]): void {
  for (const one of writings.peek().filter((each) => !each.isTouched && !each.isSending.peek() && emailIds.includes(each.letter.peek().emailId))) {
    drop(one);
    void one.close();
  }
}

/** The letter that has the focus, else the latest one. */
function current(): Writing | null {
  const key = document.activeElement?.closest<HTMLElement>("[data-letter]")?.dataset["letter"];
  return writings.peek().find((one) => one.letter.peek().key === key) ?? null;
}

function step(by: number): void {
  const all = writings.peek();
  const at = all.indexOf(current() ?? latest.peek()!);
  if (all.length) reveal(all[(at + by + all.length) % all.length]!);
}

const COMMANDS: Record<string, (writing: Writing) => void> = {
  send: (one) => void sendIt(one),
  sendArchive: (one) => void sendIt(one, { archive: true }),
  schedule: (one) => document.querySelector<HTMLElement>(`[data-letter="${one.letter.peek().key}"] .later-menu > summary`)?.click(),
  cc: (one) => showField(one, "cc"),
  bcc: (one) => showField(one, "bcc"),
  from: (one) => (one.show("head"), queueMicrotask(() => document.querySelector<HTMLElement>(`[data-letter="${one.letter.peek().key}"] select.from`)?.focus())),
  next: () => step(1),
  previous: () => step(-1),
  save: (one) => void one.saver.save(),
  discard: (one) => void discard(one),
  leave: () => document.querySelector<HTMLElement>("#main")?.focus(),
};

function showField(writing: Writing, field: "cc" | "bcc"): void {
  writing.show(field);
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-letter="${writing.letter.peek().key}"] [data-field="${field}"] input`)?.focus());
}

function run(name: string): boolean {
  if (name === "focus") return latest.peek() ? (reveal(latest.peek()!), true) : false;
  const writing = current();
  if (!writing) return false;
  const own = COMMANDS[name];
  if (own) own(writing);
  return own !== undefined || writing.editor.peek().run(name);
}

/** Docked letters, and those whose conversation is not shown, as tabs. */
const docked = computed(() => {
  const there = where.value;
  return writings.value.filter((one) => one.place.value !== "thread" || there.at !== "conversation" || there.id !== one.letter.value.threadId);
});

function Dock() {
  if (!docked.value.length) return null;
  return (
    <div class="desk">
      {docked.value.map((one) => <LetterWindow key={one.letter.peek().key} writing={one} isTab={one.place.value === "thread"} />)}
    </div>
  );
}

function InPlace({ threadId }: { threadId: Id }) {
  return <>{writings.value.filter((one) => one.place.value === "thread" && one.letter.value.threadId === threadId).map((one) => <LetterWindow key={one.letter.peek().key} writing={one} isTab={false} />)}</>;
}

export function open(): Desk {
  effect(note);
  void import("./later").then(({ rescue }) => rescue(tools)).catch(() => {});
  void tools().catch(() => {});
  void refreshPeople();
  addEventListener("visibilitychange", () => document.hidden && writings.peek().forEach((one) => (one.saver.keep(), void one.saver.save())));
  addEventListener("beforeunload", () => writings.peek().forEach((one) => one.saver.keep()));
  return { begin, run, reopen, leave, Dock, InPlace };
}

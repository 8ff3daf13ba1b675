/** The desk: every letter that is being written, where each is shown, and what the keys do to the one in focus. */
import { computed, signal } from "@preact/signals";
import { app } from "../../app";
import { same } from "../../compose/address_list";
import { recipients } from "../../compose/answer";
import { answeredIn, written, type Desk, type Wish } from "../../compose/desk";
import * as device from "../../compose/keep";
import type { Letter } from "../../compose/letter";
import { t } from "../../i18n";
import type { Draft, Email, Id, Identity } from "../../jmap";
import { hasBody } from "../../model/letters";
import { go, where } from "../../navigation";
import { answerLetter, attachedLetter, cameByBcc, draftLetter, fetchEmail, fetchParent, filesOf, isBelow, newLetter, quoteOf } from "./begin";
import { refreshPeople } from "./people";
import { onSendAgain, send, type How } from "./sender";
import { LetterWindow } from "./window";
import { Writing, type Place, type RichMaker } from "./writing";

export const writings = signal<readonly Writing[]>([]);
/** The one that was in use last. */
export const latest = signal<Writing | null>(null);
const left = new Map<Id, Writing>(); // sent a moment ago, by draft: undoing brings them back as they were
const MOST_LEFT = 5;
let identities: Promise<readonly Identity[]> | null = null;
let makeRich: RichMaker | null = null;

async function tools(): Promise<{ own: readonly Identity[]; rich: RichMaker | null }> {
  identities ??= app.jmap.call("Identity/get", { ids: null }).then((answer) => answer.list);
  identities.catch(() => (identities = null));
  makeRich ??= await import("./rich_editor").then(({ RichEditor }): RichMaker => (listener, look) => new RichEditor(listener, look));
  return { own: await identities, rich: makeRich };
}

/** Where letters to this conversation are shown. */
const placeOf = (letter: Letter, alone: boolean): Place => {
  const there = where.peek();
  if (alone) return "alone";
  return letter.parent?.kind === "reply" && there.at === "conversation" && there.id === letter.parent.threadId ? "thread" : there.at === "conversation" && there.id === letter.threadId && letter.parent ? "thread" : "dock";
};

async function begin(wish: Wish, alone = false): Promise<void> {
  const { own, rich } = await tools();
  void refreshPeople();
  if (wish.kind === "new") return void show(new Writing(newLetter(wish.fill, own), alone ? "alone" : "dock", own, rich, false));
  if (wish.kind === "attach") return void show(new Writing(attachedLetter(wish.emails, own), alone ? "alone" : "dock", own, rich, false));
  if (wish.kind === "draft") return openDraft(wish.emailId, own, rich, alone);
  const email = typeof wish.email === "string" ? await fetchEmail(wish.email) : hasBody(wish.email) ? wish.email : await fetchEmail(wish.email.id);
  if (email) await answer({ ...wish, email }, own, rich, alone);
}

/** At once with what is known; the message's HTML, and a draft that answers it already, come a moment later. */
async function answer(wish: Wish & { email: Email }, own: readonly Identity[], rich: RichMaker | null, alone: boolean): Promise<void> {
  if (wish.kind !== "reply" && wish.kind !== "replyAll" && wish.kind !== "forward") return;
  const kind = wish.kind;
  const open = writings.peek().find((one) => kind !== "forward" && one.letter.peek().parent?.emailId === wish.email.id && one.letter.peek().parent?.kind === "reply");
  if (open) return (kind === "replyAll" && widen(open, wish.email, own), reveal(open));
  const letter = answerLetter(kind, wish.email, own);
  const writing = new Writing(letter, placeOf(letter, alone), own, rich, false);
  show(writing);
  writing.ready = complete(writing, kind, wish.email, wish.selection ?? "", own, rich, alone);
  await writing.ready;
}

async function complete(writing: Writing, kind: "reply" | "replyAll" | "forward", known: Email, selection: string, own: readonly Identity[], rich: RichMaker | null, alone: boolean): Promise<void> {
  const { email, draft } = await fetchParent(known.id, kind === "forward" ? "" : (known.messageId?.[0] ?? "")).catch(() => ({ email: null, draft: null }));
  const isOpen = draft && writings.peek().some((one) => one.letter.peek().draftId === draft.id);
  if (draft && !isOpen && writing.isBlank) {
    drop(writing);
    return openDraft(draft.emailId, own, rich, alone);
  }
  const source = email ?? known;
  const quote = quoteOf(kind, source, selection);
  const fresh = answerLetter(kind, source, own);
  const files = filesOf(kind, source);
  const wasBlank = writing.isBlank;
  writing.change({ quote, files: [...files, ...writing.letter.peek().files], ...(wasBlank && { to: fresh.to, cc: fresh.cc }) }, false);
  if (selection || (quote && isBelow() && kind !== "forward")) writing.unfold();
  if (selection || isBelow()) writing.editor.peek().focus(true);
  if (recipients(source, app.me.addresses, false).redirected && kind !== "forward") writing.say({ kind: "info", text: t("Goes to {address}, as its author asks.", { address: fresh.to[0]?.email ?? "" }), choices: [] });
  if (kind === "replyAll" && cameByBcc(source)) writing.say({ kind: "info", text: t("The others do not know you have this mail."), choices: [] });
}

/** "Reply to all" where an answer is open: those who are missing are added. */
function widen(writing: Writing, email: Email, own: readonly Identity[]): void {
  const { to, cc } = answerLetter("replyAll", email, own);
  const letter = writing.letter.peek();
  const there = new Set([...letter.to, ...letter.cc, ...letter.bcc].map((one) => same(one.email)));
  const missing = [...to, ...cc].filter((one) => !there.has(same(one.email)));
  if (missing.length) writing.change({ cc: [...letter.cc, ...missing] });
  writing.show("cc");
}

async function openDraft(emailId: Id, own: readonly Identity[], rich: RichMaker | null, alone: boolean): Promise<void> {
  const open = writings.peek().find((one) => one.letter.peek().emailId === emailId);
  if (open) return reveal(open);
  const [email, drafts] = await Promise.all([fetchEmail(emailId), app.jmap.call("Draft/get", { emailIds: [emailId] })]);
  if (!email) return app.say({ text: t("This draft is gone: it was sent, or deleted.") });
  if (writings.peek().some((one) => one.letter.peek().emailId === emailId)) return;
  const letter = draftLetter(email, drafts.list[0] ?? null, own, await parentOf(email));
  show(new Writing(letter, placeOf(letter, alone), own, rich, true));
}

/** The message of the same conversation that a draft answers. */
async function parentOf(draft: Email): Promise<Email | null> {
  const wanted = draft.inReplyTo?.[0];
  if (!wanted) return null;
  const known = app.conversations.open(draft.threadId).emails.peek();
  const found = known?.find((one) => one.messageId?.includes(wanted));
  if (found) return found;
  const thread = await app.jmap.call("Thread/get", { ids: [draft.threadId] });
  const emails = await app.jmap.call("Email/get", { ids: thread.list[0]?.emailIds ?? [], properties: ["id", "threadId", "messageId", "subject", "htmlBody", "from", "to", "cc"] });
  return emails.list.find((one) => one.messageId?.includes(wanted)) ?? null;
}

function show(writing: Writing): void {
  const room = Math.max(1, Math.min(3, Math.floor((innerWidth - 40) / 576)));
  const docked = writings.peek().filter((one) => one.place.peek() === "dock" && !one.isFolded.peek());
  if (writing.place.peek() === "dock") for (const one of docked.slice(0, Math.max(0, docked.length - room + 1))) one.fold();
  writings.value = [...writings.peek(), writing];
  latest.value = writing;
  note();
}

export function reveal(writing: Writing): void {
  const there = where.peek();
  const { threadId } = writing.letter.peek();
  if (writing.place.peek() === "thread" && (there.at !== "conversation" || there.id !== threadId)) go({ at: "conversation", id: threadId, origin: location.pathname + location.search });
  writing.isFolded.value = false;
  latest.value = writing;
  focus(writing);
}

/** To the text of an answer, to the first field of anything else. */
export function focus(writing: Writing): void {
  const letter = writing.letter.peek();
  if (letter.to.length) writing.editor.peek().focus();
  else document.querySelector<HTMLElement>(`[data-letter="${letter.key}"] [data-field="to"] input`)?.focus();
}

/** Tell conversations which of their messages are shown here. */
function note(): void {
  written.value = new Set(writings.peek().flatMap((one) => one.letter.peek().emailId || []));
  answeredIn.value = new Set(writings.peek().flatMap((one) => (one.place.peek() === "thread" ? one.letter.peek().threadId : [])));
}

function drop(writing: Writing): void {
  writing.editor.peek().root.blur(); // what has left the page does not hear that it lost the focus
  writings.value = writings.peek().filter((one) => one !== writing);
  if (latest.peek() === writing) latest.value = writings.peek().at(-1) ?? null;
  note();
}

/** Put it away; what was written is a draft. */
export async function close(writing: Writing): Promise<void> {
  const isKept = writing.saver.isDirty || writing.letter.peek().draftId !== "";
  drop(writing);
  const isUnsaved = writing.saver.isDirty;
  await writing.close();
  if (isUnsaved && writing.saver.isDirty) return app.say({ text: t("Couldn’t reach the server. Your draft is safe on this device.") });
  if (isKept) app.say({ text: t("Draft kept."), verb: t("Discard"), act: () => void trash(writing.letter.peek()) });
  else void device.forget(writing.letter.peek().key);
  leaveAlone();
}

/** Away with it; what the server has of it goes to Trash, from where undoing brings it back. */
export async function discard(writing: Writing): Promise<void> {
  const content = writing.current();
  drop(writing);
  await writing.saver.save();
  await writing.saver.pause();
  void device.forget(content.key);
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
  if (!(await send(writing, how))) return;
  drop(writing);
  const { draftId, key } = writing.letter.peek();
  void device.forget(key);
  left.set(draftId, writing);
  if (left.size > MOST_LEFT) left.delete(left.keys().next().value!);
  setTimeout(leaveAlone, 300);
}
onSendAgain(sendIt);

/** As it was, with its cursor and its steps; under a new name, for the old one is spent. */
function reopen(draftId: Id): boolean {
  const writing = left.get(draftId);
  if (!writing) return false;
  left.delete(draftId);
  writing.operationId = crypto.randomUUID();
  writing.say(null);
  show(writing);
  void app.jmap.call("Draft/get", { ids: [draftId] }).then(({ list: [draft] }) => draft && refreshed(writing, draft)).catch(() => {});
  requestAnimationFrame(() => writing.editor.peek().focus());
  return true;
}

function refreshed(writing: Writing, draft: Draft): void {
  writing.change({ emailId: draft.emailId, revision: draft.revision, threadId: draft.threadId }, false);
  note();
}

/** Letters of a page that was lost, put back where they can be seen. */
async function restore(): Promise<void> {
  const kept = await device.orphans(app.jmap.accountId);
  if (!kept.length) return;
  const { own, rich } = await tools();
  for (const one of kept) {
    const key = crypto.randomUUID();
    const writing = new Writing({ ...one.letter, key }, "dock", own, rich, false);
    writing.isFolded.value = true;
    writing.change({}, true);
    writing.files.resume(one.files);
    writings.value = [...writings.peek(), writing];
    void device.forget(one.key);
  }
  note();
  app.say({ text: t("{count, plural, one {A letter that was not saved is open again.} other {# letters that were not saved are open again.}}", { count: kept.length }) });
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
  void restore();
  void tools().catch(() => {});
  void refreshPeople();
  addEventListener("visibilitychange", () => document.hidden && writings.peek().forEach((one) => (one.saver.keep(), void one.saver.save())));
  addEventListener("beforeunload", () => writings.peek().forEach((one) => one.saver.keep()));
  return { begin, run, reopen, Dock, InPlace };
}

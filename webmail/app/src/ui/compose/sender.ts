/** Sending: what is wrong is said before anything is handed over, what may be a slip is asked once, and it is sent exactly once. */
import { app } from "../../app";
import * as guards from "../../compose/guards";
import { isAddress, same } from "../../compose/address_list";
import { everyone, fingerprint, type Person } from "../../compose/letter";
import { setMark, unmarked, type Mark } from "../../compose/mark";
import { sent } from "../../compose/outbox";
import { ownWords } from "../../compose/quote";
import { t } from "../../i18n";
import type { DraftSaveResponse, EmailSubmission, EmailSubmissionToCreate, SetResponse } from "../../jmap";
import { MethodFailed, SignedOut, Unreachable } from "../../jmap/client";
import { people } from "./people";
import type { Notice, Writing } from "./writing";

const MOST = 500; // recipients

/** `at`: when it is to leave, chosen by its writer. */
export interface How {
  at?: Date;
  archive?: boolean;
}

/** What "Send anyway" does: the same as the button, with what follows from it. */
type Again = (writing: Writing, how: How) => Promise<void>;

/** True where it is on its way. What is asked or wrong stands beside the letter. */
export async function send(writing: Writing, how: How, again: Again): Promise<boolean> {
  if (writing.isSending.peek()) return false;
  const wrong = fault(writing);
  if (wrong) return writing.say(wrong), false;
  writing.isSending.value = true;
  try {
    await writing.ready;
    if (await questioned(writing, how, again)) return false;
    if (writing.files.isBusy) writing.say({ kind: "info", text: t("It is sent as soon as the files are uploaded."), choices: [] });
    await writing.files.settled();
    if (writing.isClosing) return false;
    if (writing.files.hasFailed) return writing.say({ kind: "error", text: t("A file could not be uploaded. Try it again, or take it out."), choices: [] }), false;
    return await handOver(writing, how);
  } finally {
    writing.isSending.value = false;
  }
}

/** What can't be sent at all. */
function fault(writing: Writing): Notice | null {
  const all = everyone(writing.letter.peek());
  const bad = all.find((one) => !isAddress(one.email));
  const text = !all.length ? t("To whom?") : bad ? t("“{text}” is not an address.", { text: bad.email }) : all.length > MOST ? t("At most {count} people at once.", { count: MOST }) : "";
  return text ? { kind: "error", text, choices: [] } : null;
}

/** What may be a slip, asked once: the guards come with their tables when they are needed. */
async function questioned(writing: Writing, how: How, again: Again): Promise<boolean> {
  const letter = writing.letter.peek();
  const text = ownWords(writing.editor.peek().text());
  const ask = (name: string, notice: Omit<Notice, "kind">): boolean => {
    if (writing.asked.has(name)) return false;
    writing.asked.add(name);
    const anyway = { label: t("Send anyway"), act: () => void again(writing, how) };
    writing.say({ kind: "question", text: notice.text, choices: [...notice.choices, anyway] });
    return true;
  };
  const word = letter.files.length ? "" : guards.attached(`${letter.subject}\n${text}`);
  if (word && ask("attachment", { text: t("You wrote “{word}”.", { word }), choices: [{ label: t("Attach"), act: () => pick(writing) }] })) return true;
  for (const one of everyone(letter)) {
    const domain = one.email.slice(one.email.lastIndexOf("@") + 1);
    const known = people.known().map((other) => other.email.slice(other.email.lastIndexOf("@") + 1).toLowerCase());
    const meant = guards.meant(domain, known);
    const fixed = one.email.slice(0, -domain.length) + meant;
    if (meant && ask(`typo ${one.email}`, { text: t("Did you mean {address}?", { address: fixed }), choices: [{ label: t("Yes, change it"), act: () => correct(writing, one.email, fixed) }] })) return true;
    if (guards.nobodyReads(one.email) && ask(`deaf ${one.email}`, { text: t("Nobody reads {address}.", { address: one.email }), choices: [] })) return true;
  }
  if (!letter.subject.trim() && !text.trim() && !letter.files.length && ask("empty", { text: t("There is no subject and no text."), choices: [] })) return true;
  return false;
}

/** Another address for somebody, wherever they are named. */
export function correct(writing: Writing, wrong: string, right: string): void {
  const letter = writing.letter.peek();
  const fix = (list: readonly Person[]): Person[] => list.map((one) => (same(one.email) === same(wrong) ? { ...one, email: right } : one));
  writing.change({ to: fix(letter.to), cc: fix(letter.cc), bcc: fix(letter.bcc) });
  writing.say(null);
}

export function pick(writing: Writing): void {
  writing.say(null);
  document.querySelector<HTMLInputElement>(`[data-letter="${writing.letter.peek().key}"] input[type=file]`)?.click();
}

/** Saved, submitted and moved to Sent in one request, its parent marked when that is accepted. The same names again do nothing twice. */
async function handOver(writing: Writing, how: How): Promise<boolean> {
  await writing.saver.pause();
  const mark = writing.letter.peek().parent && unmarked(writing.letter.peek().parent!).catch(() => null);
  const made = writing.saver.conflict.peek() ? null : await asked(writing, how).catch((error) => (writing.say(refusal(error)), null));
  if (!made) return writing.saver.resume(), false;
  accepted(writing, made, how, await mark);
  return true;
}

function refusal(error: unknown): Notice {
  if (error instanceof SignedOut) app.signedOut.value = true;
  if (error instanceof SignedOut) return { kind: "error", text: t("You are signed out. Your draft is safe on this device."), choices: [] };
  if (error instanceof MethodFailed) return { kind: "error", text: t("It was not sent: {reason}", { reason: error.description || error.type }), choices: [] };
  return { kind: "error", text: t("Couldn’t reach the server. Your draft is safe on this device."), choices: [] };
}

async function asked(writing: Writing, how: How): Promise<EmailSubmission | null> {
  const print = fingerprint(writing.current());
  const boxes = { from: app.mailboxes.byRole("drafts")!.id, to: app.mailboxes.byRole("sent")!.id }; // the server puts what waits for long into Scheduled
  const moved = { [`mailboxIds/${boxes.from}`]: null, [`mailboxIds/${boxes.to}`]: true, "keywords/$draft": null };
  const asking = writing.saver.asked();
  const save = app.jmap.call("Draft/save", { ...asking, creationId: "letter" });
  const submit = app.jmap.call("EmailSubmission/set", { create: { sent: submission(writing, how) }, onSuccessUpdateEmail: { "#sent": moved } });
  const [kept, answer] = await Promise.all([save, submit]).catch((error) => {
    if (error instanceof Unreachable) unheard(writing, asking, print);
    throw error;
  });
  return judged(writing, kept, answer, print);
}

/** It may have been accepted all the same: what it was is told from what is written later. */
function unheard(writing: Writing, asking: ReturnType<Writing["saver"]["asked"]>, print: string): void {
  writing.unheard ??= print;
  writing.saver.doubt(asking, print);
}

/** What an earlier attempt sent is not what is written now, which goes on as a draft of its own. */
function overtaken(writing: Writing, kept: DraftSaveResponse, made: EmailSubmission, print: string): null {
  writing.operationId = crypto.randomUUID();
  writing.unheard = null;
  if (kept.draft && kept.draft.emailId !== made.emailId) writing.saver.answered(kept, print);
  else detach(writing);
  writing.say({ kind: "error", text: t("An earlier version of it was sent already. What you changed since is a draft."), choices: [] });
  return null;
}

/** It is no more the draft that it was, which was sent: another one. */
function detach(writing: Writing): void {
  writing.saver.renew();
  writing.change({ draftId: "", revision: 0, emailId: "" }, false);
}

/** The submission; null where it was refused, which is said then. */
function judged(writing: Writing, kept: DraftSaveResponse, answer: SetResponse<EmailSubmission>, print: string): EmailSubmission | null {
  const made = answer.created?.["sent"] as EmailSubmission | undefined;
  const isRepeated = made?.emailId !== undefined; // of one that is made by this very request, only what is new is said
  if (made && isRepeated && writing.unheard && writing.unheard !== print) return overtaken(writing, kept, made, print);
  if (kept.draft || (!made && kept.conflict)) writing.saver.answered(kept, print);
  if (made) return made;
  const error = answer.notCreated?.["sent"] as { description?: string; type?: string } | undefined;
  if (!kept.conflict) writing.say({ kind: "error", text: t("It was not sent: {reason}", { reason: error?.description || error?.type || "" }), choices: [] });
  return null;
}

function submission(writing: Writing, how: How): EmailSubmissionToCreate {
  const hold = how.at ? { HOLDUNTIL: how.at.toISOString().replace(/\.\d+Z$/, "Z") } : app.preferences.get("undoSendSeconds") ? { HOLDFOR: String(app.preferences.get("undoSendSeconds")) } : null;
  const to = [...new Map(everyone(writing.letter.peek()).map((one) => [one.email.toLowerCase(), one.email])).values()];
  return {
    identityId: writing.identity!.id,
    emailId: "#letter",
    operationId: writing.operationId,
    envelope: { mailFrom: { email: writing.identity!.email, parameters: hold }, rcptTo: to.map((email) => ({ email, parameters: null })) },
  };
}

function accepted(writing: Writing, made: EmailSubmission, how: How, mark: Mark | null): void {
  const letter = writing.letter.peek();
  const wait = app.preferences.get("undoSendSeconds") * 1_000;
  sent({
    id: made.id, emailId: letter.emailId, draftId: letter.draftId, threadId: letter.threadId, at: Date.now(),
    until: how.at?.getTime() ?? Date.now() + wait, isScheduled: how.at !== undefined, boxId: app.mailboxes.byRole("sent")!.id, mark,
  });
  if (mark) setMark(mark, true);
  const parent = letter.parent;
  if (how.archive && parent) app.act({ act: "archive", threadIds: [parent.threadId], emailIds: [] });
  if (parent) void app.conversations.refresh(parent.threadId);
}

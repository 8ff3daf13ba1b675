/** Answers, what is passed on, and drafts: letters that begin with a message. */
import { app } from "../../app";
import { same } from "../../compose/address_list";
import type { Answer, Wish } from "../../compose/desk";
import { t } from "../../i18n";
import type { Email, Id, Identity } from "../../jmap";
import { hasBody } from "../../model/letters";
import { answerLetter, attachedLetter, cameByBcc, draftLetter, fetchEmail, fetchParent, filesOf, isBelow, isRedirected, quoteOf } from "./begin";
import { drop, placeOf, reveal, show, writings } from "./desk";
import { Writing, type RichMaker } from "./writing";

interface Tools {
  own: readonly Identity[];
  rich: RichMaker | null;
  alone: boolean;
}

export async function answer(wish: Exclude<Wish, { kind: "new" }>, tools: Tools): Promise<void> {
  if (wish.kind === "attach") return show(new Writing(attachedLetter(wish.emails, tools.own), tools.alone ? "alone" : "dock", tools.own, tools.rich));
  if (wish.kind === "draft") return openDraft(wish.emailId, tools, wish.isShownOnly);
  const id = typeof wish.email === "string" ? wish.email : wish.email.id;
  const email = typeof wish.email !== "string" && hasBody(wish.email) ? wish.email : await fetchEmail(id);
  if (email) await begun(wish.kind, email, wish.selection ?? "", tools);
}

/** At once with what is known; the message's HTML, and a draft that answers it already, come a moment later. */
async function begun(kind: Answer, known: Email, selection: string, tools: Tools): Promise<void> {
  const open = writings.peek().find((one) => kind !== "forward" && one.letter.peek().parent?.emailId === known.id && one.letter.peek().parent?.kind === "reply");
  if (open) return (kind === "replyAll" && widen(open, known, tools.own), reveal(open));
  const letter = answerLetter(kind, known, tools.own);
  const writing = new Writing(letter, placeOf(letter, tools.alone), tools.own, tools.rich);
  show(writing);
  writing.ready = complete(writing, kind, known, selection, tools);
  await writing.ready;
}

async function complete(writing: Writing, kind: Answer, known: Email, selection: string, tools: Tools): Promise<void> {
  const { email, draft } = await fetchParent(known.id, kind === "forward" ? "" : (known.messageId?.[0] ?? "")).catch(() => ({ email: null, draft: null }));
  const isOpen = draft && writings.peek().some((one) => one.letter.peek().draftId === draft.id);
  if (draft && !isOpen && writing.isBlank) {
    drop(writing);
    return openDraft(draft.emailId, tools);
  }
  const source = email ?? known;
  const quote = quoteOf(kind, source, selection);
  const fresh = answerLetter(kind, source, tools.own);
  const files = filesOf(kind, source);
  const wasBlank = writing.isBlank;
  writing.change({ quote, files: [...files, ...writing.letter.peek().files], ...(wasBlank && { to: fresh.to, cc: fresh.cc }) }, false);
  if (selection || (quote && isBelow() && kind !== "forward")) writing.unfold();
  if (selection || isBelow()) writing.editor.peek().focus(true);
  if (isRedirected(source) && kind !== "forward") writing.say({ kind: "info", text: t("Goes to {address}, as its author asks.", { address: fresh.to[0]?.email ?? "" }), choices: [] });
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

async function openDraft(emailId: Id, tools: Tools, isShownOnly = false): Promise<void> {
  const isOpen = (): boolean => writings.peek().some((one) => one.letter.peek().emailId === emailId && (isShownOnly || (reveal(one), true)));
  if (isOpen()) return;
  const [email, drafts] = await Promise.all([fetchEmail(emailId, true), app.jmap.call("Draft/get", { emailIds: [emailId] })]);
  if (!email) return app.say({ text: t("This draft is gone: it was sent, or deleted.") });
  const letter = draftLetter(email, drafts.list[0] ?? null, tools.own, await parentOf(email));
  const place = placeOf(letter, tools.alone);
  if (isOpen() || (isShownOnly && (place !== "thread" || !email.keywords["$draft"]))) return; // one has gone on to something else, or sent it
  show(new Writing(letter, place, tools.own, tools.rich, "saved"), !isShownOnly);
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

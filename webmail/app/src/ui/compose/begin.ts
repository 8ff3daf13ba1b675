/** What a letter begins with: nothing, an answer, what is passed on, or a draft that was put aside. */
import { app } from "../../app";
import { forwardSubject, identityFor, ids, recipients, replySubject, wasBcc, type Answerable } from "../../compose/answer";
import type { Answer } from "../../compose/desk";
import { languageOf } from "../../compose/language";
import { blank, type Attached, type Letter, type Quote } from "../../compose/letter";
import { paragraphs } from "../../compose/paragraphs";
import { forwardQuote, replyQuote, splitText } from "../../compose/quote";
import { long, zoneName } from "../../dates";
import type { Draft, Email, EmailBodyPart, Id, Identity } from "../../jmap";
import { cleaned, fragment } from "./sanitiser";
import { serialised } from "./serial";
import { flowedBy, joined } from "../../text/flowed";
import { newLetter, spaced } from "./fresh";
import { signatureHtml, signatureText } from "./signature";

const HTML_BYTES = 1_000_000; // of a quotation: what is longer is quoted as text
const PROPERTIES = [
  ...["id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt", "sentAt", "messageId", "inReplyTo", "references", "hasAttachment", "preview"],
  ...["from", "sender", "to", "cc", "bcc", "replyTo", "subject", "textBody", "htmlBody", "attachments", "bodyValues"],
  ...["header:List-Post:asURLs", "header:List-Id", "header:Mail-Followup-To:asAddresses"],
];

const PARTS = ["partId", "blobId", "size", "name", "type", "charset", "disposition", "cid", "language", "location", "header:Content-Type"];

/** `whole`: of a draft, whose next version takes the place of this one. */
export async function fetchEmail(id: Id, whole = false): Promise<Answerable | null> {
  const most = whole ? {} : { maxBodyValueBytes: HTML_BYTES };
  const answer = await app.jmap.call("Email/get", { ids: [id], properties: PROPERTIES, bodyProperties: PARTS, fetchTextBodyValues: true, fetchHTMLBodyValues: true, ...most });
  return (answer.list[0] as Answerable | undefined) ?? null;
}

/** The draft that answers this message already, and the message with all that is quoted of it. */
export async function fetchParent(id: Id, messageId: string): Promise<{ email: Answerable | null; draft: Draft | null }> {
  const email = fetchEmail(id);
  const drafts = messageId ? app.jmap.call("Draft/get", { inReplyTo: [messageId] }) : null;
  return { email: await email, draft: (await drafts)?.list[0] ?? null };
}

/** Its text, with lines joined that were broken for the way. */
export function textOfEmail(email: Email): string {
  const texts = email.textBody.flatMap((part) => {
    const value = part.partId ? email.bodyValues[part.partId]?.value : undefined;
    const { isFlowed, delsp } = flowedBy(String((part as unknown as Record<string, unknown>)["header:Content-Type"] ?? ""));
    return value === undefined ? [] : [isFlowed ? joined(value.replace(/\r\n?/g, "\n"), delsp) : value];
  });
  return texts.join("\n").replace(/\n$/, "");
}

export const isHtml = (email: Email): boolean => (email.htmlBody ?? []).some((part) => part.type === "text/html");

/** Sanitised; "" where there is none, or it is too long to be quoted whole. */
function htmlOfEmail(email: Email): string {
  const parts = email.htmlBody.filter((part) => part.type === "text/html" && part.partId);
  const values = parts.map((part) => email.bodyValues[part.partId!]);
  if (values.some((one) => !one || one.isTruncated)) return "";
  return values.map((one) => cleaned(one!.value)).join("");
}

/** What can be said at once; the quotation comes when the message is fetched with its HTML. */
export function answerLetter(kind: Answer, email: Answerable, identities: readonly Identity[]): Letter {
  const identity = identityFor(email, identities);
  const found = kind === "forward" ? { to: [], cc: [] } : recipients(email, app.me.addresses, kind === "replyAll");
  const isRich = isHtml(email);
  const isSigned = kind === "forward" || app.preferences.get("signatureInReplies");
  const subject = email.subject ?? "";
  return {
    ...blank(crypto.randomUUID()),
    parent: { emailId: email.id, threadId: email.threadId, messageId: email.messageId?.[0] ?? "", kind: kind === "forward" ? "forward" : "reply", subject },
    threadId: kind === "forward" ? "" : email.threadId,
    identityId: identity?.id ?? "",
    to: found.to,
    cc: found.cc,
    subject: kind === "forward" ? forwardSubject(subject) : replySubject(subject),
    isRich,
    body: isRich ? `<div><br></div>${isSigned ? spaced(signatureHtml(identity)) : ""}` : isSigned && signatureText(identity) ? `\n\n${signatureText(identity)}` : "",
    ...ids(email),
    language: languageOf(textOfEmail(email)),
  };
}

export const isBelow = (): boolean => app.preferences.get("replyPosition") === "below";

/** What an answer or a forward quotes of its message. Null where the member quotes nothing. */
export function quoteOf(kind: Answer, email: Answerable, selection: string): Quote | null {
  const source = { email, text: textOfEmail(email), html: htmlOfEmail(email) };
  if (kind === "forward") return forwardQuote(source, long(new Date(email.sentAt ?? email.receivedAt)));
  if (!selection && app.preferences.get("quote") === "none") return null;
  return replyQuote(source, zoneName(), selection !== "" || isBelow(), selection);
}

/** Files of a message that go along: all of it where it is passed on, else the pictures that its HTML shows. */
export function filesOf(kind: Answer | "draft", email: Email): Attached[] {
  const shown = email.htmlBody.filter((part) => part.type.startsWith("image/"));
  const all = [...new Map([...email.attachments, ...shown].map((part) => [part.blobId, part])).values()];
  const wanted = kind === "forward" || kind === "draft" ? all : all.filter((part) => part.cid && part.type.startsWith("image/"));
  return wanted.filter((part) => part.blobId).map((part, n) => fileOf(part, `parent${n}`));
}

const fileOf = (part: EmailBodyPart, key: string): Attached => ({
  key, name: part.name ?? (part.type === "message/rfc822" ? "message.eml" : ""), type: part.type, size: part.size, blobId: part.blobId ?? "", cid: part.disposition === "attachment" ? "" : (part.cid ?? ""),
});

/** Whole messages as files. */
export function attachedLetter(emails: readonly Email[], identities: readonly Identity[]): Letter {
  const name = (email: Email): string => `${(email.subject ?? "").replace(/[\\/:*?"<>|\u0000-\u001f]/g, " ").trim().slice(0, 80) || "message"}.eml`;
  const files = emails.map((email, n): Attached => ({ key: `mail${n}`, name: name(email), type: "message/rfc822", size: email.size, blobId: email.blobId, cid: "" }));
  return { ...newLetter(undefined, identities), subject: forwardSubject(emails[0]?.subject ?? ""), files };
}

/** A draft of ours or of another program, with its quotation folded again. */
export function draftLetter(email: Answerable, draft: Draft | null, identities: readonly Identity[], parent: Email | null): Letter {
  const author = email.from?.[0]?.email.toLowerCase();
  const isRich = isHtml(email) || !parent || isHtml(parent);
  const people = (list: Email["to"]) => (list ?? []).map((one) => ({ name: one.name ?? "", email: one.email }));
  const text = textOfEmail(email);
  const { body, quote } = isHtml(email) ? splitHtml(htmlOfEmail(email) || paragraphs(text), text) : splitPlain(text, isRich);
  return {
    ...blank(crypto.randomUUID()),
    draftId: draft?.id ?? "",
    revision: draft?.revision ?? 0,
    emailId: email.id,
    threadId: email.threadId,
    parent: parent && { emailId: parent.id, threadId: parent.threadId, messageId: parent.messageId?.[0] ?? "", kind: "reply", subject: parent.subject ?? "" },
    identityId: (identities.find((one) => one.email.toLowerCase() === author) ?? identities[0])?.id ?? "",
    to: people(email.to),
    cc: people(email.cc),
    bcc: people(email.bcc),
    subject: email.subject ?? "",
    isRich,
    body,
    quote,
    files: filesOf("draft", email),
    inReplyTo: email.inReplyTo ?? [],
    references: email.references ?? [],
    language: languageOf(text),
  };
}

function splitPlain(text: string, isRich: boolean): { body: string; quote: Quote | null } {
  const { own, quote } = splitText(text);
  const folded = quote ? { text: quote, html: paragraphs(quote), isHtml: false, isAbove: false } : null;
  return { body: isRich ? paragraphs(own) : own, quote: folded };
}

/** The quotation is the last block, with its attribution before it. */
function splitHtml(html: string, text: string): { body: string; quote: Quote | null } {
  const root = fragment(html);
  const last = [...root.children].findLast((one) => one.textContent?.trim() || one.querySelector("img"));
  const before = last?.previousElementSibling;
  if (last?.tagName !== "BLOCKQUOTE" || last.getAttribute("type") !== "cite" || !/[:：]\s*$/.test(before?.textContent ?? "")) return { body: html, quote: null };
  const apart = document.createDocumentFragment();
  apart.append(before!, last);
  const quote = splitText(text).quote || text.slice(Math.max(0, text.lastIndexOf(before!.textContent!.trim())));
  while (root.lastElementChild && !root.lastElementChild.textContent?.trim() && !root.lastElementChild.querySelector("img")) root.lastElementChild.remove();
  return { body: serialised(root), quote: { html: serialised(apart), text: quote, isHtml: true, isAbove: false } };
}

export const cameByBcc = (email: Answerable): boolean => wasBcc(email, app.me.addresses);

export const isRedirected = (email: Answerable): boolean => recipients(email, app.me.addresses, false).redirected;

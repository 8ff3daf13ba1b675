/** A letter that is being written, as plain data: what is kept on the device, and what the server is given to save. */
import type { DraftAttachment, Email, EmailAddress, EmailBodyPart, Id, Identity } from "../jmap";

export interface Person {
  name: string;
  email: string;
}

/** A file that goes along. `blobId`: empty until it is uploaded. `cid`: of a picture inside the text, empty else. */
export interface Attached {
  key: string;
  name: string;
  type: string;
  size: number;
  blobId: Id;
  cid: string;
}

/** What an answer is to. */
export interface Parent {
  emailId: Id;
  threadId: Id;
  messageId: string;
  kind: "reply" | "forward";
  subject: string;
}

/** What is quoted and not yet unfolded into the text: HTML with `cid:` pictures, and the same as text. `isHtml`: it was HTML. */
export interface Quote {
  html: string;
  text: string;
  isHtml: boolean;
  isAbove: boolean;
}

/** `key` names it on this device. `body`: HTML where `isRich`, else text; without the folded quote. */
export interface Letter {
  key: string;
  draftId: Id;
  revision: number;
  emailId: Id;
  threadId: Id;
  parent: Parent | null;
  identityId: Id;
  to: Person[];
  cc: Person[];
  bcc: Person[];
  subject: string;
  isRich: boolean;
  body: string;
  quote: Quote | null;
  files: Attached[];
  inReplyTo: string[];
  references: string[];
  language: string;
  at: number;
}

export type Field = "to" | "cc" | "bcc";
export const FIELDS: readonly Field[] = ["to", "cc", "bcc"];

/** The two forms of a body; `html` is empty where plain text says all. */
export interface Bodies {
  text: string;
  html: string;
}

export function blank(key: string): Letter {
  const nothing = { draftId: "", revision: 0, emailId: "", threadId: "", parent: null, identityId: "", subject: "", isRich: true, body: "", quote: null };
  return { key, ...nothing, to: [], cc: [], bcc: [], files: [], inReplyTo: [], references: [], language: "", at: 0 };
}

export const everyone = (letter: Pick<Letter, Field>): Person[] => FIELDS.flatMap((field) => letter[field]);

/** The Email that `Draft/save` is to make. Files that are not uploaded yet come along with a later saving. */
export function emailOf(letter: Letter, identity: Identity | undefined, bodies: Bodies): Partial<Email> {
  const files = letter.files.filter((file) => file.blobId);
  const html = bodies.html ? { htmlBody: [part("html", "text/html")] } : {};
  const values = { text: value(bodies.text), ...(bodies.html && { html: value(bodies.html) }) };
  return {
    from: identity ? [{ name: identity.name || null, email: identity.email }] : null,
    ...(identity?.replyTo && { replyTo: identity.replyTo }),
    to: addresses(letter.to),
    cc: addresses(letter.cc),
    bcc: addresses(letter.bcc),
    subject: letter.subject.replace(/\s+/g, " ").trim(),
    ...(letter.inReplyTo.length && { inReplyTo: letter.inReplyTo }),
    ...(letter.references.length && { references: letter.references }),
    textBody: [part("text", "text/plain")],
    ...html,
    bodyValues: values,
    ...(files.length && { attachments: files.map((file) => attachment(file, bodies.html)) }),
  };
}

function addresses(people: readonly Person[]): EmailAddress[] | null {
  return people.length ? people.map((one) => ({ name: one.name || null, email: one.email })) : null;
}

const value = (text: string) => ({ value: text, isEncodingProblem: false, isTruncated: false });
const part = (partId: string, type: string): EmailBodyPart => ({ partId, type }) as EmailBodyPart;

/** A picture is inside the text only where the text shows it. */
function attachment(file: Attached, html: string): EmailBodyPart {
  const isShown = file.cid !== "" && html.includes(`cid:${file.cid}`);
  const shown = isShown ? { cid: file.cid, disposition: "inline" } : { disposition: "attachment" };
  return { blobId: file.blobId, type: file.type || "application/octet-stream", name: file.name || null, ...shown } as EmailBodyPart;
}

/** The files under the ids by which the next saving names them. They come in the order in which they were sent. */
export function renamed(files: readonly Attached[], sent: readonly Attached[], now: readonly DraftAttachment[]): Attached[] {
  if (sent.length !== now.length) return [...files];
  const left = [...now];
  const fresh = new Map<string, Id>();
  for (const file of sent) {
    const at = left.findIndex((one) => (file.cid ? one.cid === file.cid : (one.name ?? "") === file.name));
    const [found] = left.splice(Math.max(at, 0), 1);
    if (found) fresh.set(file.key, found.blobId);
  }
  return files.map((file) => ({ ...file, blobId: fresh.get(file.key) ?? file.blobId }));
}

/** With the folded quotation, above or below what was written. */
export function whole(letter: Letter, own: Bodies, html: () => string): Bodies {
  const { quote } = letter;
  const isHtml = letter.isRich && (own.html !== "" || (quote?.isHtml ?? false));
  const ownHtml = isHtml ? own.html || html() : "";
  if (!quote) return { text: own.text, html: ownHtml && page(ownHtml) };
  const gap = "<div><br></div>";
  const text = quote.isAbove ? `${quote.text}\n\n${own.text}` : `${own.text.trimEnd()}\n\n${quote.text}`;
  return { text, html: isHtml ? page(quote.isAbove ? quote.html + gap + ownHtml : ownHtml + gap + quote.html) : "" };
}

const page = (html: string): string => `<!DOCTYPE html><html><body>${html}</body></html>`;

/** What two versions of a letter are compared by: everything the server keeps. */
export function fingerprint(letter: Letter): string {
  const files = letter.files.filter((file) => file.blobId).map((file) => file.key);
  return JSON.stringify([letter.identityId, letter.to, letter.cc, letter.bcc, letter.subject, letter.isRich, letter.body, letter.quote !== null, files]);
}

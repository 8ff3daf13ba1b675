/** A letter that answers nothing. */
import { parseList } from "../../compose/address_list";
import { blank, type Letter } from "../../compose/letter";
import type { Fill } from "../../compose/mailto";
import { paragraphs } from "../../compose/paragraphs";
import type { Identity } from "../../jmap";
import { signatureHtml } from "./signature";

export function newLetter(fill: Fill | undefined, identities: readonly Identity[]): Letter {
  const letter = blank(crypto.randomUUID());
  const first = identities[0];
  const text = fill?.body ?? "";
  return {
    ...letter,
    identityId: first?.id ?? "",
    to: parseList(fill?.to ?? ""),
    cc: parseList(fill?.cc ?? ""),
    bcc: parseList(fill?.bcc ?? ""),
    subject: fill?.subject ?? "",
    body: (text ? paragraphs(text) : "<div><br></div>") + spaced(signatureHtml(first)),
  };
}

export const spaced = (html: string): string => html && `<div><br></div>${html}`;

/** Signatures: put under a new letter, and swapped with the address, which changes nothing that was typed. */
import { paragraphs } from "../../compose/paragraphs";
import type { Identity } from "../../jmap";
import { cleaned, fragment } from "./sanitiser";
import { serialised } from "./serial";

/** As a block of HTML; "" where the address has none. */
export function signatureHtml(identity: Identity | undefined): string {
  const inner = identity?.htmlSignature ? cleaned(identity.htmlSignature) : identity?.textSignature ? paragraphs(identity.textSignature.trimEnd()) : "";
  return inner && `<div data-signature="1">${inner}</div>`;
}

/** With the separator that mail programs know (RFC 3676 §4.3). */
export function signatureText(identity: Identity | undefined): string {
  return identity?.textSignature ? `-- \n${identity.textSignature.trimEnd()}` : "";
}

/** The text with the signature of `after` in the place of that of `before`; at its end where there was none. */
export function swappedText(text: string, before: Identity | undefined, after: Identity | undefined): string {
  const [old, now] = [signatureText(before), signatureText(after)];
  if (old === now) return text;
  const at = old ? text.lastIndexOf(old) : -1;
  if (at >= 0) return (text.slice(0, at) + now + text.slice(at + old.length)).replace(/\n+$/, now ? "$&" : "\n");
  return now ? `${text.trimEnd()}\n\n${now}` : text;
}

export function swapped(html: string, before: Identity | undefined, after: Identity | undefined): string {
  const now = signatureHtml(after);
  if (signatureHtml(before) === now) return html;
  const root = fragment(html);
  const old = signatureIn(root, before);
  if (old && now) old.replaceWith(fragment(now));
  else if (old) old.remove();
  else if (now) root.append(fragment(`<div><br></div>${now}`));
  return serialised(root);
}

/** The block that is the signature: as it is marked, or, in a draft from elsewhere, as it reads. */
function signatureIn(root: DocumentFragment, identity: Identity | undefined): Element | null {
  const marked = root.querySelector("[data-signature]");
  if (marked) return marked;
  const sought = text(fragment(signatureHtml(identity)));
  return sought ? ([...root.children].findLast((one) => text(one) === sought) ?? null) : null;
}

const text = (node: Node): string => (node.textContent ?? "").replace(/\s+/g, " ").trim();

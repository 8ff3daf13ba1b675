/** Addresses as people type and paste them: "Ana Silva <ana@x.example>; bob@y.example", one a line or many on one. */
import type { Person } from "./letter";

const LONGEST = 200_000; // characters that are looked at
const LOCAL = /^[^\s@()<>[\]\\,;:"]+$/u;
const DOMAIN = /^(?!-)[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*\.?$/u;

/** Enough to be sent to; whether anybody is there, only the other side knows. */
export function isAddress(email: string): boolean {
  const at = email.lastIndexOf("@");
  const [local, domain] = [email.slice(0, at), email.slice(at + 1)];
  if (at < 1 || email.length > 320 || local.length > 64 || local.startsWith(".") || local.endsWith(".") || local.includes("..")) return false;
  return (LOCAL.test(local) || /^"[^"\\]+"$/.test(local)) && (DOMAIN.test(domain) || /^\[[\da-f.:]+\]$/i.test(domain.replace("IPv6:", "")));
}

/** What is named, in order. What is no address comes along with its text as `email`, to be put right. */
export function parseList(text: string): Person[] {
  return pieces(text.slice(0, LONGEST)).flatMap((piece) => person(piece) ?? []);
}

/** Cut at commas, semicolons and line ends that stand in no quotes and no brackets. */
function pieces(text: string): string[] {
  const found: string[] = [];
  let from = 0;
  let quoted = false;
  let inside = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (sign === "\\" && quoted) at++;
    else if (sign === '"' && !inside) quoted = !quoted;
    else if (!quoted && sign === "<") inside = true;
    else if (!quoted && sign === ">") inside = false;
    else if (sign === "\n" || (!quoted && !inside && (sign === "," || sign === ";" || sign === "\t"))) {
      found.push(text.slice(from, at));
      [from, quoted, inside] = [at + 1, false, false];
    }
  }
  return [...found, text.slice(from)].flatMap(divided);
}

/** "a@x.example b@x.example": several with blanks between. A name with one address is one. */
function divided(piece: string): string[] {
  const words = piece.trim().split(/\s+/);
  return words.length > 1 && words.every(isAddress) ? words : [piece];
}

function person(piece: string): Person | null {
  const text = piece.trim().replace(/^mailto:/i, "");
  if (!text) return null;
  const [, named = "", bracketed] = /^(.*?)<\s*([^<>]*?)\s*>[^<>]*$/s.exec(text) ?? [];
  if (bracketed !== undefined) return { name: unquoted(named), email: bracketed };
  const [, email = "", comment = ""] = /^(\S+@\S+)\s*\(([^()]*)\)$/.exec(text) ?? [];
  if (email) return { name: comment.trim(), email };
  const group = /^[^:@"]+:(.*)$/s.exec(text); // "Garden: ana@x.example": the first of a group
  if (group && !isAddress(text)) return person(group[1]!);
  return { name: "", email: text.replace(/[.,;]+$/, "") };
}

function unquoted(name: string): string {
  const bare = name.trim();
  return (/^".*"$/s.test(bare) ? bare.slice(1, -1).replace(/\\(.)/g, "$1") : bare).replace(/\s+/g, " ").trim();
}

/** As a mail program writes it, so that it can be pasted anywhere. */
export function formatted(one: Person): string {
  if (!one.name || one.name === one.email) return one.email;
  const safe = /[(),:;<>@[\]\\".]/.test(one.name) ? `"${one.name.replace(/(["\\])/g, "\\$1")}"` : one.name;
  return `${safe} <${one.email}>`;
}

/** What two addresses are compared by: case and a +tag aside. */
export function same(email: string): string {
  const folded = email.toLowerCase();
  const at = folded.lastIndexOf("@");
  return `${folded.slice(0, at).split("+")[0] || folded.slice(0, at)}@${folded.slice(at + 1)}`;
}

/** Without accents and case: what names are compared by. */
export const folded = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

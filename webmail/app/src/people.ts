/** People as lists and messages show them: names, initials, and a colour that is the same on every page. */
import { t } from "./i18n";
import type { Writer } from "./jmap";

const HUES = ["rose", "red", "orange", "amber", "lime", "green", "teal", "cyan", "blue", "indigo", "purple"];
const DECEIVING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

/** One line of text from outside, safe to show beside our own: no bidi controls, no invisible signs, single blanks. */
export const clean = (text: string): string => text.replace(DECEIVING, "").replace(/\s+/g, " ").trim();

export function nameOf(name: string | null | undefined, email: string): string {
  return clean(name ?? "") || clean(email.split("@")[0] ?? "") || clean(email) || t("Unknown sender");
}

/** "Ana" of "Ana Silva", "Silva" kept of "Silva, Ana". */
export function firstName(name: string): string {
  const whole = name.includes(",") ? name.slice(name.indexOf(",") + 1).trim() || name : name;
  return whole.split(" ")[0]!;
}

export function initials(name: string): string {
  const words = name.split(" ").filter((word) => /[\p{L}\p{N}]/u.test(word));
  const chosen = words.length > 1 ? [words[0]!, words.at(-1)!] : words;
  return chosen.map((word) => /[\p{L}\p{N}]/u.exec(word)![0]).join("").toUpperCase().slice(0, 2) || "?";
}

/** The class of an address's own colour, as the server computes it: CRC-32 of the address in lower case. */
export function hue(email: string): string {
  return `hue-${HUES[crc32(email.toLowerCase()) % HUES.length]}`;
}

function crc32(text: string): number {
  let crc = ~0;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

/** Whose picture stands for a conversation: the one with an address. */
export const face = (writers: readonly Writer[]): Writer | undefined => writers.find((one) => one.email) ?? writers.at(-1);

/** Who wrote, as a list says it: a single writer keeps the whole name, several are called by their first. */
export function called(writers: readonly Writer[], count = writers.length): { name: string; isUnread: boolean }[] {
  const names = writers.map((one) => ({
    name: one.isMe ? t("me") : writers.length === 1 ? nameOf(one.name, one.email ?? "") : firstName(nameOf(one.name, one.email ?? "")),
    isUnread: one.isUnread ?? false,
  }));
  return count > writers.length ? [names[0]!, { name: "…", isUnread: false }, ...names.slice(1)] : names;
}

/** The application's words in the member's language. The English sentence is the key: what has no translation stays English. */
import { signal } from "@preact/signals";
import { keyOf } from "./key";
import { fill, type Values } from "./message";

const CONTEXT = "||"; // `Archive||place`: what is behind it tells apart what English has one word for, and is never shown
const RIGHT_TO_LEFT = new Set(["ar"]);

interface Spoken {
  language: string;
  /** For Intl. Arabic with the digits that addresses, sizes and the server's pages have. */
  locale: string;
  /** By `keyOf` of the English; none for English itself. */
  words: Record<string, string> | null;
  found: Map<string, string>;
}

const spoken = signal<Spoken>(made("en", null));

function made(language: string, words: Record<string, string> | null): Spoken {
  return { language, locale: language === "ar" ? "ar-u-nu-latn" : language, words, found: new Map() };
}

/** `{count, plural, …}` and the like are filled in; see `message.ts`. A view that says it is drawn anew when the language changes. */
export function t(message: string, values: Values = {}): string {
  const { locale, words, found } = spoken.value;
  let text = found.get(message);
  if (text === undefined) found.set(message, (text = words?.[keyOf(message)] ?? message.split(CONTEXT)[0]!));
  return fill(text, values, locale);
}

export function setLanguage(language: string, words: Record<string, string> | null): void {
  spoken.value = made(language, words);
}

/** Fetch a language's words and speak it; what can't be fetched is said in English. `catalogues`: where each language's are. */
export async function speak(language: string, catalogues: Record<string, string>): Promise<void> {
  const address = catalogues[language];
  const words = address ? await fetch(address).then((answer) => (answer.ok ? answer.json() : null), () => null) : null;
  setLanguage(words || !address ? language : "en", words);
  const page = document.documentElement;
  page.lang = spoken.peek().language;
  page.dir = RIGHT_TO_LEFT.has(page.lang) ? "rtl" : "ltr";
}

/** The language that is spoken now. */
export const chosen = (): string => spoken.peek().language;

/** For Intl: dates, numbers and sorting as the member is used to. */
export function locale(): string {
  return spoken.value.locale;
}

/** Names one after the other, as the language joins them. */
export function listed(names: readonly string[], type: "conjunction" | "unit" = "conjunction"): string {
  return new Intl.ListFormat(locale(), { type, style: "long" }).format(names);
}

/** The application's words in the member's language. The English sentence is the key: what has no translation stays English. */
import { fill, type Values } from "./message";

let language = "en";
let catalogue: Record<string, string> = {};

/** `{count, plural, …}` and the like are filled in; see `message.ts`. */
export function t(message: string, values: Values = {}): string {
  return fill(catalogue[message] ?? message, values, language);
}

export function setLanguage(name: string, messages: Record<string, string>): void {
  language = name;
  catalogue = messages;
}

/** For Intl: dates, numbers and sorting as the member is used to. */
export function locale(): string {
  return language;
}

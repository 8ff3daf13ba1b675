/** Fills messages written as ICU writes them: `{name}`, `{count, plural, one {# letter} other {# letters}}`, `{kind, select, …}`. */

export type Values = Record<string, string | number>;
type Part = string | { name: string; kind: "" | "plural" | "select"; cases: Record<string, Part[]> } | { hash: true };

const read = new Map<string, Part[]>();
const rules = new Map<string, Intl.PluralRules>();
const numbers = new Map<string, Intl.NumberFormat>();

function made<T>(kept: Map<string, T>, language: string, make: () => T): T {
  let found = kept.get(language);
  if (!found) kept.set(language, (found = make()));
  return found;
}

const number = (value: number, language: string): string => made(numbers, language, () => new Intl.NumberFormat(language)).format(value);
const category = (value: number, language: string): string => made(rules, language, () => new Intl.PluralRules(language)).select(value);

/** The message with its values, in the language's own plural forms. A message that is badly written is shown as it is. */
export function fill(message: string, values: Values, language: string): string {
  if (!message.includes("{")) return message;
  let parts = read.get(message);
  if (!parts) read.set(message, (parts = new Reader(message).parts()));
  return say(parts, values, language, 0);
}

function say(parts: Part[], values: Values, language: string, count: number): string {
  return parts.map((part) => sayOne(part, values, language, count)).join("");
}

function sayOne(part: Part, values: Values, language: string, count: number): string {
  if (typeof part === "string") return part;
  if ("hash" in part) return number(count, language);
  const value = values[part.name] ?? "";
  if (!part.kind) return typeof value === "number" ? number(value, language) : value;
  if (part.kind === "select") return say(part.cases[String(value)] ?? part.cases["other"] ?? [], values, language, count);
  const exact = part.cases[`=${value}`];
  const form = exact ?? part.cases[category(Number(value), language)] ?? part.cases["other"] ?? [];
  return say(form, values, language, Number(value));
}

class Reader {
  private at = 0;

  constructor(private text: string) {}

  parts(inside = false): Part[] {
    const found: Part[] = [];
    while (this.at < this.text.length && !(inside && this.text[this.at] === "}")) {
      const sign = this.text[this.at];
      if (sign === "{") found.push(this.argument());
      else if (sign === "#" && inside) this.at++, found.push({ hash: true });
      else found.push(this.plain(inside));
    }
    return found;
  }

  private plain(inside: boolean): string {
    const from = this.at;
    while (this.at < this.text.length && !(inside ? "{}#" : "{").includes(this.text[this.at]!)) this.at++;
    return this.text.slice(from, this.at);
  }

  private argument(): Part {
    this.at++;
    const head = this.until(/[,}]/);
    if (this.text[this.at] !== ",") return this.at++, { name: head, kind: "", cases: {} };
    this.at++;
    const kind = this.until(/,/) as "plural" | "select";
    this.at++;
    const cases: Record<string, Part[]> = {};
    while (this.at < this.text.length && this.text[this.at] !== "}") {
      const name = this.until(/\{/);
      this.at++;
      cases[name] = this.parts(true);
      this.at++;
      while (/\s/.test(this.text[this.at] ?? "")) this.at++;
    }
    this.at++;
    return { name: head, kind, cases };
  }

  private until(end: RegExp): string {
    const from = this.at;
    while (this.at < this.text.length && !end.test(this.text[this.at]!)) this.at++;
    return this.text.slice(from, this.at).trim();
  }
}

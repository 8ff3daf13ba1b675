/**
 * Reads a typed query into a tree (product.md 2.2), as the server does: one table of cases holds for both. It never fails: what
 * cannot be read is searched as text, with a hint.
 */
import { asked, BLANK, strip } from "./fold";
import * as hints from "./hints";
import type { Hint } from "./hints";
import { CHOICES, DEEPEST, LATER, LONGEST, MOST_TERMS, OPERATORS, PLACES, PLACES_LATER, SHORTEST, TEXT, type Kind } from "./operators";
import { EVERYTHING, type Group, type Node, type Span, type Term } from "./tree";
import { nearestDate, numberOf, readAge, readDay, readSize, readSpan } from "./values";

const BLANKS = new RegExp(`[${BLANK}]*`, "uy");
const WORD = new RegExp(`[^${BLANK}(){}"]+`, "uy");
const FIELD = /([A-Za-z][A-Za-z0-9_]{0,19}):/y;
const KEYWORD = new RegExp(`(AND|OR|NOT|AROUND|\\|)(?=[${BLANK}(){}"]|$)`, "y");
const NUMBER = new RegExp(`[${BLANK}]*(?:\\((\\p{Nd}{1,4})\\)|(\\p{Nd}{1,4})(?=[${BLANK}]))`, "uy");

/** A query as it was read. */
export interface Parsed {
  text: string;
  tree: Node;
  hints: readonly Hint[];
}

/** `dayFirst`: 4/5/2026 is the fourth of May in the member's language. */
export function parse(query: string, dayFirst = false): Parsed {
  const text = query.replaceAll("\0", " ");
  const read = first(text, LONGEST);
  const reader = new Reader(read, dayFirst);
  if (read.length < text.length) reader.hint(hints.tooLong(LONGEST));
  const tree = reader.sequence("");
  return { text: first(text, LONGEST + 1), tree: tree ?? EVERYTHING, hints: reader.hints };
}

const first = (text: string, most: number): string => (text.length > most ? [...text].slice(0, most).join("") : text);

interface Said {
  quoted?: boolean;
  exact?: boolean;
}

/** One pass over the text, recursive where brackets are. */
class Reader {
  hints: Hint[] = [];
  private at = 0;
  private depth = 0;
  private count = 0;
  private negated = false;
  private field = ""; // inside field:( … ), the field that values inherit

  constructor(private text: string, private dayFirst: boolean) {}

  hint(said: Hint | null): void {
    const isNew = said && !this.hints.some((one) => one.text === said.text && one.typed === said.typed && one.meant === said.meant);
    if (isNew) this.hints.push(said);
  }

  // --- the grammar's rules, top down; null is "nothing that means anything" ---

  /** `and`: terms side by side, up to the closing bracket or the end. */
  sequence(closing: string): Node | null {
    const start = this.at;
    const found: (Node | null)[] = [];
    while (!this.closed(closing)) if (!this.keyword("AND")) found.push(this.alternatives());
    return oneOr("and", found, [start, this.at]);
  }

  /** `or`: binds tighter than the blank. */
  private alternatives(): Node | null {
    const start = this.at;
    const found = [this.unary()];
    while (this.keyword("OR") || this.keyword("|")) if (!this.ended()) found.push(this.unary());
    return oneOr("or", found, [start, this.at]);
  }

  private unary(): Node | null {
    this.skipBlanks();
    const start = this.at;
    let negated = this.keyword("NOT");
    if (!negated && this.text[this.at] === "-" && strip(this.text[this.at + 1] ?? "")) {
      this.at++;
      negated = true;
    }
    this.skipBlanks();
    const outer = this.negated;
    this.negated ||= negated;
    const child = this.around(this.primary());
    this.negated = outer;
    return negated && child ? { kind: "not", child, span: [start, this.at] } : child;
  }

  private around(left: Node | null): Node | null {
    if (!this.keyword("AROUND")) return left;
    const number = this.match(NUMBER);
    if (this.ended()) return left;
    const right = this.primary();
    if (left?.kind === "term" && right?.kind === "term" && left.operator === right.operator && TEXT.has(left.operator)) {
      const within = number ? numberOf(number[1] ?? number[2]!) : 5;
      return { kind: "around", left, right, within: Math.min(within, 50), span: [left.span[0], right.span[1]] };
    }
    return oneOr("and", [left, right], [(left ?? right)?.span[0] ?? 0, this.at]);
  }

  private primary(): Node | null {
    this.skipBlanks();
    const start = this.at;
    const character = this.text[start] ?? "";
    if (character === "(" || character === "{") return this.group();
    if (character === '"') return this.value(this.field, this.phrase(), start, { quoted: true });
    if (character === "+" && this.text[start + 1] && !" \t\n(){}".includes(this.text[start + 1]!)) {
      this.at++;
      const quoted = this.text[this.at] === '"';
      return this.value(this.field, quoted ? this.phrase() : this.bare(), start, { quoted, exact: true });
    }
    const name = this.peek(FIELD)?.[1]?.toLowerCase();
    if (name && (OPERATORS.has(name) || LATER.has(name))) return this.named(name);
    return this.value(this.field, this.bare(), start);
  }

  /** ( … ) or { … }; the latter holds alternatives. What is in it stands where its brackets do. */
  private group(): Node | null {
    const start = this.at;
    const opening = this.text[this.at++];
    if (this.depth >= DEEPEST) {
      this.hint(hints.tooDeep(DEEPEST));
      return null;
    }
    this.depth++;
    const node = opening === "(" ? this.sequence(")") : this.braces();
    this.depth--;
    return node && { ...node, span: [start, this.at] };
  }

  private braces(): Node | null {
    const start = this.at;
    const found: (Node | null)[] = [];
    while (!this.closed("}")) if (!this.keyword("OR") && !this.keyword("AND") && !this.keyword("|")) found.push(this.unary());
    return oneOr("or", found, [start, this.at]);
  }

  /** name:value, name:"value", name:( … ), name:{ … }; blanks may follow the colon. */
  private named(name: string): Node | null {
    const start = this.at;
    this.at += name.length + 1;
    this.skipBlanks();
    const character = this.text[this.at] ?? "";
    const next = this.peek(FIELD)?.[1]?.toLowerCase();
    if (!character || ")}".includes(character) || (next && OPERATORS.has(next))) {
      this.hint(OPERATORS.has(name) ? hints.noValue(name) : hints.notYet(`${name}:`));
      return null;
    }
    if ("({".includes(character)) {
      const outer = this.field;
      this.field = name;
      const node = this.group();
      this.field = outer;
      return node && { ...node, span: [start, this.at] };
    }
    if (character === '"') return this.value(name, this.phrase(), start, { quoted: true });
    return this.value(name, this.bare(), start);
  }

  // --- words and values ---

  private phrase(): string {
    const end = this.text.indexOf('"', this.at + 1);
    const phrase = this.text.slice(this.at + 1, end < 0 ? this.text.length : end);
    this.at = end < 0 ? this.text.length : end + 1;
    return phrase;
  }

  private bare(): string {
    const found = this.match(WORD);
    if (!found) this.at++;
    return found?.[0] ?? "";
  }

  /** A term of the field `name` ("": plain text), or null with a hint that says why not. */
  private value(name: string, value: string, start: number, said: Said = {}): Node | null {
    if (!strip(value)) return null;
    if (this.count >= MOST_TERMS) {
      this.hint(hints.tooMany(MOST_TERMS));
      return null;
    }
    this.count++;
    const span: Span = [start, this.at];
    if (LATER.has(name)) return this.nothing(hints.notYet(`${name}:`));
    const operator = OPERATORS.get(name);
    if (!operator || operator.value === "text" || operator.value === "person") return this.words(operator?.name ?? "text", value, span, said);
    return this.typed(name, operator.name, operator.value, value, span);
  }

  private words(operator: string, value: string, span: Span, { quoted = false, exact = false }: Said): Term | null {
    if (operator === "text" && !quoted) this.hintAboutWord(value, span);
    const starred = value.endsWith("*") && !quoted;
    const bare = starred ? value.replace(/\*+$/, "") : value;
    const { tokens } = asked(bare);
    if (!tokens.length) return this.nothing(operator === "text" ? hints.noLetters(bare) : hints.noValue(operator));
    // The last word typed may not be finished yet; but -cat is not to take away every category, and what one or two letters
    // begin is half of all words.
    const typing = !quoted && !this.negated && this.at === this.text.length && [...tokens.at(-1)!].length >= SHORTEST;
    return term(operator, bare, span, { prefix: !exact && (starred || typing), exact, quoted });
  }

  private hintAboutWord(value: string, span: Span): void {
    if (value === "or" && strip(this.text.slice(0, span[0])) && strip(this.text.slice(span[1]))) this.hint(hints.lowerCaseOr());
    const found = /^([A-Za-z][A-Za-z0-9_]{0,19}):/.exec(value);
    const rest = found ? value.slice(found[0].length) : "";
    if (found && !rest.startsWith("//")) this.hint(hints.notAnOperator(found[1]!, rest));
  }

  /** A term whose value has a form of its own. */
  private typed(name: string, operator: string, kind: Kind, value: string, span: Span): Node | null {
    const wanted = strip(value).toLowerCase();
    const choices = CHOICES[kind];
    if (choices) {
      const known = choices.known.get(wanted);
      if (known !== undefined) return term(operator, known, span);
      if (choices.later.has(wanted)) return this.nothing(hints.notYet(`${name}:${wanted}`));
      this.hint(hints.unknownValue(operator, value, choices.known.keys()));
      const node = this.words("text", `${name}:${value}`, span, { quoted: true });
      return node && { ...node, quoted: false };
    }
    if (kind === "place") {
      if (PLACES_LATER.has(wanted)) return this.nothing(hints.notYet(`in:${wanted}`));
      return PLACES.has(wanted) ? term("in", PLACES.get(wanted)!, span) : term("label", strip(value), span);
    }
    if (kind === "label") return term(operator, strip(value), span);
    if (kind === "id") return term(operator, strip(value).replace(/^[<>]+|[<>]+$/g, ""), span);
    return this.measured(name, operator, kind, value, span);
  }

  /** Dates, ages and sizes. */
  private measured(name: string, operator: string, kind: Kind, value: string, span: Span): Node | null {
    if (kind === "date" || kind === "span") {
      const days = (kind === "date" ? readDay : readSpan)(value, this.dayFirst);
      return days ? term(operator, days, span) : this.nothing(hints.notADate(value, nearestDate(value)));
    }
    if (kind === "age") {
      const age = readAge(value);
      return age ? term(operator, age, span) : this.nothing(/^\p{Nd}+$/u.test(value) ? hints.noUnit(name, value) : hints.notAnAge(name, value));
    }
    const size = readSize(value);
    return size === null ? this.nothing(hints.notASize(name, value)) : term(operator, size, span);
  }

  private nothing(said: Hint): null {
    this.hint(said);
    return null;
  }

  // --- where we are ---

  private skipBlanks(): void {
    this.match(BLANKS);
  }

  private ended(): boolean {
    this.skipBlanks();
    return this.at >= this.text.length || ")}".includes(this.text[this.at]!);
  }

  /** Whether the group is over; its own bracket is consumed, a stray one is passed over. */
  private closed(closing: string): boolean {
    for (;;) {
      this.skipBlanks();
      if (this.at >= this.text.length) return true;
      if (!")}".includes(this.text[this.at]!)) return false;
      if (this.text[this.at++] === closing) return true;
    }
  }

  /** Consume this operator word, if it stands here. */
  private keyword(word: string): boolean {
    this.skipBlanks();
    if (this.peek(KEYWORD)?.[1] !== word) return false;
    this.at += word.length;
    return true;
  }

  private peek(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text);
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    const found = this.peek(pattern);
    if (found) this.at = pattern.lastIndex;
    return found;
  }
}

function term(operator: string, value: Term["value"], span: Span, marks: Partial<Pick<Term, "prefix" | "exact" | "quoted">> = {}): Term {
  return { kind: "term", operator, value, prefix: false, exact: false, quoted: false, ...marks, span };
}

/** The node itself where there is one, else a node of this kind; null for none. */
function oneOr(kind: Group["kind"], found: readonly (Node | null)[], span: Span): Node | null {
  const nodes = found.filter((one) => one !== null);
  return nodes.length > 1 ? { kind, children: nodes, span } : (nodes[0] ?? null);
}

/** A letter's HTML as text: what goes along for those who read text, and all there is where nothing but text was used. */

const BLOCKS = /^(ADDRESS|ARTICLE|ASIDE|BLOCKQUOTE|CENTER|DIV|DL|DT|DD|FIGURE|FOOTER|H[1-6]|HEADER|HR|LI|MAIN|NAV|OL|P|PRE|SECTION|TABLE|TBODY|THEAD|TFOOT|TR|UL)$/;
const DEEPEST = 100;

/** The text of what is inside `root`, without a line end at its end. */
export function textOf(root: Node): string {
  const lines = new Lines();
  walk(root, lines, { prefix: "", isPre: false, depth: 0 });
  return lines.all().join("\n").replace(/\u200b/g, "").replace(/\n+$/, "");
}

interface Where {
  prefix: string;
  isPre: boolean;
  depth: number;
}

/** Lines as they grow: `end` ends one that has something on it. */
class Lines {
  private done: string[] = [];
  private open: string | null = null;

  add(text: string, { prefix, isPre }: Where): void {
    const clean = isPre ? text : text.replace(/[ \t\r\n]+/g, " ");
    if (!clean || (this.open === null && !isPre && clean === " ")) return;
    const [first, ...rest] = isPre ? clean.split("\n") : [clean];
    this.open = (this.open ?? prefix) + (this.open === null && !isPre ? first!.trimStart() : first!);
    for (const line of rest) this.break(prefix), (this.open = prefix + line);
  }

  /** A line end, whether or not something is on the line. */
  break(prefix: string): void {
    this.done.push((this.open ?? prefix).trimEnd());
    this.open = null;
  }

  end(): void {
    if (this.open !== null) this.done.push(this.open.trimEnd());
    this.open = null;
  }

  all(): string[] {
    this.end();
    return this.done.map((line) => line.replace(/\u00a0/g, " "));
  }
}

function walk(node: Node, lines: Lines, where: Where): void {
  for (const child of node.childNodes) {
    if (child instanceof Text) lines.add(child.data, where);
    else if (child instanceof Element && where.depth < DEEPEST) element(child, lines, { ...where, depth: where.depth + 1 });
  }
}

function element(one: Element, lines: Lines, where: Where): void {
  if (one.tagName === "BR") return isPadding(one) ? undefined : lines.break(where.prefix);
  if (one.tagName === "IMG") return lines.add(one.getAttribute("alt") ? `[${one.getAttribute("alt")}]` : "", where);
  if (one.tagName === "HR") return lines.end(), lines.add("---", where), lines.end();
  if (one.tagName === "A") return link(one, lines, where);
  if (one.tagName === "TD" || one.tagName === "TH") return walk(one, lines, where), lines.add("  ", where);
  if (!BLOCKS.test(one.tagName)) return walk(one, lines, where);
  lines.end();
  if (isEmpty(one)) lines.break(where.prefix);
  else if (one.tagName === "LI") item(one, lines, where);
  else if (one.tagName === "BLOCKQUOTE") walk(one, lines, { ...where, prefix: `${where.prefix.trimEnd()}> `.replace(/^> > /, ">> ") });
  else walk(one, lines, { ...where, isPre: where.isPre || one.tagName === "PRE" });
  lines.end();
}

/** "- " or "2. ", and further lines below the first. */
function item(one: Element, lines: Lines, where: Where): void {
  const list = one.parentElement;
  const number = [...(list?.children ?? [])].filter((other) => other.tagName === "LI").indexOf(one) + 1;
  lines.add(list?.tagName === "OL" ? `${number}.\u00a0` : "-\u00a0", where);
  walk(one, lines, { ...where, prefix: `${where.prefix}  ` });
}

function link(one: Element, lines: Lines, where: Where): void {
  const href = one.getAttribute("href") ?? "";
  const text = one.textContent ?? "";
  walk(one, lines, where);
  if (href && !isSameLink(href, text)) lines.add(` <${href.replace(/^mailto:/i, "")}>`, where);
}

/** Does the text of a link say where it leads? */
export function isSameLink(href: string, text: string): boolean {
  const bare = (address: string): string => address.trim().toLowerCase().replace(/^(https?:\/\/|mailto:)/, "").replace(/\/$/, "");
  return bare(href) === bare(text);
}

/** The break that only keeps a block open. */
function isPadding(br: Element): boolean {
  const parent = br.parentElement;
  return parent !== null && BLOCKS.test(parent.tagName) && br === parent.lastChild && parent.childNodes.length > 1;
}

const isEmpty = (one: Element): boolean => !one.textContent?.replace(/\u200b/g, "").trim() && !one.querySelector("img, hr, td, th, li") && !/^(TABLE|UL|OL|TR|TBODY)$/.test(one.tagName) && one.querySelectorAll("div, p").length === 0;

/** Was nothing but text used? Then a letter needs no HTML. */
export function isOnlyText(root: Element): boolean {
  return [...root.querySelectorAll("*")].every((one) => {
    if (one.tagName === "A") return isSameLink(one.getAttribute("href") ?? "", one.textContent ?? "");
    return /^(DIV|BR|P|SPAN|INPUT)$/.test(one.tagName) && !one.className && !one.hasAttribute("style") && !one.hasAttribute("dir") && !one.hasAttribute("align");
  });
}

/** What is pasted keeps its structure and loses its looks: fonts, colours, classes, and what word processors put around it. */

/** Changes the nodes in place. */
export function plainer(pasted: DocumentFragment): void {
  for (const bold of pasted.querySelectorAll<HTMLElement>("b, strong")) if (/^(normal|[1-4]00)$/.test(bold.style.fontWeight)) unwrap(bold); // Google Docs wraps all it copies
  for (const one of pasted.querySelectorAll<HTMLElement>("*")) strip(one);
  for (const one of [...pasted.querySelectorAll("font, span")].reverse()) if (!one.attributes.length) unwrap(one);
  listed(pasted);
}

function strip(one: HTMLElement): void {
  for (const name of ["style", "class", "color", "face", "size", "bgcolor", "lang", "align", "valign", "data-color", "data-size"]) one.removeAttribute(name);
  if (!(one instanceof HTMLImageElement)) for (const name of ["width", "height"]) one.removeAttribute(name);
}

function unwrap(one: Element): void {
  one.replaceWith(...one.childNodes);
}

const BULLET = /^[\s\u00a0]*([·•▪◦§‣–]|o(?=[\s\u00a0]{2}))[\s\u00a0]+/;
const NUMBER = /^[\s\u00a0]*\d{1,3}[.)][\s\u00a0]{2,}/;

/** Word writes lists as paragraphs that begin with a dot or a number and a wide gap. */
function listed(pasted: DocumentFragment): void {
  let list = null as Element | null;
  for (const block of [...pasted.querySelectorAll("p, div")]) {
    const text = block.textContent ?? "";
    const kind = block.querySelector("p, div, li, table") ? null : BULLET.test(text) ? "ul" : NUMBER.test(text) ? "ol" : null;
    if (!kind) {
      list = null;
      continue;
    }
    if (list?.tagName.toLowerCase() !== kind || list.nextElementSibling !== block) {
      list = document.createElement(kind);
      block.before(list);
    }
    const item = document.createElement("li");
    item.append(...block.childNodes);
    cut(item, (kind === "ul" ? BULLET : NUMBER).exec(text)![0].length);
    list.append(item);
    block.remove();
  }
}

/** Take so many characters off the start. */
function cut(root: Node, count: number): void {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode() as Text | null; node && count > 0; node = texts.nextNode() as Text | null) {
    const taken = Math.min(count, node.length);
    node.deleteData(0, taken);
    count -= taken;
  }
}

/** What the nodes of a letter are written as. */

/** What nodes are written as in a letter: no classes but what they mean, pictures by their addresses. */
export function serialised(nodes: DocumentFragment | HTMLElement): string {
  const inert = document.implementation.createHTMLDocument(""); // in which no picture is fetched
  inert.body.append(...[...nodes.childNodes].map((node) => inert.importNode(node, true)));
  for (const element of inert.body.querySelectorAll<HTMLElement>("*")) unsettle(element);
  return inert.body.innerHTML.replace(/\u200b/g, "");
}

const COLORS: Record<string, string> = {
  grey: "#5f6b72", rose: "#8a1f45", red: "#b3261e", orange: "#a34f00", amber: "#7a5900", lime: "#4d6600",
  green: "#1b6032", teal: "#0a5c51", cyan: "#0b5770", blue: "#17498f", indigo: "#3d3a94", purple: "#622a86",
};
const SIZES: Record<string, string> = { small: "12px", large: "18px", huge: "24px" };
export const colors = Object.keys(COLORS);

function unsettle(element: HTMLElement): void {
  for (const [, kind, name] of element.className.toString().matchAll(/\b(color|size|align)-([a-z]+)\b/g)) {
    if (kind === "color" && COLORS[name!]) element.style.color = COLORS[name!]!;
    if (kind === "size" && SIZES[name!]) element.style.fontSize = SIZES[name!]!;
  }
  element.removeAttribute("class");
  element.removeAttribute("data-signature");
  for (const name of ["data-remote", "data-cid"]) {
    const source = element.getAttribute(name);
    if (source) element.setAttribute("src", name === "data-cid" ? `cid:${source}` : source);
    element.removeAttribute(name);
  }
  if (element instanceof HTMLAnchorElement) element.removeAttribute("rel");
}

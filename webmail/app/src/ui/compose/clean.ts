/** HTML from outside becomes nodes here and nowhere else: through DOMPurify, with what would load or cover anything taken away. */
import DOMPurify, { type Config } from "dompurify";

const FORBIDDEN = ["style", "form", "button", "textarea", "select", "option", "fieldset", "legend", "label", "dialog", "audio", "video", "source", "track", "svg", "math", "slot", "template", "noscript", "title", "progress", "meter", "details", "summary", "menu", "picture"];
const ATTRIBUTES = ["class", "id", "name", "contenteditable", "autofocus", "tabindex", "popover", "accesskey", "draggable", "hidden", "inert", "is", "part", "exportparts", "srcset", "background", "usemap", "ismap"];
const BOOKMARK = /^squire-selection-(start|end)$/;
const SHIFTED = /(<[a-z][a-z0-9]*\b[^<>]*?\s)style(\s*=)/gi;
const LOADING = /url\s*\(|image-set|element\s*\(|expression|@import|\\/i;
const COVERING = /^(position|z-index|inset.*|top|left|right|bottom|transform.*|animation.*|transition.*|filter|backdrop-filter|opacity|pointer-events|cursor|content|will-change|contain|float|visibility|clip.*|mask.*)$/;

/** Only for what DOMPurify hands to a document in which nothing runs; nobody else has it. */
type Policy = NonNullable<Config["TRUSTED_TYPES_POLICY"]>;
const factory = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): Policy } }).trustedTypes;
const policy = factory?.createPolicy("compose", { createHTML: (html: string) => html, createScriptURL: () => "" });

const config: Config = {
  RETURN_DOM_FRAGMENT: true,
  FORBID_TAGS: FORBIDDEN,
  FORBID_ATTR: ATTRIBUTES,
  ADD_ATTR: ["data-style", "data-cid", "data-remote", "data-signature"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  USE_PROFILES: { html: true },
  ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel|cid|blob|xmpp|sms):|^data:image\/(?:png|gif|jpeg|webp);/i,
  ...(policy && { TRUSTED_TYPES_POLICY: policy }),
};

/** `own`: HTML of the editor itself, in which its bookmarks and its classes stay. */
export function fragment(html: string, own = false): DocumentFragment {
  const forbidden = own ? ATTRIBUTES.filter((name) => name !== "class" && name !== "id") : ATTRIBUTES;
  const found = DOMPurify.sanitize(html.replace(SHIFTED, "$1data-style$2"), { ...config, FORBID_ATTR: forbidden, RETURN_DOM_FRAGMENT: true });
  for (const image of found.querySelectorAll("img")) settleImage(image); // before they come into a page that would fetch them
  const made = document.importNode(found, true);
  for (const input of made.querySelectorAll("input")) if (!own || input.type !== "hidden" || !BOOKMARK.test(input.id)) input.remove();
  for (const element of made.querySelectorAll<HTMLElement>("*")) settle(element, own);
  return made;
}

function settle(element: HTMLElement, own: boolean): void {
  const style = element.getAttribute("data-style");
  element.removeAttribute("data-style");
  if (style !== null && !/^(STRONG|EM|INS|STRIKE|FONT)$/.test(element.tagName)) restyle(element, style);
  if (own && !(element instanceof HTMLInputElement) && element.id) element.removeAttribute("id");
  if (element instanceof HTMLAnchorElement && element.hasAttribute("href")) element.rel = "noreferrer";
}

/** By properties, for the page's policy knows no style attributes; without what would load or leave its place. */
function restyle(element: HTMLElement, css: string): void {
  element.style.cssText = LOADING.test(css) ? css.split(";").filter((one) => !LOADING.test(one)).join(";") : css;
  for (const name of [...element.style]) if (COVERING.test(name)) element.style.removeProperty(name);
  if (!element.style.length) element.removeAttribute("style");
}

/** Pictures of other hosts are not fetched while one writes; where they are from is remembered for the letter. */
function settleImage(image: HTMLImageElement): void {
  const source = image.getAttribute("src") ?? "";
  if (image.hasAttribute("data-cid")) image.removeAttribute("src");
  if (/^https?:/i.test(source)) {
    image.setAttribute("data-remote", source);
    image.removeAttribute("src");
  } else if (/^cid:/i.test(source)) {
    image.setAttribute("data-cid", source.slice(4));
    image.removeAttribute("src");
  }
  if (!image.alt) image.alt = "";
}

/** Sanitised HTML as text, with `cid:` and remote pictures as the letter has them. */
export function cleaned(html: string): string {
  return serialised(fragment(html));
}

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

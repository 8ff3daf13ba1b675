/** HTML becomes nodes here and nowhere else: through DOMPurify, with what would load or cover anything taken away. */
import DOMPurify, { type Config } from "dompurify";

const FORBIDDEN = ["style", "form", "button", "textarea", "select", "option", "fieldset", "legend", "label", "dialog", "audio", "video", "source", "track", "svg", "math", "slot", "template", "noscript", "title", "progress", "meter", "details", "summary", "menu", "picture"];
const ATTRIBUTES = ["class", "id", "name", "contenteditable", "autofocus", "tabindex", "popover", "accesskey", "draggable", "hidden", "inert", "is", "part", "exportparts", "srcset", "background", "usemap", "ismap"];
const BOOKMARK = /^squire-selection-(start|end)$/;
const SHEET = /<style\b[^<>]*>[^]*?(?:<\/style\s*>|$)/gi;
const TAG = /<[a-z][^<>]*>/gi;
const SHIFTED = /([\s"'/])(style|on[a-z]+)(?=\s*=)/gi;
const LEADING = /^(https?|mailto|tel|xmpp|sms|cid):/i;
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
  ADD_URI_SAFE_ATTR: ["data-style", "data-cid", "data-remote", "data-signature"],
  ALLOWED_URI_REGEXP: /^(?:(?:https?|mailto|tel|cid|xmpp|sms):|data:image\/(?:png|gif|jpeg|webp);|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i,
  ...(policy && { TRUSTED_TYPES_POLICY: policy }),
};

/** `own`: HTML of the editor itself, in which its bookmarks and its classes stay. */
export function fragment(html: string, own = false): DocumentFragment {
  const forbidden = own ? ATTRIBUTES.filter((name) => name !== "class" && name !== "id") : ATTRIBUTES;
  const found = DOMPurify.sanitize(inertly(html), { ...config, FORBID_ATTR: forbidden, RETURN_DOM_FRAGMENT: true });
  for (const image of found.querySelectorAll("img")) settleImage(image); // before they come into a page that would fetch them
  const made = document.importNode(found, true);
  for (const input of made.querySelectorAll("input")) if (!own || input.type !== "hidden" || !BOOKMARK.test(input.id)) input.remove();
  for (const element of made.querySelectorAll<HTMLElement>("*")) settle(element, own);
  return made;
}

/** The browser complains of every style and handler attribute that it reads and may not follow: they get other names before. */
function inertly(html: string): string {
  return html.replace(SHEET, "").replace(TAG, (tag) => tag.replace(SHIFTED, (_, before: string, name: string) => `${before}${name.toLowerCase() === "style" ? "data-style" : "data-off"}`));
}

function settle(element: HTMLElement, own: boolean): void {
  const style = element.getAttribute("data-style");
  element.removeAttribute("data-style");
  if (style !== null && !/^(STRONG|EM|INS|STRIKE|FONT)$/.test(element.tagName)) restyle(element, style);
  if (own && !(element instanceof HTMLInputElement) && element.id) element.removeAttribute("id");
  if (!(element instanceof HTMLAnchorElement) || !element.hasAttribute("href")) return;
  if (LEADING.test(element.getAttribute("href")!.trim())) element.rel = "noreferrer";
  else element.removeAttribute("href");
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
  } else if (!/^data:image\//i.test(source)) {
    image.removeAttribute("src");
  }
  if (!image.alt) image.alt = "";
}

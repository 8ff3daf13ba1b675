/** Writing: begin a letter, answer and pass on; and what is done to the letter that one is writing. */
import { app } from "../app";
import { catchKeys, caught, compose, desk, prefetch, type Answer } from "../compose/desk";
import { watchOutbox } from "../compose/outbox";
import { parseMailto } from "../compose/mailto";
import { t } from "../i18n";
import type { Email, Id } from "../jmap";
import { replyTarget } from "../model/arrange";
import { threadOf } from "../model/effects";
import { where } from "../navigation";
import { reading } from "../reading";
import { define, type Command } from "./registry";
import { chosen, split } from "./mail";
import { message } from "./target";

const POPUP = "popup,width=720,height=760";

/** The message that a key is about; of a row that is not loaded yet, after it was. */
async function target(): Promise<Email | null> {
  if (message.value) return message.value;
  const id = chosen()[0];
  if (!id) return null;
  const open = reading.peek()?.id === id ? reading.peek()?.here.peek() : null;
  return replyTarget(open ?? (await emailsOf(id)));
}

/** The messages of a row as they are by now; where the list shows single messages, that one. */
async function emailsOf(id: Id): Promise<readonly Email[]> {
  const row = app.list.peek()?.rows.peek().find((one) => one.id === id);
  const there = where.peek();
  const thread = row ? threadOf(row) : there.at === "conversation" ? there.id : id;
  const emails = await app.conversations.latest(thread, app.state.peek());
  return split([id]).emailIds.length ? emails.filter((email) => email.id === id) : emails;
}

/** Text that is selected in the message becomes all that is quoted. */
function selected(email: Email): string {
  const bubble = document.querySelector(`[data-email="${CSS.escape(email.id)}"]`);
  const inFrame = bubble?.querySelector("iframe")?.contentDocument?.getSelection()?.toString().trim();
  const here = getSelection();
  const inText = here && !here.isCollapsed && bubble?.contains(here.anchorNode) && bubble.contains(here.focusNode) ? here.toString().trim() : "";
  return inFrame || inText || "";
}

async function answer(kind: Answer, inWindow: boolean): Promise<void> {
  const wanted = target();
  const quoted = getSelection()?.toString() ? await wanted.then((email) => (email ? selected(email) : "")) : null;
  if (!inWindow) catchKeys();
  const email = await wanted;
  if (!email) return void caught();
  if (inWindow) popUp({ [kind]: email.id });
  else await compose({ kind, email, selection: quoted ?? selected(email) });
}

/** A browser window of its own with a letter in it. */
function popUp(asked: Record<string, string>, features = POPUP): void {
  window.open(`/?${new URLSearchParams({ compose: "1", ...asked })}`, "_blank", features);
}

async function attach(): Promise<void> {
  const ids = chosen();
  const direct = message.value;
  if (direct) return compose({ kind: "attach", emails: [direct] });
  const found = await Promise.all(ids.map(emailsOf));
  const emails = found.flatMap((one) => replyTarget(one) ?? []);
  if (emails.length) await compose({ kind: "attach", emails });
}

/** What the address of this window asks to be written: `/?compose=1&reply=M7`. */
async function asked(): Promise<void> {
  const wanted = new URL(location.href).searchParams;
  if (!wanted.has("compose")) return;
  const alone = window.name !== "" || opener !== null || wanted.has("alone");
  const draft = wanted.get("draft");
  if (draft) return compose({ kind: "draft", emailId: draft }, alone);
  for (const kind of ["reply", "replyAll", "forward"] as const) {
    const email = wanted.get(kind);
    if (email) return compose({ kind, email }, alone);
  }
  const fill = parseMailto(wanted.get("mailto") ?? "");
  await compose({ kind: "new", ...(fill && { fill }) }, alone);
}

/** Links in mail and on pages of ours that begin a letter. `root`: a document that is shown, also that of a frame. */
export function takeMailto(root: Document): void {
  root.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a[href]");
    const fill = link && parseMailto(link.getAttribute("href") ?? "");
    if (!fill || event.defaultPrevented) return;
    event.preventDefault();
    void compose({ kind: "new", fill });
  });
}

const some = (): boolean => message.value !== null || chosen().length > 0;
const answering = (kind: Answer, title: () => string, icon: string): Command[] => [
  { id: kind, title, icon, context: "row", when: some, run: () => void answer(kind, false) },
  { id: `${kind}.window`, title: () => t("{what} in a new window", { what: title() }), icon, context: "row", when: some, run: () => void answer(kind, true) },
];

/** Of the letter that one is writing: by the names that the composer knows. */
const WRITING: Record<string, () => string> = {
  send: () => t("Send"),
  sendArchive: () => t("Send and archive"),
  schedule: () => t("Send later"),
  cc: () => t("Add Cc"),
  bcc: () => t("Add Bcc"),
  from: () => t("Choose From"),
  link: () => t("Link"),
  bold: () => t("Bold"),
  italic: () => t("Italic"),
  underline: () => t("Underline"),
  strike: () => t("Strike through"),
  smaller: () => t("Smaller"),
  larger: () => t("Larger"),
  numbers: () => t("Numbered list"),
  bullets: () => t("Bulleted list"),
  quote: () => t("Quote"),
  outdent: () => t("Indent less"),
  indent: () => t("Indent more"),
  left: () => t("Align left"),
  center: () => t("Centre"),
  right: () => t("Align right"),
  rtl: () => t("Right to left"),
  ltr: () => t("Left to right"),
  clear: () => t("Remove formatting"),
  next: () => t("Next letter"),
  previous: () => t("Previous letter"),
  save: () => t("Save draft"),
  discard: () => t("Discard draft"),
  leave: () => t("Back to mail"),
};

export function defineCompose(): void {
  define(
    { id: "compose", title: () => t("Compose"), icon: "compose", context: "everywhere", run: () => void compose({ kind: "new" }) },
    { id: "compose.tab", title: () => t("Compose in a new tab"), icon: "compose", context: "everywhere", run: () => popUp({ alone: "1" }, "") },
    ...answering("reply", () => t("Reply"), "reply"),
    ...answering("replyAll", () => t("Reply to all"), "reply-all"),
    ...answering("forward", () => t("Forward"), "forward"),
    { id: "forward.attached", title: () => t("Forward as attachment"), icon: "clip", context: "row", when: some, run: () => void attach() },
    { id: "draft.latest", title: () => t("Go to the letter"), context: "everywhere", when: () => where.value.at !== "conversation", run: () => void desk.value?.run("focus") },
    ...Object.entries(WRITING).map(([name, title]): Command => ({ id: `letter.${name}`, title, context: "everywhere", when: isWriting, run: () => void desk.value?.run(name) })),
  );
}

/** Is a letter being written, with the focus in it? */
const isWriting = (): boolean => desk.value !== null && document.activeElement?.closest("[data-letter]") != null;

/** After the page is painted: links, what the address asks for, and the composer's code. */
export function startComposing(): void {
  takeMailto(document);
  watchOutbox();
  if (new URL(location.href).searchParams.has("compose")) void asked();
  else prefetch();
}

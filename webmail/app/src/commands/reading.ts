/** What is done in an open conversation: from message to message, unfolding and folding, looking closer. */
import { app } from "../app";
import { t } from "../i18n";
import { pane } from "../look";
import type { Email } from "../jmap";
import { keyOf } from "../model/letters";
import { back, go, read, where } from "../navigation";
import { reading, type Reading } from "../reading";
import { define, type Command } from "./registry";
import { message } from "./target";

const isOpen = (): boolean => where.value.at === "conversation" && reading.value !== null;

/** The message that is meant: the target of a menu, else the one that the keys are at. */
export const meant = (): Email | null => message.value ?? reading.value?.email() ?? null;

/** The header of a message, which has the focus when one goes to it. */
export const headerOf = (key: string): HTMLElement | null => document.querySelector(`[data-key="${key}"] .fold`);

/** To the message so many further down, as they stand on the screen. */
function step(by: number): void {
  const keys = [...document.querySelectorAll<HTMLElement>(".conversation [data-key]")].map((one) => one.dataset["key"]!);
  const from = keys.indexOf(reading.peek()!.current.peek());
  const to = keys[from < 0 ? (by > 0 ? 0 : keys.length - 1) : Math.min(Math.max(from + by, 0), keys.length - 1)];
  if (to) goTo(reading.peek()!, to);
}

export function goTo(of: Reading, key: string): void {
  of.current.value = key;
  const header = headerOf(key);
  header?.focus({ preventScroll: true });
  header?.closest(".message")?.scrollIntoView({ block: "start" });
}

/** A screen further; at the end, the next conversation that is unread. */
function page(by: number): void {
  const pane = document.querySelector<HTMLElement>(".reading-pane");
  if (!pane) return;
  const isAtEnd = pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 2;
  if (by > 0 && isAtEnd) return nextUnread();
  pane.scrollBy({ top: by * Math.max(80, pane.clientHeight - 96) });
}

function nextUnread(): void {
  const there = where.peek();
  const rows = app.list.peek()?.rows.peek() ?? [];
  const at = there.at === "conversation" ? rows.findIndex((row) => row.id === there.id) : -1;
  const next = rows.slice(at + 1).find((row) => row.unread) ?? rows.slice(0, Math.max(at, 0)).find((row) => row.unread);
  if (!next || there.at !== "conversation") return app.say({ text: t("Nothing more is unread here.") });
  app.focused.value = next.id;
  go({ ...there, id: next.id }, true);
}

/** Back to the list, with everything from this message on unread. */
function unreadFrom(): void {
  const of = reading.peek()!;
  const shown = of.shown.peek() ?? [];
  const from = shown.findIndex((one) => one.email === meant());
  const emailIds = shown.slice(Math.max(from, 0)).flatMap((one) => [one.email, ...one.copies]).filter((email) => !email.keywords["$draft"]).map((email) => email.id);
  if (!emailIds.length) return;
  app.act({ act: "unread", threadIds: [of.id], emailIds });
  const there = where.peek();
  if (there.at === "conversation" && pane.value === "none") back(read(there.origin) ?? { at: "place", slug: "inbox" });
}

function showImages(): void {
  const of = reading.peek()!;
  const blocked = (of.shown.peek() ?? []).map((one) => one.email).filter((email) => email.remote?.images === "blocked" && of.opened.peek().has(keyOf(email.id)));
  const current = message.value ?? blocked.find((email) => keyOf(email.id) === of.current.peek());
  for (const email of current ? [current] : blocked) of.show(keyOf(email.id), { images: true });
}

/** What was found out about the message when it came; asked again, it goes away. */
function why(_: Email, key: string): void {
  const of = reading.peek()!;
  if (!of.opened.peek().has(key)) of.toggle(key, true);
  of.show(key, { why: !of.look(key).why });
}

const inConversation = (id: string, title: () => string, run: () => void, more: Partial<Command> = {}): Command => ({ id, title, context: "conversation", when: isOpen, run: () => reading.peek()!.onceThere(run), ...more });

export function defineReading(): void {
  const withEmail = (what: (email: Email, key: string) => void) => (): void => {
    const email = meant();
    if (email) what(email, keyOf(email.id));
  };
  define(
    inConversation("message.next", () => t("Next message"), () => step(1)),
    inConversation("message.previous", () => t("Previous message"), () => step(-1)),
    inConversation("message.toggle", () => t("Unfold or fold the message"), withEmail((_, key) => reading.peek()!.toggle(key))),
    inConversation("expand", () => t("Unfold all messages"), () => reading.peek()!.openAll()),
    inConversation("fold", () => t("Fold all messages"), () => reading.peek()!.foldAll()),
    inConversation("conversation.page", () => t("A screen further, at the end the next unread conversation"), () => page(1)),
    inConversation("conversation.page.back", () => t("A screen back"), () => page(-1)),
    inConversation("conversation.first", () => t("To the beginning of the conversation"), () => document.querySelector(".reading-pane")?.scrollTo({ top: 0 })),
    inConversation("conversation.last", () => t("To the end of the conversation"), () => document.querySelector(".reading-pane")?.scrollTo({ top: 1e9 })),
    inConversation("unread.from", () => t("Mark as unread from here"), unreadFrom, { icon: "unread" }),
    inConversation("images", () => t("Show images"), showImages, { when: () => isOpen() && (meant()?.remote?.images === "blocked" || isAnyBlocked()) }),
    inConversation("why", () => t("Why is this here?"), withEmail(why), { icon: "info", when: () => isOpen() && meant()?.why != null }),
    inConversation("original", () => t("Show original"), withEmail((_, key) => void window.open(`/m/${key}/original`, "_blank", "noopener")), { icon: "source" }),
    inConversation("print", () => t("Print"), () => void window.open(`/t/${keyOf(reading.peek()!.id)}/print`, "_blank", "noopener"), { icon: "print" }),
  );
}

const isAnyBlocked = (): boolean => reading.value?.shown.value?.some((one) => one.email.remote?.images === "blocked") ?? false;

/** What was handed over and has not left: for as long as it waits, it can be taken back, from any tab and after a reload. */
import { signal } from "@preact/signals";
import { app } from "../app";
import { t } from "../i18n";
import type { Id } from "../jmap";
import { setMark, type Mark } from "./mark";
import { compose, desk } from "./desk";

/** `until`: when it leaves. `isScheduled`: its writer chose the time; otherwise it waits only so that it can be undone. `mark`: what it put on its parent. */
export interface Sending {
  id: Id;
  emailId: Id;
  draftId: Id;
  threadId: Id;
  at: number;
  until: number;
  isScheduled: boolean;
  boxId: Id;
  mark?: Mark | null;
}

/** Said for so long after it left, or after it was scheduled. */
export const AFTERWARDS = 4_000;
export const sending = signal<readonly Sending[]>([]);
/** The time as the countdown sees it. */
export const tick = signal(Date.now());
let timer = 0;
let bus: BroadcastChannel | null = null;

const key = (): string => `sending:${app.jmap.accountId}`;
const current = (one: Sending): boolean => (one.isScheduled ? one.at + 2 * AFTERWARDS : one.until + AFTERWARDS) > Date.now();

/** Take up what other tabs, or this one before a reload, have sent. */
export function watchOutbox(): void {
  bus = new BroadcastChannel(key());
  bus.onmessage = () => recall();
  app.unsend = (since) => {
    const last = sending.peek().findLast((one) => one.at > since && (one.isScheduled || one.until > Date.now()));
    if (last) void takeBack(last);
    return last !== undefined;
  };
  recall();
}

function recall(): void {
  const kept = JSON.parse(localStorage.getItem(key()) ?? "[]") as Sending[];
  sending.value = kept.filter(current);
  run();
}

function change(now: readonly Sending[]): void {
  sending.value = now;
  try {
    localStorage.setItem(key(), JSON.stringify(now));
  } catch {
    // it is sent all the same; only other tabs don't offer to undo it
  }
  bus?.postMessage("");
  run();
}

function run(): void {
  clearInterval(timer);
  tick.value = Date.now();
  if (!sending.peek().length) return;
  timer = window.setInterval(() => {
    tick.value = Date.now();
    const left = sending.peek().filter(current);
    if (left.length < sending.peek().length) change(left);
  }, 250);
}

export function sent(one: Sending): void {
  change([...sending.peek(), one]);
}

/** It does not leave, and is a letter again, as it was. */
export async function takeBack(one: Sending): Promise<void> {
  const drafts = app.mailboxes.byRole("drafts");
  const back = { [`mailboxIds/${one.boxId}`]: null, [`mailboxIds/${drafts?.id}`]: true, "keywords/$draft": true };
  try {
    const answer = await app.jmap.call("EmailSubmission/set", { update: { [one.id]: { undoStatus: "canceled" } }, onSuccessUpdateEmail: { [one.id]: back } });
    if (!answer.updated || !(one.id in answer.updated)) return app.say({ text: t("It has left already.") });
  } catch {
    return app.say({ text: t("The server can't be reached. It will leave at its time."), verb: t("Try again"), act: () => void takeBack(one) });
  }
  if (one.mark) setMark(one.mark, null);
  change(sending.peek().filter((other) => other.id !== one.id));
  app.say({ text: t("Not sent. It is a draft again.") });
  if (!desk.peek()?.reopen(one.draftId)) await compose({ kind: "draft", emailId: one.emailId });
}

/** No more waiting. */
export async function sendNow(one: Sending): Promise<void> {
  const answer = await app.jmap.call("EmailSubmission/reschedule", { id: one.id, sendAt: null }).catch(() => null);
  if (answer) change(sending.peek().map((other) => (other.id === one.id ? { ...one, until: Date.now(), isScheduled: false } : other)));
  else app.say({ text: t("That did not work. It will leave at its time.") });
}

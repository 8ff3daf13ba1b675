/** What the member decides about a sender: images, blocks, warnings that are fine; and lists that are left. */
import { signal } from "@preact/signals";
import { app } from "../../app";
import { t } from "../../i18n";
import type { ChoiceKind, Email, Signal } from "../../jmap";
import { keyOf } from "../../model/letters";
import { clean, nameOf } from "../../people";
import type { Reading } from "../../reading";

const senderOf = (email: Email): string => email.from?.[0]?.email ?? "";

/** The id of the choice; "" where it was not made. */
async function choose(email: Email, kind: ChoiceKind, signal?: Signal): Promise<string> {
  const wanted = { sender: senderOf(email), kind, ...(signal && { signal }) };
  const answer = await app.jmap.call("SenderChoice/set", { create: { c: wanted } }).catch(() => null);
  const made = answer?.created?.["c"]?.id ?? "";
  if (!made) app.say({ text: t("That did not work. Nothing was changed.") });
  return made;
}

async function revoke(id: string): Promise<void> {
  const answer = await app.jmap.call("SenderChoice/set", { destroy: [id] }).catch(() => null);
  if (!answer?.destroyed?.includes(id)) app.say({ text: t("That did not work. Nothing was changed.") });
}

/** Messages of the same sender are looked into anew. */
async function again(reading: Reading, email: Email): Promise<void> {
  const theirs = (reading.here.peek() ?? []).filter((one) => one.warnings !== undefined && senderOf(one) === senderOf(email));
  await app.conversations.inspect(reading.id, theirs.map((one) => one.id), true);
}

/** Senders whose mail keeps its own colours on a dark page, with the choice of each; null until asked for. */
const light = signal<ReadonlyMap<string, string> | null>(null);

export function isLight(email: Email): boolean {
  if (!light.value) void learnLight();
  return light.value?.has(senderOf(email).toLowerCase()) ?? false;
}

async function learnLight(): Promise<void> {
  const answer = await app.jmap.call("SenderChoice/get", { ids: null }).catch(() => null);
  light.value ??= new Map((answer?.list ?? []).filter((one) => one.kind === "light").map((one) => [one.sender.toLowerCase(), one.id]));
}

/** In its own colours on a dark page, or in dark ones: now, and whatever comes from this sender. */
export async function paint(reading: Reading, email: Email, isOwn: boolean): Promise<void> {
  const sender = senderOf(email).toLowerCase();
  const known = new Map(light.peek());
  const id = isOwn ? await choose(email, "light") : known.get(sender);
  if (!isOwn && id) await revoke(id);
  if (isOwn && id) known.set(sender, id);
  else known.delete(sender);
  light.value = known;
  reading.show(keyOf(email.id), { theme: isOwn ? "light" : "dark", turn: (reading.look(keyOf(email.id)).turn ?? 0) + 1 });
}

export async function alwaysImages(reading: Reading, email: Email): Promise<void> {
  const made = await choose(email, "images");
  if (!made) return;
  await again(reading, email);
  const undo = (): void => void revoke(made).then(() => again(reading, email));
  app.say({ text: t("Images of {sender} are always shown.", { sender: clean(senderOf(email)) }), verb: t("Undo"), act: undo });
}

export async function isFine(reading: Reading, email: Email, signal: Signal): Promise<void> {
  const made = await choose(email, "fine", signal);
  if (!made) return;
  await again(reading, email);
  const undo = (): void => void revoke(made).then(() => again(reading, email));
  app.say({ text: t("This is not warned of any more for {sender}.", { sender: clean(senderOf(email)) }), verb: t("Undo"), act: undo });
}

export async function block(email: Email): Promise<void> {
  const made = await choose(email, "blocked");
  const name = nameOf(email.from?.[0]?.name, senderOf(email));
  if (made) app.say({ text: t("{name} is blocked: what comes next goes to Trash.", { name }), verb: t("Undo"), act: () => void revoke(made) });
}

/** Leave the list that the message is from; a page that only the member can use is opened. */
export async function leave(reading: Reading, email: Email): Promise<void> {
  const answer = await app.jmap.call("Email/unsubscribe", { emailId: email.id }).catch(() => null);
  if (answer?.how === "page") return void window.open(answer.page, "_blank", "noopener,noreferrer");
  app.say({ text: answer?.how ? t("You left the list. That can take a few days.") : t("That did not work. Nothing was changed.") });
  await again(reading, email);
}

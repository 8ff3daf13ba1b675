/** What the member decides about a sender: images, blocks, warnings that are fine; and lists that are left. */
import { app } from "../../app";
import { t } from "../../i18n";
import type { ChoiceKind, Email, Signal } from "../../jmap";
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
  await app.jmap.call("SenderChoice/set", { destroy: [id] }).catch(() => null);
}

/** Messages of the same sender are looked into anew. */
async function again(reading: Reading, email: Email): Promise<void> {
  const theirs = (reading.here.peek() ?? []).filter((one) => one.warnings !== undefined && senderOf(one) === senderOf(email));
  await app.conversations.inspect(reading.id, theirs.map((one) => one.id), true);
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

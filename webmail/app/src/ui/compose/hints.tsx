/** What is only said of people who are written to: another of the same name, and addresses at which nobody gets mail. */
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { app } from "../../app";
import { isAddress } from "../../compose/address_list";
import { otherOfName } from "../../compose/guards";
import { everyone, type Person } from "../../compose/letter";
import { t } from "../../i18n";
import type { RecipientCheck } from "../../jmap";
import { Note } from "./notices";
import { people } from "./people";
import { correct } from "./sender";
import type { Notice, Writing } from "./writing";

const MOST = 50; // addresses in a call
const checked = signal<ReadonlyMap<string, RecipientCheck>>(new Map());
const asked = new Set<string>();

/** The first thing there is to say; what was said once and let be is not said again. */
export function Hints({ writing }: { writing: Writing }) {
  const all = everyone(writing.letter.value);
  useEffect(() => void check(all), [all.map((one) => one.email).join()]);
  for (const one of all) {
    if (writing.asked.has(`hint ${one.email}`)) continue;
    const notice = ofDomain(writing, one) ?? ofName(writing, one);
    if (notice) return <Note one={notice} />;
  }
  return null;
}

async function check(all: readonly Person[]): Promise<void> {
  const fresh = all.map((one) => one.email).filter((email) => isAddress(email) && !asked.has(email)).slice(0, MOST);
  if (!fresh.length) return;
  for (const email of fresh) asked.add(email);
  const answer = await app.jmap.call("Recipient/check", { emails: fresh }).catch(() => null);
  if (answer) checked.value = new Map([...checked.peek(), ...answer.list.map((one) => [one.email, one] as const)]);
}

function ofDomain(writing: Writing, { email }: Person): Notice | null {
  const found = checked.value.get(email);
  const domain = email.slice(email.lastIndexOf("@") + 1);
  if (!found || found.status === "ok" || found.status === "unknown") return null;
  const text = found.status === "nobody" ? t("There is nobody at {address}.", { address: email }) : t("{domain} takes no mail.", { domain });
  const { meant } = found;
  const change = meant ? [{ label: t("Change to {address}", { address: meant }), act: () => correct(writing, email, meant) }] : [];
  return { kind: "question", text, choices: [...change, letBe(writing, email)] };
}

function ofName(writing: Writing, one: Person): Notice | null {
  const other = otherOfName(one, people.known());
  if (!other) return null;
  const change = { label: t("Change to {address}", { address: other.email }), act: () => correct(writing, one.email, other.email) };
  return { kind: "question", text: t("Not {address}?", { address: other.email }), choices: [change, letBe(writing, one.email)] };
}

const letBe = (writing: Writing, email: string) => ({
  label: t("It is right"),
  act: () => {
    writing.asked.add(`hint ${email}`);
    writing.letter.value = { ...writing.letter.peek() };
  },
});

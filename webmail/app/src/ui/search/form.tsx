/** The search form: the query's parts as fields. What is entered here is written into the box as a query. */
import { useSignal } from "@preact/signals";
import { app } from "../../app";
import { t } from "../../i18n";
import { clean } from "../../people";
import { quoted } from "../../search/chips";
import { readFields, writeFields, type Fields } from "../../search/form";
import { everyone } from "./reading";
import { draft, open, search } from "./state";

type Text = "from" | "to" | "subject" | "words" | "not";

const TEXTS: readonly [Text, () => string, string][] = [
  ["from", () => t("From"), "finder-people"],
  ["to", () => t("To"), "finder-people"],
  ["subject", () => t("Subject"), ""],
  ["words", () => t("Words"), ""],
  ["not", () => t("Not"), ""],
];
const SIZES: readonly [string, () => string][] = [["", () => t("Any size")], ["1M", () => t("Larger than 1 MB")], ["5M", () => t("Larger than 5 MB")], ["10M", () => t("Larger than 10 MB")]];
const AGES: readonly [string, () => string][] = [
  ["", () => t("Any time")], ["1d", () => t("Last day")], ["7d", () => t("Last week")], ["1m", () => t("Last month")], ["6m", () => t("Last half-year")], ["1y", () => t("Last year")],
];
const PLACES: readonly [string, () => string][] = [
  ["", () => t("All mail but Trash and Spam")], ["in:inbox", () => t("Inbox")], ["in:sent", () => t("Sent")], ["in:drafts", () => t("Drafts")], ["in:archive", () => t("Archive")],
  ["in:spam", () => t("Spam")], ["in:trash", () => t("Trash")], ["in:anywhere", () => t("Everywhere")],
];

export function Form() {
  const fields = useSignal(readFields(draft.peek()));
  const change = (changed: Partial<Fields>): void => {
    fields.value = { ...fields.value, ...changed };
    draft.value = writeFields(fields.value);
  };
  const labels = app.mailboxes.labels.value.map(({ path }): [string, () => string] => [`label:${quoted(path)}`, () => clean(path)]);
  return (
    <form class="finder-form" onSubmit={(event) => (event.preventDefault(), search(draft.value))} onKeyDown={(event) => event.key === "Escape" && (event.preventDefault(), open())}>
      {TEXTS.map(([name, title, list]) => (
        <label key={name}><span>{title()}</span><input type="text" value={fields.value[name]} list={list || undefined} autocomplete="off" dir="auto" onInput={(event) => change({ [name]: event.currentTarget.value })} /></label>
      ))}
      <Choice title={t("Size")} value={fields.value.larger} choices={SIZES} onChoice={(larger) => change({ larger })} />
      <Choice title={t("Date")} value={fields.value.newer} choices={AGES} onChoice={(newer) => change({ newer })} />
      <Choice title={t("Place")} value={fields.value.place} choices={[...PLACES, ...labels]} onChoice={(place) => change({ place })} />
      <label class="check"><input type="checkbox" checked={fields.value.hasFile} onChange={(event) => change({ hasFile: event.currentTarget.checked })} /><span>{t("Has file")}</span></label>
      <datalist id="finder-people">{everyone().find("", 200).map(({ name, email }) => <option key={email} value={email}>{clean(name)}</option>)}</datalist>
      <p class="finder-form-end"><button class="button primary">{t("Search")}</button><button type="button" class="button quiet" onClick={() => open()}>{t("Cancel")}</button></p>
    </form>
  );
}

interface ChoiceProps {
  title: string;
  value: string;
  choices: readonly [string, () => string][];
  onChoice: (value: string) => void;
}

/** A value that was typed and is none of the usual ones stays chosen. */
function Choice({ title, value, choices, onChoice }: ChoiceProps) {
  const all = choices.some(([one]) => one === value) ? choices : [...choices, [value, () => value] as const];
  return (
    <label><span>{title}</span><select value={value} onChange={(event) => onChoice(event.currentTarget.value)}>{all.map(([one, said]) => <option key={one} value={one}>{said()}</option>)}</select></label>
  );
}

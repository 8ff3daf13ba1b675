/** Choose a label by typing: to put it on, to take it off, or to move under it. */
import { useSignal } from "@preact/signals";
import { app } from "../app";
import { act, chosen, labelsOf, split } from "../commands/mail";
import { t } from "../i18n";
import { hueOf, type Label } from "../model/mailboxes";
import { close } from "../overlay";
import { clean } from "../people";
import { Dialog } from "./dialog";
import { Icon } from "./icon";

type Purpose = "label" | "unlabel" | "move";

const TITLES: Record<Purpose, () => string> = { label: () => t("Label as"), unlabel: () => t("Remove label"), move: () => t("Move to") };

/** A line of the list. `on`: how many of the conversations carry it: none, some, all. */
interface Line {
  key: string;
  name: string;
  hue: string;
  on: "none" | "some" | "all";
  pick: () => void;
}

export function LabelPicker({ purpose }: { purpose: Purpose }) {
  const typed = useSignal("");
  const at = useSignal(0);
  const lines = linesFor(purpose, typed.value.trim());
  const now = Math.min(at.value, lines.length - 1);
  const keys = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) at.value = (now + step + lines.length) % Math.max(1, lines.length);
    else if (event.key === "Enter") lines[now]?.pick();
    else return;
    event.preventDefault();
  };
  return (
    <Dialog label={TITLES[purpose]()} kind="picker" onClose={close}>
      <label><span>{TITLES[purpose]()}</span>
        <input type="text" role="combobox" aria-expanded="true" aria-controls="picked" aria-activedescendant={now >= 0 ? `line-${now}` : undefined} autocomplete="off" placeholder={t("Type a label's name")}
          onInput={(event) => ((typed.value = event.currentTarget.value), (at.value = 0))} onKeyDown={keys} maxLength={300} />
      </label>
      <ul id="picked" role="listbox" aria-label={TITLES[purpose]()}>
        {lines.map((line, n) => (
          <li key={line.key} id={`line-${n}`} role="option" aria-selected={n === now} aria-checked={line.on === "some" ? "mixed" : line.on === "all"} onClick={line.pick} ref={(element) => void (n === now && element?.scrollIntoView({ block: "nearest" }))}>
            <span class={`dot ${line.hue}`} /><bdi>{line.name}</bdi>{line.on === "all" && <Icon name="check" small />}{line.on === "some" && <span aria-hidden="true">–</span>}
          </li>
        ))}
      </ul>
      {!lines.length && <p class="muted">{purpose === "unlabel" ? t("There is no label to remove.") : t("No label of that name.")}</p>}
    </Dialog>
  );
}

function linesFor(purpose: Purpose, typed: string): Line[] {
  const carried = chosen().map(labelsOf);
  const on = (id: string): Line["on"] => {
    const count = carried.filter((ids) => ids.includes(id)).length;
    return count === 0 ? "none" : count === carried.length ? "all" : "some";
  };
  const folded = fold(typed);
  const fitting = app.mailboxes.labels.value.filter(({ path }) => fold(path).includes(folded));
  const lines = fitting.map((label) => ({ key: label.box.id, name: clean(label.path), hue: hueOf(label.box), on: on(label.box.id), pick: () => pick(purpose, label, on(label.box.id)) }));
  const kept = purpose === "unlabel" ? lines.filter((line) => line.on !== "none") : lines;
  const isNew = typed && purpose !== "unlabel" && !fitting.some(({ path }) => fold(path) === folded);
  return isNew ? [...kept, { key: "new", name: t("Make the label “{name}”", { name: typed }), hue: "hue-grey", on: "none", pick: () => void make(purpose, typed) }] : kept;
}

const fold = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function pick(purpose: Purpose, { box }: Label, on: Line["on"]): void {
  const name = purpose === "move" ? "moveTo" : purpose === "unlabel" || on === "all" ? "removeLabel" : "addLabel";
  act(name, { mailboxId: box.id }, purpose === "move");
  close();
}

/** Make the label, and go on with it. */
async function make(purpose: Purpose, path: string): Promise<void> {
  const ids = chosen();
  close();
  const id = await app.mailboxes.create(path).catch((error: Error) => void app.say({ text: error.message }));
  if (id) app.act({ act: purpose === "move" ? "moveTo" : "addLabel", ...split(ids), mailboxId: id });
}

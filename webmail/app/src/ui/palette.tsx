/** The command palette: everything that can be done and every place, by a few letters of its name; it shows each one's key. */
import "../core";
import { useSignal, type Signal } from "@preact/signals";
import { app } from "../app";
import { all, run } from "../commands/registry";
import { palette } from "../commands/search";
import { t } from "../i18n";
import { keyShown } from "../keys/shown";
import { hueOf, type Label } from "../model/mailboxes";
import { go } from "../navigation";
import { clean } from "../people";
import { ordered } from "../search/fuzzy";
import { Dialog } from "./dialog";
import { Icon } from "./icon";
import { Key } from "./key";

interface Entry {
  id: string;
  title: string;
  icon?: string | undefined;
  label?: Label;
  command: string;
  take: () => void;
}

const KEPT = 6; // that were used last
const LAST = "commands";
const NOT_LISTED = new Set(["palette"]);

export function Palette() {
  const typed = useSignal("");
  const active = useSignal(0);
  const entries = found(typed.value);
  const leave = (then?: () => void): void => {
    palette.value = "";
    if (then) setTimeout(then); // when the focus is back where it was
  };
  const take = (entry: Entry | undefined): void => entry && (used(entry.id), leave(entry.take));
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const isPalette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    if (event.key === "Enter") take(entries[active.value]);
    else if (event.key === "ArrowDown") step(active, entries.length, 1);
    else if (event.key === "ArrowUp") step(active, entries.length, -1);
    else if (isPalette) leave();
    else return;
    event.preventDefault();
  };
  return (
    <Dialog label={t("Command palette")} kind="palette" onClose={() => leave()}>
      <div class="palette-box" onKeyDown={onKeyDown}>
        <input
          type="text" {...{ role: "combobox" }} list={undefined} aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list" aria-activedescendant={entries.length ? `palette-${active.value}` : undefined}
          aria-label={palette.value === "labels" ? t("Go to label") : t("What do you want to do?")} placeholder={palette.value === "labels" ? t("Go to label …") : t("What do you want to do?")}
          autocomplete="off" spellcheck={false} autofocus maxLength={100} onInput={(event) => ((typed.value = event.currentTarget.value), (active.value = 0))}
        />
        <div id="palette-list" role="listbox" aria-label={t("Commands")}>
          {entries.map((entry, n) => (
            <div key={entry.id} id={`palette-${n}`} class="option" role="option" aria-selected={n === active.value} onMouseMove={() => (active.value = n)} onClick={() => take(entry)}>
              {entry.label ? <span class={`dot ${hueOf(entry.label.box)}`} /> : <Icon name={entry.icon ?? "forward"} />}
              <bdi class="name">{entry.title}</bdi>
              <Key keys={keyShown(entry.command)} />
            </div>
          ))}
        </div>
        {!entries.length && <p class="finder-none" role="status">{t("Nothing is called that.")}</p>}
      </div>
    </Dialog>
  );
}

function step(active: Signal<number>, count: number, by: number): void {
  active.value = count ? (active.value + by + count) % count : 0;
  document.getElementById(`palette-${active.value}`)?.scrollIntoView({ block: "nearest" });
}

/** Without letters: what was used last, then everything in its own order. */
function found(typed: string): Entry[] {
  const entries = [...(palette.value === "labels" ? [] : commands()), ...labels()];
  if (typed.trim()) return ordered(typed, entries, (entry) => entry.title).slice(0, 50);
  const last = kept().flatMap((id) => entries.find((entry) => entry.id === id) ?? []);
  return [...last, ...entries.filter((entry) => !last.includes(entry))];
}

/** What makes sense now. */
function commands(): Entry[] {
  return all()
    .filter((one) => !NOT_LISTED.has(one.id) && (!one.when || one.when()))
    .map((one) => ({ id: one.id, title: one.title(), icon: one.icon, command: one.id, take: () => void run(one.id) }));
}

function labels(): Entry[] {
  return app.mailboxes.labels.value.map((label) => ({
    id: label.box.id,
    title: clean(label.path),
    label,
    command: "",
    take: () => go({ at: "label", id: label.box.id }),
  }));
}

function kept(): string[] {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(LAST) ?? "[]");
    return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === "string") : [];
  } catch {
    return [];
  }
}

function used(id: string): void {
  try {
    localStorage.setItem(LAST, JSON.stringify([id, ...kept().filter((one) => one !== id)].slice(0, KEPT)));
  } catch {
    // a full or forbidden storage: the order of everything is the order
  }
}

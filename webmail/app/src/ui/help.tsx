/** The list of keys: what each command is called and how it is reached, to be searched; and the member's choice of keyboard. */
import "../core";
import { useSignal } from "@preact/signals";
import { app } from "../app";
import { all } from "../commands/registry";
import { help } from "../commands/moving";
import { t } from "../i18n";
import { groupOf, GROUPS, TITLES, type Group } from "../keys/groups";
import { keysOf } from "../keys/shown";
import { BINDINGS, WRITING } from "../keys/table";
import { score } from "../search/fuzzy";
import { Dialog } from "./dialog";
import { Icon } from "./icon";
import { Key } from "./key";
import { Recorder } from "./recorder";

interface Line {
  id: string;
  title: string;
  keys: string[];
}

export function Help() {
  const typed = useSignal("");
  const recording = useSignal("");
  const keyboard = app.preferences.get("keys");
  const lines = linesOf(keyboard === "custom").filter((line) => fits(line, typed.value));
  const close = (): void => void (help.value = false);
  return (
    <Dialog label={t("Keyboard shortcuts")} kind="help" onClose={close}>
      <div class="help-head">
        <h2>{t("Keyboard shortcuts")}</h2>
        <input type="search" aria-label={t("Search the shortcuts")} placeholder={t("Search the shortcuts")} autocomplete="off" autofocus maxLength={60} onInput={(event) => (typed.value = event.currentTarget.value)} />
        <button type="button" class="tool" aria-label={t("Close")} onClick={close}><Icon name="close" /></button>
      </div>
      <Keyboards />
      {keyboard === "off" && <p class="help-note">{t("Single keys do nothing. Those with Ctrl or Cmd work.")}</p>}
      <div class="help-groups" tabIndex={0} role="region" aria-label={t("Keyboard shortcuts")}>
        {GROUPS.map((group) => <Section key={group} group={group} lines={lines} recording={recording.value} onRecord={(id) => (recording.value = id)} />)}
        {!lines.length && <p class="help-note" role="status">{t("Nothing is called that.")}</p>}
      </div>
    </Dialog>
  );
}

/** By its name, or by its key. */
const fits = (line: Line, typed: string): boolean => !typed.trim() || score(typed, line.title) >= 400 || line.keys.some((key) => key === typed.trim() || key === typed);

/** In the order of the table; on a keyboard of one's own also what has no key yet. */
function linesOf(isOwn: boolean): Line[] {
  const commands = new Map(all().map((one) => [one.id, one]));
  const ids = [...new Set([...[...BINDINGS, ...WRITING].map((one) => one.command), ...(isOwn ? commands.keys() : [])])];
  const lines = ids.flatMap((id) => (commands.has(id) ? [{ id, title: commands.get(id)!.title(), keys: keysOf(id) }] : []));
  return isOwn ? lines : lines.filter((line) => line.keys.length);
}

/** Which keyboard: shortcuts can be switched off, or be one's own (WCAG 2.1.4). */
function Keyboards() {
  const chosen = app.preferences.get("keys");
  const choices = [["gmail", t("As in Gmail")], ["custom", t("My own")], ["off", t("Off")]] as const;
  return (
    <fieldset class="help-keyboards">
      <legend class="vh">{t("Keyboard")}</legend>
      <div class="choices">
        {choices.map(([value, title]) => <label key={value}><input type="radio" name="keys" checked={chosen === value} onChange={() => void app.preferences.set("keys", value)} /> {title}</label>)}
      </div>
      {chosen === "custom" && Object.keys(app.preferences.get("customKeys")).length > 0 && <button type="button" class="link" onClick={() => void app.preferences.set("customKeys", {})}>{t("All as in Gmail again")}</button>}
    </fieldset>
  );
}

interface SectionProps {
  group: Group;
  lines: readonly Line[];
  recording: string;
  onRecord: (id: string) => void;
}

function Section({ group, lines, recording, onRecord }: SectionProps) {
  const here = lines.filter((line) => groupOf(line.id) === group);
  const isOwn = app.preferences.get("keys") === "custom";
  if (!here.length) return null;
  return (
    <section aria-labelledby={`help-${group}`}>
      <h3 id={`help-${group}`}>{TITLES[group]()}</h3>
      <dl>
        {here.map((line) => (
          <div key={line.id} data-line={line.id}>
            <dt>{line.title}</dt>
            <dd>
              {recording === line.id ? <Recorder command={line.id} onDone={() => onRecord("")} /> : line.keys.length ? line.keys.map((key) => <Key key={key} keys={key} />) : <span class="muted">{t("no key")}</span>}
              {isOwn && group !== "compose" && recording !== line.id && <button type="button" class="link" aria-label={t("Change the key of {what}", { what: line.title })} onClick={() => onRecord(line.id)}>{t("Change")}</button>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

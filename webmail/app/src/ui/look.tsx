/** How the mail looks: density, theme, reading pane, conversations or single messages. Each is shown as soon as it is chosen. */
import type { Preferences } from "../jmap";
import { app } from "../app";
import { t } from "../i18n";
import { close } from "../overlay";
import { Dialog } from "./dialog";

export function Look() {
  return (
    <Dialog label={t("Look")} kind="look" onClose={close}>
      <h2>{t("Look")}</h2>
      <Choice name="density" title={t("Density")} values={[["comfortable", t("Comfortable")], ["default", t("Default")], ["compact", t("Compact")]]} />
      <Choice name="theme" title={t("Theme")} values={[["system", t("As the device")], ["light", t("Light")], ["dark", t("Dark")]]} />
      <Choice name="pane" title={t("Reading pane")} values={[["none", t("None")], ["right", t("On the right")], ["bottom", t("Below")], ["auto", t("By width")]]} />
      <Choice name="conversations" title={t("List")} values={[[true, t("Conversations")], [false, t("Single messages")]]} />
      <Choice name="chronology" title={t("Messages of a conversation")} values={[["oldest", t("Oldest on top")], ["newest", t("Newest on top")]]} />
      <Language />
      <p><a href="/settings">{t("All settings")}</a></p>
      <button type="button" class="button primary" onClick={close}>{t("Done")}</button>
    </Dialog>
  );
}

const LANGUAGES = { en: "English", de: "Deutsch", fr: "Français", es: "Español", ar: "العربية" }; // as they call themselves
type Language = keyof typeof LANGUAGES;

function Language() {
  const set = (value: string): void => void app.preferences.set("language", (value || null) as Language | null);
  return (
    <label class="field">
      <span class="label-text">{t("Language")}</span>
      <select value={app.preferences.get("language") ?? ""} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{t("As the browser")}</option>
        {Object.entries(LANGUAGES).map(([code, name]) => <option key={code} value={code} lang={code}>{name}</option>)}
      </select>
    </label>
  );
}

function Choice<K extends keyof Preferences>({ name, title, values }: { name: K; title: string; values: [Preferences[K], string][] }) {
  const chosen = app.preferences.get(name);
  return (
    <fieldset>
      <legend class="label-text">{title}</legend>
      <div class="choices">
        {values.map(([value, label]) => (
          <label key={String(value)}><input type="radio" name={name} checked={value === chosen} onChange={() => void app.preferences.set(name, value)} /> {label}</label>
        ))}
      </div>
    </fieldset>
  );
}

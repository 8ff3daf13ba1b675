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
      <p><a href="/settings">{t("All settings")}</a></p>
      <button type="button" class="button primary" onClick={close}>{t("Done")}</button>
    </Dialog>
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

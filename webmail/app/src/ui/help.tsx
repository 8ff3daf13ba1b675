/** The list of keys: what each command is called, and how it is reached. */
import { useEffect, useRef } from "preact/hooks";
import { command } from "../commands/registry";
import { help } from "../commands/moving";
import { t } from "../i18n";
import { BINDINGS } from "../keys/table";

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (help.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [help.value]);
  return (
    <dialog id="help" ref={dialog} aria-labelledby="help-title" onClose={() => (help.value = false)}>
      <h2 id="help-title">{t("Keyboard shortcuts")}</h2>
      <dl>
        {help.value && BINDINGS.map(({ keys, command: id }) => {
          const one = command(id);
          return one && [<dt>{keys.map((key) => <kbd>{key}</kbd>)}</dt>, <dd>{one.title()}</dd>];
        })}
      </dl>
      <form method="dialog"><button class="button primary">{t("Close")}</button></form>
    </dialog>
  );
}

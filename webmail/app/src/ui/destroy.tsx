/** Asks, once, before anything is deleted for ever: how much it is, and that it stays so. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { app } from "../app";
import { destroy, disposal, doomed } from "../commands/deleting";
import { t } from "../i18n";
import { SignedOut } from "../jmap/client";
import { close } from "../overlay";
import { bytes } from "../sizes";
import { Dialog } from "./dialog";

interface Size {
  emails: number;
  bytes: number;
}

export function Destroy() {
  const what = doomed.value;
  const size = useSignal<Size | null>(null);
  const state = useSignal<"asking" | "busy" | "failed">("asking");
  useEffect(() => {
    if (what) app.jmap.call("Thread/destroy", { ...what, countOnly: true }).then((answer) => (size.value = answer), (error: Error) => failed(error));
  }, [what]);
  const failed = (error: Error): void => void (error instanceof SignedOut ? (app.signedOut.value = true) : (state.value = "failed"));
  if (!what) return null;
  const sure = (): void => {
    state.value = "busy";
    destroy(what).then(close, failed);
  };
  return (
    <Dialog label={title("mailboxId" in what)} kind="ask" onClose={close}>
      <h2>{title("mailboxId" in what)}</h2>
      <p aria-live="polite">{size.value ? words(size.value) : t("Counting …")}</p>
      {state.value === "failed" && <p class="error" role="alert">{t("The server can't be reached. Nothing was deleted.")}</p>}
      <div class="choices">
        <button type="button" class="button danger" disabled={state.value === "busy" || size.value?.emails === 0} onClick={sure}>{t("Delete for ever")}</button>
        <button type="button" class="button" autoFocus onClick={close}>{t("Cancel")}</button>
      </div>
    </Dialog>
  );
}

function title(isAll: boolean): string {
  if (!isAll) return t("Delete for ever?");
  return disposal()?.role === "junk" ? t("Empty Spam?") : t("Empty Trash?");
}

function words(size: Size): string {
  if (!size.emails) return t("There is nothing left to delete.");
  return t("{count, plural, one {# message} other {# messages}}, {size}. This cannot be undone.", { count: size.emails, size: bytes(size.bytes) });
}

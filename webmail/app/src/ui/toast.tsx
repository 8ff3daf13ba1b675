/** What is said in passing: what was done and its undoing, and whether the server is reached. */
import { app } from "../app";
import { t } from "../i18n";
import { SendingToasts } from "./compose/sending";
import { lesson } from "../lesson";
import { Key } from "./key";

export function Toasts() {
  const toast = app.toast.value;
  const learnt = lesson.value;
  return (
    <div class="toasts">
      <SendingToasts />
      <div role="status" aria-live="polite">
        {(toast || learnt) && (
          <div class="toast">
            {toast && <span>{toast.text}</span>}
            {toast?.verb && <button type="button" onClick={toast.act}>{toast.verb} {toast.key && <kbd>{toast.key}</kbd>}</button>}
            {learnt && <span class="lesson" aria-hidden="true">{learnt.title} <Key keys={learnt.key} /></span>}
          </div>
        )}
      </div>
    </div>
  );
}

/** Only where it matters: the network is gone, or the session is over. */
export function OfflineBar() {
  if (app.signedOut.value) {
    return <p class="note warn" role="alert">{t("You are signed out. What you did last may not be saved.")} <a href={`/sign-in?next=${encodeURIComponent(location.pathname)}`}>{t("Sign in")}</a></p>;
  }
  if (app.operations.online.value) return null;
  const waiting = app.operations.waiting.value;
  return (
    <p class="note warn" role="status">
      {t("The server can't be reached.")} {waiting > 0 && t("{count, plural, one {One change waits} other {# changes wait}} and will be sent.", { count: waiting })}
    </p>
  );
}

/** A file on the whole screen: arrows go to the next one of the message, Escape goes back. Loaded when it is first asked for. */
import "../../core";
import { signal } from "@preact/signals";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import type { Email, EmailFile } from "../../jmap";
import { Icon } from "../icon";
import { dark } from "../theme";
import { fileHref, nameOfFile, previewHref } from "./files";

const RIGHTS = "allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads";
const shown = signal<{ email: Email; at: number } | null>(null);
let root: HTMLElement | null = null;

/** Show this file of the message. */
export function view(email: Email, file: EmailFile): void {
  if (!root) {
    root = document.createElement("div");
    document.body.append(root);
    render(<Viewer />, root);
  }
  shown.value = { email, at: viewable(email).indexOf(file) };
}

const viewable = (email: Email): EmailFile[] => (email.files ?? []).filter((file) => file.preview);

function Viewer() {
  const dialog = useRef<HTMLDialogElement>(null);
  const now = shown.value;
  const files = now ? viewable(now.email) : [];
  const file = now && files[now.at];
  useEffect(() => {
    if (file && !dialog.current!.open) dialog.current!.showModal();
    else if (!file) dialog.current!.close();
  });
  const step = (by: number): void => {
    if (now && files[now.at + by]) shown.value = { ...now, at: now.at + by };
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "Escape") return event.preventDefault(), dialog.current!.close();
    step({ ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0);
  };
  return (
    <dialog ref={dialog} class="viewer" aria-label={file ? nameOfFile(file) : undefined} onClose={() => (shown.value = null)} onKeyDown={pressed}>
      {file && (
        <>
          <header>
            <h2><bdi>{nameOfFile(file)}</bdi></h2>
            {files.length > 1 && <span class="muted">{t("{at} of {count}", { at: now!.at + 1, count: files.length })}</span>}
            <span class="space" />
            <button type="button" class="tool" disabled={!now!.at} aria-label={t("Previous file")} title={t("Previous file")} onClick={() => step(-1)}><Icon name="newer" /></button>
            <button type="button" class="tool" disabled={now!.at === files.length - 1} aria-label={t("Next file")} title={t("Next file")} onClick={() => step(1)}><Icon name="older" /></button>
            <a class="tool" href={fileHref(now!.email, file)} download aria-label={t("Download")} title={t("Download")}><Icon name="download" /></a>
            <button type="button" class="tool" autofocus aria-label={t("Close")} title={t("Close")} onClick={() => dialog.current!.close()}><Icon name="close" /></button>
          </header>
          <Content key={`${now!.email.id}-${file.partId}`} email={now!.email} file={file} />
        </>
      )}
    </dialog>
  );
}

function Content({ email, file }: { email: Email; file: EmailFile }) {
  const address = previewHref(email, file);
  if (file.preview === "image") return <div class="picture"><img src={`${address}/picture?side=2048`} alt={nameOfFile(file)} /></div>;
  return <iframe src={`${address}${dark.value ? "?theme=dark" : ""}`} sandbox={RIGHTS} referrerpolicy="no-referrer" title={nameOfFile(file)} onLoad={(event) => forward(event.currentTarget)} />;
}

/** Keys that are pressed inside the document are the viewer's. */
function forward(frame: HTMLIFrameElement): void {
  frame.contentDocument?.addEventListener("keydown", (event) => {
    if (event.key === "Escape") frame.closest("dialog")?.close();
    else if (event.key.startsWith("Arrow")) frame.dispatchEvent(new KeyboardEvent("keydown", { key: event.key, bubbles: true }));
  });
}

/** What a message carries: pictures of what can be looked into, names and sizes, and all of it at once. */
import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import type { Email, EmailFile } from "../../jmap";
import { keyOf } from "../../model/letters";
import { clean } from "../../people";
import { bytes } from "../../sizes";
import { Icon } from "../icon";
import { sentence, warningsAt } from "./cautions";

const KINDS: readonly [string, string, string][] = [
  ["image/", "IMG", "hue-purple"], ["audio/", "SND", "hue-cyan"], ["video/", "VID", "hue-indigo"], ["application/pdf", "PDF", "hue-red"],
  ["text/calendar", "CAL", "hue-teal"], ["message/", "MAIL", "hue-blue"], ["text/", "TXT", "hue-grey"],
];

export const nameOfFile = (file: EmailFile): string => clean(file.name) || t("Unnamed");
export const fileHref = (email: Email, file: EmailFile): string => `/m/${keyOf(email.id)}/part/${encodeURIComponent(file.partId)}/${encodeURIComponent(nameOfFile(file))}`;
export const previewHref = (email: Email, file: EmailFile): string => `/m/${keyOf(email.id)}/preview/${encodeURIComponent(file.partId)}`;

export function Files({ email }: { email: Email }) {
  const files = email.files ?? [];
  if (!files.length) return null;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  return (
    <section class="files-of" aria-label={t("Attachments")}>
      <ul class="files">{files.map((file) => <li key={file.partId}><Card email={email} file={file} /></li>)}</ul>
      {files.length > 1 && <p><a class="save-all" href={`/m/${keyOf(email.id)}/files.zip`} download><Icon name="download" small /> {t("Save all {count} files", { count: files.length })} <span class="muted">{bytes(total)}</span></a></p>}
    </section>
  );
}

function Card({ email, file }: { email: Email; file: EmailFile }) {
  const asked = useSignal(false);
  const name = nameOfFile(file);
  const warning = warningsAt(email, "file").find((one) => clean(one.values["file"] ?? "") === name);
  const hasPicture = file.preview === "image" || file.preview === "pdf";
  const open = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void import("./viewer").then((viewer) => viewer.view(email, file));
  };
  const take = (event: MouseEvent): void => {
    if (!warning || asked.value) return;
    event.preventDefault(); // what can run programs needs a second press
    asked.value = true;
  };
  return (
    <div class={`file-card${hasPicture ? " with-picture" : ""}`}>
      {hasPicture && <a class="picture" tabIndex={-1} aria-hidden="true" href={previewHref(email, file)} target="_blank" onClick={open}><img src={`${previewHref(email, file)}/picture?side=320`} alt="" loading="lazy" onError={(event) => event.currentTarget.remove()} /></a>}
      <div class="file-line">
        <Kind file={file} />
        <span class="file-name">{file.preview ? <a href={previewHref(email, file)} target="_blank" onClick={open}><bdi>{name}</bdi></a> : <bdi>{name}</bdi>}<span class="size">{bytes(file.size)}</span></span>
        <a class="tool take" href={fileHref(email, file)} download aria-label={t("Download {name}", { name })} title={t("Download")} onClick={take}><Icon name="download" /></a>
      </div>
      {warning && <p class="file-caution"><Icon name="info" small /> <span><bdi>{sentence(warning)}</bdi> {asked.value && t("Press again to download it all the same.")}</span></p>}
    </div>
  );
}

function Kind({ file }: { file: EmailFile }) {
  const name = clean(file.name);
  const ending = name.includes(".") ? name.slice(name.lastIndexOf(".") + 1).toUpperCase() : "";
  const [, mark, hue] = KINDS.find(([start]) => file.type.startsWith(start)) ?? ["", "", "hue-grey"];
  return <span class={`kind ${hue}`} aria-hidden="true">{mark || ending.slice(0, 4) || t("FILE")}</span>;
}

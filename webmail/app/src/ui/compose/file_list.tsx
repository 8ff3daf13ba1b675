/** The files of a letter: names, sizes, how far each is, and what can be done about it. */
import { t } from "../../i18n";
import { clean } from "../../people";
import type { Attached } from "../../compose/letter";
import { Icon } from "../icon";
import type { Writing } from "./writing";

export function FileList({ writing }: { writing: Writing }) {
  const uploads = writing.files.uploads.value;
  const files = writing.letter.value.files.filter((file) => !file.cid || uploads.has(file.key));
  if (!files.length) return null;
  return <ul class="letter-files" aria-label={t("Attachments")}>{files.map((file) => <FileLine key={file.key} file={file} writing={writing} />)}</ul>;
}

function FileLine({ file, writing }: { file: Attached; writing: Writing }) {
  const upload = writing.files.uploads.value.get(file.key);
  const name = clean(file.name) || t("file");
  const done = upload ? Math.min(100, Math.round((100 * upload.sent) / Math.max(1, file.size))) : 100;
  return (
    <li class={upload?.failed ? "bad" : ""}>
      <Icon name="clip" small />
      <span class="file-name"><bdi>{name}</bdi></span>
      {upload && !upload.failed && <progress max={100} value={done} aria-label={t("{name}: uploading", { name })}>{done}%</progress>}
      <span class="muted">{upload?.failed || (upload ? (upload.isStalled ? t("waiting for the connection") : `${done}%`) : size(file.size))}</span>
      {upload?.failed && <button type="button" class="button small quiet" onClick={() => writing.files.retry(file.key)}>{t("Try again")}</button>}
      <button type="button" class="tool small" title={upload ? t("Cancel") : t("Take out")} aria-label={upload ? t("Cancel {name}", { name }) : t("Take out {name}", { name })} onClick={() => writing.files.remove(file.key)}><Icon name="close" small /></button>
    </li>
  );
}

function size(bytes: number): string {
  if (bytes < 1_000) return t("{bytes} B", { bytes });
  if (bytes < 1_000_000) return t("{size} kB", { size: Math.round(bytes / 1_000) });
  return t("{size} MB", { size: (bytes / 1_000_000).toFixed(1) });
}

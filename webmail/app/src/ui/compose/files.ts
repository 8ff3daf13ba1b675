/** The files of a letter: uploaded in their order, two at a time, with progress, cancelling and going on after a cut. */
import { signal } from "@preact/signals";
import { app } from "../../app";
import type { Attached } from "../../compose/letter";
import type { Progress } from "../../compose/upload";
import { t } from "../../i18n";
import type { Writing } from "./writing";

const AT_ONCE = 2;
const SHARE = 0.72; // base64 makes three bytes into four
const PICTURE = /^image\/(png|jpeg|gif|webp)$/;

/** `failed`: why it will not go. */
export interface Upload extends Progress {
  failed: string;
}

export class Files {
  readonly uploads = signal<ReadonlyMap<string, Upload>>(new Map());
  private raw = new Map<string, File>();
  private stops = new Map<string, AbortController>();
  private shown = new Map<string, string>(); // addresses of pictures by cid
  private queue: string[] = [];
  private running = 0;
  private idle: (() => void)[] = [];

  constructor(private writing: Writing) {}

  /** `isInline`: pictures go into the text, where the text can have them. */
  add(files: readonly File[], isInline: boolean): void {
    const most = this.most;
    for (const file of files) {
      const inside = isInline && PICTURE.test(file.type) && this.writing.editor.peek().isRich;
      const key = crypto.randomUUID();
      const cid = inside ? `${key}@mailsuite` : "";
      const attached: Attached = { key, name: file.name || t("picture"), type: file.type, size: file.size, blobId: "", cid };
      if (this.total + file.size > most) {
        this.writing.say({ kind: "error", text: t("{name} is too large: a letter holds {size} MB.", { name: attached.name, size: Math.floor(most / 1_000_000) }), choices: [] });
        continue;
      }
      this.take(attached, file);
    }
  }

  private get most(): number {
    return SHARE * app.maxUpload;
  }

  private get total(): number {
    return this.writing.letter.peek().files.reduce((sum, file) => sum + file.size, 0);
  }

  private take(attached: Attached, file: File): void {
    this.raw.set(attached.key, file);
    if (attached.cid) this.shown.set(attached.cid, URL.createObjectURL(file));
    this.writing.change({ files: [...this.writing.letter.peek().files, attached] });
    if (attached.cid) this.writing.editor.peek().insertPicture(attached.cid, attached.name);
    this.set(attached.key, { sent: 0, isStalled: false, failed: "" });
    this.queue.push(attached.key);
    this.next();
  }

  /** Files of a letter that was kept on the device, which are not uploaded yet. */
  resume(files: Record<string, Blob>): void {
    for (const attached of this.writing.letter.peek().files) {
      const kept = files[attached.key];
      if (attached.blobId) continue;
      if (!kept) this.remove(attached.key);
      else this.again(attached.key, new File([kept], attached.name, { type: attached.type }));
    }
    this.writing.editor.peek().showPictures();
  }

  private again(key: string, file: File): void {
    const attached = this.writing.letter.peek().files.find((one) => one.key === key);
    this.raw.set(key, file);
    if (attached?.cid) this.shown.set(attached.cid, URL.createObjectURL(file));
    this.retry(key);
  }

  retry(key: string): void {
    this.set(key, { sent: 0, isStalled: false, failed: "" });
    this.queue.push(key);
    this.next();
  }

  remove(key: string): void {
    this.stops.get(key)?.abort();
    this.queue = this.queue.filter((other) => other !== key);
    this.raw.delete(key);
    this.set(key, null);
    this.writing.change({ files: this.writing.letter.peek().files.filter((file) => file.key !== key) });
    this.settle();
  }

  /** Where the picture of this cid is shown from. */
  picture(cid: string): string {
    const known = this.shown.get(cid);
    if (known) return known;
    const file = this.writing.letter.peek().files.find((one) => one.cid === cid && one.blobId);
    const type = file && PICTURE.test(file.type) ? file.type : "";
    return file && type ? `/jmap/download/${app.jmap.accountId}/${encodeURIComponent(file.blobId)}/picture?accept=${encodeURIComponent(type)}` : "";
  }

  /** What the device must keep, for the server has not got it. */
  waiting(): Record<string, Blob> {
    const without = this.writing.letter.peek().files.filter((file) => !file.blobId);
    return Object.fromEntries(without.flatMap((file) => (this.raw.has(file.key) ? [[file.key, this.raw.get(file.key)!]] : [])));
  }

  /** Is there a file that the server has not got, and that only this device can give it? */
  get isOwing(): boolean {
    return Object.keys(this.waiting()).length > 0;
  }

  /** When everything is uploaded, or can't be. */
  async settled(): Promise<void> {
    if (this.isBusy) await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  get isBusy(): boolean {
    return this.running > 0 || this.queue.length > 0;
  }

  get hasFailed(): boolean {
    return [...this.uploads.value.values()].some((one) => one.failed);
  }

  stop(): void {
    for (const stop of this.stops.values()) stop.abort();
    for (const address of this.shown.values()) URL.revokeObjectURL(address);
    this.queue = [];
  }

  private set(key: string, now: Upload | null): void {
    const uploads = new Map(this.uploads.peek());
    if (now) uploads.set(key, now);
    else uploads.delete(key);
    this.uploads.value = uploads;
  }

  private next(): void {
    while (this.running < AT_ONCE && this.queue.length) void this.send(this.queue.shift()!);
  }

  private async send(key: string): Promise<void> {
    const file = this.raw.get(key)!;
    const stop = new AbortController();
    this.running++;
    this.stops.set(key, stop);
    try {
      const { upload } = await import("./later");
      const blobId = await upload(app.jmap, app.csrf, file, (now) => this.set(key, { ...now, failed: "" }), stop.signal);
      this.set(key, null);
      this.writing.change({ files: this.writing.letter.peek().files.map((one) => (one.key === key ? { ...one, blobId } : one)) });
    } catch (error) {
      if (!stop.signal.aborted) this.set(key, { sent: 0, isStalled: false, failed: (error as Error).name === "Refused" && (error as Error).message ? (error as Error).message : t("It could not be uploaded.") });
    }
    this.running--;
    this.stops.delete(key);
    this.next();
    this.settle();
  }

  private settle(): void {
    if (!this.isBusy) for (const done of this.idle.splice(0)) done();
  }
}

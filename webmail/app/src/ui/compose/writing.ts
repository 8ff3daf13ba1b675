/** A letter that is being written: its fields, its text, its files, and where it is shown. */
import { batch, signal, type Signal } from "@preact/signals";
import { app } from "../../app";
import { emailOf, fingerprint, FIELDS, renamed, whole, type Field, type Letter, type Person } from "../../compose/letter";
import { t } from "../../i18n";
import type { Identity } from "../../jmap";
import type { Editor, Listener } from "./editor";
import { Files } from "./files";
import { PlainEditor } from "./plain_editor";
import { Saver } from "./saver";
import { swapped, swappedText } from "./signature";

/** "thread": under its conversation. "alone": it is all that the browser's window shows. */
export type Place = "dock" | "thread" | "alone";
/** What the sender asks or says beside the letter. */
export interface Notice {
  text: string;
  kind: "question" | "error" | "info";
  choices: { label: string; act: () => void }[];
}

export interface Asked {
  selected: string;
  href: string;
  done: (href: string) => void;
}

export class Writing {
  readonly letter: Signal<Letter>;
  readonly place: Signal<Place>;
  readonly isFolded = signal(false);
  readonly isLarge = signal(false);
  readonly isSending = signal(false);
  /** Something was written here. */
  isTouched = false;
  /** It is being put away: a sending that waits for its files stops. */
  isClosing = false;
  /** What is shown of the head beside To and Subject. */
  readonly shown = signal<ReadonlySet<Field | "head" | "formats">>(new Set());
  readonly notices = signal<readonly Notice[]>([]);
  readonly formats = signal<ReadonlySet<string>>(new Set());
  readonly link = signal<Asked | null>(null);
  readonly editor: Signal<Editor>;
  readonly files: Files;
  readonly saver: Saver;
  /** What has been asked once is not asked again. */
  readonly asked = new Set<string>();
  /** What an answer needs of its message beyond what was known at once. */
  ready: Promise<void> = Promise.resolve();
  /** The address that it began with: the one that the answered mail came to. */
  readonly presetId: string;
  /** The name under which it is sent, once; another one after it was taken back. */
  operationId: string = crypto.randomUUID();
  /** The fingerprint of what was handed over under that name when no answer came. */
  unheard: string | null = null;
  /** What the last change to plain text took away. */
  richBefore: { text: string; html: string } | null = null;

  constructor(letter: Letter, place: Place, readonly identities: readonly Identity[], makeRich: RichMaker | null, kept: "new" | "saved" | "resumed" = "new") {
    this.letter = signal(letter);
    this.presetId = letter.identityId;
    this.place = signal(place);
    this.files = new Files(this);
    this.editor = signal(this.edit(letter, makeRich));
    this.editor.peek().setContent(letter.body);
    if (kept === "new") this.begunWith = this.words();
    this.shown.value = new Set(FIELDS.filter((field) => field !== "to" && letter[field].length));
    this.saver = new Saver(app.jmap, this.source(), letter.key, kept === "saved", kept === "resumed");
    void navigator.locks.request(`letter:${letter.key}`, { ifAvailable: true }, () => new Promise(() => {})); // this page writes it
  }

  edit(letter: Letter, makeRich: RichMaker | null): Editor {
    const look = { label: t("Text"), language: letter.language, isSpellchecked: app.preferences.get("spellcheck") };
    return letter.isRich && makeRich ? makeRich(this.listener(), look) : new PlainEditor(this.listener(), look);
  }

  private listener(): Listener {
    return {
      changed: () => this.typed(),
      moved: () => (this.formats.value = this.editor.peek().formats()),
      files: (files, isInline) => this.files.add(files, isInline),
      picture: (cid) => this.files.picture(cid),
      askLink: (selected, href, done) => (this.link.value = { selected, href, done }),
      isMarkdown: () => localStorage.getItem("markdown") !== "off",
    };
  }

  private source() {
    return {
      draftId: () => this.letter.peek().draftId,
      revision: () => this.letter.peek().revision,
      fingerprint: () => fingerprint(this.current()),
      email: () => this.email(),
      isWorthSaving: () => !this.isBlank || this.letter.peek().draftId !== "",
      isOwing: () => this.files.isOwing,
      took: (answer: Parameters<Saver["answered"]>[0], draft: NonNullable<typeof answer.draft>) => this.took(answer, draft),
      signedOut: () => (app.signedOut.value = true),
      keep: (isDirty: boolean) => void this.keep(isDirty),
    };
  }

  /** The letter with its text as it is now. */
  current(): Letter {
    return { ...this.letter.peek(), body: this.editor.peek().content(), isRich: this.editor.peek().isRich };
  }

  get identity(): Identity | undefined {
    return this.identities.find((one) => one.id === this.letter.value.identityId) ?? this.identities[0];
  }

  /** Nothing that anybody would miss. */
  get isBlank(): boolean {
    const letter = this.letter.peek();
    if (letter.parent) return !this.isTouched && !letter.files.some((file) => !file.key.startsWith("parent"));
    if (FIELDS.some((field) => letter[field].length) || letter.subject.trim() || letter.files.length) return false;
    return !this.isTouched || this.words() === this.begunWith;
  }

  /** What an editor says of itself when it gets the focus, and what was typed and taken away, is no writing. */
  private words(): string {
    const editor = this.editor.peek();
    return `${editor.text().trim()} ${editor.content().split("<img").length}`;
  }

  private begunWith: string | null = null;

  email() {
    this.sentFiles = this.letter.peek().files.filter((file) => file.blobId);
    const editor = this.editor.peek();
    return emailOf(this.current(), this.identity, whole(this.current(), editor.bodies(), () => editor.content()));
  }

  private sentFiles: Letter["files"] = [];

  private took(answer: Parameters<Saver["answered"]>[0], draft: NonNullable<typeof answer.draft>): void {
    const files = renamed(this.letter.peek().files, this.sentFiles, answer.attachments);
    this.change({ draftId: draft.id, revision: draft.revision, emailId: draft.emailId, threadId: draft.threadId, files }, false);
  }

  /** Change something of the letter; what is changed is saved. */
  change(patch: Partial<Letter>, isTyped = true): void {
    this.letter.value = { ...this.letter.peek(), ...patch };
    if (isTyped) this.typed();
  }

  private typed(): void {
    this.isTouched = true;
    this.saver?.touch(); // there is none yet while the letter is put together
  }

  private async keep(isDirty: boolean): Promise<void> {
    const letter = this.current();
    const { device } = await import("./later");
    const files = this.files.waiting();
    if (!isDirty && !this.files.isOwing) return device.forget(letter.key);
    await device.keep({ key: letter.key, accountId: app.jmap.accountId, letter: { ...letter, at: Date.now() }, files, isDirty: true, at: Date.now() });
  }

  fold(): void {
    this.saver.keep();
    this.editor.peek().root.blur();
    this.isFolded.value = true;
  }

  setPeople(field: Field, people: readonly Person[]): void {
    this.change({ [field]: [...people] });
  }

  /** Another address of mine: only the signature changes with it. */
  setIdentity(id: string): void {
    const before = this.identity;
    this.change({ identityId: id });
    const editor = this.editor.peek();
    const after = this.identity;
    const text = editor.isRich ? swapped(editor.content(), before, after) : swappedText(editor.content(), before, after);
    if (text !== editor.content()) editor.setContent(text);
  }

  show(what: Field | "head" | "formats", isShown = true): void {
    const shown = new Set(this.shown.peek());
    if (isShown) shown.add(what);
    else shown.delete(what);
    this.shown.value = shown;
  }

  /** Put the quotation into the text, to be answered line by line. */
  unfold(): void {
    const { quote } = this.letter.peek();
    if (!quote) return;
    batch(() => {
      this.change({ quote: null });
      if (quote.isAbove && this.editor.peek().isRich) this.editor.peek().setContent(`${quote.html}<div><br></div>${this.editor.peek().content()}`);
      else this.editor.peek().append(quote.html, quote.text);
    });
    this.editor.peek().focus();
  }

  say(notice: Notice | null): void {
    this.notices.value = notice ? [notice] : [];
  }

  /** Its editor and its timers end; what is saved stays. */
  async close(): Promise<void> {
    await this.saver.save();
    await this.saver.pause();
    this.files.stop();
    this.editor.peek().destroy();
  }
}

export type RichMaker = (listener: Listener, look: { label: string; language: string; isSpellchecked: boolean }) => Editor;

/** Keeps a letter: on the device while one types, on the server when one pauses, and never over what another device wrote. */
import { signal } from "@preact/signals";
import type { Draft, DraftConflict, DraftSaveArguments, DraftSaveResponse, Email } from "../../jmap";
import { MethodFailed, SignedOut, type Jmap } from "../../jmap/client";

const KEEP = 300; // milliseconds after a key until it is kept on the device
const PAUSE = 2_000; // and until it is saved
const LATEST = 15_000; // after the first unsaved key, however one types on
const AGAIN = 10_000; // after the server was not reached

export type Saved =
  | { kind: "new" | "dirty" | "saving" | "offline" }
  | { kind: "saved"; at: number }
  | { kind: "failed"; reason: string };

type Asked = Omit<DraftSaveArguments, "accountId">;

/** The letter as the saver sees it. `took`: what the server made of it. */
export interface Source {
  draftId(): string;
  revision(): number;
  fingerprint(): string;
  email(): Partial<Email>;
  isWorthSaving(): boolean;
  /** Are there files that the server has not got? The device keeps them. */
  isOwing(): boolean;
  took(answer: DraftSaveResponse, draft: Draft): void;
  signedOut(): void;
  keep(isDirty: boolean): void;
}

export class Saver {
  readonly state = signal<Saved>({ kind: "new" });
  readonly conflict = signal<DraftConflict | null>(null);
  private keepTimer = 0;
  private saveTimer = 0;
  private since = 0; // the first key that is not saved
  private running: Promise<void> | null = null;
  /** The name under which the draft is made, once: a page that goes on with a lost one's letter has the same. */
  private creation: string;
  /** What was asked and not answered: it is asked again as it was, so that it is done once. */
  private unsure: { asked: Asked; fingerprint: string } | null = null;
  private clean: string;
  private over = false;

  /** `isResumed`: it may have been saved by a page that is gone, as it was some time before. */
  constructor(private jmap: Jmap, private source: Source, key: string, isSaved: boolean, private isResumed = false) {
    this.creation = key;
    this.clean = isSaved ? source.fingerprint() : "";
  }

  /** Something was typed. */
  touch(): void {
    if (this.over) return;
    if (this.state.peek().kind !== "saving") this.state.value = { kind: "dirty" };
    if (!this.keepTimer) this.keepTimer = window.setTimeout(() => this.keep(), KEEP);
    this.since ||= Date.now();
    this.plan(Math.max(0, Math.min(PAUSE, this.since + LATEST - Date.now())));
  }

  private plan(wait: number): void {
    clearTimeout(this.saveTimer);
    this.saveTimer = window.setTimeout(() => void this.save(), wait);
  }

  /** On the device, now. */
  keep(): void {
    clearTimeout(this.keepTimer);
    this.keepTimer = 0;
    if (!this.over && (this.isDirty || this.source.isOwing())) this.source.keep(true);
  }

  get isDirty(): boolean {
    return this.source.isWorthSaving() && this.source.fingerprint() !== this.clean;
  }

  /** On the server, now; returns when it is there, or can't be. */
  async save(): Promise<void> {
    clearTimeout(this.saveTimer);
    await this.running;
    if (this.over || this.conflict.peek() || (!this.isDirty && !this.unsure)) return this.settleState();
    this.running = this.attempt().finally(() => (this.running = null));
    await this.running;
  }

  private settleState(): void {
    if (!this.over && !this.isDirty && !this.conflict.peek()) this.source.keep(false);
    if (this.state.peek().kind === "dirty" && !this.conflict.peek()) this.state.value = this.source.draftId() ? { kind: "saved", at: Date.now() } : { kind: "new" };
  }

  private async attempt(): Promise<void> {
    this.state.value = { kind: "saving" };
    const { asked, fingerprint } = (this.unsure ??= { asked: this.asked(), fingerprint: this.source.fingerprint() });
    try {
      this.answered(await this.jmap.call("Draft/save", asked), fingerprint);
    } catch (error) {
      this.failed(error);
    }
  }

  /** What `Draft/save` is asked, under a name by which it is done once. */
  asked(): Asked {
    const known = this.source.draftId() ? { draftId: this.source.draftId(), revision: this.source.revision() } : {};
    const operationId = this.source.draftId() ? crypto.randomUUID() : this.creation;
    return { ...known, operationId, email: this.source.email() };
  }

  /** The server said what became of the letter with this fingerprint. */
  answered(answer: DraftSaveResponse, fingerprint: string): void {
    this.unsure = null;
    if (answer.draft) this.took(answer, answer.draft, fingerprint);
    else if (answer.conflict) {
      this.conflict.value = answer.conflict;
      this.state.value = { kind: "dirty" };
    } else {
      this.state.value = { kind: "failed", reason: "" };
    }
  }

  private took(answer: DraftSaveResponse, draft: Draft, fingerprint: string): void {
    this.clean = this.isResumed ? "" : fingerprint;
    this.isResumed = false;
    this.source.took(answer, draft);
    this.since = 0;
    if (this.source.fingerprint() !== this.clean) return this.touch(); // one typed on meanwhile
    this.state.value = { kind: "saved", at: Date.now() };
    this.source.keep(false);
  }

  private failed(error: unknown): void {
    if (error instanceof MethodFailed) {
      this.unsure = null;
      this.state.value = { kind: "failed", reason: error.description };
      return;
    }
    this.state.value = { kind: "offline" };
    if (error instanceof SignedOut) return this.source.signedOut();
    this.plan(AGAIN);
  }

  /** Of a conflict: keep what is written here, in place of the other, or beside it. */
  async insist(how: "mine" | "both"): Promise<void> {
    const conflict = this.conflict.peek();
    if (!conflict) return;
    this.conflict.value = null;
    this.creation = crypto.randomUUID();
    const known = how === "mine" && conflict.draft ? { draftId: conflict.draftId, revision: conflict.draft.revision } : {};
    this.unsure = { asked: { ...known, operationId: this.creation, email: this.source.email() }, fingerprint: this.source.fingerprint() };
    await this.save();
  }

  /** What is shown is what the server has. */
  adopt(): void {
    this.conflict.value = null;
    this.unsure = null;
    this.clean = this.source.fingerprint();
    this.state.value = { kind: "saved", at: Date.now() };
  }

  /** Wait for what is under way, and save no more by itself: it is sent, or gone. Until then the device has it. */
  async pause(): Promise<void> {
    clearTimeout(this.saveTimer);
    this.keep();
    await this.running;
    if (this.unsure) await this.attempt();
    this.over = true;
  }

  /** This was asked, and no answer came: it is asked again as it was. */
  doubt(asked: Asked, fingerprint: string): void {
    this.unsure = { asked, fingerprint };
  }

  /** What is written becomes another draft. */
  renew(): void {
    this.creation = crypto.randomUUID();
    this.conflict.value = this.unsure = null;
    this.clean = "";
  }

  /** It is still written: what is not saved will be. */
  resume(): void {
    this.over = false;
    if (this.isDirty) this.touch();
  }

  get isUnsure(): boolean {
    return this.unsure !== null;
  }
}

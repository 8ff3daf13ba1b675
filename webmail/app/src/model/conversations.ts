/** Conversations with their messages, fetched when opened or likely to be, and kept while they are of use. */
import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Email, Id } from "../jmap";
import type { Jmap } from "../jmap/client";
import { keywords } from "./effects";
import type { Operations } from "./operations";

export interface Conversation {
  id: Id;
  /** Oldest first; null until loaded. */
  emails: ReadonlySignal<readonly Email[] | null>;
  trouble: Signal<string>;
}

interface Kept extends Conversation {
  base: Signal<readonly Email[] | null>;
  state: number;
  loading: Promise<void> | null;
}

const KEPT = 60;
const TEXT_BYTES = 262_144; // of a plain text that comes along with its message

/** What a conversation shows; bodies in HTML are documents of their own. */
const PROPERTIES = [
  ...["id", "blobId", "threadId", "mailboxIds", "keywords", "size", "receivedAt", "sentAt", "messageId", "inReplyTo", "references"],
  ...["from", "sender", "to", "cc", "bcc", "replyTo", "subject", "hasAttachment", "preview", "textBody", "htmlBody", "attachments", "bodyValues"],
];

export class Conversations {
  private kept = new Map<Id, Kept>();

  constructor(private jmap: Jmap, private operations: Operations) {}

  /** The conversation, which begins to load where it is not known or older than `state`. */
  open(id: Id, state = 0): Conversation {
    const one = this.get(id);
    if (!one.base.peek() || one.state < state) void this.load(one);
    return one;
  }

  /** Have it at hand when it is opened. */
  prefetch(id: Id): void {
    if (!this.kept.get(id)?.base.peek()) void this.load(this.get(id));
  }

  /** Fetch again what is held of it. */
  async refresh(id: Id): Promise<void> {
    const one = this.kept.get(id);
    if (one) await this.load(one);
  }

  private load(one: Kept): Promise<void> {
    return (one.loading ??= this.fetch(one).finally(() => (one.loading = null)));
  }

  private async fetch(one: Kept): Promise<void> {
    try {
      const thread = this.jmap.call("Thread/get", { ids: [one.id] }, `thread-${one.id}`);
      const answer = this.jmap.call("Email/get", {
        "#ids": { resultOf: `thread-${one.id}`, name: "Thread/get", path: "/list/*/emailIds" },
        properties: PROPERTIES,
        fetchTextBodyValues: true,
        maxBodyValueBytes: TEXT_BYTES,
      });
      const [{ list: threads }, emails] = await Promise.all([thread, answer]);
      const byId = new Map(emails.list.map((email) => [email.id, email]));
      one.base.value = (threads[0]?.emailIds ?? []).flatMap((id) => byId.get(id) ?? []);
      one.state = Number(emails.state);
      one.trouble.value = "";
    } catch (error) {
      one.trouble.value = (error as Error).constructor.name;
    }
  }

  private get(id: Id): Kept {
    const known = this.kept.get(id) ?? this.make(id);
    this.kept.delete(id);
    this.kept.set(id, known);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value!);
    return known;
  }

  private make(id: Id): Kept {
    const base = signal<readonly Email[] | null>(null);
    const one: Kept = { id, base, emails: computed(() => this.seen(one)), trouble: signal(""), state: 0, loading: null };
    return one;
  }

  /** With what was done since laid over. */
  private seen(one: Kept): readonly Email[] | null {
    const emails = one.base.value;
    const log = this.operations.log.value.filter((op) => op.kind !== "undo" && (op.state === undefined || op.state > one.state));
    const touching = log.filter((op) => op.threadIds.includes(one.id) || op.emailIds.length);
    if (!emails || !touching.length) return emails;
    return emails.map((email) => {
      const acts = touching.filter((op) => op.threadIds.includes(one.id) || op.emailIds.includes(email.id));
      const after = acts.reduce((before, op) => keywords(before, op.act), email.keywords);
      return after === email.keywords ? email : { ...email, keywords: after };
    });
  }
}

/** The end of a conversation: the answer that is being written, else what is there to begin one. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { answeredIn, compose, desk, written } from "../../compose/desk";
import type { Email, Id } from "../../jmap";

/** Does the composer show this message, and not the conversation? */
export const isWritten = (email: Email): boolean => email.keywords["$draft"] === true && written.value.has(email.id);

const PHONE = "(max-width: 639px)"; // where a letter fills the screen, and would be over the mail

/** A draft in the conversation is shown by itself, and goes on when one clicks it or answers; where there is nothing else to read, at once. */
export function ReplyBox({ threadId, emails, children }: { threadId: Id; emails: readonly Email[]; children: ComponentChildren }) {
  const drafts = emails.filter((email) => email.keywords["$draft"]);
  const draft = drafts.at(-1);
  const before = useRef<readonly Id[]>([]);
  const isShownOnly = emails.some((email) => !email.keywords["$draft"]);
  useEffect(() => {
    const now = drafts.map((email) => email.id);
    desk.peek()?.leave(before.current.filter((id) => !now.includes(id)));
    before.current = now;
  }, [drafts.map((email) => email.id).join()]);
  useEffect(() => {
    if (!draft || answeredIn.peek().has(threadId) || written.peek().has(draft.id) || (isShownOnly && matchMedia(PHONE).matches)) return;
    void compose({ kind: "draft", emailId: draft.id, isShownOnly });
  }, [draft?.id]);
  return <>{desk.value && answeredIn.value.has(threadId) ? <desk.value.InPlace key={threadId} threadId={threadId} /> : children}</>;
}

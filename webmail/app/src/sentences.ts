/** What was done, in words. */
import { t } from "./i18n";
import type { Act } from "./jmap";
import type { Mailboxes } from "./model/mailboxes";
import type { Operation } from "./model/operations";

const SAID: Partial<Record<Act, (values: { count: number; label: string }) => string>> = {
  archive: (v) => t("{count, plural, one {Archived.} other {# conversations archived.}}", v),
  toInbox: (v) => t("{count, plural, one {Moved to Inbox.} other {# conversations moved to Inbox.}}", v),
  trash: (v) => t("{count, plural, one {Moved to Trash.} other {# conversations moved to Trash.}}", v),
  restore: (v) => t("{count, plural, one {Restored.} other {# conversations restored.}}", v),
  spam: (v) => t("{count, plural, one {Reported as spam.} other {# conversations reported as spam.}}", v),
  notSpam: (v) => t("{count, plural, one {Marked as not spam.} other {# conversations marked as not spam.}}", v),
  read: (v) => t("{count, plural, one {Marked as read.} other {# conversations marked as read.}}", v),
  unread: (v) => t("{count, plural, one {Marked as unread.} other {# conversations marked as unread.}}", v),
  star: (v) => t("{count, plural, one {Starred.} other {# conversations starred.}}", v),
  unstar: (v) => t("{count, plural, one {Star removed.} other {# stars removed.}}", v),
  snooze: (v) => t("{count, plural, one {Snoozed.} other {# conversations snoozed.}}", v),
  unsnooze: (v) => t("{count, plural, one {Back in Inbox.} other {# conversations back in Inbox.}}", v),
  mute: (v) => t("{count, plural, one {Muted: replies will skip Inbox.} other {# conversations muted.}}", v),
  unmute: (v) => t("{count, plural, one {Replies come to Inbox again.} other {# conversations come to Inbox again.}}", v),
  addLabel: (v) => t("{count, plural, one {Labelled “{label}”.} other {# conversations labelled “{label}”.}}", v),
  removeLabel: (v) => t("{count, plural, one {Label “{label}” removed.} other {Label “{label}” removed from # conversations.}}", v),
  moveTo: (v) => t("{count, plural, one {Moved to “{label}”.} other {# conversations moved to “{label}”.}}", v),
};

export function said(operation: Operation, mailboxes: Mailboxes): string {
  const label = operation.mailboxId ? (mailboxes.label(operation.mailboxId)?.path ?? "") : "";
  return SAID[operation.act]?.({ count: operation.count, label }) ?? operation.act;
}

"""What was done, in the member's language: the sentences of webmail/app/src/sentences.ts for pages without scripts."""

from __future__ import annotations

from mailsuite.mailstore.models import Action
from webmail import display
from webmail.i18n import current, mark, t

SAID = {
    "archive": mark("{count, plural, one {Archived.} other {# conversations archived.}}"),
    "to_inbox": mark("{count, plural, one {Moved to Inbox.} other {# conversations moved to Inbox.}}"),
    "trash": mark("{count, plural, one {Moved to Trash.} other {# conversations moved to Trash.}}"),
    "restore": mark("{count, plural, one {Restored.} other {# conversations restored.}}"),
    "report_spam": mark("{count, plural, one {Reported as spam.} other {# conversations reported as spam.}}"),
    "not_spam": mark("{count, plural, one {Marked as not spam.} other {# conversations marked as not spam.}}"),
    "mark_read": mark("{count, plural, one {Marked as read.} other {# conversations marked as read.}}"),
    "mark_unread": mark("{count, plural, one {Marked as unread.} other {# conversations marked as unread.}}"),
    "star": mark("{count, plural, one {Starred.} other {# conversations starred.}}"),
    "unstar": mark("{count, plural, one {Star removed.} other {# stars removed.}}"),
    "mute": mark("{count, plural, one {Muted: replies will skip Inbox.} other {# conversations muted.}}"),
    "unmute": mark("{count, plural, one {Replies come to Inbox again.} other {# conversations come to Inbox again.}}"),
    "snooze": mark("{count, plural, one {Snoozed.} other {# conversations snoozed.}}"),
    "unsnooze": mark("{count, plural, one {Back in Inbox.} other {# conversations back in Inbox.}}"),
}


def said(action: Action) -> str:
    """The action's own sentence in English, and elsewhere where it names a label."""
    if current() == "en" or action.act not in SAID:
        return f"{display.clean(action.sentence)}."
    return t(SAID[action.act], count=action.count)

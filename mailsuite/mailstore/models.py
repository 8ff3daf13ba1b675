"""What is kept: messages, the mailboxes they are in, the threads they form, and the log of every change.

One counter (`AccountState.modseq`) orders all changes of an account. A transaction that changes an account takes the next value
once (`changes.begin`) and stamps the rows it touches with it: a message, thread or mailbox says itself when it came to be
(`created_modseq`) and when it last changed (`modseq`). What a row that is gone cannot say, a `Change` says: the log holds only
holes. `changes.since` reads both; IMAP, JMAP and the web ask it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mailsuite.accounts.models import Account
from mailsuite.blobs.models import Blob
from mailsuite.mailstore.annotation_models import Annotation as Annotation
from mailsuite.mailstore.writing_models import Draft as Draft


class AccountState(models.Model):
    """The account's counters. Its row is the lock that puts writers of one account in order."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="store")
    modseq = models.BigIntegerField(default=1)
    floor = models.BigIntegerField(
        default=0, help_text="changes up to this modseq were compacted: what is gone since is not known"
    )
    uidvalidity = models.BigIntegerField(default=0, help_text="the last one given to a mailbox; each is given once")
    bytes_used = models.BigIntegerField(default=0, help_text="size of all messages, each counted once")

    def __str__(self) -> str:
        return f"{self.account} at {self.modseq}"


class Mailbox(models.Model):
    """A named set of messages: a place or state that every account has (role), or a member's own label (no role)."""

    class Role(models.TextChoices):
        INBOX = "inbox"
        STARRED = "flagged"
        SNOOZED = "snoozed"
        SCHEDULED = "scheduled"
        SENT = "sent"
        DRAFTS = "drafts"
        ARCHIVE = "archive"
        ALL = "all"
        JUNK = "junk"
        TRASH = "trash"

    class Sidebar(models.TextChoices):
        SHOW = "show"
        UNREAD = "unread", "where it holds something unread"
        HIDE = "hide"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="mailboxes", db_index=False)
    name = models.CharField(max_length=500, help_text="the whole path, levels divided by /")
    folded = models.CharField(max_length=500, help_text="the name case-folded: what uniqueness is judged by")
    role = models.CharField(max_length=10, choices=Role, blank=True)
    uidvalidity = models.BigIntegerField()
    uidnext = models.BigIntegerField(default=1)
    modseq = models.BigIntegerField(
        default=1, help_text="highest modseq of any change in it, expunges included (RFC 7162 §3.1.2.1)"
    )
    described_modseq = models.BigIntegerField(
        default=1,
        help_text="of its last change of any other kind than what is in it: name, mailboxes above it, subscription, hue",
    )
    created_modseq = models.BigIntegerField(default=1)
    total = models.IntegerField(default=0, help_text="messages in it; these four are kept right by `rows`, checked by `verify`")
    unread = models.IntegerField(default=0, help_text="messages in it without \\Seen")
    threads = models.IntegerField(default=0, help_text="conversations in it")
    unread_threads = models.IntegerField(default=0, help_text="conversations with an unread message in it")
    subscribed = models.BooleanField(default=True)
    sticky = models.BooleanField(default=True, help_text="a label that later messages of a thread inherit")
    sort_order = models.IntegerField(null=True, help_text="JMAP's sortOrder, where a client said one")
    color = models.CharField(max_length=10, blank=True, help_text="one of `mailboxes.HUES`")
    in_imap = models.BooleanField(default=True, help_text="whether mail programs are told of it")
    in_sidebar = models.CharField(max_length=6, choices=Sidebar, default=Sidebar.SHOW)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "folded"], name="one_mailbox_a_name"),
            models.UniqueConstraint(fields=["account", "role"], condition=~Q(role=""), name="one_mailbox_a_role"),
        ]

    def __str__(self) -> str:
        return self.name


class Thread(models.Model):
    """A conversation: what its row shows is kept here, brought up to date by `rows.refresh`."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="threads", db_index=False)
    continues = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="continued_by", help_text="rule R7")
    base_subjects = models.JSONField(default=list, help_text="the different base subjects of its messages (rule R4)")
    subject_key = models.BigIntegerField(default=0, help_text="hash of its first base subject, for rule R8")
    gathers = models.CharField(
        max_length=255, blank=True, help_text="calendar UID or chat group id: what carries it belongs here, whatever its subject"
    )
    barrier = models.CharField(max_length=40, blank=True, help_text="rule R12: threads split by hand from one another share this")
    list_id = models.CharField(max_length=255, blank=True)
    oldest_at = models.DateTimeField(help_text="received time of its oldest message")
    newest_at = models.DateTimeField()
    total = models.IntegerField(default=0, help_text="messages in any place (rule R13)")
    count = models.IntegerField(default=0, help_text="messages in place Mail")
    unread = models.IntegerField(default=0)
    starred = models.BooleanField(default=False)
    star = models.CharField(max_length=6, blank=True, help_text="colour of the newest star: one of `stars.COLORS`")
    attachments = models.BooleanField(default=False)
    draft = models.BooleanField(default=False)
    muted = models.BooleanField(default=False, help_text="one of its messages carries $muted")
    snoozed_at = models.DateTimeField(null=True, help_text="of its messages in place Mail: when the last was put off")
    snoozed_until = models.DateTimeField(null=True, help_text="when the first comes back")
    woke_at = models.DateTimeField(null=True, help_text="when the last came back to Inbox, where it still is")
    sends_at = models.DateTimeField(null=True, help_text="when the first of those that wait to be sent leaves")
    subject = models.TextField(blank=True)
    preview = models.TextField(blank=True, help_text="of the first unread message, else the newest")
    writers = models.JSONField(default=list, help_text="[[name, address, unread], …] in order of first appearance")
    labels = models.JSONField(default=list, help_text="ids of own labels on any message in place Mail")
    modseq = models.BigIntegerField(default=1)
    created_modseq = models.BigIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["account", "modseq"]),
            models.Index(fields=["account", "subject_key", "newest_at"]),
            models.Index(fields=["account", "gathers"], condition=~Q(gathers=""), name="thread_gathers"),
        ]

    def __str__(self) -> str:
        return self.subject


class ThreadRow(models.Model):
    """A conversation in one mailbox: a page of a list is one scan of this table's index."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="rows", db_index=False)
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="rows")
    newest_at = models.DateTimeField(help_text="product.md 3.6: Inbox by newest incoming, Sent by newest own, else newest")
    count = models.IntegerField(help_text="its messages in this mailbox")
    unread = models.IntegerField()
    face = models.JSONField(
        null=True,
        help_text="of a thread that is in several places, how it looks in this one where that is not how the thread looks: "
        "{subject, preview, writers, attachments, starred}",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "thread"], name="one_row_a_mailbox")]
        indexes = [
            models.Index(fields=["mailbox", "-newest_at", "-thread"], name="row_order"),
            models.Index(fields=["mailbox", "-newest_at"], condition=Q(unread__gt=0), name="row_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id} in {self.mailbox_id}"


def email_id(pk: int, incarnation: int) -> str:
    """EMAILID of a message: it changes when a merge of threads re-announces the message (product.md 3.4).

    Letters, digits, - and _ alone may stand in it (RFC 8474 §7, RFC 8620 §1.2).
    """
    return f"M{pk}-{incarnation}" if incarnation else f"M{pk}"


class Message(models.Model):
    """A blob in an account. Its flags are shared by all mailboxes it is in."""

    class Place(models.IntegerChoices):
        MAIL = 1
        SPAM = 2
        TRASH = 3

    SEEN, ANSWERED, FLAGGED, DRAFT = 1, 2, 4, 8  # bits of `flags`: the IMAP system flags that belong to a message

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="messages", db_index=False)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    trace = models.BinaryField(default=b"", help_text="Return-Path, Received, Authentication-Results; goes before the blob")
    size = models.BigIntegerField(help_text="bytes of trace and blob: RFC822.SIZE")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages", db_index=False)
    incarnation = models.IntegerField(
        default=0, help_text="goes up when a merge of threads re-announces the message: see `email_id`"
    )
    place = models.IntegerField(choices=Place, default=Place.MAIL)
    flags = models.IntegerField(default=0)
    keywords = models.JSONField(default=list, help_text="sorted IMAP keywords, as written")
    own = models.BooleanField(default=False, help_text="written by the account itself")
    modseq = models.BigIntegerField(help_text="of its last change of any kind, mailboxes included: never below its memberships'")
    created_modseq = models.BigIntegerField(help_text="when it came to be under its present `email_id`")
    received_at = models.DateTimeField(help_text="INTERNALDATE; for own mail the time of sending")
    sent_at = models.DateTimeField(null=True, help_text="the Date field, where it can be read")
    trashed_at = models.DateTimeField(null=True, help_text="moved to Trash or Spam at; the purge counts from here")
    remembered = models.JSONField(default=list, help_text="mailbox ids it had when it went to Trash or Spam")
    snoozed_at = models.DateTimeField(null=True, help_text="when it was put off, until it leaves Inbox again")
    snoozed_until = models.DateTimeField(null=True, help_text="it comes back to Inbox then; kept in Trash and Spam too")
    woke_at = models.DateTimeField(null=True, help_text="when it came back to Inbox, as long as it is there")
    sends_at = models.DateTimeField(null=True, help_text="it waits in Scheduled, and leaves then")
    went_at = models.DateTimeField(null=True, help_text="when it left, of what had waited in Scheduled")
    message_id = models.TextField(help_text="without < >; made up where there was none (rule R2)")
    in_reply_to = models.TextField(blank=True, help_text="the nearest parent's id, without < >")
    ancestors = models.TextField(
        null=True, help_text="ids before that one in References, divided by blanks; unknown of messages older than this column"
    )
    subject = models.TextField(blank=True)
    author_name = models.CharField(max_length=200, blank=True, help_text="of the first author, decoded")
    author_address = models.CharField(max_length=320, blank=True, help_text="local@domain, domain lower case")
    people = models.JSONField(
        default=dict, help_text="{from|sender|reply_to|to|cc|bcc: [[name, address], …]}, decoded, at most 200 each"
    )
    preview = models.TextField(blank=True, help_text="first 200 characters of text without quotes")
    attachments = models.JSONField(
        default=list, help_text="[{part, name, type, size, inline, cid}]: names decoded, size in bytes"
    )
    imap_envelope = models.BinaryField(help_text="ENVELOPE as it goes over the wire (RFC 9051 §7.5.2)")
    imap_structure = models.BinaryField(help_text="BODYSTRUCTURE as it goes over the wire")
    traits = models.JSONField(default=dict, help_text="what rules ask: {list_id, bulk, auto, calendar_uid, encrypted, tracked …}")
    decision = models.JSONField(default=dict, help_text="why it is where it is: {reasons: [{code, text, weight}], auth: {...}}")

    class Meta:
        indexes = [
            models.Index(fields=["account", "modseq"]),
            models.Index(fields=["thread", "received_at"]),
            models.Index(fields=["account", "received_at"]),
            models.Index(fields=["trashed_at"], condition=Q(trashed_at__isnull=False), name="message_trashed"),
            models.Index(fields=["snoozed_until"], condition=Q(snoozed_until__isnull=False), name="message_snoozed"),
            models.Index(fields=["sends_at"], condition=Q(sends_at__isnull=False), name="message_scheduled"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def email_id(self) -> str:
        """EMAILID (RFC 8474) and JMAP's Email id."""
        return email_id(self.pk, self.incarnation)


class Membership(models.Model):
    """A message in a mailbox, under that mailbox's own UID."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="memberships")
    uid = models.BigIntegerField()
    deleted = models.BooleanField(default=False, help_text=r"\Deleted, which belongs to the copy and not to the message")
    modseq = models.BigIntegerField(help_text="when it came in, or its deleted mark last changed")
    saved_at = models.DateTimeField(null=True, help_text="when it came in (RFC 8514); null of what came before this was kept")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "uid"], name="one_message_a_uid"),
            models.UniqueConstraint(fields=["mailbox", "message"], name="one_copy_a_mailbox"),
        ]

    def __str__(self) -> str:
        return f"{self.uid} in {self.mailbox_id}"


class Reference(models.Model):
    """A Message-ID heard of, and a thread it leads to: an id can lead to several, where their subjects differ.

    Without a message it is a ghost: referred to, but not held.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    msgid = models.CharField(max_length=250, help_text="without < >")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="references")
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    uses = models.IntegerField(default=0, help_text="messages of the thread that referred to it while it was a ghost (rule R15)")

    class Meta:
        indexes = [models.Index(fields=["account", "msgid"])]

    def __str__(self) -> str:
        return self.msgid


class Change(models.Model):
    """A hole: something that an account had and has no more, written in the transaction that took it away."""

    class Kind(models.TextChoices):
        EXPUNGED = "expunged", "a message left a mailbox: mailbox and uid name the hole (RFC 7162 VANISHED)"
        DESTROYED = "destroyed", "an email_id is gone from the account"
        DISSOLVED = "dissolved", "a thread is gone: emptied, or merged into another"
        DROPPED = "dropped", "a mailbox is gone"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="changes", db_index=False)
    modseq = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    email_id = models.CharField(max_length=40, blank=True)
    thread_id = models.BigIntegerField(null=True)
    mailbox_id = models.BigIntegerField(null=True)
    uid = models.BigIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "modseq"]),
            models.Index(fields=["mailbox_id", "modseq"], condition=Q(kind="expunged"), name="change_tombstones"),
        ]

    def __str__(self) -> str:
        return f"{self.modseq} {self.kind} {self.email_id}"


class Action(models.Model):
    """What a member did. The last hundred that changed anything can be undone, and done again: what that takes is in their steps.

    One with an `operation_id` is kept for a day at least, whatever came of it, so that a client may ask again and nothing is done
    twice.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="actions", db_index=False)
    operation_id = models.CharField(max_length=64, blank=True, help_text="the client's own name for it")
    at = models.DateTimeField(auto_now_add=True)
    act = models.CharField(max_length=20, default="", help_text="one of `acts.ACTS`, delete_label or merge_labels")
    count = models.IntegerField(default=0, help_text="conversations or messages that it changed")
    noun = models.CharField(max_length=12, default="conversation", help_text="what it counts: conversation or message")
    label_id = models.BigIntegerField(null=True, help_text="the label that it gave or took; it may be gone since")
    sentence = models.CharField(max_length=300, help_text='as shown: "Archived 3 conversations"')
    not_found = models.JSONField(default=list, help_text="what the client named and was not there")
    labels = models.JSONField(default=list, help_text="labels it deleted: [{id, name, color, sticky, subscribed …}]")
    undone = models.BooleanField(default=False)
    undone_at = models.DateTimeField(null=True, help_text="when it was undone last")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "operation_id"], condition=~Q(operation_id=""), name="one_action_an_operation"
            )
        ]
        indexes = [models.Index(fields=["account", "id"], name="action_order")]

    def __str__(self) -> str:
        return self.sentence

    @property
    def has_changed(self) -> bool:
        """Whether it changed anything."""
        return bool(self.count or self.labels)


class ActionStep(models.Model):
    """A part of what an action changed, with what undoing it takes."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="steps")
    delta = models.BinaryField(help_text="the states of messages before and after, packed: see `history`")

    def __str__(self) -> str:
        return f"a step of {self.action_id}"


class IndexedText(models.Model):
    """What the full-text index was given for a message: SQLite's contentless index needs it again to forget it."""

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="indexed")
    text = models.BinaryField(help_text="zstd of the JSON list of the index columns")

    def __str__(self) -> str:
        return str(self.pk)


class Expunged(models.Model):
    """What was deleted for ever, kept for a grace period so that its member can have it back. It holds the blob's reference."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="expunged", db_index=False)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    trace = models.BinaryField(default=b"")
    flags = models.IntegerField(default=0)
    keywords = models.JSONField(default=list)
    own = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    subject = models.TextField(blank=True, help_text="so that a member knows what it was")
    author = models.CharField(max_length=320, blank=True)
    remembered = models.JSONField(default=list, help_text="mailbox ids it had")
    at = models.DateTimeField(db_index=True, help_text="expunged at")

    class Meta:
        indexes = [models.Index(fields=["account", "at"])]

    def __str__(self) -> str:
        return self.subject


class Upload(models.Model):
    """A file that waits for a message to be made with it. It holds a reference to its blob for a day: see `uploads`."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="uploads", db_index=False)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=255, help_text="the media type, as the client named it")
    at = models.DateTimeField(db_index=True, help_text="when it last came")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "blob"], name="one_upload_a_content")]

    def __str__(self) -> str:
        return f"{self.blob_id} of {self.account_id}"

"""What is kept: messages, the mailboxes they are in, the threads they form, and the log of every change.

One counter (`AccountState.modseq`) orders all changes of an account. A transaction that changes an account takes the next value
once (`changes.begin`), stamps the rows it touches with it, and writes `Change` rows. IMAP, JMAP and the web read this one log.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mailsuite.accounts.models import Account
from mailsuite.blobs.models import Blob


class AccountState(models.Model):
    """The account's counters. Its row is the lock that puts writers of one account in order."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="store")
    modseq = models.BigIntegerField(default=1)
    bytes_used = models.BigIntegerField(default=0, help_text="size of all messages, each counted once")

    def __str__(self) -> str:
        return f"{self.account} at {self.modseq}"


class Mailbox(models.Model):
    """A named set of messages: a place or state that every account has (role), or a member's own label (no role)."""

    class Role(models.TextChoices):
        INBOX = "inbox"
        STARRED = "flagged"
        SENT = "sent"
        DRAFTS = "drafts"
        ARCHIVE = "archive"
        ALL = "all"
        JUNK = "junk"
        TRASH = "trash"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="mailboxes")
    name = models.CharField(max_length=500, help_text="the whole path, levels divided by /")
    folded = models.CharField(max_length=500, help_text="the name case-folded: what uniqueness is judged by")
    role = models.CharField(max_length=10, choices=Role, blank=True)
    uidvalidity = models.BigIntegerField()
    uidnext = models.BigIntegerField(default=1)
    modseq = models.BigIntegerField(
        default=1, help_text="highest modseq of any change in it, expunges included (RFC 7162 §3.1.2.1)"
    )
    subscribed = models.BooleanField(default=True)
    sticky = models.BooleanField(default=True, help_text="a label that later messages of a thread inherit")
    color = models.CharField(max_length=10, blank=True, help_text="one of product.md 6.4's label hues")
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

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="threads")
    continues = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="continued_by", help_text="rule R7")
    base_subjects = models.JSONField(default=list, help_text="the different base subjects of its messages (rule R4)")
    calendar_uid = models.CharField(max_length=255, blank=True)
    barrier = models.CharField(max_length=40, blank=True, help_text="rule R12: threads split by hand from one another share this")
    list_id = models.CharField(max_length=255, blank=True)
    oldest_at = models.DateTimeField(help_text="received time of its oldest message")
    newest_at = models.DateTimeField()
    count = models.IntegerField(default=0, help_text="messages in place Mail")
    unread = models.IntegerField(default=0)
    starred = models.BooleanField(default=False)
    attachments = models.BooleanField(default=False)
    draft = models.BooleanField(default=False)
    muted = models.BooleanField(default=False)
    subject = models.TextField(blank=True)
    preview = models.TextField(blank=True, help_text="of the first unread message, else the newest")
    writers = models.JSONField(default=list, help_text="[[name, address, unread], …] in order of first appearance")
    labels = models.JSONField(default=list, help_text="ids of own labels on any message in place Mail")
    modseq = models.BigIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["account", "newest_at"])]

    def __str__(self) -> str:
        return self.subject


class ThreadRow(models.Model):
    """A conversation in one mailbox: a page of a list is one scan of this table's index."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="rows")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="rows")
    newest_at = models.DateTimeField(help_text="product.md 3.6: Inbox by newest incoming, Sent by newest own, else newest")
    count = models.IntegerField(help_text="its messages in this mailbox")
    unread = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "thread"], name="one_row_a_mailbox")]
        indexes = [
            models.Index(fields=["mailbox", "-newest_at", "-thread"], name="row_order"),
            models.Index(fields=["mailbox"], condition=Q(unread__gt=0), name="row_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id} in {self.mailbox_id}"


class Message(models.Model):
    """A blob in an account. Its flags are shared by all mailboxes it is in."""

    class Place(models.IntegerChoices):
        MAIL = 1
        SPAM = 2
        TRASH = 3

    SEEN, ANSWERED, FLAGGED, DRAFT = 1, 2, 4, 8  # bits of `flags`: the IMAP system flags that belong to a message

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="messages")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    trace = models.BinaryField(default=b"", help_text="Return-Path, Received, Authentication-Results; goes before the blob")
    size = models.BigIntegerField(help_text="bytes of trace and blob: RFC822.SIZE")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    incarnation = models.IntegerField(
        default=0, help_text="goes up when a merge of threads re-announces the message: see `email_id`"
    )
    place = models.IntegerField(choices=Place, default=Place.MAIL)
    flags = models.IntegerField(default=0)
    keywords = models.JSONField(default=list, help_text="sorted IMAP keywords, as written")
    own = models.BooleanField(default=False, help_text="written by the account itself")
    modseq = models.BigIntegerField(help_text="of the last change of flags, keywords, place or thread")
    received_at = models.DateTimeField(help_text="INTERNALDATE; for own mail the time of sending")
    sent_at = models.DateTimeField(null=True, help_text="the Date field, where it can be read")
    trashed_at = models.DateTimeField(null=True, help_text="moved to Trash or Spam at; the purge counts from here")
    remembered = models.JSONField(default=list, help_text="mailbox ids it had when it went to Trash or Spam")
    message_id = models.TextField(help_text="without < >; made up where there was none (rule R2)")
    in_reply_to = models.TextField(blank=True, help_text="the nearest parent's id, without < >")
    subject = models.TextField(blank=True)
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
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def email_id(self) -> str:
        """EMAILID (RFC 8474) and JMAP's Email id."""
        return f"M{self.pk}" if not self.incarnation else f"M{self.pk}.{self.incarnation}"


class Membership(models.Model):
    """A message in a mailbox, under that mailbox's own UID."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="memberships")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="memberships")
    uid = models.BigIntegerField()
    deleted = models.BooleanField(default=False, help_text=r"\Deleted, which belongs to the copy and not to the message")
    modseq = models.BigIntegerField(help_text="when it came in, or its deleted mark last changed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "uid"], name="one_message_a_uid"),
            models.UniqueConstraint(fields=["mailbox", "message"], name="one_copy_a_mailbox"),
        ]

    def __str__(self) -> str:
        return f"{self.uid} in {self.mailbox_id}"


class Reference(models.Model):
    """A Message-ID heard of, and the thread it leads to. Without a message it is a ghost: referred to, never received."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    msgid = models.CharField(max_length=250, help_text="without < >")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="references")
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="+")
    uses = models.IntegerField(default=0, help_text="messages that refer to it (rule R15)")

    class Meta:
        indexes = [models.Index(fields=["account", "msgid"])]

    def __str__(self) -> str:
        return self.msgid


class Change(models.Model):
    """One thing that happened in an account, written in the transaction that did it. An expunge is a tombstone here."""

    class Kind(models.TextChoices):
        CREATED = "created", "a message came to be"
        UPDATED = "updated", "flags, keywords, place, thread or mailboxes of a message changed"
        EXPUNGED = "expunged", "a message left a mailbox: mailbox and uid name the hole (RFC 7162 VANISHED)"
        DESTROYED = "destroyed", "a message is gone from the account"
        MAILBOX = "mailbox", "a mailbox was created, renamed, subscribed or deleted"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="changes")
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
    """What a member did, with what is needed to undo it exactly. The last hundred are kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="actions")
    at = models.DateTimeField(auto_now_add=True)
    sentence = models.CharField(max_length=300, help_text='as shown: "Archived 3 conversations"')
    before = models.JSONField(help_text="{message id: [place, flags, keywords, mailbox ids, remembered, trashed_at]}")
    undone = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.sentence


class IndexedText(models.Model):
    """What the full-text index was given for a message: SQLite's contentless index needs it again to forget it."""

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="indexed")
    text = models.BinaryField(help_text="zstd of the JSON list of the index columns")

    def __str__(self) -> str:
        return str(self.pk)

"""What is still owed: an envelope we accepted, and a row for each of its recipients.

| state     | means                                                    | becomes                  | after a crash         |
|-----------|----------------------------------------------------------|--------------------------|-----------------------|
| held      | not to be tried before `hold_until`, or held by hand     | due                      | stays                 |
| due       | may be tried from `next_attempt_at`                      | leased                   | stays                 |
| leased    | one worker tries it, until `lease_expires_at`            | delivered, due, failed   | the lease expires     |
| delivered | the next holder said 250, or it is in a mailbox          | -                        | -                     |
| failed    | 5yz, too old, or dropped by hand                         | -                        | -                     |
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mailsuite.accounts.models import Account
from mailsuite.blobs.models import Blob


class Envelope(models.Model):
    """What SMTP carried, apart from the message; one for each message we took responsibility for."""

    class Origin(models.TextChoices):
        MX = "mx", "from another host"
        SUBMISSION = "submission", "from a mail client of an account"
        WEB = "web", "from the webmail"
        REPORT = "report", "from ourselves: a DSN"

    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    trace = models.BinaryField(
        default=b"", help_text="our Received and Authentication-Results lines, CRLF-ended, kept beside the blob"
    )
    reverse_path = models.CharField(max_length=320, blank=True, help_text="empty is the null reverse-path <>")
    origin = models.CharField(max_length=16, choices=Origin)
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+", help_text="who submitted it")
    body_8bit = models.BooleanField(default=False)
    smtputf8 = models.BooleanField(default=False)
    envid = models.CharField(max_length=100, blank=True, help_text="RFC 3461 §4.4, xtext as received")
    ret = models.CharField(max_length=4, blank=True, help_text="FULL, HDRS or empty: RFC 3461 §4.3")
    verdict = models.JSONField(default=dict, help_text="what screening found: {result: {...}, junk: bool, reasons: [...]}")
    accepted_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"<{self.reverse_path}> {self.accepted_at}"


class Recipient(models.Model):
    """One recipient of an envelope, and how far it has come. This is the queue."""

    class State(models.TextChoices):
        HELD = "held"
        DUE = "due"
        LEASED = "leased"
        DELIVERED = "delivered"
        FAILED = "failed"

    envelope = models.ForeignKey(Envelope, on_delete=models.CASCADE, related_name="recipients")
    address = models.CharField(max_length=320, help_text="the address to deliver to, after aliases")
    original = models.CharField(max_length=320, blank=True, help_text="the address as it was given in RCPT, where it differs")
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="+", help_text="set: local delivery")
    orcpt = models.CharField(max_length=500, blank=True, help_text="RFC 3461 §4.2, as received")
    notify = models.CharField(max_length=40, blank=True, help_text="RFC 3461 §4.1: NEVER, or SUCCESS,FAILURE,DELAY")
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    next_attempt_at = models.DateTimeField()
    hold_until = models.DateTimeField(
        null=True, help_text="with state held: null is held by hand; later, when the hold ended: its lifetime counts from there"
    )
    lease_owner = models.CharField(max_length=100, blank=True)
    lease_expires_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0, help_text="leases taken, whatever became of them")
    crashes = models.IntegerField(
        default=0, help_text="attempts that ended without a word; at five of them it is set aside (held)"
    )
    warned_at = models.DateTimeField(null=True, help_text="when the sender was told of the delay")
    settled_at = models.DateTimeField(null=True)
    last_reply = models.TextField(blank=True, help_text="the last holder's words, or our reason")

    class Meta:
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"], condition=Q(state="due", account__isnull=False), name="queue_due_local"
            ),
            models.Index(
                fields=["next_attempt_at", "id"], condition=Q(state="due", account__isnull=True), name="queue_due_remote"
            ),
            models.Index(fields=["lease_expires_at"], condition=Q(state="leased"), name="queue_leased"),
            models.Index(fields=["hold_until"], condition=Q(state="held"), name="queue_held"),
            models.Index(fields=["settled_at"], condition=Q(settled_at__isnull=False), name="queue_settled"),
        ]

    def __str__(self) -> str:
        return f"<{self.address}> {self.state}"


class Attempt(models.Model):
    """One try at a remote host: kept so that the sender can see every word of it."""

    recipient = models.ForeignKey(Recipient, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    host = models.CharField(max_length=300, blank=True, help_text="name and address of the host we spoke to")
    tls = models.CharField(max_length=100, blank=True, help_text="version and cipher; empty is plain text")
    reply = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.at} {self.host}: {self.reply[:80]}"


class Submission(models.Model):
    """How a JMAP client handed an envelope in, for as long as the envelope is kept (RFC 8621 §7)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    envelope = models.OneToOneField(Envelope, on_delete=models.CASCADE, related_name="submission")
    identity = models.BigIntegerField(help_text="key of the address that it was written as")
    email_id = models.CharField(max_length=40, help_text="EMAILID of the message, which may be gone since")
    thread_id = models.BigIntegerField()
    said = models.JSONField(help_text="the envelope as it was asked for: {mailFrom, rcptTo}")
    send_at = models.DateTimeField(help_text="when it leaves, or left")
    is_scheduled = models.BooleanField(
        default=False, help_text="its author chose when it leaves: the message waits in Scheduled, and leaves only from there"
    )
    operation_id = models.CharField(
        max_length=64, blank=True, help_text="by which its client knows it: the same is never sent twice"
    )
    created_modseq = models.BigIntegerField(help_text="of the account, when it was handed in")
    destroyed_modseq = models.BigIntegerField(null=True, help_text="of the account, when its client forgot it")

    class Meta:
        indexes = [models.Index(fields=["account", "created_modseq"])]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "operation_id"], condition=~Q(operation_id=""), name="one_send_an_operation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.email_id} in {self.envelope_id}"

    @property
    def message(self) -> int:
        """Key of the message, which keeps it where its EMAILID changes."""
        return int(self.email_id.removeprefix("M").partition("-")[0])

"""What mail programs note of mailboxes, and of the account as a whole (RFC 5464)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mailsuite.accounts.models import Account


class Annotation(models.Model):
    """An entry and its value. It goes with its mailbox, and keeps it company when that is renamed."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="annotations", db_index=False)
    mailbox = models.ForeignKey(
        "mailstore.Mailbox", null=True, on_delete=models.CASCADE, related_name="annotations", help_text="none: of the account"
    )
    entry = models.CharField(max_length=255, help_text="its whole name in lower case: /private/comment")
    value = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "entry"], condition=Q(mailbox__isnull=True), name="one_annotation_an_account"
            ),
            models.UniqueConstraint(
                fields=["account", "mailbox", "entry"], condition=Q(mailbox__isnull=False), name="one_annotation_a_mailbox"
            ),
        ]

    def __str__(self) -> str:
        return self.entry

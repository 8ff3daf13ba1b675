"""What is kept while a message is being written: which draft is which."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mailsuite.accounts.models import Account


class Draft(models.Model):
    """A draft, whichever message it is by now: each saving makes a new message in place of the one before."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="drafts", db_index=False)
    message = models.BigIntegerField(help_text="key of the message that it is; gone where somebody deleted that elsewhere")
    message_id = models.TextField(help_text="the Message-ID of all its versions, without < >")
    revision = models.IntegerField(default=1, help_text="goes up with each saving")
    operation_id = models.CharField(max_length=64, blank=True, help_text="its client's name for the last saving")
    made_by = models.CharField(max_length=64, blank=True, help_text="its client's name for the first saving")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "message"], name="one_draft_a_message"),
            models.UniqueConstraint(fields=["account", "made_by"], condition=~Q(made_by=""), name="one_draft_an_operation"),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}, revision {self.revision}"

"""What is counted about the people whom an account writes to, and what it decided about who writes to it.

Sums decay by half in sixty days. They are kept as of one fixed moment (`decay.REFERENCE`): adding a mail is one addition, nothing
is ever computed anew, and whoever reads them multiplies once.
"""

from __future__ import annotations

from django.db import models

from mailsuite.accounts.models import Account


class Register(models.Model):
    """How far an account's mail is counted, and the number of the last change to what was counted."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="+")
    modseq = models.BigIntegerField(default=0, help_text="of the account's mail, up to which it is counted")
    last_message = models.BigIntegerField(default=0, help_text="the key of the last message that was looked at")
    drafts = models.JSONField(default=list, help_text="keys of drafts among those: they count when they are sent")
    version = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.account_id} at {self.version}"


class Person(models.Model):
    """An address that the account wrote to."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    folded = models.CharField(max_length=320, help_text="the address case-folded: what uniqueness is judged by")
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True, help_text="as the account writes it, else as they write it themselves")
    written = models.FloatField(default=0, help_text="decayed sum of the account's mails to them")
    heard = models.FloatField(default=0, help_text="of their mails to the account: direct, no bulk, no spam")
    forgotten = models.BooleanField(default=False, help_text="not suggested until the account writes to them again")
    version = models.BigIntegerField(help_text="of the register, at the last change")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "folded"], name="one_person_an_address")]
        indexes = [models.Index(fields=["account", "version"])]

    def __str__(self) -> str:
        return self.address


class Circle(models.Model):
    """People whom the account wrote to together."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=64, help_text="SHA-256 of its members' keys in order")
    members = models.JSONField(help_text="keys of `Person`, in order")
    written = models.FloatField(default=0, help_text="decayed sum of the mails to just these")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="one_circle_a_set_of_people")]

    def __str__(self) -> str:
        return f"{len(self.members)} people"


class Choice(models.Model):
    """What an account decided about a sender, until it takes that back."""

    class Kind(models.TextChoices):
        IMAGES = "images", "load the images of its mail"
        BLOCKED = "blocked", "put its mail into Trash"
        UNSUBSCRIBED = "unsubscribed", "asked to be sent no more"
        FINE = "fine", "do not warn of this signal"
        LIGHT = "light", "show its mail in its own colours on a dark page too"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    sender = models.CharField(max_length=320, help_text="the address, case-folded; of a list that was left its List-Id")
    kind = models.CharField(max_length=12, choices=Kind)
    signal = models.CharField(max_length=4, blank=True, help_text="of `fine`: P1 to P12")
    how = models.CharField(max_length=8, blank=True, help_text="of `unsubscribed`: post, mail or page")
    at = models.DateTimeField(help_text="when it was decided last")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "sender", "kind", "signal"], name="one_choice_a_matter")]

    def __str__(self) -> str:
        return f"{self.kind} {self.signal} {self.sender}"

"""Domains, the accounts in them, the addresses that reach those, and the secrets that open them."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Domain(models.Model):
    """A mail domain that is ours."""

    name = models.CharField(max_length=253, unique=True, help_text="lower case, A-labels")
    catch_all = models.ForeignKey("Account", null=True, blank=True, on_delete=models.SET_NULL, related_name="catches")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class DkimKey(models.Model):
    """A signing key of a domain, published at `<selector>._domainkey.<domain>` (RFC 6376 §3.6)."""

    class State(models.TextChoices):
        PENDING = "pending", "published, not used yet"
        ACTIVE = "active", "signs"
        RETIRING = "retiring", "no longer signs, still published"
        RETIRED = "retired", "may leave DNS"

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="dkim_keys")
    selector = models.CharField(max_length=63)
    algorithm = models.CharField(max_length=16, default="rsa")
    private_pem = models.TextField()
    public_key = models.TextField(help_text="base64 of the DER SubjectPublicKeyInfo, as in the p= tag")
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "selector"], name="one_key_a_selector")]

    def __str__(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, login: str | None) -> Account:
        return self.get(login=(login or "").lower())


class Account(AbstractBaseUser):
    """Who logs in. The login is the account's first address."""

    login = models.CharField(max_length=320, unique=True, help_text="lower case")
    display_name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    is_steward = models.BooleanField(default=False, help_text="may administer the co-op; opens no mailbox but its own")
    quota = models.BigIntegerField(default=0, help_text="bytes; 0 is none")
    time_zone = models.CharField(max_length=64, default="UTC")
    preferences = models.JSONField(default=dict, blank=True, help_text="what was chosen: see `preferences`")
    created_at = models.DateTimeField(auto_now_add=True)

    # Of one that `authenticate` gave: the id of the device's secret that let it in; None where that was its own password.
    app_password_id: int | None = None

    USERNAME_FIELD = "login"
    objects = AccountManager()

    def __str__(self) -> str:
        return self.login


class Address(models.Model):
    """local-part@domain of ours: it reaches an account, or stands for others (an alias with targets)."""

    domain = models.ForeignKey(Domain, on_delete=models.CASCADE, related_name="addresses")
    local_part = models.CharField(max_length=64, help_text="case-folded, without +tag")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="addresses")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "local_part"], name="one_address_a_name")]

    def __str__(self) -> str:
        return f"{self.local_part}@{self.domain}"


class AliasTarget(models.Model):
    """One of the addresses that an alias stands for; ours or anybody's."""

    address = models.ForeignKey(Address, on_delete=models.CASCADE, related_name="targets")
    target = models.CharField(max_length=320)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "target"], name="one_target_once")]

    def __str__(self) -> str:
        return self.target


class Persona(models.Model):
    """What is kept of one author that an account may be."""

    name = models.CharField(max_length=200, blank=True, help_text="of the author; empty is the account's own")
    reply_to = models.JSONField(null=True, help_text="[[name, address], …]")
    bcc = models.JSONField(null=True, help_text="as reply_to")
    text = models.TextField(blank=True)
    html = models.TextField(blank=True, help_text="as its author wrote it: sanitised by whoever shows it")

    class Meta:
        abstract = True


class Signature(Persona):
    """What an account wants with the mail that it writes as one of its addresses; without a row, nothing."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="signatures", db_index=False)
    address = models.ForeignKey(Address, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "address"], name="one_signature_an_identity")]

    def __str__(self) -> str:
        return f"{self.account} as {self.address}"


class OutsideAddress(Persona):
    """An address of another domain that an account may write as, for it told a code that was sent there: see `outside`."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    address = models.CharField(max_length=254, help_text="local part as written, domain normalised")
    folded = models.CharField(max_length=254, help_text="as addresses are compared")
    policy = models.CharField(max_length=10, blank=True, help_text="what its domain asked for by DMARC then; empty is nothing")
    proven_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "folded"], name="one_outside_address_once")]

    def __str__(self) -> str:
        return self.address


class AddressProof(models.Model):
    """A code that was sent to an address elsewhere. It is kept for a day, used or not, for that many are counted."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=254)
    folded = models.CharField(max_length=254, db_index=True)
    policy = models.CharField(max_length=10, blank=True)
    digest = models.CharField(max_length=64, help_text="keyed, of account, address and code")
    tries = models.IntegerField(default=0)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.address


class Vacation(models.Model):
    """What an account answers by itself while its member is away (RFC 8621 §8)."""

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="vacation")
    is_enabled = models.BooleanField(default=False)
    from_date = models.DateTimeField(null=True)
    to_date = models.DateTimeField(null=True)
    subject = models.TextField(null=True)
    text = models.TextField(null=True)
    html = models.TextField(null=True)
    contacts_only = models.BooleanField(default=False, help_text="only people whom the account wrote to hear of it")

    def __str__(self) -> str:
        return f"{self.account_id} {'is away' if self.is_enabled else 'is here'}"


class VacationAnswer(models.Model):
    """Who was answered by itself, and when last: nobody hears it twice within a few days (RFC 3834 §2)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    address = models.CharField(max_length=320, help_text="case-folded")
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "address"], name="one_vacation_answer_an_address")]

    def __str__(self) -> str:
        return self.address


class AppPassword(models.Model):
    """A secret for one device. A hundred random bits need no slow hash: SHA-256 is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="app_passwords")
    label = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 in hex")
    scram = models.JSONField(default=dict, help_text="see `verifiers`")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.label


class WrongSecret(models.Model):
    """A wrong secret that somebody tried, as a keyed fingerprint: the same one twice is one row and counts once."""

    login = models.CharField(max_length=320)
    network = models.CharField(max_length=64, help_text="the client's /24 or /48")
    fingerprint = models.CharField(max_length=64)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["login", "network", "fingerprint"], name="one_wrong_secret_once")]
        indexes = [models.Index(fields=["network", "seen_at"]), models.Index(fields=["login", "seen_at"])]

    def __str__(self) -> str:
        return f"{self.login} from {self.network}"

"""How much an account holds, and how much it may. Each message counts once, however many mailboxes it is in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.db.models import Sum

from mailsuite.accounts.models import Account
from mailsuite.bulk import marks
from mailsuite.mailstore.models import AccountState, Message


class Usage(NamedTuple):
    """Bytes held, and bytes allowed; a limit of 0 is none."""

    used: int
    limit: int

    def has_room(self, size: int) -> bool:
        """Whether a message of this many bytes fits."""
        return not self.limit or self.used + size <= self.limit


@dataclass
class OverQuota(Exception):
    """The account has no room for the message. Temporary: its member can make room."""

    account_id: int
    used: int
    limit: int
    temporary = True

    def __str__(self) -> str:
        return f"The mailbox is full: {self.used} of {self.limit} bytes are used."


def usage(account_id: int) -> Usage:
    """What one account uses."""
    return usages([account_id])[account_id]


def usages(account_ids: Iterable[int]) -> dict[int, Usage]:
    """What each of these accounts uses."""
    wanted = list(account_ids)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT a.id, s.bytes_used, a.quota FROM {Account._meta.db_table} a "  # noqa: S608
            f"LEFT JOIN {AccountState._meta.db_table} s ON s.account_id = a.id WHERE a.id IN ({marks(len(wanted))})",
            wanted,
        )
        return {pk: Usage(used or 0, limit) for pk, used, limit in cursor.fetchall()}


def has_room(account_id: int, size: int) -> bool:
    """Whether the account has room for a message of this many bytes; for RCPT and APPEND, before the bytes come."""
    return usage(account_id).has_room(size)


def add(changes: Mapping[int, int]) -> None:
    """Add to the bytes that accounts use: {account id: change}."""
    if wanted := [(change, pk) for pk, change in sorted(changes.items()) if change]:
        table = connection.ops.quote_name(AccountState._meta.db_table)
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET bytes_used = bytes_used + %s WHERE account_id = %s", wanted)  # noqa: S608


def count(account_id: int) -> int:
    """The bytes used, counted message by message: what `AccountState.bytes_used` must say."""
    return Message.objects.filter(account_id=account_id).aggregate(bytes=Sum("size"))["bytes"] or 0


def recount(account_id: int) -> int:
    """Set the bytes used right, inside the caller's transaction."""
    used = count(account_id)
    AccountState.objects.filter(pk=account_id).update(bytes_used=used)
    return used

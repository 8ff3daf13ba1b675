"""List the accounts and what reaches them."""

import json
from typing import Any

from django.core.management.base import CommandParser

from mailsuite.accounts.models import Account, Address
from mailsuite.mailstore.models import AccountState
from mailsuite.management.operator import OperatorCommand, table


class Command(OperatorCommand):
    """List the accounts with what they use, and the aliases. No message is opened for it."""

    example = """
manage.py listaccounts
manage.py listaccounts --json | jq '.[].login'
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def run(self, json: bool, **_: Any) -> None:
        found = [describe(account) for account in Account.objects.order_by("login").prefetch_related("addresses__domain")]
        if json:
            self.say(_dumps(found))
            return
        if not found:
            self.say("No accounts yet. Begin with: manage.py adddomain example.org")
            return
        heads = ["login", "name", "state", "MB used", "of", "other addresses"]
        self.say(table([list(row.values())[:6] for row in found], heads))
        for alias in Address.objects.filter(account=None).select_related("domain").prefetch_related("targets"):
            self.say(f"{alias} -> {', '.join(map(str, alias.targets.all()))}")


def describe(account: Account) -> dict[str, object]:
    used = AccountState.objects.filter(account=account).values_list("bytes_used", flat=True).first() or 0
    return {
        "login": account.login,
        "name": account.display_name,
        "state": ("steward" if account.is_steward else "active") if account.is_active else "paused",
        "megabytes_used": round(used / 1e6, 1),
        "quota_megabytes": account.quota // 1_000_000 or "no limit",
        "other_addresses": ", ".join(str(address) for address in account.addresses.all() if str(address) != account.login),
    }


def _dumps(found: list[dict[str, object]]) -> str:
    return json.dumps(found, indent=1, ensure_ascii=False)

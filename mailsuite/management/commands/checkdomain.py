"""Look up in DNS what a domain of ours needs, and say what is missing."""

import asyncio
import sys
from typing import Any

from django.core.management.base import CommandParser

from mailsuite.accounts.models import DkimKey, Domain
from mailsuite.accounts.provision import ProvisionError, Record, dns_records, domain_name
from mailsuite.delivery.published import Finding, State, check
from mailsuite.management.operator import OperatorCommand, table
from mailsuite.net.dns import get_resolver


class Command(OperatorCommand):
    """Look up a mail domain's DNS records as others see them, and test that they would believe what we sign.
    Exit status 1 where something is missing or wrong."""

    example = """
manage.py checkdomain example.org
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("domain")

    def run(self, domain: str, **_: Any) -> None:
        known = Domain.objects.filter(name=domain_name(domain)).first()
        if known is None:
            raise ProvisionError(f"{domain} is not a domain of ours yet; run `manage.py adddomain {domain}` first.")
        keys = list(known.dkim_keys.exclude(state=DkimKey.State.RETIRED).select_related("domain"))
        findings = asyncio.run(_findings(dns_records(known), keys))
        rows = [[found.state, found.record.type, found.record.name, found.words or found.record.why] for found in findings]
        self.say(table(rows, ["state", "type", "name", ""]))
        if any(found.state is not State.OK for found in findings):
            self.say(f"\n`manage.py adddomain {known.name} --show` prints the records to publish.")
            sys.exit(1)


async def _findings(records: list[Record], keys: list[DkimKey]) -> list[Finding]:
    return await check(records, keys, get_resolver())

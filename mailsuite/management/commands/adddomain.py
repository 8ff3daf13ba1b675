"""Add a mail domain, with a DKIM key, and print the DNS records it needs."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from mailsuite.accounts.models import Domain
from mailsuite.accounts.provision import Record, add_domain, dns_records, domain_name, set_catch_all
from mailsuite.management.operator import OperatorCommand


class Command(OperatorCommand):
    """Add a mail domain, make its DKIM key, and print the DNS records to publish. With --show, only print them again."""

    example = """
manage.py adddomain example.org
manage.py adddomain example.org --show > records.zone
manage.py adddomain example.org --catch-all alice@example.org
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("domain")
        parser.add_argument("--show", action="store_true", help="print the records of a domain that is here already")
        parser.add_argument("--selector", help="the DKIM key's selector; default sYYYYMM")
        parser.add_argument("--catch-all", metavar="LOGIN", help="this account takes mail for every unknown address")

    def run(self, domain: str, show: bool, selector: str | None, catch_all: str | None, **_: Any) -> None:
        known = Domain.objects.filter(name=domain_name(domain)).first()
        if not (known and (show or catch_all)):
            known = add_domain(domain, selector=selector)
        if catch_all:
            set_catch_all(known.name, catch_all)
        self.say(f"; DNS records for {known.name}, to paste into its zone")
        for record in dns_records(known):
            self.say(f"; {record.why}\n{zone_line(record)}")
        if "." not in settings.HOSTNAME:
            self.stderr.write(
                f"These records name {settings.HOSTNAME}, which other hosts cannot find: set MAILSUITE_HOSTNAME to this machine's"
                f" public name (such as mail.{known.name}), and print them again with `manage.py adddomain {known.name} --show`."
            )


def zone_line(record: Record) -> str:
    """The record in a zone file's notation; a TXT value in strings of at most 255 bytes (RFC 1035 §3.3)."""
    value = record.value
    if record.type == "TXT":
        value = " ".join(f'"{value[i : i + 255]}"' for i in range(0, len(value), 255))
    return f"{record.name}.\t3600\tIN\t{record.type}\t{value}"

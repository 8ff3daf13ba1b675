"""The operators' commands: what they do, and what they say when it cannot be done."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError

from mailsuite.accounts.addresses import resolve
from mailsuite.accounts.authenticate import authenticate
from mailsuite.accounts.models import Account, Domain
from mailsuite.mailstore.models import Mailbox
from mailsuite.management.operator import OperatorCommand

pytestmark = pytest.mark.django_db


def run(*words: str, stdin: str = "", monkeypatch: pytest.MonkeyPatch | None = None) -> str:
    if monkeypatch:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.fixture
def example_org(monkeypatch: pytest.MonkeyPatch) -> Domain:
    run("adddomain", "example.org")
    run(
        "addaccount", "alice@example.org", "--password-stdin", "--name", "Alice", stdin="correct horse\n", monkeypatch=monkeypatch
    )
    return Domain.objects.get()


def test_every_command_of_ours_shows_an_example() -> None:
    ours = [name for name, app in get_commands().items() if app == "mailsuite"]
    assert {"adddomain", "addaccount", "addalias", "setpassword", "listaccounts"} <= set(ours)
    for name in ours:
        command = load_command_class("mailsuite", name)
        text = command.create_parser("manage.py", name).format_help()
        assert f"manage.py {name}" in text.split("examples:")[1], f"{name} --help shows no example"
        assert isinstance(command, OperatorCommand) or name == "migrate"  # which is Django's, and a little more


def test_adddomain_prints_records_that_a_zone_file_takes(example_org: Domain) -> None:
    shown = run("adddomain", "example.org", "--show")
    assert "example.org.\t3600\tIN\tMX\t10 localhost." in shown
    key = example_org.dkim_keys.get()
    line = next(line for line in shown.splitlines() if line.startswith(f"{key.selector}._domainkey.example.org."))
    strings = line.split("\t")[-1].strip('"').split('" "')
    assert all(len(string) <= 255 for string in strings)
    assert "".join(strings) == f"v=DKIM1; k=rsa; p={key.public_key}"
    assert "_dmarc.example.org." in shown


@pytest.mark.parametrize(("host", "warned"), [("localhost", True), ("mail.example.org", False)])
def test_adddomain_warns_of_a_host_name_that_only_this_machine_knows(settings: Any, host: str, warned: bool) -> None:
    settings.HOSTNAME = host
    out, err = io.StringIO(), io.StringIO()
    call_command("adddomain", "example.org", stdout=out, stderr=err)
    assert f"MX\t10 {host}." in out.getvalue()
    assert ("set MAILSUITE_HOSTNAME to" in err.getvalue()) is warned
    assert len(err.getvalue().splitlines()) == warned


@pytest.mark.parametrize("name", ["example", "exa mple.org", "a-.example", "a" * 64 + ".example", "", "münchen..de"])
def test_adddomain_refuses_what_is_no_domain(name: str) -> None:
    with pytest.raises(CommandError, match="is not a domain name"):
        run("adddomain", name)


def test_adddomain_twice_says_so(example_org: Domain) -> None:
    with pytest.raises(CommandError, match="already here"):
        run("adddomain", "example.org")


def test_addaccount_makes_an_account_with_mailboxes(example_org: Domain) -> None:
    alice = authenticate("alice@example.org", "correct horse", door="web", client="192.0.2.1")
    assert alice.display_name == "Alice"
    assert Mailbox.objects.filter(account=alice, role="inbox").exists()


@pytest.mark.parametrize(
    ("address", "password", "sentence"),
    [
        ("bob@elsewhere.example", "battery staple", "adddomain elsewhere.example"),
        ("bob", "battery staple", "is not an address"),
        ("bo b@example.org", "battery staple", "is not an address"),
        ("bob+tag@example.org", "battery staple", "is not an address"),
        ("alice@example.org", "battery staple", "already taken"),
        ("bob@example.org", "short", "too short"),
    ],
)
def test_addaccount_says_what_is_wrong(
    example_org: Domain, monkeypatch: pytest.MonkeyPatch, address: str, password: str, sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run("addaccount", address, "--password-stdin", stdin=f"{password}\n", monkeypatch=monkeypatch)
    assert Account.objects.count() == 1


def test_addaccount_without_a_terminal_asks_for_the_option(example_org: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="--password-stdin"):
        run("addaccount", "bob@example.org", monkeypatch=monkeypatch)


def test_addalias_and_listaccounts(example_org: Domain) -> None:
    assert "stands for alice@example.org" in run("addalias", "info@example.org", "alice@example.org")
    assert resolve("info@example.org")
    shown = run("listaccounts")
    assert "alice@example.org" in shown
    assert "info@example.org -> alice@example.org" in shown
    assert json.loads(run("listaccounts", "--json"))[0]["login"] == "alice@example.org"


def test_setpassword_changes_it_and_makes_app_passwords(example_org: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    run("setpassword", "alice@example.org", "--password-stdin", stdin="a better one\n", monkeypatch=monkeypatch)
    assert authenticate("alice@example.org", "a better one", door="web", client="192.0.2.1")
    secret = run("setpassword", "alice@example.org", "--app", "phone").strip()
    assert authenticate("alice@example.org", secret, door="imap", client="192.0.2.1")
    with pytest.raises(CommandError, match="listaccounts"):
        run("setpassword", "nobody@example.org", "--app", "phone")

"""Bounces: to whom, about what, and never in answer to themselves."""

from __future__ import annotations

import logging

import pytest
from django.db import transaction
from django.utils.timezone import now

from mailsuite.blobs import store
from mailsuite.delivery import bounce
from mailsuite.protocol.dsn import parse_report
from mailsuite.protocol.reply import Reply
from mailsuite.queue import lease, settle
from mailsuite.queue.models import Envelope, Recipient
from tests.queued import LETTER, account, queued

pytestmark = pytest.mark.django_db
NO = Reply(550, "5.1.1", "no such mailbox")
NAMED = Reply(550, "5.1.1", "<secret@third.example>: unknown")
HEARD = settle.Heard("mx.elsewhere.example [192.0.2.1]")


def fail(*addresses: str, **fields: object) -> list[Envelope]:
    """Queue, lease and fail a letter of alice's; the reports that follow."""
    fields.setdefault("reverse_path", "alice@example.org")
    queued(*addresses, **fields)
    with transaction.atomic():
        rows = lease.take("me", local=False, limit=100, now=now())
        return bounce.notify([one for row in rows for one in settle.failed(row, NO, now(), heard=HEARD)], now())


def content(envelope: Envelope) -> bytes:
    return store.read(Envelope.objects.get(pk=envelope.pk).blob)


def test_a_failure_reaches_the_sender_from_the_null_reverse_path() -> None:
    alice = account()
    [report] = fail("carol@elsewhere.example", "dan@elsewhere.example", trace=b"Received: here\r\n", envid="e1")
    assert (report.reverse_path, report.origin) == ("", "report")
    [row] = report.recipients.all()
    assert (row.address, row.account) == ("alice@example.org", alice)
    read = parse_report(content(report))
    assert [(fate.address, fate.status) for fate in read.fates] == [
        ("carol@elsewhere.example", "5.1.1"),
        ("dan@elsewhere.example", "5.1.1"),
    ]
    assert (read.envid, read.message_id) == ("e1", "beans@elsewhere.example")
    assert b"Received: here\r\n" + LETTER in content(report)


def test_a_sender_elsewhere_gets_the_report_over_the_network() -> None:
    account()
    [report] = fail("x@third.example", reverse_path="carol@elsewhere.example")
    assert [(row.address, row.account) for row in report.recipients.all()] == [("carol@elsewhere.example", None)]


@pytest.mark.parametrize(
    ("spf", "kind", "written"),
    [
        ("pass", "failed", 1), ("none", "failed", 1), ("softfail", "failed", 0), ("fail", "failed", 0),
        ("pass", "delivered", 1), ("none", "delivered", 0), ("neutral", "delayed", 0), ("", "delivered", 1),
    ],
)  # fmt: skip
def test_nobody_hears_of_mail_that_he_may_never_have_sent(spf: str, kind: str, written: int) -> None:
    verdict = {"junk": False, "results": {"spf": {"result": spf, "domain": "elsewhere.example"}}} if spf else {}
    queued("alice@example.org", reverse_path="carol@elsewhere.example", verdict=verdict)
    notices = [settle.Notice(kind, row, NO) for row in Recipient.objects.select_related("envelope__blob")]
    assert len(bounce.notify(notices, now())) == written


def test_a_null_reverse_path_never_gets_a_bounce() -> None:
    assert fail("carol@elsewhere.example", reverse_path="") == []
    assert Envelope.objects.count() == 1


def test_a_report_that_fails_causes_no_other() -> None:
    [report] = fail("x@third.example", reverse_path="carol@elsewhere.example")
    rows = lease.take("me", local=False, limit=10, now=now())
    assert [row.envelope for row in rows] == [report]
    assert settle.failed(rows[0], NO, now()) == []


def test_nobody_hears_about_junk_or_at_an_address_that_is_gone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    account()
    assert fail("x@third.example", reverse_path="mallory@elsewhere.example", verdict={"junk": True}) == []
    assert fail("x@third.example", reverse_path="gone@example.org") == []
    assert "bounce-withheld" in caplog.text


@pytest.mark.parametrize(
    ("ret", "size", "whole"), [("", 100, True), ("", 70_000, False), ("FULL", 70_000, True), ("HDRS", 1, False)]
)
def test_ret_and_size_decide_how_much_comes_back(ret: str, size: int, whole: bool) -> None:
    account()
    [report] = fail("carol@elsewhere.example", ret=ret, content=LETTER + b"x" * 70 * (size // 70) + b"END\r\n")
    assert (b"END\r\n" in content(report)) is whole
    assert b"Subject: Beans" in content(report)


def test_the_sender_hears_of_the_alias_and_not_of_its_target() -> None:
    account()
    queued("secret@third.example", reverse_path="carol@elsewhere.example")
    Recipient.objects.update(original="garden@example.org")
    [row] = lease.take("me", local=False, limit=1, now=now())
    [report] = bounce.notify(settle.failed(row, NAMED, now()), now())
    assert [fate.address for fate in parse_report(content(report)).fates] == ["garden@example.org"]
    assert b"secret@third.example" not in content(report)

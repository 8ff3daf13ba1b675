"""Mail from members: who logs in, as whom he may write, and what becomes of it."""

from __future__ import annotations

import asyncio
import base64
import re

import pytest

from mailsuite.accounts.models import Account
from mailsuite.bridge import in_db
from mailsuite.queue.models import Envelope, Recipient
from mailsuite.smtpd.content import Memory
from tests.smtpd.conftest import Connect, accepted

LETTER = b"From: Alice <alice@example.org>\r\nTo: carol@elsewhere.example\r\nSubject: tea\r\n\r\nFour o'clock?\r\n"
ALICE, CAROL = "alice@example.org", "carol@elsewhere.example"


@pytest.mark.parametrize("port", [1, 2])
async def test_a_member_who_logs_in_may_write_to_anybody(connect: Connect, port: int) -> None:
    client = await connect(port)
    if port == 1:
        await client.starttls()
        await client.say("EHLO laptop.lan")
    assert (await client.login()).startswith("235 2.7.0")
    reply = await client.send(LETTER, CAROL, "bob@example.org", sender=ALICE)
    [(envelope, content, recipients)] = await accepted()
    assert reply == f"250 2.0.0 Accepted as {envelope.pk}"
    assert sorted(recipients) == ["bob@example.org", CAROL]
    assert content.endswith(b"Four o'clock?\r\n")
    assert b"Message-ID: <" in content
    assert (envelope.origin, envelope.reverse_path) == (Envelope.Origin.SUBMISSION, ALICE)


async def test_the_trace_does_not_betray_where_a_member_is(connect: Connect) -> None:
    client = await connect(2)
    await client.say("EHLO bedroom.lan")
    await client.login()
    await client.send(LETTER, CAROL, sender=ALICE)
    [(envelope, _, _)] = await accepted()
    trace = bytes(envelope.trace)
    assert b"with ESMTPSA (TLSv1.3" in trace.replace(b"\r\n\t", b" ")
    assert b"127.0.0.1" not in trace
    assert b"bedroom" not in trace


async def test_dsn_wishes_go_with_it(connect: Connect) -> None:
    client = await connect(2)
    await client.login()
    await client.say(f"MAIL FROM:<{ALICE}> RET=HDRS ENVID=Abc")
    await client.say(f"RCPT TO:<{CAROL}> NOTIFY=SUCCESS ORCPT=rfc822;Carol@Elsewhere.Example")
    await client.say("DATA")
    client.write(LETTER + b".\r\n")
    assert (await client.read()).startswith("250")
    row = await in_db(lambda: Recipient.objects.select_related("envelope").get())
    assert (row.envelope.ret, row.envelope.envid) == ("HDRS", "Abc")
    assert (row.notify, row.orcpt, row.account_id) == ("SUCCESS", "rfc822;Carol@Elsewhere.Example", None)


async def test_nobody_sends_without_logging_in(connect: Connect) -> None:
    client = await connect(1)
    assert (await client.say(f"MAIL FROM:<{ALICE}>")).startswith("530 5.7.0")
    assert (await client.say(f"RCPT TO:<{CAROL}>")).startswith("503 5.5.1")


async def test_a_password_in_plain_text_is_not_taken_from_afar(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    from mailsuite.smtpd.transaction import Session

    monkeypatch.setattr(Session, "is_loopback", False)
    client = await connect(1)
    assert "AUTH" not in await client.say("EHLO x")
    assert (await client.login()).startswith("538 5.7.11")
    assert (await client.say(f"MAIL FROM:<{ALICE}>")).startswith("530 5.7.0 Send STARTTLS")
    await client.starttls()
    assert "AUTH PLAIN LOGIN" in await client.say("EHLO x")
    assert (await client.login()).startswith("235")


@pytest.mark.parametrize("sender", ["bob@example.org", CAROL, "nobody@example.org"])
async def test_a_member_writes_as_himself_in_the_envelope(connect: Connect, sender: str) -> None:
    client = await connect(2)
    await client.login()
    assert (await client.say(f"MAIL FROM:<{sender}>")).startswith("550 5.7.1 alice@example.org may not send as")


async def test_a_member_writes_as_himself_in_the_message(connect: Connect) -> None:
    client = await connect(2)
    await client.login()
    reply = await client.send(LETTER.replace(b"Alice <alice@", b"Bob <bob@"), CAROL, sender=ALICE)
    assert reply.startswith("550 5.7.1 bob@example.org")
    assert await accepted() == []


async def test_a_tagged_address_is_still_oneself(connect: Connect) -> None:
    client = await connect(2)
    await client.login()
    assert (await client.send(LETTER, CAROL, sender="alice+shop@example.org")).startswith("250")


async def test_a_wrong_address_of_our_own_is_refused_at_once(connect: Connect) -> None:
    client = await connect(2)
    await client.login()
    await client.envelope(sender=ALICE)
    assert (await client.say("RCPT TO:<nobody@example.org>")).startswith("550 5.1.1")


async def test_a_client_that_ends_lines_badly_is_mended(connect: Connect) -> None:
    client = await connect(2)
    await client.login()
    assert (await client.send(LETTER.replace(b"\r\n", b"\n") + b"\r\n", CAROL, sender=ALICE)).startswith("250")
    [(_, content, _)] = await accepted()
    assert re.search(rb"(?<!\r)\n", content) is None
    assert b"Subject: tea\r\n\r\nFour o'clock?\r\n" in content


async def test_large_letters_under_way_have_so_much_memory_and_no_more(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Memory, "most_held", 1_000_000)
    large = LETTER + b"0123456789abc\r\n" * 50_000
    first, second, third = [await connect(2) for _ in range(3)]
    for client in (first, second, third):
        await client.login()
    await first.say(f"MAIL FROM:<{ALICE}>")
    await first.say(f"RCPT TO:<{CAROL}>")
    await first.say("DATA")
    first.write(large)
    async with asyncio.timeout(20):
        while Memory.held < len(large) - 10:
            await asyncio.sleep(0.01)
    assert (await second.send(large, CAROL, sender=ALICE)).startswith("452 4.3.1")
    assert (await third.send(LETTER, CAROL, sender=ALICE)).startswith("250")
    first.write(b".\r\n")
    assert (await first.read()).startswith("250")
    assert (await second.send(large, CAROL, sender=ALICE)).startswith("250")
    assert Memory.held == 0


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("mechanism", ["PLAIN", "plain", "Login", "LOGIN with name", "plain in two steps"])
async def test_mechanisms_in_any_letter_case(connect: Connect, mechanism: str) -> None:
    client = await connect(2)
    name, secret = _b64(ALICE), _b64("correct horse")
    both = _b64(f"\0{ALICE}\0correct horse")
    steps = {
        "Login": ["AUTH Login", name, secret],
        "LOGIN with name": [f"AUTH LOGIN {name}", secret],
        "plain in two steps": ["AUTH plain", both],
    }.get(mechanism, [f"AUTH {mechanism} {both}"])
    for step in steps[:-1]:
        assert (await client.say(step)).startswith("334 ")
    assert (await client.say(steps[-1])).startswith("235 2.7.0")
    assert "AUTH" not in await client.say("EHLO x")
    assert (await client.login()).startswith("503 5.5.1")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("AUTH CRAM-MD5", "504 5.5.4"),
        ("AUTH", "501 5.5.4"),
        ("AUTH PLAIN ====", "501 5.5.2"),
        ("AUTH PLAIN AAAA", "501 5.5.2"),
        ("AUTH PLAIN =", "501 5.5.2"),
        ("AUTH PLAIN " + _b64("bob@example.org\0alice@example.org\0correct horse"), "501 5.5.2"),
        ("AUTH PLAIN " + _b64("\0alice@example.org\0wrong"), "535 5.7.8"),
        ("AUTH PLAIN " + _b64("\0nobody@example.org\0wrong"), "535 5.7.8"),
    ],
)
async def test_what_is_no_login_is_refused(connect: Connect, line: str, code: str) -> None:
    client = await connect(2)
    assert (await client.say(line)).startswith(code)
    assert (await client.say("NOOP")).startswith("250")


async def test_a_login_can_be_cancelled(connect: Connect) -> None:
    client = await connect(2)
    await client.say("AUTH LOGIN")
    assert (await client.say("*")).startswith("501 5.7.0")


async def test_three_wrong_passwords_end_the_conversation(connect: Connect) -> None:
    client = await connect(2)
    for guess in ("one", "two", "three"):
        assert (await client.login(secret=guess)).startswith("535 5.7.8")
    assert (await client.read()).startswith("421 4.7.0")
    assert await client.gone()


async def test_a_paused_member_does_not_get_in(connect: Connect, members: dict[str, Account]) -> None:
    await in_db(Account.objects.filter(login=ALICE).update, is_active=False)
    client = await connect(2)
    assert (await client.login()).startswith("535 5.7.8")

"""No second message travels inside a first one, whichever way the end of the first is spelled."""

from __future__ import annotations

import re

import pytest

from tests.smtpd.conftest import LETTER, Connect, accepted
from tests.smuggling import SMUGGLED, TRICKS, TRUE_END

BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
CAROL = "carol@elsewhere.example"


async def test_only_one_spelling_ends_data(connect: Connect) -> None:
    expected = []
    for trick in TRICKS:
        client = await connect()
        await client.envelope("alice@example.org")
        await client.say("DATA")
        client.write(LETTER + b"hello" + trick + SMUGGLED + b"NOOP\r\n")
        reply = await client.read()
        assert reply.startswith("550 5.6.11" if BARE.search(trick) else "250 2.0.0 Accepted"), trick
        assert (await client.read()).startswith("250 2.0.0 OK"), trick
        client.writer.close()
        if not BARE.search(trick):
            expected.append(CAROL)
    assert [envelope.reverse_path for envelope, _, _ in await accepted()] == expected


@pytest.mark.parametrize("cut", [False, True])
async def test_nothing_ends_a_chunk_but_its_size(connect: Connect, cut: bool) -> None:
    expected = []
    for trick in [*TRICKS, TRUE_END]:
        client = await connect()
        await client.envelope("alice@example.org")
        content = LETTER + b"hello" + trick + SMUGGLED
        middle = len(LETTER) + 5 + len(trick) // 2 if cut else 0
        client.write(b"BDAT %d\r\n%b" % (middle, content[:middle]))
        client.write(b"BDAT %d LAST\r\n%bNOOP\r\n" % (len(content) - middle, content[middle:]))
        await client.read()
        assert (await client.read()).startswith("550 5.6.11" if BARE.search(trick) else "250 2.0.0 Accepted"), trick
        assert (await client.read()).startswith("250 2.0.0 OK"), trick
        client.writer.close()
        if not BARE.search(trick):
            expected.append((CAROL, content))
    assert [(envelope.reverse_path, content) for envelope, content, _ in await accepted()] == expected


async def test_what_a_member_submits_is_mended_and_stays_one_letter(connect: Connect) -> None:
    letter = b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: tea\r\n\r\nhello"
    for trick in TRICKS[::7]:
        client = await connect(1)
        assert (await client.login()).startswith("235")
        await client.envelope("bob@example.org", sender="alice@example.org")
        await client.say("DATA")
        client.write(letter + trick + SMUGGLED + b"NOOP\r\n")
        assert (await client.read()).startswith("250 2.0.0 Accepted"), trick
        assert (await client.read()).startswith("250 2.0.0 OK"), trick
        client.writer.close()
    found = await accepted()
    assert [envelope.reverse_path for envelope, _, _ in found] == ["alice@example.org"] * len(TRICKS[::7])
    assert not any(BARE.search(content) for _, content, _ in found)

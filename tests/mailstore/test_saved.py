"""When a copy came into its mailbox (RFC 8514), which is not when the message came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailsuite.imapd.fetching import Batch, lines
from mailsuite.mailstore import placement
from mailsuite.mailstore.models import Membership
from mailsuite.mailstore.search.query import Term
from mailsuite.protocol.imap.fetch import Item
from tests.mailstore.conftest import Box
from tests.mailstore.search.corpus import find_uids


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """What the store takes for now: the last of the list."""
    told = [datetime(2026, 12, 1, 8, tzinfo=UTC)]
    monkeypatch.setattr("mailsuite.mailstore.ledger.now", lambda: told[-1])
    return told


def shown(box: Box, where: str, uid: int) -> bytes:
    batch = Batch(box.mailbox(where), [Item("SAVEDATE", b"SAVEDATE")])
    return lines(batch, [uid], [1], whole=True).octets


def found(box: Box, where: str, operator: str, day: str) -> list[int]:
    return find_uids(box.mailbox(where), Term(operator, day))


def test_a_copy_is_as_old_as_its_being_there(box: Box, moments: list[datetime]) -> None:
    box.label("A")
    message = box.receive()
    moments.append(moments[0] + timedelta(days=2))
    placement.copy(box.mailbox("inbox"), [box.uid(message, "inbox")], box.mailbox("A"))
    assert shown(box, "inbox", 1) == b'* 1 FETCH (SAVEDATE " 1-Dec-2026 08:00:00 +0000")\r\n'
    assert shown(box, "A", 1) == b'* 1 FETCH (SAVEDATE " 3-Dec-2026 08:00:00 +0000")\r\n'
    assert found(box, "inbox", "saved_before", "2026-12-02") == [1]
    assert found(box, "inbox", "saved_after", "2026-12-02") == []
    assert found(box, "A", "saved_before", "2026-12-03") == []
    assert found(box, "A", "saved_after", "2026-12-03") == [1]


def test_a_copy_from_before_it_was_written_down_is_as_old_as_its_message(box: Box, moments: list[datetime]) -> None:
    message = box.receive()
    Membership.objects.update(saved_at=None)
    day = message.received_at.date().isoformat()
    assert shown(box, "inbox", 1) == b'* 1 FETCH (SAVEDATE "23-Nov-2026 13:00:00 +0000")\r\n'
    assert found(box, "inbox", "saved_after", day) == [1]
    assert found(box, "inbox", "saved_before", day) == []

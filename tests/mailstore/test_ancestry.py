"""What a message keeps of its References."""

from __future__ import annotations

import pytest

from mailsuite.mailstore import ancestry
from mailsuite.mailstore.models import Message
from tests.mailstore.conftest import Box

pytestmark = pytest.mark.django_db


def test_a_message_keeps_all_ids_of_its_references_in_two_columns(box: Box) -> None:
    box.receive(msgid="d@x", references=["a@x", "b@x", "c@x"], in_reply_to="other@x")
    box.receive(msgid="e@x", in_reply_to="d@x")
    box.receive(msgid="f@x")
    found = Message.objects.order_by("pk").values_list("ancestors", "in_reply_to")
    assert list(found) == [("a@x b@x", "c@x"), ("", "d@x"), ("", "")]


def test_of_very_many_references_the_first_and_the_nearest_are_kept() -> None:
    names = [f"{n}@x" for n in range(500)]
    kept = ancestry.ancestors(names)
    assert (len(kept), kept[0], kept[1], kept[-1]) == (ancestry.MOST, "0@x", "400@x", "498@x")
    assert ancestry.ancestors(names[:101]) == names[:100]
    assert ancestry.ancestors([]) == []


def test_what_was_kept_before_the_column_is_read_from_the_header(box: Box) -> None:
    box.receive(msgid="d@x", references=["a@x", "b@x", "c@x"])
    box.receive(msgid="e@x", in_reply_to="d@x")
    Message.objects.update(ancestors=None)
    pks = list(Message.objects.order_by("pk").values_list("pk", flat=True))
    assert ancestry.read(pks) == {pks[0]: ["a@x", "b@x"], pks[1]: []}

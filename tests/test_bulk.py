"""What is written in bulk reads as what Django's own save wrote."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import models

from mailsuite.blobs import store
from mailsuite.bulk import insert_new, load_many
from mailsuite.queue.models import Envelope, Recipient

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 11, 23, 10, 30, 15, 123456, tzinfo=UTC)


def _envelope(**values: object) -> Envelope:
    (blob,) = store.save([(store.draft(b"hello"), 1)])
    return Envelope(blob=blob, accepted_at=MOMENT, **{"origin": Envelope.Origin.WEB, **values})


def _row(one: models.Model) -> dict[str, object]:
    row = type(one)._default_manager.filter(pk=one.pk).values().get()  # type: ignore[attr-defined]
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items() if name != "id"}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"trace": b"Received: x\r\n\x00\xff", "reverse_path": "j\u00f6rg'%s@b\u00fccher.example", "smtputf8": True},
        {"verdict": {"results": ["\u20ac", None, 1.5], "junk": False, 'quo"te': "'"}},
        {"verdict": []},
    ],
)
def test_a_row_is_as_django_writes_it(values: dict[str, object]) -> None:
    ours, djangos = _envelope(**values), _envelope(**values)
    insert_new([ours])
    djangos.save()
    assert _row(ours) == _row(djangos)
    assert ours._state.adding is False


def test_many_rows_get_their_keys_in_order() -> None:
    envelope = _envelope()
    insert_new([envelope])
    rows = [
        Recipient(envelope=envelope, address=f"n{n}@example.org", state=Recipient.State.HELD, next_attempt_at=MOMENT)
        for n in range(150)  # several statements
    ]
    insert_new(rows)
    assert [Recipient.objects.get(pk=row.pk).address for row in rows] == [row.address for row in rows]
    assert Recipient.objects.filter(state="held", warned_at=None).count() == 150


def test_what_is_loaded_is_what_django_loads() -> None:
    for n in range(3):
        insert_new([_envelope(trace=b"\x00\xff", verdict={"results": [None, 1.5, n]}, smtputf8=bool(n))])
    chosen = list(Envelope.objects.order_by("pk").values_list("pk", flat=True))[1:]
    found = {one.pk: one for one in load_many(Envelope, id=chosen, origin=["web"])}
    assert sorted(found) == chosen
    for djangos in Envelope.objects.filter(pk__in=chosen):
        ours = found[djangos.pk]
        assert ours._state.adding is False
        for field in Envelope._meta.concrete_fields:
            mine, theirs = getattr(ours, field.attname), getattr(djangos, field.attname)
            binary = isinstance(theirs, memoryview)
            assert (bytes(mine) if binary else mine) == (bytes(theirs) if binary else theirs)


def test_nothing_is_nothing() -> None:
    insert_new([])
    assert load_many(Envelope, id=[], origin=["web"]) == []

"""What members choose."""

from __future__ import annotations

from typing import Any

import pytest

from mailsuite.accounts import preferences
from mailsuite.accounts.models import Account
from mailsuite.accounts.preferences import ALL, NotAllowed


@pytest.fixture
def alice(db: None) -> Account:
    return Account.objects.create(login="alice@example.org")


def test_what_holds_where_nothing_was_chosen_is_allowed() -> None:
    assert [one.name for one in ALL.values() if not one.allows(one.default)] == []


def test_choices_are_kept_beside_each_other(alice: Account) -> None:
    elsewhere = Account.objects.get()
    preferences.change(alice, {"theme": "dark", "language": "ar"})
    preferences.change(elsewhere, {"undo_send_seconds": 0})
    chosen = preferences.of(Account.objects.get())
    assert (chosen["theme"], chosen["language"], chosen["undo_send_seconds"], chosen["pane"]) == ("dark", "ar", 0, "auto")
    preferences.change(alice, {"language": None})
    assert preferences.of(Account.objects.get())["language"] is None


WRONG: list[tuple[str, Any]] = [
    ("nothing", 1),
    ("theme", "pink"),
    ("theme", None),
    ("theme", ["dark"]),
    ("conversations", 1),
    ("undo_send_seconds", False),
    ("undo_send_seconds", 10.0),
    ("undo_send_seconds", 11),
    ("language", "tlh"),
    ("custom_keys", {"x": 7}),
    ("custom_keys", {"": "archive"}),
    ("custom_keys", {"x": "\0"}),
    ("custom_keys", {"x": "(" * 1_000_000}),
    ("custom_keys", {str(n): "archive" for n in range(301)}),
    ("custom_keys", None),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_what_is_no_choice_is_refused_and_nothing_is_kept(alice: Account, name: str, value: Any) -> None:
    with pytest.raises(NotAllowed):
        preferences.change(alice, {"density": "compact", name: value})
    assert Account.objects.get().preferences == {}


def test_what_is_no_choice_any_more_is_as_if_it_had_not_been_chosen(alice: Account) -> None:
    alice.preferences = {"theme": "pink", "purge_days": "30", "long_gone": 1, "pane": "right"}
    assert preferences.of(alice) == {name: one.default for name, one in ALL.items()} | {"pane": "right"}

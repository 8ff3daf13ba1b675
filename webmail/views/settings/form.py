"""What every form of the settings needs: choices by their text, a refusal that says which field is wrong, the password again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest

from mailsuite.accounts import preferences
from mailsuite.accounts.authenticate import Refused, authenticate
from webmail.i18n import mark, t

YES_NO = {True: mark("Yes"), False: mark("No")}


class Refusal(Exception):
    """A form that cannot be saved; says which field is wrong and why."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class Option(NamedTuple):
    """A preference as a form asks for it: its values with their names; as one of a few, or in a menu."""

    name: str
    title: str
    values: Mapping[Any, str]
    hint: str = ""
    is_menu: bool = False


Save = Callable[[HttpRequest], dict[str, Any] | None]  # what the page shows besides; None is to show it anew


def number(text: str) -> int:
    """The key that a form names; 0 where it is none."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else 0


def saving(options: Sequence[Option]) -> Save:
    """What a form of these options does."""
    return lambda request: choose(request, options)


def choose(request: HttpRequest, options: Sequence[Option]) -> None:
    """Save what was chosen; a form has text alone, and what is no choice stays as it is."""
    by_text = {one.name: {str(value): value for value in one.values} for one in options}
    values = {name: known[request.POST[name]] for name, known in by_text.items() if request.POST.get(name) in known}
    preferences.change(request.user, values)
    messages.success(request, t("Saved."))


def offered(request: HttpRequest, options: Sequence[Option]) -> list[dict[str, Any]]:
    """The options with what is chosen, for the template."""
    chosen = preferences.of(request.user)
    return [
        one._asdict() | {"values": [(str(value), name, value == chosen[one.name]) for value, name in one.values.items()]}
        for one in options
    ]


def confirm_password(request: HttpRequest, field: str) -> None:
    """Have the member say the password again. Raises Refusal."""
    try:
        authenticate(request.user.login, request.POST.get(field, ""), door="web", client=request.META["REMOTE_ADDR"])
    except Refused as refused:
        wrong = (
            t("Too many wrong passwords. Wait a quarter of an hour.") if refused.temporary else t("That is not your password.")
        )
        raise Refusal(field, wrong) from refused

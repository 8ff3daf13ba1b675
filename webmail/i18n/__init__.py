"""The words of pages in the member's language: English is written in its place, and is the key of the catalogue."""

from __future__ import annotations

from django.utils.functional import keep_lazy_text

from webmail.i18n.language import LANGUAGES, current, is_right_to_left, negotiate
from webmail.i18n.translate import t

__all__ = ["LANGUAGES", "current", "is_right_to_left", "mark", "negotiate", "t", "t_later"]

t_later = keep_lazy_text(t)


def mark(message: str) -> str:
    """The message as it is: said later by `t`, and found by `manage.py translations`."""
    return message

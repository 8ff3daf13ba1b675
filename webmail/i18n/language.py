"""Which language a page is in: the member's choice, else the first of the browser's that we speak, else English."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "ar": "العربية"}  # as they call themselves
RIGHT_TO_LEFT = frozenset({"ar"})
LONGEST_HEADER = 500  # what Django's parser reads of it


def negotiate(chosen: str | None, accept_language: str) -> str:
    """`chosen`: the preference, None where the browser is to say it. `accept_language`: its header (RFC 9110 §12.5.4)."""
    if chosen in LANGUAGES:
        return chosen
    for wanted, _ in parse_accept_lang_header(accept_language[:LONGEST_HEADER]):
        language = wanted.split("-", 1)[0]
        if language in LANGUAGES:
            return language
    return "en"


def current() -> str:
    """The language of the request that is answered; English outside of one."""
    language = (translation.get_language() or "en").split("-", 1)[0]
    return language if language in LANGUAGES else "en"


def is_right_to_left(language: str) -> bool:
    return language in RIGHT_TO_LEFT

"""Says a message in the language of the request."""

from __future__ import annotations

from webmail.i18n.catalogue import CONTEXT, translations
from webmail.i18n.language import current
from webmail.i18n.message import fill


def t(message: str, /, **values: str | int) -> str:
    """The message, translated and with its values; in English where it has no translation."""
    language = current()
    found = translations(language).get(message) if language != "en" else None
    return fill(found, values, language) if found else fill(message.partition(CONTEXT)[0], values, "en")

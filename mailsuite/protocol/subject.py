"""Subjects: what is left of one without the words that programs put around it (product.md 3.3), and that of an answer (5.5)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 1_000  # characters of a subject that are looked at

# Words that stand before a colon, by language. "" is for those that every program writes.
REPLY = {
    "": "re r",
    "de": "aw antw",
    "nl": "antw antwort",
    "sv": "sv",
    "fi": "vs",
    "fr": "ref réf",
    "it": "rif",
    "no": "rv",
    "pt": "res resp",
    "pl": "odp",
    "tr": "ynt",
    "hu": "vá",
    "cy": "atb",
    "id": "bls",
    "et": "tl",
    "el": "απ σχετ",
    "he": "תגובה",
    "ar": "رد",
    "ru": "ответ отв",
    "zh": "回复 回覆 答复 答覆",
    "ko": "회신",
}
FORWARD = {
    "": "fwd fw",
    "de": "wg wl",
    "fr": "tr",
    "es": "rv enc",
    "it": "i",
    "pl": "pd",
    "nl": "doorst",
    "sv": "vb",
    "fi": "vl",
    "tr": "ilt",
    "id": "trs",
    "ca": "ct",
    "el": "πρθ",
    "he": "הועבר",
    "ru": "пересл",
    "zh": "转发 轉寄",
    "ko": "전달",
    "hu": "továbbítás",
}
CALENDAR = {
    "en": "invitation|updated invitation|accepted|declined|tentative|tentatively accepted|canceled|cancelled|canceled event"
    "|cancelled event|updated|new time proposed",
    "de": "einladung|aktualisierte einladung|zusage|zugesagt|angenommen|absage|abgesagt|abgelehnt|mit vorbehalt|vorläufig"
    "|abgesagter termin",
    "fr": "invitation modifiée|accepté|acceptée|refusé|refusée|provisoire|annulé|annulée|événement annulé",
    "es": "invitación|invitación actualizada|aceptado|aceptada|rechazado|rechazada|provisional|cancelado|cancelada"
    "|evento cancelado",
    "it": "invito|invito aggiornato|accettato|accettata|rifiutato|rifiutata|provvisorio|annullato|annullata|evento annullato",
    "nl": "uitnodiging|geaccepteerd|afgewezen|geweigerd|voorlopig|geannuleerd",
    "pt": "convite|aceito|aceite|recusado|provisório|cancelado",
    "pl": "zaproszenie|zaakceptowano|odrzucono|anulowano",
    "sv": "inbjudan|accepterad|avböjd|inställd",
}
AUTOMATIC = {
    "en": "automatic reply|auto reply|auto-reply|autoreply|auto|out of office|out of office autoreply",
    "de": "automatische antwort|automatische rückantwort|abwesenheitsnotiz",
    "fr": "réponse automatique|absence du bureau",
    "es": "respuesta automática|fuera de la oficina",
    "it": "risposta automatica|fuori sede",
    "nl": "automatisch antwoord|afwezig",
    "pt": "resposta automática",
    "pl": "automatyczna odpowiedź",
    "sv": "automatiskt svar",
}


def _words(table: dict[str, str], divider: str | None) -> Iterator[str]:
    for words in table.values():
        yield from (unicodedata.normalize("NFC", word) for word in words.split(divider))


def _pattern(words: Iterator[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


_replies = _pattern(_words(REPLY, None))
_others = _pattern(iter([*_words(FORWARD, None), *_words(CALENDAR, "|"), *_words(AUTOMATIC, "|")]))
_PREFIX = re.compile(rf"(?:(?P<reply>{_replies})|{_others}) ?(?:\[\d{{1,4}}\]|\(\d{{1,4}}\)|\^\d{{1,4}})? ?[:：] ?")
_TAG = re.compile(r"\[[^\[\]]{1,200}\] ?(?=.)")
_FORWARDED = re.compile(r"\[fwd?: ?(.*)\]\Z")


def base(subject: str) -> str:
    """The base subject, in lower case; "" where nothing is left."""
    return split(subject)[0]


def is_reply(subject: str) -> bool:
    """Whether a reply prefix was among what stands before the base subject."""
    return split(subject)[1]


def split(subject: str) -> tuple[str, bool]:
    """The base subject, and whether a reply prefix stood before it."""
    text = unicodedata.normalize("NFC", subject[:LONGEST]).replace("İ", "i")  # lower() would leave a dot that combines
    text = " ".join(text.lower().split())
    position, replied = 0, False
    while True:
        if text.endswith("(fwd)"):
            text = text[: max(len(text) - 5, position)].rstrip()
        if prefix := _PREFIX.match(text, position):
            position, replied = prefix.end(), replied or bool(prefix["reply"])
        elif wrapped := _FORWARDED.match(text, position):
            text, position = wrapped[1].strip(), 0
        elif tag := _TAG.match(text, position):
            position = tag.end()
        else:
            return text[position:].strip(), replied


# For an answer only what surely is a prefix is taken away: "Ref: 2026/114" may be what the message is about.
_answers = _pattern(word for word in _words(REPLY, None) if word not in ("ref", "réf"))
_forwards = _pattern(_words(FORWARD, None))
_COUNT = r" ?(?:\[\d{1,4}\]|\(\d{1,4}\)|\^\d{1,4})? ?[:：]\s*"
_ANSWER = re.compile(rf"(?:{_answers}){_COUNT}", re.IGNORECASE)
_ANSWER_OR_FORWARD = re.compile(rf"(?:{_answers}|{_forwards}){_COUNT}", re.IGNORECASE)
_FORWARD = re.compile(rf"(?:{_forwards}){_COUNT}|\[fwd?:", re.IGNORECASE)
_TAGS = re.compile(r"(?:\[[^\[\]]{1,200}\]\s*)*")


def reply_subject(subject: str) -> str:
    """The subject of an answer: one `Re:`, never `Re: AW: Re:`. Tags of lists stay; forwards stay, they say what it was."""
    return f"Re: {_without(_ANSWER, subject)}".strip()


def forward_subject(subject: str) -> str:
    """The subject of a forward: one `Fwd:`."""
    return f"Fwd: {_without(_ANSWER_OR_FORWARD, subject)}".strip()


def is_forward(subject: str) -> bool:
    """Whether the outermost prefix says that a message is passed on: so does `Fwd: Re: x`, and `Re: Fwd: x` does not."""
    text = " ".join(unicodedata.normalize("NFC", subject[:LONGEST]).split())
    tags = _TAGS.match(text)
    return bool(_FORWARD.match(text) or _FORWARD.match(text, tags.end() if tags else 0))


def _without(prefix: re.Pattern[str], subject: str) -> str:
    """The subject on one line without prefixes at its start, also behind tags: `Re: [garden] Re: x` is `[garden] x`."""
    text = " ".join(unicodedata.normalize("NFC", subject[:LONGEST]).split())
    position, tags = 0, ""
    while True:
        if found := prefix.match(text, position):
            position = found.end()
        elif found := _TAGS.match(text, position):
            if not found[0]:
                return tags + text[position:]
            tags, position = tags + found[0], found.end()

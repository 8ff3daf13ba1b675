"""The line before a quotation, "On 3 October 2026 at 14:02, Ana Silva wrote:", in thirty languages: written, and recognised."""

from __future__ import annotations

import re
from datetime import datetime

from mailsuite.protocol.fields import clean

# How it is written: language, sentence, form of the date (strftime, numbers only, so that no locale is needed).
SENTENCES = {
    "ar": ("في {date}، كتب {name}:", "%Y-%m-%d %H:%M"),
    "bg": ("На {date} {name} написа:", "%d.%m.%Y %H:%M"),
    "ca": ("El dia {date}, {name} va escriure:", "%d/%m/%Y %H:%M"),
    "cs": ("Dne {date} {name} napsal(a):", "%d. %m. %Y %H:%M"),
    "da": ("Den {date} skrev {name}:", "%d.%m.%Y %H.%M"),
    "de": ("Am {date} schrieb {name}:", "%d.%m.%Y um %H:%M"),
    "el": ("Στις {date}, ο/η {name} έγραψε:", "%d/%m/%Y %H:%M"),
    "en": ("On {date}, {name} wrote:", ""),
    "es": ("El {date}, {name} escribió:", "%d/%m/%Y a las %H:%M"),
    "et": ("{date} kirjutas {name}:", "%d.%m.%Y %H:%M"),
    "fa": ("در {date}، {name} نوشت:", "%Y-%m-%d %H:%M"),
    "fi": ("{name} kirjoitti {date}:", "%d.%m.%Y %H.%M"),
    "fr": ("Le {date}, {name} a écrit :", "%d/%m/%Y à %H:%M"),
    "he": ("בתאריך {date}, {name} כתב/ה:", "%d.%m.%Y %H:%M"),
    "hr": ("Dana {date} {name} je napisao/la:", "%d.%m.%Y. %H:%M"),
    "hu": ("{name} ezt írta ({date}):", "%Y.%m.%d. %H:%M"),
    "id": ("Pada {date}, {name} menulis:", "%d/%m/%Y %H.%M"),
    "it": ("Il {date}, {name} ha scritto:", "%d/%m/%Y alle %H:%M"),
    "ja": ("{date}、{name} のメール:", "%Y/%m/%d %H:%M"),
    "ko": ("{date}, {name} 님이 작성:", "%Y. %m. %d. %H:%M"),
    "lt": ("{date}, {name} rašė:", "%Y-%m-%d %H:%M"),
    "nb": ("Den {date} skrev {name}:", "%d.%m.%Y %H:%M"),
    "nl": ("Op {date} schreef {name}:", "%d-%m-%Y om %H:%M"),
    "pl": ("{date}, {name} napisał(a):", "%d.%m.%Y o %H:%M"),
    "pt": ("Em {date}, {name} escreveu:", "%d/%m/%Y %H:%M"),
    "ro": ("În {date}, {name} a scris:", "%d.%m.%Y %H:%M"),
    "ru": ("{date}, {name} пишет:", "%d.%m.%Y %H:%M"),
    "sk": ("Dňa {date} {name} napísal(a):", "%d. %m. %Y %H:%M"),
    "sl": ("{date} je {name} napisal/a:", "%d. %m. %Y %H:%M"),
    "sv": ("Den {date} skrev {name}:", "%Y-%m-%d %H:%M"),
    "th": ("เมื่อ {date} {name} เขียนว่า:", "%d/%m/%Y %H:%M"),
    "tr": ("{name}, {date} tarihinde şunu yazdı:", "%d.%m.%Y %H:%M"),
    "uk": ("{date} {name} пише:", "%d.%m.%Y %H:%M"),
    "vi": ("Vào {date}, {name} đã viết:", "%d/%m/%Y %H:%M"),
    "zh": ("{name} 于 {date} 写道：", "%Y-%m-%d %H:%M"),
}
MONTHS = ("January February March April May June July August September October November December").split()

# What such a line has in it, whoever's program wrote it: a word for "wrote".
WROTE = (
    "wrote", "schrieb", "schreef", "skrev", "skreiv", "a écrit", "écrit", "escribió", "escreveu", "ha scritto", "scritto",
    "va escriure", "a scris", "napsal", "napísal", "napisał", "napisała", "napisao", "napisal", "pisze", "написа", "написал",
    "написав", "пишет", "пише", "írta", "kirjoitti", "kirjutas", "rašė", "rakstīja", "έγραψε", "yazdı", "menulis", "đã viết",
    "viết", "เขียน", "כתב", "كتب", "نوشت", "写道", "寫道", "のメール", "書きました", "작성", "님이",
)  # fmt: skip
_WROTE = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, WROTE))})|(?:写道|寫道|のメール|書きました|작성)", re.IGNORECASE)
LONGEST = 400  # characters of such a line, with its folds


def attribution(language: str, name: str, date: datetime) -> str:
    """The line in this language (of which only the first part of "pt-BR" counts), in English where we do not know it."""
    sentence, form = SENTENCES.get(language.lower().partition("-")[0], SENTENCES["en"])
    written = date.strftime(form) if form else f"{date.day} {MONTHS[date.month - 1]} {date.year} at {date:%H:%M}"
    return sentence.replace("{date}", written).replace("{name}", clean(name))


def is_attribution(line: str, *, dated: bool = True) -> bool:
    """Whether a line (its folds joined) introduces a quotation: it says that somebody wrote and, `dated`, when or from where."""
    line = line.strip().rstrip("\u200e\u200f\u202c")
    if len(line) > LONGEST or not line.endswith((":", "：")) or not _WROTE.search(line):
        return False
    return not dated or "@" in line or any(map(str.isdigit, line))

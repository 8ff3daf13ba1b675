"""Six years of one member's mail, in any number of messages: the same number gives the same bytes on every machine and day.

A plan first says who writes when, in a few numbers for each message; a message is written when its turn comes, from a chance
that is seeded with its place in the plan. So 100,000 of them need no more memory than a thousand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from mailsuite.management.demo import post, prose
from mailsuite.management.demo.cast import CAST, Person
from mailsuite.management.demo.letters import Letter

END = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # when the last message came
SPAN = timedelta(days=6 * 365)
ME = CAST["alice"]
KINDS, SHARES = ("talk", "list", "newsletter", "notice", "spam"), (36, 6, 34, 22, 2)  # messages of a hundred
LANGUAGES, SPOKEN = ("en", "de", "fr", "es", "tr", "uk", "ar", "ja", "zh"), (52, 12, 8, 8, 5, 4, 4, 4, 3)
LABELS = ("Garden", "Money", "Board", "Recipes", "Reading")
FILES = tuple(f"{name}-{n}.{kind}" for n in range(8) for name, kind in (("plan", "pdf"), ("numbers", "csv"), ("photo", "png")))
IN_INBOX = 50  # one message of so many is still in Inbox
NAMES = "Ana Boris Clara Deniz Elif Farid Greta Hugo Ivana Jun Kofi Lena Marek Nina Omar Petra Quim Rosa Sana Tomás".split()
SURNAMES = "Abel Brandt Costa Duarte Evans Fischer Grau Haddad Ito Jansen Kovač Lund Meyer Novak Okoye Petit".split()


class Turn(NamedTuple):
    """One message of the plan: when, of what kind, in which talk, and the how manieth there."""

    at: int  # seconds since 1970
    kind: str
    talk: int
    position: int
    length: int  # of the talk


@dataclass(frozen=True, slots=True)
class Talk:
    """What the messages of a conversation have in common."""

    language: str
    subject: str
    people: tuple[Person, ...]  # who takes part besides the member
    labels: tuple[str, ...]


@cache
def plan(count: int) -> list[Turn]:
    """So many turns, in order of time."""
    chance, turns, talk = Random(f"plan {count}"), [], 0
    first, last = int((END - SPAN).timestamp()), int(END.timestamp())
    while len(turns) < count:
        talk += 1
        kind = chance.choices(
            KINDS, [share / (4 if kind in ("talk", "list") else 1) for kind, share in zip(KINDS, SHARES, strict=True)]
        )[0]
        at, length = chance.randint(first, last), _length(kind, chance)
        for position in range(min(length, count - len(turns))):
            turns.append(Turn(min(at, last), kind, talk, position, length))
            at += int(chance.expovariate(1 / 30_000)) + 60  # eight hours between answers, as a rule
    return sorted(turns)


def _length(kind: str, chance: Random) -> int:
    if kind not in ("talk", "list"):
        return 1
    if chance.random() < 0.01:
        return chance.randint(20, 60)
    return min(1 + int(chance.expovariate(1 / 3.2)), 18)


def letters(count: int) -> Iterator[Letter]:
    """The messages of the plan, oldest first."""
    turns = plan(count)
    received = [turn for turn in turns if turn.kind != "spam" and not _is_own(turn)]
    newest = set(received[-max(count // IN_INBOX, 1) :])
    for turn in turns:
        letter = _letter(turn)
        letter.archived = turn not in newest
        letter.unread = _chance(turn, "unread").random() < (0.25 if turn in newest else 0.01) and not _is_own(turn)
        yield letter


def _chance(turn: Turn, what: str) -> Random:
    return Random(f"{what} {turn.talk} {turn.position}")


def _is_own(turn: Turn) -> bool:
    """Does the member write it? In a talk nearly every other one, on a list one in nine; a talk's first one now and then."""
    if turn.kind not in ("talk", "list"):
        return False
    if turn.kind == "list":
        return _chance(turn, "own").random() < 0.11
    return (turn.position + turn.talk % 5 // 4) % 2 == 1 and _chance(turn, "own").random() < 0.85


def _letter(turn: Turn) -> Letter:
    at = datetime.fromtimestamp(turn.at, UTC)
    chance = _chance(turn, "post")
    if turn.kind == "newsletter":
        return post.newsletter(chance, at)
    if turn.kind == "notice":
        return post.notice(chance, at, FILES)
    if turn.kind == "spam":
        return post.spam(chance, at)
    return _of_talk(turn, at)


@cache
def _person(number: int) -> Person:
    name, surname = NAMES[number % len(NAMES)], SURNAMES[number * 7 % len(SURNAMES)]
    host = ("elsewhere", "courrier", "correo", "university", "roofs")[number % 5]
    return Person("", f"{name} {surname}", f"{name}.{surname}{number}@{host}.example".encode("ascii", "ignore").decode().lower())


def _talk(turn: Turn) -> Talk:
    chance = Random(f"talk {turn.talk}")
    language = chance.choices(LANGUAGES, SPOKEN)[0]
    known = [*CAST.values()][1:]
    # Few write often, many seldom.
    people = [chance.choice(known) if chance.random() < 0.4 else _person(int(chance.paretovariate(0.6)) % 900) for _ in range(9)]
    size = chance.randint(4, 9) if turn.kind == "list" else min(int(chance.paretovariate(1.4)), 5)
    labels = (chance.choice(LABELS),) if chance.random() < 0.2 else ()
    return Talk(language, prose.subject(language, chance), tuple(dict.fromkeys(people[:size])), labels)


def _author(turn: Turn, talk: Talk) -> Person:
    return ME if _is_own(turn) else talk.people[_chance(turn, "author").randrange(len(talk.people))]


def _of_talk(turn: Turn, at: datetime) -> Letter:
    talk, language = _talk(turn), prose.LANGUAGES
    author, chance = _author(turn, talk), _chance(turn, "files")
    letter = Letter(
        subject=f"{language[talk.language].reply}: {talk.subject}" if turn.position else talk.subject,
        author=author,
        recipients=[person for person in (ME, *talk.people) if person != author][: 6 if turn.kind == "talk" else 1] or [ME],
        at=at,
        text=_said(turn, talk) + _quoted(turn, talk),
        attachments=[chance.choice(FILES)] if chance.random() < 0.08 else [],
        labels=list(talk.labels),
        starred=chance.random() < 0.01,
        answered=turn.position + 1 < turn.length and author != ME and _is_own(turn._replace(position=turn.position + 1)),
        message_id=_id(turn, turn.position),
        ancestors=[_id(turn, n) for n in range(max(turn.position - 12, 0), turn.position)],
    )
    if turn.kind == "list":
        letter.recipients = [Person("", "The allotments", "plots@lists.example")]
        letter.headers = {"List-Id": "The allotments <plots.lists.example>", "Precedence": "list"}
        letter.headers["List-Post"] = "<mailto:plots@lists.example>"
    return letter


def _id(turn: Turn, position: int) -> str:
    return f"{turn.talk:x}.{position}.{Random(turn.talk).getrandbits(48):x}@mail.example"


def _said(turn: Turn, talk: Talk) -> str:
    chance = _chance(turn, "text")
    paragraphs = [prose.paragraph(talk.language, chance) for _ in range(chance.randint(1, 5))]
    return "\n\n".join([*paragraphs, _author(turn, talk).name.partition(" ")[0]]) + "\n"


def _quoted(turn: Turn, talk: Talk) -> str:
    """The letter before, as most mail programs put it below an answer."""
    if not turn.position:
        return ""
    before = turn._replace(position=turn.position - 1)
    said = prose.LANGUAGES[talk.language].said.format(
        date=f"{datetime.fromtimestamp(turn.at, UTC):%d.%m.%Y}", name=_author(before, talk).name
    )
    return f"\n{said}\n\n" + "".join(f"> {line}\n" for line in _said(before, talk).splitlines())

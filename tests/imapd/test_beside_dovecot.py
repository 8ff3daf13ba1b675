"""The published test messages in our door and in Dovecot's: every answer compared, every difference explained or mended.

`pytest -m system -s tests/imapd/test_beside_dovecot.py` prints the table.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from mailsuite.accounts.models import Account
from tests.dovecot import Dovecot
from tests.imapd.beside import asking, judging
from tests.imapd.beside.judging import Difference
from tests.imapd.beside.letters import Letter, letters
from tests.imapd.beside.replies import Link
from tests.imapd.conftest import SECRET, RunningServer

SEED = 51
SEARCHES = 200
ITEMS = 80  # in one FETCH
UNEXPLAINED = 0.005  # of what was asked of well-formed messages
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "\\Draft", "\\Deleted", "blue", "$Forwarded")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass
class Report:
    asked: Counter[tuple[bool, str]] = field(default_factory=Counter)  # by whether the message is well-formed, and kind
    differences: dict[bool, list[Difference]] = field(default_factory=lambda: {True: [], False: []})

    def note(self, letter: Letter, kind: str, asked: str, answers: tuple[Any, Any], reasons: list[str]) -> None:
        """reasons: one for each place that differs, "" where it has none; empty where nothing differs."""
        well = not letter.broken
        self.asked[well, kind] += 1
        if reasons:
            reason = "" if "" in reasons else reasons[0]
            self.differences[well].append(Difference(kind, letter.name, asked, *answers, reason))

    def unexplained(self, *, well: bool) -> list[Difference]:
        return [one for one in self.differences[well] if not one.reason]

    def lines(self) -> Iterator[str]:
        for well in (True, False):
            yield f"{'well-formed' if well else 'broken':40}{'asked':>8}{'differ':>8}{'unexplained':>13}"
            differ = Counter(one.kind for one in self.differences[well])
            bare = Counter(one.kind for one in self.unexplained(well=well))
            for kind in dict.fromkeys(kind for _, kind in self.asked):
                yield f"  {kind:38}{self.asked[well, kind]:>8}{differ[kind]:>8}{bare[kind]:>13}"
        found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for well in (True, False):
            for one in self.differences[well]:
                found[one.reason or "(no reason)"][not well] += 1
        yield "why: of well-formed messages, of broken ones"
        yield from (f"  {good:>6}{bad:>7}  {reason}" for reason, (good, bad) in sorted(found.items()))


@pytest.fixture
def peer() -> Iterator[Dovecot]:
    if why := Dovecot.missing():
        pytest.skip(why)
    with TemporaryDirectory(
        prefix="mailsuite-dovecot-", ignore_cleanup_errors=True
    ) as folder:  # other users may not enter tmp_path
        found = Dovecot(Path(folder, "dovecot"))
        found.start()
        yield found
        found.stop()


@pytest.mark.system
def test_our_answers_are_dovecots_or_better(server: RunningServer, alice: Account, peer: Dovecot) -> None:
    kept = list(letters())
    assert len(kept) > 500
    ours, theirs = Link(server.imap, "alice@example.org", SECRET), Link(peer.imap, peer.login, peer.password)
    report = compare(ours, theirs, kept)
    print(f"\nDovecot {peer.version()}, {sum(not one.broken for one in kept)} well-formed messages of {len(kept)}")
    print("\n".join(report.lines()))
    bare = report.unexplained(well=True)
    print("\n".join(f"{one.letter} {one.asked}\n  ours   {one.ours!r:.200}\n  theirs {one.theirs!r:.200}" for one in bare[:40]))
    assert len(bare) <= UNEXPLAINED * sum(count for (well, _), count in report.asked.items() if well)
    assert not [one for one in bare if one.kind in ("RFC822.SIZE", "BODY[]", "RFC822.HEADER", "BODY[TEXT]")]


def compare(ours: Link, theirs: Link, kept: list[Letter]) -> Report:
    report = Report()
    fill((ours, theirs), kept)
    for number, letter in enumerate(kept, 1):
        compare_letter(report, letter, number, ours, theirs)
    compare_searches(report, kept, ours, theirs)
    compare_orders(report, kept, ours, theirs)
    return report


def fill(links: tuple[Link, ...], kept: list[Letter]) -> None:
    """The same messages with the same flags and dates, under the same numbers."""
    random = Random(SEED)
    for letter in kept:
        flags = " ".join(random.sample(FLAGS, random.choice((0, 0, 1, 1, 2))))
        day = f"{random.randint(1, 28):2d}-{random.choice(MONTHS)}-{random.randint(1998, 2024)} 12:15:00 +0000"
        for link in links:
            link.ask(f'APPEND INBOX ({flags}) "{day}"', letter.content)
    for link in links:
        assert [len(kept), b"EXISTS"] in link.ask("SELECT INBOX")


# --- messages ---


def compare_letter(report: Report, letter: Letter, number: int, ours: Link, theirs: Link) -> None:
    one, other = (asking.one_by_one(link, number, asking.whole()) for link in (ours, theirs))
    for item in asking.whole():
        reasons = list(_reasons(item, one[item], other[item]))
        report.note(letter, _kind(item), item, (one[item], other[item]), reasons)
    known = [_numbered(found["BODYSTRUCTURE"]) for found in (one, other)]
    parts = {part: part not in leaves for found, leaves in known for part in found}
    for items in _portions(list(asking.sections([*sorted(parts), "1.1.1", "9"]))):
        one, other = (asking.one_by_one(link, number, items) for link in (ours, theirs))
        for item in items:
            reasons = [judging.section_reason(item, one[item], other[item], parts)] if one[item] != other[item] else []
            report.note(letter, _kind(item), item, (one[item], other[item]), reasons)
    encodings = {part: known[0][1][part] for part in sorted(known[0][1]) if part in known[1][1]}
    compare_binaries(report, letter, number, encodings, ours, theirs)


def compare_binaries(report: Report, letter: Letter, number: int, encodings: dict[str, bytes], ours: Link, theirs: Link) -> None:
    """Of all leaves: Dovecot refuses one for what is wrong with another."""
    bodies = asking.one_by_one(ours, number, [f"BODY.PEEK[{part}]" for part in encodings]) if encodings else {}
    damaged = any(judging.is_damaged(body or b"", how) for body, how in zip(bodies.values(), encodings.values(), strict=True))
    for part in list(encodings)[: asking.MOST_PARTS]:
        items = list(asking.binaries(part))
        one, other = (asking.one_by_one(link, number, items) for link in (ours, theirs))
        for item in items:
            reasons = [judging.binary_reason(item, one, other, damaged=damaged)] if one[item] != other[item] else []
            report.note(letter, _kind(item), item, (one[item], other[item]), reasons)


def _reasons(item: str, one: Any, other: Any) -> Iterator[str]:
    if item == "ENVELOPE":
        yield from judging.structure_reasons(one, other)
    elif item in ("BODY", "BODYSTRUCTURE"):
        extended = item == "BODYSTRUCTURE"
        try:
            yield from judging.structure_reasons(judging.body(one, extended=extended), judging.body(other, extended=extended))
        except (AttributeError, IndexError, TypeError, ValueError):  # a broken answer to a broken message
            yield ""
    elif one != other:
        yield judging.section_reason(item, one, other, {})


def _numbered(structure: Any) -> tuple[list[str], dict[str, bytes]]:
    try:
        return asking.numbered(structure)
    except (AttributeError, IndexError, TypeError):
        return [], {}


def _portions(items: list[str]) -> Iterator[list[str]]:
    return (items[at : at + ITEMS] for at in range(0, len(items), ITEMS))


def _kind(item: str) -> str:
    """What was asked without part numbers, names and offsets."""
    plain = re.sub(r"\[[\d.]*\d", "[n", item.replace(".PEEK", ""))
    return re.sub(r"<.*>", "<>", re.sub(r" \(.*\)", "", plain))


# --- mailboxes ---


def compare_searches(report: Report, kept: list[Letter], ours: Link, theirs: Link) -> None:
    """Twice each: of the well-formed messages, and of the others."""
    for keys in asking.searches(SEARCHES, SEED, len(kept)):
        found = [_searched(link, keys) for link in (ours, theirs)]
        kind = "SEARCH with BODY or TEXT" if re.search(r"\b(BODY|TEXT) ", keys) else "SEARCH"
        for well in (True, False):
            differing = [kept[n - 1] for n in sorted(found[0] ^ found[1]) if (not kept[n - 1].broken) is well]
            reasons = [judging.search_reason(keys, letter.content) for letter in differing]
            first = next((one for one, reason in zip(differing, reasons, strict=True) if not reason), Letter("", b"", ""))
            judged = Letter(first.name, b"", "" if well else "broken")
            report.note(judged, kind, keys, tuple(len(one) for one in found), reasons)  # type: ignore[arg-type]


def _searched(link: Link, keys: str) -> set[int]:
    return {number for answer in link.ask(f"SEARCH CHARSET UTF-8 {keys}") if answer[0] == b"SEARCH" for number in answer[1:]}


def compare_orders(report: Report, kept: list[Letter], ours: Link, theirs: Link) -> None:
    """Of the well-formed messages alone: where one broken message stands says nothing."""
    well = {number for number, letter in enumerate(kept, 1) if not letter.broken}
    nobody = Letter("", b"", "")
    if b"SORT" in ours.capabilities:
        for key in asking.SORTS:
            one, other = ([n for n in asking.sorted_by(link, key) if n in well] for link in (ours, theirs))
            assert sorted(one) == sorted(other)
            elsewhere = judging.moved(one, other)
            reasons = [judging.order_reason(key.split()[-1], kept[number - 1].content) for number in elsewhere]
            names = [kept[number - 1].name for number in elsewhere]
            report.note(nobody, "SORT", key, (len(one), names), reasons)
    for name in asking.THREADS:
        if f"THREAD={name}".encode() in ours.capabilities:
            one, other = ({thread & well for thread in asking.threads(link, name)} for link in (ours, theirs))
            report.note(nobody, "THREAD", name, (one - other, other - one), [""] if one != other else [])

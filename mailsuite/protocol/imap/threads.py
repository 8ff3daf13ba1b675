"""THREAD: its arguments, its two ways to make trees of messages, and the trees as they are told (RFC 5256 §3 and §4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mailsuite.protocol.imap.base_subject import base_subject, collated
from mailsuite.protocol.imap.links import Links
from mailsuite.protocol.imap.search import And, program
from mailsuite.protocol.imap.sort import comparable
from mailsuite.protocol.imap.syntax import Parser

ALGORITHMS = ("ORDEREDSUBJECT", "REFERENCES")


@dataclass(frozen=True, slots=True)
class Thread:
    """A THREAD command."""

    algorithm: str
    tree: And


def parse(parser: Parser) -> Thread:
    """The arguments of THREAD. Raises SyntaxProblem and BadCharset."""
    algorithm = parser.word()
    if algorithm not in ALGORITHMS:
        raise parser.problem(f"THREAD takes {' or '.join(ALGORITHMS)}")
    parser.space()
    charset = parser.astring() or b"?"
    parser.space()
    return Thread(algorithm, program(parser, charset))


class Threaded(NamedTuple):
    """What the algorithms ask of messages, each a list in the order of sequence numbers."""

    sent: Sequence[Any]  # moments that compare
    subjects: Sequence[str]
    message_ids: Sequence[str] = ()  # "" where there is none
    references: Sequence[Sequence[str]] = ()  # of each message, the nearest parent last


@dataclass(slots=True)
class Forest:
    """Trees of messages by their indices. What is beyond the messages are dummies, which stand at the top alone."""

    count: int  # of messages
    roots: list[int]
    children: dict[int, list[int]] = field(default_factory=dict)


def ordered_subject(messages: Threaded) -> Forest:
    """ORDEREDSUBJECT (RFC 5256 §3): one level below the first message of each base subject."""
    together: dict[str, list[int]] = {}
    subjects = comparable("SUBJECT", messages.subjects)
    for index in _ranked(messages):
        together.setdefault(subjects[index], []).append(index)
    threads = list(together.values())  # a dictionary remembers which came first: they are in order
    children = {first: rest for first, *rest in threads if rest}
    return Forest(len(messages.sent), [thread[0] for thread in threads], children)


def _ranked(messages: Threaded) -> list[int]:
    """RFC 5256 §2.2: by sent date, and where that is the same by sequence number."""
    return sorted(range(len(messages.sent)), key=messages.sent.__getitem__)


def references(messages: Threaded) -> Forest:
    """REFERENCES (RFC 5256 §3), in n log n time and without recursion."""
    return _References(messages).forest()


class _References:
    def __init__(self, messages: Threaded) -> None:
        self._messages = messages
        self._count = len(messages.sent)
        self._rank = [0] * self._count
        for rank, index in enumerate(_ranked(messages)):
            self._rank[index] = rank
        self._roots: list[int] = []
        self._children: dict[int, list[int]] = {}
        self._dummies = self._count  # the number of the next one

    def forest(self) -> Forest:
        self._gather(Links(self._messages.message_ids, self._messages.references))
        self._sort_roots()
        self._merge_subjects()
        for siblings in self._children.values():  # step 6
            siblings.sort(key=self._place)
        self._roots.sort(key=self._place)
        return Forest(self._count, self._roots, self._children)

    def _gather(self, links: Links) -> None:
        """Steps 2 and 3: dummies go, and what was below them hangs where they hung, but for those at the top."""
        self._dummies = len(links.parents)
        tops: dict[int, None] = {}
        for index, parent in enumerate(links.held_by(self._count)):
            if parent < 0:
                self._roots.append(index)
            else:
                self._children.setdefault(parent, []).append(index)
                if parent >= self._count:
                    tops[parent] = None
        for top in tops:
            below = self._children[top]
            self._roots.append(top if len(below) > 1 else self._children.pop(top)[0])

    def _sort_roots(self) -> None:
        """Step 4."""
        for root in self._roots:
            if root >= self._count:
                self._children[root].sort(key=self._place)
        self._roots.sort(key=self._place)

    def _place(self, index: int) -> int:
        """A dummy stands where its first child would."""
        return self._rank[index if index < self._count else self._children[index][0]]

    def _merge_subjects(self) -> None:
        """Step 5: threads that begin with the same base subject are one."""
        read = [self._subject(root) for root in self._roots]
        replied = {root: is_reply for root, (_, is_reply) in zip(self._roots, read, strict=True)}
        table: dict[str, int] = {}
        for root, (subject, _) in zip(self._roots, read, strict=True):
            known = table.get(subject)
            if known is None or (known < self._count and (root >= self._count or (replied[known] and not replied[root]))):
                table[subject] = root
        kept: dict[int, None] = {}
        for root, (subject, _) in zip(self._roots, read, strict=True):
            known = table[subject]
            if not subject or known == root:
                kept[root] = None
            elif known >= self._count:
                self._children[known] += self._children.pop(root) if root >= self._count else [root]
            elif replied[root] and not replied[known]:
                self._children.setdefault(known, []).append(root)
            else:
                table[subject] = dummy = self._new_dummy([known, root])
                kept.pop(known, None)
                kept[dummy] = None
        self._roots = list(kept)

    def _subject(self, root: int) -> tuple[str, bool]:
        """The thread's subject, and whether its first message is a reply or forward; a dummy is neither."""
        is_dummy = root >= self._count
        base, is_reply = base_subject(self._messages.subjects[self._children[root][0] if is_dummy else root])
        return collated(base), is_reply and not is_dummy

    def _new_dummy(self, children: list[int]) -> int:
        self._dummies += 1
        self._children[self._dummies] = children
        return self._dummies


def told(forest: Forest, numbers: Sequence[int]) -> Iterator[str]:
    """A THREAD response's thread-lists in pieces (RFC 5256 §4). numbers: what each message is called."""
    rest: list[int | str] = []
    for root in forest.roots:
        rest.append(")")
        rest.append(root)
        yield "("
        while rest:
            piece = rest.pop()
            if isinstance(piece, str):
                yield piece
                continue
            below = forest.children.get(piece, ())
            is_message = piece < forest.count
            if is_message:
                yield f"{numbers[piece]} " if below else str(numbers[piece])
            if len(below) == 1 and is_message:
                rest.append(below[0])
            else:
                for child in reversed(below):
                    rest += (")", child, "(")

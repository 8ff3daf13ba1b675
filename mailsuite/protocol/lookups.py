"""How a standard asks DNS without touching it: a generator yields questions and is sent the answers."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple, TypeVar

Result = TypeVar("Result")


class Question(NamedTuple):
    """A name (A-labels) and TXT, A, AAAA, MX or PTR."""

    name: str
    rdtype: str


class Answer(NamedTuple):
    """What DNS said.

    values: TXT records with each byte as one character; addresses; hosts of MX by preference; names of PTR.
    """

    values: tuple[str, ...] = ()
    exists: bool = True  # False is NXDOMAIN
    trouble: bool = False  # no answer now: a time-out, SERVFAIL, …


Asking = Generator[Question, Answer, Result]


def answered(asking: Asking[Result], answer: Callable[[Question], Answer]) -> Result:
    """Run to the end with answers that are at hand."""
    try:
        question = next(asking)
        while True:
            question = asking.send(answer(question))
    except StopIteration as stop:
        return stop.value

"""Answer the questions of a standard with our resolver."""

from __future__ import annotations

from typing import TypeVar

from mailsuite.net.dns import DnsTrouble, NoSuchName, Questions
from mailsuite.protocol.lookups import Answer, Asking, Question

Result = TypeVar("Result")


async def answered(asking: Asking[Result], resolver: Questions) -> Result:
    """Run a generator that asks DNS to its end. Trouble is an answer: nothing is raised for it."""
    try:
        question = next(asking)
        while True:
            question = asking.send(await _answer(question, resolver))
    except StopIteration as stop:
        return stop.value


async def _answer(question: Question, resolver: Questions) -> Answer:
    try:
        return Answer(tuple(await _values(question, resolver)))
    except NoSuchName:
        return Answer(exists=False)
    except DnsTrouble:
        return Answer(trouble=True)


async def _values(question: Question, resolver: Questions) -> list[str]:
    if question.rdtype == "TXT":
        return [record.decode("latin-1") for record in await resolver.txt(question.name)]
    if question.rdtype == "MX":
        return [host for _, host in await resolver.mx(question.name)]
    ask = {"A": resolver.a, "AAAA": resolver.aaaa, "PTR": resolver.ptr}[question.rdtype]
    return await ask(question.name)

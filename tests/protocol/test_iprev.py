"""The names of an address, asked of a DNS that is a dictionary."""

from __future__ import annotations

import pytest

from mailsuite.protocol import iprev
from mailsuite.protocol.lookups import Answer, Question, answered

V4, V6 = "192.0.2.7", "2001:db8::7"
TROUBLE, NOWHERE = Answer(trouble=True), Answer(exists=False)


def names(*values: str) -> Answer:
    return Answer(values)


@pytest.mark.parametrize(
    ("client", "dns", "result", "name"),
    [
        (V4, {V4: names("mx.example"), "mx.example": names("198.51.100.1", V4)}, "pass", "mx.example"),
        ("::ffff:" + V4, {V4: names("mx.example"), "mx.example": names(V4)}, "pass", "mx.example"),
        (V6, {V6: names("mx.example"), "mx.example": names("2001:DB8:0::7")}, "pass", "mx.example"),
        (V4, {V4: names("a.example", "b.example"), "b.example": names(V4)}, "pass", "b.example"),
        (V4, {V4: names("a.example", "b.example"), "a.example": TROUBLE, "b.example": names(V4)}, "pass", "b.example"),
        (V4, {V4: names("a.example", "b.example"), "a.example": TROUBLE}, "temperror", ""),
        (V4, {V4: names("bank.example"), "bank.example": names("198.51.100.1")}, "fail", ""),
        (V4, {V4: names("bank.example")}, "fail", ""),
        (V4, {V4: names()}, "permerror", ""),
        (V4, {}, "permerror", ""),
        (V4, {V4: TROUBLE}, "temperror", ""),
        ("nowhere", {}, "permerror", ""),
    ],
)
def test_a_name_counts_where_it_leads_back(client: str, dns: dict[str, Answer], result: str, name: str) -> None:
    found = answered(iprev.check(client), lambda question: dns.get(question.name, NOWHERE))
    assert (found.result, found.name) == (result, name)
    assert found.reason


def test_a_thousand_names_are_not_all_asked_for() -> None:
    asked: list[Question] = []

    def answer(question: Question) -> Answer:
        asked.append(question)
        return names(*(f"{number}.example" for number in range(1_000))) if question.rdtype == "PTR" else NOWHERE

    assert answered(iprev.check(V4), answer).result == "fail"
    assert len(asked) == 1 + iprev.MOST_NAMES

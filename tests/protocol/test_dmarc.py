"""DMARC: the tree walk, the policies and the alignments of RFC 9989, its examples and what hostile domains publish."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsuite.protocol.dmarc import DmarcResult, Identifier, evaluate
from mailsuite.protocol.dmarc_record import Policy, parse, select
from mailsuite.protocol.lookups import Answer, Question, answered

REJECT = "v=DMARC1; p=reject"
SPF, DKIM = "spf", "dkim"


class World:
    """DMARC records by domain; every name exists but those below `void`."""

    def __init__(self, records: dict[str, str | list[str]], void: str = "void.example", trouble: str = "\n") -> None:
        self.records, self.void, self.trouble = records, void, trouble
        self.asked: list[str] = []

    def __call__(self, question: Question) -> Answer:
        self.asked.append(question.name)
        if question.name.endswith(self.trouble):
            return Answer(trouble=True)
        found = self.records.get(question.name.removeprefix("_dmarc."), [])
        return Answer((found,) if isinstance(found, str) else tuple(found), exists=not question.name.endswith(self.void))

    def judge(self, author: str, *identifiers: Identifier) -> DmarcResult:
        return answered(evaluate(author, identifiers), self)


def test_the_author_domain_itself_needs_one_question() -> None:
    world = World({"elsewhere.example": REJECT})
    assert world.judge("elsewhere.example", Identifier(DKIM, "Elsewhere.Example")).result == "pass"
    assert world.asked == ["_dmarc.elsewhere.example"]


def test_nothing_proven_is_a_fail_with_the_policy() -> None:
    found = World({"elsewhere.example": REJECT}).judge("elsewhere.example")
    assert (found.result, found.policy, found.policy_domain) == ("fail", "reject", "elsewhere.example")


def test_no_record_is_none() -> None:
    assert World({}).judge("elsewhere.example", Identifier(SPF, "elsewhere.example")).result == "none"


def test_the_simple_example() -> None:
    world = World({"example.com": REJECT, "signing.example.com": "v=DMARC1; p=none"})  # RFC 9989 appendix B.4.1
    assert world.judge("example.com", Identifier(DKIM, "signing.example.com")).result == "pass"


def test_the_deep_example_asks_eight_questions() -> None:
    world = World({"example.com": REJECT, "signing.example.com": REJECT})  # appendix B.4.2
    author = "a.b.c.d.e.f.g.h.i.j.k.example.com"
    assert world.judge(author, Identifier(SPF, "example.com")).result == "pass"
    assert world.asked[:8] == [
        f"_dmarc.{author}",
        *(f"_dmarc.{author[at:]}" for at in (12, 14, 16, 18, 20)),
        "_dmarc.example.com",
        "_dmarc.com",
    ]
    assert World(world.records).judge(author).policy_domain == "example.com"


def test_the_example_of_a_public_suffix_that_says_so() -> None:
    world = World({"bank.example": "v=DMARC1; p=reject; psd=y", "giant.bank.example": REJECT})  # appendix B.4.3
    assert world.judge("giant.bank.example", Identifier(SPF, "mail.giant.bank.example")).result == "pass"
    assert world.judge("giant.bank.example", Identifier(DKIM, "mail.mega.bank.example")).result == "fail"
    assert world.judge("mega.bank.example").policy_domain == "bank.example"


def test_a_public_suffix_that_says_nothing_unites_nobody() -> None:
    world = World({"gov.uk": REJECT, "tax.gov.uk": REJECT})
    assert world.judge("tax.gov.uk", Identifier(SPF, "mallory.gov.uk")).result == "fail"
    assert world.judge("tax.gov.uk", Identifier(SPF, "mail.tax.gov.uk")).result == "pass"


def test_an_organisation_below_another_keeps_to_itself_with_psd_n() -> None:
    world = World({"example.com": REJECT, "shop.example.com": "v=DMARC1; p=reject; psd=n"})
    assert world.judge("shop.example.com", Identifier(DKIM, "example.com")).result == "fail"
    assert world.judge("a.shop.example.com", Identifier(DKIM, "b.shop.example.com")).result == "pass"


def test_the_public_suffix_list_helps_where_no_record_speaks() -> None:
    world = World({"news.example.co.uk": REJECT})
    assert world.judge("news.example.co.uk", Identifier(SPF, "bounce.example.co.uk")).result == "pass"
    assert world.judge("news.example.co.uk", Identifier(SPF, "example.org.uk")).result == "fail"
    assert world.judge("news.example.co.uk", Identifier(SPF, "other.co.uk")).result == "fail"


@pytest.mark.parametrize(("method", "tag"), [(SPF, "aspf"), (DKIM, "adkim")])
def test_strict_alignment_wants_the_very_domain(method: str, tag: str) -> None:
    world = World({"example.com": f"v=DMARC1; p=reject; {tag}=s"})
    assert world.judge("example.com", Identifier(method, "mail.example.com")).result == "fail"
    assert world.judge("example.com", Identifier(method, "example.com")).result == "pass"
    other = DKIM if method == SPF else SPF
    assert world.judge("example.com", Identifier(other, "mail.example.com")).result == "pass"


@pytest.mark.parametrize(
    ("record", "author", "policy"),
    [
        ("v=DMARC1; p=reject; sp=quarantine; np=none", "example.com", "reject"),
        ("v=DMARC1; p=reject; sp=quarantine; np=none", "sub.example.com", "quarantine"),
        ("v=DMARC1; p=reject; sp=quarantine; np=none", "sub.void.example.com", "none"),
        ("v=DMARC1; p=none; sp=reject", "sub.void.example.com", "reject"),
        ("v=DMARC1; p=quarantine", "sub.example.com", "quarantine"),
        ("v=DMARC1; p=reject; t=y", "example.com", "quarantine"),
        ("v=DMARC1; p=none; sp=quarantine; t=y", "sub.example.com", "none"),
        ("v=DMARC1; p=reject; pct=0", "example.com", "reject"),
        ("v=DMARC1; p=none; np=reject", "void.example.com", "reject"),
    ],
)
def test_the_policy_is_the_one_for_the_name(record: str, author: str, policy: str) -> None:
    found = World({"example.com": record}, void="void.example.com").judge(author)
    assert (found.result, found.policy) == ("fail", policy)


def test_two_records_are_none() -> None:
    assert World({"example.com": [REJECT, REJECT]}).judge("example.com").result == "none"
    assert World({"example.com": ["something else", REJECT]}).judge("example.com").result == "fail"


def test_dns_trouble_is_a_temperror() -> None:
    assert World({}, trouble="_dmarc.example.com").judge("example.com").result == "temperror"


def test_a_proof_that_dns_kept_back_leaves_the_author_undecided() -> None:
    world = World({"example.com": REJECT})
    unknown = Identifier(DKIM, "example.com", proven=False)
    assert world.judge("example.com", unknown).result == "temperror"
    assert world.judge("example.com", unknown, Identifier(SPF, "mail.example.com")).result == "pass"
    assert world.judge("example.com", Identifier(DKIM, "mallory.example", proven=False)).result == "fail"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=DMARC1", Policy(applies=False)),
        ("v=DMARC1; p=reject", Policy("reject")),
        ("v = DMARC1 ; P = Reject ; ", Policy("reject")),
        ("v=DMARC1;p=reject;sp=;np", Policy(applies=False)),
        ("v=DMARC1; p=refuse; rua=mailto:a@example.com", Policy(rua=("mailto:a@example.com",))),
        ("v=DMARC1; p=refuse; rua=nonsense", Policy(applies=False)),
        ("v=DMARC1; rua=mailto:a@example.com!10m , https://x.example/", Policy(rua=("mailto:a@example.com!10m", "https://x.example/"))),
        ("v=DMARC1; p=quarantine; p=reject; adkim=s; aspf=x; psd=q; t=maybe; x=y", Policy("quarantine", strict_dkim=True)),
        ("v=DMARC1; p=reject; sp=whatever; ruf=mailto:b@example.com", Policy(applies=False, ruf=("mailto:b@example.com",))),
    ],
)  # fmt: skip
def test_records_are_read_leniently(text: str, expected: Policy) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text", ["v=DMARC2; p=reject", "v=dmarc1; p=reject", "p=reject; v=DMARC1", "V=DMARC1; p=reject", "", "v=DMARC10"]
)
def test_what_does_not_begin_with_its_version_is_no_record(text: str) -> None:
    assert select([text]) is None


@given(
    st.text(max_size=100),
    st.lists(st.sampled_from(["a", "xn--x", "", "com", "\u00fc", "-", "_dmarc"]), max_size=12).map(".".join),
)
@settings(max_examples=300, deadline=None)
def test_no_record_and_no_name_break_the_evaluation(text: str, author: str) -> None:
    record: Callable[[Question], Answer] = lambda _: Answer((f"v=DMARC1; {text}",))  # noqa: E731
    assert answered(evaluate(author, [Identifier(SPF, "b.example.com")]), record).result in ("pass", "fail", "none")


def test_a_long_name_and_a_long_record_cost_little() -> None:
    start = time.process_time()
    world = World({"com": "v=DMARC1;" + "p=;" * 100_000})
    world.judge("a." * 100_000 + "com", *(Identifier(DKIM, f"x{number}.com") for number in range(8)))
    assert len(world.asked) <= 9 * 8
    assert time.process_time() - start < 10

"""What a browser suggests recipients by: complete once, then only what changed."""

from __future__ import annotations

import json
from datetime import timedelta

from mailsuite.accounts.models import Account
from mailsuite.people.models import Circle, Person, Register
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.mail import one, refused
from tests.webmail.jmap.shapes import problems
from tests.webmail.store import Letter, conversation
from webmail.jmap import suggestion
from webmail.jmap.types import writing

CAROL = "carol@elsewhere.example"


def wrote(alice: Account, to: str, ago: timedelta = timedelta(hours=1)) -> None:
    conversation(alice, "Beans", Letter(who=alice.login, to=to, ago=ago))


def test_people_are_told_with_their_sums_and_circles(call: Call, me: str, alice: Account, bob: Account) -> None:
    wrote(alice, f"Carol Coe <{CAROL}>")
    wrote(alice, f"Carol Coe <{CAROL}>, Dan <dan@elsewhere.example>", timedelta(days=60))
    said = one(call, "Suggestion/get", me)
    assert problems(said, writing.SuggestionGetResponse) == []
    (carol, *first), (dan, *second) = said["people"]
    assert (first[:2], second[:2]) == ([CAROL, "Carol Coe"], ["dan@elsewhere.example", "Dan"])
    assert 2.9 < first[2] / second[2] < 3.1, "one of today, and one of sixty days ago beside one of sixty days ago"
    assert said["circles"] == [[sorted([carol, dan]), second[2]]]
    assert said["members"] == [{"name": "Bob Roe", "email": "bob@example.org"}]
    assert (said["isComplete"], said["halfLife"], said["removed"]) == (True, 60 * 86_400, [])


def test_later_only_what_changed_is_told(call: Call, me: str, alice: Account) -> None:
    wrote(alice, CAROL)
    wrote(alice, "dan@elsewhere.example")
    state = one(call, "Suggestion/get", me)["state"]
    same = one(call, "Suggestion/get", me, sinceState=state)
    assert (same["state"], same["isComplete"], same["people"], same["circles"], same["members"]) == (state, False, [], None, None)
    wrote(alice, CAROL)
    more = one(call, "Suggestion/get", me, sinceState=state)
    assert [person[1] for person in more["people"]] == [CAROL]
    assert more["members"] is None
    for strange in ("", "x", "99-0123456789abcdef", "9" * 5_000, "-1-0123456789abcdef"):
        assert one(call, "Suggestion/get", me, sinceState=strange)["isComplete"]


def test_a_suggestion_is_forgotten(call: Call, me: str, alice: Account, bob: Account) -> None:
    wrote(alice, CAROL)
    before = one(call, "Suggestion/get", me)
    said = one(call, "Suggestion/forget", me, emails=[CAROL, "bob@example.org", "mallory@bad.example", "\0", "(" * 100_000])
    assert problems(said, writing.SuggestionForgetResponse) == []
    assert sorted(said["forgotten"]) == ["bob@example.org", CAROL]
    assert (said["oldState"], len(said["notFound"])) == (before["state"], 3)
    after = one(call, "Suggestion/get", me, sinceState=before["state"])
    assert after["state"] == said["newState"]
    assert (after["people"], after["members"]) == ([], [])
    assert before["people"][0][0] in after["removed"]
    assert one(call, "Suggestion/get", me)["people"] == []


def test_wrong_arguments_are_refused(call: Call, me: str) -> None:
    assert refused(call, "Suggestion/forget", me) == "invalidArguments"
    assert refused(call, "Suggestion/forget", me, emails="x") == "invalidArguments"
    assert refused(call, "Suggestion/forget", me, emails=["x"] * 501) == "requestTooLarge"
    assert refused(call, "Suggestion/get", me, sinceState=7) == "invalidArguments"


def test_ten_thousand_people_are_less_than_a_megabyte(call: Call, me: str, alice: Account) -> None:
    Person.objects.bulk_create(
        Person(
            account=alice,
            folded=f"first.last{n}@department.elsewhere.example",
            address=f"first.last{n}@department.elsewhere.example",
            name=f"First Name Last Name {n}",
            written=n / 3 + 1,
            heard=n / 7,
            version=1,
        )
        for n in range(suggestion.MOST_PEOPLE + 5)
    )
    keys = list(Person.objects.order_by("pk").values_list("pk", flat=True)[:1_010])
    Circle.objects.bulk_create(
        Circle(account=alice, key=str(n), members=keys[n : n + 5], written=n + 1 / 3) for n in range(suggestion.MOST_CIRCLES + 5)
    )
    Register.objects.create(account=alice, version=1)
    said = one(call, "Suggestion/get", me)
    assert (len(said["people"]), len(said["circles"])) == (suggestion.MOST_PEOPLE, suggestion.MOST_CIRCLES)
    assert len(json.dumps(said, separators=(",", ":"))) < 1_000_000

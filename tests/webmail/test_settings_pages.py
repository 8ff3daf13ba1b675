"""Every page of the settings, without scripts: what is chosen is kept, what is wrong is said where it was typed."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from mailsuite.accounts import addresses, identities, outside, preferences, vacation
from mailsuite.accounts.models import Account, AddressProof, OutsideAddress
from mailsuite.blobs import store
from mailsuite.net import dns
from mailsuite.people import choices
from mailsuite.queue.models import Envelope
from tests.webmail.store import PASSWORD
from webmail import asked_policy
from webmail.views.settings import general, show, writing

ELSEWHERE = "ana@elsewhere.example"


def text(response) -> str:
    return html.unescape(response.content.decode())


@pytest.mark.parametrize("section", list(show.PAGES))
def test_every_page_shows_its_name_and_where_it_is(web: Client, section: str) -> None:
    page = text(web.get(show.address(section)))
    assert f'href="{show.address(section)}" aria-current="page">{show.PAGES[section][0]}' in page
    assert Client().get(show.address(section)).status_code == 302


def test_there_are_no_other_pages_and_forms(web: Client) -> None:
    assert web.get("/settings/nothing").status_code == 404
    assert web.post("/settings/away", {"form": "(" * 100_000}).status_code == 302
    assert web.put("/settings").status_code == 405


FORMS = {
    "look": general.LOOK,
    "reading": general.READING,
    "keys": general.KEYS,
    "swiping": general.SWIPING,
    "keeping": general.KEEPING,
    "answers": writing.ANSWERS,
    "signing": writing.SIGNING,
}


@pytest.mark.parametrize("option", [option for options in FORMS.values() for option in options])
def test_every_choice_is_kept_and_no_other_value_is(web: Client, alice: Account, option) -> None:
    form = next(name for name, options in FORMS.items() if option in options)
    assert all(preferences.ALL[option.name].allows(value) for value in option.values)
    for value in option.values:
        web.post("/settings", {"form": form, option.name: str(value)})
        alice.refresh_from_db()
        assert preferences.of(alice)[option.name] == value
    for wrong in ("nothing", "", "(" * 10_000):
        web.post("/settings", {"form": form, option.name: wrong})
    alice.refresh_from_db()
    assert preferences.of(alice)[option.name] == value
    page = web.get(show.address(show.HOME[form])).content.decode()
    assert re.search(rf'value="{value}" (checked|selected)', page)


def test_a_members_own_keys_stay_where_the_page_offers_none(web: Client, alice: Account) -> None:
    preferences.change(alice, {"keys": "custom"})
    web.post("/settings", {"form": "keys"})
    alice.refresh_from_db()
    assert preferences.of(alice)["keys"] == "custom"


# --- while away ---

AWAY = {"form": "away", "is_enabled": "on", "first": "2026-12-24", "last": "2026-12-31", "subject": "Away", "text": "Back soon."}


def test_days_away_are_whole_days_where_the_member_is(web: Client, alice: Account) -> None:
    web.post("/settings", {"form": "profile", "display_name": "Alice", "time_zone": "Europe/Berlin"})
    page = web.post("/settings/away", AWAY, follow=True)
    assert "hears that you are away" in text(page)
    kept = vacation.of(alice.pk)
    assert (kept.from_date, kept.to_date) == (datetime(2026, 12, 23, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC))
    assert (kept.is_enabled, kept.subject, kept.text, kept.contacts_only) == (True, "Away", "Back soon.", False)
    page = text(page)
    assert 'value="2026-12-24"' in page
    assert 'value="2026-12-31"' in page
    web.post("/settings/away", {"form": "away", "contacts_only": "on"})
    kept = vacation.of(alice.pk)
    assert (kept.is_enabled, kept.from_date, kept.to_date, kept.text, kept.contacts_only) == (False, None, None, None, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"last": "2026-12-23"},
        {"first": "soon"},
        {"last": "9999-12-31"},
        {"first": "0001-01-01"},
        {"text": "x\0"},
        {"subject": "(" * 501},
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_kept(web: Client, alice: Account, wrong: dict[str, str]) -> None:
    page = web.post("/settings/away", AWAY | wrong)
    assert page.status_code == 400
    assert b'class="error"' in page.content
    assert "Back soon." in text(page) or "text" in wrong, "what was typed stays"
    assert not vacation.of(alice.pk).is_enabled


def test_html_of_another_program_stays_until_something_else_is_written(web: Client, alice: Account) -> None:
    one = vacation.of(alice.pk)
    one.html = "<p>Away</p>"
    one.save()
    web.post("/settings/away", AWAY | {"text": ""})
    assert vacation.of(alice.pk).html == "<p>Away</p>"
    web.post("/settings/away", AWAY)
    assert vacation.of(alice.pk).html is None


# --- senders ---


def test_what_was_decided_is_listed_by_kind_and_taken_back(web: Client, alice: Account, bob: Account) -> None:
    for kind in ("images", "blocked", "fine"):
        choices.choose(alice.pk, f"{kind}@elsewhere.example", kind)
    theirs = choices.choose(bob.pk, "secret@elsewhere.example", "blocked")
    page = text(web.get("/settings/senders"))
    assert all(f"{kind}@elsewhere.example" in page for kind in ("images", "blocked", "fine"))
    assert "secret@" not in page
    for one in choices.everything(alice.pk):
        web.post("/settings/senders", {"form": "take-back", "choice": one.pk})
    web.post("/settings/senders", {"form": "take-back", "choice": theirs.pk})
    web.post("/settings/senders", {"form": "take-back", "choice": "²"})
    assert choices.everything(alice.pk) == []
    assert choices.everything(bob.pk) == [theirs]


# --- addresses ---


def key_of(account: Account, n: int = 0) -> int:
    return identities.of(account)[n].key


def test_name_answers_and_signature_of_an_address(web: Client, alice: Account) -> None:
    form = {"form": "identity", "key": key_of(alice), "name": "Ali\u202ece", "text": "-- \r\nAlice", "html": "<b>Alice</b>"}
    web.post("/settings/addresses", form | {"reply_to": "Carol <carol@elsewhere.example>, dan@elsewhere.example"})
    [one] = identities.of(alice)
    assert (one.name, one.text, one.html) == ("Alice", "-- \nAlice", "<b>Alice</b>")
    assert one.reply_to == [("Carol", "carol@elsewhere.example"), ("", "dan@elsewhere.example")]
    page = text(web.get("/settings/addresses"))
    assert "Carol <carol@elsewhere.example>, dan@elsewhere.example" in page
    web.post("/settings/addresses", {"form": "identity", "key": key_of(alice)})
    [one] = identities.of(alice)
    assert (one.name, one.text, one.reply_to) == ("Alice Example", "", None)


@pytest.mark.parametrize(
    "wrong", [{"reply_to": "carol"}, {"reply_to": "(" * 100_000}, {"text": "x" * 10_001}, {"html": "\0"}, {"key": "7777"}]
)
def test_a_wrong_identity_is_refused(web: Client, alice: Account, bob: Account, wrong: dict[str, str]) -> None:
    page = web.post("/settings/addresses", {"form": "identity", "key": key_of(alice), "text": "Typed"} | wrong)
    assert page.status_code == 400
    assert b'class="error"' in page.content
    assert identities.of(alice)[0].text == ""


def test_nobody_signs_for_another(web: Client, alice: Account, bob: Account) -> None:
    assert web.post("/settings/addresses", {"form": "identity", "key": key_of(bob), "text": "Mallory"}).status_code == 400
    assert identities.of(bob)[0].text == ""


# --- addresses elsewhere ---


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What elsewhere.example publishes; the resolver is asked, and answers without a network."""
    published: dict[str, str] = {}

    class Answers:
        def limited(self, questions: int, seconds: float) -> Answers:
            return self

        async def ask(self, name: str, rdtype: str) -> tuple:
            if published.get("trouble"):
                raise dns.DnsTrouble(name)
            return ()

        async def txt(self, name: str) -> list[bytes]:
            if published.get("trouble"):
                raise dns.DnsTrouble(name)
            return [published[name].encode()] if name in published else []

    monkeypatch.setattr(asked_policy, "get_resolver", Answers)
    return published


def ask(web: Client, address: str = ELSEWHERE, password: str = PASSWORD):
    return web.post("/settings/addresses", {"form": "ask-address", "address": address, "password": password}, follow=True)


def code_sent() -> str:
    content = store.read(Envelope.objects.latest("pk").blob).decode()
    return re.search(r"^([A-Z0-9]{4}-[A-Z0-9]{4})\r$", content, re.MULTILINE)[1]


def test_an_address_elsewhere_is_proved_used_and_removed(web: Client, alice: Account, policy: dict[str, str]) -> None:
    page = text(ask(web))
    assert f"A code was sent to {ELSEWHERE}." in page
    code = code_sent()
    assert code not in page
    assert [row.address for row in Envelope.objects.get().recipients.all()] == [ELSEWHERE]
    proof = AddressProof.objects.get().pk
    wrong = web.post("/settings/addresses", {"form": "prove-address", "proof": proof, "code": "AAAA-AAAA"})
    assert wrong.status_code == 400
    assert "That is not the code." in text(wrong)
    assert not addresses.may_author(alice.pk, ELSEWHERE)
    page = text(web.post("/settings/addresses", {"form": "prove-address", "proof": proof, "code": code.lower()}, follow=True))
    assert f"You can write as {ELSEWHERE} now." in page
    assert f'value="{ELSEWHERE}"' in text(web.get("/compose")), "one can choose it"
    web.post("/settings/addresses", {"form": "remove-address", "key": key_of(alice, 1)})
    assert not addresses.may_author(alice.pk, ELSEWHERE)


def test_the_password_is_asked_again(web: Client, alice: Account, policy: dict[str, str]) -> None:
    assert "That is not your password." in text(ask(web, password="wrong"))
    assert not Envelope.objects.exists()


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("v=DMARC1; p=reject", "Receivers will probably refuse this."),
        ("v=DMARC1; p=quarantine", "as spam."),
        ("v=DMARC1; p=none", "via example.org"),
        ("", "via example.org"),
    ],
)
def test_it_says_in_words_what_receivers_will_see(web: Client, policy: dict[str, str], record: str, said: str) -> None:
    policy |= {"_dmarc.elsewhere.example": record} if record else {}
    page = text(ask(web))
    assert said in page
    assert ("own server, which is not done here" in page) == ("reject" in record or "quarantine" in record)


def test_that_dns_does_not_answer_keeps_nobody_from_it(web: Client, policy: dict[str, str]) -> None:
    policy["trouble"] = "yes"
    assert "could not be found out" in text(ask(web))


@pytest.mark.parametrize("address", ["bob@example.org", "nobody@EXAMPLE.ORG", "x", "", "(" * 100_000])
def test_no_code_goes_to_ours_or_to_what_is_no_address(web: Client, bob: Account, policy: dict[str, str], address: str) -> None:
    page = web.post("/settings/addresses", {"form": "ask-address", "address": address, "password": PASSWORD})
    assert page.status_code == 400
    assert not Envelope.objects.exists()


def test_a_new_code_ends_the_one_before_and_there_are_three_a_day(web: Client, alice: Account, policy: dict[str, str]) -> None:
    ask(web)
    first, code = AddressProof.objects.get().pk, code_sent()
    for left in (True, True, False):
        page = web.post("/settings/addresses", {"form": "ask-again", "proof": AddressProof.objects.latest("pk").pk}, follow=True)
        assert ("Too many codes" in text(page)) is not left
    stale = web.post("/settings/addresses", {"form": "prove-address", "proof": first, "code": code})
    assert "not valid any more" in text(stale)
    assert not OutsideAddress.objects.exists()


def test_nobody_proves_or_removes_for_another(web: Client, alice: Account, bob: Account, policy: dict[str, str]) -> None:
    proof, code = outside.ask(bob, ELSEWHERE, "")
    for form in ("prove-address", "ask-again"):
        assert web.post("/settings/addresses", {"form": form, "proof": proof.pk, "code": code}).status_code == 400
    made = outside.prove(bob, proof.pk, code)
    web.post("/settings/addresses", {"form": "remove-address", "key": identities.ELSEWHERE + made.pk})
    assert addresses.may_author(bob.pk, ELSEWHERE)
    assert not addresses.may_author(alice.pk, ELSEWHERE)

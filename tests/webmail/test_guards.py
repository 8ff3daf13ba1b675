"""The tables of what is asked before a letter leaves; the browser's application passes the same cases (data/guards.json)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from webmail import guards

CASES = json.loads((Path(__file__).parents[1] / "data" / "guards.json").read_text())


@pytest.mark.parametrize(("language", "text", "word"), CASES["attached"], ids=lambda value: str(value)[:30])
def test_words_that_promise_a_file_are_found(language: str, text: str, word: str) -> None:
    assert guards.attached(text) == word


def test_every_language_of_the_table_has_a_case() -> None:
    languages = set(guards.table("attached")["words"])
    assert languages == {language for language, _, word in CASES["attached"] if word}
    assert len(languages) >= 14


@pytest.mark.parametrize(("address", "deaf"), CASES["noreply"])
def test_addresses_that_nobody_reads_are_known(address: str, deaf: bool) -> None:
    assert guards.nobody_reads(address) is deaf


@pytest.mark.parametrize(("domain", "wanted"), CASES["meant"])
def test_a_slip_in_a_known_domain_is_seen(domain: str, wanted: str) -> None:
    assert guards.meant(domain) == wanted


def test_our_own_domains_are_known_too() -> None:
    assert guards.meant("oakstret.example", ["oakstreet.example"]) == "oakstreet.example"
    assert guards.meant("oakstreet.example", ["oakstreet.example"]) == ""


def test_no_known_domain_is_taken_for_a_slip() -> None:
    assert [domain for domain in guards.table("mail-domains")["domains"] if guards.meant(domain)] == []
    assert guards.table("mail-domains")["domains"] == list(dict.fromkeys(guards.table("mail-domains")["domains"]))


@pytest.mark.parametrize("text", ["(" * 1_000_000, "attach" * 200_000, "the " * 300_000, "a" * 1_000_000, " " * 1_000_000 + "x"])
def test_a_megabyte_of_anything_is_read_in_time(text: str) -> None:
    assert guards.attached(text) == ""
    assert guards.nobody_reads(text) is False
    assert guards.meant(text) == ""

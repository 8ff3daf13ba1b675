"""Contact cards of several makers, and what only calls itself one."""

from __future__ import annotations

import pytest

from mailsuite.protocol import vcard


def card(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""])


def test_a_card_says_who_it_is_of() -> None:
    [found] = vcard.parse(
        card(
            "N:Silva;Ana;Maria;Dr;",
            "FN:Ana Silva",
            "ORG:Oak Street Co-op;Garden",
            "TITLE:Treasurer",
            "item1.EMAIL;type=INTERNET:ana@elsewhere.example",
            "TEL;VALUE=uri:tel:+15550100",
            "ADR;TYPE=home:;;Oak Street 4;Springfield;;12345;",
            "BDAY:1980-02-03",
            "NOTE:First line\\nsecond\\, with a comma and a long",
            "  tail",
        )
    )
    assert (found.name, found.title, found.birthday) == ("Ana Silva", "Treasurer", "1980-02-03")
    assert (found.emails, found.phones) == (["ana@elsewhere.example"], ["+15550100"])
    assert (found.organisations, found.addresses) == (["Oak Street Co-op, Garden"], ["Oak Street 4, Springfield, 12345"])
    assert found.notes == ["First line\nsecond, with a comma and a long tail"]


def test_the_parts_of_a_name_stand_in_for_the_whole() -> None:
    assert vcard.parse(card("N:Silva;Ana;;;"))[0].name == "Ana Silva"


def test_an_old_card_is_read_in_its_own_encoding() -> None:
    old = card("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen=\r\n M=C3=BCller")
    assert vcard.parse(old)[0].name == "Jürgen Müller"


def test_a_file_may_hold_many_cards() -> None:
    found = vcard.parse("".join(card(f"FN:Guest {n}") for n in range(500)))
    assert len(found) == vcard.MOST_CARDS
    assert found[1].name == "Guest 1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(" * 2_000_000,
        "BEGIN:VCARD\n" * 100_000,
        card("FN:" + "\\" * 900_000),
        card(*(f"TEL:{n}" for n in range(50_000))),
        card("ADR:" + ";" * 900_000),
        card("A" * 900_000 + ":x"),
        card("FN;ENCODING=QUOTED-PRINTABLE:" + "=" * 900_000),
        "BEGIN:VCARD" + "\r\n " * 300_000,
    ],
)
def test_a_hostile_card_is_read_and_has_an_end(text: str) -> None:
    found = vcard.parse(text)
    assert all(len(one.name) <= vcard.LONGEST and len(one.phones) <= vcard.MOST_VALUES for one in found)

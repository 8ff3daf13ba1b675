"""Quotations in HTML mail: folded where they repeat what was said, never where somebody may have answered in them."""

from __future__ import annotations

import pytest

from webmail.rendering.quotes import Said, fold_at, without
from webmail.rendering.sanitise import sanitise

FIRST = """Hello Bob,

the roof leaks again, mostly above the kitchen window.
Could you ask the roofer for an offer before the next rain?
Last time he took three weeks to answer us.

Alice
--
Alice Example, Oak Street 4"""
ON = "On Tue, 3 Oct 2026 at 14:02, Alice Example &lt;alice@example.org&gt; wrote:"
WORDS = (
    "<div>Hello Bob,</div><div><br></div><div>the roof leaks again, mostly above the kitchen window.</div>"
    "<div>Could you ask the roofer for an offer before the next rain?</div>"
    "<div>Last time he took three weeks to answer us.</div><div><br></div><div>Alice</div><div>-- <br>"
    "Alice Example, Oak Street 4</div>"
)
OUTLOOK = (
    "<b>From:</b> Alice Example &lt;alice@example.org&gt;<br><b>Sent:</b> Tuesday, October 3, 2026 2:02 PM<br>"
    "<b>To:</b> Bob Roe &lt;bob@elsewhere.example&gt;<br><b>Subject:</b> Roof"
)
ANSWER = "<div>I will call him today.</div>"
PROGRAMS = {
    "Gmail": f'<div dir="ltr">{ANSWER}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{ON}<br></div>'
    f'<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid #ccc">{WORDS}</blockquote></div>',
    "Thunderbird": f'{ANSWER}<div class="moz-cite-prefix">{ON}</div><blockquote type="cite" cite="mid:1@x">{WORDS}</blockquote>',
    "Apple Mail": f'{ANSWER}<br><div><blockquote type="cite"><div>{ON}</div><br><div>{WORDS}</div></blockquote></div>',
    "Proton": f'{ANSWER}<div class="protonmail_quote">{ON}<br><blockquote class="protonmail_quote" type="cite">{WORDS}'
    "</blockquote></div>",
    "Yahoo": f'{ANSWER}<div id="yahoo_quoted_1" class="yahoo_quoted"><div><div>{ON}</div>{WORDS}</div></div>',
    "Tuta": f'{ANSWER}3 Oct 2026, 14:02 by alice@example.org:<br><blockquote class="tutanota_quote">{WORDS}</blockquote>',
    "Outlook on the web": f'{ANSWER}<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">{OUTLOOK}</div><div>{WORDS}</div>',
    "Outlook": f'{ANSWER}<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p>{OUTLOOK}</p></div>{WORDS}',
    "no class": f"{ANSWER}<p>{ON}</p><blockquote>{WORDS}</blockquote>",
    "in German": f"{ANSWER}<p>Am 3.10.2026 um 14:02 schrieb Alice Example:</p><blockquote>{WORDS}</blockquote>",
    "plain in HTML": f"{ANSWER}<div>{ON}<br>&gt; Hello Bob,<br>&gt; the roof leaks again, mostly above the<br>"
    "&gt; kitchen window.<br>&gt; Could you ask the roofer for an offer before<br>&gt; the next rain?<br>"
    "&gt; Last time he took three weeks to answer us.</div>",
}


def shown(html: str, *earlier: str) -> str | None:
    """What is left in sight; None where nothing is folded."""
    clean = sanitise(html).body
    start = fold_at(clean, Said(earlier))
    return None if start is None else without(clean, start)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_quotation_that_says_nothing_new_is_folded(program: str) -> None:
    left = shown(PROGRAMS[program], FIRST)
    assert left is not None
    assert "I will call him today." in left
    assert "kitchen" not in left
    assert "wrote:" not in left
    assert left == sanitise(left).body  # nothing is left open


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_first_message_and_one_that_quotes_what_is_not_held_are_shown_whole(program: str) -> None:
    assert shown(PROGRAMS[program]) is None
    assert shown(PROGRAMS[program], "Quite another thing was said here, and nobody would quote it.") is None


INLINE = "<div>Not before Monday, he is away.</div>"
CITE = '<blockquote class="gmail_quote">'
HALVES = WORDS.partition("<div>Last time")


@pytest.mark.parametrize(
    "answer", [INLINE, "<div>Yes.</div>", "<p>Ja</p>", "<b>No</b>", "<div>Alice</div>", "<img src='cid:a@x'>"]
)
@pytest.mark.parametrize(
    "quoted",
    [
        f'{ANSWER}<div class="gmail_quote"><div class="gmail_attr">{ON}</div>{CITE}{HALVES[0]}</blockquote>'
        "<div>{}</div>" + f'<blockquote class="gmail_quote">{HALVES[1]}{HALVES[2]}</blockquote></div>',
        f'{ANSWER}<blockquote type="cite">{HALVES[0]}</blockquote>'
        + "{}"
        + f'<blockquote type="cite">{HALVES[1]}{HALVES[2]}</blockquote>',
        f'{ANSWER}<div class="gmail_quote"><blockquote class="gmail_quote">{WORDS}</blockquote></div>' + "{}",
        f'{ANSWER}<blockquote type="cite">{HALVES[0]}' + "{}" + f"{HALVES[1]}{HALVES[2]}</blockquote>",
        f'{ANSWER}<blockquote type="cite">{WORDS}' + "{}</blockquote>",
        f'{ANSWER}<div id="divRplyFwdMsg">{OUTLOOK}</div>{HALVES[0]}' + "{}" + f"{HALVES[1]}{HALVES[2]}",
        f'{ANSWER}<div id="divRplyFwdMsg">{OUTLOOK}</div>{WORDS}' + "{}",
    ],
    ids=["between", "broken out", "below", "inside", "at its end", "Outlook", "below Outlook"],
)
def test_an_answer_between_the_lines_or_below_is_never_hidden(quoted: str, answer: str) -> None:
    html = quoted.replace("{}", answer)
    clean = sanitise(html, {"a@x": "/m/1/inline/2"}).body
    assert fold_at(clean, Said([FIRST])) is None


def test_an_answer_typed_into_a_quoted_line_is_never_hidden() -> None:
    html = PROGRAMS["Outlook"].replace("next rain?", "next rain? [Bob: I did]")
    assert shown(html, FIRST) is None


def test_most_of_it_must_have_been_said_before() -> None:
    older = "<blockquote>" + "".join(f"<p>Nobody here ever saw line {n} of that.</p>" for n in range(2)) + "</blockquote>"
    some = PROGRAMS["Thunderbird"].replace("</blockquote>", older + "</blockquote>")
    assert shown(some, FIRST) is not None
    much = some.replace(older, older.replace("</blockquote>", "<p>Nor this line</p>" * 5 + "</blockquote>"))
    assert shown(much, FIRST) is None


def test_a_signature_below_the_quotation_goes_with_it() -> None:
    assert shown(PROGRAMS["Apple Mail"] + "<div>-- <br>Bob Roe<br>Elm Street</div>", FIRST) is not None


@pytest.mark.parametrize(
    "html",
    [
        f'<div>See below.</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>'
        f"From: <b>Alice</b></div>{WORDS}</div>",
        f'<p>fyi</p><div class="moz-forward-container"><br>Forwarded<blockquote>{WORDS}</blockquote></div>',
        f"<div>Begin forwarded message:</div><blockquote type=cite>{WORDS}</blockquote>",
    ],
)
def test_a_forward_is_shown_whole(html: str) -> None:
    assert shown(html, FIRST) is None


def test_who_wrote_nothing_but_a_quotation_is_shown_whole() -> None:
    assert shown(f"<blockquote type=cite>{WORDS}</blockquote>", FIRST) is None


@pytest.mark.parametrize(
    "html",
    [
        "<blockquote type=cite>" * 300 + "x",
        "<blockquote type=cite>x</blockquote>y" * 5_000,
        '<div class="gmail_quote">' + "word " * 400_000,
        "On : wrote:<br>" * 10_000 + "<blockquote>x</blockquote>",
        "From: x<br>" * 10_000,
        "&gt;" * 150_000,
        ">" * 1_000_000,
    ],
)
def test_hostile_quotations_end(html: str) -> None:
    fold_at(sanitise("hello<p>" + html).body, Said([FIRST, "word " * 200_000, "\n" * 1_000_000]))

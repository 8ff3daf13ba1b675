"""What mail refers to on the web: images by trust, trackers by name, links as they are."""

from __future__ import annotations

import json

import pytest

from tests.corpora import corpus
from webmail.rendering import anchors, elsewhere, trackers
from webmail.rendering.body import View, render
from webmail.rendering.remote import Remote, Showing
from webmail.rendering.sanitise import sanitise

TOKEN = "a8f3b1c9d2e47560ffab"


def own(url: str) -> str:
    return f"/img/{len(url)}"


def shown(html: str, showing: Showing | None = None) -> tuple[str, Remote]:
    remote = Remote(showing or Showing(own))
    return sanitise(html, {}, remote).body, remote


def letter(html: str) -> bytes:
    return b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode()


def test_images_come_through_us_or_not_at_all() -> None:
    html = "<img src='https://x.example.org/a.png'><p style='background:url(//x.example.org/b.png)'>x</p>"
    body, remote = shown(html)
    assert 'src="/img/27"' in body
    assert "x.example.org" not in body
    assert (remote.loaded, remote.blocked) == (2, 0)
    body, remote = shown(html, Showing())
    assert "/img/" not in body
    assert "x.example.org" not in body
    assert (remote.loaded, remote.blocked) == (0, 2)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://x.example.org/a", "https://x.example.org/a"),
        ("//x.example.org/a", "https://x.example.org/a"),
        (" ht\ntps://x.exam\tple.org/a b ", "https://x.example.org/a%20b"),
        ("HTTPS://X.Example.org/A", "https://x.example.org/A"),
        ("https://münchen.example/ü?ä=1", "https://xn--mnchen-3ya.example/%C3%BC?%C3%A4=1"),
        ("http:\\\\x.example.org\\a", "http://x.example.org/a"),
        ("https://x.example.org/a#b", "https://x.example.org/a"),
        ("https://a:b@x.example.org/a", "https://x.example.org/a"),
        ("https://8.8.8.8:8080/a", "https://8.8.8.8:8080/a"),
        ("https://[2001:db8::1]/a", "https://[2001:db8::1]/a"),
    ],
)
def test_an_address_has_one_form(written: str, address: str) -> None:
    assert elsewhere.web_address(written) == address


@pytest.mark.parametrize(
    "written",
    ["", "a.png", "cid:x", "data:image/png;base64,AA", "javascript:alert(1)", "ftp://x.example.org/", "https://", "https:///a",
     "https://exa mple/", "https://[::1", "https://x.example:99999/", "https://" + "(" * 1_000_000,
     "https://x.example/" + "a" * 9_000, "https://\u2100.example/", "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_no_address_of_the_web_has_none(written: str) -> None:
    assert elsewhere.web_address(written) is None
    assert "/img/" not in shown(f"<img src='{written}'>")[0]


@pytest.mark.parametrize(
    ("html", "whose"),
    [
        ("<img src='https://us1.list-manage.com/track/open.php?u=1&id=2'>", "Mailchimp"),
        ("<img src='https://u1.ct.sendgrid.net/wf/open?upn=x' width=600 height=400 alt='a picture'>", "SendGrid"),
        ("<img src='https://click.shop.example/wf/open?upn=abc'>", "SendGrid"),
        ("<p style='background-image:url(https://x.rs6.net/on.jsp?a)'>x", "Constant Contact"),
        (f"<img width=1 height=1 src='https://px.shop.example/{TOKEN}'>", "shop.example"),
        (f"<img width='1px' height='2' alt='' src='https://px.shop.example/o?id={TOKEN}'>", "shop.example"),
        (f"<img style='display:none' src='https://px.shop.example/o?id={TOKEN}'>", "shop.example"),
        (f"<IMG STYLE=\"opacity:0; width:40px\" SRC=https://px.shop.example/o?id={TOKEN}>", "shop.example"),
        ("<img style='width:1px;height:1px;visibility:hidden' src='https://px.shop.example/a.gif'>", "shop.example"),
        ("<img width=1 height=1 style='position:absolute;left:-9999px' src='https://px.shop.example/a.gif'>", "shop.example"),
        (f"<img width=1 height=1 src='https://px.shop.example/?a=1&amp;t={TOKEN}'>", "shop.example"),
    ],
)  # fmt: skip
def test_a_tracker_is_named_and_never_loaded(html: str, whose: str) -> None:
    body, remote = shown(html)
    assert "/img/" not in body
    assert dict(remote.names) == {whose: 1}
    assert remote.loaded == remote.blocked == 0


@pytest.mark.parametrize(
    "html",
    [
        "<img src='https://shop.example/logo.png' width=200 height=50 alt=Logo>",
        "<img src='https://shop.example/spacer.gif' width=1 height=1>",  # how pages were laid out once: one sign is no proof
        f"<img src='https://cdn.shop.example/{TOKEN}.jpg' width=600>",
        f"<img src='https://cdn.shop.example/{TOKEN}.jpg' width=600 alt='A chair' style='opacity:0.9'>",
        "<img src='https://shop.example/wf/openness.png' width=20 height=20>",
        "<img src='https://notlist-manage.com/track/open.php' width=20 height=20>",
    ],
)
def test_a_picture_is_no_tracker(html: str) -> None:
    body, remote = shown(html)
    assert "/img/" in body
    assert not remote.names


def test_trackers_are_told_of_in_the_frame_and_counted_each_once() -> None:
    one = f"<img width=1 height=1 src='https://px.shop.example/{TOKEN}'>"
    rendered = render(
        letter(one * 3 + "<img src='https://us1.list-manage.com/track/open.php?u=1'>"), view=View(showing=Showing(own))
    )
    assert rendered.trackers == {"shop.example": 1, "Mailchimp": 1}
    assert "2 trackers blocked" in rendered.html
    assert "list-manage" not in rendered.html


def test_every_line_of_the_list_of_trackers_is_found_by_it() -> None:
    for host, lines in trackers._known().items():
        for path, name in lines:
            where = "any.example" if host == "*" else f"x.{host}"
            assert trackers.named(f"https://{where}{path or '/a'}"), (host, path, name)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://a.example/?utm_source=x&id=7&fbclid=1", "https://a.example/?id=7"),
        ("https://a.example/?UTM_Source=x", "https://a.example/"),
        ("https://a.example/p?mc_eid=1&mkt_tok=2#top", "https://a.example/p#top"),
        ("https://a.example/?q=utm_source", "https://a.example/?q=utm_source"),
        ("https://a.example/?a=%20&b=1&&c", "https://a.example/?a=%20&b=1&&c"),
        ("https://a.example/", "https://a.example/"),
        ("mailto:a@b.example?subject=x", "mailto:a@b.example?subject=x"),
    ],
)
def test_what_only_says_who_clicked_is_taken_off(before: str, after: str) -> None:
    assert elsewhere.without_tracking(before) == after


GOAL = "https://goal.example.org/a?b=c"


@pytest.mark.parametrize(
    "wrapper",
    [
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fgoal.example.org%2Fa%3Fb%3Dc&data=05",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__goal.example.org_a-3Fb-3Dc&d=x",
        "https://urldefense.proofpoint.com/v1/url?u=https%3A%2F%2Fgoal.example.org%2Fa%3Fb%3Dc&k=x",
        "https://urldefense.com/v3/__https://goal.example.org/a*b=c__;Pw!!abc$",
        "https://www.google.com/url?q=https://goal.example.org/a%3Fb%3Dc&sa=D",
        "https://www.google.com/url?url=https%3A%2F%2Feur01.safelinks.protection.outlook.com%2F%3Furl%3D"
        "https%253A%252F%252Fgoal.example.org%252Fa%253Fb%253Dc",
        GOAL,
    ],
)
def test_wrappers_are_taken_off_to_show_where_a_link_leads(wrapper: str) -> None:
    assert elsewhere.destination(wrapper) == GOAL


@pytest.mark.parametrize(
    "address",
    [
        "https://www.google.com/url?q=javascript:alert(1)",
        "https://urldefense.com/v3/__" + "*" * 3_000 + "__;!!",
        "https://urldefense.com/v3/__https://a/__;____!",
        "https://x.safelinks.protection.outlook.com/?" + "&url=" * 1_000,
    ],
)
def test_what_wraps_nothing_leads_to_itself(address: str) -> None:
    try:
        assert elsewhere.destination(address) == address or elsewhere.web_address(address)
    except ValueError:
        pytest.fail("raised")


def told(html: str, **more: object) -> anchors.Told:
    return anchors.tell(sanitise(html).body, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("html", "false"),
    [
        ("<a href='https://evil.example/x'>www.example.org</a>", [("www.example.org", "evil.example")]),
        ("<a href='https://evil.example/x'><b>https://exam</b>ple.org/login</a>", [("example.org", "evil.example")]),
        ("<a href='https://example.org.evil.example/'>example.org</a>", [("example.org", "example.org.evil.example")]),
        ("<a href='https://example.org@evil.example/'>example.org</a>", [("example.org", "evil.example")]),
        ("<a href='https://www.google.com/url?q=https://example.org/'>example.org</a>", []),
        ("<a href='https://www.google.com/url?q=https://evil.example/'>example.org</a>", [("example.org", "evil.example")]),
        ("<a href='https://www.example.org/x'>example.org</a>", []),
        ("<a href='https://shop.example/'>Our shop</a>", []),
        ("<a href='https://shop.example/'>README.md</a>", []),
        ("<a href='https://shop.example/'>v1.2.3</a>", []),
        ("<a href='https://shop.example/'>bob@example.org</a>", [("example.org", "shop.example")]),
        ("<a href='mailto:bob@example.net'>example.org</a>", []),
        ("<a href='https://evil.example/'>examp\u200ble.org</a>", [("example.org", "evil.example")]),
    ],
)
def test_a_link_that_says_another_place_than_it_leads_to_is_marked(html: str, false: list[tuple[str, str]]) -> None:
    found = told(html)
    assert found.false == false
    assert ("goes to" in found.html) == bool(false)
    assert told(html, trusted=frozenset({"evil.example", "shop.example"})).false == []


def test_a_link_tells_its_destination_whatever_its_sender_calls_it() -> None:
    found = told("<a href='https://evil.example/?utm_source=x&amp;a=1' title='https://example.org'>Log in</a>")
    assert 'title="https://evil.example/?utm_source=x&amp;a=1"' in found.html
    assert 'href="https://evil.example/?a=1"' in found.html
    assert "example.org" not in found.html
    off = told("<a href='https://evil.example/'>Log in</a> <a href='mailto:a@b.example'>x</a>", enabled=False)
    assert "href" not in off.html


def test_a_mail_cannot_mark_links_itself_or_hide_our_marks() -> None:
    html = "<style>span{display:none!important}</style><i class='mailsuite-note x'>goes to example.org</i>"
    html += "<a href='//evil.example'>example.org</a>"
    rendered = render(letter(html)).html
    assert 'class="x"' in rendered
    assert 'style="display:inline-block!important' in rendered


@pytest.mark.parametrize(
    "html",
    ["<img " * 200_000, "<img src='" * 100_000, "<a href=https://x.example>" * 40_000, "<a href=" + "(" * 1_000_000,
     "<a href=https://x.example>" + "(" * 1_000_000 + "</a>", '<img style="' + "display:" * 100_000 + '" src=//x.example/a>',
     "<a href='https://x.example/?" + "&" * 500_000 + "'>x</a>", "<img src='https://x.example/" + "a1" * 500_000 + "'>",
     "<a href='https://x.example'>" + "a." * 300_000 + "</a>"],
    ids=range(9),
)  # fmt: skip
def test_no_html_makes_us_think_for_long(html: str) -> None:
    """The time-out of the suite is the measure: what is quadratic here takes hours."""
    render(letter(html), view=View(showing=Showing(own)))


def test_what_the_passes_leave_is_as_safe_as_what_the_sanitiser_left() -> None:
    """Annotating changes links and nothing else; and what is annotated stays as it is when it is sanitised again."""
    for name in ("h5sc.jsonl", "dompurify.jsonl"):
        for line in (corpus("xss") / name).read_text(encoding="utf-8").strip().split("\n"):
            clean = sanitise(json.loads(line)["html"]).body
            once = anchors.tell(clean).html
            assert sanitise(once).body.count("<a") == clean.count("<a")
            assert anchors.tell(clean, enabled=False).html.count("<") >= clean.count("<")


def test_the_newsletters_of_the_corpus_ask_nobody(tmp_path: object) -> None:
    """Neither with images nor without does any address of another host stand where a browser would fetch it."""
    for path in sorted(corpus("html-mail").rglob("*.html"))[:40]:
        rendered = render(letter(path.read_text(encoding="utf-8", errors="replace")), view=View(showing=Showing(own)))
        for mark in ('src="http', "url(http", 'url("http', 'src="//', 'background="'):
            assert mark not in rendered.html, path

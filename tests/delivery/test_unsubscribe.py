"""Leaving lists: by one click where the list has proven that the address is its own, else by mail, else by its page."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme

from mailsuite.accounts import provision
from mailsuite.accounts.models import Account, DkimKey
from mailsuite.blobs import store
from mailsuite.delivery import unsubscribe
from mailsuite.delivery.unsubscribe import Busy, NothingToLeave, leave, offer
from mailsuite.mailstore import messages
from mailsuite.mailstore.models import Message
from mailsuite.net import http
from mailsuite.net.dns import get_resolver
from mailsuite.people import choices
from mailsuite.people.models import Choice
from mailsuite.protocol import dkim
from mailsuite.protocol.list_unsubscribe import ways
from mailsuite.queue.models import Envelope
from mailsuite.screening.dkim import Incoming, verify
from tests.dns_server import DnsServer
from tests.web_host import WebHost, redirect, respond
from tests.webmail.store import member

POST = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
HEADER = (
    "From: News <news@shop.example>\r\nTo: alice@example.org\r\nSubject: Chairs\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n"
    "Message-ID: <{n}@shop.example>\r\nMIME-Version: 1.0\r\n"
)


@pytest.fixture
def alice(db: None) -> Account:
    return member("alice")


@pytest.fixture
def key(db: None) -> DkimKey:
    return provision.add_domain("shop.example").dkim_keys.get()


@pytest.fixture
def host(nameserver: DnsServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebHost]:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("u.shop.example").configure_cert(context)
    ours = ssl.create_default_context()
    authority.configure_trust(ours)
    monkeypatch.setattr(http, "client_context", lambda *, verify: ours)
    nameserver.add("u.shop.example", "A", "127.0.0.1")
    with WebHost({"/u": respond(b"done", "text/plain")}, tls=context) as running:
        settings.FETCH_PERMITS = {running.endpoint}
        yield running


def unsigned(fields: str, n: int = 1) -> bytes:
    return (HEADER.format(n=n) + fields + "Content-Type: text/plain\r\n\r\nChairs.\r\n").encode()


@pytest.fixture
def kept(alice: Account, key: DkimKey, nameserver: DnsServer) -> Callable[..., Message]:
    """A newsletter as it is delivered: signed by the shop (unless `sign` is False), and judged by our own screening."""
    nameserver.add(f"{key.selector}._domainkey.shop.example", "TXT", dkim.dns_value(key.public_key))

    def keep(fields: str, *, sign: bool = True, spoil: Callable[[bytes], bytes] | None = None, role: str = "inbox") -> Message:
        content = unsigned(fields, Message.objects.count())
        if sign:
            content = dkim.sign(content, "shop.example", key.selector, key.private_pem, signed_at=int(time.time())) + content
        content = spoil(content) if spoil else content
        results = asyncio.run(_verified(content))
        decision = {
            "auth": {
                "dkim": [{"result": r.result, "domain": r.domain, "selector": r.selector, "value": r.value} for r in results]
            }
        }
        [blob] = store.save([(store.draft(content), 0)])
        [message] = messages.append([messages.NewMessage(alice.pk, blob, content, decision=decision, role=role)])
        assert isinstance(message, Message)
        return message

    return keep


async def _verified(content: bytes) -> Any:
    return await verify(Incoming.read(content), get_resolver())


def field(*uris: str) -> str:
    return "List-Unsubscribe: " + ",\r\n ".join(f"<{uri}>" for uri in uris) + "\r\n"


def test_one_click_is_posted_by_us_and_remembered(alice: Account, kept: Any, host: WebHost) -> None:
    message = kept(field("mailto:leave@shop.example", host.url("/u", "u.shop.example")) + POST)
    assert offer(message)._replace(page="") == ("post", "", None, "")  # type: ignore[union-attr]
    assert host.heard == []
    assert leave(alice, message) == ("post", "")
    assert host.heard[0].startswith(b"POST /u HTTP/1.1")
    assert host.heard[0].endswith(b"List-Unsubscribe=One-Click")
    assert b"cookie" not in host.heard[0].lower()
    found = offer(message)
    assert found is not None
    assert found.left_how == "post"
    assert found.left_at is not None
    later = offer(kept(field(host.url("/u", "u.shop.example")) + POST))
    assert later is not None
    assert later.left_at == found.left_at, "mail that comes all the same is known as such"
    assert not Envelope.objects.exists()


def _no_signature(content: bytes) -> bytes:
    return content


def _changed(content: bytes) -> bytes:
    return content.replace(b"/u>", b"/v>")


def _second(content: bytes) -> bytes:
    return b"List-Unsubscribe: <https://u.shop.example/other>\r\n" + content


def _not_covered(content: bytes) -> bytes:
    return POST.encode() + content


@pytest.mark.parametrize(
    ("sign", "spoil", "how"),
    [(False, _no_signature, "page"), (True, _changed, "page"), (True, _second, None)],
)
def test_without_a_signature_over_the_address_nothing_is_posted(
    alice: Account, kept: Any, host: WebHost, sign: bool, spoil: Any, how: str | None
) -> None:
    message = kept(field(host.url("/u", "u.shop.example")) + POST, sign=sign, spoil=spoil)
    found = offer(message)
    assert (found.how if found else None) == how
    if how:
        assert leave(alice, message)[0] == "page"
    else:
        with pytest.raises(NothingToLeave):
            leave(alice, message)
    assert host.heard == []
    assert not Choice.objects.exists()


def test_nobody_has_a_letter_written_to_the_members_own_people(alice: Account, kept: Any) -> None:
    provision.add_account("steward@shop.example", "correct horse")
    message = kept(field("mailto:steward@shop.example?subject=Please%20close%20my%20account"))
    with pytest.raises(NothingToLeave):
        leave(alice, message)
    assert not Envelope.objects.exists()


def test_a_field_that_was_added_after_signing_is_no_one_click(alice: Account, kept: Any, host: WebHost) -> None:
    message = kept(field(host.url("/u", "u.shop.example")), spoil=_not_covered)
    assert offer(message).how == "page"  # type: ignore[union-attr]


@pytest.mark.parametrize("answer", [respond(status="500 No"), redirect("/u"), respond(status="404 Not Found"), b""])
def test_a_click_that_fails_goes_on_by_mail(alice: Account, kept: Any, host: WebHost, answer: bytes) -> None:
    host.answers["/broken"] = answer
    message = kept(field(host.url("/broken", "u.shop.example"), "mailto:leave@lists.example?subject=Leave%20me&body=Bye") + POST)
    assert leave(alice, message) == ("mail", "")
    envelope = Envelope.objects.get()
    assert envelope.reverse_path == "alice@example.org"
    content = store.read(envelope.blob)
    assert b"Subject: Leave me\r\n" in content
    assert b"From: Alice Example <alice@example.org>" in content
    assert b"Bye" not in content  # a stranger puts no words into a member's mouth
    assert host.paths == ["/broken"]
    assert offer(message).left_how == "mail"  # type: ignore[union-attr]


def test_a_page_is_only_told_of(alice: Account, kept: Any, host: WebHost) -> None:
    message = kept(field(host.url("/u", "u.shop.example")))
    assert leave(alice, message) == ("page", host.url("/u", "u.shop.example"))
    assert host.heard == []


def test_nothing_is_left_from_spam_or_without_a_list(alice: Account, kept: Any, host: WebHost) -> None:
    spam = kept(field(host.url("/u", "u.shop.example")) + POST, role="junk")
    for message in (spam, kept("X-Nothing: 1\r\n"), kept(field("javascript:alert(1)", "ftp://x/")), kept(field("mailto:"))):
        assert offer(message) is None
        with pytest.raises(NothingToLeave):
            leave(alice, message)
    assert host.heard == []


def test_an_address_inside_our_network_is_not_posted_to(alice: Account, kept: Any, host: WebHost, settings: Any) -> None:
    settings.FETCH_PERMITS = frozenset()
    for uri in (host.url("/u", "u.shop.example"), "https://127.0.0.1/u", "https://169.254.169.254/"):
        assert leave(alice, kept(field(uri) + POST))[0] == "page"
    assert host.heard == []


def test_slow_lists_hold_two_threads_and_no_third(alice: Account, kept: Any, host: WebHost) -> None:
    message = kept(field(host.url("/u", "u.shop.example")) + POST)
    with unsubscribe._clicks, unsubscribe._clicks, pytest.raises(Busy):
        leave(alice, message)
    assert leave(alice, message)[0] == "post"


@pytest.mark.parametrize(
    ("uri", "letter"),
    [
        ("mailto:a@b.example", ("a@b.example", "unsubscribe", "unsubscribe")),
        ("mailto:a+x@b.example?subject=a+b&body=c%0D%0Ad", ("a+x@b.example", "a+b", "unsubscribe")),
        ("mailto:a@b.example?subject=x%0D%0ABcc:%20y@c.example&cc=z@z.de", ("a@b.example", "x Bcc: y@c.example", "unsubscribe")),
        ("mailto:a@b.example,c@d.example", None),
        ("mailto:a@b.example%0D%0ARCPT", None),
        ("mailto:?to=a@b.example", None),
    ],
)  # fmt: skip
def test_what_a_list_may_have_written_for_it(uri: str, letter: tuple[str, str, str] | None) -> None:
    found = ways(unsigned(field(uri)), []).mail
    assert (found and (found.to, found.subject, found.text)) == letter


@pytest.mark.parametrize(
    "value", ["<" * 100_000, "<https://" + "(" * 100_000 + ">", ", " * 50_000, "<https://a.example>" * 10_000, "\xff\xfe"]
)
def test_no_header_makes_us_think_for_long(value: str) -> None:
    ways(unsigned(f"List-Unsubscribe: {value}\r\n{POST}"), [])


def test_choices_are_bounded(alice: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "MOST", 2)
    for name in "ab":
        choices.choose(alice.pk, f"{name}@x.example", "blocked")
    choices.choose(alice.pk, "A@x.example", "blocked")
    with pytest.raises(choices.TooManyChoices):
        choices.choose(alice.pk, "c@x.example", "blocked")
    assert choices.blocking([(alice.pk, "A@X.example"), (alice.pk + 1, "a@x.example"), (alice.pk, "")]) == {
        (alice.pk, "a@x.example")
    }

"""Images of the web in mail that is read: whose are loaded, through which address, and that nobody else can use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as conf
from django.test import Client

from mailsuite.accounts import preferences
from mailsuite.accounts.models import Account
from mailsuite.images import cache
from mailsuite.mailstore import messages
from mailsuite.mailstore.models import Message
from mailsuite.people import choices
from tests.images.test_reencode import picture
from tests.web_host import WebHost, respond
from tests.webmail.store import Letter, conversation, member
from webmail import image_address
from webmail.images import Images

HTML = "<p>News</p><img src='{}' width=600 alt=Chair>"
PASS = {"auth": {"dmarc": {"result": "pass"}}}
FAIL = {"auth": {"dmarc": {"result": "fail"}}}
NONE = {"auth": {"dmarc": {"result": "none"}}}
CAROL = "Carol <carol@elsewhere.example>"


@pytest.fixture
def host(settings: object) -> Iterator[WebHost]:
    with WebHost({"/a.png": respond(picture("PNG"))}) as running:
        settings.FETCH_PERMITS = {running.endpoint}  # type: ignore[attr-defined]
        yield running


def kept(account: Account, host: WebHost, *, place: int = Message.Place.MAIL, **more: Any) -> Message:
    letter = Letter(**{"who": CAROL, "html": HTML.format(host.url("/a.png")), "decision": PASS, **more})
    return conversation(account, "News", letter, place=place).messages.get()


def frame(web: Client, message: Message, query: str = "") -> str:
    response = web.get(f"/m/{message.pk}/body{query}")
    assert response.status_code == 200
    return response.content.decode()


def wrote_to_carol(alice: Account) -> None:
    conversation(alice, "Hello", Letter(who="alice@example.org", to="carol@elsewhere.example"))


def test_nothing_is_fetched_when_mail_comes_in(alice: Account, host: WebHost) -> None:
    kept(alice, host)
    assert host.heard == []


def test_a_stranger_s_images_wait_for_a_word(web: Client, alice: Account, host: WebHost) -> None:
    message = kept(alice, host)
    assert "/img/" not in frame(web, message)
    assert "/img/" in frame(web, message, "?images=1")
    assert host.url("") not in frame(web, message, "?images=1")
    assert "/img/" not in frame(web, message), "asked for once"
    assert host.heard == []


def test_images_of_whom_one_writes_to_are_loaded_if_it_is_really_them(web: Client, alice: Account, host: WebHost) -> None:
    wrote_to_carol(alice)
    assert "/img/" in frame(web, kept(alice, host))
    assert "/img/" not in frame(web, kept(alice, host), "?images=0")
    assert "/img/" not in frame(web, kept(alice, host, decision=FAIL))
    assert "/img/" not in frame(web, kept(alice, host, decision=NONE))
    assert "/img/" not in frame(web, kept(alice, host, decision={}))
    assert "/img/" not in frame(web, kept(alice, host, who="Carol <carol2@elsewhere.example>"))


def test_a_draft_to_somebody_is_not_yet_written_to_them(web: Client, alice: Account, host: WebHost) -> None:
    conversation(alice, "Hello", Letter(who="alice@example.org", to="carol@elsewhere.example", draft=True))
    assert "/img/" not in frame(web, kept(alice, host))


def test_what_another_member_writes_to_is_theirs_to_trust(web: Client, alice: Account, bob: Account, host: WebHost) -> None:
    conversation(bob, "Hello", Letter(who="bob@example.org", to="carol@elsewhere.example"))
    assert "/img/" not in frame(web, kept(alice, host))


def test_members_images_are_loaded_and_those_of_who_poses_as_one_are_not(web: Client, alice: Account, host: WebHost) -> None:
    bob = "Bob <bob@example.org>"
    assert "/img/" in frame(web, kept(alice, host, who=bob, decision={}))
    assert "/img/" in frame(web, kept(alice, host, who=bob))
    assert "/img/" not in frame(web, kept(alice, host, who=bob, decision=FAIL))
    assert "/img/" not in frame(web, kept(alice, host, who=bob, decision=NONE))


def test_always_for_this_sender_holds_until_it_is_taken_back(web: Client, alice: Account, host: WebHost) -> None:
    message = kept(alice, host, decision=NONE)
    choice = choices.choose(alice.pk, "Carol@Elsewhere.example", "images")
    assert "/img/" in frame(web, message)
    assert "/img/" not in frame(web, kept(alice, host, decision=FAIL)), "it is not that sender"
    assert not choices.revoke(member("bob").pk, choice.pk)
    assert choices.revoke(alice.pk, choice.pk)
    assert "/img/" not in frame(web, message)


def test_who_wants_to_be_asked_is_asked(web: Client, alice: Account, host: WebHost) -> None:
    wrote_to_carol(alice)
    preferences.change(alice, {"images_by_trust": False})
    assert "/img/" not in frame(web, kept(alice, host))
    choices.choose(alice.pk, "carol@elsewhere.example", "images")
    assert "/img/" in frame(web, kept(alice, host))


def test_nothing_in_spam_is_loaded_unasked(web: Client, alice: Account, host: WebHost) -> None:
    choices.choose(alice.pk, "carol@elsewhere.example", "images")
    message = kept(alice, host, place=Message.Place.SPAM)
    assert "/img/" not in frame(web, message)
    assert "/img/" in frame(web, message, "?images=1")


def test_where_the_operator_says_no_nothing_is_loaded_at_all(
    web: Client, alice: Account, host: WebHost, settings: object
) -> None:
    settings.IMAGE_PROXY = False  # type: ignore[attr-defined]
    wrote_to_carol(alice)
    assert "/img/" not in frame(web, kept(alice, host), "?images=1")


def test_a_frame_is_kept_by_the_browser_only_as_long_as_it_is_right(web: Client, alice: Account, host: WebHost) -> None:
    message = kept(alice, host)
    tag = web.get(f"/m/{message.pk}/body")["ETag"]
    assert web.get(f"/m/{message.pk}/body", headers={"If-None-Match": tag}).status_code == 304
    choices.choose(alice.pk, "carol@elsewhere.example", "images")
    assert web.get(f"/m/{message.pk}/body", headers={"If-None-Match": tag}).status_code == 200


def test_links_can_be_taken_out(web: Client, alice: Account, host: WebHost) -> None:
    message = kept(alice, host, html="<a href='https://evil.example/'>Log in</a>")
    assert "evil.example" in frame(web, message)
    assert 'href="https' not in frame(web, message, "?links=0")


# --- /img/ ---


class Browser:
    """What a browser sends to `/img/`, and what it gets."""

    def __init__(self, account: Account | None) -> None:
        self.cookies = b""
        if account is not None:
            client = Client()
            client.force_login(account)
            self.cookies = f"{conf.SESSION_COOKIE_NAME}={client.cookies[conf.SESSION_COOKIE_NAME].value}".encode()

    async def get(self, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        events: list[Any] = []

        async def send(event: Any) -> None:
            events.append(event)

        async def receive() -> Any:
            return {"type": "http.disconnect"}

        images = Images()
        scope = {"type": "http", "method": method, "path": path, "headers": [(b"cookie", self.cookies)]}
        await images(scope, receive, send)
        await images.close()
        head = {name.decode(): value.decode() for name, value in events[0]["headers"]}
        return events[0]["status"], head, b"".join(one.get("body", b"") for one in events[1:])


@pytest.mark.django_db(transaction=True)
class TestAddresses:
    @pytest.fixture
    def alice(self, transactional_db: None) -> Account:
        return member("alice")

    @pytest.fixture
    def browsers(self, alice: Account) -> dict[str, Browser]:
        return {"alice": Browser(alice), "bob": Browser(member("bob")), "nobody": Browser(None)}

    @pytest.fixture
    def address(self, alice: Account, host: WebHost) -> Iterator[str]:
        made = image_address.address(alice.pk, 7, host.url("/a.png"))
        assert made is not None
        yield made
        cache.forget(alice.pk)

    async def test_an_image_is_served_to_its_reader(self, browsers: dict[str, Browser], address: str, host: WebHost) -> None:
        status, head, image = await browsers["alice"].get(address)
        assert (status, head["content-type"]) == (200, "image/png")
        assert image.startswith(b"\x89PNG")
        assert head["x-content-type-options"] == "nosniff"
        assert "sandbox" in head["content-security-policy"]
        assert head["cache-control"].startswith("private")
        assert host.paths == ["/a.png"]
        assert b"cookie" not in host.heard[0].lower()

    async def test_it_serves_nobody_else(self, browsers: dict[str, Browser], address: str, host: WebHost) -> None:
        assert (await browsers["bob"].get(address))[0] == 404
        assert (await browsers["nobody"].get(address))[0] == 401
        assert (await browsers["alice"].get(address, "POST"))[0] == 405
        assert host.heard == []

    async def test_it_is_no_open_proxy(self, browsers: dict[str, Browser], address: str, alice: Account, host: WebHost) -> None:
        signature, number, packed = address.removeprefix("/img/").split("/")
        other = image_address.address(alice.pk, 7, host.url("/b.png"))
        assert other is not None
        wrong = [
            *(
                "/img/",
                "/img/x",
                f"/img/{signature}",
                f"/img/{signature}/{number}/",
                f"/img//{number}/{packed}",
                "/img/" + "/" * 10**6,
            ),
            *(
                f"/img/{signature}/8/{packed}",
                f"/img/{signature}/{number}/{other.rpartition('/')[2]}",
                f"{address}/x",
                f"{address}A",
            ),
            *(f"/img/{'A' * 43}/{number}/{packed}", f"/img/{signature[:-1]}é/{number}/{packed}", f"/img/{signature}/07/{packed}"),
            *(f"/img/{signature}/{number}/{'(' * 10**6}", f"/img/{signature}/{number}/=", f"/img/{signature}/{number}/_____"),
        ]
        for path in wrong:
            assert (await browsers["alice"].get(path))[0] == 404, path[:200]
        assert host.heard == []

    async def test_what_cannot_be_had_is_not_found_and_asked_for_again(
        self, browsers: dict[str, Browser], alice: Account, host: WebHost
    ) -> None:
        made = image_address.address(alice.pk, 7, host.url("/gone.png"))
        assert made is not None
        status, head, _ = await browsers["alice"].get(made)
        assert (status, head["cache-control"]) == (404, "private, no-store")


def test_the_address_in_a_frame_is_one_that_works(web: Client, alice: Account, host: WebHost) -> None:
    message = kept(alice, host)
    [path] = re.findall(r'src="(/img/[^"]+)"', frame(web, message, "?images=1"))
    assert image_address.read(path, alice.pk) == host.url("/a.png")
    assert image_address.read(path, alice.pk + 1) is None
    assert messages.content(message)

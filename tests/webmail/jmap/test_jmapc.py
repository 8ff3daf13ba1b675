"""A client nobody here wrote (jmapc): it finds, reads, marks, moves and sends mail, and hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jmapc
import pytest
import requests
from jmapc import methods

from mailsuite.accounts import provision
from mailsuite.accounts.models import Account
from mailsuite.mailstore.models import Message
from tests.webmail.browser import door
from tests.webmail.store import Letter, conversation, member

pytestmark = pytest.mark.django_db(transaction=True)


class WithoutTls(requests.adapters.HTTPAdapter):
    """jmapc asks for the session over https alone; the door speaks http, and leaves TLS to the proxy before it."""

    def send(self, request: requests.PreparedRequest, **given: Any) -> requests.Response:
        request.url = str(request.url).replace("https://", "http://", 1)
        return super().send(request, **given)


@pytest.fixture(scope="module")
def address(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running door."""
    with door(tmp_path_factory.mktemp("door")) as url:
        yield url.removeprefix("http://")


@pytest.fixture
def alice(transactional_db: None) -> Account:
    return member("alice")


@pytest.fixture
def client(address: str, alice: Account) -> jmapc.Client:
    """alice's, with an app password."""
    secret = provision.add_app_password(alice, "jmapc")
    made = jmapc.Client.create_with_password(address, user="alice@example.org", password=secret)
    made.requests_session.mount("https://", WithoutTls())
    return made


def asked(client: jmapc.Client, *calls: methods.Method) -> list[Any]:
    """The responses; jmapc raises where one is an error."""
    return [one.response for one in client.request(list(calls), raise_errors=True)]


def boxes(client: jmapc.Client) -> dict[str, jmapc.Mailbox]:
    [said] = asked(client, methods.MailboxGet(ids=None))
    return {box.role or box.name: box for box in said.data}


def test_it_lists_mailboxes(client: jmapc.Client, alice: Account) -> None:
    conversation(alice, "Roof", Letter(), Letter(seen=False))
    found = boxes(client)
    assert {"inbox", "sent", "drafts", "archive", "junk", "trash", "all", "flagged"} <= set(found)
    inbox = found["inbox"]
    assert (inbox.total_emails, inbox.unread_emails, inbox.total_threads, inbox.unread_threads) == (2, 1, 1, 1)
    asking = methods.MailboxQuery(filter=jmapc.MailboxQueryFilterCondition(role="trash"))
    [said] = asked(client, asking)
    assert said.ids == [found["trash"].id]


def test_it_makes_names_and_deletes_a_label(client: jmapc.Client) -> None:
    [said] = asked(client, methods.MailboxSet(create={"g": jmapc.Mailbox(name="Garden")}))
    made = said.created["g"].id
    asked(client, methods.MailboxSet(update={made: {"name": "Trees"}}))
    assert boxes(client)["Trees"].id == made
    [said] = asked(client, methods.MailboxSet(destroy=[made]))
    assert said.destroyed == [made]
    assert "Trees" not in boxes(client)


def test_it_downloads_an_attachment(client: jmapc.Client, alice: Account, tmp_path: Any) -> None:
    plan = ("plan.pdf", "application/pdf", b"%PDF-1.7")
    message = conversation(alice, "Roof", Letter(files=[plan])).messages.get()
    [said] = asked(client, methods.EmailGet(ids=[message.email_id]))
    client.download_attachment(said.data[0].attachments[0], tmp_path / "plan.pdf")
    assert (tmp_path / "plan.pdf").read_bytes() == b"%PDF-1.7"


def test_it_marks_and_moves(client: jmapc.Client, alice: Account) -> None:
    message = conversation(alice, "Roof", Letter(seen=False)).messages.get()
    found = boxes(client)
    patch = {"keywords/$seen": True, "keywords/$flagged": True}
    [said] = asked(client, methods.EmailSet(update={message.email_id: patch}))
    assert list(said.updated) == [message.email_id]
    [said] = asked(client, methods.EmailGet(ids=[message.email_id], properties=["keywords"]))
    assert said.data[0].keywords == {"$seen": True, "$flagged": True}
    before = said.state
    asked(client, methods.EmailSet(update={message.email_id: {"mailboxIds": {found["trash"].id: True}}}))
    message.refresh_from_db()
    assert message.place == Message.Place.TRASH
    [said] = asked(client, methods.EmailChanges(since_state=before))
    assert said.updated == [message.email_id]


def test_it_hears_of_mail_that_comes(client: jmapc.Client, alice: Account) -> None:
    heard = client.events
    first = next(heard).data.changed[client.account_id]
    message = conversation(alice, "Roof", Letter()).messages.get()
    now = next(heard).data.changed[client.account_id]
    assert now.email_delivery
    [said] = asked(client, methods.EmailChanges(since_state=first.email))
    assert (said.created, said.new_state) == ([message.email_id], now.email)

"""A client nobody here wrote (jmapc): it finds, reads, marks, moves and sends mail, and hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jmapc
import pytest
import requests
from jmapc import methods

from mailsuite.accounts import provision
from mailsuite.accounts.models import Account
from mailsuite.mailstore.models import Message
from mailsuite.queue.models import Recipient
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
    """The responses, none of which is an error."""
    said = [one.response for one in client.request(list(calls))]
    assert not [one for one in said if isinstance(one, jmapc.errors.Error)], said
    return said


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


def test_it_finds_and_reads_a_conversation(client: jmapc.Client, alice: Account) -> None:
    conversation(alice, "Cellar", Letter(text="Nothing new."))
    plan = ("plan.pdf", "application/pdf", b"%PDF-1.7")
    roof = conversation(alice, "Roof", Letter(text="When does it come?"), Letter(text="Tiles are here.", files=[plan]))
    inbox = boxes(client)["inbox"].id
    found, emails, threads = asked(
        client,
        methods.EmailQuery(
            filter=jmapc.EmailQueryFilterCondition(in_mailbox=inbox, text="tiles"),
            sort=[jmapc.Comparator(property="receivedAt", is_ascending=False)],
            limit=10,
        ),
        methods.EmailGet(ids=jmapc.Ref("/ids"), properties=["threadId"]),
        methods.ThreadGet(ids=jmapc.Ref("/list/*/threadId")),
    )
    assert len(found.ids) == len(emails.data) == 1
    assert [thread.id for thread in threads.data] == [f"T{roof.pk}"]
    [said] = asked(client, methods.EmailGet(ids=threads.data[0].email_ids, fetch_text_body_values=True))
    first, second = said.data
    assert (first.subject, second.subject) == ("Roof", "Re: Roof")
    assert (second.mail_from[0].name, second.mail_from[0].email) == ("Bob Roe", "bob@example.org")
    assert second.body_values[second.text_body[0].part_id].value.strip() == "Tiles are here."
    assert (second.has_attachment, second.attachments[0].name) == (True, "plan.pdf")


def test_it_keeps_a_list_up_to_date(client: jmapc.Client, alice: Account) -> None:
    for name in ("One", "Two", "Three"):
        conversation(alice, name, Letter())
    asking: dict[str, Any] = {
        "filter": jmapc.EmailQueryFilterCondition(in_mailbox=boxes(client)["inbox"].id),
        "sort": [jmapc.Comparator(property="receivedAt", is_ascending=False)],
        "calculate_total": True,
    }
    [first] = asked(client, methods.EmailQuery(**asking))
    gone = first.ids[1]
    asked(client, methods.EmailSet(destroy=[gone]))
    came = conversation(alice, "Four", Letter(ago=timedelta(0))).messages.get().email_id
    [changed] = asked(client, methods.EmailQueryChanges(**asking, since_query_state=first.query_state))
    kept = [one for one in first.ids if one not in changed.removed]
    for item in changed.added:
        kept.insert(item.index, item.id)
    assert kept == [came, first.ids[0], first.ids[2]]
    [now] = asked(client, methods.EmailQuery(**asking))
    assert (now.ids, now.total, now.query_state) == (kept, 3, changed.new_query_state)


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


def test_it_writes_and_sends(client: jmapc.Client, alice: Account) -> None:
    found = boxes(client)
    [said] = asked(client, methods.IdentityGet())
    [identity] = said.data
    assert identity.email == "alice@example.org"
    letter = jmapc.Email(
        mailbox_ids={found["drafts"].id: True},
        keywords={"$draft": True, "$seen": True},
        mail_from=[jmapc.EmailAddress(name="Alice", email="alice@example.org")],
        to=[jmapc.EmailAddress(name="Carol", email="carol@elsewhere.example")],
        subject="Beans",
        body_values={"b": jmapc.EmailBodyValue(value="They grow.")},
        text_body=[jmapc.EmailBodyPart(part_id="b", type="text/plain")],
    )
    patch = {f"mailboxIds/{found['drafts'].id}": None, f"mailboxIds/{found['sent'].id}": True, "keywords/$draft": None}
    said = asked(
        client,
        methods.EmailSet(create={"draft": letter}),
        methods.EmailSubmissionSet(
            create={"sent": jmapc.EmailSubmission(identity_id=identity.id, email_id="#draft")},
            on_success_update_email={"#sent": patch},
        ),
    )
    made, sent = said[0].created["draft"].id, said[1].created["sent"].id
    [now] = asked(client, methods.EmailGet(ids=[made]))
    assert found["sent"].id in now.data[0].mailbox_ids
    assert found["drafts"].id not in now.data[0].mailbox_ids
    assert "$draft" not in now.data[0].keywords
    [now] = asked(client, methods.EmailSubmissionGet(ids=[sent]))
    assert now.data[0].email_id == made
    to = Recipient.objects.get()
    assert (to.address, to.envelope.reverse_path) == ("carol@elsewhere.example", "alice@example.org")

"""APPEND of many messages and from parts: all of them or none, within bounds, and on disk when they are large."""

from __future__ import annotations

import pytest

from mailsuite.accounts.models import Account
from mailsuite.blobs import store as blobs
from mailsuite.blobs.models import Blob
from mailsuite.imapd import intake, received
from mailsuite.mailstore import messages
from mailsuite.mailstore.models import Mailbox, Membership, Message
from mailsuite.mailstore.verify import verify
from tests.imapd.conftest import Client, Connect, deliver, letter, mailbox


def literal(content: bytes, words: bytes = b"") -> bytes:
    return b" " + words + b"{%d+}\r\n%b" % (len(content), content)


def the_message(content: bytes) -> Message:
    return Message.objects.get(blob__hash=blobs.draft(content).hash)


def test_a_multi_append_beyond_the_quota_keeps_nothing(inbox: Client, alice: Account) -> None:
    Account.objects.filter(pk=alice.pk).update(quota=Message.objects.count() * len(letter(1)) + 2_000)
    said = inbox.say(b"APPEND Sent" + literal(letter(7)) + literal(letter(8) + b"x" * 2_000))
    assert b" NO [OVERQUOTA]" in said[-1]
    assert Message.objects.filter(account=alice).count() == 5
    inbox.ok("NOOP")
    assert list(verify(alice.pk)) == []


def test_a_full_mailbox_is_told_before_the_message_is_sent(inbox: Client, alice: Account) -> None:
    Account.objects.filter(pk=alice.pk).update(quota=1_000)
    assert b" NO [OVERQUOTA]" in inbox.say("APPEND Sent {2000}")[-1]
    assert b" NO [OVERQUOTA]" in inbox.say('APPEND Sent CATENATE (URL "/INBOX/;UID=1" TEXT {2000}')[-1]


def test_thousands_of_messages_wait_in_the_store_and_not_in_memory(
    inbox: Client, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(received, "IN_MEMORY", 1_000)
    contents = [letter(n) for n in range(20, 45)]
    assert b" 1:25]" in inbox.say(b"APPEND Sent" + b"".join(map(literal, contents)))[-1]
    held = Membership.objects.filter(mailbox=mailbox(alice, "Sent")).order_by("uid")
    assert [messages.content(one.message) for one in held.select_related("message__blob")] == contents
    assert list(verify(alice.pk, read_bytes=True)) == []


def test_what_was_shelved_for_a_refused_append_is_left_for_the_sweep(
    inbox: Client, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(received, "IN_MEMORY", 100)
    assert b" BAD " in inbox.say(b"APPEND Sent" + literal(letter(7)) + literal(letter(8)) + b" nonsense")[-1]
    assert Message.objects.filter(account=alice).count() == 5
    assert Blob.objects.filter(references=0).exclude(unreferenced_since=None).count() == 2


def test_one_command_has_its_bounds(inbox: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_URLS", 3)
    url = b'URL "/INBOX/;UID=1"'
    assert b" NO [LIMIT]" in inbox.say(b"UID REPLACE 1 INBOX" + literal(letter(7)) * 2)[-1]
    assert b" NO [LIMIT]" in inbox.say(b"APPEND INBOX CATENATE (" + b" ".join([url] * 4) + b")")[-1]
    assert b" BAD " in inbox.say(b"APPEND INBOX CATENATE (URL {5000}")[-1]
    inbox.ok(b"APPEND INBOX CATENATE (" + b" ".join([url] * 3) + b")")


def test_parts_together_may_not_be_larger_than_a_message(inbox: Client, server, alice: Account) -> None:
    server.door.size_limit = 500
    url = b'URL "/INBOX/;UID=1"'
    assert b" NO [TOOBIG]" in inbox.say(b"APPEND INBOX CATENATE (" + b" ".join([url] * 3) + b")")[-1]
    assert b" NO [TOOBIG]" in inbox.say(b"APPEND INBOX CATENATE (" + url + b" TEXT {400}")[-1]
    assert Message.objects.filter(account=alice).count() == 5


def test_a_large_message_of_parts_goes_through_the_disk_and_comes_out_exact(inbox: Client, alice: Account) -> None:
    body = b"0123456789abcdef\r\n" * 20_000
    inbox.ok(b'APPEND Drafts CATENATE (URL "/INBOX/;UID=2/;SECTION=HEADER" TEXT {%d+}\r\n%b URL ";UID=2")' % (len(body), body))
    header = letter(2).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert messages.content(the_message(header + body + letter(2))) == header + body + letter(2)


def test_nobody_reads_anothers_mail_with_a_url(inbox: Client, alice: Account, bob: Account) -> None:
    deliver(bob, letter(9))
    for url in (
        "imap://bob@example.org/INBOX/;UID=1",
        "imap://bob;AUTH=*@example.org/INBOX/;UID=1",
        "//bob@localhost/INBOX/;UID=1",
    ):
        assert b" NO [BADURL" in inbox.say(f'APPEND INBOX CATENATE (URL "{url}")')[-1]
    inbox.ok('APPEND Drafts CATENATE (URL "imap://alice@example.org/INBOX/;UID=1")')
    assert not Message.objects.filter(account=alice, blob__hash=blobs.draft(letter(9)).hash).exists()


def test_a_bad_url_cannot_break_the_response(inbox: Client) -> None:
    said = inbox.say(b"APPEND INBOX CATENATE (URL {18+}\r\na] x\r\n* 9 EXISTS\r\n)")
    assert len(said) == 1
    assert b'NO [BADURL "a x* 9 EXISTS"]' in said[0]


def test_nul_in_a_literal8_becomes_base64_or_is_refused(inbox: Client, alice: Account) -> None:
    picture = b"Subject: x\r\nContent-Type: image/gif\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    inbox.ok(b"APPEND INBOX ~{%d+}\r\n%bGIF\0" % (len(picture) + 4, picture))
    fetched = b"".join(inbox.ok("FETCH 6 BODY.PEEK[]"))
    assert b"Content-Transfer-Encoding: base64\r\n\r\nR0lGAA==\r\n" in fetched
    assert b" NO [UNKNOWN-CTE]" in inbox.say(b"APPEND INBOX ~{3+}\r\na\0b")[-1]


def test_utf8_append_is_for_those_who_enabled_it(connect: Connect, alice: Account) -> None:
    client = connect().login()
    content = "Subject: Grüße\r\n\r\n".encode()
    command = b"APPEND INBOX UTF8 (~{%d+}\r\n%b)" % (len(content), content)
    assert b" BAD " in client.say(command)[-1]
    client.ok("ENABLE UTF8=ACCEPT")
    client.ok(command)
    assert the_message(content).subject == "Grüße"
    assert b" BAD " in client.say(command.removesuffix(b")"))[-1]


def test_a_message_held_already_gets_the_label_and_the_uid_there(inbox: Client, alice: Account) -> None:
    inbox.ok("CREATE Work")
    inbox.ok("COPY 3 Work")
    said = inbox.say(b"APPEND Work" + literal(letter(5)) + literal(letter(3)) + literal(letter(5)))
    assert b" 4,3:4]" in said[-1]  # what is there already comes anew
    assert Message.objects.filter(account=alice).count() == 5
    assert list(verify(alice.pk)) == []


def test_a_draft_that_is_saved_again_unchanged_outlives_the_old_version_being_deleted(connect: Connect, alice: Account) -> None:
    client = connect().login()
    client.ok("SELECT Drafts")
    for uid in (1, 2):
        said = client.say(rb"APPEND Drafts (\Seen \Draft)" + literal(letter(9)))
        assert b" %d]" % uid in said[-1]
    assert b"* 1 EXPUNGE" in said  # the old version, for who sees only that a new one has come
    client.ok(r"UID STORE 1 +FLAGS (\Deleted)")
    client.ok("UID EXPUNGE 1")
    assert client.ok("UID SEARCH ALL")[0] == b"* SEARCH 2"
    assert list(verify(alice.pk)) == []


def test_a_replaced_message_that_is_gone_meanwhile_replaces_nothing(inbox: Client, connect: Connect, alice: Account) -> None:
    content = letter(30)
    inbox.send(b"r REPLACE 1 Drafts {%d}\r\n" % len(content))
    assert inbox.read().startswith(b"+ ")
    other = connect().login()
    other.ok("SELECT INBOX")
    other.ok("MOVE 1 Trash")
    inbox.send(content + b"\r\n")
    while not (line := inbox.read()).startswith(b"r "):
        pass
    assert line.startswith(b"r NO [NONEXISTENT]")
    assert not Membership.objects.filter(mailbox=mailbox(alice, "Drafts")).exists()
    assert list(verify(alice.pk)) == []


def test_what_is_replaced_elsewhere_than_in_drafts_can_be_found_in_trash(inbox: Client, alice: Account) -> None:
    inbox.ok(b"UID REPLACE 2 INBOX" + literal(letter(31)))
    assert [one.message.message_id for one in Membership.objects.filter(mailbox=mailbox(alice, "Trash"))] == ["2@example.org"]
    assert list(verify(alice.pk)) == []


def test_a_stream_that_is_lost_after_a_message_ends_the_session(inbox: Client, alice: Account) -> None:
    inbox.send(b"a APPEND Sent" + literal(letter(7)) + b" " + b"x" * 70_000 + b"{300000000+}\r\nb CREATE Smuggled\r\n")
    assert inbox.read().startswith(b"* BYE Too much")
    assert inbox.read() == b""
    assert Message.objects.filter(account=alice).count() == 5
    assert not Mailbox.objects.filter(account=alice, name="Smuggled").exists()


def test_nonsense_after_a_message_that_was_refused_is_nothing_more(inbox: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise blobs.NoRoom

    monkeypatch.setattr(received.Content, "write", full)
    assert b" NO [UNAVAILABLE]" in inbox.say(b"APPEND Sent" + literal(letter(7)) + b" " + b"x" * 70_000)[-1]
    inbox.ok("NOOP")

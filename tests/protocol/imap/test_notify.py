"""What NOTIFY asks for is read as it is written, and refused where the RFC says so."""

from __future__ import annotations

import pytest

from mailsuite.protocol.imap import notify
from mailsuite.protocol.imap.mailbox_filter import MOST_NAMES, Filter
from mailsuite.protocol.imap.notify import Group, Notify
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem

MESSAGES = frozenset({"MessageNew", "MessageExpunge"})


def parsed(arguments: bytes, *more: bytes) -> Notify | None:
    return notify.parse(Parser([b" " + arguments, *more]))


def test_groups_have_mailboxes_and_events() -> None:
    assert parsed(b"none ") is None
    asked = parsed(
        b"set status (selected-delayed (MessageNew (uid body.peek[header.fields (to)]) messageexpunge FLAGCHANGE)) "
        b'(subtree (a "b c" ',
        b"d{e",
        b") (MailboxName)) (mailboxes inbox/x none) (inboxes (messageExpunge messageNew annotationchange))",
    )
    assert asked
    assert asked.status
    first, *others = asked.groups
    assert asked.selected is first
    assert first.mailboxes.kind == "SELECTED-DELAYED"
    assert first.events == MESSAGES | {"FlagChange"}
    assert [item.label for item in first.items] == [b"UID", b"BODY[HEADER.FIELDS (to)]"]
    assert others == [
        Group(Filter("SUBTREE", ("a", "b c", "d{e")), frozenset({"MailboxName"})),
        Group(Filter("MAILBOXES", ("INBOX/x",)), frozenset()),
        Group(Filter("INBOXES"), MESSAGES | {"AnnotationChange"}),
    ]
    assert parsed(b"SET (personal NONE)") == Notify((Group(Filter("PERSONAL"), frozenset()),))


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"SET",
        b"SET STATUS",
        b"SET STATUS STATUS (personal none)",
        b"SET (personal)",
        b"SET (personal none",
        b"SET (personal none))",
        b"SET (subtree none)",
        b"SET (subtree () none)",
        b"SET (selected (MessageNew MessageExpunge)) (selected none)",
        b"NONE none",
        b"SET (selected (MessageNew () MessageExpunge))",
        b"SET (selected (MessageNew (UID)))",
        b"SET (personal (AnnotationChange))",
        b"SET (personal none)(personal none)",
        b"SET (personal (MailboxName MailboxName )",
        b"SET (selected (SubscriptionChange))",
        b"SET" + b" (personal none)" * (notify.MAX_GROUPS + 1),
        b"SET (mailboxes (" + b" x" * MOST_NAMES + b" x) none)",
        b"SET (mailboxes (x" + b" x" * MOST_NAMES + b") none)",
        b"SET " + b"(" * 60_000,
    ],
)
def test_what_does_not_go_together_is_refused(wrong: bytes) -> None:
    with pytest.raises(SyntaxProblem):
        parsed(wrong)


def test_events_that_nobody_can_tell_have_an_answer_of_their_own() -> None:
    with pytest.raises(notify.BadEvent):
        parsed(b"SET (personal (MailboxName ServerMetadataChange))")

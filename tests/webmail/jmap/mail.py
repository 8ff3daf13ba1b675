"""Messages for the tests of the API: bytes as they would come, and calls of one method."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.mailstore import messages
from mailsuite.mailstore.models import Message
from tests.webmail.jmap.conftest import Call

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def keep(account: Account, content: bytes | str, *, after: timedelta = timedelta(), **values: Any) -> Message:
    """A message in the account, by default in its Inbox, received at noon or `after` it. Line ends become CRLF."""
    content = content.encode() if isinstance(content, str) else content
    content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    [blob] = store.save([(store.draft(content), 0)])
    values.setdefault("received_at", NOON + after)
    [message] = messages.append([messages.NewMessage(account.pk, blob, content, **values)])
    assert isinstance(message, Message), message
    return message


def letter(
    subject: str = "Lunch", text: str = "Hello.", *, number: int = 0, more: str = "", author: str = "bob@example.org"
) -> str:
    """A plain message; `number` makes its Message-ID, and `more` are further lines of the header, each with its line end."""
    head = f"From: {author}\nTo: Alice <alice@example.org>\nSubject: {subject}\nMessage-ID: <{number}@x.example>\n"
    return f"{head}{more}\n{text}\n"


def one(call: Call, name: str, me: str, **arguments: Any) -> dict[str, Any]:
    """The response of one call."""
    [[said, result]] = call((name, {"accountId": me, **arguments}))
    assert said == name, result
    return result


def refused(call: Call, name: str, me: str, **arguments: Any) -> str:
    """The type of the error that one call gets."""
    [[said, result]] = call((name, {"accountId": me, **arguments}))
    assert said == "error", result
    return result["type"]

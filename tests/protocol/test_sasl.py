"""Who logs in, as SMTP and IMAP both read it."""

from __future__ import annotations

import pytest

from mailsuite.protocol import sasl
from mailsuite.protocol.sasl import Credentials


@pytest.mark.parametrize("encoded", [b"AGFsaWNlAHNlY3JldA==", "AGFsaWNlAHNlY3JldA==", "YWxpY2UAYWxpY2UAc2VjcmV0"])
def test_login_and_secret_are_read(encoded: bytes | str) -> None:
    assert sasl.plain(sasl.text(encoded)) == Credentials("alice", "secret")


@pytest.mark.parametrize("encoded", [b"Ym9iAGFsaWNlAHNlY3JldA==", b"!!", b"YWxpY2U=", b"/w==", "é", b"AABzZWNyZXQ=", b""])
def test_nobody_acts_for_somebody_else_and_nonsense_is_nobody(encoded: bytes | str) -> None:
    assert sasl.plain(sasl.text(encoded)) is None

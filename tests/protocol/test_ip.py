"""One form for an address, whatever socket it came by."""

from __future__ import annotations

import pytest

from mailsuite.protocol import ip


@pytest.mark.parametrize(
    ("text", "plain"),
    [("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("2001:DB8::1", "2001:db8::1")],
)
def test_an_address_has_one_form(text: str, plain: str) -> None:
    assert str(ip.parse(text)) == plain


@pytest.mark.parametrize(
    ("text", "local"), [("127.0.0.9", True), ("::1", True), ("::ffff:127.0.0.1", True), ("192.0.2.1", False), ("", False)]
)
def test_this_machine_is_known_by_any_of_its_forms(text: str, local: bool) -> None:
    assert ip.is_loopback(text) is local

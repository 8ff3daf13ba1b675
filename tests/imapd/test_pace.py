"""Floods, slow readers and certificates that are renewed."""

from __future__ import annotations

import ssl
import tracemalloc
from pathlib import Path

import pytest
from django.conf import settings

from mailsuite.accounts.models import Account
from mailsuite.imapd import server as door
from mailsuite.imapd import wire
from mailsuite.imapd.pace import ACCOUNT_FACTOR, Bucket, Pace
from mailsuite.net import tls
from tests.imapd.conftest import Connect, RunningServer, deliver, letter
from tests.imapd.test_compress import compressed
from tests.valkey import wait_until


def test_a_minutes_worth_may_come_at_once_and_then_each_waits_its_turn() -> None:
    pace, own = Pace(60), Bucket(60, 0.0)
    assert [pace.wait(own, None, 0.0) for _ in range(60)] == [0.0] * 60
    assert [pace.wait(own, None, 0.0) for _ in range(2)] == [1.0, 2.0]
    assert pace.wait(own, None, 100.0) == 0.0
    assert Pace(0).wait(own, 1, 100.0) == 0.0


def test_the_connections_of_an_account_are_counted_together_and_no_other_account_pays() -> None:
    pace, most = Pace(60), 60 * ACCOUNT_FACTOR
    waits = [pace.wait(Bucket(60, 0.0), 1, 0.0) for _ in range(most + 1)]
    assert waits == [0.0] * most + [1 / ACCOUNT_FACTOR]
    assert pace.wait(Bucket(60, 0.0), 2, 0.0) == 0.0


def test_a_flood_is_slowed_down_and_answered_to_the_end(
    server: RunningServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def wait(pace: Pace, own: Bucket, account_id: int | None, now: float) -> float:
        waits.append(own.take(600, now))
        return min(waits[-1], 0.01)

    monkeypatch.setattr(Pace, "wait", wait)
    client = connect().login()
    client.send(b"x NOOP\r\n" * 700)
    assert [client.read()[:4] for _ in range(700)] == [b"x OK"] * 700
    assert max(waits) > 0


@pytest.mark.parametrize("how", ["plain", "tls", "compressed"])
def test_who_never_reads_what_we_send_costs_little_and_is_gone_after_a_while(
    server: RunningServer, connect: Connect, alice: Account, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred times ten megabytes are asked for: a gigabyte."""
    monkeypatch.setattr(wire, "DRAIN_SECONDS", 1)
    noise = b"".join(
        b"%064x\r\n" % (n * 0x9E3779B97F4A7C15F39CC0605CEDC8341082276BF3A27251F86C6A11D0C18E95) for n in range(150_000)
    )
    deliver(alice, letter(1) + noise)
    other, client = connect().login(), connect(encrypted=how == "tls").login()
    if how == "compressed":
        compressed(client)
    client.ok("SELECT INBOX")
    tracemalloc.start()
    try:
        client.send(b"x FETCH 1 BODY.PEEK[]\r\n" * 100)
        wait_until(lambda: len(server.door.sessions) == 1)
        assert tracemalloc.get_traced_memory()[1] < 40_000_000  # the letter itself, unpacked, and little more
    finally:
        tracemalloc.stop()
    other.ok("NOOP")


def test_a_renewed_certificate_is_shown_at_once_and_the_connections_that_stand_stay(
    connect: Connect, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = (settings.TLS_DIR / name for name in ("cert.pem", "key.pem"))
    monkeypatch.setattr(door, "CERTIFICATE_SECONDS", 0.05)
    old = connect(encrypted=True).login("alice")
    shown = old._socket.getpeercert(binary_form=True)  # type: ignore[attr-defined]
    kept = certificate.read_bytes(), key.read_bytes()
    try:
        tls._make_self_signed(certificate, key)
        renewed = _der(certificate)
        wait_until(lambda: connect(encrypted=True)._socket.getpeercert(binary_form=True) == renewed)  # type: ignore[attr-defined]
        assert renewed != shown
        old.ok("NOOP")
        key.write_bytes(kept[1])  # belongs to the other certificate: the one in use stays
        wait_until(lambda: not tls.changed())
        assert connect(encrypted=True)._socket.getpeercert(binary_form=True) == renewed  # type: ignore[attr-defined]
        old.ok("NOOP")
    finally:
        certificate.write_bytes(kept[0])
        key.write_bytes(kept[1])
        tls.reload()


def _der(path: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(path.read_text())

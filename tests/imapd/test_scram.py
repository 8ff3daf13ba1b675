"""SCRAM at the door: with a client that proves, and asks for the server's proof."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ssl
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from mailsuite.accounts.authenticate import MOST_FOR_LOGIN_AND_NETWORK, Refused, authenticate, fingerprint, remember
from mailsuite.accounts.models import Account, AppPassword, WrongSecret
from mailsuite.accounts.provision import add_app_password, revoke_app_password
from mailsuite.net import tls
from tests.imapd.conftest import SECRET, Client, Connect, RunningServer

LOGIN = "alice@example.org"


@pytest.fixture(autouse=True)
def offered(server: RunningServer) -> None:
    server.door.scram = True


def b64(octets: bytes) -> bytes:
    return base64.b64encode(octets)


class Scram:
    """RFC 5802, the client's half. binding: the header's flag, and the data that is bound."""

    def __init__(self, login: str, secret: str, flag: bytes = b"n", bound: bytes = b"") -> None:
        self._secret, self._header, self._bound = secret, flag + b",,", bound
        self._bare = b"n=" + login.replace("=", "=3D").replace(",", "=2C").encode() + b",r=fyko+d2lbbFgONRv9qkxdawL"
        self.first = self._header + self._bare

    def final(self, challenge: bytes) -> bytes:
        nonce, salt, count = (part[2:] for part in challenge.split(b",", 2))
        assert nonce.startswith(b"fyko+d2lbbFgONRv9qkxdawL")
        salted = hashlib.pbkdf2_hmac("sha256", self._secret.encode(), base64.b64decode(salt), int(count))
        key = hmac.digest(salted, b"Client Key", "sha256")
        without_proof = b"c=" + b64(self._header + self._bound) + b",r=" + nonce
        said = b",".join((self._bare, challenge, without_proof))
        signature = hmac.digest(hashlib.sha256(key).digest(), said, "sha256")
        self.proof_of_server = b"v=" + b64(hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), said, "sha256"))
        return without_proof + b",p=" + b64(bytes(a ^ b for a, b in zip(key, signature, strict=True)))


def log_in(client: Client, scram: Scram, mechanism: str = "SCRAM-SHA-256", *, initial: bool = True) -> bytes:
    """The tagged answer."""
    if initial:
        client.send(b"x AUTHENTICATE %b %b\r\n" % (mechanism.encode(), b64(scram.first)))
    else:
        client.send(b"x AUTHENTICATE %b\r\n" % mechanism.encode())
        assert client.read() == b"+ "
        client.send(b64(scram.first) + b"\r\n")
    if not (line := client.read()).startswith(b"+ "):
        return line
    client.send(b64(scram.final(base64.b64decode(line[2:]))) + b"\r\n")
    if not (line := client.read()).startswith(b"+ "):
        return line
    assert base64.b64decode(line[2:]) == scram.proof_of_server, "this server knows the secret, too"
    client.send(b"\r\n")
    return client.read()


def greeted(client: Client) -> Client:
    client.greeting = client.read()  # type: ignore[attr-defined]
    return client


@pytest.mark.parametrize("initial", [True, False])
def test_an_app_password_opens_the_door_however_it_is_typed(connect: Connect, alice: Account, initial: bool) -> None:
    secret = add_app_password(alice, "phone")
    for typed in (secret, secret.lower(), secret.replace("-", ""), secret.replace("-", " ")):
        client = greeted(connect())
        assert b"AUTH=PLAIN AUTH=SCRAM-SHA-256]" in client.greeting  # type: ignore[attr-defined]
        answer = log_in(client, Scram(LOGIN, typed), initial=initial)
        assert answer.startswith(b"x OK [CAPABILITY IMAP4rev1")
        assert b"AUTH=" not in answer
        client.ok("SELECT INBOX")
    assert AppPassword.objects.get().last_used_at


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_login_is_bound_to_the_certificate_and_on_tls_1_2_to_the_connection(
    connect: Connect, alice: Account, version: ssl.TLSVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = add_app_password(alice, "phone")
    context = tls.client_context(verify=False)
    monkeypatch.setattr(context, "maximum_version", version)
    client = greeted(connect(encrypted=True))
    assert b"AUTH=SCRAM-SHA-256-PLUS" in client.greeting  # type: ignore[attr-defined]
    shown = client._socket.getpeercert(binary_form=True)  # type: ignore[attr-defined]
    end_point = x509.load_der_x509_certificate(shown).fingerprint(hashes.SHA256())
    for flag, bound in ((b"y", b""), (b"p=tls-server-end-point", b"x" * 32), (b"p=tls-exporter", b"x" * 32)):
        mechanism = "SCRAM-SHA-256-PLUS" if flag != b"y" else "SCRAM-SHA-256"
        assert b"x NO [AUTHENTICATIONFAILED]" in log_in(client, Scram(LOGIN, secret, flag, bound), mechanism)
    if version == ssl.TLSVersion.TLSv1_2:
        other = greeted(connect(encrypted=True))
        unique = other._socket.get_channel_binding("tls-unique")  # type: ignore[attr-defined]
        assert log_in(other, Scram(LOGIN, secret, b"p=tls-unique", unique), "SCRAM-SHA-256-PLUS").startswith(b"x OK")
    scram = Scram(LOGIN, secret, b"p=tls-server-end-point", end_point)
    assert log_in(client, scram, "SCRAM-SHA-256-PLUS").startswith(b"x OK")


def test_after_starttls_a_login_can_be_bound(connect: Connect, alice: Account) -> None:
    secret = add_app_password(alice, "phone")
    client = greeted(connect())
    assert b"PLUS" not in client.greeting  # type: ignore[attr-defined]
    assert b"NO [CANNOT]" in client.say("AUTHENTICATE SCRAM-SHA-256-PLUS eSws")[-1]
    client.ok("STARTTLS")
    client.start_tls()
    assert b"AUTH=SCRAM-SHA-256-PLUS" in client.ok("CAPABILITY")[0]
    shown = client._socket.getpeercert(binary_form=True)  # type: ignore[attr-defined]
    scram = Scram(LOGIN, secret, b"p=tls-server-end-point", hashlib.sha256(shown).digest())
    assert log_in(client, scram, "SCRAM-SHA-256-PLUS").startswith(b"x OK")


def test_where_binding_is_hidden_a_client_that_could_bind_comes_in(
    connect: Connect, alice: Account, server: RunningServer
) -> None:
    server.door.quirks.nobody = frozenset({"AUTH=SCRAM-SHA-256-PLUS"})
    secret = add_app_password(alice, "phone")
    client = greeted(connect(encrypted=True))
    assert b"AUTH=SCRAM-SHA-256]" in client.greeting  # type: ignore[attr-defined]
    assert b"NO [CANNOT]" in client.say("AUTHENTICATE SCRAM-SHA-256-PLUS eSws")[-1]
    assert log_in(client, Scram(LOGIN, secret, b"y")).startswith(b"x OK")


def test_what_is_wrong_unknown_revoked_paused_or_the_accounts_own_looks_the_same(connect: Connect, alice: Account) -> None:
    secret = add_app_password(alice, "phone")
    revoked = add_app_password(alice, "lost phone")
    revoke_app_password(alice, AppPassword.objects.get(label="lost phone").pk)
    client = greeted(connect())
    tries = [(LOGIN, "wrong"), ("nobody@example.org", secret), (LOGIN, revoked), (LOGIN, SECRET)]
    answers = {log_in(client, Scram(*one)) for one in tries}
    assert answers == {b"x NO [AUTHENTICATIONFAILED] Wrong login or secret"}
    Account.objects.update(is_active=False)
    assert log_in(client, Scram(LOGIN, secret)) in answers


def test_a_name_that_does_not_exist_has_a_salt_that_stays(connect: Connect) -> None:
    client = greeted(connect())
    heard = []
    for name in ("nobody@example.org", "Nobody@example.org ", "someone@example.org"):
        client.send(b"x AUTHENTICATE SCRAM-SHA-256 %b\r\n" % b64(Scram(name, "").first))
        heard.append(base64.b64decode(client.read()[2:]).split(b",")[1])
        client.send(b"*\r\n")
        assert client.read().startswith(b"x BAD")
    assert heard[0] == heard[1] != heard[2]


def test_a_revoked_app_password_that_a_phone_repeats_all_night_locks_nobody_out(connect: Connect, alice: Account) -> None:
    secret = add_app_password(alice, "phone")
    for _ in range(2 * MOST_FOR_LOGIN_AND_NETWORK // 5):
        client = greeted(connect())
        for _ in range(5):
            assert b"NO [AUTHENTICATIONFAILED]" in log_in(client, Scram(LOGIN, "stale"))
        client.close()
    assert WrongSecret.objects.count() == 1
    assert log_in(greeted(connect()), Scram(LOGIN, secret)).startswith(b"x OK")


def test_the_throttle_of_the_other_doors_is_this_ones_too(connect: Connect, alice: Account) -> None:
    secret = add_app_password(alice, "phone")
    for n in range(MOST_FOR_LOGIN_AND_NETWORK):
        remember(LOGIN, "127.0.0.0/24", fingerprint(LOGIN, str(n)), datetime.now(UTC))
    assert b"NO [UNAVAILABLE]" in log_in(greeted(connect()), Scram(LOGIN, secret))


def test_an_app_password_from_before_is_known_once_it_was_used(connect: Connect, alice: Account) -> None:
    secret = add_app_password(alice, "phone")
    AppPassword.objects.update(scram={})
    assert b"NO" in log_in(greeted(connect()), Scram(LOGIN, secret))
    assert authenticate(LOGIN, secret, door="smtp", client="192.0.2.1") == alice
    assert log_in(greeted(connect()), Scram(LOGIN, secret)).startswith(b"x OK")


def test_the_exchange_can_be_cancelled_and_garbage_is_a_failed_login(connect: Connect, alice: Account) -> None:
    secret = add_app_password(alice, "phone")
    client = greeted(connect())
    for step in range(3):
        scram = Scram(LOGIN, secret)
        client.send(b"x AUTHENTICATE SCRAM-SHA-256\r\n")
        said = [b64(scram.first)]
        for n in range(step):
            challenge = base64.b64decode(client.read()[2:])
            client.send((said[0] if n == 0 else b64(scram.final(challenge))) + b"\r\n")
        assert client.read().startswith(b"+ ")
        client.send(b"*\r\n")
        assert client.read().startswith(b"x BAD Cancelled")
        client.ok("NOOP")
    for garbage in ("=", "AAAA", "bix4"):
        assert b"NO [AUTHENTICATIONFAILED]" in client.say(f"AUTHENTICATE SCRAM-SHA-256 {garbage}")[-1]
    for no_base64 in ("====", "/////"):
        assert b" BAD " in client.say(f"AUTHENTICATE SCRAM-SHA-256 {no_base64}")[-1]
    assert b"NO [CANNOT]" in client.say("AUTHENTICATE CRAM-MD5")[-1]


def test_where_it_is_not_switched_on_it_is_not_there(server: RunningServer, connect: Connect, alice: Account) -> None:
    server.door.scram = False
    client = greeted(connect())
    assert b"SCRAM" not in client.greeting  # type: ignore[attr-defined]
    assert b"NO [CANNOT]" in client.say("AUTHENTICATE SCRAM-SHA-256 biws")[-1]
    with pytest.raises(Refused):
        authenticate(LOGIN, "wrong", door="imap", client="192.0.2.1")

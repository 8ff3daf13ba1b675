"""TLS contexts: our certificate for what we serve, and what we ask of the hosts that we call."""

from __future__ import annotations

import fcntl
import functools
import ipaddress
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils import timezone

SELF_SIGNED_DAYS = 3_650


@functools.cache
def server_context() -> ssl.SSLContext:
    """The context of every listening port of this process; makes a self-signed pair once where there is no certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.load_cert_chain(*_pair())
    return context


def reload() -> None:
    """Read the certificate again: the next handshake uses the new one. Raises ssl.SSLError or OSError, the old one stays."""
    certificate, key = _pair()
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)  # a bad pair must not spoil the one in use
    server_context().load_cert_chain(certificate, key)


def client_context(verify: bool) -> ssl.SSLContext:
    """The context for calling another host.

    verify: its certificate must be good for its name. False is opportunistic TLS (RFC 7435): better than plain text, no proof.
    """
    return _verifying() if verify else _opportunistic()


@functools.cache
def _verifying() -> ssl.SSLContext:
    return ssl.create_default_context()


@functools.cache
def _opportunistic() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # A weak cipher beats plain text, which is what a failed handshake would lead to (RFC 7435 §3).
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DEFAULT:@SECLEVEL=1")
    return context


def described(transport_extra: object) -> str:
    """Version and cipher of an SSLObject, such as "TLSv1.3 TLS_AES_256_GCM_SHA384"; "" for plain text (None)."""
    if not isinstance(transport_extra, ssl.SSLObject | ssl.SSLSocket):
        return ""
    cipher = transport_extra.cipher()
    return f"{transport_extra.version()} {cipher[0]}" if cipher else ""


def _pair() -> tuple[Path, Path]:
    certificate, key = settings.TLS_DIR / "cert.pem", settings.TLS_DIR / "key.pem"
    if not certificate.exists() or not key.exists():
        with _alone(settings.TLS_DIR):
            if not certificate.exists() or not key.exists():
                _make_self_signed(certificate, key)
    return certificate, key


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Several doors start at once: one makes the pair, the others wait for it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _make_self_signed(certificate: Path, key: Path) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    _put(
        key,
        private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    _put(certificate, _certify(private).public_bytes(serialization.Encoding.PEM))


def _certify(private: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, settings.HOSTNAME[:64])])
    names: list[x509.GeneralName] = [x509.DNSName(host) for host in dict.fromkeys([settings.HOSTNAME, "localhost"])]
    names += [x509.IPAddress(ipaddress.ip_address(one)) for one in ("127.0.0.1", "::1")]
    now = timezone.now()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # a client's clock may be slow
        .not_valid_after(now + timedelta(days=SELF_SIGNED_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )


def _put(path: Path, content: bytes) -> None:
    """Write privately and whole, or not at all."""
    draft = path.with_suffix(".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)

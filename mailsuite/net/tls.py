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
    _load(context)
    return context


def reload() -> None:
    """Read the certificate again: the next handshake uses the new one. Raises ssl.SSLError or OSError, the old one stays."""
    context = server_context()
    _loaded.seen = _seen()  # a pair that is no good is not tried again until it changes
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*_pair())  # a bad pair must not spoil the one in use
    _load(context)


def changed() -> bool:
    """Have the files of the certificate changed since they were read last?"""
    return _loaded.seen != _seen()


def end_point() -> bytes:
    """The tls-server-end-point of the certificate in use (RFC 5929 §4); b"" where there is none."""
    return _loaded.end_point


def bindings(secured: ssl.SSLObject, end_point: bytes) -> dict[str, bytes]:
    """Channel bindings of a server's connection, by type; end_point: of the certificate that it showed.

    Not tls-exporter (RFC 9266): Python's ssl has no exporter. tls-unique is not defined for TLS 1.3.
    """
    found = {"tls-server-end-point": end_point} if end_point else {}
    if secured.version() == "TLSv1.2" and (unique := secured.get_channel_binding("tls-unique")):
        found["tls-unique"] = unique
    return found


class _Loaded:
    """What was read last."""

    seen: tuple[tuple[int, int, int], ...] = ()
    end_point = b""


_loaded = _Loaded()


def _load(context: ssl.SSLContext) -> None:
    certificate, key = _pair()
    _loaded.seen = _seen()
    context.load_cert_chain(certificate, key)
    _loaded.end_point = _end_point(certificate.read_bytes())


def _seen() -> tuple[tuple[int, int, int], ...]:
    """What tells that a file, or the one that its name leads to, is another one now."""
    stats = [path.stat() for path in (settings.TLS_DIR / "cert.pem", settings.TLS_DIR / "key.pem") if path.exists()]
    return tuple((stat.st_ino, stat.st_mtime_ns, stat.st_size) for stat in stats)


def _end_point(pem: bytes) -> bytes:
    """RFC 5929 §4.1: by the hash of its signature; for MD5 and SHA-1, by SHA-256; without one it is not defined."""
    certificate = x509.load_pem_x509_certificate(pem)
    used = certificate.signature_hash_algorithm
    if used is None:
        return b""
    return certificate.fingerprint(hashes.SHA256() if used.name in ("md5", "sha1") else used)


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

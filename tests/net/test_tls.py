"""Certificates: made once, read again, never half."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from django.conf import settings

from mailsuite.net import tls


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(settings, "TLS_DIR", tmp_path / "tls")
    tls.server_context.cache_clear()
    yield tmp_path / "tls"
    tls.server_context.cache_clear()


async def _certificate_of(context: ssl.SSLContext) -> bytes:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls.client_context(verify=False))
    certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    assert tls.described(writer.get_extra_info("ssl_object")).startswith("TLSv1.3 ")
    await reader.read()
    writer.close()
    server.close()
    return certificate


async def test_a_pair_is_made_once_privately_and_used_again(folder: Path) -> None:
    first = await _certificate_of(tls.server_context())
    assert (folder / "key.pem").stat().st_mode & 0o777 == 0o600
    tls.server_context.cache_clear()
    assert await _certificate_of(tls.server_context()) == first


async def test_doors_that_start_together_agree_on_one_pair(folder: Path) -> None:
    threads = [threading.Thread(target=tls._pair) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    await _certificate_of(tls.server_context())
    assert sorted(path.name for path in folder.iterdir()) == ["cert.pem", "key.pem"]


async def test_a_new_certificate_is_used_after_a_reload_and_a_broken_one_is_not(folder: Path) -> None:
    context = tls.server_context()
    old = await _certificate_of(context)
    issued = trustme.CA().issue_cert("mx.example.org")
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    with pytest.raises(ssl.SSLError):
        tls.reload()
    assert await _certificate_of(context) == old
    issued.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    tls.reload()
    assert await _certificate_of(context) != old


async def test_who_verifies_does_not_trust_a_self_signed_certificate(folder: Path) -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=tls.server_context())
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection("127.0.0.1", port, ssl=tls.client_context(verify=True), server_hostname="localhost")
    server.close()


def test_plain_text_has_no_description() -> None:
    assert tls.described(None) == ""

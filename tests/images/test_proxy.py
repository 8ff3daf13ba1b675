"""An image of the web, fetched once for a reader and kept, and what strangers' hosts cannot do with that."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from mailsuite.images import cache, proxy
from mailsuite.images.proxy import Busy, Proxy
from tests.images.test_reencode import BOMBS, picture
from tests.web_host import WebHost, redirect, respond


@pytest.fixture
def host(settings: object, tmp_path: Path) -> Iterator[WebHost]:
    settings.IMAGE_DIR = tmp_path / "images"  # type: ignore[attr-defined]
    with WebHost({"/a.png": respond(picture("PNG"))}) as running:
        settings.FETCH_PERMITS = {running.endpoint}  # type: ignore[attr-defined]
        yield running


@pytest.fixture
async def images() -> AsyncIterator[Proxy]:
    made = Proxy()
    yield made
    await made.close()


async def test_an_image_is_fetched_once_and_kept_for_its_reader_alone(host: WebHost, images: Proxy) -> None:
    url = host.url("/a.png")
    first, *others = await asyncio.gather(*(images.image(1, url) for _ in range(5)))
    assert first is not None
    assert first[0] == "image/png"
    assert others == [first] * 4
    assert await images.image(1, url) == first
    assert host.paths == ["/a.png"]
    assert cache.get(2, url) is None
    await images.image(2, url)
    assert host.paths == ["/a.png"] * 2, "another reader's cache would tell who has read"


async def test_what_is_no_image_is_nothing_and_not_kept(host: WebHost, images: Proxy) -> None:
    host.answers |= {
        f"/{name.replace(' ', '-')}": respond(bomb) for name, bomb in BOMBS.items() if name not in ("text", "profile")
    }
    host.answers["/gone"] = respond(picture("PNG"), status="404 Not Found")
    host.answers["/inside"] = redirect("http://127.0.0.1:1/")
    for path in list(host.answers):
        found = await images.image(1, host.url(path))
        assert (found is None) == (path != "/a.png"), path
        assert (cache.get(1, host.url(path)) is None) == (path != "/a.png")


async def test_nothing_is_fetched_where_the_operator_says_so(host: WebHost, images: Proxy, settings: object) -> None:
    settings.IMAGE_PROXY = False  # type: ignore[attr-defined]
    assert await images.image(1, host.url("/a.png")) is None
    assert host.heard == []


async def test_a_host_that_never_answers_holds_one_reader_and_no_other(
    host: WebHost, images: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(connection: socket.socket) -> None:
        with suppress(OSError):
            host.over.wait(30)

    host.answers |= {f"/{n}": silent for n in range(20)}
    monkeypatch.setattr(proxy, "MOST_WAITING", 10)
    held = [asyncio.create_task(images.image(1, host.url(f"/{n}"))) for n in range(10)]
    while len(host.heard) < proxy.AT_ONCE_EACH:
        await asyncio.sleep(0.01)
    assert await images.image(2, host.url("/a.png")) is not None
    assert len(host.heard) == proxy.AT_ONCE_EACH + 1
    with pytest.raises(Busy):
        await images.image(1, host.url("/a.png"))
    for task in held:
        task.cancel()


async def test_a_reader_who_leaves_takes_nothing_from_another(host: WebHost, images: Proxy) -> None:
    url = host.url("/a.png")
    one, other = asyncio.create_task(images.image(1, url)), asyncio.create_task(images.image(1, url))
    await asyncio.sleep(0)
    one.cancel()
    assert await other is not None


def test_what_is_kept_goes_after_a_month_and_when_it_is_too_much(host: WebHost, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(3):
        cache.put(1, f"http://x.example/{n}", "image/png", b"x" * 100)
    [path] = [path for path in cache._folder(1).iterdir() if path == cache._path(1, "http://x.example/0")]
    os.utime(path, (time.time(), time.time() - cache.KEEP_SECONDS - 5))
    assert cache.get(1, "http://x.example/0") is None
    assert cache.sweep() == 1
    assert cache.get(1, "http://x.example/1") == ("image/png", b"x" * 100)
    monkeypatch.setattr(cache, "MOST_BYTES", 150)
    assert cache.sweep() == 1
    monkeypatch.setattr(cache, "MOST_BYTES", 0)
    assert cache.sweep() == 1
    assert not cache._folder(1).exists()


def test_what_a_folder_holds_by_mistake_is_never_shown(host: WebHost) -> None:
    cache.put(1, "u", "text/html", b"<script>")
    assert cache.get(1, "u") is None
    cache._path(1, "u").write_bytes(b"\xff\xfe")
    assert cache.get(1, "u") is None

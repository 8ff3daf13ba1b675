"""Published attacks and collected newsletters, opened in the application as mail that came in: nothing runs, nothing is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from mailsuite.accounts.models import Account
from mailsuite.blobs import store as blobs
from mailsuite.mailstore import messages
from mailsuite.mailstore.models import Mailbox, Message, Thread
from tests.corpora import corpus
from tests.webmail.browser import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(500),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]
AT_ONCE = 50  # messages of a conversation; of more only those near the screen are drawn
HEADER = (
    "From: Mallory <m{n}@mallory.example>\r\nTo: alice@example.org\r\nSubject: {subject}\r\nMessage-ID: <{n}@mallory.example>\r\n"
    "{references}Content-Type: text/html; charset=utf-8\r\n\r\n"
)
# Nothing inside runs by itself; this presses and points at everything that could wait for it.
POKE = """() => { for (const name of ["mouseover", "click", "focus", "error", "toggle"])
  document.querySelectorAll("*:not(a)").forEach(element => element.dispatchEvent(new Event(name))) }"""


def attacks() -> Iterator[bytes]:
    for name in ("h5sc.jsonl", "dompurify.jsonl"):
        for line in (corpus("xss") / name).read_text(encoding="utf-8").strip().split("\n"):
            yield json.loads(line)["html"].encode("utf-8", "replace")


def newsletters() -> Iterator[bytes]:
    for path in sorted(corpus("html-mail").rglob("*.html")):
        yield path.read_bytes()


def deliver(account: Account, subject: str, documents: list[bytes]) -> Thread:
    """One conversation with these, each an unread message that came in."""
    new = []
    for n, html in enumerate(documents):
        references = f"References: <0@mallory.example> <{subject}@mallory.example>\r\n"
        head = HEADER.format(n=f"{subject}-{n}", subject=subject, references=references)
        content = head.encode() + html
        [blob] = blobs.save([(blobs.draft(content), 0)])
        new.append(messages.NewMessage(account.pk, blob, content, received_at=timezone.now(), role=Mailbox.Role.INBOX))
    kept = messages.append(new)
    return Thread.objects.get(pk=kept[0].thread_id)


@pytest.mark.parametrize("pack", [attacks, newsletters])
def test_no_mail_of_the_pack_runs_asks_or_leaves(
    page: Page, alice: Account, address: str, pack, settings, tmp_path: Path
) -> None:
    settings.BLOB_DIR = tmp_path / "blobs"  # large ones are files, where the door looks for them
    documents, trouble = list(pack()), []

    def asked(request: Request) -> None:
        if not request.url.startswith((f"{address}/", "data:", "blob:")):
            trouble.append(f"asked for {request.url[:200]}")

    page.context.on("request", asked)
    page.on("dialog", lambda dialog: (trouble.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.context.on("page", lambda other: trouble.append(f"opened {other.url}"))
    for first in range(0, len(documents), AT_ONCE):
        thread = deliver(alice, f"pack{first}", documents[first : first + AT_ONCE])
        count = Message.objects.filter(thread=thread).count()
        assert count == len(documents[first : first + AT_ONCE])
        page.goto(f"/t/{thread.pk}?in=inbox")
        expect(page.locator(".message")).to_have_count(count)
        expect(page.locator("iframe.frame:not(.coming)")).to_have_count(count, timeout=60_000)
        for one in page.locator("iframe.frame").element_handles():  # not those in which others are loaded ahead, for a moment
            frame = one.content_frame()
            assert frame
            assert frame.url.startswith(f"{address}/m/"), f"a frame went to {frame.url}"
            frame.evaluate(POKE)
        assert page.url.startswith(f"{address}/t/{thread.pk}")
        assert page.title().endswith("Mailsuite")
    page.complaints.clear()  # what the policy stopped is told to the console
    assert not trouble

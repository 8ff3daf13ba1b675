"""What a message's body holds that its row does not tell: images on the web, trackers, links that lie, its words.

Reading it costs as much as showing it, so it is asked for alone, and what was found is remembered for an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from mailsuite.mailstore import messages as store
from mailsuite.mailstore.models import Message
from webmail import bodies, trust
from webmail.rendering import body as rendering

REMEMBERED = 3_600  # seconds
MOST_TEXT = 20_000  # characters


@dataclass(frozen=True, slots=True)
class Found:
    """images: on the web, trackers not among them. trackers: how many, by whose they are. false_links: (said, goes to)."""

    images: int
    trackers: dict[str, int]
    false_links: list[tuple[str, str]]
    text: str


def inspect(message: Message, content: bytes | None = None) -> Found:
    """Look into a message; `content` where it is at hand already."""
    key = f"inspection:{message.account_id}:{message.pk}:{message.blob_id}:{rendering.VERSION}"
    kept = cache.get(key)
    if kept is None:
        kept = _look(message, store.content(message) if content is None else content)
        cache.set(key, kept, REMEMBERED)
    return Found(**kept)


def _look(message: Message, content: bytes) -> dict[str, Any]:
    view = rendering.View(folded=False, forward=True, showing=trust.showing(message, load=False))
    rendered = rendering.render(content, view=view)
    return {
        "images": rendered.blocked_images,
        "trackers": dict(rendered.trackers),
        "false_links": [(said, goes) for said, goes in rendered.false_links],
        "text": bodies.read(content).text[:MOST_TEXT],
    }

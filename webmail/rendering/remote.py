"""What a mail's HTML refers to on the web while it is sanitised: trackers left out, the rest shown through us or counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from webmail.rendering import trackers
from webmail.rendering.elsewhere import web_address
from webmail.rendering.links import is_remote


@dataclass(frozen=True, slots=True)
class Showing:
    """How a mail is to be shown.

    image: gives our own address for an image on the web, None for one that stays out; without it all stay out.
    links: whether they lead anywhere. trusted: organisations (registrable domains) that may stand behind any text of a link.
    """

    image: Callable[[str], str | None] | None = None
    links: bool = True
    trusted: frozenset[str] = frozenset()


@dataclass(slots=True)
class Remote:
    """The images on the web that one HTML document asked for, and what became of them."""

    showing: Showing = field(default_factory=Showing)
    hidden: dict[str, str] = field(default_factory=dict)  # trackers that the HTML itself gives away, by address
    blocked: int = 0
    loaded: int = 0
    tracked: dict[str, str] = field(default_factory=dict)  # left out as trackers: address, whose it is

    def look(self, html: str) -> None:
        """Read how the HTML places its images, before it is sanitised."""
        self.hidden = trackers.found(html)

    def image(self, written: str) -> str | None:
        """Our address for what an image's source or a style names; None to leave it out."""
        if not is_remote(written):
            return None
        address = web_address(written)
        whose = (self.hidden.get(address) or trackers.named(address)) if address else ""
        if address and whose:
            self.tracked[address] = whose
            return None
        own = self.showing.image(address) if address and self.showing.image else None
        self.loaded += own is not None
        self.blocked += own is None
        return own

    @property
    def names(self) -> Counter[str]:
        """How many trackers of whom."""
        return Counter(self.tracked.values())

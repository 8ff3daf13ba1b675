"""A warning: which signal, how grave, where it stands, the values it speaks of, and the sentence of the simple view."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from webmail.i18n import mark, t

Level = Literal["note", "caution", "danger"]
Where = Literal["header", "link", "file", "reply"]
ORDER: tuple[Level, ...] = ("note", "caution", "danger")

# For pages without scripts; the application says it in the reader's language from code and values.
SENTENCES = {
    "P1": mark("{name} is a name here, but this is from {address}. The {name} you know writes from {known}."),
    "P2": mark("The name says {named}. The real sender is {address}."),
    "P3": mark("Someone outside is using an address of {domain}. It was not sent through us."),
    "P4": mark("{domain} looks like {known}, but it is not."),
    "P5": mark("The sender's domain is written in unusual letters: {shown} is {domain}."),
    "P6": mark("First message from this person, and {ask}."),
    "P7": mark("First message from this address."),
    "P8": mark("A link says {said} and goes to {goes}."),
    "P9": mark("{file} can run programs."),
    "P10": mark("Mail from {domain} is usually signed by it. This one is not."),
    "P11": mark("A new address for {name}. Ask them another way."),
    "P12": mark("Your answer goes to {address}."),
}
ASKS = {
    "money": mark("it speaks of money"),
    "urgent": mark("it presses you"),
    "file": mark("it brings a file that can run programs"),
    "link": mark("a link does not lead where it says"),
    "reply": mark("answers go to another address"),
}


@dataclass(frozen=True, slots=True)
class Warning:
    """One signal that a message shows. values: plain text from outside, for `SENTENCES` and for the application's own words."""

    code: str
    level: Level
    where: Where = "header"
    values: dict[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """In the language of the request."""
        shown = self.values | ({"ask": t(ASKS[self.values["ask"]])} if "ask" in self.values else {})
        return t(SENTENCES[self.code], **{name: value[:200] for name, value in shown.items()})

    def raised(self, level: Level) -> Warning:
        """The same at this level, if that is graver."""
        return replace(self, level=max(self.level, level, key=ORDER.index))


def worst_first(found: Iterable[Warning]) -> list[Warning]:
    """The gravest first, and by number among equals."""
    return sorted(found, key=lambda one: (-ORDER.index(one.level), int(one.code[1:])))

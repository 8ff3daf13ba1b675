"""What both engines share: a message's tokens by field, and the small tree of what can be asked of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

# Fields that a plain word is looked for in, and the ones an operator can name.
WORDS = ("author", "recipient", "cc", "bcc", "subject", "body", "files")


@dataclass(frozen=True, slots=True)
class Document:
    """The tokens of one message, divided by blanks. Facts (`tags`, `lists`, `delivered`) live apart: no word finds them."""

    WALL: ClassVar[str] = "_"

    owner: int
    author: str = ""
    recipient: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    body: str = ""
    files: str = ""
    lists: str = ""
    delivered: str = ""
    tags: list[str] = field(default_factory=list)

    def facts(self) -> str:
        """Owner and facts as tokens that begin with `_`, which no word does; walls between groups."""
        lists = [token if token == self.WALL else f"_l{token}" for token in self.lists.split()]
        delivered = [f"_d{token}" for token in self.delivered.split()]
        return " ".join([owner(self.owner), *(f"_{tag}" for tag in self.tags), self.WALL, *lists, self.WALL, *delivered])


def owner(account_id: int) -> str:
    """The token that every message of an account carries."""
    return f"_a{account_id}"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens next to one another in one of the fields; the last may be the beginning of a word."""

    fields: tuple[str, ...]
    tokens: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Fact tokens next to one another: a tag (`kpdf`), a list (`l` + token) or an envelope recipient (`d` + token)."""

    tokens: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """Two phrases at most `within` words apart, in either order."""

    left: Phrase
    right: Phrase
    within: int


@dataclass(frozen=True, slots=True)
class All:
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Any:
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Every message of the account that does not match."""

    match: Match


Match = Phrase | Fact | Near | All | Any | Without

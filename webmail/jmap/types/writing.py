"""What this suite adds to JMAP for writing mail: whom to, drafts that two devices share, files in pieces, addresses checked."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from webmail.jmap.types.core import Id, UnsignedInt, UTCDate

# Key, address, name, and two sums: of the account's mails to them, and of their direct mails to the account. Each mail of a sum
# counts 2 ** ((its time - reference) / half-life); times 2 ** ((reference - now) / half-life) a sum is what it is now.
Suggestion = tuple[UnsignedInt, str, str, float, float]
# Keys of people whom the account wrote to together, and the sum of those mails.
SuggestionCircle = tuple[list[UnsignedInt], float]


class SuggestionGetArguments(TypedDict):
    """sinceState: of an earlier response, to hear only what changed."""

    accountId: Id
    sinceState: NotRequired[str | None]


class SuggestionMember(TypedDict):
    """A fellow member of the account's domains."""

    name: str
    email: str


class SuggestionGetResponse(TypedDict):
    """People whom the account writes to. isComplete: `people` are all; else those that changed since, put over those with the
    same key, and `removed` are keys of those that are to be suggested no more. halfLife: seconds. circles, members: null where
    nothing of them changed."""

    accountId: Id
    state: str
    isComplete: bool
    reference: UTCDate
    halfLife: UnsignedInt
    people: list[Suggestion]
    removed: list[UnsignedInt]
    circles: list[SuggestionCircle] | None
    members: list[SuggestionMember] | None


class SuggestionForgetArguments(TypedDict):
    """Addresses that are to be suggested no more, until they are written to again."""

    accountId: Id
    emails: list[str]


class SuggestionForgetResponse(TypedDict):
    """forgotten, notFound: of `emails`."""

    accountId: Id
    oldState: str
    newState: str
    forgotten: list[str]
    notFound: list[str]

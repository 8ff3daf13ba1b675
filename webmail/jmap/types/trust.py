"""What this suite adds to JMAP for reading mail: trackers, warnings, images on the web, leaving lists, choices about senders."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from webmail.jmap.types.core import Id, UnsignedInt, UTCDate

Signal = Literal["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10", "P11", "P12"]
WarningLevel = Literal["note", "caution", "danger"]
WarningPlace = Literal["header", "link", "file", "reply"]
RemoteImages = Literal["none", "blocked", "proxied", "off"]
UnsubscribeHow = Literal["post", "mail", "page"]
ChoiceKind = Literal["images", "blocked", "unsubscribed", "fine", "light"]


class Tracker(TypedDict):
    """How many tracking images of one sender's helper an email brought; they are never loaded."""

    name: str
    count: UnsignedInt


class EmailWarning(TypedDict):
    """What to be careful with (product.md 4.7). values: plain text that the words of a signal speak of; text: them in English."""

    code: Signal
    level: WarningLevel
    where: WarningPlace
    values: dict[str, str]
    text: str


class Remote(TypedDict):
    """Images on the web that an email refers to, trackers not among them. images: what becomes of them if nothing is asked.

    `off`: the operator has none loaded. `body?images=1` loads blocked ones once. isAlways: the member said so of this sender.
    """

    images: RemoteImages
    count: UnsignedInt
    isAlways: bool


class Unsubscribe(TypedDict):
    """How to leave the list that an email is from. page: an address for the member to open. leftAt: when it was left, and how."""

    how: UnsubscribeHow
    page: str | None
    leftAt: UTCDate | None
    leftHow: UnsubscribeHow | None


class WhyReason(TypedDict):
    """Something that was found about an email when it came, in English. weight: for (+) or against (-) spam; 0 of no weight."""

    text: str
    weight: float


class Why(TypedDict):
    """What was found out about an email when it came (product.md 4.9). spf, dkim, dmarc: results, empty where nobody looked."""

    domain: str
    spf: str
    dkim: str
    dmarc: str
    reasons: list[WhyReason]


class SenderChoice(TypedDict):
    """What the member decided about a sender. sender: an address, case-folded; of a list that was left its List-Id.

    signal: of `fine`. how: of `unsubscribed`, which Email/unsubscribe makes. Choices are made and destroyed, never changed.
    """

    id: Id
    sender: str
    kind: ChoiceKind
    signal: Signal | None
    how: UnsubscribeHow | None
    at: UTCDate


class EmailUnsubscribeArguments(TypedDict):
    """emailId: an email of the list."""

    accountId: Id
    emailId: Id


class EmailUnsubscribeResponse(TypedDict):
    """how: by which way it was left, or `page` where the member must open `page`; null where there is nothing to leave."""

    accountId: Id
    emailId: Id
    how: UnsubscribeHow | None
    page: NotRequired[str]

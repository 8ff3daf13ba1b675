"""Who one writes as, what was handed in to be sent, and answers while away (RFC 8621 §6 to §8)."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from webmail.jmap.types.core import Id, SetArguments, UTCDate
from webmail.jmap.types.mail import EmailAddress


class Identity(TypedDict):
    """RFC 8621 §6."""

    id: Id
    name: str
    email: str
    replyTo: list[EmailAddress] | None
    bcc: list[EmailAddress] | None
    textSignature: str
    htmlSignature: str
    mayDelete: bool


class Address(TypedDict):
    """RFC 8621 §7: an address of the envelope, with its SMTP parameters."""

    email: str
    parameters: dict[str, str | None] | None


class Envelope(TypedDict):
    """RFC 8621 §7."""

    mailFrom: Address
    rcptTo: list[Address]


class DeliveryStatus(TypedDict):
    """RFC 8621 §7."""

    smtpReply: str
    delivered: Literal["queued", "yes", "no", "unknown"]
    displayed: Literal["unknown", "yes"]


class EmailSubmission(TypedDict):
    """RFC 8621 §7."""

    id: Id
    identityId: Id
    emailId: Id
    threadId: Id
    envelope: Envelope | None
    sendAt: UTCDate
    undoStatus: Literal["pending", "final", "canceled"]
    deliveryStatus: dict[str, DeliveryStatus] | None
    dsnBlobIds: list[Id]
    mdnBlobIds: list[Id]


class EmailSubmissionFilterCondition(TypedDict, total=False):
    """RFC 8621 §7.3."""

    identityIds: list[Id]
    emailIds: list[Id]
    threadIds: list[Id]
    undoStatus: Literal["pending", "final", "canceled"]
    before: UTCDate
    after: UTCDate


class EmailSubmissionSetArguments(SetArguments[EmailSubmission]):
    """RFC 8621 §7.5."""

    onSuccessUpdateEmail: NotRequired[dict[Id, dict[str, Any]] | None]
    onSuccessDestroyEmail: NotRequired[list[Id] | None]


class VacationResponse(TypedDict):
    """RFC 8621 §8."""

    id: Literal["singleton"]
    isEnabled: bool
    fromDate: UTCDate | None
    toDate: UTCDate | None
    subject: str | None
    textBody: str | None
    htmlBody: str | None

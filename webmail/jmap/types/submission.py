"""Who one writes as, what was handed in to be sent, and answers while away (RFC 8621 §6 to §8)."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from webmail.jmap.types.core import Id, UTCDate
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


class EmailSubmissionToCreate(TypedDict):
    """RFC 8621 §7.5. operationId, of our capability: 8 to 64 of A-Z, a-z, 0-9, - and _, chosen by the client. The same again
    sends nothing: it is answered with what the first became."""

    identityId: Id
    emailId: Id
    envelope: NotRequired[Envelope | None]
    operationId: NotRequired[str | None]


class EmailSubmissionSetArguments(TypedDict):
    """RFC 8621 §7.5."""

    accountId: Id
    ifInState: NotRequired[str | None]
    create: NotRequired[dict[Id, EmailSubmissionToCreate] | None]
    update: NotRequired[dict[Id, dict[str, Any]] | None]
    destroy: NotRequired[list[Id] | None]

    onSuccessUpdateEmail: NotRequired[dict[Id, dict[str, Any]] | None]
    onSuccessDestroyEmail: NotRequired[list[Id] | None]


class EmailSubmissionRescheduleArguments(TypedDict):
    """An addition of ours. sendAt: when what waits is to leave; null is now."""

    accountId: Id
    id: Id
    sendAt: UTCDate | None


class EmailSubmissionRescheduleResponse(TypedDict):
    """What it became."""

    accountId: Id
    oldState: str
    newState: str
    id: Id
    sendAt: UTCDate


class VacationResponse(TypedDict):
    """RFC 8621 §8. contactsOnly, of our capability: only who was written to before hears of it."""

    id: Literal["singleton"]
    isEnabled: bool
    fromDate: UTCDate | None
    toDate: UTCDate | None
    subject: str | None
    textBody: str | None
    htmlBody: str | None
    contactsOnly: NotRequired[bool]

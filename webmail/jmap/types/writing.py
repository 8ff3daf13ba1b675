"""What this suite adds to JMAP for writing mail: whom to, drafts that two devices share, files in pieces, addresses checked."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from webmail.jmap.types.core import GetArguments, Id, Partial, UnsignedInt, UTCDate
from webmail.jmap.types.mail import Email

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


class Draft(TypedDict):
    """A draft under one id. Each saving makes another Email of it, and its revision goes up. inReplyTo: a Message-ID."""

    id: Id
    revision: UnsignedInt
    emailId: Id
    threadId: Id
    inReplyTo: str | None
    savedAt: UTCDate


class DraftGetArguments(GetArguments):
    """Only those that are these emails, and that answer these messages (by Message-ID)."""

    emailIds: NotRequired[list[Id] | None]
    inReplyTo: NotRequired[list[str] | None]


class DraftSaveArguments(TypedDict):
    """draftId and revision: what its writer went on from; or emailId, of a draft as another program left it; none: a new draft.

    operationId: 8 to 64 of A-Z, a-z, 0-9, - and _; the same again saves nothing again. creationId: later calls of the request
    name the Email by it (#…). ifConflict: "both" keeps what is written as another draft, "ask" (the default) keeps nothing.
    email: as Email/set creates one, without mailboxIds, keywords and messageId.
    """

    accountId: Id
    draftId: NotRequired[Id | None]
    revision: NotRequired[UnsignedInt | None]
    emailId: NotRequired[Id | None]
    operationId: NotRequired[str | None]
    creationId: NotRequired[Id | None]
    ifConflict: NotRequired[Literal["ask", "both"] | None]
    email: Partial[Email]


class DraftAttachment(TypedDict):
    """A file of the draft. Its blobId holds until the next saving; that of an upload holds for a day from each saving."""

    blobId: Id
    name: str | None
    type: str
    size: UnsignedInt
    disposition: str | None
    cid: str | None


class DraftConflict(TypedDict):
    """What the draft is that another device was quicker with; `draft` is null where it is gone: sent, or deleted."""

    draftId: Id
    draft: Draft | None


class DraftSaveResponse(TypedDict):
    """draft: what was kept; null where nothing was, for there is a conflict."""

    accountId: Id
    oldState: str
    newState: str
    draft: Draft | None
    attachments: list[DraftAttachment]
    conflict: DraftConflict | None


class RecipientCheckArguments(TypedDict):
    """At most 50 addresses, as they were typed."""

    accountId: Id
    emails: list[str]


class RecipientCheck(TypedDict):
    """status: invalid, it is no address; nobody, of ours and nobody's; noDomain, noMail, its domain does not exist, or takes no
    mail; unknown, that could not be found out at once. meant: the address whose domain was most likely meant. isRead: false where
    it only sends."""

    email: str
    status: Literal["ok", "invalid", "nobody", "noDomain", "noMail", "unknown"]
    meant: str | None
    isRead: bool


class RecipientCheckResponse(TypedDict):
    """In the order asked."""

    accountId: Id
    list: list[RecipientCheck]


class BlobCapability(TypedDict):
    """RFC 9404 §3."""

    maxSizeBlobSet: UnsignedInt | None
    maxDataSources: UnsignedInt
    supportedTypeNames: list[str]
    supportedDigestAlgorithms: list[str]


BlobSource = TypedDict(
    "BlobSource",
    {
        "data:asText": NotRequired[str],
        "data:asBase64": NotRequired[str],
        "blobId": NotRequired[Id],
        "offset": NotRequired[UnsignedInt | None],
        "length": NotRequired[UnsignedInt | None],
    },
)
BlobSource.__doc__ = "RFC 9404 §4.1: text, base64, or another blob or a range of it."


class BlobToCreate(TypedDict):
    """RFC 9404 §4.1: of these sources, one after the other."""

    data: list[BlobSource]
    type: NotRequired[str | None]


class BlobUploadArguments(TypedDict):
    """RFC 9404 §4.1."""

    accountId: Id
    create: dict[Id, BlobToCreate]


class BlobCreated(TypedDict):
    """RFC 9404 §4.1."""

    id: Id
    type: str
    size: UnsignedInt


class BlobUploadResponse(TypedDict):
    """RFC 9404 §4.1."""

    accountId: Id
    created: dict[Id, BlobCreated] | None
    notCreated: dict[Id, dict[str, Any]] | None


class BlobGetArguments(TypedDict):
    """RFC 9404 §4.2. properties: data, data:asText, data:asBase64, size, digest:(sha, sha-256, sha-512)."""

    accountId: Id
    ids: list[Id]
    properties: NotRequired[list[str] | None]
    offset: NotRequired[UnsignedInt | None]
    length: NotRequired[UnsignedInt | None]


BlobRead = TypedDict(
    "BlobRead",
    {
        "id": Id,
        "data:asText": NotRequired[str | None],
        "data:asBase64": NotRequired[str],
        "size": NotRequired[UnsignedInt],
        "digest:sha": NotRequired[str],
        "digest:sha-256": NotRequired[str],
        "digest:sha-512": NotRequired[str],
        "isEncodingProblem": NotRequired[bool],
        "isTruncated": NotRequired[bool],
    },
)
BlobRead.__doc__ = "RFC 9404 §4.2."


class BlobGetResponse(TypedDict):
    """RFC 9404 §4.2."""

    accountId: Id
    list: list[BlobRead]
    notFound: list[Id]


class BlobLookupArguments(TypedDict):
    """RFC 9404 §4.3. typeNames: Mailbox, Thread, Email."""

    accountId: Id
    typeNames: list[str]
    ids: list[Id]


class BlobMatched(TypedDict):
    """RFC 9404 §4.3: ids by type."""

    id: Id
    matchedIds: dict[str, list[Id]]


class BlobLookupResponse(TypedDict):
    """RFC 9404 §4.3."""

    accountId: Id
    list: list[BlobMatched]
    notFound: list[Id]


class BlobCopyArguments(TypedDict):
    """RFC 8620 §6.3. There is no other account to copy from."""

    fromAccountId: Id
    accountId: Id
    blobIds: list[Id]


class BlobReleaseArguments(TypedDict):
    """Of our capability: uploads that are not needed any more; what was made of them stays."""

    accountId: Id
    ids: list[Id]


class BlobReleaseResponse(TypedDict):
    """released, notFound: of `ids`."""

    accountId: Id
    released: list[Id]
    notFound: list[Id]

"""Mailboxes, threads and emails (RFC 8621)."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from webmail.jmap.types.core import (
    ChangesResponse,
    Date,
    GetArguments,
    Id,
    QueryArguments,
    QueryChangesArguments,
    SetArguments,
    SetError,
    UnsignedInt,
    UTCDate,
)
from webmail.jmap.types.reading import Event
from webmail.jmap.types.trust import EmailWarning, Remote, Tracker, Unsubscribe, Why

Role = Literal["inbox", "flagged", "snoozed", "scheduled", "sent", "drafts", "archive", "all", "junk", "trash"]


Hue = Literal["rose", "red", "orange", "amber", "lime", "green", "teal", "cyan", "blue", "indigo", "purple", "grey"]


Preview = Literal["image", "pdf", "text", "table", "source", "audio", "video", "message", "event", "contact", "archive"]


class MailCapability(TypedDict):
    """Of an account (RFC 8621 §1.3.1)."""

    maxMailboxesPerEmail: UnsignedInt | None
    maxMailboxDepth: UnsignedInt | None
    maxSizeMailboxName: UnsignedInt
    maxSizeAttachmentsPerEmail: UnsignedInt
    emailQuerySortOptions: list[str]
    mayCreateTopLevelMailbox: bool


class MailboxRights(TypedDict):
    """RFC 8621 §2."""

    mayReadItems: bool
    mayAddItems: bool
    mayRemoveItems: bool
    maySetSeen: bool
    maySetKeywords: bool
    mayCreateChild: bool
    mayRename: bool
    mayDelete: bool
    maySubmit: bool


class Mailbox(TypedDict):
    """RFC 8621 §2; what stands from `kind` on is told who uses our own capability (product.md 3.7).

    sticky: later messages of a conversation inherit the label. Roles are a place, or a state of messages in Mail.
    """

    id: Id
    name: str
    parentId: Id | None
    role: Role | None
    sortOrder: UnsignedInt
    totalEmails: UnsignedInt
    unreadEmails: UnsignedInt
    totalThreads: UnsignedInt
    unreadThreads: UnsignedInt
    myRights: MailboxRights
    isSubscribed: bool
    kind: Literal["place", "state", "label"]
    sticky: bool
    color: Hue | None
    isImapVisible: bool
    showInSidebar: Literal["show", "unread", "hide"]


class MailboxChangesResponse(ChangesResponse):
    """RFC 8621 §2.2."""

    updatedProperties: list[str] | None


class MailboxFilterCondition(TypedDict, total=False):
    """RFC 8621 §2.3."""

    parentId: Id | None
    name: str
    role: Role | None
    hasAnyRole: bool
    isSubscribed: bool


class MailboxQueryArguments(QueryArguments[MailboxFilterCondition]):
    """RFC 8621 §2.3."""

    sortAsTree: NotRequired[bool]
    filterAsTree: NotRequired[bool]


class MailboxSetArguments(SetArguments[Mailbox]):
    """RFC 8621 §2.5."""

    onDestroyRemoveEmails: NotRequired[bool]


class ThreadLink(TypedDict):
    """Of a conversation that this one continues (`isBefore`) or went on as, under another subject (product.md 3.2, R7)."""

    threadId: Id
    subject: str
    isBefore: bool


class Thread(TypedDict):
    """RFC 8621 §3; links: told who uses our own capability."""

    id: Id
    emailIds: list[Id]
    links: NotRequired[list[ThreadLink]]


class EmailAddress(TypedDict):
    """RFC 8621 §4.1.2.3."""

    name: str | None
    email: str


class EmailHeader(TypedDict):
    """RFC 8621 §4.1.3: a header field in Raw form."""

    name: str
    value: str


class EmailBodyPart(TypedDict):
    """RFC 8621 §4.1.4. Without `headers` and `subParts`, unless bodyProperties names them."""

    partId: str | None
    blobId: Id | None
    size: UnsignedInt
    headers: NotRequired[list[EmailHeader]]
    name: str | None
    type: str
    charset: str | None
    disposition: str | None
    cid: str | None
    language: list[str] | None
    location: str | None
    subParts: NotRequired[list[EmailBodyPart] | None]


class EmailBodyValue(TypedDict):
    """RFC 8621 §4.1.4."""

    value: str
    isEncodingProblem: bool
    isTruncated: bool


_From = TypedDict("_From", {"from": list[EmailAddress] | None})


class EmailFile(TypedDict):
    """A file that a message carries. preview: as what it can be looked into at /m/<message>/preview/<partId>."""

    partId: str
    name: str
    type: str
    size: UnsignedInt
    preview: Preview | None


class Scheduled(TypedDict):
    """When an email leaves, and the EmailSubmission by which that is changed or taken back."""

    sendAt: UTCDate
    submissionId: Id | None


class Email(_From):
    """RFC 8621 §4.1; what stands from `isOwn` on is told who uses our own capability and asks for it by name.

    quoted: it ends with a quotation that says nothing new, folded in its frame unless that is asked for with `quotes=shown`.
    isOwn: the account wrote it. scheduled: it waits there. files: what there is to save, without pictures that the text shows.
    """

    id: Id
    blobId: Id
    threadId: Id
    mailboxIds: dict[Id, Literal[True]]
    keywords: dict[str, Literal[True]]
    size: UnsignedInt
    receivedAt: UTCDate
    headers: list[EmailHeader]
    messageId: list[str] | None
    inReplyTo: list[str] | None
    references: list[str] | None
    sender: list[EmailAddress] | None
    to: list[EmailAddress] | None
    cc: list[EmailAddress] | None
    bcc: list[EmailAddress] | None
    replyTo: list[EmailAddress] | None
    subject: str | None
    sentAt: Date | None
    bodyStructure: EmailBodyPart
    bodyValues: dict[str, EmailBodyValue]
    textBody: list[EmailBodyPart]
    htmlBody: list[EmailBodyPart]
    attachments: list[EmailBodyPart]
    hasAttachment: bool
    preview: str
    isOwn: NotRequired[bool]
    scheduled: NotRequired[Scheduled | None]
    files: NotRequired[list[EmailFile]]
    event: NotRequired[Event | None]
    quoted: NotRequired[bool]
    trackers: NotRequired[list[Tracker]]
    warnings: NotRequired[list[EmailWarning]]
    remote: NotRequired[Remote]
    unsubscribe: NotRequired[Unsubscribe | None]
    why: NotRequired[Why | None]


class EmailGetArguments(GetArguments):
    """RFC 8621 §4.2."""

    bodyProperties: NotRequired[list[str]]
    fetchTextBodyValues: NotRequired[bool]
    fetchHTMLBodyValues: NotRequired[bool]
    fetchAllBodyValues: NotRequired[bool]
    maxBodyValueBytes: NotRequired[UnsignedInt]


_FromCondition = TypedDict("_FromCondition", {"from": str}, total=False)


class EmailFilterCondition(_FromCondition, total=False):
    """RFC 8621 §4.4.1."""

    inMailbox: Id
    inMailboxOtherThan: list[Id]
    before: UTCDate
    after: UTCDate
    minSize: UnsignedInt
    maxSize: UnsignedInt
    allInThreadHaveKeyword: str
    someInThreadHaveKeyword: str
    noneInThreadHaveKeyword: str
    hasKeyword: str
    notKeyword: str
    hasAttachment: bool
    text: str
    to: str
    cc: str
    bcc: str
    subject: str
    body: str
    header: list[str]


class EmailQueryArguments(QueryArguments[EmailFilterCondition]):
    """RFC 8621 §4.4."""

    collapseThreads: NotRequired[bool]


class EmailQueryChangesArguments(QueryChangesArguments[EmailFilterCondition]):
    """RFC 8621 §4.5."""

    collapseThreads: NotRequired[bool]


class EmailImport(TypedDict):
    """RFC 8621 §4.8."""

    blobId: Id
    mailboxIds: dict[Id, Literal[True]]
    keywords: NotRequired[dict[str, Literal[True]]]
    receivedAt: NotRequired[UTCDate]


class EmailImportArguments(TypedDict):
    """RFC 8621 §4.8."""

    accountId: Id
    ifInState: NotRequired[str | None]
    emails: dict[Id, EmailImport]


class EmailImported(TypedDict):
    """RFC 8621 §4.8."""

    id: Id
    blobId: Id
    threadId: Id
    size: UnsignedInt


class EmailImportResponse(TypedDict):
    """RFC 8621 §4.8."""

    accountId: Id
    oldState: str | None
    newState: str
    created: dict[Id, EmailImported] | None
    notCreated: dict[Id, SetError] | None


class EmailCopyArguments(TypedDict):
    """RFC 8621 §4.7. There is no other account to copy from."""

    fromAccountId: Id
    ifFromInState: NotRequired[str | None]
    accountId: Id
    ifInState: NotRequired[str | None]
    create: dict[Id, Any]
    onSuccessDestroyOriginal: NotRequired[bool]
    destroyFromIfInState: NotRequired[str | None]


class EmailCopyResponse(TypedDict):
    """RFC 8620 §5.4."""

    fromAccountId: Id
    accountId: Id
    oldState: str | None
    newState: str
    created: dict[Id, EmailImported] | None
    notCreated: dict[Id, SetError] | None


class EmailParseArguments(TypedDict):
    """RFC 8621 §4.9."""

    accountId: Id
    blobIds: list[Id]
    properties: NotRequired[list[str]]
    bodyProperties: NotRequired[list[str]]
    fetchTextBodyValues: NotRequired[bool]
    fetchHTMLBodyValues: NotRequired[bool]
    fetchAllBodyValues: NotRequired[bool]
    maxBodyValueBytes: NotRequired[UnsignedInt]


class EmailParseResponse(TypedDict):
    """RFC 8621 §4.9; the emails have no id, and what follows from one."""

    accountId: Id
    parsed: dict[Id, dict[str, Any]] | None
    notParsable: list[Id] | None
    notFound: list[Id] | None


class SearchSnippet(TypedDict):
    """RFC 8621 §5: HTML with the found words in <mark>."""

    emailId: Id
    subject: str | None
    preview: str | None


class SearchSnippetGetArguments(TypedDict):
    """RFC 8621 §5.1."""

    accountId: Id
    filter: NotRequired[Any]
    emailIds: list[Id]


class SearchSnippetGetResponse(TypedDict):
    """RFC 8621 §5.1."""

    accountId: Id
    list: list[SearchSnippet]
    notFound: list[Id] | None

"""What this suite adds to JMAP, under `urn:mailsuite:params:jmap:mail`: rows of lists, acts and their undoing, queries read."""

from __future__ import annotations

import re
from typing import Any, Literal, NotRequired, TypedDict

from mailsuite.accounts import preferences
from webmail.jmap.types.core import Id, UnsignedInt, UTCDate

Mark = Literal["starred", "attachment", "draft", "muted"]
StarColor = Literal["red", "orange", "yellow", "green", "blue", "purple", "gray"]
Act = Literal[
    "archive",
    "toInbox",
    "trash",
    "restore",
    "snooze",
    "unsnooze",
    "spam",
    "notSpam",
    "read",
    "unread",
    "star",
    "unstar",
    "mute",
    "unmute",
    "addLabel",
    "removeLabel",
    "moveTo",
]


class OwnCapability(TypedDict):
    """Of an account: the most rows in a response of ThreadRow/query."""

    maxRows: UnsignedInt


class Writer(TypedDict):
    """Who wrote in a conversation. The marks are there where they are true, the address for the one whose picture is shown."""

    name: str
    email: NotRequired[str]
    isMe: NotRequired[bool]
    isUnread: NotRequired[bool]


class ThreadRow(TypedDict):
    """A conversation as a list shows it. `id` is the Thread's; emailId is there where rows are single messages.

    writers: in order of appearance; where there are more than three (`writerCount`), the first and the last two. count, unread:
    of the messages that the row counts. labels: own labels. purgedAt: of a row in Trash or Spam, when the purge takes it.
    snoozedUntil: it sleeps until then; wokeAt: it is back in Inbox since; snoozedAt: of both, since when it had been put off.
    sendAt: one of its messages waits in Scheduled, and leaves then.
    """

    id: Id
    emailId: NotRequired[Id]
    subject: str
    preview: str
    writers: list[Writer]
    writerCount: NotRequired[UnsignedInt]
    count: UnsignedInt
    unread: UnsignedInt
    at: UTCDate
    marks: list[Mark]
    labels: list[Id]
    starColor: NotRequired[StarColor]
    snoozedAt: NotRequired[UTCDate]
    snoozedUntil: NotRequired[UTCDate]
    wokeAt: NotRequired[UTCDate]
    sendAt: NotRequired[UTCDate]
    purgedAt: NotRequired[UTCDate]


class Hint(TypedDict):
    """A query was read differently than it may have been meant. text: English, with **bold** for what to write.

    query: the whole query as the hint would have it; empty where the hint has nothing better.
    """

    code: str
    text: str
    typed: str
    meant: str
    query: str


class Offer(TypedDict):
    """What a query that found nothing would find without one of its terms."""

    without: str
    query: str
    total: UnsignedInt
    isTotalExact: bool


class ThreadRowQueryArguments(TypedDict):
    """Either a mailbox or a query. perMessage: each message is a row, and totals count messages.

    before: the cursor of the page before; limit: at most maxRows.
    """

    accountId: Id
    mailboxId: NotRequired[Id | None]
    query: NotRequired[str | None]
    unreadOnly: NotRequired[bool]
    perMessage: NotRequired[bool]
    before: NotRequired[str | None]
    limit: NotRequired[UnsignedInt | None]


class ThreadRowQueryResponse(TypedDict):
    """A page of rows, newest first. cursor: what `before` takes to go on; null where that was all.

    total: of all conversations; null on later pages of a search. asideTotal: what a search would find in Spam and Trash besides.
    """

    accountId: Id
    queryState: str
    list: list[ThreadRow]
    cursor: str | None
    total: UnsignedInt | None
    isTotalExact: bool
    asideTotal: UnsignedInt
    hints: list[Hint]
    offers: list[Offer]


class ThreadRowChangesArguments(TypedDict):
    """Of a mailbox's list; that of a search is asked for anew."""

    accountId: Id
    mailboxId: Id
    sinceQueryState: str
    maxChanges: NotRequired[UnsignedInt | None]


class ThreadRowChangesResponse(TypedDict):
    """The rows that are new in the list or changed, newest first, and ids of conversations that are not in it any more."""

    accountId: Id
    oldQueryState: str
    newQueryState: str
    total: UnsignedInt
    list: list[ThreadRow]
    removed: list[Id]


class Action(TypedDict):
    """An act of the member. operationId: the client's own name for it. count, noun: how many of what it changed.

    label: what it gave, took, deleted or merged; it may be gone since. sentence: English, "Archived 3 conversations".
    """

    id: Id
    operationId: str | None
    at: UTCDate
    act: Act | Literal["deleteLabel", "mergeLabels"]
    count: UnsignedInt
    noun: Literal["conversation", "message"]
    label: Id | None
    sentence: str
    isUndone: bool


class ActionTurnArguments(TypedDict):
    """id or operationId: of the act; null for the last one. Undone (or done again) once more by name, nothing changes."""

    accountId: Id
    id: NotRequired[Id | None]
    operationId: NotRequired[str | None]


class ActionResponse(TypedDict):
    """The act that was done or undone; null where nothing was to do."""

    accountId: Id
    oldState: str
    newState: str
    action: Action | None


class LabelDeleteArguments(TypedDict):
    """mailboxId: the label; its mail stays. operationId: as in Thread/act."""

    accountId: Id
    operationId: NotRequired[str | None]
    mailboxId: Id


class LabelMergeArguments(LabelDeleteArguments):
    """intoId: the label that all its mail gets instead."""

    intoId: Id


class AllOfMailbox(TypedDict):
    """All conversations of a mailbox."""

    mailboxId: Id


class AllOfQuery(TypedDict):
    """All conversations that a query finds."""

    query: str


class ThreadDestroyArguments(TypedDict):
    """What to delete for ever, of what is in Trash or Spam: conversations and messages, or all of one of the two (mailboxId).

    countOnly: tell how much it would be, and delete nothing.
    """

    accountId: Id
    threadIds: NotRequired[list[Id] | None]
    emailIds: NotRequired[list[Id] | None]
    mailboxId: NotRequired[Id | None]
    countOnly: NotRequired[bool | None]


class ThreadDestroyResponse(TypedDict):
    """emails, bytes: how much was deleted, or would be."""

    accountId: Id
    oldState: str
    newState: str
    emails: UnsignedInt
    bytes: UnsignedInt
    notFound: list[Id]


class ThreadActArguments(TypedDict):
    """What to do with conversations, and with single messages. mailboxId: the label of addLabel, removeLabel and moveTo.

    until: of snooze, when they come back; what is past comes back at once. color: of star; without one a new star is red.

    operationId: a name that the client makes up (8 to 64 letters, digits, - and _); asked again within a day, nothing is done
    twice, and the first result is told. all: instead of ids; one act with one undo, however many there are.
    """

    accountId: Id
    operationId: NotRequired[str | None]
    act: Act
    all: NotRequired[AllOfMailbox | AllOfQuery | None]
    threadIds: NotRequired[list[Id] | None]
    emailIds: NotRequired[list[Id] | None]
    mailboxId: NotRequired[Id | None]
    until: NotRequired[UTCDate | None]
    color: NotRequired[StarColor | None]


class ThreadActResponse(ActionResponse):
    """notFound: ids of `threadIds` and `emailIds` that name nothing."""

    notFound: list[Id]


# By the names in the store, those over JMAP.
PREFERENCES = {name: re.sub("_([a-z])", lambda found: found[1].upper(), name) for name in preferences.ALL}
Preferences = TypedDict(
    "Preferences", {"id": Literal["singleton"], **{PREFERENCES[name]: one.kind for name, one in preferences.ALL.items()}}
)
Preferences.__doc__ = "What the member chose; each has a value, chosen or not.\n\n" + "\n".join(
    f"{PREFERENCES[one.name]}: {one.why}." for one in preferences.ALL.values() if one.why
)


class QueryParseArguments(TypedDict):
    """query: as typed (product.md 2.2)."""

    accountId: Id
    query: str


class Chip(TypedDict):
    """A thing that must hold, as typed, and the query without it."""

    text: str
    query: str


class QueryParseResponse(TypedDict):
    """How a query is read. tree: {operator: value}, {and: […]}, {or: […]}, {not: …}, {around: […], within}."""

    accountId: Id
    tree: dict[str, Any]
    chips: list[Chip]
    hints: list[Hint]

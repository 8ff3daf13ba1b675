"""JMAP's own types: session, request and response, errors, push, and what all objects' standard methods share (RFC 8620)."""

from __future__ import annotations

from typing import Any, Generic, Literal, NewType, NotRequired, TypedDict, TypeVar

T = TypeVar("T")
Id = NewType("Id", str)
UnsignedInt = NewType("UnsignedInt", int)
UTCDate = NewType("UTCDate", str)
Date = NewType("Date", str)
Invocation = tuple[str, dict[str, Any], str]


class Partial(Generic[T]):
    """Some properties of T."""


class CoreCapability(TypedDict):
    """RFC 8620 §2."""

    maxSizeUpload: UnsignedInt
    maxConcurrentUpload: UnsignedInt
    maxSizeRequest: UnsignedInt
    maxConcurrentRequests: UnsignedInt
    maxCallsInRequest: UnsignedInt
    maxObjectsInGet: UnsignedInt
    maxObjectsInSet: UnsignedInt
    collationAlgorithms: list[str]


class Account(TypedDict):
    """RFC 8620 §2."""

    name: str
    isPersonal: bool
    isReadOnly: bool
    accountCapabilities: dict[str, dict[str, Any]]


class Session(TypedDict):
    """RFC 8620 §2."""

    capabilities: dict[str, dict[str, Any]]
    accounts: dict[Id, Account]
    primaryAccounts: dict[str, Id]
    username: str
    apiUrl: str
    downloadUrl: str
    uploadUrl: str
    eventSourceUrl: str
    state: str


class Request(TypedDict):
    """RFC 8620 §3.3."""

    using: list[str]
    methodCalls: list[Invocation]
    createdIds: NotRequired[dict[Id, Id]]


class Response(TypedDict):
    """RFC 8620 §3.4."""

    methodResponses: list[Invocation]
    createdIds: NotRequired[dict[Id, Id]]
    sessionState: str


class ResultReference(TypedDict):
    """RFC 8620 §3.7: the value of an argument `#name`."""

    resultOf: str
    name: str
    path: str


class Problem(TypedDict):
    """A request that is refused whole (RFC 7807)."""

    type: str
    status: UnsignedInt
    detail: str
    limit: NotRequired[str]


class MethodError(TypedDict):
    """The arguments of the response `error` (RFC 8620 §3.6.2)."""

    type: str
    description: NotRequired[str]


class SetError(TypedDict):
    """RFC 8620 §5.3."""

    type: str
    description: NotRequired[str]
    properties: NotRequired[list[str]]
    existingId: NotRequired[Id]


class GetArguments(TypedDict):
    """RFC 8620 §5.1."""

    accountId: Id
    ids: NotRequired[list[Id] | None]
    properties: NotRequired[list[str] | None]


class GetResponse(TypedDict, Generic[T]):
    """RFC 8620 §5.1."""

    accountId: Id
    state: str
    list: list[T]
    notFound: list[Id]


class ChangesArguments(TypedDict):
    """RFC 8620 §5.2."""

    accountId: Id
    sinceState: str
    maxChanges: NotRequired[UnsignedInt | None]


class ChangesResponse(TypedDict):
    """RFC 8620 §5.2."""

    accountId: Id
    oldState: str
    newState: str
    hasMoreChanges: bool
    created: list[Id]
    updated: list[Id]
    destroyed: list[Id]


class SetArguments(TypedDict, Generic[T]):
    """RFC 8620 §5.3; a patch has whole properties, or paths into them."""

    accountId: Id
    ifInState: NotRequired[str | None]
    create: NotRequired[dict[Id, Partial[T]] | None]
    update: NotRequired[dict[Id, dict[str, Any]] | None]
    destroy: NotRequired[list[Id] | None]


class SetResponse(TypedDict, Generic[T]):
    """RFC 8620 §5.3."""

    accountId: Id
    oldState: str | None
    newState: str
    created: dict[Id, Partial[T]] | None
    updated: dict[Id, Partial[T] | None] | None
    destroyed: list[Id] | None
    notCreated: dict[Id, SetError] | None
    notUpdated: dict[Id, SetError] | None
    notDestroyed: dict[Id, SetError] | None


class FilterOperator(TypedDict, Generic[T]):
    """RFC 8620 §5.5; T is the object's FilterCondition."""

    operator: Literal["AND", "OR", "NOT"]
    conditions: list[FilterOperator[T] | T]


class Comparator(TypedDict):
    """RFC 8620 §5.5; `keyword` for the properties of RFC 8621 §4.4.2 that have one."""

    property: str
    isAscending: NotRequired[bool]
    collation: NotRequired[str]
    keyword: NotRequired[str]


class QueryArguments(TypedDict, Generic[T]):
    """RFC 8620 §5.5."""

    accountId: Id
    filter: NotRequired[FilterOperator[T] | T | None]
    sort: NotRequired[list[Comparator] | None]
    position: NotRequired[int]
    anchor: NotRequired[Id | None]
    anchorOffset: NotRequired[int]
    limit: NotRequired[UnsignedInt | None]
    calculateTotal: NotRequired[bool]


class QueryResponse(TypedDict):
    """RFC 8620 §5.5."""

    accountId: Id
    queryState: str
    canCalculateChanges: bool
    position: UnsignedInt
    ids: list[Id]
    total: NotRequired[UnsignedInt]
    limit: NotRequired[UnsignedInt]


class QueryChangesArguments(TypedDict, Generic[T]):
    """RFC 8620 §5.6."""

    accountId: Id
    filter: NotRequired[FilterOperator[T] | T | None]
    sort: NotRequired[list[Comparator] | None]
    sinceQueryState: str
    maxChanges: NotRequired[UnsignedInt | None]
    upToId: NotRequired[Id | None]
    calculateTotal: NotRequired[bool]


class AddedItem(TypedDict):
    """RFC 8620 §5.6."""

    id: Id
    index: UnsignedInt


class QueryChangesResponse(TypedDict):
    """RFC 8620 §5.6."""

    accountId: Id
    oldQueryState: str
    newQueryState: str
    total: NotRequired[UnsignedInt]
    removed: list[Id]
    added: list[AddedItem]


class UploadResponse(TypedDict):
    """RFC 8620 §6.1."""

    accountId: Id
    blobId: Id
    type: str
    size: UnsignedInt


StateChange = TypedDict("StateChange", {"@type": Literal["StateChange"], "changed": dict[Id, dict[str, str]]})
StateChange.__doc__ = "RFC 8620 §7.1: the data of the event `state`."


class Ping(TypedDict):
    """RFC 8620 §7.3: the data of the event `ping`."""

    interval: UnsignedInt

"""How much an account holds, and may (RFC 9425)."""

from __future__ import annotations

from typing import Literal, TypedDict

from webmail.jmap.types.core import ChangesResponse, Id, UnsignedInt


class Quota(TypedDict):
    """RFC 9425 §4."""

    id: Id
    resourceType: Literal["octets"]
    used: UnsignedInt
    hardLimit: UnsignedInt
    scope: Literal["account"]
    name: str
    types: list[str]
    warnLimit: UnsignedInt | None
    softLimit: UnsignedInt | None
    description: str | None


class QuotaChangesResponse(ChangesResponse):
    """RFC 9425 §4.3."""

    updatedProperties: list[str] | None


class QuotaFilterCondition(TypedDict, total=False):
    """RFC 9425 §4.4."""

    name: str
    scope: str
    resourceType: str
    type: str

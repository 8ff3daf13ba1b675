"""Whose is a host name? The registrable domain, by the Public Suffix List."""

from __future__ import annotations

from functools import lru_cache

from publicsuffixlist import PublicSuffixList


@lru_cache(maxsize=1)
def suffixes() -> PublicSuffixList:
    """The list, read once: it takes a while."""
    return PublicSuffixList()


@lru_cache(maxsize=4_096)
def registrable(host: str) -> str:
    """`example.co.uk` of `www.example.co.uk` (lower case, A-labels); the host itself where it has no such domain."""
    host = host.lower().rstrip(".")[:253]
    return suffixes().privatesuffix(host) or host

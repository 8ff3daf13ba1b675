"""Match mailbox names against LIST patterns, in linear time whatever the pattern (RFC 9051 §6.3.9)."""

from __future__ import annotations

from functools import lru_cache

MAX_PATTERN = 1_000  # characters


@lru_cache(maxsize=64)
class Pattern:
    """* matches anything, % anything within a level. A set of positions in the pattern is kept as the bits of a number."""

    def __init__(self, pattern: str) -> None:
        tokens = _merged(_folded(pattern[:MAX_PATTERN]))
        self._literals: dict[str, int] = {}
        self._stars = self._percents = 0
        for n, token in enumerate(tokens):
            if token == "*":
                self._stars |= 1 << n
            elif token == "%":
                self._percents |= 1 << n
            else:
                self._literals[token] = self._literals.get(token, 0) | 1 << n
        self._end = 1 << len(tokens)

    def matches(self, name: str) -> bool:
        at = self._skipped(1)
        for character in _folded(name):
            stays = self._stars if character == "/" else self._stars | self._percents
            at = self._skipped((at & self._literals.get(character, 0)) << 1 | (at & stays))
            if not at:
                return False
        return bool(at & self._end)

    def _skipped(self, at: int) -> int:
        """A wildcard may match nothing. Two never stand side by side, so one step is enough."""
        return at | (at & (self._stars | self._percents)) << 1


def _folded(name: str) -> str:
    """INBOX is the same in any case; every other name is as written."""
    head, slash, rest = name.partition("/")
    return f"INBOX{slash}{rest}" if head.upper() == "INBOX" else name


def _merged(pattern: str) -> list[str]:
    """Neighbouring wildcards as one: *% and ** are *, %% is %."""
    tokens: list[str] = []
    for character in pattern:
        if tokens and character in "*%" and tokens[-1] in "*%":
            tokens[-1] = "*" if "*" in (character, tokens[-1]) else "%"
        else:
            tokens.append(character)
    return tokens

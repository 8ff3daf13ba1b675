"""Who answers whom, by Message-IDs: the first step of THREAD=REFERENCES (RFC 5256 §3), safe against any mail."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

STEPS = 50  # looked at, on an average, for each link, to see that it closes no ring


class Links:
    """Parents by index, -1 for none: messages first, then dummies for ids that only others speak of.

    A link that would close a ring is not made. To see that, one goes up from the new parent, which can be far. So a forest of
    sets is kept beside it: what was never linked together cannot be above one another, which spares nearly every walk. Where
    somebody made mail that needs more walking than STEPS for each link, what is not known to be harmless is left unlinked.
    """

    def __init__(self, message_ids: Sequence[str], references: Sequence[Sequence[str]]) -> None:
        """references: ids of each message, the nearest parent last."""
        count = len(message_ids)
        self.parents = [-1] * count
        self._sets = list(range(count))
        self._above = bytearray(count)  # was anything ever linked below it?
        self._ids: dict[str, int] = {}
        self._room = STEPS * (count + sum(map(len, references)))
        for index, name in enumerate(message_ids):
            if name:  # RFC 5256 §3: of messages with the same id all but the first are as if they had another
                self._ids.setdefault(name, index)
        for index, names in enumerate(references):
            self._take(index, names)

    def _take(self, index: int, names: Sequence[str]) -> None:
        chain = [self._of(name) for name in names]
        for parent, child in pairwise(chain):  # step 1.A
            if self.parents[child] < 0:
                self._link(parent, child)
        parent = chain[-1] if chain else -1
        if parent != self.parents[index]:  # step 1.B: what the message says of itself counts for more than what others do
            self.parents[index] = -1
            if chain:
                self._link(parent, index)

    def _of(self, name: str) -> int:
        found = self._ids.get(name)
        if found is None:
            self._ids[name] = found = len(self.parents)
            self.parents.append(-1)
            self._sets.append(found)
            self._above.append(0)
        return found

    def _link(self, parent: int, child: int) -> None:
        if parent == child:
            return
        mine, its = self._set(child), self._set(parent)
        if mine == its and self._above[child] and self._is_above(child, parent):
            return
        self.parents[child] = parent
        self._above[parent] = 1
        self._sets[mine] = its

    def _set(self, index: int) -> int:
        while (over := self._sets[index]) != index:
            self._sets[index] = self._sets[over]
            index = over
        return index

    def _is_above(self, ancestor: int, index: int) -> bool:
        while index >= 0 and index != ancestor and self._room:
            index = self.parents[index]
            self._room -= 1
        return index >= 0

    def held_by(self, count: int) -> list[int]:
        """Of the first `count`: the nearest of them above, else the topmost above, else -1."""
        found = [-2] * len(self.parents)  # of dummies: what stands for them
        return [self._standing(self.parents[index], count, found) for index in range(count)]

    def _standing(self, index: int, count: int, found: list[int]) -> int:
        passed: list[int] = []
        while index >= count and found[index] == -2:
            passed.append(index)
            index = self.parents[index]
        if index < 0 and passed:
            index = passed[-1]
        elif index >= count:
            index = found[index]
        for dummy in passed:
            found[dummy] = index
        return index

"""One look at the store for all who were woken by the same ring and know the same of the same mailbox."""

from __future__ import annotations

import asyncio

from mailsuite.bridge import in_db
from mailsuite.mailstore import selected as store
from mailsuite.mailstore.selected import Delta

Known = tuple[int, int, int]  # a mailbox's id, the modseq and the last UID up to which it is known


class Looks:
    """The looks under way. One that began after a ring has seen what the ring was for; an earlier one may not have."""

    def __init__(self) -> None:
        self._under_way: dict[tuple[int, Known], asyncio.Future[Delta | None]] = {}

    async def changed_since(self, ring: int, known: Known) -> Delta | None:
        """As `store.changed_since`. ring: the number of the last one (`Watch.ring`)."""
        key = ring, known
        look = self._under_way.get(key)
        if look is None:
            look = self._under_way[key] = asyncio.ensure_future(in_db(store.changed_since, *known))
            look.add_done_callback(lambda _: self._under_way.pop(key))
        return await asyncio.shield(look)

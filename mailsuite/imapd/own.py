"""What a session changes itself: its client need not be told, except of what others did to the same messages before."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import transaction

from mailsuite.bridge import in_db
from mailsuite.imapd.fetching import FLAGS, MODSEQ, UID, Batch, lines
from mailsuite.imapd.selected import Selected
from mailsuite.imapd.session import Session
from mailsuite.mailstore import changes
from mailsuite.mailstore import selected as store
from mailsuite.protocol.imap.fetch import Item

AT_ONCE = 2_000  # responses made and sent at a time
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Own(Generic[Result]):
    """A change that was made. unheard: UIDs of messages it was about, whose flags others had changed unknown to the client."""

    result: Result
    modseq: int
    unheard: set[int]


async def change(view: Selected, uids: Collection[int], write: Callable[[], Result]) -> Own[Result]:
    """Change these messages. The caller tells the client the flags of what is `unheard`, and then the view: `did(modseq)`.

    The modseq that messages get now would hide from `announce` that others changed them since it looked last. So that is
    asked first, inside the same transaction: then nobody changes anything in between.
    """
    return await in_db(_change, view, uids, write)


@transaction.atomic
def _change(view: Selected, uids: Collection[int], write: Callable[[], Result]) -> Own[Result]:
    account_id = view.mailbox.account_id
    modseq = changes.begin([account_id])[account_id]
    news = view.unheard(store.updated_since(view.mailbox.pk, view.modseq, view.last_uid))
    unheard = {uid for uid, _, _ in news}.intersection(uids)
    return Own(write(), modseq, unheard)


async def tell_flags(session: Session, uids: Iterable[int]) -> None:
    """FETCH responses with the flags as they are now; with modseqs where the client knows them (RFC 7162 §3.1)."""
    await _tell(session, [FLAGS, *([MODSEQ] if session.condstore else [])], uids)


async def tell_modseqs(session: Session, uids: Iterable[int]) -> None:
    """FETCH responses with modseqs alone, for a client that knows the flags; none for one that does not know modseqs."""
    if session.condstore:
        await _tell(session, [MODSEQ], uids)


async def _tell(session: Session, items: list[Item], uids: Iterable[int]) -> None:
    view, manner, wanted = session.view, session.manner, array("I", uids)
    batch = Batch(view.mailbox, items if manner.uids_only else [UID, *items], word=manner.word)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        told = await in_db(lines, batch, some, [view.number(uid, manner) for uid in some], whole=False)
        await session.send_all(told.octets)

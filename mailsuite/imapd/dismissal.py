"""End the sessions of those whom nothing lets in any more: a secret was changed or taken back, an account paused or closed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection

from mailsuite import maillog
from mailsuite.accounts.authenticate import admission, still_admitted
from mailsuite.bridge import in_db
from mailsuite.imapd.session import Session

EVERY = 3.0  # seconds between two looks: product.md F4 leaves five

log = logging.getLogger(__name__)


async def mind(sessions: Collection[Session]) -> None:
    """For the life of the process: until it is cancelled. Whatever goes wrong once is tried again."""
    while True:
        await asyncio.sleep(EVERY)
        try:
            await dismiss(sessions)
        except Exception:
            log.exception("could not ask who may stay")


async def dismiss(sessions: Collection[Session]) -> None:
    """Ask once for all of them; whoever has to go hears BYE, also in the middle of a long answer."""
    inside = [(one, one.account, admission(one.account)) for one in sessions if one.account]
    if not inside:
        return
    remain = await in_db(still_admitted, {known for _, _, known in inside})
    for session, account, known in inside:
        if known not in remain and not session.dismissed:
            maillog.event("dismissed", door="imap", login=account.login, client=session.client)
            session.dismiss()

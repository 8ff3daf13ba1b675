"""SEARCH: the client's keys become the query tree that the search box and JMAP use too."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from mailsuite.imapd.outcome import Done
from mailsuite.imapd.searching import arguments, found, numbered
from mailsuite.imapd.session import Session
from mailsuite.protocol.imap import search as imap
from mailsuite.protocol.imap.returning import Returns, esearch
from mailsuite.protocol.imap.syntax import Parser


async def search(session: Session, parser: Parser, *, by_uid: bool = False) -> Done:
    """SEARCH (RFC 9051 §6.4.4), in the old form and with RETURN (RFC 4731, RFC 5182, RFC 9394)."""
    asked = arguments(session, parser, imap.parse)
    if asked.charset and "UTF8=ACCEPT" in session.enabled:  # RFC 6855 §3
        raise parser.problem("Who enabled UTF8=ACCEPT writes UTF-8, and names no charset")
    view = session.view
    wants_modseq = imap.mentions(asked.tree, "MODSEQ")
    uids, *modseqs = await found(session, asked.tree, ["modseq"] if wants_modseq else [], asked.returns)
    # RFC 9051 §7.3.4: who enabled IMAP4rev2 gets no SEARCH response.
    returns = asked.returns or (Returns() if session.rev2 else None)
    numbers = uids if by_uid else numbered(view, uids)
    if returns is None:
        session.send(plain("SEARCH", numbers, max(modseqs[0], default=0) if modseqs else 0))
        return Done("Searched")
    chosen = returns.indices(len(uids))
    if returns.saves:
        view.saved = array("I", (uids[index] for index in chosen))
    if returns.answers:
        modseq = max((modseqs[0][index] for index in chosen), default=0) if modseqs else 0
        session.send(esearch(session.tag, returns, numbers, uids=by_uid, modseq=modseq))
    return Done("Searched")


def plain(name: str, numbers: Sequence[int], modseq: int = 0) -> bytes:
    """A SEARCH or SORT response; with the highest modseq of what was found, where it was asked (RFC 7162 §3.1.5)."""
    tail = f" (MODSEQ {modseq})" if modseq else ""
    return f"{' '.join([f'* {name}', *map(str, numbers)])}{tail}\r\n".encode()

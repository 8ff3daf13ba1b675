"""A conversation: one command of the client after another, each with its answer, from the greeting to BYE (RFC 9051 §3)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from django.db import Error as DatabaseTrouble

from mailsuite import maillog
from mailsuite.imapd.errors import refusal
from mailsuite.imapd.outcome import NO_CODE, Done, Goodbye
from mailsuite.imapd.quirks import NUMBERS_AFTER_UIDONLY
from mailsuite.imapd.session import Session, State
from mailsuite.imapd.wire import Gone, Silent
from mailsuite.protocol.imap import connection as imap
from mailsuite.protocol.imap.syntax import Parser, SyntaxProblem, UidRequired

# RFC 9586 §3: not after ENABLE UIDONLY.
BY_NUMBER = {"FETCH", "STORE", "SEARCH", "COPY", "MOVE", "SORT", "THREAD", "REPLACE"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Handler:
    """A command: what runs it, in which states it may come, and whether EXPUNGE may be told when it ends (RFC 9051 §7.5.1)."""

    run: Callable[[Session, Parser], Awaitable[Done]]
    states: State
    expunges: bool = True


async def hold(session: Session, table: Mapping[str, Handler]) -> None:
    """From the greeting to the end; raises nothing but CancelledError, which `Server.close` counts on."""
    try:
        session.send(f"* OK [CAPABILITY {session.capabilities()}] Mailsuite\r\n".encode())
        while not session.over:
            await _take(session, await session.next_event(between=True), table)
    except Goodbye as goodbye:
        session.send(f"* BYE {goodbye}\r\n".encode())
    except Silent:
        session.send(b"* BYE You were idle for too long\r\n")
    except Gone:
        pass
    except Exception:
        log.exception("an IMAP session broke")
        session.send(b"* BYE Something broke here\r\n")
    finally:
        if session.news:
            session.news.stop()
        session.wire.close()


async def _take(session: Session, event: imap.Event, table: Mapping[str, Handler]) -> None:
    if isinstance(event, imap.Malformed):
        _answer_bad(session, event.tag, event.text)
        if event.fatal:
            raise Goodbye("Too much")
        return
    assert isinstance(event, imap.Command | imap.Upload)
    await session.turn()
    session.uploads.begin(event)
    try:
        await _run(session, event, table)
    finally:
        session.connection.expect_command()  # also where an IDLE or AUTHENTICATE ended before the line it waited for
        await session.uploads.past()
    await session.wire.drain()
    if session.connection.waiting:
        await asyncio.sleep(0)  # a client that pipelines thousands of small commands takes turns with the others
    if session.starting_tls:
        session.starting_tls = False
        await session.wire.start_tls(session.door.tls)


async def _run(session: Session, command: imap.Command | imap.Upload, table: Mapping[str, Handler]) -> None:
    session.tag = command.tag
    handler = table.get(command.name)
    if handler is None or not handler.states & session.state:
        _answer_bad(session, command.tag, "There is no such command" if handler is None else "Not in this state")
        return
    try:
        if session.uids_only and command.name in BY_NUMBER:
            session.door.quirks.seen(session.account_id, NUMBERS_AFTER_UIDONLY, session)
            raise UidRequired("Say it with UID before it")
        done = await handler.run(session, session.parser(command))
    except SyntaxProblem as problem:
        _answer_bad(session, command.tag, str(problem), problem.code)
    except (Goodbye, Gone, Silent):
        raise
    except Exception as error:
        _answer_no(session, command, error)
    else:
        sure = await _look_after(session, handler)
        session.bad = 0
        _answer_ok(session, done, session.highest(sure=sure))
        if done.after:
            done.after()


async def _look_after(session: Session, handler: Handler) -> bool:
    """What happened meanwhile; False where that is not known. A NO would say that nothing was done: the next look tells it."""
    # A client that has sent its next command already hears of changes after that one: it saves a query for each of a
    # thousand pipelined FETCHes. Not where it has seen modseqs: it would take the highest for what it knows everything of.
    if session.selected and (handler.expunges or session.condstore or not session.connection.waiting):
        try:
            await session.look(expunges=handler.expunges)
        except DatabaseTrouble as error:
            maillog.problem("look-interrupted", client=session.client, reason=error)
            return False
    return True


def _answer_ok(session: Session, done: Done, highest: str) -> None:
    if done.code and highest:
        session.send(f"* OK [{highest}] So far\r\n".encode())
    _answer(session, session.tag, "OK", done.code or highest, done.text)


def _answer_no(session: Session, command: imap.Command | imap.Upload, error: Exception) -> None:
    known = refusal(error)
    if highest := session.highest(sure=False):
        session.send(f"* OK [{highest}] So far\r\n".encode())
    if known is None:
        log.exception("%s failed", command.name)
        _answer(session, command.tag, "NO", "SERVERBUG", "Something broke here; the log says what")
    else:
        _answer(session, command.tag, "NO", known.code, known.text)


def _answer(session: Session, tag: str, status: str, code: str, text: str) -> None:
    shown = f"[{code}] {text}" if code else text
    session.send(f"{tag} {status} {shown}\r\n".encode())


def _answer_bad(session: Session, tag: str, text: str, code: str = NO_CODE) -> None:
    _answer(session, tag, "BAD", code, text)
    session.strike()

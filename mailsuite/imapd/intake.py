"""Read the messages of an APPEND or REPLACE: literals, and what is put together from literals and URLs."""

from __future__ import annotations

from mailsuite.bridge import in_db
from mailsuite.imapd import received as store
from mailsuite.imapd.errors import Refusal
from mailsuite.imapd.received import Content, Received
from mailsuite.imapd.referred import referred
from mailsuite.imapd.session import Session
from mailsuite.mailstore import quota
from mailsuite.protocol.imap import appending, url
from mailsuite.protocol.imap.appending import Before, Form
from mailsuite.protocol.imap.syntax import Parser

MOST_MESSAGES = 10_000  # of one command
MOST_URLS = 100  # of one command: for each, a message is read
TOO_BIG = Refusal("The message is too large", "TOOBIG")  # RFC 7889 §4
TOO_MANY = Refusal("That is too much for one command", "LIMIT")
FULL = Refusal("The mailbox is full", "OVERQUOTA")


class Intake:
    """What can be refused is refused before the client sends it."""

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self._name = name
        self._usage: quota.Usage | None = None
        self._in_memory = self._octets = self._urls = 0
        self._received: list[Received] = []

    async def read(self, parser: Parser, most: int = MOST_MESSAGES) -> list[Received]:
        """All messages up to the end of the command (RFC 3502). Raises Refusal and SyntaxProblem."""
        while True:
            parser = await self._message(parser)
            if self._ended(parser):
                return self._received
            parser.space()
            if self._ended(parser):  # blanks before the end are forgiven
                return self._received
            if len(self._received) >= most:
                raise TOO_MANY

    def _ended(self, parser: Parser) -> bool:
        return parser.at_end() and self._session.uploads.announced is None

    async def _message(self, parser: Parser) -> Parser:
        before = appending.before(parser)
        if before.form is Form.UTF8 and not self._session.utf8:
            raise parser.problem("ENABLE UTF8=ACCEPT comes before that")
        content = Content()
        try:
            parser = await self._content(before, parser, content)
            self._received.append(await content.finish(before))
        except BaseException:
            content.discard()
            raise
        await self._shelve(self._received[-1])
        return parser

    async def _content(self, before: Before, parser: Parser, content: Content) -> Parser:
        """All octets of one message; returns what follows them."""
        if before.form is Form.CATENATE:
            return await self._parts(parser, content)
        parser = await self._literal(parser, content)
        if before.form is Form.UTF8:
            parser.expect(b")")
        return parser

    async def _literal(self, parser: Parser, content: Content) -> Parser:
        upload = self._session.uploads.announced
        if upload is None or not parser.at_end():
            raise parser.problem("Expected a message as a literal")
        await self._make_sure_of_room(content.size + upload.size, synchronising=upload.synchronising)
        content.binary = content.binary or upload.binary
        async for chunk in self._session.uploads.octets():
            await content.write(chunk)
        return await self._session.uploads.rest()

    async def _make_sure_of_room(self, size: int, *, synchronising: bool = False) -> None:
        if size > self._session.door.size_limit:
            raise TOO_BIG
        if synchronising and self._usage is None:  # else the octets are on their way, and the end is soon enough
            self._usage = await in_db(store.room, self._session.account_id, self._name)
        if self._usage and not self._usage.has_room(self._octets + size):
            raise FULL

    async def _shelve(self, last: Received) -> None:
        self._octets += last.draft.size
        self._in_memory += last.in_memory
        if self._in_memory > store.IN_MEMORY:
            await in_db(store.shelve, self._received)
            self._in_memory = 0

    # -- CATENATE (RFC 4469) --

    async def _parts(self, parser: Parser, content: Content) -> Parser:
        while True:
            if appending.part(parser):
                parser = await self._literal(parser, content)
            else:
                named, parser = await self._url(parser)
                octets = await referred(self._session, named)
                await self._make_sure_of_room(content.size + len(octets))
                await content.write(octets)
            if parser.take(b")"):
                return parser
            parser.space()

    async def _url(self, parser: Parser) -> tuple[bytes, Parser]:
        self._urls += 1
        if self._urls > MOST_URLS:
            raise TOO_MANY
        upload = self._session.uploads.announced
        if upload is None or not parser.at_end():
            return parser.astring(), parser
        if upload.size > url.LONGEST:
            raise parser.problem("The URL is too long")
        named = b"".join([chunk async for chunk in self._session.uploads.octets()])
        return named, await self._session.uploads.rest()

"""What each SMTP command does (RFC 5321 §4.1); which mail is welcome is the door's affair."""

from __future__ import annotations

import asyncio

from django.conf import settings

from mailsuite import maillog
from mailsuite.protocol.dots import DotStream
from mailsuite.protocol.esmtp import parse_mail, parse_rcpt
from mailsuite.protocol.reply import Reply
from mailsuite.smtpd import limits, sasl
from mailsuite.smtpd.content import Content, PairKeeper
from mailsuite.smtpd.conversation import Conversation
from mailsuite.smtpd.errors import reply_for

CHUNK = 65_536  # bytes taken from the reader at a time
EXTENSIONS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING", "DSN")
OK = Reply(250, "2.0.0", "OK")
MAIL_FIRST = Reply(503, "5.5.1", "Send MAIL first")
RCPT_FIRST = Reply(503, "5.5.1", "No valid recipients; send RCPT first")
GREET_FIRST = Reply(503, "5.5.1", "Send EHLO first")


class Commands(Conversation):
    """The commands of every port."""

    async def smtp_HELO(self, arg: str | None) -> None:
        if await self._greeted(arg, extended=False):
            await self.push(f"250 {self.hostname}".encode() + b"\r\n")  # RFC 2034 §4: no enhanced code here

    async def smtp_EHLO(self, arg: str | None) -> None:
        if await self._greeted(arg, extended=True):
            await self.answer(Reply(250, "", "\n".join([self.hostname, *self._extensions()])))

    async def _greeted(self, name: str | None, *, extended: bool) -> bool:
        if not name:
            await self.answer(Reply(501, "5.5.4", "Say who you are"))
            return False
        self._set_rset_state()
        self.session.extended_smtp = extended
        self.session.host_name = name.encode("ascii", "replace").decode()[:255]
        return True

    def _extensions(self) -> list[str]:
        words = [f"SIZE {settings.MESSAGE_SIZE_LIMIT}", *EXTENSIONS]
        if not self.session.tls:
            words.append("STARTTLS")
        if self.door.offers_auth and self.session.may_authenticate and self.session.account is None:
            words.append("AUTH PLAIN LOGIN")
        return words

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        if self.session.tls:
            return await self.answer(Reply(503, "5.5.1", "TLS is on already"))
        return await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str | None) -> None:
        if refusal := self._may_not_authenticate(arg):
            return await self.answer(refusal)
        reply = await sasl.authenticate(self, str(arg))
        await self.answer(reply)
        if self.session.failed_logins >= limits.MOST_FAILED_LOGINS:
            await self._leave(limits.TOO_MANY_ERRORS)

    def _may_not_authenticate(self, arg: str | None) -> Reply | None:
        if not self.door.offers_auth:
            return Reply(502, "5.5.1", "There is no AUTH on this port; use submission")
        if not self.session.host_name:
            return GREET_FIRST
        if not self.session.may_authenticate:
            return Reply(538, "5.7.11", "Send STARTTLS first: passwords are not taken in plain text")
        if self.session.account is not None:
            return Reply(503, "5.5.1", "Authenticated already")
        if self.envelope.mail is not None:
            return Reply(503, "5.5.1", "Not within a transaction")
        return None if arg else Reply(501, "5.5.4", "Name a mechanism")

    async def smtp_MAIL(self, arg: str | None) -> None:
        if not self.session.host_name:
            return await self.answer(GREET_FIRST)
        if self.envelope.mail is not None:
            return await self.answer(Reply(503, "5.5.1", "A transaction has begun already; send RSET to drop it"))
        await self.answer(await self._mail(arg or ""))

    async def _mail(self, arg: str) -> Reply:
        try:
            command = parse_mail(arg, extended=self.session.extended_smtp)
            if command.size > settings.MESSAGE_SIZE_LIMIT:  # RFC 1870 §6.1: refused before a byte of it is read
                return Reply(552, "5.3.4", f"The message is larger than {settings.MESSAGE_SIZE_LIMIT} bytes")
            reply = await self.door.mail(self.session, self.envelope, command)
        except Exception as error:
            return reply_for(error)
        if reply.positive:
            self.envelope.mail = command
        return self._noted("MAIL", reply)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if self.envelope.mail is None:
            return await self.answer(MAIL_FIRST)
        if self.envelope.chunks is not None:
            return await self.answer(Reply(503, "5.5.1", "Not after BDAT"))
        if len(self.envelope.recipients) >= limits.MOST_RECIPIENTS:
            return await self.answer(Reply(452, "4.5.3", "Too many recipients; send the others in another transaction"))
        await self.answer(await self._rcpt(arg or "", self.envelope.mail.smtputf8))

    async def _rcpt(self, arg: str, smtputf8: bool) -> Reply:
        try:
            command = parse_rcpt(arg, extended=self.session.extended_smtp, smtputf8=smtputf8, hostname=settings.HOSTNAME)
            return self._noted("RCPT", await self.door.rcpt(self.session, self.envelope, command), recipient=command.path)
        except Exception as error:
            return reply_for(error)

    async def smtp_DATA(self, arg: str | None) -> None:
        refusal = Reply(501, "5.5.4", "DATA takes no argument") if arg else self._no_content_yet()
        if refusal is None and self.envelope.chunks is not None:
            refusal = Reply(503, "5.5.1", "Not after BDAT")
        if refusal is not None:
            return await self.answer(refusal)
        content = self._begin_content()
        self.receiving = True
        try:
            await self.answer(Reply(354, "", "End data with <CR><LF>.<CR><LF>"))
            await self._read_until_dot(content)
            await self._finish(content)
        except Exception as error:
            await self._lost(error)
        finally:
            self.receiving = False
        return None

    async def _lost(self, error: Exception) -> None:
        """Something failed within the content. What is still to come of it must not be taken for commands: hang up."""
        if isinstance(error, ConnectionError):
            raise error
        await self._leave(reply_for(error))

    async def _read_until_dot(self, content: Content) -> None:
        stream = DotStream()
        while not stream.finished:
            chunk = await self._reader.read(CHUNK)
            if not chunk:
                raise ConnectionResetError
            self._reset_timeout()
            content.write(stream.feed(chunk))
            await self._bounded(content)
        if stream.rest:
            self._reader._buffer[:0] = stream.rest  # type: ignore[attr-defined]

    async def _bounded(self, content: Content) -> None:
        if content.hopeless and content.refusal is not None:
            await self._leave(content.refusal)
            await asyncio.sleep(0)  # where the cancellation that _leave asked for reaches us

    async def smtp_BDAT(self, arg: str | None) -> None:
        """RFC 3030 §2: exactly so many bytes follow, whatever we think of them, so they are always read."""
        words = (arg or "").split()
        last = len(words) == 2 and words[1].upper() == "LAST"
        if not words or not words[0].isascii() or not words[0].isdecimal() or len(words[0]) > 12 or len(words) > 1 + last:
            # How much follows is not known, so what follows could be taken for commands.
            return await self._leave(Reply(501, "5.5.4", "BDAT takes a size, and LAST"))
        self.receiving = True
        try:
            await self._chunk(int(words[0]), last)
        except Exception as error:
            await self._lost(error)
        finally:
            self.receiving = False
        return None

    async def _chunk(self, size: int, last: bool) -> None:
        refusal = self._no_content_yet()
        content = self._begin_content() if self.envelope.content is None else self.envelope.content
        if refusal is not None:
            content.refuse(refusal)
        self.envelope.chunks = pairs = self.envelope.chunks or PairKeeper()
        await self._read_exactly(size, last, content, pairs)
        if refusal is not None:
            self._set_post_data_state()
            await self.answer(refusal)
        elif last:
            await self._finish(content)
        else:
            await self.answer(content.refusal or Reply(250, "2.0.0", f"{size} bytes"))

    async def _read_exactly(self, size: int, last: bool, content: Content, pairs: PairKeeper) -> None:
        if size == 0 and last:
            content.write(pairs.feed(b"", last=True))
        while size > 0:
            chunk = await self._reader.read(min(size, CHUNK))
            if not chunk:
                raise ConnectionResetError
            self._reset_timeout()
            size -= len(chunk)
            content.write(pairs.feed(chunk, last=last and size == 0))
            await self._bounded(content)

    def _no_content_yet(self) -> Reply | None:
        if self.envelope.mail is None:
            return MAIL_FIRST
        return None if self.envelope.recipients else RCPT_FIRST

    def _begin_content(self) -> Content:
        self.envelope.content = Content(self.door.sink(), size_limit=settings.MESSAGE_SIZE_LIMIT, normalise=self.door.normalise)
        return self.envelope.content

    async def _finish(self, content: Content) -> None:
        """All of it is here: a promise or a refusal, and then a new transaction either way."""
        try:
            reply = content.refusal or await self.door.accept(self.session, self.envelope)
        except Exception as error:
            reply = reply_for(error)
        self._noted("DATA", reply)
        self._set_post_data_state()
        await self.answer(reply)

    def _noted(self, command: str, reply: Reply, **fields: object) -> Reply:
        if not reply.positive:
            fields |= {"client": self.session.client, "reply": reply}
            maillog.event("refused", door=self.door.name, id=self.envelope.id, at=command, **fields)
        return reply

    async def smtp_RSET(self, arg: str | None) -> None:
        if arg:
            return await self.answer(Reply(501, "5.5.4", "RSET takes no argument"))
        self._set_rset_state()
        return await self.answer(OK)

    async def smtp_NOOP(self, arg: str | None) -> None:
        await self.answer(OK)

    async def smtp_VRFY(self, arg: str | None) -> None:
        """RFC 5321 §3.5.3: 252 tells a guesser nothing."""
        await self.answer(Reply(252, "2.5.2", "Send mail to find out") if arg else Reply(501, "5.5.4", "VRFY takes an address"))

    async def smtp_EXPN(self, arg: str | None) -> None:
        await self.answer(Reply(502, "5.5.1", "EXPN is not offered"))

    async def smtp_HELP(self, arg: str | None) -> None:
        await self.answer(Reply(214, "2.0.0", "See RFC 5321"))

    async def smtp_QUIT(self, arg: str | None) -> None:
        await self._leave(Reply(221, "2.0.0", "Goodbye"))

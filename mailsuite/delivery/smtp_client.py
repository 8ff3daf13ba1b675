"""The client's side of one SMTP connection: many messages, an answer for each recipient, every word of the remote kept."""

from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from mailsuite.delivery.smtp_channel import Channel, Gone, Patience, TlsBroken
from mailsuite.protocol.dots import Stuffer
from mailsuite.protocol.esmtp import parse_extensions
from mailsuite.protocol.reply import Reply

NO_8BIT = Reply(554, "5.6.3", "The message has 8-bit content, and the next host takes only 7-bit (it offers no 8BITMIME)")
NO_UTF8 = Reply(553, "5.6.7", "An address or the header is not ASCII, and the next host cannot take that (it offers no SMTPUTF8)")
UNFIT = Reply(553, "5.1.3", "An address has characters that cannot be sent")
PERHAPS = Reply(451, "4.4.2", "The connection was lost after the message was sent; whether it was taken is not known")


@dataclass(frozen=True, slots=True)
class To:
    """One recipient and the sender's DSN wishes for it, as received."""

    address: str
    notify: str = ""
    orcpt: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What one transaction carries. `size` is that of the content in bytes."""

    reverse_path: str
    recipients: Sequence[To]
    size: int
    body_8bit: bool = False
    smtputf8: bool = False  # the header or an address needs RFC 6531
    envid: str = ""
    ret: str = ""


class SmtpClient:
    """One connection. Call `open`, `hello`, perhaps `starttls` and `login`, then `send` again and again, then `quit`."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.extensions: dict[str, str] = {}
        self._closing = False  # the other side announced that it will hang up
        self._clean = True  # no transaction is open on the other side

    @classmethod
    async def open(
        cls, address: str, port: int, *, context: ssl.SSLContext | None = None, name: str = "", patience: Patience
    ) -> SmtpClient:
        """Connect and read the greeting. With `context` TLS comes first (RFC 8314). Raises Gone."""
        client = cls(await Channel.connect(address, port, context, name, patience))
        greeting = await client._channel.read(patience.greeting)
        if greeting.code != 220:
            await client.quit()
            raise Gone(greeting, heard=True)
        return client

    @property
    def usable(self) -> bool:
        """May another message be sent?"""
        return self._channel.open and not self._closing

    @property
    def tls(self) -> str:
        """Version and cipher; "" is plain text."""
        return self._channel.tls

    async def hello(self, name: str) -> None:
        """EHLO, or HELO where that is not understood (RFC 5321 §3.2). Raises Gone."""
        reply = await self._channel.command(f"EHLO {name}")
        self.extensions = parse_extensions(reply) if reply.positive else {}
        if reply.permanent:
            reply = await self._channel.command(f"HELO {name}")
        if reply.code != 250:
            await self.quit()
            raise Gone(reply, heard=True)

    async def starttls(self, context: ssl.SSLContext, server_name: str, own_name: str) -> None:
        """Begin TLS and say hello again; nothing said before it counts (RFC 3207 §4.2). Raises TlsBroken, Gone."""
        reply = await self._channel.command("STARTTLS")
        if reply.code != 220:
            raise TlsBroken(reply)
        await self._channel.start_tls(context, server_name)
        await self.hello(own_name)

    async def login(self, user: str, password: str) -> Reply:
        """AUTH PLAIN, or LOGIN where only that is offered. Raises Gone."""
        offered = self.extensions.get("AUTH", "").upper().split()
        if "PLAIN" in offered or "LOGIN" not in offered:
            return await self._channel.command("AUTH PLAIN " + _base64(f"\0{user}\0{password}"))
        reply = await self._channel.command("AUTH LOGIN")
        for answer in (user, password):
            if reply.code == 334:
                reply = await self._channel.command(_base64(answer))
        return reply

    async def send(self, message: Message, content: AsyncIterator[bytes]) -> list[Reply]:
        """One transaction; a reply for each recipient, in order. Raises Gone where nothing was handed over."""
        if (refusal := self._cannot_take(message)) is not None:
            return [refusal] * len(message.recipients)
        if not self._clean:
            await self._channel.command("RSET")
        self._clean = False
        replies, go_on = await self._envelope(message)
        if go_on.code != 354:
            self._closing = self._closing or go_on.positive  # out of step: who knows what it takes for content
            return [_not_accepted(go_on) if reply.positive else reply for reply in replies]
        if not any(reply.positive for reply in replies):  # RFC 2920 §3.1: DATA was taken though nobody was; end it, empty
            await self._channel.exchange(b".\r\n", self._channel.patience.end_of_data)
            return replies
        end = await self._content(content)
        self._clean = end.positive
        return [end if reply.positive else reply for reply in replies]

    def _cannot_take(self, message: Message) -> Reply | None:
        limit = self.extensions.get("SIZE", "")
        if limit.isascii() and limit.isdecimal() and 0 < int(limit[:20]) < message.size:
            return Reply(552, "5.3.4", f"The message has {message.size} bytes, and the next host takes at most {limit}")
        if message.body_8bit and "8BITMIME" not in self.extensions:
            return NO_8BIT
        if message.smtputf8 and "SMTPUTF8" not in self.extensions:
            return NO_UTF8
        addresses = [message.reverse_path, *(to.address for to in message.recipients)]
        return None if all(map(str.isprintable, addresses)) else UNFIT

    async def _envelope(self, message: Message) -> tuple[list[Reply], Reply]:
        """A reply for each recipient, and the reply to DATA (or what stands for it)."""
        lines = [self._mail(message), *(self._rcpt(one) for one in message.recipients), "DATA"]
        pipelining = "PIPELINING" in self.extensions
        replies = await (self._pipelined(lines) if pipelining else self._one_by_one(lines))
        self._closing = any(reply.code == 421 for reply in replies)
        mail, data = replies[0], replies[-1]
        if mail.code == 421:
            raise Gone(mail, heard=True)
        if not mail.positive:
            return [mail] * len(message.recipients), data
        return [_for_recipient(reply) for reply in replies[1:-1]], data

    async def _pipelined(self, lines: list[str]) -> list[Reply]:
        """RFC 2920: all at once. We read although not all is written yet, so neither side waits for the other's buffers."""
        self._channel.send("".join(f"{line}\r\n" for line in lines).encode())
        return [await self._channel.read(self._channel.patience.command) for _ in lines]

    async def _one_by_one(self, lines: list[str]) -> list[Reply]:
        replies = [await self._channel.command(lines[0])]
        for line in lines[1:-1]:
            replies.append(await self._channel.command(line) if replies[0].positive else replies[0])
        wanted = replies[0].positive and any(reply.positive for reply in replies[1:])
        return [*replies, await self._channel.command("DATA") if wanted else Reply(503, "5.5.1", "Nobody was taken")]

    def _mail(self, message: Message) -> str:
        words = [f"MAIL FROM:<{message.reverse_path}>"]
        words += [f"SIZE={message.size}"] if "SIZE" in self.extensions else []
        words += ["BODY=8BITMIME"] if message.body_8bit else []
        words += ["SMTPUTF8"] if message.smtputf8 else []
        if "DSN" in self.extensions:
            words += [f"RET={message.ret}"] if message.ret else []
            words += [f"ENVID={message.envid}"] if message.envid else []
        return " ".join(words)

    def _rcpt(self, to: To) -> str:
        words = [f"RCPT TO:<{to.address}>"]
        if "DSN" in self.extensions:
            words += [f"NOTIFY={to.notify}"] if to.notify else []
            words += [f"ORCPT={to.orcpt}"] if to.orcpt else []
        return " ".join(words)

    async def _content(self, content: AsyncIterator[bytes]) -> Reply:
        stuffer = Stuffer()
        try:
            async for chunk in content:
                await self._channel.write(stuffer.feed(chunk))
            await self._channel.write(stuffer.finish())
        except Gone as gone:
            # The dot did not get through, so nothing was taken; a host that hangs up in the middle may have said why.
            said = self._channel.last_words()
            raise Gone(said or gone.reply, heard=said is not None) from gone
        try:
            end = await self._channel.read(self._channel.patience.end_of_data)
        except Gone:
            return PERHAPS
        self._closing = end.code == 421
        return end if end.code != 354 else _not_accepted(end)

    async def quit(self) -> None:
        """Say goodbye, politely but not patiently, and close. Never raises."""
        try:
            if self._channel.open:
                await self._channel.exchange(b"QUIT\r\n", self._channel.patience.quit)
        except Gone:
            pass
        self._channel.close()


def _for_recipient(reply: Reply) -> Reply:
    """552 after RCPT means too many recipients (RFC 5321 §4.5.3.1.10): come again."""
    if reply.code == 552 and not reply.enhanced:
        return Reply(452, "4.5.3", reply.text)
    return reply if reply.code != 354 else _not_accepted(reply)


def _not_accepted(reply: Reply) -> Reply:
    """A positive reply where it makes no sense is no acceptance."""
    return Reply(451, "4.5.0", f"The host answered out of turn: {reply}") if reply.positive else reply


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()

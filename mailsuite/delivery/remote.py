"""Hand messages to other hosts: one connection for many, the next host when one fails, an outcome for each recipient."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

from django.conf import settings

from mailsuite import maillog
from mailsuite.blobs import store
from mailsuite.delivery import hosts
from mailsuite.delivery.hosts import NoHost, Target
from mailsuite.delivery.route import Letter, Outcome, Remote
from mailsuite.delivery.smtp_channel import Gone, Patience, TlsBroken
from mailsuite.delivery.smtp_client import Message, SmtpClient, To
from mailsuite.net import tls
from mailsuite.protocol.reply import Reply

MOST_RECIPIENTS = 100  # of one transaction: every host takes so many (RFC 5321 §4.5.3.1.8)
MOST_FAILURES = 5  # connections that come to nothing, of one attempt
NOBODY_ANSWERED = Reply(451, "4.4.1", "No host of the domain could be reached")
PATIENCE = Patience()


async def deliver(hop: Remote, letters: Sequence[Letter], patience: Patience = PATIENCE) -> AsyncIterator[Sequence[Outcome]]:
    """Speak SMTP with the next hop; yields what became of each letter as soon as the other host has spoken.

    Every recipient gets exactly one outcome, unless a mistake of ours raises.
    """
    waiting = deque(_parted(letters))
    why, host = Gone(NOBODY_ANSWERED), ""
    failures = 0
    try:
        async for target in hosts.targets(hop):
            again = True
            while waiting and again and failures < MOST_FAILURES:
                before, first = len(waiting), waiting[0]
                try:
                    async for outcomes in _conversation(hop, target, waiting, patience):
                        yield outcomes
                except Gone as gone:
                    if _tells_more(gone, why):
                        why, host = gone, str(target)
                    failures += len(waiting) == before
                # A host that took some and hung up is called again, and one that stumbled over a letter for the next letter.
                again = len(waiting) < before or (bool(waiting) and waiting[0] is not first)
            if not waiting or failures >= MOST_FAILURES:
                break
    except NoHost as nobody:
        why, host = Gone(nobody.reply), ""
    for letter in waiting:
        yield [Outcome(recipient, why.reply, host) for recipient in letter.recipients]


def _parted(letters: Sequence[Letter]) -> list[Letter]:
    return [
        Letter(letter.envelope, letter.recipients[start : start + MOST_RECIPIENTS], letter.prefix)
        for letter in letters
        for start in range(0, len(letter.recipients), MOST_RECIPIENTS)
    ]


def _tells_more(new: Gone, old: Gone) -> bool:
    """What to tell where no host helped: a host's words rather than ours; and a temporary reply, for it keeps hope."""
    if new.heard != old.heard:
        return new.heard
    return new.reply.temporary or old.reply.permanent or old.reply is NOBODY_ANSWERED


async def _conversation(hop: Remote, target: Target, waiting: deque[Letter], patience: Patience) -> AsyncIterator[list[Outcome]]:
    """Send letters while the host takes them; each that has its outcome leaves `waiting`. Raises Gone."""
    client = await _connected(hop, target, patience)
    try:
        while waiting and client.usable:
            letter = waiting[0]
            message, content = _as_sent(letter)
            try:
                replies = await client.send(message, content())
            except Gone as gone:
                if not gone.reply.permanent:
                    waiting.rotate(-1)  # it may be this letter that the host cannot bear: the others come first now
                    raise
                replies = [gone.reply] * len(letter.recipients)
            waiting.popleft()
            dsn = "DSN" in client.extensions
            pairs = zip(letter.recipients, replies, strict=True)
            yield [Outcome(recipient, reply, str(target), client.tls, dsn) for recipient, reply in pairs]
    finally:
        await client.quit()


async def _connected(hop: Remote, target: Target, patience: Patience) -> SmtpClient:
    """Greeted, inside TLS where it can be had, logged in where the smart host wants it. Raises Gone."""
    if hop.smarthost and settings.SMARTHOST_USER:
        return await _logged_in(target, patience)
    client = await _greeted(target, patience)
    if "STARTTLS" not in client.extensions:
        return client
    try:
        await client.starttls(tls.client_context(verify=False), target.server_name, settings.HOSTNAME)
    except TlsBroken as broken:
        # RFC 7435: opportunistic. What cannot be encrypted goes in plain text, as it would to a host without TLS.
        maillog.event("tls-failed", host=target, reply=broken.reply)
        if not client.usable:
            return await _greeted(target, patience)
    return client


async def _greeted(target: Target, patience: Patience) -> SmtpClient:
    client = await SmtpClient.open(target.address, target.port, patience=patience)
    await client.hello(settings.HOSTNAME)
    return client


async def _logged_in(target: Target, patience: Patience) -> SmtpClient:
    """A password is sent to the very host it is for, and only inside TLS; on this machine it needs none."""
    context = tls.client_context(verify=True)
    if target.port == 465:
        client = await SmtpClient.open(target.address, target.port, context=context, name=target.server_name, patience=patience)
        await client.hello(settings.HOSTNAME)
    else:
        client = await _greeted(target, patience)
        if "STARTTLS" in client.extensions:
            await client.starttls(context, target.server_name, settings.HOSTNAME)
    if not client.tls and not ipaddress.ip_address(target.address).is_loopback:
        await client.quit()
        raise Gone(Reply(454, "4.7.0", "The smart host offers no TLS, and the password is not sent without"))
    reply = await client.login(settings.SMARTHOST_USER, settings.SMARTHOST_PASSWORD)
    if not reply.positive:  # a wrong password is the operator's trouble, and no reason to bounce anybody's mail
        maillog.problem("smarthost-refused-login", host=target, reply=reply)
        await client.quit()
        raise Gone(Reply(454, "4.7.0", f"The smart host refused our login: {reply}"), heard=True)
    return client


def _as_sent(letter: Letter) -> tuple[Message, Callable[[], AsyncIterator[bytes]]]:
    envelope = letter.envelope
    recipients = [To(row.address, row.notify, row.orcpt) for row in letter.recipients]
    addresses = [envelope.reverse_path, *(to.address for to in recipients)]
    small = store.read(envelope.blob) if envelope.blob.inline is not None else None
    message = Message(
        envelope.reverse_path,
        recipients,
        size=len(letter.prefix) + envelope.blob.size,
        body_8bit=envelope.body_8bit if small is None else not small.isascii(),
        smtputf8=not all(address.isascii() for address in addresses) or (envelope.smtputf8 and _has_utf8_header(small)),
        envid=envelope.envid,
        ret=envelope.ret,
    )
    return message, lambda: _content(letter, small)


def _has_utf8_header(content: bytes | None) -> bool:
    """Does the header need SMTPUTF8, as its sender said it might? Large content is not looked into: believe the sender."""
    return content is None or not content.partition(b"\r\n\r\n")[0].isascii()


async def _content(letter: Letter, small: bytes | None) -> AsyncIterator[bytes]:
    if small is not None:
        yield letter.prefix + small
        return
    yield letter.prefix
    chunks = store.stream(letter.envelope.blob)
    while chunk := await asyncio.to_thread(next, chunks, b""):
        yield chunk

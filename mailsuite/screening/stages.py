"""The stages of a transaction with a stranger: each gives a Verdict; what takes long starts early and is awaited late.

A door keeps one `Screen` for a session:

    screen = Screen()
    verdict = await screen.at_connect(client_ip)
    verdict = await screen.at_mail(ehlo, reverse_path)    # after each MAIL; SPF runs on while the client talks
    verdict = await screen.at_data(content)               # at the end of DATA, before we answer it
    screen.reset()                                        # RSET, a new EHLO, the end of the session

Never for submission: our own members are known by their password.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from django.conf import settings

from mailsuite import maillog
from mailsuite.net.dns import Resolver, get_resolver
from mailsuite.protocol import authres
from mailsuite.protocol.dmarc import DmarcResult
from mailsuite.protocol.iprev import IprevResult
from mailsuite.protocol.reply import Reply
from mailsuite.protocol.spf import SpfResult
from mailsuite.screening import dkim, dmarc, iprev, spf
from mailsuite.screening.dkim import DkimResult, Incoming
from mailsuite.screening.rate import Standing
from mailsuite.screening.tally import Deed, get_tally
from mailsuite.screening.verdict import ACCEPT, Action, Verdict

# RFC 8601 §5 wants such fields taken out, and a blob keeps its bytes: so ours stands above it, and the message not in Inbox.
IN_OUR_NAME = "It brings along findings in our name (Authentication-Results), which are not ours."


class Screen:
    """Screens the transactions of one session, one after another."""

    def __init__(self, resolver: Resolver | None = None, *, authserv_id: str | None = None) -> None:
        self._resolver = resolver or get_resolver()
        self._authserv_id = authserv_id or settings.HOSTNAME
        self._client_ip = self._ehlo = self._reverse_path = ""
        self._spf: asyncio.Task[SpfResult] | None = None
        self._iprev: asyncio.Task[IprevResult] | None = None
        self._standing = Standing(get_tally(), self._resolver, "")

    async def at_connect(self, client_ip: str) -> Verdict:
        """A client is there, by its IP address in text form."""
        self._client_ip = client_ip
        self._standing = Standing(get_tally(), self._resolver, client_ip)
        return ACCEPT

    async def at_mail(self, ehlo: str, reverse_path: str) -> Verdict:
        """A transaction begins; the reverse-path is local@domain, or "" for the null one."""
        self.reset()
        verdict = await self._standing.at_mail()
        if not verdict.welcome:
            return verdict
        self._ehlo, self._reverse_path = ehlo, reverse_path
        self._spf = asyncio.create_task(spf.check(self._resolver, self._client_ip, ehlo, reverse_path))
        self._iprev = self._iprev or asyncio.create_task(iprev.check(self._resolver, self._client_ip))
        return ACCEPT

    async def at_unknown(self) -> None:
        """A recipient was named who does not exist here."""
        await self._standing.count(Deed.UNKNOWN)

    async def at_data(self, content: bytes | Iterable[bytes]) -> Verdict:
        """The message is there, as it was sent: whole, or in chunks (which are read in a thread, once).

        A mistake of ours never loses a message, and never lets one pass for genuine: it goes to Junk.
        """
        try:
            verdict = await self._judge(Incoming.read(content))
        except Exception as error:
            maillog.problem("screening-failed", client=self._client_ip, reason=repr(error))
            nothing = authres.build(self._authserv_id, [])  # ours stands first, before any that the message brings along
            return Verdict(Action.JUNK, reason="The message could not be checked.", trace=nothing)
        finally:
            self.reset()
        return verdict

    def reset(self) -> None:
        """Forget the transaction, and stop what still runs for it."""
        if self._spf:
            self._spf.cancel()
        self._spf = None
        if self._iprev and (self._iprev.cancelled() or not self._iprev.done()):  # an answer holds for the whole session
            self._iprev.cancel()
            self._iprev = None

    async def _judge(self, message: Incoming) -> Verdict:
        sender, host, signatures = await asyncio.gather(self._sender(), self._host(), dkim.verify(message, self._resolver))
        author, hidden = await dmarc.check(message.header, sender, signatures, self._resolver)
        trace = authres.build(
            self._authserv_id,
            [
                spf.method_result(sender, self._ehlo, self._reverse_path),
                iprev.method_result(host, self._client_ip),
                *dkim.method_results(signatures),
                dmarc.method_result(author),
            ],
        )
        if author.result != "pass" and authres.forged(message.header[: dkim.LONGEST_HEADER], self._authserv_id):
            hidden = hidden or IN_OUR_NAME  # proven authors' mail may have been here before, and come back by a list
        verdict = _decide(author, hidden, trace, _results(sender, host, signatures, author))
        verdict = await self._standing.weigh(verdict, _proven(author, signatures, sender))
        self._log(verdict, sender, host, signatures, author)
        return verdict

    async def _sender(self) -> SpfResult:
        return await self._spf if self._spf else SpfResult("none", "", "not asked")

    async def _host(self) -> IprevResult:
        return await self._iprev if self._iprev else IprevResult("none", reason="not asked")

    def _log(
        self, verdict: Verdict, sender: SpfResult, host: IprevResult, signatures: Sequence[DkimResult], author: DmarcResult
    ) -> None:
        maillog.event(
            "screened",
            action=verdict.action,
            client=self._client_ip,
            reverse_path=f"<{self._reverse_path}>",
            author=author.domain,
            spf=sender.result,
            iprev=host.result,
            dkim=",".join(f"{found.result}:{found.domain}" for found in signatures) or "none",
            dmarc=author.result,
            reason=verdict.reason or None,
        )


def _decide(author: DmarcResult, hidden: str, trace: bytes, results: dict[str, object]) -> Verdict:
    if author.result == "fail" and author.policy == "reject":
        reason = f"{author.domain} asks to refuse mail that it did not send (DMARC p=reject)."
        return Verdict(Action.REFUSE, _refusal(author), reason, trace, results)
    if author.result == "fail" and author.policy == "quarantine":
        reason = f"{author.domain} asks to distrust mail that it did not send (DMARC p=quarantine)."
        return Verdict(Action.JUNK, None, reason, trace, results)
    if hidden:
        return Verdict(Action.JUNK, None, hidden, trace, results)
    return Verdict(Action.ACCEPT, None, "", trace, results)


def _proven(author: DmarcResult, signatures: Sequence[DkimResult], sender: SpfResult) -> str:
    """The domain that answers for the message, "" where none does."""
    if author.result == "pass":
        return author.domain
    signed = next((one.domain for one in signatures if one.result == "pass"), "")
    return signed or (sender.domain if sender.result == "pass" else "")


def _refusal(author: DmarcResult) -> Reply:
    """RFC 9989 §7.2: refuse in the session, and name the domain, so that its people can find the mistake."""
    domain = ascii(author.domain)[1:-1][:253]
    text = (
        f"The message is from {domain}, which did not authenticate it (neither SPF nor DKIM passes for that domain)"
        f" and which asks to refuse such mail (DMARC p=reject)"
    )
    return Reply(550, "5.7.1", text)


def _results(sender: SpfResult, host: IprevResult, signatures: Sequence[DkimResult], author: DmarcResult) -> dict[str, object]:
    found = {"spf": _kept(sender), "iprev": _kept(host)}
    return found | {"dkim": [_kept(one) for one in signatures], "dmarc": _kept(author)}


def _kept(result: SpfResult | IprevResult | DkimResult | DmarcResult) -> dict[str, str]:
    """As a row can hold it: PostgreSQL's JSON takes no NUL and no half of a surrogate pair, and a stranger may send both."""
    return {name: "".join(c if c.isprintable() else "?" for c in value[:320]) for name, value in asdict(result).items()}

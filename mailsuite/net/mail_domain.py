"""Does a domain take mail? Asked while a letter to it is being written (RFC 5321 §5.1, RFC 7505)."""

from __future__ import annotations

from typing import Literal

from mailsuite.net.dns import NoSuchName, Questions

Taking = Literal["ok", "noMail", "noDomain"]


async def takes_mail(questions: Questions, domain: str) -> Taking:
    """ok: it has mail hosts, or an address of its own; noMail: it has neither, or says that it takes none. Raises DnsTrouble."""
    try:
        hosts = await questions.mx(domain)
        if hosts:
            return "ok" if any(host for _, host in hosts) else "noMail"
        return "ok" if await questions.a(domain) or await questions.aaaa(domain) else "noMail"
    except NoSuchName:
        return "noDomain"

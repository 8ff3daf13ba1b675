"""All warnings of one message, weighed together: which stand, how grave they are, and which the member has said are fine."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.core.cache import cache

from mailsuite.accounts import preferences
from mailsuite.accounts.models import Account
from mailsuite.mailstore.correspondence import earlier_from, was_written_to
from mailsuite.mailstore.models import Message
from webmail import trust
from webmail.cautions import author, files, words
from webmail.cautions import known as known_people
from webmail.cautions.warning import Warning, worst_first
from webmail.inspection import Found, inspect
from webmail.page import own_addresses

REMEMBERED = 600  # seconds
MOST_LINKS = 5  # told of one by one
MOST_EARLIER = 50  # messages of a conversation that are asked for names


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the account's own addresses and its language."""

    mine: Collection[str]
    language: str = "en"

    @classmethod
    def of(cls, account: Account) -> Reader:
        return cls(own_addresses(account.pk), preferences.of(account)["language"] or "en")


def warnings(
    message: Message, reader: Reader | None = None, *, content: bytes | None = None, known: trust.Decided | None = None
) -> list[Warning]:
    """What to be careful with, the gravest first; `content` and `known` where they are at hand.

    What was judged holds for a while, so that reading on costs nothing; what the member calls fine holds at once.
    """
    if message.own or message.flags & Message.DRAFT or not message.author_address:
        return []
    key = f"cautions:{message.account_id}:{message.pk}:{message.blob_id}:{reader.language if reader else ''}"
    said = cache.get(key)
    if said is None:
        said = _judged(message, reader or Reader.of(message.account), content)
        cache.set(key, said, REMEMBERED)
    fine = (known or trust.decided(message)).fine
    return worst_first(_weighed([one for one in said if one.code not in fine]))


def _judged(message: Message, reader: Reader, content: bytes | None) -> list[Warning]:
    standing = trust.standing(message)
    stranger = _is_stranger(message, reader, standing)
    found = inspect(message, content)
    own = known_people.own_domains()
    said = [
        *author.own_domain(message, own),
        *author.unusual(message),
        *author.reply_to(message),
        *files.risky(message.attachments),
        *_links(message, found, standing),
    ]
    if stranger:
        said += [*author.display_name(message), *author.lookalike(message, own, reader.language)]
        said += author.new_address(message, _earlier(message))
        said += _first(message, found, said) if not _is_bulk(message, standing) else ()
    return said


def _is_stranger(message: Message, reader: Reader, standing: trust.Standing) -> bool:
    """Nobody the account has written to, and no member who is proven to be one."""
    address = message.author_address
    if standing.proven and trust.is_ours(message):
        return False
    return standing.disproven or not was_written_to(message.account_id, address, reader.mine)


def _earlier(message: Message) -> list[Message]:
    """The messages before it in its conversation."""
    before = Message.objects.filter(
        account_id=message.account_id, thread_id=message.thread_id, received_at__lte=message.received_at
    )
    return list(before.exclude(pk=message.pk).only("people").order_by("-received_at")[:MOST_EARLIER])


def _is_bulk(message: Message, standing: trust.Standing) -> bool:
    """A list, or a newsletter that is really from who it says: its first issue is no first letter of a person.

    Lists break the signatures of those who write to them, so nothing is asked of a list but that it was not found to be false.
    """
    traits = message.traits.keys()
    return ("list_id" in traits and not standing.disproven) or (standing.proven and bool(traits & {"bulk", "auto"}))


def _links(message: Message, found: Found, standing: trust.Standing) -> Iterator[Warning]:
    """P8. Senders of newsletters count clicks through other hosts: there it is worth a note, and no more."""
    level = "note" if _is_bulk(message, standing) else "caution"
    for said, goes in found.false_links[:MOST_LINKS]:
        yield Warning("P8", level, "link", {"said": said, "goes": goes})


def _first(message: Message, found: Found, said: Sequence[Warning]) -> list[Warning]:
    """P6 or P7: a first message, and what it asks for."""
    if earlier_from(message.account_id, message.author_address, message):
        return []
    codes = {one.code for one in said} - ({"P12"} if "bulk" in message.traits else set())  # lists want answers for themselves
    ask = words.asks(message.subject, found.text)
    ask = ask or next((ask for code, ask in (("P9", "file"), ("P8", "link"), ("P12", "reply")) if code in codes), None)
    if ask is None:
        return [Warning("P7", "note", values={"address": message.author_address})]
    return [Warning("P6", "caution", values={"address": message.author_address, "ask": ask})]


def _weighed(said: Sequence[Warning]) -> list[Warning]:
    """P1 together with P6 or P8 is danger: a known name that asks for something, or lies about a link."""
    graver = {one.code for one in said if one.level != "note"} & {"P6", "P8"}
    return [one.raised("danger") if one.code == "P1" and graver else one for one in said]

"""Signals about who a message says it is from: P1 to P5, and P10 to P12 (product.md 4.7)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from mailsuite.mailstore.correspondence import checks_of_domain, dmarc_of
from mailsuite.mailstore.models import Message
from mailsuite.protocol import confusable
from mailsuite.protocol.organisation import registrable
from webmail import display
from webmail.cautions import known
from webmail.cautions.warning import Warning

ADDRESS = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}")
SHORTEST_ALIKE = 5  # letters of a name that is worth imitating; `ups` is one letter away from everything
USUAL = 5  # mails of a domain that passed, before one that does not is news


def display_name(message: Message) -> Iterator[Warning]:
    """P1 and P2: what the name beside the address claims."""
    name, address = display.clean(message.author_name), message.author_address
    named = ADDRESS.search(name)
    if named and _organisation(named[0]) != _organisation(address):
        is_list_s = " via " in name and "list_id" in message.traits  # how lists write for domains that forbid it
        if not is_list_s:
            yield Warning("P2", "danger", values={"named": named[0], "address": address})
        return
    someone = known.by_name(message.account_id, name)
    if someone and not known.any_known(someone.addresses, _organisation(address)):
        yield Warning("P1", "caution", values={"name": name, "address": address, "known": someone.addresses[0]})


def own_domain(message: Message, own: Collection[str]) -> Iterator[Warning]:
    """P3: from one of our domains, but not through us."""
    domain = _domain(message.author_address)
    if domain in own and dmarc_of(message.decision) == "fail":
        yield Warning("P3", "danger", values={"domain": domain})


def lookalike(message: Message, own: Collection[str], language: str) -> Iterator[Warning]:
    """P4 and P5: a domain that is not what it looks like."""
    domain = _domain(message.author_address)
    mine, shown = registrable(domain), confusable.unicode_form(domain)
    ours, theirs = {registrable(one) for one in own}, known.domains_written_to(message.account_id)
    if not domain or mine in ours | theirs | set(known.WELL_KNOWN):
        return
    for candidates, level, endings in ((ours, "danger", True), (theirs, "caution", True), (known.WELL_KNOWN, "caution", False)):
        found = next((one for one in sorted(candidates) if looks_like(mine, one, endings=endings)), None)
        if found:
            yield Warning("P4", level, values={"domain": shown, "known": found})  # type: ignore[arg-type]
            return
    labels = shown.split(".")
    if any(confusable.is_mixed(one) or confusable.is_foreign(one, language) for one in labels):
        yield Warning("P5", "caution", values={"shown": shown, "domain": domain})


def looks_like(domain: str, other: str, *, endings: bool) -> bool:
    """Could one registrable domain be taken for the other: alike to the eye, a letter off, a word added, another ending?"""
    name, ending = _parts(confusable.unicode_form(domain))
    theirs, their_ending = _parts(confusable.unicode_form(other))
    if len(theirs) < SHORTEST_ALIKE:
        return False
    if name == theirs:
        return endings and ending != their_ending
    if confusable.skeleton(name) == confusable.skeleton(theirs) or confusable.is_one_off(name, theirs):
        return True
    return name.startswith(f"{theirs}-") or name.endswith(f"-{theirs}")


def unusual(message: Message) -> Iterator[Warning]:
    """P10: a domain whose mail always passed, and this does not."""
    if dmarc_of(message.decision) == "fail":
        domain = _domain(message.author_address)
        before = checks_of_domain(message.account_id, domain, message)
        if len(before) >= USUAL and set(before) == {"pass"}:
            yield Warning("P10", "caution", values={"domain": domain})


def new_address(message: Message, earlier: Sequence[Message]) -> Iterator[Warning]:
    """P11: somebody's name in a conversation that goes on, with an address that it never had there."""
    name, address = display.clean(message.author_name), message.author_address.casefold()
    people = [pair for one in earlier for pairs in one.people.values() for pair in pairs if len(pair) == 2]
    if " " not in name or "list_id" in message.traits or any(pair[1].casefold() == address for pair in people):
        return
    namesakes = {pair[1].casefold() for pair in people if display.clean(pair[0]).casefold() == name.casefold()}
    if namesakes and _organisation(address) not in {_organisation(one) for one in namesakes}:
        yield Warning("P11", "caution", values={"name": name, "address": address, "known": min(namesakes)})


def reply_to(message: Message) -> Iterator[Warning]:
    """P12: answers go to another domain, and no list is the reason."""
    if "list_id" in message.traits:
        return
    for _, address in message.people.get("reply_to", ())[:5]:
        if "@" in address and _organisation(address) != _organisation(message.author_address):
            yield Warning("P12", "note", "reply", {"address": address})
            return


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _organisation(address: str) -> str:
    return registrable(_domain(address))


def _parts(domain: str) -> tuple[str, str]:
    name, _, ending = domain.partition(".")
    return name, ending

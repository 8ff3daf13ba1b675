"""DMARC: does who is proven to have sent a message stand for whom it says it is from? (RFC 9989)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailsuite.protocol.dmarc_record import POLICIES, Policy, select
from mailsuite.protocol.lookups import Asking, Question
from mailsuite.protocol.organisation import suffixes

LONGEST_WALK = 8  # questions, RFC 9989 §4.10


@dataclass(frozen=True)
class Identifier:
    """A domain that SPF or DKIM spoke about. `proven`: it passed; otherwise DNS failed, and it might have passed."""

    method: str  # spf or dkim
    domain: str
    proven: bool = True


@dataclass(frozen=True)
class DmarcResult:
    """none, pass, fail, temperror or permerror, for an author domain; with the policy to apply to a fail."""

    result: str
    domain: str
    policy: str = ""  # none, quarantine or reject, after sp, np and t
    policy_domain: str = ""  # where the record was found
    reason: str = ""


class _Trouble(Exception):
    pass


def evaluate(author_domain: str, identifiers: Iterable[Identifier]) -> Asking[DmarcResult]:
    """Judge one author domain (A-labels) by the identifiers that authentication found."""
    author = author_domain.lower().rstrip(".")
    try:
        return (yield from _evaluate(author, list(identifiers)))
    except _Trouble as trouble:
        return DmarcResult("temperror", author, reason=str(trouble))


def _evaluate(author: str, identifiers: list[Identifier]) -> Asking[DmarcResult]:
    own = yield from _policy_at(author)
    if own and own.applies and any(found.proven and found.domain.lower() == author for found in identifiers):
        return DmarcResult("pass", author, own.p, author)  # the common case, with one question
    found = yield from _walk(author, own)
    policy_domain = _policy_domain(author, found)
    if not policy_domain or not found[policy_domain].applies:
        return DmarcResult("none", author, reason="no DMARC record")
    policy = found[policy_domain]
    asked = yield from _asked(author, policy_domain, policy)
    aligned = yield from _aligned(author, found, policy, identifiers)
    if aligned and aligned.proven:
        return DmarcResult("pass", author, asked, policy_domain)
    if aligned:
        return DmarcResult("temperror", author, asked, policy_domain, f"{aligned.method} of {aligned.domain} is not known now")
    return DmarcResult("fail", author, asked, policy_domain, "neither SPF nor DKIM stands for the domain")


def _policy_at(domain: str) -> Asking[Policy | None]:
    answer = yield Question(f"_dmarc.{domain}", "TXT")
    if answer.trouble:
        raise _Trouble(f"no answer from DNS for _dmarc.{domain}")
    return select(answer.values)


def _walk(domain: str, own: Policy | None) -> Asking[dict[str, Policy]]:
    """The DNS tree walk (RFC 9989 §4.10) from a domain whose own record is known already: {domain: policy}, longest first."""
    found = {domain: own} if own else {}
    labels = domain.split(".")
    labels = labels[max(1, len(labels) - LONGEST_WALK + 1) :]
    while labels and not (found and next(reversed(found.values())).psd in ("y", "n")):
        target = ".".join(labels)
        if policy := (yield from _policy_at(target)):
            found[target] = policy
        labels = labels[1:]
    return found


def organizational(domain: str, found: Mapping[str, Policy]) -> str:
    """The organizational domain, by the records that a walk found (RFC 9989 §4.10.2).

    A record on a public suffix that does not say psd= is taken as psd=y: else everybody below it would be one organisation.
    """
    candidates = [name for name, policy in found.items() if policy.psd != "y" and not (policy.psd == "u" and _is_suffix(name))]
    for name, policy in found.items():
        if policy.psd == "n":
            return name
        if name not in candidates and name != domain:
            return _one_label_below(domain, name)
    return candidates[-1] if candidates else domain


def _policy_domain(author: str, found: Mapping[str, Policy]) -> str:
    """RFC 9989 §4.10.1: the author domain, its organizational domain, or the public suffix above that."""
    organization = organizational(author, found)
    above = [name for name in found if f".{organization}".endswith(f".{name}")]
    return next((name for name in (author, organization, *above) if name in found), "")


def _asked(author: str, policy_domain: str, policy: Policy) -> Asking[str]:
    """The policy for this author domain: p, sp or np, one step milder in testing mode."""
    asked = policy.p
    if author != policy_domain:
        exists = True
        if policy.for_subdomains(True) != policy.for_subdomains(False):
            answer = yield Question(author, "A")
            exists = answer.exists or answer.trouble
        asked = policy.for_subdomains(exists)
    return POLICIES[max(0, POLICIES.index(asked) - policy.testing)]


def _aligned(
    author: str, found: Mapping[str, Policy], policy: Policy, identifiers: list[Identifier]
) -> Asking[Identifier | None]:
    """The first identifier that stands for the author domain; a proven one before one that is not known."""
    for identifier in sorted(identifiers, key=lambda identifier: not identifier.proven):
        domain = identifier.domain.lower().rstrip(".")
        if domain == author:
            return identifier
        strict = policy.strict_spf if identifier.method == "spf" else policy.strict_dkim
        if not strict and (yield from _same_organization(author, found, domain)):
            return identifier
    return None


def _same_organization(author: str, found: Mapping[str, Policy], domain: str) -> Asking[bool]:
    if author.rpartition(".")[2] != domain.rpartition(".")[2]:
        return False  # spares a walk
    theirs = yield from _walk(domain, (yield from _policy_at(domain)))
    if organizational(author, found) == organizational(domain, theirs):
        return True
    # Where no record speaks of organisations, the public suffix list may: domains that align for everybody else should here.
    if any(policy.psd != "u" for policy in (*found.values(), *theirs.values())):
        return False
    registered = suffixes().privatesuffix(author)
    return registered is not None and registered == suffixes().privatesuffix(domain)


def _one_label_below(domain: str, name: str) -> str:
    return ".".join(domain.split(".")[-len(name.split(".")) - 1 :])


def _is_suffix(name: str) -> bool:
    return suffixes().is_public(name)

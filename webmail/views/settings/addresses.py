"""Settings of the addresses one writes as: name, answers and signature of each; and addresses elsewhere, proved by a code."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest

from mailsuite.accounts import addresses, identities, outside
from mailsuite.accounts.identities import ELSEWHERE, Persona
from mailsuite.accounts.outside import NotProven
from mailsuite.blobs.store import NoRoom
from mailsuite.delivery import notice
from mailsuite.protocol.address import format_mailbox, parse_list, parse_path
from webmail import dates, display
from webmail.asked_policy import UNKNOWN, policy_of
from webmail.i18n import t
from webmail.views.settings.form import Refusal, Save, confirm_password, number

NAME, TEXT, HTML, PEOPLE = 200, 10_000, 100_000, 20  # characters, and addresses for answers; as over JMAP


# --- what goes with each address ---


def _identity(request: HttpRequest) -> None:
    persona, form = _own(request), request.POST
    values = {
        "name": display.clean(form.get("name", ""))[:NAME],
        "reply_to": _people(form.get("reply_to", "")),
        "text": _text(form, "text", TEXT),
        "html": _text(form, "html", HTML),
    }
    identities.change(request.user, persona, **values)
    messages.success(request, t("Saved."))


def _own(request: HttpRequest) -> Persona:
    key = number(request.POST.get("key", ""))
    found = next((one for one in identities.of(request.user) if one.key == key), None)
    if found is None:
        raise Refusal("key", t("There is no such address any more."))
    return found


def _people(text: str) -> list[tuple[str, str]] | None:
    found = [(display.clean(one.name)[:NAME], one.address) for one in parse_list(text[:10_000])]
    is_nobody = bool(text.strip()) and not found  # a comment, say
    if is_nobody or len(found) > PEOPLE or not all(address and parse_path(address) for _, address in found):
        raise Refusal("reply_to", t("Write addresses, with commas between them."))
    return found or None


def _text(form: Any, name: str, most: int) -> str:
    text = form.get(name, "").replace("\r\n", "\n").rstrip()
    if len(text) > most or "\0" in text:
        raise Refusal(name, t("At most {most} characters.", most=most))
    return text


# --- addresses elsewhere ---


def _ask(request: HttpRequest) -> None:
    """Have a code sent there; the password is asked again, for whoever finds a browser signed in shall not have this."""
    confirm_password(request, "password")
    _send_code(request, request.POST.get("address", "").strip())


def _again(request: HttpRequest) -> None:
    """A new code to an address that one was sent to already."""
    pk = number(request.POST.get("proof", ""))
    found = next((one for one in outside.asked(request.user) if one.pk == pk), None)
    if found is None:
        raise Refusal("code", _sentence("expired"))
    _send_code(request, found.address)


def _send_code(request: HttpRequest, address: str) -> None:
    domain = addresses.split(address)[1]
    policy = policy_of(domain) if "." in domain and not addresses.is_local_domain(domain) else ""
    try:
        with transaction.atomic():
            proof, code = outside.ask(request.user, address, policy)
            notice.send(request.user, proof.address, t("Do you read this address?"), _letter(request, proof.address, code))
    except NotProven as reason:
        raise Refusal("address", _sentence(reason.why)) from reason
    except NoRoom as error:
        raise Refusal("address", t("The disk is full. Try again later.")) from error
    messages.success(request, t("A code was sent to {address}.", address=proof.address))


def _letter(request: HttpRequest, address: str, code: str) -> str:
    """Nothing in it is of the member's own words: it goes to somebody who may not know them."""
    return "\n\n".join(
        [
            t("{login} wants to write as {address}.", login=request.user.login, address=address),
            t("If that is you, type this code into Settings, Addresses, within 24 hours:"),
            f"{code[:4]}-{code[4:]}",
            t("If it is not, do nothing: without the code nobody writes as you."),
        ]
    )


def _prove(request: HttpRequest) -> None:
    try:
        made = outside.prove(request.user, number(request.POST.get("proof", "")), request.POST.get("code", ""))
    except NotProven as reason:
        raise Refusal("code", _sentence(reason.why)) from reason
    _forget_own(request)
    messages.success(request, t("You can write as {address} now.", address=made.address))


def _remove(request: HttpRequest) -> None:
    if outside.remove(request.user, number(request.POST.get("key", "")) - ELSEWHERE):
        _forget_own(request)
        messages.success(request, t("Removed."))


def _forget_own(request: HttpRequest) -> None:
    cache.delete(f"own-addresses:{request.user.pk}")


def _sentence(why: str) -> str:
    return {
        "address": t("That is no address that mail can be sent to."),
        "local": t("That is an address of this co-op: a steward gives it to you."),
        "had": t("You can write as it already."),
        "many": t("At most {most} addresses.", most=outside.MOST),
        "often": t("Too many codes were sent. Try again tomorrow."),
        "expired": t("That code is not valid any more. Have a new one sent."),
        "tries": t("That was wrong too often. Have a new code sent."),
        "wrong": t("That is not the code."),
    }[why]


def _seen(address: str, policy: str, ours: str) -> tuple[bool, list[str]]:
    """(is it a warning, what receivers will see of mail that we send with this author)."""
    domain = address.rpartition("@")[2]
    if policy in ("reject", "quarantine"):
        asks = (
            t("{domain} asks them to refuse mail that it did not send itself.", domain=domain)
            if policy == "reject"
            else t("{domain} asks them to treat mail that it did not send itself as spam.", domain=domain)
        )
        own = t("To write as this address one sends through {domain}'s own server, which is not done here.", domain=domain)
        return True, [t("Receivers will probably refuse this."), asks, own]
    if policy == UNKNOWN:
        return True, [t("What {domain} asks of receivers could not be found out.", domain=domain)]
    return False, [t("Receivers see that {ours} sent it, some with the words “via {ours}”.", ours=ours)]


FORMS: dict[str, Save] = {
    "identity": _identity,
    "ask-address": _ask,
    "ask-again": _again,
    "prove-address": _prove,
    "remove-address": _remove,
}


def context(request: HttpRequest) -> dict[str, Any]:
    """What the page shows; a form that was refused shows what was typed."""
    ours = request.user.login.rpartition("@")[2]
    policies = {ELSEWHERE + one.pk: one.policy for one in addresses.outside(request.user.pk)}
    wanted = [
        {"pk": one.pk, "address": one.address, "at": dates.middle(one.at), "seen": _seen(one.address, one.policy, ours)}
        for one in outside.asked(request.user)
    ]
    proof = number(request.POST.get("proof", "")) if request.method == "POST" else 0
    return {
        "identities": [_shown(request, one, policies, ours) for one in identities.of(request.user)],
        "asked": wanted,
        "address": request.POST.get("address", "") if request.method == "POST" else "",
        "proof": proof,
        "is_listed": any(one["pk"] == proof for one in wanted),
    }


def _shown(request: HttpRequest, one: Persona, policies: dict[int, str], ours: str) -> dict[str, Any]:
    kept = {
        "name": one.name if one.name != request.user.display_name else "",
        "reply_to": ", ".join(format_mailbox(name, address) for name, address in one.reply_to or []),
        "text": one.text,
        "html": one.html,
    }
    is_refused = request.method == "POST" and request.POST.get("form") == "identity" and request.POST.get("key") == str(one.key)
    typed = {name: request.POST.get(name, "") for name in kept} if is_refused else {}
    is_outside = one.key in policies
    return {
        **(kept | typed),
        "key": one.key,
        "address": one.address,
        "is_outside": is_outside,
        "is_open": is_refused,
        "seen": _seen(one.address, policies[one.key], ours) if is_outside else (False, []),
    }

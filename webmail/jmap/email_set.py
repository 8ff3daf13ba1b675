"""Email/set (RFC 8621 §4.6): make a message, say which mailboxes and keywords it has, destroy it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from mailsuite.bridge import writing
from mailsuite.mailstore import arrange, changes, desired
from mailsuite.mailstore.desired import Impossible, Wish
from mailsuite.mailstore.destroy import destroy
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.models import Message
from webmail.jmap import email_create, email_wish, ids, standard
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, SetError
from webmail.jmap.standard import Outcome, Setting, refused_into


def set_emails(context: Context, arguments: Json) -> Json:
    """Email/set. With `ifInState` all of it is one transaction; without, no client waits while another's letter is written."""
    account_id, outcome = context.account_id(arguments), Outcome()
    with held_still(account_id, only_if="ifInState" in arguments):
        before = standard.mail_state(account_id)
        asked = standard.setting(context, arguments, before)
        standard.create_each(context, asked, outcome, lambda wanted: email_create.create(context, wanted))
        _update(context, asked, outcome)
        _destroy(context, asked, outcome)
        after = standard.mail_state(account_id)
    return outcome.response(account_id, before, after)


@contextmanager
def held_still(account_id: int, *, only_if: bool) -> Iterator[None]:
    """One transaction, in which the account is locked; only if that is asked for."""
    if not only_if:
        yield
        return
    with writing():
        changes.lock(account_id)
        yield


def _update(context: Context, asked: Setting, outcome: Outcome) -> None:
    """All updates in one transaction, with one look at the account for all of them."""
    doomed = {context.resolved(one) for one in asked.destroy}
    wishes: dict[str, Wish] = {}
    for name, patch in asked.update.items():
        with refused_into(outcome.not_updated, name):
            one = standard.resolved(context, name)
            if one in doomed:
                raise SetError("willDestroy")
            wishes[one] = email_wish.of_patch(context, patch)
    if not wishes:
        return
    with writing():
        keys = _own(asked.account_id, wishes)
        found = desired.fulfil(asked.account_id, {keys[one]: wish for one, wish in wishes.items() if one in keys})
    for one, wish in wishes.items():
        with refused_into(outcome.not_updated, one):
            if one not in keys:
                raise SetError("notFound")
            became = found[keys[one]]
            if isinstance(became, Impossible):
                raise email_wish.refusal(became)
            outcome.updated[one] = email_wish.otherwise(became.before.after(wish), became.after)


def _own(account_id: int, names: Iterable[str]) -> dict[str, int]:
    """Keys of the account's messages by their ids; an id from before a merge of threads names nothing any more."""
    keys = {name: key for name in names if (key := ids.email_key(name))}
    pks = [pk for pk, _ in keys.values()]
    there = set(Message.objects.filter(account_id=account_id, pk__in=pks).values_list("pk", "incarnation"))
    return {name: key[0] for name, key in keys.items() if key in there}


def _destroy(context: Context, asked: Setting, outcome: Outcome) -> None:
    names = {name: context.resolved(name) for name in asked.destroy}
    if not names:
        return
    with writing():
        keys = _own(asked.account_id, [one for one in names.values() if isinstance(one, str)])
        if keys:
            ledger = Ledger([asked.account_id])
            destroy(ledger, arrange.load(asked.account_id, messages=keys.values()))
            ledger.close()
    outcome.destroyed += dict.fromkeys(one for one in names.values() if one in keys)
    outcome.not_destroyed |= {name: {"type": "notFound"} for name, one in names.items() if one not in keys}

"""Delete a label, or merge it into another: in one step, without touching mail, and undone by `actions.undo`."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from mailsuite.mailstore import arrange, mailboxes
from mailsuite.mailstore.arrange import each
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.mailboxes import NoSuchMailbox
from mailsuite.mailstore.models import Action, Mailbox, Membership

MOST = 20_000  # messages whose labels an action remembers; beyond that it cannot be undone


@transaction.atomic
def delete_label(account_id: int, label_id: int) -> Action:
    """Delete a label; what carried it stays where it is. Raises NoSuchMailbox."""
    return _dissolve(account_id, label_id, frozenset(), "Deleted the label {}")


@transaction.atomic
def merge_labels(account_id: int, label_id: int, into_id: int) -> Action:
    """Give all that carries one label the other, and delete the first. Raises NoSuchMailbox."""
    return _dissolve(account_id, label_id, frozenset({into_id}), "Merged the label {}")


def _dissolve(account_id: int, label_id: int, instead: frozenset[int], sentence: str) -> Action:
    ledger = Ledger([account_id])
    labels = ledger.labels(account_id)
    if label_id not in labels or label_id in instead or not instead <= labels.keys():
        raise NoSuchMailbox("There is no such label.")
    label = labels[label_id]
    ids = Membership.objects.filter(mailbox_id=label_id).values_list("message_id", flat=True)
    held = arrange.load(account_id, messages=ids)
    before = {one.id: one.state.as_json() for one in held}
    changed = arrange.apply(ledger, each(held, lambda state: replace(state, labels=state.labels - {label_id} | instead)))
    ledger.close()
    action = _action(label, sentence, {str(one.id): [before[one.id], one.state.as_json()] for one in changed})
    mailboxes.delete(label)
    return action


def _action(label: Mailbox, sentence: str, delta: dict[str, list]) -> Action:
    kept = {"account_id": label.account_id, "sentence": sentence.format(label.name)[:300]}
    if len(delta) > MOST:
        return Action(**kept, delta={})
    return Action.objects.create(**kept, delta=delta, labels=[mailboxes.described(label)])

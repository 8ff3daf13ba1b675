"""Delete a label, or merge it into another: in one step, without touching mail, and undone by `actions.undo`."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from mailsuite.mailstore import arrange, changes, history, mailboxes
from mailsuite.mailstore.arrange import each
from mailsuite.mailstore.history import Delta
from mailsuite.mailstore.ledger import Ledger
from mailsuite.mailstore.mailboxes import NoSuchMailbox
from mailsuite.mailstore.models import Action, Mailbox, Membership

STEP = 2_000  # messages at a time


@transaction.atomic
def delete_label(account_id: int, label_id: int, *, operation_id: str = "") -> Action:
    """Delete a label; what carried it stays where it is. Raises NoSuchMailbox."""
    return _dissolve("delete_label", "Deleted the label {}", account_id, label_id, frozenset(), operation_id)


@transaction.atomic
def merge_labels(account_id: int, label_id: int, into_id: int, *, operation_id: str = "") -> Action:
    """Give all that carries one label the other, and delete the first. Raises NoSuchMailbox."""
    return _dissolve("merge_labels", "Merged the label {}", account_id, label_id, frozenset({into_id}), operation_id)


def _dissolve(act: str, sentence: str, account_id: int, label_id: int, instead: frozenset[int], operation_id: str) -> Action:
    changes.lock(account_id)
    if before := history.earlier(account_id, operation_id):
        return before
    labels = Mailbox.objects.filter(account_id=account_id, role="").in_bulk([label_id, *instead])
    if label_id not in labels or label_id in instead or not instead <= labels.keys():
        raise NoSuchMailbox("There is no such label.")
    label = labels[label_id]
    action = Action(account_id=account_id, operation_id=operation_id, act=act, noun="message", label_id=label_id)
    action.sentence, action.labels = sentence.format(label.name)[:300], [mailboxes.described(label)]
    ids = list(Membership.objects.filter(mailbox_id=label_id).order_by("message_id").values_list("message_id", flat=True))
    packed = []
    for start in range(0, len(ids), STEP):
        delta = _relabelled(account_id, ids[start : start + STEP], label_id, instead)
        action.count += len(delta)
        packed.append(history.pack(delta))
    mailboxes.delete(label)
    history.keep(action, packed)
    return action


def _relabelled(account_id: int, ids: list[int], label_id: int, instead: frozenset[int]) -> Delta:
    ledger = Ledger([account_id])
    held = arrange.load(account_id, messages=ids)
    before = {one.id: one.state for one in held}
    changed = arrange.apply(ledger, each(held, lambda state: replace(state, labels=state.labels - {label_id} | instead)))
    ledger.close()
    return {one.id: (before[one.id], one.state) for one in changed}

"""I1 to I8 under random acts from the web, from mail programs and from delivery, checked after each (product.md 3.7).

Two clients follow the account by its log alone: a mail program by QRESYNC (holes and modseqs), a browser by `changes.since`.
After every step both must know exactly what is there.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils.timezone import now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from mailsuite.blobs.models import Blob
from mailsuite.mailstore import actions, changes, desired, labels, mailboxes, merging, messages, placement, purge, snooze, waiting
from mailsuite.mailstore.actions import How
from mailsuite.mailstore.flags import FlagChange
from mailsuite.mailstore.models import Change, Expunged, Mailbox, Membership, Message, Thread
from mailsuite.mailstore.verify import verify
from tests.mailstore.conftest import ALICE, BOB, CAROL, MALLORY, Box
from tests.mailstore.test_actions import snapshot

ROLES = list(mailboxes.NAMES)
THREAD_ACTS = ["archive", "to_inbox", "trash", "restore", "report_spam", "not_spam", "mark_read", "mark_unread"]
THREAD_ACTS += ["star", "unstar", "mute", "unmute", "snooze", "unsnooze"]
TOMORROW = How(until=now() + timedelta(days=1))
LABEL_ACTS = ["add_label", "remove_label", "move_to"]
numbers = st.integers(0, 30)
few = st.lists(numbers, min_size=1, max_size=3)
logins = iter(range(10**9))


class MailProgram:
    """Knows each mailbox as {uid: (flags, keywords, \\Deleted)}, and catches up as QRESYNC does."""

    def __init__(self, account_id: int) -> None:
        self.account_id, self.modseq = account_id, 0
        self.known: dict[int, dict[int, tuple]] = {}
        self.validity: dict[int, int] = {}  # another UIDVALIDITY, and what was known of the mailbox is worth nothing

    def catch_up(self) -> None:
        state = changes.state(self.account_id)
        boxes = {box.pk: box for box in Mailbox.objects.filter(account_id=self.account_id)}
        valid = {pk for pk, box in boxes.items() if self.validity.get(pk) == box.uidvalidity}
        self.known = {pk: self.known[pk] if pk in valid else {} for pk in boxes}
        self.validity = {pk: box.uidvalidity for pk, box in boxes.items()}
        for pk, box in boxes.items():
            if box.modseq > self.modseq:
                self._resync(pk)
        self.modseq = state

    def _resync(self, mailbox_id: int) -> None:
        known = self.known[mailbox_id]
        gone = Change.objects.filter(mailbox_id=mailbox_id, kind="expunged", modseq__gt=self.modseq)
        for uid in gone.values_list("uid", flat=True):
            known.pop(uid, None)
        changed = Membership.objects.filter(mailbox_id=mailbox_id, message__modseq__gt=self.modseq)
        known |= _seen(changed)

    def really(self) -> dict[int, dict[int, tuple]]:
        return {
            box.pk: _seen(Membership.objects.filter(mailbox=box)) for box in Mailbox.objects.filter(account_id=self.account_id)
        }


def _seen(held: Any) -> dict[int, tuple]:
    columns = held.values_list("uid", "message__flags", "message__keywords", "deleted")
    return {uid: (flags, tuple(keywords), deleted) for uid, flags, keywords, deleted in columns}


class Browser:
    """Knows each email with its thread, flags, keywords and mailboxes, and catches up by JMAP's /changes."""

    def __init__(self, account_id: int) -> None:
        self.account_id, self.modseq = account_id, 0
        self.emails: dict[str, tuple] = {}
        self.threads: set[int] = set()

    def catch_up(self) -> None:
        told = changes.since(self.account_id, self.modseq)
        assert told is not None
        self.modseq = told.modseq
        for email in told.emails.destroyed:
            self.emails.pop(email, None)
        self.threads -= set(told.threads.destroyed)
        there, _ = self.really()
        for email in told.emails.updated:
            assert self.emails[email][0] == there[email][0], "JMAP's threadId is immutable"
        self.emails |= {email: there[email] for email in (*told.emails.created, *told.emails.updated)}
        assert set(told.threads.updated) <= self.threads
        self.threads |= set(told.threads.created)

    def really(self) -> tuple[dict[str, tuple], set[int]]:
        homes: dict[int, set[int]] = {}
        held = Membership.objects.filter(message__account_id=self.account_id)
        for message_id, mailbox_id in held.values_list("message_id", "mailbox_id"):
            homes.setdefault(message_id, set()).add(mailbox_id)
        emails = {
            one.email_id: (one.thread_id, one.flags, one.keywords, homes[one.pk])
            for one in Message.objects.filter(account_id=self.account_id)
        }
        return emails, set(Thread.objects.filter(account_id=self.account_id).values_list("pk", flat=True))


class Store(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.box = Box(f"alice{next(logins)}@example.org")
        self.labels = [self.box.label("Work"), self.box.label("Loose", sticky=False)]
        self.ids: list[str] = []
        self.program, self.browser = MailProgram(self.box.pk), Browser(self.box.pk)

    # --- choosing among what is there ---

    def some_messages(self, picks: list[int]) -> list[int]:
        pks = list(Message.objects.filter(account_id=self.box.pk).order_by("pk").values_list("pk", flat=True))
        return sorted({pks[pick % len(pks)] for pick in picks}) if pks else []

    def some_threads(self, picks: list[int]) -> list[int]:
        pks = list(Thread.objects.filter(account_id=self.box.pk).order_by("pk").values_list("pk", flat=True))
        return sorted({pks[pick % len(pks)] for pick in picks}) if pks else []

    def a_mailbox(self, pick: int) -> Mailbox:
        boxes = mailboxes.list_all(self.box.pk)
        return boxes[pick % len(boxes)]

    def a_label(self, pick: int) -> Mailbox | None:
        labels = [box for box in mailboxes.list_all(self.box.pk) if not box.role]
        return labels[pick % len(labels)] if labels else None

    def some_uids(self, mailbox: Mailbox, picks: list[int]) -> list[int]:
        """UIDs that are there, and now and then one that is not."""
        there = list(Membership.objects.filter(mailbox=mailbox).order_by("uid").values_list("uid", flat=True))
        return [there[pick % len(there)] for pick in picks] if there and 30 not in picks else picks

    # --- delivery, submission, APPEND ---

    @rule(
        role=st.sampled_from(ROLES),
        subject=st.sampled_from(["Roof", "Re: Roof", "Cake", "Re: Cake", ""]),
        parents=st.lists(numbers, max_size=2),
        author=st.sampled_from([BOB, CAROL, MALLORY, ALICE]),
        flags=st.integers(0, 7),
        many=st.integers(1, 3),
        by_member=st.booleans(),
    )
    def arrive(self, role: str, subject: str, parents: list[int], author: str, flags: int, many: int, by_member: bool) -> None:
        batch = []
        for _ in range(many):
            references = [self.ids[pick % len(self.ids)] for pick in parents] if self.ids else ["ghost@x"]
            self.ids.append(f"{len(self.ids)}@{self.box.account.login}")
            values = {"subject": subject, "author": author, "references": references}
            batch.append(self.box.new(msgid=self.ids[-1], role=role, flags=flags, by_member=by_member, **values))
        messages.append(batch)

    @rule(pick=numbers, role=st.sampled_from(ROLES), by_member=st.booleans())
    def the_same_again(self, pick: int, role: str, by_member: bool) -> None:
        for message in messages.load(self.box.pk, self.some_messages([pick])):
            content = messages.content(message)[len(bytes(message.trace)) :]
            messages.append([self.box.new(content, role=role, by_member=by_member)])

    # --- the web ---

    @rule(act=st.sampled_from(THREAD_ACTS), threads=st.lists(numbers, max_size=2), picks=st.lists(numbers, max_size=2))
    def act(self, act: str, threads: list[int], picks: list[int]) -> None:
        actions.do(self.box.pk, act, self.some_threads(threads), self.some_messages(picks), TOMORROW)

    @rule(act=st.sampled_from(LABEL_ACTS), label=numbers, threads=few)
    def label(self, act: str, label: int, threads: list[int]) -> None:
        places = dict(Message.objects.filter(account_id=self.box.pk).values_list("pk", "place"))
        if wanted := self.a_label(label):
            getattr(actions, act)(self.box.pk, wanted.pk, self.some_threads(threads))
        assert places == dict(Message.objects.filter(account_id=self.box.pk).values_list("pk", "place")), "I5"

    @rule(act=st.sampled_from(THREAD_ACTS + LABEL_ACTS), threads=few, label=numbers)
    def act_and_undo(self, act: str, threads: list[int], label: int) -> None:
        before, wanted = snapshot(self.box.pk), self.a_label(label)
        if act in LABEL_ACTS and wanted is None:
            return
        first = [wanted.pk] if wanted and act in LABEL_ACTS else []
        how = How(label=first[0]) if first else TOMORROW
        done = actions.do(self.box.pk, act, self.some_threads(threads), (), how)
        if done.pk:
            assert actions.undo(self.box.pk) == done
        assert snapshot(self.box.pk) == before, "I3"

    @rule(steps=st.lists(st.tuples(st.sampled_from(THREAD_ACTS + LABEL_ACTS), few, numbers), min_size=2, max_size=20))
    def act_often_and_undo_all_and_redo_all(self, steps: list[tuple[str, list[int], int]]) -> None:
        seen = [snapshot(self.box.pk)]
        for act, threads, label in steps:
            wanted = self.a_label(label)
            if act not in LABEL_ACTS or wanted:
                how = How(label=wanted.pk) if wanted and act in LABEL_ACTS else TOMORROW
                if actions.do(self.box.pk, act, self.some_threads(threads), (), how).pk:
                    seen.append(snapshot(self.box.pk))
        for before in reversed(seen[:-1]):
            actions.undo(self.box.pk)
            assert snapshot(self.box.pk) == before, "I3"
        for after in seen[1:]:
            actions.redo(self.box.pk)
            assert snapshot(self.box.pk) == after, "I3"

    @rule()
    def undo(self) -> None:
        actions.undo(self.box.pk)

    @rule()
    def redo(self) -> None:
        actions.redo(self.box.pk)

    @rule(threads=few, picks=st.lists(numbers, max_size=2))
    def delete_for_ever(self, threads: list[int], picks: list[int]) -> None:
        actions.delete_for_ever(self.box.pk, self.some_threads(threads), self.some_messages(picks))

    @rule(role=st.sampled_from(["trash", "junk"]))
    def empty(self, role: str) -> None:
        actions.empty(self.box.pk, role)
        assert self.box.mailbox(role).total == 0

    @rule(picks=few)
    def merge(self, picks: list[int]) -> None:
        if threads := self.some_threads(picks):
            merging.merge(self.box.pk, threads)

    @rule(picks=few)
    def split(self, picks: list[int]) -> None:
        try:
            merging.split(self.box.pk, self.some_messages(picks))
        except Thread.DoesNotExist:
            pass

    # --- mail programs ---

    @rule(source=numbers, goal=numbers, act=st.sampled_from(["copy", "move"]), uids=few)
    def carry(self, source: int, goal: int, act: str, uids: list[int]) -> None:
        here, there = self.a_mailbox(source), self.a_mailbox(goal)
        if there.role == "scheduled":
            return  # refused unless it is there already: test_waiting
        pairs = getattr(placement, act)(here, self.some_uids(here, uids), there)
        assert all(Membership.objects.filter(mailbox=there, uid=uid).exists() for _, uid in pairs)
        if act == "move":
            assert not Membership.objects.filter(mailbox=here, uid__in=[uid for uid, _ in pairs]).exists()

    @rule(
        where=numbers,
        uids=few,
        flags=st.sampled_from([0, Message.SEEN, Message.ANSWERED, Message.SEEN | Message.ANSWERED, Message.FLAGGED, 15]),
        keywords=st.sampled_from([[], [], ["$label1"], ["$muted"], ["$MUTED", "x"], ["$mailflagbit1"], ["$Junk"], ["$NotJunk"]]),
        mode=st.sampled_from("+-="),
        deleted=st.booleans(),
    )
    def store(self, where: int, uids: list[int], flags: int, keywords: list[str], mode: str, deleted: bool) -> None:
        mailbox = self.a_mailbox(where)
        stored = placement.store_flags(mailbox, self.some_uids(mailbox, uids), FlagChange(flags, keywords, mode, deleted=deleted))
        there = Membership.objects.filter(mailbox=mailbox, uid__in=stored.changed)
        assert there.count() == len(stored.changed)
        assert not Membership.objects.filter(mailbox=mailbox, uid__in=stored.gone).exists()

    @rule(where=numbers, uids=few)
    def mark_and_expunge(self, where: int, uids: list[int]) -> None:
        mailbox = self.a_mailbox(where)
        placement.store_flags(mailbox, self.some_uids(mailbox, uids), FlagChange(deleted=True))
        gone = placement.expunge(mailbox)
        assert not Membership.objects.filter(mailbox=mailbox, uid__in=gone).exists()

    @rule(name=st.sampled_from(["Work", "Home", "Home/Garden", "Home/Garden/Roof"]), label=numbers)
    def rename(self, name: str, label: int) -> None:
        try:
            if wanted := self.a_label(label):
                mailboxes.rename(wanted, name)
            else:
                mailboxes.create(self.box.pk, name)
        except mailboxes.MailboxError:
            pass

    @rule(label=numbers)
    def delete_label(self, label: int) -> None:
        held = Message.objects.filter(account_id=self.box.pk).count()
        if (wanted := self.a_label(label)) and label % 2:
            mailboxes.delete(wanted)
        elif wanted:
            before = snapshot(self.box.pk)
            labels.delete_label(self.box.pk, wanted.pk)
            actions.undo(self.box.pk)
            assert snapshot(self.box.pk) == before, "I3"
        assert Message.objects.filter(account_id=self.box.pk).count() == held

    # --- JMAP's clients ---

    @rule(
        pick=numbers,
        whole=st.one_of(st.none(), st.lists(numbers, max_size=2)),
        enter=st.lists(numbers, max_size=2),
        leave=st.lists(numbers, max_size=2),
        add=st.sampled_from([[], ["$seen"], ["$flagged", "x"], ["$junk"], ["$notjunk"], ["$draft"]]),
        drop=st.sampled_from([[], ["$seen"], ["$flagged"], ["$draft", "x"]]),
    )
    def wish(
        self, pick: int, whole: list[int] | None, enter: list[int], leave: list[int], add: list[str], drop: list[str]
    ) -> None:
        chosen = [frozenset(self.a_mailbox(one).pk for one in some) for some in (whole or [], enter, leave)]
        boxes = None if whole is None else chosen[0]
        made = desired.Wish(boxes, chosen[1], chosen[2], None, frozenset(add), frozenset(drop))
        before = snapshot(self.box.pk)
        found = desired.fulfil(self.box.pk, dict.fromkeys(self.some_messages([pick]), made))
        if any(isinstance(one, desired.Impossible) for one in found.values()):
            assert snapshot(self.box.pk) == before

    # --- what is sent later ---

    @rule(picks=few, how=st.sampled_from(["wait", "wait", "go", "give_back"]))
    def send_later(self, picks: list[int], how: str) -> None:
        pks = self.some_messages(picks)
        if how == "go":
            waiting.go(self.box.pk, pks, now())
        elif how == "give_back":
            waiting.give_back(self.box.pk, pks)
        for pk in pks if how == "wait" else ():
            waits = waiting.wait(self.box.pk, pk, now() + timedelta(days=1))
            assert waits == (pk in self.box.inside("scheduled"))

    # --- time ---

    @rule(days=st.sampled_from([0, 2]))
    def wake(self, days: int) -> None:
        snooze.wake(now() + timedelta(days=days))
        if days:
            assert self.box.mailbox("snoozed").total == 0

    @rule(days=st.sampled_from([0, 31]))
    def purge(self, days: int) -> None:
        purge.purge(now() + timedelta(days=days))
        if days:
            assert not Message.objects.filter(account_id=self.box.pk).exclude(place=Message.Place.MAIL).exists()

    @precondition(lambda self: Expunged.objects.filter(account_id=self.box.pk).exists())
    @rule()
    def undelete(self) -> None:
        lost = list(Expunged.objects.filter(account_id=self.box.pk).values_list("pk", flat=True))
        back = purge.undelete(self.box.pk, lost)
        assert all(isinstance(message, Message) for message in back)

    # --- what must hold ---

    @invariant()
    def the_store_is_whole(self) -> None:
        assert list(verify(self.box.pk)) == []

    @invariant()
    def the_mail_program_knows_what_is_there(self) -> None:
        self.program.catch_up()
        assert self.program.known == self.program.really()

    @invariant()
    def the_browser_knows_what_is_there(self) -> None:
        self.browser.catch_up()
        assert (self.browser.emails, self.browser.threads) == self.browser.really()

    @invariant()
    def nothing_that_is_held_has_lost_its_bytes(self) -> None:
        for model in (Message, Expunged):
            held = model._default_manager.filter(account_id=self.box.pk).values("blob_id")
            assert not Blob.objects.filter(pk__in=held, references__lte=0).exists(), "I7"


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)
def test_whatever_members_mail_programs_and_strangers_do_the_store_is_whole() -> None:
    assert django_settings.UNDELETE_SECONDS < 31 * 86_400
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Store,
        settings=settings(
            max_examples=int(os.environ.get("EXAMPLES", "15")), stateful_step_count=30, deadline=None, suppress_health_check=slow
        ),
    )

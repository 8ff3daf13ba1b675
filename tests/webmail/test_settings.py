"""The member's settings and labels."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from mailsuite.accounts.authenticate import Refused, authenticate
from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from mailsuite.mailstore.models import Mailbox, Thread
from tests.webmail.store import PASSWORD, Letter, conversation


def test_name_and_time_zone_are_saved(web: Client, alice: Account) -> None:
    web.post("/settings", {"form": "profile", "display_name": " Alice \n Moreau ", "time_zone": "Europe/Berlin"})
    alice.refresh_from_db()
    assert (alice.display_name, alice.time_zone) == ("Alice Moreau", "Europe/Berlin")


def test_a_name_has_no_invisible_signs(web: Client, alice: Account) -> None:
    """A NUL is more than PostgreSQL can hold; a mark that turns the line round deceives whoever is written to."""
    web.post("/settings", {"form": "profile", "display_name": "A\0li\u202ece\nS.", "time_zone": "UTC"})
    alice.refresh_from_db()
    assert alice.display_name == "Alice S."
    page = web.post("/settings", {"form": "add-device", "label": "pho\0ne", "password": PASSWORD}).content
    assert b">phone<" in page


def test_a_time_zone_that_does_not_exist_is_refused(web: Client, alice: Account) -> None:
    response = web.post("/settings", {"form": "profile", "display_name": "x", "time_zone": "../../etc/passwd"})
    assert response.status_code == 400
    alice.refresh_from_db()
    assert alice.time_zone == "UTC"


@pytest.mark.parametrize(
    ("theme", "when"), [("system", b"(prefers-color-scheme: dark)"), ("dark", b"all"), ("light", b"not all")]
)
def test_the_theme_is_the_members_choice(web: Client, theme: str, when: bytes) -> None:
    web.post("/settings", {"form": "look", "theme": theme, "density": "compact"})
    page = web.get("/").content
    assert b'data-density="compact"' in page
    assert b'dark.css" data-dark media="' + when + b'"' in page


def test_how_long_trash_is_kept_and_what_deleting_means_are_the_members_choice(web: Client, alice: Account) -> None:
    web.post("/settings", {"form": "keeping", "purge_days": "7", "inbox_expunge": "trash"})
    page = web.get("/settings").content
    assert b'value="7" checked' in page
    web.post("/settings", {"form": "keeping", "purge_days": "8", "inbox_expunge": "(" * 10_000})
    alice.refresh_from_db()
    assert alice.preferences == {"purge_days": 7, "inbox_expunge": "trash"}


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(web: Client, alice: Account) -> None:
    other = Client()
    other.force_login(alice)
    form = {"form": "password", "old": PASSWORD, "new": "a longer secret", "again": "a longer secret"}
    assert b"That is not your password" in web.post("/settings", {**form, "old": "wrong"}).content
    assert b"differ" in web.post("/settings", {**form, "again": "another"}).content
    assert b"too short" in web.post("/settings", {**form, "new": "x", "again": "x"}).content
    assert b"Password changed" in web.post("/settings", form, follow=True).content
    assert other.get("/").status_code == 302
    assert web.get("/").status_code == 200


def test_a_device_gets_a_password_of_its_own_that_can_be_revoked(web: Client, alice: Account) -> None:
    form = {"form": "add-device", "label": "Phone", "password": PASSWORD}
    assert b"That is not your password" in web.post("/settings", {**form, "password": "no"}).content
    page = web.post("/settings", form).content.decode()
    secret = re.search(r'class="secret">([^<]+)<', page)[1]
    assert authenticate(alice.login, secret, door="imap", client="192.0.2.1").pk == alice.pk
    page = web.get("/settings/devices").content.decode()
    assert secret not in page
    device = re.search(r'name="device" value="(\d+)"', page)[1]
    web.post("/settings", {"form": "revoke", "device": device})
    with pytest.raises(Refused):
        authenticate(alice.login, secret, door="imap", client="192.0.2.1")


def test_nobody_revokes_anothers_device(web: Client, bob: Account) -> None:
    from mailsuite.accounts import provision

    secret = provision.add_app_password(bob, "Phone")
    web.post("/settings", {"form": "revoke", "device": bob.app_passwords.get().pk})
    assert authenticate(bob.login, secret, door="imap", client="192.0.2.1").pk == bob.pk


def test_labels_are_made_renamed_painted_and_deleted(web: Client, alice: Account) -> None:
    web.post("/labels", {"name": "Garden/Beds", "color": "green"})
    beds = Mailbox.objects.get(account=alice, name="Garden/Beds")
    assert beds.color == "green"
    web.post(f"/labels/{beds.pk}", {"name": "Garden/Flowers", "color": "rose", "sticky": "on"})
    beds.refresh_from_db()
    assert (beds.name, beds.color, beds.sticky) == ("Garden/Flowers", "rose", True)
    page = web.get("/").content.decode()
    assert "Flowers" in page
    web.post(f"/labels/{beds.pk}", {"do": "delete"})
    assert not Mailbox.objects.filter(pk=beds.pk).exists()


@pytest.mark.parametrize("do", ["delete", "merge"])
def test_a_label_that_is_deleted_or_merged_can_be_had_back(web: Client, alice: Account, do: str) -> None:
    garden, board = mailboxes.create(alice.pk, "Garden"), mailboxes.create(alice.pk, "Board")
    thread = conversation(alice, "Compost", Letter(), labels=[garden])
    page = web.post(f"/labels/{garden.pk}", {"do": do, "into": board.name}, follow=True).content.decode()
    assert "the label Garden. Its mail stays." in page
    assert carried(thread) == (set() if do == "delete" else {"Board"})
    web.post("/undo", {"action": re.search(r'name="action" value="(undo-\d+)"', page)[1]})
    assert carried(thread) == {"Garden"}


def carried(thread: Thread) -> set[str]:
    return set(thread.rows.filter(mailbox__role="").values_list("mailbox__name", flat=True))


@pytest.mark.parametrize("into", ["Garden", "Plans", "Inbox", "", "x" * 5_000, "a\0b"])
def test_a_label_is_merged_only_into_another_of_ones_own(web: Client, alice: Account, bob: Account, into: str) -> None:
    garden, _ = mailboxes.create(alice.pk, "Garden"), mailboxes.create(bob.pk, "Plans")
    response = web.post(f"/labels/{garden.pk}", {"do": "merge", "into": into})
    assert response.status_code == 400
    assert b"There is no " in response.content
    assert Mailbox.objects.filter(pk=garden.pk).exists()


@pytest.mark.parametrize("name", ["", "Inbox", "Trash", "a//b", "x" * 101])
def test_a_name_no_label_can_have_is_refused_with_the_reason(web: Client, alice: Account, name: str) -> None:
    response = web.post("/labels", {"name": name, "color": "green"})
    assert response.status_code == 400
    assert b'class="error"' in response.content
    assert all(box.role for box in mailboxes.list_all(alice.pk))


def test_a_name_that_is_taken_is_refused_where_it_was_typed(web: Client, alice: Account) -> None:
    mailboxes.create(alice.pk, "Garden")
    board = mailboxes.create(alice.pk, "Board")
    response = web.post(f"/labels/{board.pk}", {"name": "garden", "color": "green"})
    assert response.status_code == 400
    assert b"already" in response.content

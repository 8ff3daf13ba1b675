"""Files come in by the upload address, and are let go of after a day (RFC 8620 §6.1)."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from mailsuite.accounts import provision
from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.blobs.models import Blob
from mailsuite.bridge import in_db
from mailsuite.mailstore import uploads
from mailsuite.mailstore.models import Upload
from mailsuite.mailstore.verify import verify
from webmail.jmap import ids
from webmail.jmap.push import is_known


def send(web: Client, me: str, content: bytes, kind: str = "image/png"):
    return web.post(f"/jmap/upload/{me}/", content, content_type=kind)


def test_a_file_is_kept_as_it_came(web: Client, me: str) -> None:
    said = send(web, me, b"\x89PNG\r\n\x00" * 50_000).json()
    upload = Upload.objects.get()
    assert said == {"accountId": me, "blobId": ids.name("U", upload.pk), "type": "image/png", "size": 350_000}
    assert store.read(upload.blob) == b"\x89PNG\r\n\x00" * 50_000
    assert list(verify(upload.account_id)) == []


def test_the_same_file_again_is_the_same_blob(web: Client, me: str) -> None:
    first, second = send(web, me, b"same"), send(web, me, b"same", "text/plain")
    assert first.status_code == second.status_code == 201
    assert first.json()["blobId"] == second.json()["blobId"]
    assert second.json()["type"] == "text/plain"
    assert Blob.objects.get().references == 1


@pytest.mark.parametrize("kind", ["", "nonsense", "text/html; charset=\x01", "a/" + "b" * 500])
def test_a_type_that_is_none_is_not_kept(web: Client, me: str, kind: str) -> None:
    assert send(web, me, b"x", kind).json()["type"] in ("application/octet-stream", "text/html")


def test_foreign_accounts_do_not_exist(web: Client, bob: Account) -> None:
    for other in (ids.name("A", bob.pk), "A999", "x", "F1"):
        assert send(web, other, b"x").status_code == 404
    assert not Upload.objects.exists()


def test_strangers_and_other_pages_upload_nothing(alice: Account, me: str) -> None:
    assert send(Client(), me, b"x").status_code == 401
    elsewhere = Client(enforce_csrf_checks=True)
    elsewhere.force_login(alice)
    assert send(elsewhere, me, b"x").status_code == 401


def test_a_form_is_no_file(alice: Account, me: str, settings) -> None:
    page = Client(enforce_csrf_checks=True)
    page.force_login(alice)
    page.get("/settings")
    token = {"X-CSRFToken": page.cookies[settings.CSRF_COOKIE_NAME].value}
    assert page.post(f"/jmap/upload/{me}/", {"file": "x"}, headers=token).status_code == 415
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert page.post(f"/jmap/upload/{me}/", b"a=b", content_type=kind, headers=token).json()["size"] == 3


def test_what_is_too_large_is_refused_and_not_kept(web: Client, me: str, settings) -> None:
    settings.MESSAGE_SIZE_LIMIT = 300_000
    response = send(web, me, b"x" * 300_001)
    assert (response.status_code, response.json()["limit"]) == (413, "maxSizeUpload")
    assert not Blob.objects.exists()


def test_an_account_has_only_so_much_waiting(web: Client, me: str, settings) -> None:
    settings.MESSAGE_SIZE_LIMIT = 1_000
    answers = [send(web, me, bytes([n]) * 1_000).status_code for n in range(uploads.MESSAGES + 1)]
    assert answers == [201] * uploads.MESSAGES + [507]
    assert send(web, me, bytes([0]) * 1_000).status_code == 201, "it is there already"


def test_after_a_day_it_is_let_go_of(web: Client, me: str) -> None:
    send(web, me, b"old")
    Upload.objects.update(at=now() - timedelta(hours=25))
    send(web, me, b"new")
    assert uploads.sweep() == 1
    assert uploads.sweep() == 0
    assert Blob.objects.get(references=0).unreferenced_since is not None
    assert store.read(Upload.objects.get().blob) == b"new"


@pytest.mark.django_db(transaction=True)
async def test_a_program_may_send_as_much_as_a_page(alice: Account) -> None:
    secret = await in_db(provision.add_app_password, alice, "a script")

    def scope(secret: str, path: str = "/jmap/upload/A1/"):
        coded = base64.b64encode(f"alice@example.org:{secret}".encode())
        return {"path": path, "headers": [(b"authorization", b"Basic " + coded)], "client": ("192.0.2.1", 1)}

    assert await is_known(scope(secret))
    assert not await is_known(scope("wrong"))
    assert not await is_known(scope(secret, "/compose"))
    assert not await is_known({"path": "/jmap/upload/A1/", "headers": []})

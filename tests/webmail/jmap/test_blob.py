"""Blobs are joined of pieces, read in part, looked up, and let go of (RFC 9404)."""

from __future__ import annotations

import base64
import hashlib
import random
from typing import Any

import pytest
from django.test import Client

from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.blobs.models import Blob
from mailsuite.mailstore import uploads
from mailsuite.mailstore.models import Upload
from mailsuite.mailstore.verify import verify
from tests.webmail.jmap.conftest import Call
from tests.webmail.jmap.mail import keep, letter, one, refused
from tests.webmail.jmap.shapes import problems
from webmail.jmap import ids, limits
from webmail.jmap.types import writing
from webmail.jmap.types.methods import METHODS as TYPES

BLOB = "urn:ietf:params:jmap:blob"
MIB = 2**20


class Blobs:
    """alice's client."""

    def __init__(self, call: Call, me: str, web: Client) -> None:
        self.call, self.me, self.web = call, me, web

    def do(self, name: str, **arguments: Any) -> dict[str, Any]:
        said = one(self.call, f"Blob/{name}", self.me, **arguments)
        assert problems(said, TYPES[f"Blob/{name}"][1]) == []
        return said

    def send(self, content: bytes) -> str:
        """By the upload address."""
        return self.web.post(f"/jmap/upload/{self.me}/", content, content_type="application/octet-stream").json()["blobId"]

    def join(self, *sources: Any, kind: str | None = "text/plain") -> dict[str, Any]:
        """What became of it: created, or the error."""
        said = self.do("upload", create={"b": {"data": list(sources), "type": kind}})
        return (said["created"] or said["notCreated"])["b"]

    def get(self, name: str, *properties: str, **arguments: Any) -> dict[str, Any]:
        return self.do("get", ids=[name], properties=list(properties) or None, **arguments)["list"][0]


@pytest.fixture
def client(call: Call, me: str, web: Client) -> Blobs:
    return Blobs(call, me, web)


def test_the_session_says_what_can_be_asked(web: Client, me: str) -> None:
    found = web.get("/jmap/session").json()["accounts"][me]["accountCapabilities"][BLOB]
    assert problems(found, writing.BlobCapability) == []


def test_a_large_file_comes_in_pieces_over_a_bad_line(client: Blobs, alice: Account) -> None:
    content = random.Random(1).randbytes(25 * MIB)
    pieces = [client.send(content[start : start + MIB]) for start in range(0, len(content), MIB)]
    again = client.send(content[3 * MIB : 4 * MIB])
    assert again == pieces[3], "the piece whose answer was lost is the same blob"
    made = client.join(*({"blobId": piece} for piece in pieces), kind="application/pdf")
    assert (made["size"], made["type"]) == (25 * MIB, "application/pdf")
    assert store.read(uploads.find(alice.pk, ids.key("U", made["id"]) or 0).blob) == content
    said = client.do("release", ids=[*pieces, "U99999", "x"])
    assert (said["released"], said["notFound"]) == (pieces, ["U99999", "x"])
    assert Upload.objects.count() == 1
    assert Blob.objects.filter(references__gt=0).count() == 1
    assert list(verify(alice.pk)) == []


def test_a_blob_is_made_of_text_base64_ranges_and_parts(client: Blobs, alice: Account) -> None:
    message = keep(alice, letter(text="0123456789"))
    whole = client.send("Grüße".encode())
    made = client.join(
        {"data:asText": "Ä-"},
        {"data:asBase64": base64.b64encode(b"\xff\x00").decode()},
        {"blobId": whole, "offset": 0, "length": 2},
        {"blobId": ids.name("P", message.pk) + "-1", "offset": 3, "length": None},
    )
    assert (
        client.get(made["id"], "data:asBase64")["data:asBase64"]
        == base64.b64encode("Ä-".encode() + b"\xff\x00" + b"Gr" + b"3456789\r\n").decode()
    )


def test_what_one_call_made_the_next_one_names(client: Blobs) -> None:
    create = {"a": {"data": [{"data:asText": "one "}]}, "b": {"data": [{"blobId": "#a"}, {"data:asText": "two"}]}}
    made = client.do("upload", create=create)["created"]
    assert client.get(made["b"]["id"])["data:asText"] == "one two"
    assert made["b"]["type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("sources", "kind"),
    [
        ([], "tooLarge"),
        ([{"data:asText": "x"}] * (limits.BLOB_SOURCES + 1), "tooLarge"),
        ([{}], "invalidProperties"),
        (["x"], "invalidProperties"),
        ([{"data:asText": 7}], "invalidProperties"),
        ([{"data:asText": "x", "data:asBase64": "eA=="}], "invalidProperties"),
        ([{"data:asText": "x", "offset": 1}], "invalidProperties"),
        ([{"data:asBase64": "("}], "invalidProperties"),
        ([{"data:asBase64": "(" * 1_000_000}], "invalidProperties"),
        ([{"blobId": "U999"}], "blobNotFound"),
        ([{"blobId": None}], "blobNotFound"),
        ([{"blobId": ["x"]}], "blobNotFound"),
        ([{"blobId": "#nothing"}], "blobNotFound"),
    ],
)
def test_what_cannot_be_joined_says_why(client: Blobs, sources: list[Any], kind: str) -> None:
    assert client.join(*sources)["type"] == kind
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    "more", [{"offset": 4}, {"length": 4}, {"offset": -1}, {"length": "1"}, {"offset": 2, "length": 2}, {"x": 1}]
)
def test_a_range_stays_inside(client: Blobs, more: dict[str, Any]) -> None:
    assert client.join({"blobId": client.send(b"abc"), **more})["type"] == "invalidProperties"


def test_too_much_is_refused(client: Blobs, settings) -> None:
    settings.MESSAGE_SIZE_LIMIT = 1_000
    piece = client.send(b"x" * 600)
    assert client.join({"blobId": piece}, {"blobId": piece})["type"] == "tooLarge"
    for n in range(uploads.MESSAGES):
        last = client.join({"data:asText": f"{n}" * 990})
    assert last["type"] == "overQuota"


def test_bytes_sizes_and_digests_are_told(client: Blobs) -> None:
    name = client.send(b"Hello\n")
    assert client.get(name) == {"id": name, "data:asText": "Hello\n", "size": 6}
    found = client.get(name, "digest:sha", "digest:sha-256", "digest:sha-512", "data:asBase64", "size", offset=1, length=3)
    assert found["digest:sha-256"] == base64.b64encode(hashlib.sha256(b"ell").digest()).decode()
    assert (found["data:asBase64"], found["size"]) == ("ZWxs", 6)
    assert "isTruncated" not in found
    assert client.get(name, "data", offset=4, length=9) == {"id": name, "data:asText": "o\n", "isTruncated": True}
    assert client.get(name, "data", offset=99)["isTruncated"]


def test_bytes_that_are_no_text_are_said_to_be_none(client: Blobs) -> None:
    name = client.send(b"\xff")
    assert client.get(name, "data") == {"id": name, "data:asBase64": "/w==", "isEncodingProblem": True}
    assert client.get(name, "data:asText") == {"id": name, "data:asText": None, "isEncodingProblem": True}


def test_only_so_much_is_given_out_at_once(client: Blobs, call: Call, me: str) -> None:
    name = client.send(b"x" * 10_000_001)
    assert refused(call, "Blob/get", me, ids=[name]) == "requestTooLarge"
    assert client.get(name, "size")["size"] == 10_000_001
    assert len(client.get(name, "data", offset=5, length=10)["data:asText"]) == 10
    assert refused(call, "Blob/get", me) == "invalidArguments"
    assert refused(call, "Blob/get", me, ids=["x"] * 501) == "requestTooLarge"
    assert refused(call, "Blob/get", me, ids=[name], properties=["nonsense"]) == "invalidArguments"
    assert refused(call, "Blob/get", me, ids=["(" * 1_000_000]) == "invalidArguments"
    assert client.do("get", ids=["U999", "x"])["notFound"] == ["U999", "x"]


def test_where_a_blob_is_used_is_looked_up(client: Blobs, call: Call, me: str, alice: Account) -> None:
    message = keep(alice, letter())
    copy = client.send(store.read(message.blob))
    other = client.send(b"other")
    names = [ids.name("R", message.pk), f"P{message.pk}-1", copy, other]
    said = client.do("lookup", typeNames=["Email", "Thread", "Mailbox"], ids=[*names, "R999", "U999"])
    assert said["notFound"] == ["R999", "U999"]
    first, *more = [found["matchedIds"] for found in said["list"]]
    assert first["Email"] == [message.email_id]
    assert first["Thread"] == [ids.name("T", message.thread_id)]
    assert len(first["Mailbox"]) == 2
    assert more == [first, first, {"Email": [], "Thread": [], "Mailbox": []}]
    assert client.do("lookup", typeNames=["Email"], ids=names[:1])["list"][0]["matchedIds"] == {"Email": [message.email_id]}
    assert refused(call, "Blob/lookup", me, typeNames=["Contact"], ids=[]) == "unknownDataType"
    assert refused(call, "Blob/lookup", me, ids=[]) == "invalidArguments"


def test_there_is_no_other_account_to_copy_from(call: Call, me: str) -> None:
    assert refused(call, "Blob/copy", me, fromAccountId="A999", blobIds=["U1"]) == "fromAccountNotFound"
    assert refused(call, "Blob/copy", me, blobIds=["U1"]) == "invalidArguments"


def test_what_a_message_holds_is_not_let_go_of(client: Blobs, alice: Account) -> None:
    message = keep(alice, letter())
    assert client.do("release", ids=[ids.name("R", message.pk), f"P{message.pk}-1"])["released"] == []
    copy = client.send(store.read(message.blob))
    assert client.do("release", ids=[copy])["released"] == [copy]
    message.blob.refresh_from_db()
    assert message.blob.references == 1

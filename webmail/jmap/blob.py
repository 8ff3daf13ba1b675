"""Blob/upload, /get, /lookup and /copy (RFC 9404, RFC 8620 §6.3): bytes made of others, read in part, and where they are used.

A large file comes over a bad line in pieces: each is an upload of its own, sent again where it was cut off, and Blob/upload joins
them. The same piece twice is one blob. Blob/release, an addition of ours, gives the room back at once instead of after a day.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from mailsuite.accounts.models import Account
from mailsuite.blobs import store
from mailsuite.mailstore import emails, uploads
from mailsuite.mailstore.models import Message
from webmail.jmap import blobs, ids, limits, standard
from webmail.jmap.arguments import ID, number, only, strings, text, wanted_ids
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, SetError, invalid
from webmail.jmap.standard import Outcome
from webmail.jmap.upload import MEDIA_TYPE, UNKNOWN

MOST_READ = 10_000_000  # bytes that one Blob/get gives out
DIGESTS = dict(zip(limits.BLOB_DIGESTS, (hashlib.sha1, hashlib.sha256, hashlib.sha512), strict=True))
AS_TEXT, AS_BASE64 = "data:asText", "data:asBase64"
PROPERTIES = ("data", AS_TEXT, AS_BASE64, "size", *(f"digest:{name}" for name in DIGESTS))


# --- upload ---


def upload(context: Context, arguments: Json) -> Json:
    """Blob/upload: blobs of given data, of other blobs, or of ranges of them, one after the other."""
    only(arguments, "accountId", "create")
    account_id, outcome = context.account_id(arguments), Outcome()
    wanted = standard.objects(arguments, "create")
    if len(wanted) > limits.OBJECTS_IN_SET:
        raise MethodError("requestTooLarge", f"at most {limits.OBJECTS_IN_SET} blobs")
    asked = standard.Setting(account_id, wanted, {}, [])
    standard.create_each(context, asked, outcome, lambda one: _create(context, one))
    return {
        "accountId": ids.name("A", account_id),
        "created": outcome.created or None,
        "notCreated": outcome.not_created or None,
    }


def _create(context: Context, wanted: Json) -> Json:
    sources, kind = wanted.get("data"), wanted.get("type")
    if wanted.keys() - {"data", "type"} or not isinstance(sources, list) or not isinstance(kind, str | None):
        raise SetError("invalidProperties", "A blob has data, a list of sources, and a type.", properties=["data"])
    if not 0 < len(sources) <= limits.BLOB_SOURCES:
        raise SetError(
            "tooLarge", f"At most {limits.BLOB_SOURCES} sources, and at least one.", maxDataSources=limits.BLOB_SOURCES
        )
    named = (kind or "").partition(";")[0].strip().lower()
    try:
        kept = uploads.keep(context.account.pk, _joined(context, sources), named if MEDIA_TYPE.fullmatch(named) else UNKNOWN)
    except uploads.TooMuchWaiting as error:
        raise SetError("overQuota", str(error)) from error
    except store.NoRoom as error:
        raise SetError("rateLimit", "The disk is full. Try again later.") from error
    return {"id": ids.name("U", kept.pk), "type": kept.type, "size": kept.blob.size}


def _joined(context: Context, sources: list[Any]) -> store.Draft:
    reader = blobs.Reader(context.account, context.spend)
    writer = store.Writer()
    try:
        for source in sources:
            writer.write(_piece(context, reader, source))
            if writer.size > limits.upload_bytes():
                raise SetError("tooLarge", "The blob is too large.", maxSize=limits.upload_bytes())
        return writer.finish()
    except BaseException:
        writer.discard()
        raise


def _piece(context: Context, reader: blobs.Reader, source: Any) -> bytes:
    """The bytes of a DataSourceObject (§4.1)."""
    if not isinstance(source, dict) or len(source.keys() & {AS_TEXT, AS_BASE64, "blobId"}) != 1:
        raise _wrong("A source has either text, base64 or a blobId.")
    if "blobId" in source:
        return _range(context, reader, source)
    [(form, value)] = source.items() if len(source) == 1 else [("", None)]
    if not isinstance(value, str):
        raise _wrong("Data is a string, and has neither offset nor length.")
    try:
        found = value.encode() if form == AS_TEXT else base64.b64decode(value, validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise _wrong("The data cannot be decoded.") from error
    context.spend(len(found))
    return found


def _range(context: Context, reader: blobs.Reader, source: Json) -> bytes:
    name = context.resolved(source["blobId"])
    try:
        only(source, "blobId", "offset", "length")
        offset = number(source, "offset", 0) or 0
        length = number(source, "length")
    except MethodError as error:
        raise _wrong(error.arguments["description"]) from error
    content = reader.open(name)
    if content is None:
        raise SetError("blobNotFound", "A blob is not there.", notFound=[source["blobId"]])
    end = len(content) if length is None else offset + length
    if offset > len(content) or end > len(content):
        raise _wrong("A range ends where the blob does.")
    return content[offset:end]


def _wrong(sentence: str) -> SetError:
    return SetError("invalidProperties", sentence, properties=["data"])


# --- get ---


class _Asked(NamedTuple):
    """What a Blob/get asks of each blob."""

    properties: list[str]
    offset: int
    length: int | None


def get(context: Context, arguments: Json) -> Json:
    """Blob/get: bytes, their size and digests, of a range or of all."""
    only(arguments, "accountId", "ids", "properties", "offset", "length")
    account_id, names = context.account_id(arguments), strings(arguments, "ids")
    if names is None:
        raise invalid("ids is missing: there is no end of blobs")
    if len(names) > limits.OBJECTS_IN_GET:
        raise MethodError("requestTooLarge", f"at most {limits.OBJECTS_IN_GET} blobs")
    if wrong := [one for one in names if not ID.fullmatch(one.removeprefix("#"))]:
        raise invalid(f"{wrong[0][:40]!r} is no id")
    wanted = strings(arguments, "properties") or ["data", "size"]
    if unknown := [one for one in wanted if one not in PROPERTIES and one != "id"]:
        raise invalid(f"{unknown[0][:100]} is no property of a blob")
    asked = _Asked(wanted, number(arguments, "offset", 0) or 0, number(arguments, "length"))
    found, missing = [], []
    for name, content in _opened(context, names):
        if content is None:
            missing.append(name)
        else:
            found.append({"id": name} | _described(content, asked))
    if sum(len(one.get(form) or "") for one in found for form in (AS_TEXT, AS_BASE64)) > MOST_READ:
        raise MethodError("requestTooLarge", "Ask for less at once, or download it")
    return {"accountId": ids.name("A", account_id), "list": found, "notFound": missing}


def _opened(context: Context, names: list[str]) -> Iterator[tuple[str, bytes | None]]:
    reader = blobs.Reader(context.account, context.spend)
    try:
        for name in dict.fromkeys(names):
            yield name, reader.open(context.resolved(name))
    except SetError as error:
        raise MethodError("requestTooLarge", error.arguments["description"]) from error


def _described(content: bytes, asked: _Asked) -> Json:
    chosen = content[asked.offset :] if asked.length is None else content[asked.offset : asked.offset + asked.length]
    ends_after = asked.offset > len(content) or (asked.length is not None and asked.offset + asked.length > len(content))
    said: Json = {"isTruncated": True} if ends_after else {}
    for name in asked.properties:
        if name == "size":
            said[name] = len(content)
        elif name.startswith("digest:"):
            digest = DIGESTS[name.partition(":")[2]](chosen, usedforsecurity=False).digest()
            said[name] = base64.b64encode(digest).decode()
        elif name != "id" and len(chosen) <= MOST_READ:
            said |= _data(chosen, name)
        elif name != "id":
            raise MethodError("requestTooLarge", "Ask for a range, or download it")
    return said


def _data(chosen: bytes, name: str) -> Json:
    """§4.2: `data` is text where it is text, else base64; text that is none is null, and said to be."""
    if name != AS_BASE64:
        try:
            return {AS_TEXT: chosen.decode()}
        except UnicodeDecodeError:
            if name == AS_TEXT:
                return {AS_TEXT: None, "isEncodingProblem": True}
            return {AS_BASE64: base64.b64encode(chosen).decode(), "isEncodingProblem": True}
    return {AS_BASE64: base64.b64encode(chosen).decode()}


# --- lookup, copy, release ---


def lookup(context: Context, arguments: Json) -> Json:
    """Blob/lookup: which emails a blob is of, and so which conversations and mailboxes."""
    only(arguments, "accountId", "typeNames", "ids")
    account_id, names, types = context.account_id(arguments), wanted_ids(arguments), strings(arguments, "typeNames")
    if names is None or types is None:
        raise invalid("ids and typeNames are missing")
    if unknown := [one for one in types if one not in limits.BLOB_TYPES]:
        raise MethodError("unknownDataType", f"{unknown[0][:100]} is none of {', '.join(limits.BLOB_TYPES)}")
    matched = {name: _matched(context.account, name) for name in names}
    held = emails.mailboxes_of([one.pk for found in matched.values() for one in found or ()])
    listed = [
        {"id": name, "matchedIds": {kind: value for kind, value in _ids_of(found, held).items() if kind in types}}
        for name, found in matched.items()
        if found is not None
    ]
    missing = [name for name, found in matched.items() if found is None]
    return {"accountId": ids.name("A", account_id), "list": listed, "notFound": missing}


def _matched(account: Account, name: str) -> list[Message] | None:
    """The account's messages that a blob is, or is a part of; None where there is no such blob."""
    key = ids.blob_key(name)
    rows = Message.objects.filter(account_id=account.pk).only("incarnation", "thread")
    if key and key[0] == "U":
        upload = uploads.find(account.pk, key[1])
        return None if upload is None else list(rows.filter(blob_id=upload.blob_id))
    found = list(rows.filter(pk=key[1])) if key else []
    return found or None


def _ids_of(found: list[Message], held: dict[int, list[int]]) -> Json:
    boxes = sorted({pk for one in found for pk in held[one.pk]})
    return {
        "Email": [one.email_id for one in found],
        "Thread": sorted({ids.name("T", one.thread_id) for one in found}),
        "Mailbox": [ids.name("F", pk) for pk in boxes],
    }


def copy(context: Context, arguments: Json) -> Json:
    """Blob/copy: from another account. Everybody has one account, so there is never another to copy from."""
    only(arguments, "accountId", "fromAccountId", "blobIds")
    context.account_id(arguments)
    if strings(arguments, "blobIds") is None or text(arguments, "fromAccountId") is None:
        raise invalid("fromAccountId and blobIds are missing")
    raise MethodError("fromAccountNotFound")


def release(context: Context, arguments: Json) -> Json:
    """Blob/release: uploads that are not needed any more. What was made of them stays. An addition of ours."""
    only(arguments, "accountId", "ids")
    account_id, names = context.account_id(arguments), strings(arguments, "ids")
    if names is None:
        raise invalid("ids is missing")
    if len(names) > limits.OBJECTS_IN_SET:
        raise MethodError("requestTooLarge", f"at most {limits.OBJECTS_IN_SET} blobs")
    keys = {name: ids.key("U", name) for name in names}
    gone = uploads.let_go(account_id, [key for key in keys.values() if key])
    return {
        "accountId": ids.name("A", account_id),
        "released": [name for name, key in keys.items() if key in gone],
        "notFound": [name for name, key in keys.items() if key not in gone],
    }

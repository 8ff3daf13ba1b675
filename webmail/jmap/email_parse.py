"""Email/parse: a blob read as a message, without becoming one of the account's (RFC 8621 §4.9)."""

from __future__ import annotations

from typing import Any

from mailsuite.protocol.header import begins_with_field
from mailsuite.protocol.summary import summarise
from webmail.jmap import blobs, email_body, ids, limits
from webmail.jmap.arguments import ID, only, properties, strings
from webmail.jmap.context import Context
from webmail.jmap.email_body import Body, Wanted, fields_of
from webmail.jmap.email_get import DEFAULT, Properties, of_header
from webmail.jmap.email_stored import METADATA, SUMMED, is_cut
from webmail.jmap.errors import Json, MethodError, invalid

OF_A_MESSAGE_OF_THE_ACCOUNT = {*METADATA, "mailboxIds"}  # null here, but for blobId and size


def parse(context: Context, arguments: Json) -> Json:
    """Email/parse."""
    only(arguments, "accountId", "blobIds", "properties", *email_body.ARGUMENTS)
    account_id, wanted = context.account_id(arguments), Wanted.of(arguments)
    asked = strings(arguments, "blobIds")
    if asked is None:
        raise invalid("blobIds is missing")
    if len(asked) > limits.OBJECTS_IN_GET:
        raise MethodError("requestTooLarge", f"at most {limits.OBJECTS_IN_GET} blobs")
    names = _names(arguments)
    said: Json = {"accountId": ids.name("A", account_id), "parsed": {}, "notParsable": [], "notFound": []}
    for blob in dict.fromkeys(str(context.resolved(one)) for one in asked):
        content = blobs.open(context.account, blob) if ID.fullmatch(blob) else None
        wanted.read(len(content or b""))
        if content is None:
            said["notFound"].append(blob)
        elif not begins_with_field(content, 0, len(content)):
            said["notParsable"].append(blob)
        else:
            said["parsed"][blob] = _email(content, blob, names, wanted)
    return said | {name: said[name] or None for name in ("parsed", "notParsable", "notFound")}


def _names(arguments: Json) -> list[str]:
    if arguments.get("properties") is None:
        return [name for name in DEFAULT if name not in OF_A_MESSAGE_OF_THE_ACCOUNT]
    names = properties(arguments, Properties())
    return names if "id" in arguments["properties"] else names[1:]


def _email(content: bytes, blob: str, names: list[str], wanted: Wanted) -> Json:
    summary, body, head = summarise(content), Body(content, blob), fields_of(content)

    def value(name: str) -> Any:
        if name in OF_A_MESSAGE_OF_THE_ACCOUNT:
            return {"blobId": blob, "size": len(content)}.get(name)
        if name in SUMMED and not is_cut(summary, name):
            return SUMMED[name].make(summary)
        return body.value(name, wanted) if name in email_body.PROPERTIES else of_header(name, head)

    return {name: value(name) for name in names}

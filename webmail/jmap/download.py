"""A blob as a file to keep: nothing that is handed out may run as a page of ours (RFC 8620 §6.2)."""

from __future__ import annotations

from django.http.response import HttpResponseBase

from mailsuite.accounts.models import Account
from webmail import attachments, display
from webmail.jmap import blobs, ids


def handed_out(account: Account, account_id: str, blob_id: str, name: str, accept: str) -> HttpResponseBase | None:
    """The account's own blob under the name and type that the client wants; None where it has none of this id."""
    if ids.key("A", account_id) != account.pk:
        return None
    content = blobs.open(account, blob_id)
    if content is None:
        return None
    kind = accept.partition(";")[0].strip().lower()
    return attachments.download(content, display.clean(name).replace("/", "-")[:200] or "file", kind)

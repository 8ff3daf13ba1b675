"""The session resource: what is here, whose it is, and where to ask (RFC 8620 §2)."""

from __future__ import annotations

import hashlib
import json

from mailsuite.accounts.models import Account
from mailsuite.mailstore import mailboxes
from webmail.jmap import ids, limits
from webmail.jmap.email_query import SORTS
from webmail.jmap.errors import Json

CORE = "urn:ietf:params:jmap:core"
MAIL = "urn:ietf:params:jmap:mail"
SUBMISSION = "urn:ietf:params:jmap:submission"
VACATION = "urn:ietf:params:jmap:vacationresponse"
BLOB = "urn:ietf:params:jmap:blob"
QUOTA = "urn:ietf:params:jmap:quota"
OWN = "urn:mailsuite:params:jmap:mail"


def session(account: Account, base: str) -> Json:
    """The session object of this account. base: scheme and host that the client used, without a slash at its end."""
    account_id = ids.name("A", account.pk)
    own = _capabilities_of_account()
    found: Json = {
        "capabilities": {CORE: _core()} | {name: {} for name in own},
        "accounts": {
            account_id: {"name": account.login, "isPersonal": True, "isReadOnly": False, "accountCapabilities": own},
        },
        "primaryAccounts": dict.fromkeys(own, account_id),
        "username": account.login,
        "apiUrl": f"{base}/jmap/api",
        "downloadUrl": f"{base}/jmap/download/{{accountId}}/{{blobId}}/{{name}}?accept={{type}}",
        "uploadUrl": f"{base}/jmap/upload/{{accountId}}/",
        "eventSourceUrl": f"{base}/jmap/events?types={{types}}&closeafter={{closeafter}}&ping={{ping}}",
    }
    return found | {"state": hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]}


def _core() -> Json:
    return {
        "maxSizeUpload": limits.upload_bytes(),
        "maxConcurrentUpload": limits.UPLOADS_AT_ONCE,
        "maxSizeRequest": limits.REQUEST_BYTES,
        "maxConcurrentRequests": limits.REQUESTS_AT_ONCE,
        "maxCallsInRequest": limits.CALLS,
        "maxObjectsInGet": limits.OBJECTS_IN_GET,
        "maxObjectsInSet": limits.OBJECTS_IN_SET,
        "collationAlgorithms": ["i;ascii-casemap", "i;unicode-casemap"],
    }


def _capabilities_of_account() -> Json:
    """What each capability says of an account; each is named only where its methods are there."""
    return {MAIL: _mail(), SUBMISSION: _submission(), VACATION: {}, BLOB: _blob(), QUOTA: {}, OWN: {"maxRows": limits.ROWS}}


def _mail() -> Json:
    """RFC 8621 §1.3.1."""
    return {
        "maxMailboxesPerEmail": None,
        "maxMailboxDepth": None,
        "maxSizeMailboxName": mailboxes.PART,
        "maxSizeAttachmentsPerEmail": limits.upload_bytes(),
        "emailQuerySortOptions": list(SORTS),
        "mayCreateTopLevelMailbox": True,
    }


def _submission() -> Json:
    """RFC 8621 §1.3.2: SMTP's extensions, whose parameters an envelope may have."""
    extensions = {"FUTURERELEASE": [str(limits.DELAYED_SEND)], "SIZE": [str(limits.upload_bytes())], "DSN": []}
    return {"maxDelayedSend": limits.DELAYED_SEND, "submissionExtensions": extensions}


def _blob() -> Json:
    """RFC 9404 §3."""
    return {
        "maxSizeBlobSet": limits.upload_bytes(),
        "maxDataSources": limits.BLOB_SOURCES,
        "supportedTypeNames": list(limits.BLOB_TYPES),
        "supportedDigestAlgorithms": list(limits.BLOB_DIGESTS),
    }

"""What we say we can do, by where the session stands (RFC 9051 §6.1.1)."""

from __future__ import annotations

ALWAYS = ("IMAP4rev1", "LITERAL+", "ID", "ENABLE", "SASL-IR")
AFTER_LOGIN = (
    "IDLE", "NAMESPACE", "UIDPLUS", "MOVE", "UNSELECT", "CHILDREN", "SPECIAL-USE", "LIST-EXTENDED", "LIST-STATUS",
    "STATUS=SIZE", "CONDSTORE", "ESEARCH", "SEARCHRES", "WITHIN", "OBJECTID",
)  # fmt: skip


def capabilities(*, logged_in: bool, may_log_in: bool, may_start_tls: bool, size_limit: int) -> str:
    """The words of a CAPABILITY response. size_limit: octets of a message (APPENDLIMIT, RFC 7889)."""
    if logged_in:
        return " ".join((*ALWAYS, *AFTER_LOGIN, f"APPENDLIMIT={size_limit}"))
    tls = ("STARTTLS",) if may_start_tls else ()
    # RFC 9051 §6.2.3: without LOGIN the server says LOGINDISABLED.
    return " ".join((*ALWAYS, *tls, "AUTH=PLAIN" if may_log_in else "LOGINDISABLED"))

"""What we say we can do, by where the session stands (RFC 9051 §6.1.1)."""

from __future__ import annotations

from collections.abc import Sequence

# One a line, with where it is written down.
ALWAYS = (
    "IMAP4rev1",  # RFC 3501
    "IMAP4rev2",  # RFC 9051, by ENABLE
    "LITERAL+",  # RFC 7888
    "ID",  # RFC 2971
    "ENABLE",  # RFC 5161
    "SASL-IR",  # RFC 4959
)
AFTER_LOGIN = (
    "IDLE",  # RFC 2177
    "NOTIFY",  # RFC 5465
    "NAMESPACE",  # RFC 2342
    "UIDPLUS",  # RFC 4315
    "MOVE",  # RFC 6851
    "UNSELECT",  # RFC 3691
    "CHILDREN",  # RFC 3348
    "SPECIAL-USE",  # RFC 6154
    "LIST-EXTENDED",  # RFC 5258
    "LIST-STATUS",  # RFC 5819
    "LIST-METADATA",  # RFC 9590
    "CREATE-SPECIAL-USE",  # RFC 6154
    "METADATA",  # RFC 5464
    "QUOTA",  # RFC 9208
    "QUOTA=RES-STORAGE",
    "STATUS=SIZE",  # RFC 8438
    "MULTIAPPEND",  # RFC 3502
    "BINARY",  # RFC 3516
    "CATENATE",  # RFC 4469
    "REPLACE",  # RFC 8508
    "CONDSTORE",  # RFC 7162
    "QRESYNC",  # RFC 7162 §3.2
    "UIDONLY",  # RFC 9586
    "UTF8=ACCEPT",  # RFC 6855
    "ESEARCH",  # RFC 4731
    "SEARCHRES",  # RFC 5182
    "WITHIN",  # RFC 5032
    "SORT",  # RFC 5256
    "SORT=DISPLAY",  # RFC 5957
    "THREAD=ORDEREDSUBJECT",  # RFC 5256
    "THREAD=REFERENCES",  # RFC 5256
    "I18NLEVEL=1",  # RFC 5255
    "ESORT",  # RFC 5267
    "MULTISEARCH",  # RFC 7377
    "INPROGRESS",  # RFC 9585
    "PARTIAL",  # RFC 9394
    "OBJECTID",  # RFC 8474
    "PREVIEW",  # RFC 8970
    "SAVEDATE",  # RFC 8514
)


def capabilities(
    *,
    logged_in: bool,
    may_log_in: bool,
    mechanisms: Sequence[str],
    may_start_tls: bool,
    may_compress: bool,
    jmap: bool,
    size_limit: int,
) -> str:
    """The words of a CAPABILITY response. size_limit: octets of a message (APPENDLIMIT, RFC 7889)."""
    if logged_in:
        compress = ("COMPRESS=DEFLATE",) if may_compress else ()  # RFC 4978
        access = ("JMAPACCESS",) if jmap else ()  # RFC 9698
        return " ".join((*ALWAYS, *AFTER_LOGIN, *compress, *access, f"APPENDLIMIT={size_limit}"))
    tls = ("STARTTLS",) if may_start_tls else ()
    # RFC 9051 §6.2.3: without LOGIN the server says LOGINDISABLED.
    return " ".join((*ALWAYS, *tls, *(f"AUTH={one}" for one in mechanisms), *(() if may_log_in else ("LOGINDISABLED",))))

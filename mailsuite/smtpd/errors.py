"""One table: which reply an error becomes. What the public reads is generic; the reason goes to the log."""

from __future__ import annotations

import errno
import logging

from django.db import Error as DatabaseTrouble

from mailsuite.accounts.authenticate import Refused
from mailsuite.delivery.accept import LoopDetected
from mailsuite.protocol.esmtp import BadArgument
from mailsuite.protocol.reply import Reply

log = logging.getLogger(__name__)

NO_ROOM = Reply(452, "4.3.1", "The mail store cannot take more now; try again later")
LOCAL_ERROR = Reply(451, "4.3.0", "A local error; nothing was accepted, try again later")
NOT_LET_IN = Reply(535, "5.7.8", "Wrong login or password")
NOT_NOW = Reply(454, "4.7.0", "Too many wrong passwords; try again later")
LOOP = Reply(554, "5.4.6", "The message goes in circles: too many hops")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.EIO}
# The enhanced codes of what aiosmtpd says in its own words.
_ENHANCED = {220: "2.0.0", 221: "2.0.0", 250: "2.0.0", 454: "4.7.0", 500: "5.5.2", 501: "5.5.4", 502: "5.5.1", 503: "5.5.1"}


def reply_for(error: BaseException) -> Reply:
    """The reply for an error; one that nobody foresaw is logged with its traceback and is temporary, so no mail is lost."""
    match error:
        case BadArgument():
            return error.reply
        case Refused():
            return NOT_NOW if error.temporary else NOT_LET_IN
        case LoopDetected():
            return LOOP
        case DatabaseTrouble():
            log.error("database trouble: %s", error)
            return NO_ROOM
        case OSError() if error.errno in _FULL:
            log.error("no room: %s", error)
            return NO_ROOM
    reply = getattr(error, "reply", None)  # SubmissionRefused and its like carry their own
    if isinstance(reply, Reply):
        return reply
    if getattr(error, "temporary", False):
        log.error("%s: %s", type(error).__name__, error)
        return NO_ROOM
    log.error("unforeseen", exc_info=error)
    return LOCAL_ERROR


def dressed(words: str) -> bytes:
    """A line that aiosmtpd says, with an enhanced code and without echoing what the client sent."""
    code, _, text = words.partition(" ")
    if 'Error: command "' in text:
        return Reply(500, "5.5.1", "Command not recognized").wire()
    enhanced = _ENHANCED.get(int(code), "") if code.isdecimal() else ""
    if not enhanced or text[:2] in ("2.", "4.", "5."):
        return words.encode("utf-8", "replace") + b"\r\n"
    return Reply(int(code), enhanced, text.removeprefix("Error: ")).wire()

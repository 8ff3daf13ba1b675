"""Which command is answered where: the door's table of contents."""

from __future__ import annotations

from functools import partial

from mailsuite.imapd.commands import (
    append,
    authenticate,
    basics,
    compress,
    copy,
    enable,
    expunge,
    fetch,
    idle,
    listing,
    login,
    mailboxes,
    notify,
    replace,
    search,
    select,
    status,
    store,
)
from mailsuite.imapd.session import Handler, State

ANY, STRANGER, LOGGED_IN, SELECTED = State.ANY, State.STRANGER, State.LOGGED_IN, State.SELECTED

# RFC 9051 §7.5.1: no EXPUNGE while FETCH, STORE or SEARCH by sequence number is answered; by UID it may come.
COMMANDS = {
    "CAPABILITY": Handler(basics.capability, ANY),
    "NOOP": Handler(basics.noop, ANY),
    "ID": Handler(basics.identify, ANY),
    "LOGOUT": Handler(basics.logout, ANY),
    "STARTTLS": Handler(login.start_tls, STRANGER),
    "LOGIN": Handler(login.login, STRANGER),
    "AUTHENTICATE": Handler(authenticate.authenticate, STRANGER),
    "ENABLE": Handler(enable.enable, LOGGED_IN),
    "COMPRESS": Handler(compress.compress, LOGGED_IN, expunges=False),
    "NAMESPACE": Handler(basics.namespace, LOGGED_IN),
    "LIST": Handler(listing.listing, LOGGED_IN),
    "LSUB": Handler(listing.lsub, LOGGED_IN),
    "STATUS": Handler(status.status, LOGGED_IN),
    "CREATE": Handler(mailboxes.create, LOGGED_IN),
    "DELETE": Handler(mailboxes.delete, LOGGED_IN),
    "RENAME": Handler(mailboxes.rename, LOGGED_IN),
    "SUBSCRIBE": Handler(mailboxes.subscribe, LOGGED_IN),
    "UNSUBSCRIBE": Handler(mailboxes.unsubscribe, LOGGED_IN),
    "APPEND": Handler(append.append, LOGGED_IN),
    "IDLE": Handler(idle.idle, LOGGED_IN),
    "NOTIFY": Handler(notify.notify, LOGGED_IN),
    "SELECT": Handler(select.select, LOGGED_IN),
    "EXAMINE": Handler(select.examine, LOGGED_IN),
    "CLOSE": Handler(select.close, SELECTED),
    "UNSELECT": Handler(select.unselect, SELECTED),
    "CHECK": Handler(basics.noop, SELECTED),
    "EXPUNGE": Handler(expunge.expunge, SELECTED),
    "UID EXPUNGE": Handler(expunge.uid_expunge, SELECTED),
    "FETCH": Handler(fetch.fetch, SELECTED, expunges=False),
    "UID FETCH": Handler(partial(fetch.fetch, by_uid=True), SELECTED),
    "STORE": Handler(store.store, SELECTED, expunges=False),
    "UID STORE": Handler(partial(store.store, by_uid=True), SELECTED),
    "SEARCH": Handler(search.search, SELECTED, expunges=False),
    "UID SEARCH": Handler(partial(search.search, by_uid=True), SELECTED),
    "REPLACE": Handler(replace.replace, SELECTED),
    "UID REPLACE": Handler(partial(replace.replace, by_uid=True), SELECTED),
    "COPY": Handler(copy.copy, SELECTED),
    "UID COPY": Handler(partial(copy.copy, by_uid=True), SELECTED),
    "MOVE": Handler(copy.move, SELECTED),
    "UID MOVE": Handler(partial(copy.move, by_uid=True), SELECTED),
}

"""Every method that can be called, with the capability it belongs to."""

from __future__ import annotations

from webmail.jmap import (
    action,
    core,
    email_get,
    email_import,
    email_parse,
    email_query,
    email_set,
    identity,
    mailbox,
    mailbox_set,
    query_parse,
    search_snippet,
    submission,
    submission_set,
    thread,
    thread_act,
    thread_row,
)
from webmail.jmap.engine import Method
from webmail.jmap.session import CORE, MAIL, OWN, SUBMISSION

METHODS: dict[str, tuple[str, Method]] = {
    "Core/echo": (CORE, core.echo),
    "Mailbox/get": (MAIL, mailbox.get),
    "Mailbox/changes": (MAIL, mailbox.changes),
    "Mailbox/query": (MAIL, mailbox.query),
    "Mailbox/queryChanges": (MAIL, mailbox.query_changes),
    "Mailbox/set": (MAIL, mailbox_set.set_mailboxes),
    "Email/get": (MAIL, email_get.get),
    "Email/changes": (MAIL, email_get.changes),
    "Email/query": (MAIL, email_query.query),
    "Email/queryChanges": (MAIL, email_query.query_changes),
    "Email/parse": (MAIL, email_parse.parse),
    "Email/set": (MAIL, email_set.set_emails),
    "Email/import": (MAIL, email_import.take_in),
    "Email/copy": (MAIL, email_import.copy),
    "SearchSnippet/get": (MAIL, search_snippet.get),
    "Thread/get": (MAIL, thread.get),
    "Thread/changes": (MAIL, thread.changes),
    "Identity/get": (SUBMISSION, identity.get),
    "Identity/changes": (SUBMISSION, identity.changes),
    "Identity/set": (SUBMISSION, identity.set_identities),
    "EmailSubmission/get": (SUBMISSION, submission.get),
    "EmailSubmission/changes": (SUBMISSION, submission.changes),
    "EmailSubmission/query": (SUBMISSION, submission.query),
    "EmailSubmission/queryChanges": (SUBMISSION, submission.query_changes),
    "EmailSubmission/set": (SUBMISSION, submission_set.set_submissions),
    "ThreadRow/query": (OWN, thread_row.query),
    "ThreadRow/changes": (OWN, thread_row.changes),
    "Thread/act": (OWN, thread_act.act),
    "Action/get": (OWN, action.get),
    "Action/undo": (OWN, action.undo),
    "Query/parse": (OWN, query_parse.parse),
}

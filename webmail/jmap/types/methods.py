"""Of each method the types of its arguments and of its response."""

from __future__ import annotations

from typing import Any

from webmail.jmap.types import core, mail, own, quota, submission, writing

METHODS: dict[str, tuple[Any, Any]] = {
    "Core/echo": (dict[str, Any], dict[str, Any]),
    "Mailbox/get": (core.GetArguments, core.GetResponse[mail.Mailbox]),
    "Mailbox/changes": (core.ChangesArguments, mail.MailboxChangesResponse),
    "Mailbox/query": (mail.MailboxQueryArguments, core.QueryResponse),
    "Mailbox/queryChanges": (core.QueryChangesArguments[mail.MailboxFilterCondition], core.QueryChangesResponse),
    "Mailbox/set": (mail.MailboxSetArguments, core.SetResponse[mail.Mailbox]),
    "Thread/get": (core.GetArguments, core.GetResponse[mail.Thread]),
    "Thread/changes": (core.ChangesArguments, core.ChangesResponse),
    "Email/get": (mail.EmailGetArguments, core.GetResponse[mail.Email]),
    "Email/changes": (core.ChangesArguments, core.ChangesResponse),
    "Email/query": (mail.EmailQueryArguments, core.QueryResponse),
    "Email/queryChanges": (mail.EmailQueryChangesArguments, core.QueryChangesResponse),
    "Email/set": (core.SetArguments[mail.Email], core.SetResponse[mail.Email]),
    "Email/import": (mail.EmailImportArguments, mail.EmailImportResponse),
    "Email/copy": (mail.EmailCopyArguments, mail.EmailCopyResponse),
    "Email/parse": (mail.EmailParseArguments, mail.EmailParseResponse),
    "SearchSnippet/get": (mail.SearchSnippetGetArguments, mail.SearchSnippetGetResponse),
    "Identity/get": (core.GetArguments, core.GetResponse[submission.Identity]),
    "Identity/changes": (core.ChangesArguments, core.ChangesResponse),
    "Identity/set": (core.SetArguments[submission.Identity], core.SetResponse[submission.Identity]),
    "EmailSubmission/get": (core.GetArguments, core.GetResponse[submission.EmailSubmission]),
    "EmailSubmission/changes": (core.ChangesArguments, core.ChangesResponse),
    "EmailSubmission/query": (core.QueryArguments[submission.EmailSubmissionFilterCondition], core.QueryResponse),
    "EmailSubmission/queryChanges": (
        core.QueryChangesArguments[submission.EmailSubmissionFilterCondition],
        core.QueryChangesResponse,
    ),
    "EmailSubmission/set": (submission.EmailSubmissionSetArguments, core.SetResponse[submission.EmailSubmission]),
    "VacationResponse/get": (core.GetArguments, core.GetResponse[submission.VacationResponse]),
    "VacationResponse/set": (
        core.SetArguments[submission.VacationResponse],
        core.SetResponse[submission.VacationResponse],
    ),
    "Quota/get": (core.GetArguments, core.GetResponse[quota.Quota]),
    "Quota/changes": (core.ChangesArguments, quota.QuotaChangesResponse),
    "Quota/query": (core.QueryArguments[quota.QuotaFilterCondition], core.QueryResponse),
    "Quota/queryChanges": (core.QueryChangesArguments[quota.QuotaFilterCondition], core.QueryChangesResponse),
    "ThreadRow/query": (own.ThreadRowQueryArguments, own.ThreadRowQueryResponse),
    "ThreadRow/changes": (own.ThreadRowChangesArguments, own.ThreadRowChangesResponse),
    "Thread/act": (own.ThreadActArguments, own.ThreadActResponse),
    "Action/get": (core.GetArguments, core.GetResponse[own.Action]),
    "Draft/get": (writing.DraftGetArguments, core.GetResponse[writing.Draft]),
    "Draft/save": (writing.DraftSaveArguments, writing.DraftSaveResponse),
    "EmailSubmission/reschedule": (submission.EmailSubmissionRescheduleArguments, submission.EmailSubmissionRescheduleResponse),
    "Suggestion/get": (writing.SuggestionGetArguments, writing.SuggestionGetResponse),
    "Suggestion/forget": (writing.SuggestionForgetArguments, writing.SuggestionForgetResponse),
    "Action/undo": (own.ActionTurnArguments, own.ActionResponse),
    "Action/redo": (own.ActionTurnArguments, own.ActionResponse),
    "Label/delete": (own.LabelDeleteArguments, own.ActionResponse),
    "Label/merge": (own.LabelMergeArguments, own.ActionResponse),
    "Preferences/get": (core.GetArguments, core.GetResponse[own.Preferences]),
    "Preferences/set": (core.SetArguments[own.Preferences], core.SetResponse[own.Preferences]),
    "Query/parse": (own.QueryParseArguments, own.QueryParseResponse),
}

"""The addresses of the API: session, method calls, uploads and downloads (RFC 8620 §2, §3, §6)."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from webmail.jmap import engine
from webmail.jmap import upload as uploads
from webmail.jmap.access import member
from webmail.jmap.context import Context
from webmail.jmap.download import handed_out
from webmail.jmap.errors import Json, RequestError
from webmail.jmap.methods import METHODS
from webmail.jmap.session import session as session_of


@member
@require_safe
def session(request: HttpRequest) -> HttpResponse:
    """The session object; also at /.well-known/jmap."""
    response = JsonResponse(session_of(request.user, _base(request)))
    response["Cache-Control"] = "no-cache, no-store, must-revalidate"
    return response


@member
@require_POST
def api(request: HttpRequest) -> HttpResponse:
    """Method calls."""
    if request.content_type != "application/json":
        raise RequestError("notJSON", "Content-Type must be application/json")
    asked = engine.parse(request.body)
    state = session_of(request.user, _base(request))["state"]
    return _short(engine.answer(Context(request.user), asked, METHODS, state))


@member
@require_POST
def upload(request: HttpRequest, account_id: str) -> HttpResponse:
    """A file for a message to come."""
    return JsonResponse(uploads.take(request, account_id), status=201)


@member
@require_safe
def download(request: HttpRequest, account_id: str, blob_id: str, name: str) -> HttpResponseBase:
    """A blob; a HEAD or GET of what is not there, or not the asker's, finds nothing."""
    response = handed_out(request.user, account_id, blob_id, name, request.GET.get("accept", ""))
    return response or HttpResponse(status=404)


def _short(answer: Json) -> HttpResponse:
    """Without blanks and escapes: of Cyrillic a third of the bytes."""
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    return HttpResponse(body, content_type="application/json")


def _base(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"

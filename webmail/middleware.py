"""What holds for every response: security headers, the size of a request, the member's own time zone and language."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone, translation

from mailsuite.accounts import preferences
from webmail import i18n
from webmail.dates import zone_of
from webmail.views import errors
from webmail.wsgi_bridge import TOO_LARGE

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# A page of ours may load only what this host serves. A mail's body brings its own, narrower policy (product.md 4.1).
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; "
    "font-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
    "require-trusted-types-for 'script'; trusted-types page"
)
# The application writes letters: its sanitiser makes nodes of HTML under a policy of its own, and pictures that are being
# attached are shown from the browser's memory.
APPLICATION = POLICY.replace("trusted-types page", "trusted-types page compose").replace("img-src 'self'", "img-src 'self' blob:")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Guard:
    """The outermost layer: who really asks, is the request too large, and the headers every response carries."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._gzip = GZipMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.BEHIND_PROXY:
            _believe_proxy(request)
        response = errors.too_large(request) if request.META.get(TOO_LARGE) else self._get_response(request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            response = self._gzip.process_response(request, response)
        if "Content-Security-Policy" not in response:  # a mail's body says itself who may frame it
            response["Content-Security-Policy"] = APPLICATION if getattr(request, "is_application", False) else POLICY
            response["X-Frame-Options"] = "DENY"
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        return response


def _believe_proxy(request: HttpRequest) -> None:
    """Take client and scheme from the nearest proxy: the last entry is the one it wrote itself."""
    if forwarded := request.META.get("HTTP_X_FORWARDED_FOR"):
        request.META["REMOTE_ADDR"] = forwarded.rsplit(",", 1)[-1].strip()
    if request.META.get("HTTP_X_FORWARDED_PROTO") == "https":
        request.environ["wsgi.url_scheme"] = "https"


class Member:
    """After sign-in is known: times in the member's zone, words in their language, and pages that no shared cache keeps."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        account = request.user
        zone = zone_of(account.time_zone) if account.is_authenticated else timezone.get_default_timezone()
        chosen = preferences.of(account)["language"] if account.is_authenticated else None
        language = i18n.negotiate(chosen, request.headers.get("Accept-Language", ""))
        with timezone.override(zone), translation.override(language):
            response = self._get_response(request)
        response.setdefault("Cache-Control", "private, no-cache")
        return response

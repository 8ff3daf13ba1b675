"""Where each address of the web door leads."""

from django.urls import include, path

urlpatterns = [path("", include("webmail.urls"))]
handler400 = "webmail.views.errors.bad_request"
handler403 = "webmail.views.errors.forbidden"
handler404 = "webmail.views.errors.not_found"
handler500 = "webmail.views.errors.broken"

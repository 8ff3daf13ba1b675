"""Where each address of the web door leads."""

from django.urls import include, path

urlpatterns = [path("", include("webmail.urls"))]

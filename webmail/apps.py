"""Django's entry into this package."""

from django.apps import AppConfig


class WebmailConfig(AppConfig):
    name = "webmail"

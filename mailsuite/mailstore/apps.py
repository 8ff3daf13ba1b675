"""Django's entry into this package."""

from django.apps import AppConfig


class MailstoreConfig(AppConfig):
    name = "mailsuite.mailstore"
    label = "mailstore"

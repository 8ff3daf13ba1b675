"""Django's entry into this package."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MailstoreConfig(AppConfig):
    name = "mailsuite.mailstore"
    label = "mailstore"

    def ready(self) -> None:
        from mailsuite.mailstore import planning

        post_migrate.connect(planning.settle, sender=self)

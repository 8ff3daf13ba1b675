"""Django's entry into the suite: binds the Celery application, so that wakeup can ring."""

from importlib import import_module

from django.apps import AppConfig


class MailsuiteConfig(AppConfig):
    name = "mailsuite"

    def ready(self) -> None:
        import_module("mailsuite.celery").app.set_default()

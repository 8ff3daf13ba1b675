"""Django's entry into this package."""

from django.apps import AppConfig


class QueueConfig(AppConfig):
    name = "mailsuite.queue"
    label = "queue"

"""Django's entry into this package."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "mailsuite.people"
    label = "people"

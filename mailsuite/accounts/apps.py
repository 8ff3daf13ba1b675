"""Django's entry into this package."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "mailsuite.accounts"
    label = "accounts"

"""Django's entry into this package."""

from django.apps import AppConfig


class BlobsConfig(AppConfig):
    name = "mailsuite.blobs"
    label = "blobs"

"""The web door as an ASGI application: `/events` waits in the loop, everything else is Django in threads. Wiring only."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailsuite.settings")
django_pages = get_wsgi_application()

from webmail.door import Door  # noqa: E402 - models exist only after Django is set up

application = Door(django_pages, most_body=settings.MESSAGE_SIZE_LIMIT + 2**20)

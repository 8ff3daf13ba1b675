#!/usr/bin/env python
"""Django's command line; `manage.py up` starts every door on this machine."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailsuite.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        if sys.argv[1:] in ([], ["help"], ["-h"], ["--help"]):
            from mailsuite.management.overview import overview

            return print(overview())
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Mailsuite does not start: {error}")
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell names the end by Ctrl-C


if __name__ == "__main__":
    main()

"""The icons of our own sprite, ready for templates: `{{ i.archive }}`, `{{ s.clip }}` for the small size."""

from __future__ import annotations

import functools

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

# They point along the line of writing.
MIRRORED = {
    "back",
    "older",
    "newer",
    "reply",
    "reply-all",
    "forward",
    "send",
    "scheduled",
    "leave",
}


class Icons:
    """`icons["archive"]` is the SVG that shows it; made once, for a list shows hundreds."""

    def __init__(self, extra: str = "") -> None:
        self._extra = extra
        self._made: dict[str, SafeString] = {}

    def __getitem__(self, name: str) -> SafeString:
        if name not in self._made:
            name_in_sprite = name.replace("_", "-")
            classes = " ".join(filter(None, ["i", self._extra, "mirror" if name_in_sprite in MIRRORED else ""]))
            self._made[name] = format_html(
                '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, static("icons.svg"), name_in_sprite
            )
        return self._made[name]


@functools.cache
def _sets() -> dict[str, Icons]:
    return {"i": Icons(), "s": Icons("small")}


def icons(request: HttpRequest) -> dict[str, Icons]:
    """Context processor."""
    return _sets()

"""Templates in the member's language: `{% t "Reply to {names}" names=answer.names %}` and `{{ place.name|t }}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from webmail.i18n.language import current, is_right_to_left
from webmail.i18n.translate import t

register = template.Library()


class Words(Node):
    """A message that is said when the page is drawn; what stands in it is escaped, the message too."""

    child_nodelists = ()

    def __init__(self, message: str, values: dict[str, FilterExpression]) -> None:
        self.message = message
        self._values = values

    def render(self, context: template.Context) -> SafeString:
        values = {name: _value(found.resolve(context)) for name, found in self._values.items()}
        return mark_safe(t(_escaped(self.message), **values))  # noqa: S308  (all that comes from outside is escaped)


def _escaped(message: str) -> str:
    """Messages are ours, and have no markup: a sign of it would be a mistake."""
    if "<" in message or "&" in message:
        raise template.TemplateSyntaxError(f"a message has no markup: {message}")
    return message


def _value(value: Any) -> str | int:
    return value if isinstance(value, int) else conditional_escape("" if value is None else value)


@register.tag("t")
def words(parser: Parser, token: Token) -> Words:
    """`{% t "message" name=value … %}`"""
    _, message, *values = token.split_contents()
    if message[0] not in "\"'" or message[-1] != message[0]:
        raise template.TemplateSyntaxError(f"t wants its message in its place, not {message}")
    pairs = (one.split("=", 1) for one in values)
    return Words(message[1:-1], {name: parser.compile_filter(value) for name, value in pairs})


@register.filter("t")
def translated(message: str) -> str:
    """Of what was marked elsewhere by `mark`."""
    return t(str(message))


@register.simple_tag
def language() -> str:
    """For `<html lang>`."""
    return current()


@register.simple_tag
def direction() -> str:
    """For `<html dir>`."""
    return "rtl" if is_right_to_left(current()) else "ltr"


def messages(nodes: NodeList | Node) -> set[str]:
    """Every message of a template, whatever block it stands in."""
    return {node.message for node in nodes.get_nodes_by_type(Words)}

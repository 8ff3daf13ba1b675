"""The lines of a list of conversations, as text ready for the template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from mailsuite.mailstore.rows import ListRow
from webmail import dates, display
from webmail.i18n import t
from webmail.page import Label

PER_PAGE = 50
MOST_WRITERS = 3
MOST_CHIPS = 3


@dataclass(slots=True)
class Row:
    """A conversation in a list. Numbers are text already: a template would ask the locale how to write each."""

    pk: str
    subject: str
    writers: SafeString
    who: str
    count: str
    new: str
    unread: bool
    starred: bool
    attachments: bool
    draft: bool
    preview: str
    when: str
    when_long: str
    when_iso: str
    initials: str
    hue: str
    labels: list[Label] = field(default_factory=list)
    until: str = ""


def rows_of(
    found: Iterable[ListRow], own: frozenset[str], labels: Mapping[int, Label], *, hide_label: int | None = None
) -> list[Row]:
    """The store's rows made ready. own: the member's addresses, case-folded; hide_label: the label whose list this is."""
    now = timezone.now()
    return [_row(row, own, [labels[pk] for pk in row.thread.labels if pk in labels and pk != hide_label], now) for row in found]


def _row(row: ListRow, own: frozenset[str], labels: list[Label], now: datetime) -> Row:
    thread, at = row.thread, row.newest_at
    names, who = writers(thread.writers, own)
    name, address = _face(thread.writers, own)
    return Row(
        pk=str(thread.pk),
        subject=display.clean(thread.subject) or t("(no subject)"),
        writers=names,
        who=who,
        count=str(row.count) if row.count > 1 else "",
        new=str(row.unread) if row.unread and row.count > 1 else "",
        unread=row.unread > 0,
        starred=thread.starred,
        attachments=thread.attachments,
        draft=thread.draft,
        preview=display.clean(thread.preview),
        when=dates.short(at, now),
        when_long=dates.long(at),
        when_iso=at.isoformat(timespec="minutes"),
        initials=display.initials(name, address),
        hue=display.hue(address or name),
        labels=labels[:MOST_CHIPS],
    )


def writers(people: Sequence[Sequence[object]], own: frozenset[str]) -> tuple[SafeString, str]:
    """ "Ana, me, Bob" with the unread ones bold, and the same without markup. A single writer keeps the whole name."""
    alone = len(people) == 1
    shown: list[tuple[str, bool]] = []
    for name, address, unread in (tuple(person)[:3] for person in people):
        mine = str(address).casefold() in own
        called = t("me") if mine else (display.name_of if alone else display.first_name)(str(name), str(address))
        shown.append((called, bool(unread)))
    if len(shown) > MOST_WRITERS:
        shown = [shown[0], ("…", False), *shown[-(MOST_WRITERS - 1) :]]
    html = format_html_join(", ", "{}", ((format_html("<b>{}</b>", name) if bold else name,) for name, bold in shown))
    return html or escape(t("(nobody)")), ", ".join(name for name, _ in shown)


def _face(people: Sequence[Sequence[object]], own: frozenset[str]) -> tuple[str, str]:
    """Whose avatar stands for it: the last of others whose mail is unread, else the last of others, else the member."""
    others = [person for person in people if str(person[1]).casefold() not in own] or list(people)
    unread = [person for person in others if person[2]] or others
    return (str(unread[-1][0]), str(unread[-1][1])) if unread else ("", "")


def days_left(moved_at: datetime | None, kept_days: int, now: datetime | None = None) -> str:
    """ "deleted in 12 days" for what lies in Trash or Spam; nothing where it stays for ever (0 days)."""
    if moved_at is None or not kept_days:
        return ""
    days = (moved_at + timedelta(days=kept_days) - (now or timezone.now())).days
    return t("deleted today") if days < 1 else t("deleted in {days, plural, one {# day} other {# days}}", days=days)

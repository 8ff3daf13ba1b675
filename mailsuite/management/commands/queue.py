"""Look into the queue, and decide by hand what happens to what is in it."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.timezone import now

from mailsuite.management.operator import Formatter, OperatorCommand, table
from mailsuite.queue import inspect
from mailsuite.queue.models import Recipient

HEADS = ["id", "state", "size", "from", "to", "next", "tries", "last words"]
EXAMPLES = {
    "list": "manage.py queue list --address example.net\nmanage.py queue list --state held --json | jq '.[].id'",
    "show": "manage.py queue show 42",
    "retry": "manage.py queue retry 42 43\nmanage.py queue retry --address example.net",
    "hold": "manage.py queue hold 42\nmanage.py queue hold --address example.net --until 2026-12-24T18:00",
    "drop": "manage.py queue drop 42",
}


class Command(OperatorCommand):
    """Look into the queue: what is owed to whom, since when, and what the other side said. Retry, hold or drop by id.

    An id is one recipient of one message. No message is opened for it.
    """

    example = "\n".join(EXAMPLES.values()) + "\nmanage.py queue list --help"

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        self._listing(self._action(actions, "list", "what is waiting, oldest first"))
        self._action(actions, "show", "everything about some recipients, every word heard included").add_argument(
            "ids", type=int, nargs="+", metavar="ID"
        )
        self._choice(self._action(actions, "retry", "try now: deferred, held or failed ones"))
        hold = self._action(actions, "hold", "do not try, until a time or until `retry`")
        hold.add_argument("--until", type=_moment, metavar="TIME", help="UTC, such as 2026-12-24T18:00; else until `retry`")
        self._choice(hold)
        self._choice(self._action(actions, "drop", "give up, without a word to the sender; the bytes are kept for a week"))

    def _action(self, actions: Any, name: str, purpose: str) -> CommandParser:
        example = "examples:\n" + "\n".join(f"  {line}" for line in EXAMPLES[name].splitlines())
        parser = actions.add_parser(name, help=purpose, description=purpose[0].upper() + purpose[1:] + ".", epilog=example)
        parser.formatter_class = Formatter
        parser.add_argument("--json", action="store_true", help="for programs")
        return parser

    def _listing(self, parser: CommandParser) -> None:
        parser.add_argument("--state", choices=Recipient.State.values, action="append", help="held, due and leased if not given")
        parser.add_argument("--address", default="", metavar="PART", help="only where a part of sender or recipient is this")
        parser.add_argument("--limit", type=int, default=100, help="at most so many (100)")

    def _choice(self, parser: CommandParser) -> None:
        parser.add_argument("ids", type=int, nargs="*", metavar="ID")
        parser.add_argument("--address", default="", metavar="PART", help="all whose sender or recipient has this part, not ids")

    def run(self, action: str, **options: Any) -> None:
        getattr(self, f"do_{action}")(**options)

    def do_list(self, state: list[str] | None, address: str, limit: int, json: bool, **_: Any) -> None:
        found = inspect.recipients(states=state or inspect.OPEN, address=address)
        rows = [inspect.row(one) for one in found[:limit]]
        if json:
            return self.say(_dumps(rows))
        if rows:
            self.say(table([_cells(row) for row in rows], HEADS))
        more = f" (the first {limit} of {found.count()})" if len(rows) == limit else ""
        counts = ", ".join(f"{count} {state}" for state, count in inspect.counts().items() if count)
        self.say(f"In the queue: {counts or 'nothing'}{more}.")

    def do_show(self, ids: list[int], json: bool, **_: Any) -> None:
        found = list(inspect.recipients(states=Recipient.State.values).filter(pk__in=ids))
        if missing := sorted(set(ids) - {one.pk for one in found}):
            raise CommandError(f"There is no {', '.join(map(str, missing))} in the queue.")
        details = [inspect.detail(one) for one in found]
        self.say(_dumps(details) if json else "\n\n".join(_sheet(detail) for detail in details))

    def do_retry(self, **options: Any) -> None:
        self._change("to be tried now", lambda ids: inspect.retry(ids, now()), **options)

    def do_hold(self, until: datetime | None, **options: Any) -> None:
        self._change("held", lambda ids: inspect.hold(ids, until), **options)

    def do_drop(self, **options: Any) -> None:
        self._change("dropped", lambda ids: inspect.drop(ids, now()), **options)

    def _change(self, word: str, change: Any, *, ids: list[int], address: str, json: bool, **_: Any) -> None:
        if bool(ids) == bool(address):
            raise CommandError("Say which: ids as `queue list` shows them, or --address.")
        wanted = ids or list(inspect.recipients(address=address).values_list("pk", flat=True))
        changed = change(wanted)
        rest = len(wanted) - changed
        why = f" {rest} not: unknown, settled, or being tried at this moment." if rest else ""
        self.say(_dumps({"changed": changed, "unchanged": rest}) if json else f"{changed} {word}.{why}")


def _cells(row: dict[str, Any]) -> list[object]:
    when = row["next_attempt_at"] or row["hold_until"] or ("by hand" if row["state"] == "held" else "")
    return [
        row["id"],
        row["state"],
        f"{row['size'] / 1000:.1f} kB",
        _plain(f"<{row['reverse_path']}>", 32),
        _plain(row["address"], 40),
        _relative(when),
        row["attempts"],
        _plain(row["last_reply"], 60),
    ]


def _relative(when: str) -> str:
    """ "in 4 min" for a time, the words themselves otherwise."""
    try:
        away = datetime.fromisoformat(when) - now()
    except ValueError:
        return when
    if away <= timedelta(0):
        return "now"
    minutes = round(away.total_seconds() / 60)
    return f"in {minutes} min" if minutes < 120 else f"in {minutes // 60} h"


def _sheet(detail: dict[str, Any]) -> str:
    width = max(map(len, detail))
    lines = [f"{name.ljust(width)}  {_plain(value, 500)}" for name, value in detail.items() if name != "tries" and value]
    for one in detail["tries"]:
        lines.append(f"{'try'.ljust(width)}  {one['at']}  {_plain(one['host'], 100)}  {_plain(one['tls'] or 'plain text', 60)}")
        lines.append(f"{' ' * width}  {_plain(one['reply'], 500)}")
    return "\n".join(lines)


def _plain(value: object, most: int) -> str:
    """What strangers wrote, without what a terminal would obey."""
    shown = "".join(c if c.isprintable() else "?" for c in str(value))
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no time; write it as 2026-12-24T18:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _dumps(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)

"""`manage.py queue`: readable for people, JSON for programs, and safe on a terminal."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from mailsuite.protocol.reply import Reply
from mailsuite.queue import settle
from mailsuite.queue.models import Recipient
from tests.queued import queued, states

pytestmark = pytest.mark.django_db


def run(*words: object) -> str:
    out = io.StringIO()
    call_command("queue", *map(str, words), stdout=out)
    return out.getvalue()


def test_an_empty_queue_says_so() -> None:
    assert run("list") == "In the queue: nothing.\n"


def test_the_list_shows_what_waits_and_why() -> None:
    one, two = queued("carol@elsewhere.example", "dan@third.example", reverse_path="alice@example.org")
    settle.deferred(one, Reply(451, "4.7.1", "not \x1b[31mnow"), datetime.now(UTC), heard=settle.Heard("mx"))
    shown = run("list")
    heads, first, second, total = shown.splitlines()
    assert heads.split()[:3] == ["id", "state", "size"]
    assert "carol@elsewhere.example" in first
    assert "in 1 min" in first
    assert "451 4.7.1 not ?[31mnow" in first
    assert "now" in second
    assert total == "In the queue: 2 due."
    assert run("list", "--address", "third").count("due") == 2
    assert [row["id"] for row in json.loads(run("list", "--json"))] == [one.pk, two.pk]


def test_show_tells_every_word_heard() -> None:
    [row] = queued("carol@elsewhere.example")
    settle.deferred(row, Reply(451, "4.7.1", "greylisted"), datetime.now(UTC), heard=settle.Heard("mx [192.0.2.1]", "TLSv1.3"))
    assert "mx [192.0.2.1]  TLSv1.3" in run("show", row.pk)
    assert "451 4.7.1 greylisted" in run("show", row.pk)
    assert json.loads(run("show", row.pk, "--json"))[0]["tries"][0]["reply"] == "451 4.7.1 greylisted"
    with pytest.raises(CommandError, match="There is no 999"):
        run("show", 999)


def test_mail_is_held_retried_and_dropped() -> None:
    one, two = queued("carol@elsewhere.example", "dan@third.example", reverse_path="alice@example.org")
    assert run("hold", one.pk, two.pk) == "2 held.\n"
    assert run("retry", "--address", "carol@") == "1 to be tried now.\n"
    assert states() == ["due", "held"]
    assert run("drop", two.pk, 999) == "1 dropped. 1 not: unknown, settled, or being tried at this moment.\n"
    assert states() == ["due", "failed"]
    assert json.loads(run("retry", two.pk, "--json")) == {"changed": 1, "unchanged": 0}
    run("hold", two.pk, "--until", "2026-12-24T18:00")
    assert Recipient.objects.get(pk=two.pk).hold_until == datetime(2026, 12, 24, 18, tzinfo=UTC)


def test_a_choice_must_be_said() -> None:
    for words in (["drop"], ["retry", "1", "--address", "x"]):
        with pytest.raises(CommandError, match="Say which"):
            run(*words)
    with pytest.raises(CommandError, match="no time"):
        run("hold", 1, "--until", "tomorrow")


@pytest.mark.parametrize("action", ["list", "show", "retry", "hold", "drop"])
def test_every_action_has_help_with_an_example(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("queue", action, "--help")
    shown = capsys.readouterr().out
    assert f"manage.py queue {action}" in shown
    assert "examples:" in shown

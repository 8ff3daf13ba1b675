"""A worker keeps its connection from task to task, and lets go of one that broke."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from celery import current_app
from celery.fixups.django import DjangoWorkerFixup
from django.db import connection, connections

from mailsuite import bridge


@pytest.mark.django_db
def test_celery_leaves_the_connection_open_before_and_after_a_task() -> None:
    connection.ensure_connection()
    open_one = connection.connection
    between_tasks, task = DjangoWorkerFixup(current_app), SimpleNamespace(request=SimpleNamespace(is_eager=False))
    for _ in range(3):
        between_tasks.on_task_prerun(task)
        between_tasks.on_task_postrun(task)
    assert connection.connection is open_one


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, closed = connections["default"], []
    ours.ensure_connection()
    monkeypatch.setattr(ours, "close", lambda: closed.append(1))
    bridge.look_to_connections()
    assert not closed
    monkeypatch.setattr(ours, "errors_occurred", True)
    bridge.look_to_connections()
    assert not closed, "an error of a statement breaks no connection"
    monkeypatch.setattr(ours, "errors_occurred", True)
    monkeypatch.setattr(ours, "is_usable", lambda: False)
    bridge.look_to_connections()
    assert closed

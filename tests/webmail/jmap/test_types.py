"""The types say what the API answers, and the browser has the same ones."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.webmail.browser import ROOT
from tests.webmail.jmap.conftest import CORE
from tests.webmail.jmap.shapes import problems
from webmail.jmap import typescript
from webmail.jmap.methods import METHODS
from webmail.jmap.types import core, mail
from webmail.jmap.types.methods import METHODS as TYPES


def test_the_browser_has_the_types_that_python_has() -> None:
    assert typescript.PATH.read_text() == typescript.source(), "run `manage.py jmaptypes`"
    call_command("jmaptypes", "--check")


def test_the_command_says_so_where_they_differ(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typescript, "PATH", tmp_path / "src" / "jmap.d.ts")
    with pytest.raises(SystemExit):
        call_command("jmaptypes", "--check")
    call_command("jmaptypes")
    call_command("jmaptypes", "--check")
    help_text = subprocess.run([sys.executable, "manage.py", "jmaptypes", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert "manage.py jmaptypes --check" in help_text.stdout


def test_every_method_has_types() -> None:
    assert set(METHODS) <= set(TYPES)


def test_the_session_is_what_its_type_says(web: Client) -> None:
    session = web.get("/jmap/session").json()
    assert problems(session, core.Session) == []
    assert problems(session["capabilities"][CORE], core.CoreCapability) == []


def test_what_differs_from_its_type_is_found() -> None:
    part = {"partId": "1", "blobId": "P1-1", "size": 1, "name": None, "type": "text/plain", "charset": "utf-8"}
    part |= {"disposition": None, "cid": None, "language": None, "location": None}
    assert problems(part | {"subParts": [part]}, mail.EmailBodyPart) == []
    assert problems(part | {"size": -1}, mail.EmailBodyPart) == [".size is -1"]
    assert problems(part | {"size": True}, mail.EmailBodyPart) == [".size is True"]
    assert problems(part | {"more": 1}, mail.EmailBodyPart) == [".more is no property"]
    assert problems({"ids": ["/"]}, core.Partial[core.GetArguments]) == [".ids[0] is '/'"]
    response = {"accountId": "A1", "state": "1", "list": [{"id": "T1"}], "notFound": []}
    assert problems(response, core.GetResponse[mail.Thread]) == [".list[0].emailIds is missing"]

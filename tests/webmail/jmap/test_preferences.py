"""What the member chose, over JMAP."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.webmail.jmap.test_own import ask

__all__ = ["ask"]


def test_preferences_are_one_object_with_a_value_for_each(ask: Any) -> None:
    said = ask("Preferences/get")
    [chosen] = said["list"]
    assert (chosen["id"], chosen["conversations"], chosen["undoSendSeconds"], chosen["language"]) == ("singleton", True, 10, None)
    assert ask("Preferences/get", ids=["singleton", "other"]) == said | {"notFound": ["other"]}


def test_what_is_chosen_holds_on_the_pages_too(ask: Any, web: Client) -> None:
    before = ask("Preferences/get")["state"]
    patch = {"density": "compact", "customKeys": {"g i": "inbox"}, "keys": "custom", "purgeDays": 0}
    said = ask("Preferences/set", ifInState=before, update={"singleton": patch})
    assert (said["oldState"], said["updated"]) == (before, {"singleton": None})
    assert b'data-density="compact"' in web.get("/").content
    ask("Preferences/set", update={"singleton": {"customKeys/x": "archive", "customKeys/g i": None, "density": None}})
    now = ask("Preferences/get")
    [chosen] = now["list"]
    assert (chosen["customKeys"], chosen["density"], chosen["purgeDays"]) == ({"x": "archive"}, "default", 0)
    assert ask("Preferences/set", ifInState=before, update={"singleton": {}})["type"] == "stateMismatch"
    web.post("/settings", {"form": "look", "theme": "dark"})
    assert ask("Preferences/get")["list"] == [chosen | {"theme": "dark"}]


@pytest.mark.parametrize(
    ("patch", "wrong"),
    [
        ({"theme": "pink"}, "theme"),
        ({"conversations": "yes"}, "conversations"),
        ({"undoSendSeconds": 7}, "undoSendSeconds"),
        ({"customKeys": {"x": "(" * 1_000_000}}, "customKeys"),
        ({"undo_send_seconds": 0}, "undo_send_seconds"),
        ({"id": "other"}, "id"),
    ],
)
def test_what_is_no_choice_is_refused(ask: Any, patch: dict[str, Any], wrong: str) -> None:
    before = ask("Preferences/get")
    said = ask("Preferences/set", update={"singleton": {"theme": "dark", **patch}})
    assert said["notUpdated"]["singleton"]["type"] == "invalidProperties"
    assert said["notUpdated"]["singleton"]["properties"] == [wrong]
    assert ask("Preferences/get") == before


def test_there_is_one_and_no_other(ask: Any) -> None:
    said = ask("Preferences/set", create={"c": {}}, update={"other": {"theme": "dark"}}, destroy=["singleton"])
    assert said["notCreated"]["c"]["type"] == said["notDestroyed"]["singleton"]["type"] == "singleton"
    assert said["notUpdated"]["other"]["type"] == "notFound"

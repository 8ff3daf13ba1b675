"""The request, its limits and its errors; who may ask (RFC 8620 §2, §3)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from mailsuite.accounts import provision
from mailsuite.accounts.models import Account
from tests.webmail.jmap.conftest import CORE, Call
from webmail.jmap import engine, limits, references
from webmail.jmap.context import Context
from webmail.jmap.errors import MethodError

ECHO = ["Core/echo", {"hello": ["world", {"a/b": 1}]}, "c0"]


def asked(client: Client, body: Any, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/jmap/api", content, content_type="application/json", headers=headers)


def test_the_session_says_where_to_ask_and_whose_mail_is_here(web: Client, me: str) -> None:
    said = web.get("/.well-known/jmap").json()
    assert said == web.get("/jmap/session").json()
    assert said["username"] == "alice@example.org"
    assert list(said["accounts"]) == [me]
    assert said["apiUrl"] == "http://testserver/jmap/api"
    assert said["capabilities"][CORE]["maxCallsInRequest"] == limits.CALLS
    assert set(said["accounts"][me]["accountCapabilities"]) == set(said["capabilities"]) - {CORE}


def test_what_is_said_comes_back(call: Call) -> None:
    assert call(("Core/echo", {"a": 1}), ("Core/echo", {})) == [["Core/echo", {"a": 1}], ["Core/echo", {}]]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/list/0/id", 1),
        ("/list/*/id", [1, 2]),
        ("/list/*/in", ["a", "b", "c"]),
        ("/a~1b/~0", "deep"),
        ("", {"list": [{"id": 1, "in": ["a", "b"]}, {"id": 2, "in": ["c"]}], "a/b": {"~": "deep"}}),
    ],
)
def test_a_call_takes_arguments_from_the_result_of_another(call: Call, path: str, value: Any) -> None:
    first = {"list": [{"id": 1, "in": ["a", "b"]}, {"id": 2, "in": ["c"]}], "a/b": {"~": "deep"}}
    [_, [_, said]] = call(("Core/echo", first), ("Core/echo", {"#it": {"resultOf": "c0", "name": "Core/echo", "path": path}}))
    assert said == {"it": value}


@pytest.mark.parametrize(
    "reference",
    [
        {"resultOf": "c9", "name": "Core/echo", "path": "/a"},
        {"resultOf": "c0", "name": "Mailbox/get", "path": "/a"},
        {"resultOf": "c0", "name": "Core/echo", "path": "/nothing"},
        {"resultOf": "c0", "name": "Core/echo", "path": "/list/-1"},
        {"resultOf": "c0", "name": "Core/echo", "path": "/list/" + "9" * 5_000},
        {"resultOf": "c0", "name": "Core/echo", "path": "list"},
        {"resultOf": "c0", "path": "/list"},
        "c0",
    ],
)
def test_a_reference_to_nothing_fails_that_call_alone(call: Call, reference: Any) -> None:
    said = call(("Core/echo", {"list": [1]}), ("Core/echo", {"#it": reference}), ("Core/echo", {"on": True}))
    assert [name for name, _ in said] == ["Core/echo", "error", "Core/echo"]
    assert said[1][1]["type"] == "invalidResultReference"


def whole(call_id: int) -> dict[str, str]:
    return {"resultOf": f"c{call_id}", "name": "Core/echo", "path": ""}


def test_results_that_double_with_every_call_end_at_what_references_may_bring_in(web: Client) -> None:
    doubled = [["Core/echo", {"#a": whole(n), "#b": whole(n)}, f"c{n + 1}"] for n in range(limits.CALLS - 1)]
    response = asked(web, {"using": [CORE], "methodCalls": [["Core/echo", {"a": "x" * 1_000}, "c0"], *doubled]})
    said = [(name, result.get("type")) for name, result, _ in response.json()["methodResponses"]]
    assert ("error", "requestTooLarge") in said
    assert said[:3] == [("Core/echo", None)] * 3
    assert len(response.content) < 1.1 * limits.REFERRED_BYTES


@pytest.mark.parametrize("value", ["x" * 3_000_000, "\x00" * 500_000, "я" * 1_500_000, [1] * 350_000, {"x" * 3_000_000: 1}])
def test_every_kind_of_value_counts_by_what_it_takes_to_send(call: Call, value: Any) -> None:
    said = call(("Core/echo", {"a": value}), *[("Core/echo", {"#it": whole(0)})] * 4)
    assert [name for name, _ in said] == ["Core/echo"] * 4 + ["error"]


def test_whoever_asked_for_too_much_is_not_counted_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[Any] = []
    size = references._own_size
    monkeypatch.setattr(references, "_own_size", lambda value: counted.append(value) or size(value))
    allowance = references.Allowance()
    for _ in range(10):
        with pytest.raises(MethodError, match="requestTooLarge"):
            allowance.take([["x"]] * limits.REFERRED_BYTES)
    assert len(counted) == 1


def test_a_path_longer_than_any_request_is_deep_leads_nowhere(call: Call) -> None:
    path = "/list" + "/*" * 1_000_000
    said = call(
        ("Core/echo", {"list": [[]] * 20_000}), ("Core/echo", {"#it": {"resultOf": "c0", "name": "Core/echo", "path": path}})
    )
    assert said[1][1]["type"] == "invalidResultReference"


def test_an_argument_cannot_come_twice(call: Call) -> None:
    reference = {"resultOf": "c0", "name": "Core/echo", "path": "/a"}
    [_, [name, said]] = call(("Core/echo", {"a": 1}), ("Core/echo", {"#it": reference, "it": 2}))
    assert (name, said["type"]) == ("error", "invalidArguments")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "notJSON"),
        (b"\xff", "notJSON"),
        (b'{"using": [], "using": [], "methodCalls": []}', "notJSON"),
        (b'{"using": [], "methodCalls": [["Core/echo", {"n": NaN}, "c"]]}', "notJSON"),
        (b"[" * 100_000, "notJSON"),
        (b"[" * 500 + b"]" * 500, "notRequest"),
        ([], "notRequest"),
        ({"using": [CORE]}, "notRequest"),
        ({"using": [CORE], "methodCalls": [["Core/echo", {}]]}, "notRequest"),
        ({"using": [CORE], "methodCalls": [], "createdIds": ["a"]}, "notRequest"),
        ({"using": ["urn:nobody"], "methodCalls": [ECHO]}, "unknownCapability"),
        ({"using": [CORE], "methodCalls": [ECHO] * 100}, "limit"),
    ],
)
def test_a_request_that_is_none_is_refused_whole(web: Client, body: Any, kind: str) -> None:
    response = asked(web, body)
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert response.json()["type"] == f"urn:ietf:params:jmap:error:{kind}"


def test_a_form_is_no_request(web: Client) -> None:
    assert web.post("/jmap/api", {"using": "x"}).status_code == 400
    assert web.get("/jmap/api").status_code == 405


def test_a_method_needs_its_capability_in_use(web: Client) -> None:
    said = asked(web, {"using": [], "methodCalls": [ECHO, ["Nobody/get", {}, "c1"]]}).json()["methodResponses"]
    assert [(name, body["type"]) for name, body, _ in said] == [("error", "unknownMethod")] * 2


def test_a_mistake_of_ours_fails_its_call_alone(alice: Account) -> None:
    def broken(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        raise ZeroDivisionError("secret words")

    methods = {"Core/break": (CORE, broken), "Core/echo": (CORE, lambda context, arguments: arguments)}
    request = engine.parse(json.dumps({"using": [CORE], "methodCalls": [["Core/break", {}, "c"], ECHO]}).encode())
    said = engine.answer(Context(alice), request, methods, "s")
    assert [name for name, _, _ in said["methodResponses"]] == ["error", "Core/echo"]
    assert said["methodResponses"][0][1]["type"] == "serverFail"
    assert "secret" not in json.dumps(said)


def test_strangers_are_asked_who_they_are(db: None) -> None:
    for response in (Client().get("/.well-known/jmap"), asked(Client(), {"using": [], "methodCalls": []})):
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("Basic")


def test_a_cookie_without_the_pages_token_calls_nothing(alice: Account) -> None:
    elsewhere = Client(enforce_csrf_checks=True)
    elsewhere.force_login(alice)
    request = {"using": [CORE], "methodCalls": [ECHO]}
    assert asked(elsewhere, request).status_code == 401
    elsewhere.get("/settings")
    token = elsewhere.cookies[settings.CSRF_COOKIE_NAME].value
    assert asked(elsewhere, request, **{"X-CSRFToken": token}).status_code == 200
    assert asked(elsewhere, request, **{"X-CSRFToken": token[::-1]}).status_code == 401


def test_a_program_comes_in_by_an_app_password_and_by_nothing_else(alice: Account) -> None:
    secret = provision.add_app_password(alice, "a script")

    def status(text: str) -> int:
        coded = base64.b64encode(text.encode()).decode()
        return Client(enforce_csrf_checks=True).get("/jmap/session", headers={"Authorization": f"Basic {coded}"}).status_code

    assert status(f"alice@example.org:{secret}") == 200
    assert status(f"bob@example.org:{secret}") == 401
    assert status("alice@example.org:wrong") == 401
    assert status("alice@example.org") == 401
    for header in ("Bearer x", "Basic", "Basic \u00e4", "Basic " + "A" * 100_000):
        assert Client().get("/jmap/session", headers={"Authorization": header.encode().decode("latin-1")}).status_code == 401

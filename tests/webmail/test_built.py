"""The application's files as the door serves them: all of the first ones asked for at once, and kept for ever by their names."""

from __future__ import annotations

import re
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.test import Client

from tests.webmail.browser import door
from webmail.built import BUILT, preloads

pytestmark = pytest.mark.django_db(transaction=True)
HOLDS = "max-age=315360000, public, immutable"


def test_a_page_asks_at_once_for_all_that_the_first_script_needs(alice: object, web: Client) -> None:
    web.cookies["view"] = ""
    page = web.get("/").content.decode()
    named = set(re.findall(r'<link rel="modulepreload" href="([^"]+)"', page))
    assert named == set(preloads())
    seen, waiting = set(), ["main.js"]
    while waiting:  # what main.js imports, and what that imports
        found = re.findall(r'(?:from|import)"\./([\w.-]+)"', (BUILT / waiting.pop()).read_text())
        waiting += [name for name in found if name not in seen]
        seen |= set(found)
    assert {f"/static/app/{name}" for name in seen} == named


def test_files_that_are_named_by_their_content_are_kept_and_no_others(transactional_db: None, tmp_path: Path) -> None:
    with door(tmp_path) as address:
        line = HTTPConnection(address.removeprefix("http://"))
        for name, is_kept in ((preloads()[0], True), ("/static/app/main.js", False), ("/static/app.css", False)):
            line.request("GET", name, headers={"Accept-Encoding": "br"})
            answer = line.getresponse()
            body = answer.read()
            assert answer.status == 200
            assert (answer.headers["Cache-Control"] == HOLDS) is is_kept, name
            assert answer.headers["Content-Encoding"] == ("br" if len(body) > 500 else None), name  # no gain for a line

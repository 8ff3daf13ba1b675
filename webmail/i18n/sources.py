"""Finds every message that the project says: in templates, in Python, and in the application's TypeScript."""

from __future__ import annotations

import ast
import json
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.template.engine import Engine

from webmail.i18n.catalogue import Entry, read, write
from webmail.i18n.language import LANGUAGES
from webmail.i18n.template import messages

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "webmail" / "templates"
APP = ROOT / "webmail" / "app"
SAID_BY = {"t", "mark", "t_later"}  # and i18n.t, i18n.mark
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")


class CannotRead(Exception):
    """The application's source says something that can't be translated, or its packages are not installed. Never temporary."""

    temporary = False


def found() -> dict[str, list[str]]:
    """Every message with the files that say it. Raises CannotRead."""
    files: defaultdict[str, list[str]] = defaultdict(list)
    for message, file in [*_in_templates(), *_in_python(), *_in_application()]:
        if file not in files[message]:
            files[message].append(file)
    return dict(files)


def collect() -> dict[str, list[str]]:
    """Write the catalogues anew: translations stay, what nobody says any more goes. By language: what has no translation."""
    said = found()
    missing = {}
    for language in TRANSLATED:
        known = {entry.message: entry.translation for entry in read(language)}
        write(language, [Entry(message, known.get(message, ""), files) for message, files in said.items()])
        missing[language] = sorted(message for message in said if not known.get(message))
    return missing


def _in_templates() -> Iterator[tuple[str, str]]:
    engine = Engine.get_default()
    for path in sorted(TEMPLATES.rglob("*.html")):
        name = str(path.relative_to(TEMPLATES))
        for message in sorted(messages(engine.get_template(name).nodelist)):
            yield message, str(path.relative_to(ROOT))


def _in_python() -> Iterator[tuple[str, str]]:
    """Calls of t and mark, in modules that import them, whose message stands in its place."""
    for path in sorted((ROOT / "webmail").rglob("*.py")):
        source = path.read_text("utf-8")
        if "i18n" not in source or path.is_relative_to(Path(__file__).parent) or APP in path.parents:
            continue
        for node in ast.walk(ast.parse(source)):
            if (
                isinstance(node, ast.Call)
                and _name(node.func) in SAID_BY
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                yield str(node.args[0].value), str(path.relative_to(ROOT))


def _name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "i18n":
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _in_application() -> Iterator[tuple[str, str]]:
    done = subprocess.run(["node", "strings.mjs"], cwd=APP, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRead(done.stderr.strip() or "node strings.mjs failed")
    for message, files in json.loads(done.stdout).items():
        for file in files:
            yield message, f"webmail/app/{file}"

"""What /get, /changes and /set share, whatever they are about (RFC 8620 §5.1 to §5.3); `querying` has the queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, TypeVar

from mailsuite.mailstore import changes as log
from webmail.jmap import ids, limits
from webmail.jmap.arguments import number, only, properties, strings, text, wanted_ids
from webmail.jmap.context import Context
from webmail.jmap.errors import Json, MethodError, SetError, invalid

T = TypeVar("T")
TRIES = 3
MODSEQ = re.compile(r"[1-9]\d{0,17}")


def mail_state(account_id: int) -> str:
    """The state of mailboxes, threads and emails alike: the modseq of the account's last change."""
    return str(log.state(account_id))


def steadily(account_id: int, read: Callable[[], T]) -> tuple[str, T]:
    """What `read` gives, with the state that it is of: read again where mail came meanwhile, or places in a list would be off."""
    for _ in range(TRIES):
        state = mail_state(account_id)
        found = read()
        if mail_state(account_id) == state:
            break
    return state, found


# --- /get ---


@dataclass(frozen=True, slots=True)
class Getting:
    """A /get. `ids` None: all there are. `properties`: the names asked for, `id` among them."""

    account_id: int
    ids: list[str] | None
    properties: list[str]

    def keys(self, kind: str) -> list[int] | None:
        """The rows' keys that the ids can mean; None for all."""
        return None if self.ids is None else [key for one in self.ids if (key := ids.key(kind, one)) is not None]


def getting(context: Context, arguments: Json, known: Collection[str], *more: str) -> Getting:
    """The arguments of a /get, checked; `more` are the names of arguments that this method has besides. Raises MethodError."""
    only(arguments, "accountId", "ids", "properties", *more)
    return Getting(context.account_id(arguments), wanted_ids(arguments), properties(arguments, known))


def got(asked: Getting, state: str, found: Mapping[str, Json]) -> Json:
    """The response of a /get: of what was found (by id) what was asked for, in the order it was asked for."""
    wanted = list(found) if asked.ids is None else asked.ids
    return {
        "accountId": ids.name("A", asked.account_id),
        "state": state,
        "list": [{name: found[one][name] for name in asked.properties} for one in wanted if one in found],
        "notFound": [one for one in wanted if one not in found],
    }


# --- /changes ---


def mail_changes(
    context: Context, arguments: Json, kind: Literal["emails", "threads", "mailboxes"], name: Callable[[Any], str]
) -> Json:
    """The response of a /changes of what the account's modseq orders; `name` makes ids of what the log calls them."""
    only(arguments, "accountId", "sinceState", "maxChanges")
    account_id, since = context.account_id(arguments), since_modseq(arguments, "sinceState")
    found = log.some_since(account_id, since, kind, number(arguments, "maxChanges", least=1))
    if found is None:
        raise MethodError("cannotCalculateChanges")
    return {
        "accountId": ids.name("A", account_id),
        "oldState": arguments["sinceState"],
        "newState": str(found.modseq),
        "hasMoreChanges": found.more,
        "created": [name(one) for one in found.difference.created],
        "updated": [name(one) for one in found.difference.updated],
        "destroyed": [name(one) for one in found.difference.destroyed],
    }


def since_modseq(arguments: Json, name: str) -> int:
    """The modseq of a state that we gave once. Raises cannotCalculateChanges for what we never gave."""
    state = text(arguments, name)
    if state is None:
        raise invalid(f"{name} is missing")
    if not MODSEQ.fullmatch(state):
        raise MethodError("cannotCalculateChanges")
    return int(state)


# --- /set ---


@dataclass(frozen=True, slots=True)
class Setting:
    """A /set: objects to create by creation id, patches by id (or `#creation id`), ids to destroy."""

    account_id: int
    create: dict[str, Json]
    update: dict[str, Json]
    destroy: list[str]


def setting(context: Context, arguments: Json, state: str, *more: str) -> Setting:
    """The arguments of a /set, checked against the present state. Raises MethodError."""
    only(arguments, "accountId", "ifInState", "create", "update", "destroy", *more)
    account_id, in_state = context.account_id(arguments), text(arguments, "ifInState")
    asked = Setting(
        account_id,
        objects(arguments, "create"),
        objects(arguments, "update"),
        list(dict.fromkeys(strings(arguments, "destroy") or [])),
    )
    if len(asked.create) + len(asked.update) + len(asked.destroy) > limits.OBJECTS_IN_SET:
        raise MethodError("requestTooLarge", f"at most {limits.OBJECTS_IN_SET} objects")
    if in_state is not None and in_state != state:
        raise MethodError("stateMismatch")
    return asked


def objects(arguments: Json, name: str) -> dict[str, Json]:
    """An argument that maps ids to objects; empty where it is missing or null."""
    value = arguments.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
        raise invalid(f"{name} maps ids to objects")
    return value


@dataclass(slots=True)
class Outcome:
    """What became of a /set."""

    created: dict[str, Json] = field(default_factory=dict)
    updated: dict[str, Json | None] = field(default_factory=dict)
    destroyed: list[str] = field(default_factory=list)
    not_created: dict[str, Json] = field(default_factory=dict)
    not_updated: dict[str, Json] = field(default_factory=dict)
    not_destroyed: dict[str, Json] = field(default_factory=dict)

    def response(self, account_id: int, old_state: str | None, new_state: str) -> Json:
        return {
            "accountId": ids.name("A", account_id),
            "oldState": old_state,
            "newState": new_state,
            "created": self.created or None,
            "updated": self.updated or None,
            "destroyed": self.destroyed or None,
            "notCreated": self.not_created or None,
            "notUpdated": self.not_updated or None,
            "notDestroyed": self.not_destroyed or None,
        }


@contextmanager
def refused_into(refused: dict[str, Json], name: str) -> Iterator[None]:
    """What a SetError inside says is kept for this object, and the others go on."""
    try:
        yield
    except SetError as error:
        refused[name] = error.arguments


def create_each(context: Context, asked: Setting, outcome: Outcome, create: Callable[[Json], Json]) -> None:
    """Create one after the other. `create` takes an object and returns what the server set of it, `id` among it."""
    for creation_id, wanted in asked.create.items():
        with refused_into(outcome.not_created, creation_id):
            made = create(wanted)
            outcome.created[creation_id] = made
            context.created[creation_id] = made["id"]


def update_each(context: Context, asked: Setting, outcome: Outcome, update: Callable[[str, Json], Json | None]) -> None:
    """Update one after the other. `update` takes id and patch, and returns what changed besides what was asked, or None."""
    doomed = {context.resolved(one) for one in asked.destroy}
    for name, patch in asked.update.items():
        with refused_into(outcome.not_updated, name):
            one = resolved(context, name)
            if one in doomed:
                raise SetError("willDestroy")
            outcome.updated[one] = update(one, patch)


def destroy_each(context: Context, asked: Setting, outcome: Outcome, destroy: Callable[[str], None]) -> None:
    """Destroy one after the other."""
    for name in asked.destroy:
        with refused_into(outcome.not_destroyed, name):
            one = resolved(context, name)
            destroy(one)
            outcome.destroyed.append(one)


def resolved(context: Context, name: str) -> str:
    """The id that is meant by an id or a `#creation id`. Raises SetError where nothing was made under that."""
    found = context.resolved(name)
    if not isinstance(found, str):
        raise SetError("notFound")
    return found


def patched(current: Json, patch: Json) -> Json:
    """The object with the patch applied (RFC 8620 §5.3): null takes away, `a/b` reaches inside. Raises SetError.

    What is returned has the top properties that the patch names and no others; null stands there for the default.
    """
    paths = sorted([part.replace("~1", "/").replace("~0", "~") for part in path.split("/")] for path in patch)
    for before, after in pairwise(paths):
        if after[: len(before)] == before:
            raise SetError("invalidPatch", f"{'/'.join(before)[:100]} is patched twice")
    found: Json = {}
    for path, value in patch.items():
        first, *rest = (part.replace("~1", "/").replace("~0", "~") for part in path.split("/"))
        if not rest:
            found[first] = value
            continue
        if first not in found:
            found[first] = _copied(current.get(first))
        _put(found[first], rest, value, path)
    return found


def _copied(value: Any) -> Any:
    return {name: _copied(inner) for name, inner in value.items()} if isinstance(value, dict) else value


def _put(inside: Any, path: list[str], value: Any, whole: str) -> None:
    for part in path[:-1]:
        inside = inside.get(part) if isinstance(inside, dict) else None
    if not isinstance(inside, dict):
        raise SetError("invalidPatch", f"{whole[:100]} leads nowhere")
    if value is None:
        inside.pop(path[-1], None)
    else:
        inside[path[-1]] = value

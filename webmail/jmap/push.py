"""`/jmap/events`: tell a client which of its objects changed, as server-sent events (RFC 8620 §7.3).

It runs in the event loop like `/events`, and shares that one's watch and its limit on streams. The states of Mailbox, Thread and
Email are all the account's modseq, so one number is all that has to be known.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple
from urllib.parse import parse_qs

from django.conf import settings

from mailsuite.accounts.authenticate import still_admits
from mailsuite.bridge import in_db
from mailsuite.mailstore import changes
from mailsuite.mailstore.models import Message
from webmail import events
from webmail.events import Stream, Watch
from webmail.jmap import ids
from webmail.jmap.access import CHALLENGE, by_secret
from webmail.jmap.errors import RequestError
from webmail.request_body import Receive, Scope
from webmail.wsgi_bridge import Send

BY_MODSEQ = ("Mailbox", "Thread", "Email")
DELIVERY = "EmailDelivery"  # RFC 8621 §1.5: an Email came; nothing else changes its state
LEAST_PING, MOST_PING = 5, 3_600  # seconds
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asked to hear: the types it named, whether one state is enough, and seconds between pings (0: none)."""

    types: frozenset[str]
    once: bool
    ping: int

    def wants(self, kind: str) -> bool:
        return kind in self.types or "*" in self.types


class Caller(NamedTuple):
    """Whose stream it is. `remains`: whether what let the caller in still would."""

    account_id: int
    remains: Callable[[], bool]

    def modseq(self) -> int | None:
        """How far the account is; None for a caller who is not let in any more."""
        return changes.state(self.account_id) if self.remains() else None


class Push:
    """The ASGI application at `/jmap/events`."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            return await events.refuse(send, 405, [(b"allow", b"GET")])
        caller = await in_db(_caller, scope)
        if caller is None:
            return await events.refuse(send, 401, [(b"www-authenticate", CHALLENGE.encode())])
        try:
            wish = _wish(scope.get("query_string", b"").decode("latin-1"))
        except RequestError as error:
            body = json.dumps(error.problem()).encode()
            return await events.refuse(send, 400, [(b"content-type", b"application/problem+json")], body)
        if self._watch.is_full(caller.account_id):
            return await events.refuse(send, 429)
        with self._watch.joined(caller.account_id) as stream:
            await send({"type": "http.response.start", "status": 200, "headers": events.HEADERS})
            speaker = _Speaker(stream, send, wish, caller)
            await events.until_gone(receive, speaker.speak(_header(scope, b"last-event-id")))


class _Speaker:
    """One stream."""

    def __init__(self, stream: Stream, send: Send, wish: Wish, caller: Caller) -> None:
        self._stream, self._send, self._wish, self._caller = stream, send, wish, caller
        self._told = 0  # the modseq that the client knows
        self._said = self._asked = time.monotonic()  # when the last event was sent, and the caller last looked after

    async def speak(self, last_id: str) -> None:
        """Until the server stops, the caller is not let in any more, or has the one state that was asked for."""
        await self._begin(last_id)
        going = True
        while going:
            ping_at = self._said + self._wish.ping if self._wish.ping else NEVER
            with contextlib.suppress(TimeoutError):
                due = min(ping_at, self._asked + events.HEARTBEAT)
                await asyncio.wait_for(self._stream.news.wait(), max(0.0, due - time.monotonic()))
            going = not self._stream.over and await self._look_after() and await self._tell(ping_at)
        await self._send(events.END)

    async def _begin(self, last_id: str) -> None:
        """Who comes again hears what it missed; who is new, where the account is. One who waits for one state waits for news."""
        now = await in_db(changes.state, self._caller.account_id)
        heard = int(last_id) if last_id.isdecimal() and len(last_id) < 19 else None
        if heard is not None and heard <= now:
            self._stream.modseq = self._told = heard
        elif heard is None and self._wish.once:
            self._stream.modseq = self._told = now
        self._stream.tell(now)

    async def _look_after(self) -> bool:
        """Now and then: is the caller still let in, and was a change missed? A comment keeps proxies from hanging up."""
        if time.monotonic() < self._asked + events.HEARTBEAT:
            return True
        modseq = await in_db(self._caller.modseq)
        if modseq is None:
            return False
        self._asked = time.monotonic()
        self._stream.tell(modseq)
        await self._write(":\n\n")
        return True

    async def _tell(self, ping_at: float) -> bool:
        """The news, or a ping when it is time; False where that was all."""
        told = False
        if self._stream.news.is_set():
            self._stream.news.clear()
            modseq = self._stream.modseq
            if states := await in_db(_states, self._caller.account_id, self._wish, self._told, modseq):
                changed = {"@type": "StateChange", "changed": {ids.name("A", self._caller.account_id): states}}
                await self._event("state", changed, f"id: {modseq}\n")
                told = True
            self._told = modseq
        elif time.monotonic() >= ping_at:
            await self._event("ping", {"interval": self._wish.ping})
        return not (told and self._wish.once)

    async def _event(self, name: str, data: dict[str, object], line: str = "") -> None:
        await self._write(f"event: {name}\n{line}data: {json.dumps(data)}\n\n")
        self._said = time.monotonic()

    async def _write(self, text: str) -> None:
        await self._send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def _states(account_id: int, wish: Wish, told: int, modseq: int) -> dict[str, str]:
    """The new state of each wanted type. A client that was told nothing yet hears of no delivery: it will look itself."""
    states = {kind: str(modseq) for kind in BY_MODSEQ if wish.wants(kind)}
    if told and wish.wants(DELIVERY):
        came = Message.objects.filter(account_id=account_id, modseq__gt=told, created_modseq__gt=told)
        newest = came.order_by("-created_modseq").values_list("created_modseq", flat=True).first()
        if newest is not None:
            states[DELIVERY] = str(newest)
    return states


def _wish(query: str) -> Wish:
    """Raises RequestError. What is left out of the URL's template is what a client most likely wants."""
    said = {name: values[-1] for name, values in parse_qs(query).items()}
    ping, close_after = said.get("ping", "0"), said.get("closeafter", "no")
    if not ping.isdecimal() or len(ping) > 9 or close_after not in ("state", "no"):
        raise RequestError("", "closeafter is state or no, ping is a number of seconds")
    seconds = min(max(int(ping), LEAST_PING), MOST_PING) if int(ping) else 0
    return Wish(frozenset(said.get("types", "*").split(",")), close_after == "state", seconds)


def _caller(scope: Scope) -> Caller | None:
    """By the rules of `access`: a program by its login and secret, a browser by its session."""
    if header := _header(scope, b"authorization"):
        found = by_secret(header, _client(scope))
        return Caller(found.account.pk, partial(still_admits, *found)) if found else None
    cookies = events.cookies_of(scope)
    who = events.identify(cookies)
    return Caller(who[0], partial(_is_still, cookies, who[0])) if who else None


async def is_known(scope: Scope) -> bool:
    """Does the request come from somebody who may call the API? Then it may send as much as a message has."""
    if scope["path"].startswith("/jmap/") and _header(scope, b"authorization"):
        return await in_db(_caller, scope) is not None
    return await events.is_signed_in(scope)


def _is_still(cookies: str, account_id: int) -> bool:
    who = events.identify(cookies)
    return who is not None and who[0] == account_id


def _client(scope: Scope) -> str:
    """The IP address that asks; behind a proxy the last one it was forwarded for, which the nearest proxy wrote itself."""
    forwarded = _header(scope, b"x-forwarded-for") if settings.BEHIND_PROXY else ""
    return forwarded.rsplit(",", 1)[-1].strip() or str((scope.get("client") or ("", 0))[0])


def _header(scope: Scope, name: bytes) -> str:
    return b",".join(value for known, value in scope["headers"] if known == name).decode("latin-1")

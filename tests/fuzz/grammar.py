"""Fuzz target: any octets in any cutting make the same events, and no reader of arguments answers with anything but a problem."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable

from mailsuite.protocol import imap
from mailsuite.protocol.imap.connection import NEED_DATA, Command, Connection, Limits, Malformed, Octets, Upload
from mailsuite.protocol.imap.syntax import Parser

LIMITS = Limits(line=2_000, literal=500, discard=1_000)
Reader = Callable[[Parser], object]


def readers() -> list[Reader]:
    """Every public function of the IMAP grammar that takes a parser and no more: those of new commands are found too."""
    modules = [importlib.import_module(f"{imap.__name__}.{found.name}") for found in pkgutil.iter_modules(imap.__path__)]
    return [
        function
        for module in modules
        for name, function in sorted(vars(module).items())
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
        if _takes_only_a_parser(function)
    ]


def _takes_only_a_parser(function: Callable[..., object]) -> bool:
    parameters = list(inspect.signature(function).parameters.values())
    needed = [one for one in parameters if one.default is one.empty and one.kind is not one.VAR_KEYWORD]
    return len(needed) == 1 and needed[0].annotation in ("Parser", Parser)


class Target:
    """The first octet says how the rest is cut."""

    def __init__(self) -> None:
        self._readers = readers()
        assert len(self._readers) > 10

    def __call__(self, data: bytes) -> None:
        step, octets = data[0] if data else 0, data[1:]
        whole = events(octets, len(octets) or 1)
        if step:
            assert events(octets, step) == whole, "cut otherwise, it says something else"
        for event in whole:
            if isinstance(event, Command | Upload):
                self._read(event.pieces)
            elif isinstance(event, Malformed):
                assert event.text.isprintable()

    def _read(self, pieces: list[bytes]) -> None:
        for reader in self._readers:
            for start in ([*pieces], [pieces[0].removeprefix(b" "), *pieces[1:]]):
                assert problem(reader, start).isprintable()


def problem(reader: Reader, pieces: list[bytes]) -> str:
    """What the reader has to say against these pieces; empty where it took them."""
    try:
        reader(Parser(pieces))
    except ValueError as problem:
        if not type(problem).__module__.startswith(imap.__name__):  # no error of the grammar's own
            raise
        return str(problem)
    return ""


def events(octets: bytes, step: int) -> list[object]:
    """What a connection says of these octets, so many at a time; neighbouring parts of an upload as one."""
    connection, seen = Connection(LIMITS), []
    for start in range(0, len(octets), step):
        connection.receive_data(octets[start : start + step])
        while (event := connection.next_event()) is not NEED_DATA:
            if isinstance(event, Octets) and seen and isinstance(seen[-1], Octets) and not seen[-1].last:
                event = Octets(seen.pop().octets + event.octets, event.last)
            seen.append(event)
            if isinstance(event, Malformed) and event.fatal:
                return seen
            if isinstance(event, Upload):
                if event.size % 3:
                    connection.accept_upload()
                elif not connection.refuse_upload():
                    return seen
    return seen

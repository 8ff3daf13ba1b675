"""Run the benchmarks: `python -m bench` runs all, `python -m bench delivery --messages 500`, `web` or `imap` one."""

from __future__ import annotations

import argparse

from bench import delivery, imap, web


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog="example: python -m bench delivery --size 5"
    )
    parser.add_argument("benchmark", nargs="?", choices=["all", "delivery", "imap", "web"], default="all")
    parser.add_argument(
        "--messages",
        type=int,
        help="messages: 1,000 a run of delivery (half as many of 100 kB), 100,000 held for web, 10,000 and 100,000 for imap",
    )
    parser.add_argument("--size", type=int, action="append", help="kilobytes a message; default 5 and 100")
    parser.add_argument("--sessions", type=int, action="append", help="connections at once; default 10 and 50")
    parser.add_argument("--rounds", type=int, help="turns of peer and Mailsuite: 3 of delivery, 20 of web")
    parser.add_argument("--searches", type=int, default=3, help="how often the peers search too: up to a minute each")
    parser.add_argument("--words", action="store_true", help="large messages are text throughout, instead of a picture")
    given = parser.parse_args()
    if given.benchmark in ("all", "delivery"):
        sizes, sessions = given.size or [5, 100], given.sessions or [10, 50]
        delivery.run(given.messages or 1_000, sizes, sessions, given.rounds or 3, words=given.words)
    if given.benchmark in ("all", "imap"):
        for messages in [given.messages] if given.messages else [10_000, 100_000]:
            imap.run(messages, given.searches)
    if given.benchmark in ("all", "web"):
        web.run(given.messages or 100_000, given.rounds or 20, given.searches)


if __name__ == "__main__":
    main()

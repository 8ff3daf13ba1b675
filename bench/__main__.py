"""Run the benchmarks: `python -m bench` runs all, `python -m bench delivery --messages 500` one."""

from __future__ import annotations

import argparse

from bench import delivery


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog="example: python -m bench delivery --size 5"
    )
    parser.add_argument("benchmark", nargs="?", choices=["delivery"], default="delivery")
    parser.add_argument("--messages", type=int, default=1_000, help="messages a run (half as many of 100 kB)")
    parser.add_argument("--size", type=int, action="append", help="kilobytes a message; default 5 and 100")
    parser.add_argument("--sessions", type=int, action="append", help="connections at once; default 10 and 50")
    parser.add_argument("--rounds", type=int, default=3, help="turns of peer and Mailsuite; the median counts")
    parser.add_argument("--words", action="store_true", help="large messages are text throughout, instead of a picture")
    given = parser.parse_args()
    delivery.run(given.messages, given.size or [5, 100], given.sessions or [10, 50], given.rounds, words=given.words)


if __name__ == "__main__":
    main()

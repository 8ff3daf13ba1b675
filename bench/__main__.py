"""Run the benchmarks: `python -m bench` runs all, `python -m bench delivery --messages 500` one."""

from __future__ import annotations

import argparse

from bench import delivery


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog="example: python -m bench delivery --size 5"
    )
    parser.add_argument("benchmark", nargs="?", choices=["delivery"], default="delivery")
    parser.add_argument("--messages", type=int, default=1_000, help="messages a run (a tenth for 100 kB)")
    parser.add_argument("--size", type=int, action="append", help="kilobytes a message; default 5 and 100")
    parser.add_argument("--sessions", type=int, action="append", help="connections at once; default 10 and 50")
    parser.add_argument("--rounds", type=int, default=3, help="turns of peer and Mailsuite; the median counts")
    words = parser.parse_args()
    delivery.run(words.messages, words.size or [5, 100], words.sessions or [10, 50], words.rounds)


if __name__ == "__main__":
    main()

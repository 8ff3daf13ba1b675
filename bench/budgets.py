"""The budgets of the webmail (product.md 6.5): what each allows on a desktop and on a phone, and what was measured of it."""

from __future__ import annotations

import itertools
from typing import NamedTuple

from bench.watching import quantile

Times = dict[tuple[str, str, str], list[float]]  # milliseconds by profile, what, side


class Budget(NamedTuple):
    """what: whose times count; of all keys together for "key". share: of the times that must be within."""

    number: str
    what: str
    share: float
    allowed: dict[str, int]  # milliseconds, by profile


class Judged(NamedTuple):
    """A value beside what is allowed, in `unit`."""

    number: str
    what: str
    measured: float
    allowed: float
    unit: str = "ms"


BUDGETS = (
    Budget("B1", "first visit", 0.75, {"D": 1_000, "P": 2_500}),
    Budget("B2", "inbox, painted", 0.75, {"D": 300, "P": 800}),
    Budget("B3", "key", 0.95, {"D": 50, "P": 100}),
    Budget("B4", "open, hovered", 0.95, {"D": 100, "P": 200}),
    Budget("B5", "open, click", 0.95, {"D": 250, "P": 700}),
    Budget("B6", "search, offer", 0.95, {"D": 30, "P": 50}),
    Budget("B6", "search", 0.95, {"D": 250, "P": 600}),
    Budget("B8", "inbox, first byte", 0.75, {"D": 150, "P": 400}),
    Budget("B18", "compose", 0.95, {"D": 80, "P": 200}),
)


def judged(times: Times, profile: str, side: str) -> list[Judged]:
    """Each budget that something was measured for."""
    found = []
    for budget in BUDGETS:
        names = [what for at, what, whose in times if (at, whose) == (profile, side) and _is_of(budget, what)]
        values = list(itertools.chain.from_iterable(times[profile, name, side] for name in names))
        if values:
            said = f"{budget.what}, {profile}, p{budget.share * 100:.0f}"
            found.append(Judged(budget.number, said, quantile(values, budget.share), budget.allowed[profile]))
    return found


def _is_of(budget: Budget, what: str) -> bool:
    return what == budget.what or (budget.what == "key" and what.startswith("key "))


def report(found: list[Judged]) -> None:
    """A line for each, in the order of their numbers."""
    print(f"\n{'budget':44} {'allowed':>8} {'measured':>9}")
    for one in sorted(found, key=lambda one: int(one.number[1:])):
        verdict = "" if one.measured <= one.allowed else "  OVER"
        print(f"{one.number:4} {one.what:39} {one.allowed:>8,.0f} {one.measured:>9,.0f} {one.unit}{verdict}", flush=True)

"""The schedule of attempts is a pure function: these are its promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailsuite.queue.schedule import delay, next_attempt

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def minutes(value: timedelta) -> float:
    return value.total_seconds() / 60


def test_the_delay_doubles_from_one_minute_to_four_hours() -> None:
    middles = [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]
    for attempts, middle in enumerate(middles, start=1):
        for seed in range(50):
            assert middle * 0.9 <= minutes(delay(attempts, seed)) <= middle * 1.1


def test_many_that_fail_together_do_not_come_back_together() -> None:
    assert len({round(minutes(delay(5, seed)), 1) for seed in range(200)}) > 25


def test_after_five_days_there_is_no_further_attempt() -> None:
    assert next_attempt(3, NOON, NOON + timedelta(days=5)) is None
    assert next_attempt(3, NOON, NOON + timedelta(days=5, seconds=-1)) is not None


def test_the_last_attempt_is_at_the_end_of_the_lifetime() -> None:
    assert next_attempt(30, NOON, NOON + timedelta(days=4, hours=23)) == NOON + timedelta(days=5)


@given(st.integers(0, 10_000), st.integers(0, 2**63), st.integers(0, 6 * 86_400))
def test_the_next_attempt_is_later_than_now_and_never_after_the_end(attempts: int, seed: int, age: int) -> None:
    now = NOON + timedelta(seconds=age)
    again = next_attempt(attempts, NOON, now, seed=seed)
    assert again is None if age >= 5 * 86_400 else now < again <= NOON + timedelta(days=5)


def test_five_days_are_some_forty_attempts() -> None:
    now, attempts = NOON, 0
    while now is not None:
        attempts += 1
        now = next_attempt(attempts, NOON, now)
    assert 35 <= attempts <= 45

"""Turns of jobs, and how long to wait before another attempt."""

from datetime import datetime, timedelta

import pytest

from app.clock import VIETNAM
from app.rules.jobs import JOBS, OUTCOMES, Job, Outcome, is_due, next_turn, wait_after

NIGHTLY = Job("nightly", "", "0 2 * * *")


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment in March 2026, in Vietnam; the 1st is a Sunday."""
    return datetime(2026, 3, day, hour, minute, second, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("served", "now", "due"),
    [
        (None, at(2, 12), True),
        (at(2, 2), at(2, 2, 0, 1), False),
        (at(2, 2), at(3, 1, 59, 59), False),
        (at(2, 2), at(3, 2), True),
        (at(2, 1, 59, 59), at(2, 2), True),
        (at(2, 2), at(9, 12), True),
        (at(3, 2), at(3, 1), False),
    ],
    ids=[
        "never-run",
        "served-a-second-ago",
        "not-yet-the-next-turn",
        "at-the-next-turn",
        "run-by-hand-just-before",
        "a-week-missed",
        "clock-moved-back",
    ],
)
def test_a_job_is_due_when_a_turn_has_come_since_it_last_began(
    served: datetime | None, now: datetime, due: bool
) -> None:
    assert is_due(NIGHTLY, served, now) is due


def test_turns_that_were_missed_are_made_up_for_once() -> None:
    assert is_due(NIGHTLY, at(2, 2), at(9, 12))
    assert not is_due(NIGHTLY, at(9, 12), at(9, 12, 1))


def test_turns_are_those_of_a_clock_in_vietnam() -> None:
    turn = next_turn(NIGHTLY, at(2, 12))
    assert turn is not None
    assert turn.utcoffset() == timedelta(hours=7)
    assert (turn.day, turn.hour) == (3, 2)


def test_all_files_are_read_again_on_sundays() -> None:
    turn = next_turn(JOBS["verify_files_deep"], at(2, 12))
    assert turn is not None
    assert turn.date() == at(8, 0).date()
    assert turn.weekday() == 6


def test_a_job_without_timetable_has_no_turn() -> None:
    assert next_turn(JOBS["outbox"], at(2, 12)) is None
    assert not is_due(JOBS["outbox"], None, at(2, 12))


def test_every_outcome_has_a_label() -> None:
    assert set(OUTCOMES) == set(Outcome)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 360), (10_000, 360)])
def test_the_wait_between_attempts_doubles_up_to_six_hours(attempts: int, minutes: int) -> None:
    assert wait_after(attempts) == timedelta(minutes=minutes)

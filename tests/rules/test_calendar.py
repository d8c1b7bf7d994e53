"""Working days: terms are counted as the law counts them (212/4.4, 212/8.1)."""

from datetime import date, timedelta

import pytest

from app.reference.calendar import days_off, days_worked
from app.rules.calendar import add_working_days, is_working_day, next_working_day, working_days_between

pytestmark = pytest.mark.clause("212/4.4", "212/8.1")

NONE: frozenset[date] = frozenset()

SEVEN_DAYS = [
    pytest.param(date(2019, 7, 11), date(2019, 7, 22), id="plain_weeks"),
    pytest.param(date(2019, 8, 28), date(2019, 9, 9), id="across_national_day"),
    pytest.param(date(2019, 4, 25), date(2019, 5, 8), id="across_a_swap_and_a_worked_saturday"),
    pytest.param(date(2019, 1, 30), date(2019, 2, 15), id="across_tet"),
    pytest.param(date(2019, 4, 12), date(2019, 4, 24), id="across_a_day_given_back"),
    pytest.param(date(2020, 1, 21), date(2020, 2, 6), id="across_tet_2020"),
    pytest.param(date(2021, 4, 28), date(2021, 5, 11), id="across_labour_day_given_back"),
    pytest.param(date(2022, 8, 29), date(2022, 9, 9), id="across_two_national_days"),
    pytest.param(date(2025, 4, 24), date(2025, 5, 7), id="across_a_worked_saturday_2025"),
    pytest.param(date(2026, 8, 20), date(2026, 8, 28), id="across_a_worked_saturday_2026"),
]


@pytest.mark.parametrize(("received", "due"), SEVEN_DAYS)
def test_seven_working_days_end_on_the_day_the_calendar_gives(received: date, due: date) -> None:
    assert add_working_days(received, 7, days_off(), days_worked()) == due


@pytest.mark.parametrize(("received", "due"), SEVEN_DAYS)
def test_the_days_left_on_the_day_of_receipt_are_the_days_of_the_term(received: date, due: date) -> None:
    assert working_days_between(received, due, days_off(), days_worked()) == 7


def test_the_day_of_receipt_is_not_counted() -> None:
    assert add_working_days(date(2026, 3, 2), 1, NONE, NONE) == date(2026, 3, 3)


def test_a_term_from_friday_evening_goes_on_after_the_weekend() -> None:
    assert add_working_days(date(2026, 3, 6), 1, NONE, NONE) == date(2026, 3, 9)


def test_a_document_that_arrives_on_a_day_off_starts_its_term_there() -> None:
    assert add_working_days(date(2026, 3, 7), 1, NONE, NONE) == date(2026, 3, 9)


def test_a_term_of_no_days_that_would_end_on_a_day_off_ends_on_the_next_working_day() -> None:
    assert add_working_days(date(2026, 3, 6), 0, NONE, NONE) == date(2026, 3, 6)
    assert add_working_days(date(2026, 3, 7), 0, NONE, NONE) == date(2026, 3, 9)


def test_a_term_is_never_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_working_days(date(2026, 3, 6), -1, NONE, NONE)


def test_saturday_and_sunday_are_not_worked_unless_the_calendar_says_so() -> None:
    saturday, sunday = date(2026, 8, 22), date(2026, 8, 23)
    assert not is_working_day(saturday, NONE, NONE)
    assert not is_working_day(sunday, NONE, NONE)
    assert is_working_day(saturday, NONE, {saturday})


def test_a_named_holiday_outranks_a_swap() -> None:
    day = date(2026, 8, 22)
    assert not is_working_day(day, {day}, {day})


def test_the_next_working_day_of_a_working_day_is_itself() -> None:
    assert next_working_day(date(2026, 3, 4), NONE, NONE) == date(2026, 3, 4)
    assert next_working_day(date(2026, 4, 25), days_off(), days_worked()) == date(2026, 4, 28)


def test_days_late_are_negative_and_mirror_the_days_left() -> None:
    due, today = date(2026, 4, 24), date(2026, 5, 4)
    assert working_days_between(due, today, days_off(), days_worked()) == 3
    assert working_days_between(today, due, days_off(), days_worked()) == -3
    assert working_days_between(due, due, days_off(), days_worked()) == 0


def test_adding_and_counting_agree_on_every_day_of_the_calendar() -> None:
    off, worked = days_off(), days_worked()
    day = date(2019, 1, 1)
    while day < date(2027, 11, 1):
        end = add_working_days(day, 7, off, worked)
        assert is_working_day(end, off, worked)
        assert working_days_between(day, end, off, worked) == 7
        day += timedelta(days=11)

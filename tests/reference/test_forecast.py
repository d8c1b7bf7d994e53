"""Days off that are computed where the calendar says nothing yet."""

from datetime import date

import pytest

from app.reference.calendar import days_off, days_worked
from app.reference.forecast import Expected, forecast
from app.rules.calendar import SATURDAY

pytestmark = pytest.mark.clause("212/4.4")


@pytest.mark.parametrize("year", range(2021, 2027))
def test_what_is_computed_differs_from_the_official_calendar_by_swapped_days_alone(year: int) -> None:
    official = {day for day in days_off() if day.year == year and day.weekday() < SATURDAY}
    computed = {day for day in forecast(year) if day.weekday() < SATURDAY}
    swaps = len([day for day in days_worked() if day.year == year])
    assert computed <= official
    assert len(official - computed) <= swaps


@pytest.mark.parametrize("year", range(2028, 2036))
def test_a_coming_year_has_its_holidays_with_vietnamese_names(year: int) -> None:
    found = forecast(year)
    assert {date(year, 1, 1), date(year, 4, 30), date(year, 5, 1), date(year, 9, 2)} <= set(found)
    assert sum("Tết Nguyên Đán" in name for name in found.values()) >= 4
    assert any("Hùng Vương" in name for name in found.values())


def test_a_year_that_the_calendar_has_is_never_computed() -> None:
    expected = Expected({date(2028, 1, 3): "Nghỉ bù"}, frozenset({2028}))
    assert date(2028, 1, 1) not in expected
    assert expected[date(2028, 1, 3)] == "Nghỉ bù"
    assert expected.get(date(2029, 5, 1)) == "Ngày Quốc tế Lao động"
    assert date(2029, 3, 14) not in expected
    assert (list(expected), len(expected)) == ([date(2028, 1, 3)], 1)

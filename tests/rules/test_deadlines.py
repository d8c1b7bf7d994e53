"""Deadlines: when a term ends, why, and how it stands on a day (212/4.4, 212/8.1)."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import VIETNAM as VIETNAM_ZONE
from app.reference.calendar import calendar_rows
from app.rules.deadlines import (
    Calendar,
    Deadline,
    Stand,
    Standing,
    Term,
    TermRule,
    choose_term,
    counted_from,
    day_name,
    days_of_hours,
    deadline,
    default_term,
    extended,
    shorter,
    soon_until,
    stand,
    stand_words,
    why,
)
from app.vocabulary import CalendarKind, TermCounting

pytestmark = pytest.mark.clause("212/4.4", "212/8.1")

VIETNAM = Calendar(
    {row.day: row.name for row in calendar_rows() if row.kind is CalendarKind.OFF},
    {row.day: row.name for row in calendar_rows() if row.kind is CalendarKind.WORKED},
)
PLAIN = Calendar({}, {})
SEVEN = default_term(7)


def working(days: int) -> Term:
    return Term(days, TermCounting.WORKING, "Báo cáo", "Nghị định 09/2019/NĐ-CP")


def ordinary(days: int) -> Term:
    return Term(days, TermCounting.CALENDAR, "Khiếu nại", "Luật Khiếu nại 2011, Điều 28")


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=VIETNAM_ZONE)  # type: ignore[misc,arg-type]


def written(found: Deadline) -> list[str]:
    return [message % params for message, params in why(found)]


@pytest.mark.parametrize(
    ("received", "due"),
    [
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
        pytest.param(date(2019, 12, 31), date(2020, 1, 10), id="across_new_year"),
        pytest.param(date(2018, 12, 31), date(2019, 1, 9), id="into_a_year_that_starts_with_a_worked_saturday"),
        pytest.param(date(2020, 2, 24), date(2020, 3, 4), id="across_a_leap_day"),
        pytest.param(date(2020, 2, 29), date(2020, 3, 10), id="received_on_a_leap_day_that_is_a_saturday"),
        pytest.param(date(2026, 2, 13), date(2026, 3, 3), id="the_last_day_before_tet_2026"),
        pytest.param(date(2019, 2, 6), date(2019, 2, 19), id="received_at_tet"),
    ],
)
def test_the_offices_own_term_ends_on_the_seventh_working_day_after_receipt(received: date, due: date) -> None:
    assert deadline(received, SEVEN, VIETNAM).due_on == due


def test_what_arrives_on_a_day_off_and_the_evening_before_are_due_on_the_same_day() -> None:
    assert deadline(date(2026, 3, 6), SEVEN, PLAIN).due_on == deadline(date(2026, 3, 8), SEVEN, PLAIN).due_on


def test_a_term_of_no_days_ends_on_the_day_of_receipt_or_the_next_working_day() -> None:
    assert deadline(date(2026, 3, 6), working(0), PLAIN).due_on == date(2026, 3, 6)
    assert deadline(date(2026, 3, 7), working(0), PLAIN).due_on == date(2026, 3, 9)
    assert deadline(date(2026, 9, 2), ordinary(0), VIETNAM).due_on == date(2026, 9, 3)
    assert [day for day, _name in deadline(date(2026, 9, 2), working(0), VIETNAM).skipped] == [date(2026, 9, 2)]


@pytest.mark.parametrize("term", [working(-1), ordinary(-1)])
def test_a_term_has_no_negative_number_of_days(term: Term) -> None:
    with pytest.raises(ValueError, match="negative"):
        deadline(date(2026, 3, 6), term, PLAIN)


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        pytest.param(date(2026, 3, 2), 10, date(2026, 3, 12), id="on_a_working_day"),
        pytest.param(date(2026, 3, 4), 10, date(2026, 3, 16), id="on_a_saturday_goes_to_monday"),
        pytest.param(date(2026, 8, 3), 30, date(2026, 9, 3), id="on_national_day_goes_behind_it"),
        pytest.param(date(2026, 8, 12), 10, date(2026, 8, 22), id="on_a_worked_saturday_stays"),
        pytest.param(date(2026, 1, 18), 30, date(2026, 2, 23), id="at_tet_goes_behind_it"),
        pytest.param(date(2020, 1, 30), 30, date(2020, 3, 2), id="on_a_leap_day_that_is_a_saturday"),
    ],
)
def test_days_of_the_calendar_that_end_on_a_day_off_end_on_the_next_working_day(
    received: date, days: int, due: date
) -> None:
    assert deadline(received, ordinary(days), VIETNAM).due_on == due


@pytest.mark.parametrize("name", ["Ngày Văn hóa Việt Nam (24/11)", "Ngày Văn hóa Việt Nam"])
def test_the_name_of_a_day_off_does_not_repeat_the_date_beside_it(name: str) -> None:
    day = date(2026, 11, 24)
    said = why(deadline(date(2026, 11, 23), working(3), Calendar({day: name}, {})))
    assert said[-1][1] == {"day": "24/11", "name": "Ngày Văn hóa Việt Nam"}
    assert day_name(day, "(24/11)") == "(24/11)"


def test_a_deadline_says_which_named_days_it_skipped_and_which_saturdays_it_counted() -> None:
    found = deadline(date(2019, 4, 25), SEVEN, VIETNAM)
    assert [day for day, _name in found.skipped] == [date(2019, 4, 29), date(2019, 4, 30), date(2019, 5, 1)]
    assert found.worked == ((date(2019, 5, 4), "Làm bù cho ngày 29/04/2019"),)


def test_a_holiday_on_a_weekend_is_not_said_to_have_been_skipped() -> None:
    found = deadline(date(2019, 4, 12), SEVEN, VIETNAM)
    assert date(2019, 4, 14) in VIETNAM.off
    assert [day for day, _name in found.skipped] == [date(2019, 4, 15)]


def test_a_worked_saturday_that_is_a_holiday_after_all_is_skipped_and_not_counted() -> None:
    saturday = date(2026, 8, 22)
    found = deadline(date(2026, 8, 20), working(2), Calendar({saturday: "Nghỉ"}, {saturday: "Làm bù"}))
    assert (found.due_on, found.skipped, found.worked) == (date(2026, 8, 24), ((saturday, "Nghỉ"),), ())


def test_the_reasons_of_a_deadline_name_the_count_the_ground_and_every_special_day() -> None:
    assert written(deadline(date(2019, 7, 11), SEVEN, VIETNAM)) == [
        "7 working days from the day after receipt (11/07/2019)",
        "the office's own term (clause 4, article 4)",
    ]
    assert written(deadline(date(2019, 8, 28), working(7), VIETNAM)) == [
        "7 working days from the day after receipt (28/08/2019)",
        "by rule: Báo cáo (Nghị định 09/2019/NĐ-CP)",
        "not counted: 02/09 Quốc khánh",
    ]
    assert written(deadline(date(2019, 4, 30), Term(3, TermCounting.WORKING, "Khẩn", ""), VIETNAM))[1:] == [
        "by the urgency mark: Khẩn",
        "not counted: 01/05 Ngày Quốc tế Lao động",
        "worked: 04/05 Làm bù cho ngày 29/04/2019",
    ]
    assert written(deadline(date(2026, 8, 3), ordinary(30), VIETNAM)) == [
        "30 calendar days from the day after receipt (03/08/2026)",
        "by rule: Khiếu nại (Luật Khiếu nại 2011, Điều 28)",
        "02/09/2026 is a day off: the term ends on the next working day",
        "not counted: 02/09 Quốc khánh",
    ]


@pytest.mark.clause("212/16.1.h")
@pytest.mark.parametrize(
    ("today", "standing", "days", "words"),
    [
        pytest.param(date(2019, 9, 3), Standing.IN_TIME, 4, "4 working days left", id="four_left"),
        pytest.param(date(2019, 9, 4), Standing.IN_TIME, 3, "3 working days left", id="three_left"),
        pytest.param(date(2019, 9, 5), Standing.SOON, 2, "2 working days left", id="two_left"),
        pytest.param(date(2019, 9, 7), Standing.SOON, 1, "1 working days left", id="on_the_saturday_before"),
        pytest.param(date(2019, 9, 9), Standing.SOON, 0, "due today", id="today"),
        pytest.param(date(2019, 9, 10), Standing.LATE, 1, "late by 1 working days", id="a_day_late"),
        pytest.param(date(2019, 9, 16), Standing.LATE, 5, "late by 5 working days", id="a_week_late"),
    ],
)
def test_a_deadline_stands_by_working_days(today: date, standing: Standing, days: int, words: str) -> None:
    found = stand(date(2019, 9, 9), today, VIETNAM, 2)
    assert (found.standing, found.days) == (standing, days)
    message, params = stand_words(found)
    assert message % params == words


def test_what_was_due_on_friday_is_late_on_saturday_though_by_no_working_day() -> None:
    found = stand(date(2026, 3, 6), date(2026, 3, 7), PLAIN, 2)
    assert found == Stand(Standing.LATE, 0)
    assert stand_words(found)[0] == "overdue, no working day yet"


def test_what_is_due_on_a_day_off_is_due_before_the_next_working_day() -> None:
    found = stand(date(2026, 3, 8), date(2026, 3, 6), PLAIN, 0)
    assert found == Stand(Standing.SOON, 0)
    assert stand_words(found)[0] == "due before the next working day"


def test_what_has_no_deadline_is_neither_soon_nor_late() -> None:
    found = stand(None, date(2026, 3, 6), VIETNAM, 2)
    assert found == Stand(Standing.NONE, 0)
    assert stand_words(found)[0] == "no deadline"


def test_a_suspension_moves_the_deadline_by_the_working_days_it_took() -> None:
    assert extended(date(2026, 3, 12), date(2026, 3, 4), date(2026, 3, 10), PLAIN) == date(2026, 3, 18)
    assert extended(date(2026, 2, 25), date(2026, 2, 13), date(2026, 2, 23), VIETNAM) == date(2026, 2, 26)


def test_a_suspension_over_a_weekend_takes_no_working_day() -> None:
    assert extended(date(2026, 3, 12), date(2026, 3, 6), date(2026, 3, 8), PLAIN) == date(2026, 3, 12)


def test_a_suspension_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="no earlier"):
        extended(date(2026, 3, 12), date(2026, 3, 6), date(2026, 3, 5), PLAIN)


REPORTS, LETTERS, LAND, FINANCE = "bao_cao", "cong_van", "dat_dai", "tai_chinh"
DAY = date(2026, 3, 4)
BY_TYPE = TermRule(working(5), type_code=REPORTS)
BY_FIELD = TermRule(working(10), field_code=LAND)
BY_BOTH = TermRule(working(15), type_code=REPORTS, field_code=LAND)


@pytest.mark.parametrize(
    ("type_code", "field_code", "days"),
    [
        pytest.param(REPORTS, LAND, 15, id="type_and_field_before_all"),
        pytest.param(LETTERS, LAND, 10, id="field"),
        pytest.param(REPORTS, FINANCE, 5, id="type"),
        pytest.param(REPORTS, None, 5, id="type_of_a_document_without_field"),
        pytest.param(LETTERS, FINANCE, 7, id="neither_leaves_the_offices_term"),
        pytest.param(None, None, 7, id="undescribed_leaves_the_offices_term"),
    ],
)
def test_the_most_specific_rule_gives_the_term(type_code: str | None, field_code: str | None, days: int) -> None:
    rules = [BY_TYPE, BY_FIELD, BY_BOTH]
    assert choose_term(rules, SEVEN, type_code=type_code, field_code=field_code, day=DAY).days == days
    assert choose_term(reversed(rules), SEVEN, type_code=type_code, field_code=field_code, day=DAY).days == days


def test_a_field_outranks_a_type_even_when_its_term_is_longer() -> None:
    assert choose_term([BY_TYPE, BY_FIELD], SEVEN, type_code=REPORTS, field_code=LAND, day=DAY).days == 10


def test_between_equals_the_shortest_term_holds_whatever_it_counts() -> None:
    rules = [TermRule(ordinary(20), type_code=REPORTS), TermRule(working(15), type_code=REPORTS)]
    assert choose_term(rules, SEVEN, type_code=REPORTS, field_code=None, day=DAY).counting is TermCounting.CALENDAR
    assert shorter(working(10), ordinary(14)) == working(10)
    assert shorter(working(10), ordinary(13)) == ordinary(13)


def test_a_rule_holds_from_its_first_to_its_last_day() -> None:
    rule = TermRule(working(5), type_code=REPORTS, valid_from=date(2026, 3, 4), valid_to=date(2026, 3, 6))
    found = {
        day: choose_term([rule], SEVEN, type_code=REPORTS, field_code=None, day=date(2026, 3, day)).days
        for day in (3, 4, 6, 7)
    }
    assert found == {3: 7, 4: 5, 6: 5, 7: 7}


@pytest.mark.parametrize(
    ("arrived_at", "office_end", "day"),
    [
        pytest.param(at(2026, 9, 1, 16, 59), time(17), date(2026, 9, 3), id="a_day_off"),
        pytest.param(at(2026, 3, 6, 16, 59), time(17), date(2026, 3, 6), id="a_minute_before_the_end"),
        pytest.param(at(2026, 3, 6, 17, 0), time(17), date(2026, 3, 9), id="at_the_end_of_friday"),
        pytest.param(at(2026, 3, 7, 9, 0), time(17), date(2026, 3, 9), id="saturday_morning"),
        pytest.param(at(2026, 8, 22, 9, 0), time(17), date(2026, 8, 22), id="a_worked_saturday"),
        pytest.param(at(2026, 8, 28, 18, 0), time(17), date(2026, 9, 3), id="before_a_long_weekend"),
        pytest.param(at(2026, 3, 6, 23, 59), None, date(2026, 3, 6), id="not_set"),
        pytest.param(at(2026, 3, 7, 9, 0), None, date(2026, 3, 7), id="not_set_on_a_day_off"),
    ],
)
def test_what_arrives_after_office_hours_counts_from_the_next_working_day_where_the_office_says_so(
    arrived_at: datetime, office_end: time | None, day: date
) -> None:
    assert counted_from(arrived_at, office_end, VIETNAM) == day


@pytest.mark.parametrize(("hours", "days"), [(1, 1), (4, 1), (8, 1), (9, 2), (24, 3), (0, 1)])
def test_hours_are_working_hours_and_give_at_least_a_day(hours: int, days: int) -> None:
    assert days_of_hours(hours) == days


# ── what holds on any day, with any calendar ─────────────────────────────────────────────────────────────────────

DAYS = st.dates(date(2018, 12, 1), date(2027, 12, 31))
NAMED = st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 6, 30)), st.just("Tết"), max_size=60)
CALENDARS = st.one_of(st.just(VIETNAM), st.builds(Calendar, NAMED, NAMED))
TERMS = st.builds(Term, st.integers(0, 60), st.sampled_from(TermCounting), st.just("Luật"), st.just("Điều 1"))


@given(DAYS, TERMS, CALENDARS)
def test_a_deadline_is_a_working_day_not_before_receipt(received: date, term: Term, calendar: Calendar) -> None:
    found = deadline(received, term, calendar)
    assert calendar.is_working(found.due_on)
    assert found.due_on >= received
    assert all(not calendar.is_working(day) for day, _name in found.skipped)
    assert all(calendar.is_working(day) for day, _name in found.worked)


@given(DAYS, st.integers(0, 20), TERMS, st.integers(0, 5), CALENDARS)
def test_what_arrives_later_or_has_more_days_is_due_no_earlier(
    received: date, later: int, term: Term, more: int, calendar: Calendar
) -> None:
    due_on = deadline(received, term, calendar).due_on
    assert deadline(received + timedelta(days=later), term, calendar).due_on >= due_on
    longer = Term(term.days + more, term.counting, term.name, term.basis)
    assert deadline(received, longer, calendar).due_on >= due_on


@given(DAYS, st.integers(1, 60), CALENDARS)
def test_on_the_day_of_receipt_all_days_of_the_term_are_left(received: date, days: int, calendar: Calendar) -> None:
    due_on = deadline(received, working(days), calendar).due_on
    assert stand(due_on, received, calendar, 0) == Stand(Standing.IN_TIME, days)


@given(DAYS, st.integers(-60, 60), CALENDARS, st.integers(0, 30))
def test_how_a_deadline_stands_agrees_with_counting_and_with_what_statements_ask(
    today: date, distance: int, calendar: Calendar, warn_days: int
) -> None:
    due_on = today + timedelta(days=distance)
    found = stand(due_on, today, calendar, warn_days)
    assert found.days == abs(calendar.between(today, due_on))
    assert (found.standing is Standing.LATE) == (due_on < today)
    assert (found.standing is Standing.SOON) == (today <= due_on <= soon_until(today, warn_days, calendar))
    assert found.is_today == (due_on == today)


@given(DAYS, st.integers(-40, 60), st.integers(0, 40), CALENDARS)
def test_after_a_suspension_as_many_working_days_are_left_as_before(
    suspended_on: date, distance: int, took: int, calendar: Calendar
) -> None:
    due_on = calendar.next_working(suspended_on + timedelta(days=distance))
    resumed_on = suspended_on + timedelta(days=took)
    after = extended(due_on, suspended_on, resumed_on, calendar)
    assert calendar.between(resumed_on, after) == calendar.between(suspended_on, due_on)


@given(DAYS, DAYS, CALENDARS)
def test_suspending_for_no_day_changes_nothing(due_on: date, day: date, calendar: Calendar) -> None:
    assert extended(due_on, day, day, calendar) == due_on

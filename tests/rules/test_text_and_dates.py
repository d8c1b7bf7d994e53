"""Vietnamese text and dates as people write them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.dates import parse_day, parse_instant
from app.rules.registers import next_number, written
from app.rules.text import clean, fold, identity_key, name_sort_key, person_sort_key, split_number, words

TODAY = date(2026, 12, 30)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("3/8", date(2026, 8, 3)),
        ("03/08/2025", date(2025, 8, 3)),
        ("3-8-26", date(2026, 8, 3)),
        ("3.8", date(2026, 8, 3)),
        ("2/1", date(2027, 1, 2)),
        ("hôm nay", TODAY),
        ("Hom Qua", date(2026, 12, 29)),
        ("+7", date(2027, 1, 6)),
        ("-1", date(2026, 12, 29)),
        ("2026-08-03", date(2026, 8, 3)),
        ("29/2", date(2028, 2, 29)),
    ],
)
def test_a_day_may_be_typed_freely(typed: str, day: date) -> None:
    if typed == "29/2":
        assert parse_day(typed, date(2027, 3, 1)) == day
    else:
        assert parse_day(typed, TODAY) == day


@pytest.mark.parametrize("typed", ["31/2/2026", "13/13", "abc", "", "1/2/3/4", "99"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is all it promises
        parse_day(typed, TODAY)


@pytest.mark.parametrize(
    "typed", ["30/12 14:30", "14:30 30/12/2026", "14h30", "14g30 hôm nay", "2026-12-30T14:30:00+07:00"]
)
def test_a_time_is_the_one_on_the_wall_in_vietnam(typed: str) -> None:
    now = datetime(2026, 12, 30, 8, 0, tzinfo=UTC)
    assert parse_instant(typed, now) == datetime(2026, 12, 30, 7, 30, tzinfo=UTC)


@pytest.mark.clause("212/16.1.g")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1482/STC-NS", "1482/stc-ns"),
        ("1482/STC-NS", " 1482 / STC – NS "),
        ("05/BC-UBND", "5/BC-UBND"),
        ("77/CĐ-TTg", "77/CD\u0110-TTg".replace("D\u0110", "Đ")),
        ("12/HĐ", "12/H\u0110"),
        ("12/QyĐ-A", "12/QyĐ\u2011A"),
    ],
)
def test_two_spellings_of_one_number_are_the_same(one: str, other: str) -> None:
    assert identity_key(one) == identity_key(other)


@pytest.mark.parametrize(("one", "other"), [("12/QĐ-VP", "12/QD-VP"), ("120/VP", "12/VP"), ("1/VP-A", "1/VPA")])
def test_two_numbers_that_differ_stay_apart(one: str, other: str) -> None:
    assert identity_key(one) != identity_key(other)


def test_people_are_sorted_by_given_name_in_vietnamese_order() -> None:
    names = ["Trần Văn Đạt", "Lê Thị An", "Bùi Ân", "Ngô Ăn", "Đỗ Dung", "Phạm Thị Ánh"]
    assert sorted(names, key=person_sort_key) == [
        "Lê Thị An",
        "Phạm Thị Ánh",
        "Ngô Ăn",
        "Bùi Ân",
        "Đỗ Dung",
        "Trần Văn Đạt",
    ]
    assert sorted(["Sở Y tế", "Sở Du lịch", "Sở Đất đai"], key=name_sort_key) == ["Sở Du lịch", "Sở Đất đai", "Sở Y tế"]


def test_words_of_an_identifier_are_its_parts() -> None:
    assert words("1482/STC-NS về Đường") == ["1482", "stc", "ns", "ve", "duong"]


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(alphabet="aàảãáạăâbcdđeêghiklmnoôơpqrstuưvxyÀẢĐÊƠƯ 0123456789/-"))
def test_folding_is_stable_and_keeps_the_length(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("typed", "parts"), [("1482/STC-NS", ("1482", "STC-NS")), ("Số 5", ("", "Số 5")), ("", ("", ""))]
)
def test_number_and_notation_are_parted_at_the_first_slash(typed: str, parts: tuple[str, str]) -> None:
    assert split_number(typed) == parts


@pytest.mark.clause("212/16.1.dd")
def test_a_number_belongs_to_the_year_of_vietnam() -> None:
    given_at = next_number(7, datetime(2026, 12, 31, 17, 0, tzinfo=UTC))
    assert (given_at.year, given_at.number, given_at.day) == (2027, 8, date(2027, 1, 1))
    assert (written(5), written(12)) == ("05", "12")


@pytest.mark.parametrize(
    ("typed", "day"),
    [("31/12", date(2025, 12, 31)), ("22/11", date(2026, 11, 22)), ("ngày 20 tháng 12", date(2025, 12, 20))],
)
def test_a_day_that_cannot_lie_in_the_future_is_the_last_one_that_was(typed: str, day: date) -> None:
    assert parse_day(typed, date(2026, 11, 22), past=True) == day


def test_a_day_is_read_as_letters_write_it() -> None:
    assert parse_day("ngày 20 tháng 11 năm 2026", TODAY) == date(2026, 11, 20)

"""Start data: what a new installation begins with agrees with itself and with the law."""

import itertools
import unicodedata
from collections import Counter
from datetime import date, timedelta

import pytest

from app.reference.calendar import calendar_rows, days_off, days_worked
from app.reference.document_types import COPY_FORMS, DOCUMENT_TYPES, TypeGroup, types_on
from app.reference.organisations import ORGANISATION_GROUPS, OrganisationGroup
from app.reference.series import REGISTER_BOOKS, SERIES
from app.reference.urgency import URGENCY_LEVELS
from app.vocabulary import CalendarKind, SeriesKind

BEFORE, AFTER = date(2020, 3, 4), date(2020, 3, 5)


def administrative(day: date) -> dict[str, str | None]:
    return {r.name: r.abbreviation for r in types_on(day).values() if r.group is TypeGroup.ADMINISTRATIVE}


def test_decree_30_knows_29_administrative_types() -> None:
    types = administrative(AFTER)
    assert len(types) == 29
    assert types["Báo cáo"] == "BC"
    assert types["Tờ trình"] == "TTr"
    assert types["Quy định"] == "QyĐ"
    assert types["Chương trình"] == "CTr"
    assert types["Đề án"] == "ĐA"
    assert types["Phiếu báo"] == "PB"
    assert types["Bản ghi nhớ"] == "BGN"


def test_before_decree_30_there_were_32_types_with_other_abbreviations() -> None:
    types = administrative(BEFORE)
    assert len(types) == 32
    assert "Phiếu báo" not in types
    assert {"Bản cam kết", "Giấy chứng nhận", "Giấy đi đường", "Giấy biên nhận hồ sơ"} <= set(types)
    other = {"Bản ghi nhớ": "GN", "Bản thỏa thuận": "TTh", "Giấy ủy quyền": "UQ", "Giấy giới thiệu": "GT"}
    assert {name: types[name] for name in other} == other
    assert types["Giấy nghỉ phép"] == "NP"


@pytest.mark.parametrize("day", [BEFORE, AFTER, date(2026, 1, 1)])
def test_letters_have_no_abbreviation_and_no_two_types_share_one(day: date) -> None:
    types = administrative(day)
    assert [name for name, short in types.items() if short is None] == ["Công văn", "Thư công"]
    assert max(Counter(short for short in types.values() if short).values()) == 1


def test_a_type_never_holds_twice_on_one_day() -> None:
    keys = Counter((r.code, r.valid_from) for r in DOCUMENT_TYPES) + Counter(
        (r.name, r.valid_from) for r in DOCUMENT_TYPES
    )
    assert max(keys.values()) == 1
    for code in {r.code for r in DOCUMENT_TYPES}:
        rows = sorted((r for r in DOCUMENT_TYPES if r.code == code), key=lambda r: r.valid_from)
        for earlier, later in itertools.pairwise(rows):
            assert earlier.valid_to is not None
            assert earlier.valid_to + timedelta(days=1) == later.valid_from


def test_what_is_not_confirmed_cites_no_source() -> None:
    for row in (*DOCUMENT_TYPES, *COPY_FORMS):
        assert row.confirmed or not row.source
        assert row.confirmed == (row.valid_to != BEFORE)


def test_urgency_ranks_rise_and_only_the_ordinary_level_has_no_stamp() -> None:
    assert [u.code for u in URGENCY_LEVELS] == ["normal", "urgent", "very_urgent", "flash"]
    assert [u.rank for u in URGENCY_LEVELS] == sorted({u.rank for u in URGENCY_LEVELS})
    assert [u.code for u in URGENCY_LEVELS if not u.stamp] == ["normal"]


@pytest.mark.clause("212/4.2")
def test_all_incoming_books_share_one_series() -> None:
    incoming = [s.code for s in SERIES if s.kind is SeriesKind.INCOMING]
    assert incoming == ["den"]
    assert {b.series for b in REGISTER_BOOKS if b.code.startswith("den")} == {"den"}


@pytest.mark.clause("212/9.2")
def test_each_issuing_body_has_its_own_outgoing_series() -> None:
    assert [s.issuer for s in SERIES if s.kind is SeriesKind.OUTGOING] == ["UBND", "VP"]


def test_every_book_shows_a_series_and_every_series_has_a_book() -> None:
    assert {b.series for b in REGISTER_BOOKS} == {s.code for s in SERIES}
    assert len({b.title for b in REGISTER_BOOKS}) == len(REGISTER_BOOKS) == len({b.code for b in REGISTER_BOOKS})


def test_every_group_of_outside_senders_has_one_incoming_book() -> None:
    groups = [g for b in REGISTER_BOOKS for g in b.sender_groups]
    assert sorted(groups) == sorted(set(OrganisationGroup) - {OrganisationGroup.OWN})
    assert [g.code for g in ORGANISATION_GROUPS] == list(OrganisationGroup)


# Monday-to-Friday days off, by year, as in the official schedules.
WEEKDAYS_OFF = {
    2019: "0101 0204 0205 0206 0207 0208 0415 0429 0430 0501 0902",
    2020: "0101 0123 0124 0127 0128 0129 0402 0430 0501 0902",
    2021: "0101 0210 0211 0212 0215 0216 0421 0430 0503 0902 0903",
    2022: "0103 0131 0201 0202 0203 0204 0411 0502 0503 0901 0902",
    2023: "0102 0120 0123 0124 0125 0126 0501 0502 0503 0901 0904",
    2024: "0101 0208 0209 0212 0213 0214 0418 0429 0430 0501 0902 0903",
    2025: "0101 0127 0128 0129 0130 0131 0407 0430 0501 0502 0901 0902",
    2026: "0101 0102 0216 0217 0218 0219 0220 0427 0430 0501 0831 0901 0902 1124",
    2027: "0101 0204 0205 0208 0209 0210 0416 0430 0503 0902 0903 1124",
}


@pytest.mark.parametrize("year", WEEKDAYS_OFF)
def test_the_weekdays_off_of_a_year_are_those_decided(year: int) -> None:
    found = sorted(d for d in days_off() if d.year == year and d.weekday() < 5)
    assert " ".join(f"{d:%m%d}" for d in found) == WEEKDAYS_OFF[year]


def test_the_saturdays_worked_are_those_decided() -> None:
    assert sorted(days_worked()) == [
        date(2019, 1, 5), date(2019, 5, 4), date(2024, 5, 4), date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22),
    ]  # fmt: skip
    assert all(d.weekday() == 5 for d in days_worked())


def test_the_holidays_of_the_labour_code_are_named_also_on_weekends() -> None:
    days = {r.day: r for r in calendar_rows() if r.kind is CalendarKind.OFF}
    for year in range(2019, 2028):
        for month, day in ((1, 1), (4, 30), (5, 1), (9, 2)):
            assert date(year, month, day) in days
        assert sum(r.name == "Giỗ Tổ Hùng Vương" for r in days.values() if r.day.year == year) == 1
        assert sum("mùng Một" in r.name for r in days.values() if r.day.year == year) == 1


def test_the_estimate_of_2027_says_that_it_is_one() -> None:
    assert all(("Dự kiến" in r.note) == (r.day.year == 2027) for r in calendar_rows())


def test_no_day_stands_in_the_calendar_twice() -> None:
    days = [r.day for r in calendar_rows()]
    assert days == sorted(set(days))


def test_names_are_in_normal_form_c() -> None:
    texts = [r.name for r in (*DOCUMENT_TYPES, *COPY_FORMS, *calendar_rows(), *URGENCY_LEVELS, *SERIES)]
    texts += [b.title for b in REGISTER_BOOKS]
    assert all(t and unicodedata.is_normalized("NFC", t) and t == t.strip() for t in texts)

"""What may stand in a catalogue row."""

from datetime import date
from typing import Any

import pytest

from app.errors import Obstacle
from app.reference.document_types import ALWAYS_FROM
from app.rules.catalogue_base import Catalogue, Facts, Type
from app.rules.catalogues import (
    CALENDAR_DAY,
    CATALOGUES,
    DEADLINE_RULE,
    DOCUMENT_TYPE,
    NUMBER_SERIES,
    ORGANISATION,
    REGISTER_BOOK,
    URGENCY_LEVEL,
    WORK_FIELD,
    code_from,
    free_code,
)
from app.rules.permissions import CATALOGUES as NOUNS

START = date(2026, 1, 1)
DEPARTMENT: dict[str, Any] = {"name": "Sở Tài chính", "kind": "body", "ours": "no", "valid_from": START}
UNIT: dict[str, Any] = {"name": "Phòng Kinh tế", "kind": "unit", "ours": "yes", "valid_from": START}
DECISION: dict[str, Any] = {
    "name": "Quyết định",
    "abbreviation": "QĐ",
    "grouping": "administrative",
    "valid_from": START,
}
SERIES: dict[str, Any] = {"name": "Dãy số văn bản đến", "kind": "incoming", "valid_from": START}
BOOK: dict[str, Any] = {"name": "Sổ văn bản đến", "series_id": "1", "valid_from": START}
URGENT: dict[str, Any] = {"name": "Khẩn", "rank": 1}
HOLIDAY: dict[str, Any] = {"day": date(2026, 9, 2), "kind": "off", "name": "Quốc khánh"}


FIELD: dict[str, Any] = {"name": "Tài chính, ngân sách", "valid_from": START}
PETITION: dict[str, Any] = {
    "name": "Trả lời kiến nghị cử tri",
    "type_id": "1",
    "days": 30,
    "counting": "calendar",
    "basis": "Luật Hoạt động giám sát",
    "valid_from": START,
}

NOTHING_ELSE = Facts()


def judged(
    catalogue: Catalogue, raw: dict[str, Any], facts: Facts = NOTHING_ELSE, key: Any = None, before: Any = None
) -> list[tuple[str, str]]:
    """(field, code) of everything that stands against the values."""
    values, found = catalogue.cleaned(raw, adding=key is None)
    if not found:
        found = catalogue.check(key, values, before, facts)
    return [(each.field, each.code) for each in found]


def fields(*args: Any, **kwargs: Any) -> list[str]:
    return [field for field, _code in judged(*args, **kwargs)]


def test_every_catalogue_screen_has_its_rules() -> None:
    assert set(CATALOGUES) == set(NOUNS)


def test_only_days_of_the_calendar_can_be_deleted() -> None:
    assert [each.noun for each in CATALOGUES.values() if each.deletable] == ["calendar_day"]


@pytest.mark.parametrize(
    ("catalogue", "row"),
    [
        (ORGANISATION, DEPARTMENT),
        (DOCUMENT_TYPE, DECISION),
        (NUMBER_SERIES, SERIES),
        (REGISTER_BOOK, BOOK),
        (URGENCY_LEVEL, URGENT),
        (CALENDAR_DAY, HOLIDAY),
        (WORK_FIELD, FIELD),
        (DEADLINE_RULE, PETITION),
    ],
    ids=lambda each: each.noun if isinstance(each, Catalogue) else "",
)
class TestEveryCatalogue:
    def test_a_plain_row_is_accepted(self, catalogue: Catalogue, row: dict[str, Any]) -> None:
        assert judged(catalogue, row) == []

    def test_everything_missing_is_said_at_once_and_beside_its_field(
        self, catalogue: Catalogue, row: dict[str, Any]
    ) -> None:
        assert set(row) <= set(catalogue.attributes)
        needed = [each.name for each in catalogue.attributes.values() if each.required]
        assert judged(catalogue, {}) == [(name, "missing") for name in needed]

    def test_a_name_of_blanks_is_missing(self, catalogue: Catalogue, row: dict[str, Any]) -> None:
        assert judged(catalogue, {**row, "name": " \t "}) == [("name", "missing")]

    def test_text_is_refused_from_the_first_character_beyond_its_limit(
        self, catalogue: Catalogue, row: dict[str, Any]
    ) -> None:
        limit = catalogue.attributes["name"].max_length
        assert limit is not None
        assert judged(catalogue, {**row, "name": "ă" * limit}) == []
        assert judged(catalogue, {**row, "name": "ă" * (limit + 1)}) == [("name", "too_long")]

    def test_what_is_no_attribute_never_gets_in(self, catalogue: Catalogue, row: dict[str, Any]) -> None:
        values, _found = catalogue.cleaned({**row, "id": 7, "version": 9, "sort_key": "x", "folded": "x"}, adding=True)
        assert not {"id", "version", "sort_key", "folded", "code"} & set(values)

    def test_a_choice_outside_the_list_is_refused(self, catalogue: Catalogue, row: dict[str, Any]) -> None:
        closed = [a.name for a in catalogue.attributes.values() if a.type == Type.CHOICE and a.choices is not None]
        for name in closed:
            assert (name, "no_choice") in judged(catalogue, {**row, name: "zz"})

    def test_a_slip_in_the_year_is_noticed(self, catalogue: Catalogue, row: dict[str, Any]) -> None:
        for each in catalogue.attributes.values():
            if each.type == Type.DAY:
                assert (each.name, "no_date") in judged(catalogue, {**row, each.name: date(202, 1, 3)})


@pytest.mark.parametrize(
    ("catalogue", "row"),
    [(ORGANISATION, DEPARTMENT), (DOCUMENT_TYPE, DECISION), (NUMBER_SERIES, SERIES), (REGISTER_BOOK, BOOK)],
)
def test_the_last_day_is_never_before_the_first(catalogue: Catalogue, row: dict[str, Any]) -> None:
    assert fields(catalogue, {**row, "valid_to": date(2025, 12, 31)}) == ["valid_to"]
    assert fields(catalogue, {**row, "valid_to": START}) == []


@pytest.mark.parametrize("code", ["000.00.01.H29", "777.77.04.D77"])
def test_a_code_of_the_older_scheme_has_thirteen_characters_in_its_shape(code: str) -> None:
    assert fields(ORGANISATION, {**DEPARTMENT, "code_qcvn102": code}) == []


@pytest.mark.parametrize("code", ["00.00.01.H29", "000.00.01.29", "000.00.01.h29", "000-00-01-H29", "0000.0.01.H29"])
def test_a_code_of_the_older_scheme_in_another_shape_is_refused(code: str) -> None:
    assert judged(ORGANISATION, {**DEPARTMENT, "code_qcvn102": code}) == [("code_qcvn102", "no_shape")]


@pytest.mark.parametrize(("code", "good"), [("H29", True), ("H01.151.01", True), ("0301234567", True)])
@pytest.mark.parametrize("worse", ["", ".", "h", " x", "Đ"])
def test_a_code_of_the_newer_scheme_is_capitals_digits_and_points(code: str, good: bool, worse: str) -> None:
    expected = [] if not worse else ["code_qd20"]
    assert fields(ORGANISATION, {**DEPARTMENT, "code_qd20": code + worse}) == expected


def test_a_code_belongs_to_one_organisation_only() -> None:
    found = fields(ORGANISATION, {**DEPARTMENT, "code_qd20": "H29"}, Facts(code_holders={"code_qd20": "Sở Y tế"}))
    assert found == ["code_qd20"]


@pytest.mark.parametrize("address", ["vanthu", "van thu@hcm.gov.vn", "@hcm.gov.vn", "a@b"])
def test_an_e_mail_address_has_its_shape(address: str) -> None:
    assert fields(ORGANISATION, {**DEPARTMENT, "email": address}) == ["email"]


def test_a_unit_needs_what_it_is_part_of() -> None:
    assert fields(ORGANISATION, UNIT) == ["parent"]
    assert fields(ORGANISATION, UNIT, Facts(parent_path=(2, 1), parent_ours=True)) == []


def test_nothing_stands_below_itself() -> None:
    facts = Facts(parent_path=(9, 5, 1), parent_ours=True)
    before = {**UNIT, "ours": "yes"}
    assert fields(ORGANISATION, UNIT, facts, key=5, before=before) == ["parent"]
    assert fields(ORGANISATION, UNIT, facts, key=6, before=before) == []


def test_an_own_unit_hangs_on_the_office() -> None:
    assert fields(ORGANISATION, UNIT, Facts(parent_path=(3,), parent_ours=False)) == ["parent"]


def test_a_person_is_no_unit_of_the_office() -> None:
    assert fields(ORGANISATION, {**DEPARTMENT, "kind": "person", "ours": "yes"}) == ["ours"]


def test_where_people_hold_posts_own_stays_own() -> None:
    moved = {**UNIT, "ours": "no"}
    facts = Facts(parent_path=(2,), parent_ours=True, posts=1)
    assert fields(ORGANISATION, moved, facts, key=5, before={"ours": "yes"}) == ["ours"]
    assert fields(ORGANISATION, moved, Facts(parent_path=(2,), parent_ours=True), key=5, before={"ours": "yes"}) == []


@pytest.mark.parametrize("facts", [Facts(open_below=1), Facts(posts_after=2)])
def test_an_organisation_outlasts_its_units_and_posts(facts: Facts) -> None:
    closed = {**DEPARTMENT, "valid_to": date(2026, 6, 30)}
    assert fields(ORGANISATION, closed, facts, key=5, before={"ours": "no"}) == ["valid_to"]
    assert fields(ORGANISATION, DEPARTMENT, facts, key=5, before={"ours": "no"}) == []


@pytest.mark.parametrize(
    ("period", "clash"),
    [
        ((date(2020, 3, 5), None), True),
        ((date(2020, 3, 5), date(2026, 1, 1)), True),
        ((date(2020, 3, 5), date(2025, 12, 31)), False),
        ((date(2027, 1, 1), None), True),
    ],
)
def test_a_document_type_holds_once_at_a_time(period: tuple[date, date | None], clash: bool) -> None:
    assert fields(DOCUMENT_TYPE, DECISION, Facts(periods=(period,))) == (["valid_from"] if clash else [])


@pytest.mark.parametrize("start", [ALWAYS_FROM, date(2020, 3, 5)])
@pytest.mark.parametrize("end", [None, date(2026, 12, 31)])
def test_the_other_time_of_a_type_is_told_as_people_say_it(start: date, end: date | None) -> None:
    values = {**DECISION, "valid_to": None}
    (found,) = DOCUMENT_TYPE.check(None, values, None, Facts(periods=((start, end),)))
    said = found.message % found.params
    assert "same name" in said
    assert "…" not in said
    assert ("until now" in said) == (end is None)
    assert ("of old" in said) == (start == ALWAYS_FROM)
    assert ("31/12/2026" in said) == (end is not None)


def test_a_closed_time_does_not_reach_a_later_one() -> None:
    closed = {**DECISION, "valid_to": date(2026, 12, 31)}
    assert fields(DOCUMENT_TYPE, closed, Facts(periods=((date(2027, 1, 1), None),))) == []


@pytest.mark.parametrize("text", ["Q Đ", "QĐ/UB"])
def test_an_abbreviation_stands_in_a_notation(text: str) -> None:
    assert fields(DOCUMENT_TYPE, {**DECISION, "abbreviation": text}) == ["abbreviation"]


def test_no_two_levels_of_urgency_share_a_rank() -> None:
    assert fields(URGENCY_LEVEL, URGENT, Facts(same_rank="Hỏa tốc")) == ["rank"]


@pytest.mark.parametrize(("name", "number"), [("rank", 100), ("handling_hours", 0)])
def test_numbers_have_their_range(name: str, number: int) -> None:
    assert judged(URGENCY_LEVEL, {**URGENT, name: number}) == [(name, "no_number")]


def test_a_series_that_gave_numbers_keeps_its_kind() -> None:
    changed = {**SERIES, "kind": "outgoing"}
    assert fields(NUMBER_SERIES, changed, Facts(in_use=True), key=1, before=SERIES) == ["kind"]
    assert fields(NUMBER_SERIES, changed, Facts(), key=1, before=SERIES) == []


def test_a_series_is_not_closed_under_its_open_books() -> None:
    closed = {**SERIES, "valid_to": date(2026, 6, 30)}
    assert fields(NUMBER_SERIES, closed, Facts(open_books=("Sổ đến",)), key=1, before=SERIES) == ["valid_to"]


@pytest.mark.parametrize(("catalogue", "row"), [(NUMBER_SERIES, SERIES), (REGISTER_BOOK, BOOK)])
def test_what_was_used_is_not_closed_before_its_last_use(catalogue: Catalogue, row: dict[str, Any]) -> None:
    facts = Facts(in_use=True, last_used=date(2026, 7, 1))
    assert fields(catalogue, {**row, "valid_to": date(2026, 6, 30)}, facts, key=1, before=row) == ["valid_to"]
    assert fields(catalogue, {**row, "valid_to": date(2026, 7, 1)}, facts, key=1, before=row) == []


def test_a_book_with_documents_keeps_its_series() -> None:
    moved = {**BOOK, "series_id": "2"}
    assert fields(REGISTER_BOOK, moved, Facts(in_use=True), key=1, before=BOOK) == ["series_id"]


@pytest.mark.parametrize(
    ("day", "good"), [(date(2026, 8, 22), True), (date(2026, 8, 23), True), (date(2026, 8, 21), False)]
)
def test_only_a_weekend_day_is_worked_instead(day: date, good: bool) -> None:
    row = {**HOLIDAY, "kind": "worked", "day": day}
    assert fields(CALENDAR_DAY, row) == ([] if good else ["day"])


def test_a_working_day_cannot_be_made_one_worked_instead_later() -> None:
    assert fields(CALENDAR_DAY, {**HOLIDAY, "kind": "worked"}, key=date(2026, 9, 2), before=HOLIDAY) == ["kind"]


def test_the_day_of_a_calendar_row_is_given_once() -> None:
    values, _found = CALENDAR_DAY.cleaned(HOLIDAY, adding=False)
    assert "day" not in values


def test_technical_codes_come_from_the_name() -> None:
    assert code_from("Bản ghi nhớ", 40) == "ban_ghi_nho"
    assert code_from("Sổ đến – năm 2027", 40, "-") == "so-den-nam-2027"
    assert code_from("…", 40) == "x"
    assert len(code_from("Đ" * 99, 20)) == 20


def test_a_taken_code_gets_the_first_free_number() -> None:
    assert free_code("so", frozenset(), 10) == "so"
    assert free_code("so", frozenset({"so", "so-2"}), 10) == "so-3"
    assert free_code("a" * 10, frozenset({"a" * 10}), 10) == "aaaaaaaa-2"


def test_sentences_of_refusals_can_all_be_filled() -> None:
    facts = Facts(
        same_rank="Khẩn", open_below=1, posts_after=1, open_books=("A",), last_used=date(2027, 1, 1), in_use=True
    )
    rows = ((ORGANISATION, DEPARTMENT), (NUMBER_SERIES, SERIES), (REGISTER_BOOK, BOOK), (URGENCY_LEVEL, URGENT))
    for catalogue, row in rows:
        values, _found = catalogue.cleaned({**row, "valid_to": date(2026, 6, 1)}, adding=True)
        found: list[Obstacle] = catalogue.check(1, values, values, facts)
        assert found
        assert all(str(each) and "%(" not in str(each) for each in found)

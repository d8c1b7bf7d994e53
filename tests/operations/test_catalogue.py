"""Saving rows of catalogues: judged, one transaction, on record."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy_continuum import version_class

from app import clock
from app.actor import Actor
from app.errors import Forbidden, NotFound, Refused, Stale
from app.models import (
    CalendarDay,
    DocumentType,
    Event,
    NumberSeries,
    Organisation,
    OrganisationCode,
    RegisterBook,
    UrgencyLevel,
)
from app.operations import catalogue, incoming, parties
from app.operations.unit_of_work import unit_of_work
from app.queries.catalogues import MODELS, values_of
from app.rules.text import name_sort_key
from app.vocabulary import PostKind
from tests.fixtures.office import OUTSIDE, SENDER, actor_of, registration

START = date(2026, 1, 1)
BODY: dict[str, Any] = {"name": "Sở Du lịch", "abbreviation": "SDL", "kind": "body", "ours": "no", "valid_from": START}


@pytest.fixture
def it(actor_for_kind: Callable[[PostKind], Actor]) -> Actor:
    return actor_for_kind(PostKind.IT_CENTRE)


@pytest.fixture
def clerk(actor_for_kind: Callable[[PostKind], Actor]) -> Actor:
    return actor_for_kind(PostKind.CLERK)


def named(session: Any, name: str) -> Organisation:
    return session.scalars(select(Organisation).where(Organisation.name == name)).one()


def as_values(session: Any, noun: str, item: Any, **changes: Any) -> dict[str, Any]:
    return {**values_of(session, noun, item), **changes}


def last_event(session: Any) -> Event:
    return session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()


def refusal(action: Callable[[], Any]) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        action()
    return [(each.field, each.code) for each in caught.value.obstacles]


def test_a_new_row_is_on_record_with_who_made_it_and_what_it_says(session: Any, it: Actor) -> None:
    made = catalogue.save(it, "organisation", None, BODY)
    event = last_event(session)
    assert (event.tag, event.subject_type, event.subject_id) == ("catalogue.added", "organisation", str(made.id))
    assert (event.actor_user_id, event.actor_name) == (it.user_id, it.name)
    assert event.params["changes"]["name"] == [None, "Sở Du lịch"]
    assert event.params["changes"]["valid_from"] == [None, "2026-01-01"]
    assert event.transaction_id is not None


def test_a_change_is_on_record_before_and_after_and_nothing_else(session: Any, it: Actor) -> None:
    made = catalogue.save(it, "organisation", None, BODY)
    catalogue.save(it, "organisation", made.id, {**BODY, "abbreviation": "SDLich"}, seen_version=made.version)
    event = last_event(session)
    assert event.tag == "catalogue.changed"
    assert event.params["changes"] == {"abbreviation": ["SDL", "SDLich"]}


def test_saving_what_is_there_already_writes_nothing(session: Any, it: Actor) -> None:
    made = catalogue.save(it, "organisation", None, BODY)
    version, events = made.version, session.scalar(select(func.count(Event.id)))
    catalogue.save(it, "organisation", made.id, BODY, seen_version=version)
    assert session.get_one(Organisation, made.id).version == version
    assert session.scalar(select(func.count(Event.id))) == events


def test_the_sort_key_follows_the_name(session: Any, it: Actor) -> None:
    made = catalogue.save(it, "organisation", None, BODY)
    catalogue.save(it, "organisation", made.id, {**BODY, "name": "Đài Tiếng nói", "sort_key": "zzz"})
    assert session.get_one(Organisation, made.id).sort_key == name_sort_key("Đài Tiếng nói")


def test_the_second_of_two_people_is_told_what_the_first_changed(session: Any, it: Actor, clerk: Actor) -> None:
    made = catalogue.save(it, "organisation", None, BODY)
    seen = made.version
    catalogue.save(clerk, "organisation", made.id, {**BODY, "email": "sdl@hcm.gov.vn"}, seen_version=seen)
    with pytest.raises(Stale) as caught:
        catalogue.save(it, "organisation", made.id, {**BODY, "abbreviation": "X"}, seen_version=seen)
    (change,) = caught.value.changes
    assert change["who"] == clerk.name
    assert change["fields"] == {"email": [None, "sdl@hcm.gov.vn"]}
    assert session.get_one(Organisation, made.id).abbreviation == "SDL"


def test_changing_only_a_code_is_noticed_by_whoever_has_the_row_open(session: Any, it: Actor) -> None:
    made = catalogue.save(it, "organisation", None, BODY)
    seen = made.version
    catalogue.save(it, "organisation", made.id, {**BODY, "code_qd20": "H29.77"}, seen_version=seen)
    with pytest.raises(Stale):
        catalogue.save(it, "organisation", made.id, {**BODY, "abbreviation": "X"}, seen_version=seen)


def test_a_refused_change_is_not_written_by_a_later_commit(session: Any, it: Actor) -> None:
    made = catalogue.save(it, "organisation", None, BODY)
    taken = catalogue.save(it, "organisation", None, {**BODY, "name": "Sở Công Thương", "code_qd20": "H29.88"})
    with pytest.raises(Refused):
        catalogue.save(
            it, "organisation", made.id, {**BODY, "name": "Tên khác", "code_qd20": "H29.88"}, seen_version=made.version
        )
    assert not session.dirty
    assert not session.new
    with unit_of_work():
        pass  # a commit of the same request
    session.expire_all()
    assert session.get_one(Organisation, made.id).name == "Sở Du lịch"
    assert session.get_one(Organisation, taken.id).name == "Sở Công Thương"


def test_a_refused_new_row_leaves_nothing_behind(session: Any, it: Actor) -> None:
    count = session.scalar(select(func.count(DocumentType.id)))
    row = {"name": "Quyết định", "grouping": "administrative", "valid_from": date(2026, 1, 1)}
    assert refusal(lambda: catalogue.save(it, "document_type", None, row)) == [("valid_from", "refused")]
    assert not session.new
    with unit_of_work():
        pass
    assert session.scalar(select(func.count(DocumentType.id))) == count


@pytest.mark.parametrize("kind", [PostKind.SPECIALIST, PostKind.MANAGER, PostKind.ARCHIVIST, PostKind.OUTSIDE])
@pytest.mark.parametrize("noun", sorted(MODELS))
def test_nobody_without_the_right_adds_anything(session: Any, noun: str, kind: PostKind) -> None:
    if kind == PostKind.ARCHIVIST and noun in ("work_field", "deadline_rule"):
        kind = PostKind.CLERK  # the archivist keeps these two; a clerk reads them
    with pytest.raises(Forbidden):
        catalogue.save(actor_of(kind), noun, None, {})


@pytest.mark.parametrize("noun", sorted(set(MODELS) - {"organisation"}))
def test_a_clerk_keeps_organisations_and_no_other_catalogue(session: Any, clerk: Actor, noun: str) -> None:
    with pytest.raises(Forbidden):
        catalogue.save(clerk, noun, None, {})


def test_own_units_are_kept_by_who_gives_posts(session: Any, it: Actor, clerk: Actor) -> None:
    unit = named(session, "Phòng Kinh tế")
    renamed = as_values(session, "organisation", unit, abbreviation="KT")
    with pytest.raises(Forbidden):
        catalogue.save(clerk, "organisation", unit.id, renamed)
    with pytest.raises(Forbidden):
        catalogue.save(clerk, "organisation", None, {**BODY, "ours": "yes"})
    assert catalogue.save(it, "organisation", unit.id, renamed).abbreviation == "KT"


def test_a_row_that_is_not_there_is_not_found(session: Any, it: Actor) -> None:
    with pytest.raises(NotFound):
        catalogue.save(it, "organisation", 999_999, BODY)
    with pytest.raises(NotFound):
        catalogue.remove(it, "calendar_day", date(2099, 1, 1))


class TestTree:
    def test_a_parent_is_chosen_by_id_or_by_its_full_name(self, session: Any, it: Actor) -> None:
        above = named(session, SENDER)
        unit = {**BODY, "kind": "unit"}
        one = catalogue.save(
            it, "organisation", None, {**unit, "name": "Phòng A", "parent": {"id": above.id, "name": SENDER}}
        )
        two = catalogue.save(
            it, "organisation", None, {**unit, "name": "Phòng B", "parent": {"id": None, "name": SENDER.lower()}}
        )
        assert one.parent_id == two.parent_id == above.id
        assert last_event(session).params["changes"]["parent"] == [None, SENDER.lower()]

    def test_an_id_that_does_not_fit_the_typed_name_is_not_trusted(self, session: Any, it: Actor) -> None:
        wrong, right = named(session, SENDER), named(session, OUTSIDE)
        made = catalogue.save(it, "organisation", None, {**BODY, "parent": {"id": wrong.id, "name": OUTSIDE}})
        assert made.parent_id == right.id

    def test_an_unknown_or_ambiguous_parent_is_refused_beside_its_field(self, it: Actor) -> None:
        catalogue.save(it, "organisation", None, {**BODY, "name": "Văn phòng Sở"})
        catalogue.save(it, "organisation", None, {**BODY, "name": "Văn phòng Sở"})
        for name in ("Không có cơ quan này", "Văn phòng Sở"):
            row = {**BODY, "parent": {"id": None, "name": name}}
            assert refusal(lambda row=row: catalogue.save(it, "organisation", None, row)) == [("parent", "no_choice")]

    def test_a_ring_is_refused(self, it: Actor) -> None:
        top = catalogue.save(it, "organisation", None, {**BODY, "name": "Trên"})
        middle = catalogue.save(
            it, "organisation", None, {**BODY, "name": "Giữa", "parent": {"id": top.id, "name": "Trên"}}
        )
        ring = {**BODY, "name": "Trên", "parent": {"id": middle.id, "name": "Giữa"}}
        assert refusal(lambda: catalogue.save(it, "organisation", top.id, ring)) == [("parent", "refused")]

    def test_a_unit_with_people_is_closed_after_their_posts(self, session: Any, it: Actor) -> None:
        unit = named(session, "Phòng Kinh tế")
        closed = as_values(session, "organisation", unit, valid_to=clock.today())
        assert refusal(lambda: catalogue.save(it, "organisation", unit.id, closed)) == [("valid_to", "refused")]

    def test_an_organisation_with_open_units_below_is_closed_after_them(self, it: Actor) -> None:
        top = catalogue.save(it, "organisation", None, {**BODY, "name": "Trên"})
        catalogue.save(
            it, "organisation", None, {**BODY, "name": "Dưới", "kind": "unit", "parent": {"id": top.id, "name": "Trên"}}
        )
        closed = {**BODY, "name": "Trên", "valid_to": clock.today()}
        assert refusal(lambda: catalogue.save(it, "organisation", top.id, closed)) == [("valid_to", "refused")]

    def test_own_stays_own_where_people_hold_posts(self, session: Any, it: Actor) -> None:
        unit = named(session, "Phòng Kinh tế")
        moved = as_values(session, "organisation", unit, ours="no")
        assert refusal(lambda: catalogue.save(it, "organisation", unit.id, moved)) == [("ours", "refused")]


class TestCodes:
    def rows(self, session: Any, item: Organisation) -> list[tuple[str, date, date | None]]:
        query = (
            select(OrganisationCode).where(OrganisationCode.organisation_id == item.id).order_by(OrganisationCode.id)
        )
        return [(row.code, row.valid_from, row.valid_to) for row in session.scalars(query)]

    def test_codes_of_both_schemes_are_kept(self, session: Any, it: Actor) -> None:
        made = catalogue.save(
            it, "organisation", None, {**BODY, "code_qd20": "H29.51", "code_qcvn102": "000.00.51.H29"}
        )
        assert sorted(code for code, _start, _end in self.rows(session, made)) == ["000.00.51.H29", "H29.51"]

    def test_a_slip_of_today_is_mended_without_history(self, session: Any, it: Actor) -> None:
        made = catalogue.save(it, "organisation", None, {**BODY, "code_qd20": "H29.51"})
        catalogue.save(it, "organisation", made.id, {**BODY, "code_qd20": "H29.52"})
        assert self.rows(session, made) == [("H29.52", clock.today(), None)]

    def test_an_older_code_ends_the_day_before_the_new_one_begins(
        self, session: Any, it: Actor, clock_at: Callable[[Any], None]
    ) -> None:
        made = catalogue.save(it, "organisation", None, {**BODY, "code_qd20": "H29.51"})
        first = clock.today()
        clock_at(clock.now() + timedelta(days=10))
        catalogue.save(it, "organisation", made.id, {**BODY, "code_qd20": "H29.52"})
        assert self.rows(session, made) == [
            ("H29.51", first, first + timedelta(days=9)),
            ("H29.52", first + timedelta(days=10), None),
        ]

    def test_a_code_that_is_given_up_can_be_given_to_another(self, it: Actor) -> None:
        made = catalogue.save(it, "organisation", None, {**BODY, "code_qd20": "H29.51"})
        other = {**BODY, "name": "Sở Công Thương", "code_qd20": "H29.51"}
        assert refusal(lambda: catalogue.save(it, "organisation", None, other)) == [("code_qd20", "refused")]
        catalogue.save(it, "organisation", made.id, {**BODY, "code_qd20": ""})
        assert catalogue.save(it, "organisation", None, other).id != made.id


class TestTypesAndUrgency:
    def test_a_type_of_another_time_is_the_same_type(self, session: Any, it: Actor) -> None:
        now = session.scalars(
            select(DocumentType).where(DocumentType.code == "quyet_dinh", DocumentType.valid_to.is_(None))
        )
        current = now.one()
        catalogue.save(
            it, "document_type", current.id, as_values(session, "document_type", current, valid_to=clock.today())
        )
        row = {"name": "Quyết định", "abbreviation": "QĐ", "grouping": "administrative"}
        made = catalogue.save(it, "document_type", None, {**row, "valid_from": clock.today() + timedelta(days=1)})
        assert made.code == "quyet_dinh"

    def test_two_levels_never_share_name_or_rank(self, it: Actor) -> None:
        assert refusal(lambda: catalogue.save(it, "urgency_level", None, {"name": "Khẩn", "rank": 9})) == [
            ("name", "taken")
        ]
        assert refusal(lambda: catalogue.save(it, "urgency_level", None, {"name": "Mới", "rank": 3})) == [
            ("rank", "refused")
        ]
        assert (
            catalogue.save(it, "urgency_level", None, {"name": "Hỏa tốc hẹn giờ", "rank": 4}).code == "hoa_toc_hen_gio"
        )


class TestSeriesAndBooks:
    @pytest.mark.usefixtures("registered_here")
    def test_a_series_that_gave_numbers_keeps_its_kind(self, session: Any, it: Actor) -> None:
        series = session.scalars(select(NumberSeries).where(NumberSeries.code == "den")).one()
        changed = as_values(session, "number_series", series, kind="outgoing")
        assert refusal(lambda: catalogue.save(it, "number_series", series.id, changed)) == [("kind", "refused")]

    def test_a_series_is_closed_after_its_books(self, session: Any, it: Actor) -> None:
        series = session.scalars(select(NumberSeries).where(NumberSeries.code == "den")).one()
        closed = as_values(session, "number_series", series, valid_to=clock.today())
        assert ("valid_to", "refused") in refusal(lambda: catalogue.save(it, "number_series", series.id, closed))

    @pytest.mark.usefixtures("registered_here")
    def test_a_book_with_documents_keeps_its_series_and_its_days(self, session: Any, it: Actor) -> None:
        book = session.scalars(select(RegisterBook).where(RegisterBook.code == "den")).one()
        other = session.scalars(select(NumberSeries).where(NumberSeries.code == "di-vp")).one()
        moved = as_values(session, "register_book", book, series_id=str(other.id))
        closed = as_values(session, "register_book", book, valid_to=clock.today() - timedelta(days=1))
        assert refusal(lambda: catalogue.save(it, "register_book", book.id, moved)) == [("series_id", "refused")]
        assert refusal(lambda: catalogue.save(it, "register_book", book.id, closed)) == [("valid_to", "refused")]

    def test_a_book_needs_a_series_that_exists(self, it: Actor) -> None:
        for chosen in ("999999", "zz"):
            row = {"name": "Sổ mới", "series_id": chosen, "valid_from": START}
            found = refusal(lambda row=row: catalogue.save(it, "register_book", None, row))
            assert found == [("series_id", "no_choice")]

    def test_two_books_never_share_a_name(self, session: Any, it: Actor) -> None:
        series = session.scalars(select(NumberSeries).where(NumberSeries.code == "den")).one()
        row = {"name": "Sổ văn bản đến (chung)", "series_id": str(series.id), "valid_from": START}
        assert refusal(lambda: catalogue.save(it, "register_book", None, row)) == [("name", "taken")]

    @pytest.fixture
    def registered_here(self, clerk: Actor) -> Any:
        return incoming.register(clerk, registration())


class TestCalendar:
    DAY = date(2027, 7, 27)

    def test_a_day_is_added_changed_and_taken_away_each_on_record(self, session: Any, it: Actor) -> None:
        catalogue.save(it, "calendar_day", None, {"day": self.DAY, "kind": "off", "name": "Ngày nghỉ riêng"})
        catalogue.save(it, "calendar_day", self.DAY, {"kind": "off", "name": "Ngày nghỉ của Thành phố"}, seen_version=1)
        catalogue.remove(it, "calendar_day", self.DAY, seen_version=2)
        assert session.get(CalendarDay, self.DAY) is None
        events = session.scalars(select(Event).where(Event.subject_id == "2027-07-27").order_by(Event.id)).all()
        assert [event.tag for event in events] == ["catalogue.added", "catalogue.changed", "catalogue.removed"]
        assert events[-1].params["changes"]["name"] == ["Ngày nghỉ của Thành phố", None]
        rows = version_class(CalendarDay)
        assert session.scalar(select(func.count()).select_from(rows).where(rows.day == self.DAY)) == 3

    def test_a_day_stands_in_the_calendar_once(self, it: Actor) -> None:
        row = {"day": date(2026, 9, 2), "kind": "off", "name": "Quốc khánh"}
        assert refusal(lambda: catalogue.save(it, "calendar_day", None, row)) == [("day", "taken")]

    def test_whoever_saw_an_older_day_does_not_take_it_away(self, it: Actor) -> None:
        catalogue.save(it, "calendar_day", None, {"day": self.DAY, "kind": "off", "name": "A"})
        catalogue.save(it, "calendar_day", self.DAY, {"kind": "off", "name": "B"})
        with pytest.raises(Stale):
            catalogue.remove(it, "calendar_day", self.DAY, seen_version=1)


@pytest.mark.parametrize("noun", sorted(set(MODELS) - {"calendar_day"}))
def test_rows_of_every_other_catalogue_are_never_deleted(session: Any, it: Actor, noun: str) -> None:
    with pytest.raises((Forbidden, Refused)):
        catalogue.remove(it, noun, 1)
    with pytest.raises(Refused):
        catalogue.remove(Actor.system("tests"), noun, 1)
    with pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(f'DELETE FROM "{MODELS[noun].__tablename__}"'))


def test_the_urgency_code_of_a_level_never_changes(session: Any, it: Actor) -> None:
    catalogue.save(it, "urgency_level", "urgent", {"name": "Khẩn cấp", "rank": 1, "code": "other"})
    assert session.get_one(UrgencyLevel, "urgent").name == "Khẩn cấp"


def test_an_organisation_added_elsewhere_is_changed_here(session: Any, it: Actor) -> None:
    made = parties.add_organisation(it, "Công ty Cổ phần A", kind="body")
    changed = catalogue.save(it, "organisation", made.id, as_values(session, "organisation", made, category="company"))
    assert changed.category == "company"

"""A document's deadline as the office reads it: its calendar, its terms, its settings (212/4.4, 212/8.1)."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from app import clock
from app.actor import Actor
from app.models import CalendarDay, Document, DocumentType, Setting, UrgencyLevel, WorkField
from app.operations import catalogue, incoming
from app.queries import deadlines
from app.reference.forecast import forecast
from app.rules.deadlines import Standing
from app.vocabulary import PostKind, TermCounting
from tests.fixtures.clock import NOW
from tests.fixtures.office import registration

pytestmark = pytest.mark.clause("212/4.4", "212/8.1")

START = date(2026, 1, 1)


@pytest.fixture
def it(actor_for_kind: Callable[[PostKind], Actor]) -> Actor:
    return actor_for_kind(PostKind.IT_CENTRE)


@pytest.fixture
def document(session: Any, actor_for_kind: Callable[[PostKind], Actor]) -> Document:
    return incoming.register(actor_for_kind(PostKind.CLERK), registration())


def field_of(session: Any, document: Document) -> WorkField:
    field = session.scalars(select(WorkField).order_by(WorkField.ordinal).limit(1)).one()
    document.field_id = field.id
    session.flush()
    return field


def prescribe(it: Actor, days: int, counting: TermCounting = TermCounting.WORKING, **changes: Any) -> None:
    given = {
        "name": f"Thời hạn {days} ngày",
        "type_id": "",
        "field_id": "",
        "days": days,
        "counting": counting.value,
        "basis": "Luật Tiếp công dân 2013",
        "valid_from": START,
        "valid_to": None,
        **changes,
    }
    catalogue.save(it, "deadline_rule", None, given)


def put(session: Any, **settings: Any) -> None:
    for name, value in settings.items():
        session.merge(Setting(name=name, value=value))
    session.flush()


def arrive(session: Any, document: Document, *when: int) -> None:
    document.received_at = datetime(*when, tzinfo=clock.VIETNAM)  # type: ignore[misc,arg-type]
    session.flush()


def test_without_a_rule_the_offices_own_term_holds(session: Any, document: Document) -> None:
    found = deadlines.proposed(session, document)
    assert (found.received, found.term.days, found.term.basis) == (NOW.date(), 7, "212/4.4")
    assert found.due_on == date(2027, 1, 11)
    assert found.skipped == ((date(2027, 1, 1), "Tết Dương lịch"),)


def test_the_offices_own_term_is_a_setting(session: Any, document: Document) -> None:
    put(session, default_working_days=3)
    assert deadlines.proposed(session, document).due_on == date(2027, 1, 5)


def test_the_day_of_receipt_is_vietnams(session: Any, document: Document) -> None:
    document.received_at = datetime(2026, 12, 29, 17, 30, tzinfo=UTC)
    assert deadlines.received_on(session, document) == date(2026, 12, 30)


def test_a_rule_for_the_type_or_the_field_gives_the_term(session: Any, it: Actor, document: Document) -> None:
    field = field_of(session, document)
    prescribe(it, 20, type_id=str(document.type_id))
    assert deadlines.term_for(session, document).days == 20
    prescribe(it, 30, TermCounting.CALENDAR, field_id=str(field.id))
    found = deadlines.term_for(session, document)
    assert (found.days, found.counting, found.basis) == (30, TermCounting.CALENDAR, "Luật Tiếp công dân 2013")
    prescribe(it, 5, type_id=str(document.type_id), field_id=str(field.id))
    assert deadlines.term_for(session, document).days == 5


def test_a_rule_holds_for_what_arrived_while_it_held(session: Any, it: Actor, document: Document) -> None:
    prescribe(it, 20, type_id=str(document.type_id), valid_to=date(2026, 6, 30))
    assert deadlines.term_for(session, document).days == 7
    arrive(session, document, 2026, 6, 30, 9)
    assert deadlines.term_for(session, document).days == 20


def test_a_rule_holds_for_a_type_that_a_new_decree_names_again(session: Any, it: Actor, document: Document) -> None:
    now = session.get_one(DocumentType, document.type_id)
    before = DocumentType(
        code=now.code, name=now.name, abbreviation="", grouping=now.grouping, valid_from=date(1950, 1, 1),
        valid_to=date(1950, 12, 31),
    )  # fmt: skip
    session.add(before)
    session.flush()
    prescribe(it, 12, type_id=str(before.id))
    assert deadlines.term_for(session, document).days == 12


@pytest.mark.clause("212/16.1.d")
def test_an_urgency_mark_hastens_what_the_law_allows_time_for_and_never_puts_it_off(
    session: Any, it: Actor, document: Document
) -> None:
    level = session.get_one(UrgencyLevel, document.urgency)
    level.handling_hours = 12
    session.flush()
    found = deadlines.term_for(session, document)
    assert (found.days, found.name, found.basis) == (2, level.name, "")
    level.handling_hours = 400
    session.flush()
    assert deadlines.term_for(session, document).days == 7


def test_what_arrives_after_office_hours_counts_from_the_next_working_day_only_where_it_is_set(
    session: Any, document: Document
) -> None:
    arrive(session, document, 2026, 12, 31, 17, 15)
    assert deadlines.received_on(session, document) == date(2026, 12, 31)
    put(session, after_hours=True)
    assert deadlines.received_on(session, document) == date(2027, 1, 4)
    put(session, office_end="17:30")
    assert deadlines.received_on(session, document) == date(2026, 12, 31)


# ── the calendar ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_day_entered_in_the_calendar_counts_at_once(session: Any, it: Actor, document: Document) -> None:
    before = deadlines.proposed(session, document).due_on
    catalogue.save(it, "calendar_day", None, {"day": before, "kind": "off", "name": "Nghỉ bù"})
    found = deadlines.proposed(session, document)
    assert found.due_on == date(2027, 1, 12)
    assert (before, "Nghỉ bù") in found.skipped


def test_a_worked_saturday_entered_in_the_calendar_counts(session: Any, it: Actor, document: Document) -> None:
    saturday = date(2027, 1, 9)
    catalogue.save(it, "calendar_day", None, {"day": saturday, "kind": "worked", "name": "Làm bù"})
    assert deadlines.proposed(session, document).due_on == saturday


def test_a_year_without_any_row_is_computed_and_one_row_makes_it_the_offices_own(session: Any, it: Actor) -> None:
    tet, new_year = date(2028, 1, 26), date(2028, 1, 3)
    assert session.scalar(select(func.count()).where(CalendarDay.day >= date(2028, 1, 1))) == 0
    assert not deadlines.calendar(session).is_working(tet)
    catalogue.save(it, "calendar_day", None, {"day": new_year, "kind": "off", "name": "Nghỉ bù"})
    calendar = deadlines.calendar(session)
    assert calendar.is_working(tet)
    assert not calendar.is_working(new_year)


def test_the_calendar_wins_over_what_is_computed(session: Any) -> None:
    swapped = date(2026, 1, 2)
    assert swapped not in forecast(2026)
    assert not deadlines.calendar(session).is_working(swapped)
    session.execute(text("DELETE FROM calendar_day WHERE extract(year FROM day) = 2026"))
    session.info.clear()
    assert deadlines.calendar(session).is_working(swapped)
    assert not deadlines.calendar(session).is_working(date(2026, 2, 17))


def test_an_ordinary_day_never_loads_the_package_that_computes_holidays() -> None:
    code = "import sys, app.queries.deadlines, app.views.catalogues; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ── how it stands ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.1.h")
def test_how_a_deadline_stands_follows_the_setting_for_warning(session: Any) -> None:
    due = date(2027, 1, 6)  # Thursday 31, Monday 4, Tuesday 5, Wednesday 6
    assert (deadlines.stand_of(session, due).standing, deadlines.stand_of(session, due).days) == (Standing.IN_TIME, 4)
    assert deadlines.soon_until(session) == date(2027, 1, 4)
    put(session, warn_days=4)
    assert deadlines.stand_of(session, due).standing is Standing.SOON
    assert deadlines.soon_until(session) == due
    assert deadlines.stand_of(session, date(2026, 12, 28)).standing is Standing.LATE
    assert deadlines.stand_of(session, None).standing is Standing.NONE


def test_a_list_of_deadlines_costs_two_statements_however_long_it_is(session: Any) -> None:
    session.info.clear()
    statements: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *a: statements.append(a[2]))
    for day in range(1, 29):
        deadlines.stand_of(session, date(2027, 1, day))
    assert len(statements) == 2

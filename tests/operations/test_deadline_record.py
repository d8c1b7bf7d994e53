"""Deadlines that change by the way – by assigning anew, by reopening – are on record like those that are changed
themselves; what nobody has to decide any more is not asked for any more (Decision 4.4, 8.1)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.actor import Actor
from app.models import Assignment, DeadlineChange
from app.operations import assignments, handling, settling, terms
from app.operations.deadline_record import ENDED
from app.queries import assignments as work
from app.vocabulary import AssignmentKind, DeadlineChangeKind, DeadlineChangeState, PostKind
from tests.fixtures.settling import DUE, Desk, person, person_id, unit

SPECIALIST, HEAD, LEADER = PostKind.SPECIALIST, PostKind.HEAD_OF_DEPARTMENT, PostKind.OFFICE_LEADER
ASSISTANT = PostKind.ASSISTANT
EARLIER, LATER = DUE - timedelta(days=3), DUE + timedelta(days=7)
Actors = Callable[[PostKind], Actor]


def changes(desk: Desk, part: Assignment) -> list[tuple[str, str, str, date | None, date | None, int | None]]:
    """The changes of a part's deadline: kind, state, reason, from, to, who decided."""
    rows = desk.session.scalars(
        select(DeadlineChange).where(DeadlineChange.assignment_id == part.id).order_by(DeadlineChange.id)
    )
    return [(row.kind, row.state, row.reason, row.due_before, row.due_after, row.decided_by_id) for row in rows]


def ask(desk: Desk, people: Actors, part: Assignment, who: PostKind = SPECIALIST) -> DeadlineChange:
    """An extension that is asked for."""
    terms.ask_extension(people(who), part.id, {"due_on": LATER, "reason": "Chờ số liệu"})
    return desk.session.scalars(select(DeadlineChange).where(DeadlineChange.assignment_id == part.id)).one()


@pytest.mark.clause("212/7.2", "212/8.1")
def test_assigning_anew_puts_every_deadline_that_it_changes_on_record(desk: Desk, people: Actors) -> None:
    document = desk.assigned(unit(), person(ASSISTANT, AssignmentKind.COORDINATE))
    whole = next(each for each in desk.parts(document) if each.person_id is None)
    helps = desk.part(document, ASSISTANT)
    assignments.pass_on(people(HEAD), whole.id, {"assignees": [person(SPECIALIST)], "due_on": DUE})
    below = desk.part(document, SPECIALIST)
    rows = [unit(due_on=EARLIER), person(ASSISTANT, AssignmentKind.COORDINATE)]
    handling.reassign(people(LEADER), document.id, {"assignees": rows, "due_on": DUE, "reason": "Cần sớm hơn"})
    expected = ("change", "granted", "Cần sớm hơn", DUE, EARLIER, person_id(LEADER))
    assert changes(desk, whole) == changes(desk, below) == [expected]
    assert changes(desk, helps) == []


@pytest.mark.clause("212/7.2", "212/8.1")
def test_passing_on_again_puts_a_changed_deadline_on_record_with_the_directions(desk: Desk, people: Actors) -> None:
    whole = desk.parts(desk.assigned(unit()))[0]
    for day in (DUE, EARLIER):
        values = {"assignees": [person(SPECIALIST)], "due_on": day, "directions": f"Xong trước {day:%d/%m}"}
        assignments.pass_on(people(HEAD), whole.id, values)
    part = desk.part(whole.document, SPECIALIST)
    words = f"Xong trước {EARLIER:%d/%m}"
    assert changes(desk, part) == [("change", "granted", words, DUE, EARLIER, person_id(HEAD))]


@pytest.mark.clause("212/16.1.i", "212/8.1")
def test_reopening_puts_the_new_deadline_on_record(desk: Desk, people: Actors) -> None:
    document = desk.assigned()
    part = desk.part(document, SPECIALIST)
    settling.file(people(SPECIALIST), document.id, {})
    settling.reopen(people(LEADER), document.id, {"reason": "Chưa trả lời ý 2", "due_on": LATER})
    assert changes(desk, part) == [("change", "granted", "Chưa trả lời ý 2", DUE, LATER, person_id(LEADER))]


@pytest.mark.clause("212/8.1")
@pytest.mark.parametrize(
    ("day", "states"),
    [(LATER, [DeadlineChangeState.GRANTED]), (EARLIER, [DeadlineChangeState.REFUSED, DeadlineChangeState.GRANTED])],
)
def test_an_extension_asked_for_is_answered_by_assigning_anew(
    desk: Desk, people: Actors, day: date, states: list[DeadlineChangeState]
) -> None:
    part = desk.part(desk.assigned(), SPECIALIST)
    ask(desk, people, part)
    values = {"assignees": [person(SPECIALIST, due_on=day)], "due_on": day, "reason": "Điều chỉnh"}
    handling.reassign(people(LEADER), part.document_id, values)
    assert [each[1] for each in changes(desk, part)] == states
    assert changes(desk, part)[-1][3:5] == (DUE, day)
    kinds = [DeadlineChangeKind.EXTENSION, DeadlineChangeKind.CHANGE]
    assert [each[0] for each in changes(desk, part)] == kinds[: len(states)]


def _filed(people: Actors, part: Assignment) -> None:
    settling.file(people(SPECIALIST), part.document_id, {})


def _withdrawn(people: Actors, part: Assignment) -> None:
    handling.withdraw(people(LEADER), part.document_id, {"reason": "Giao nhầm"})


def _given_back(people: Actors, part: Assignment) -> None:
    assignments.give_back(people(SPECIALIST), part.id, {"reason": "Không thuộc phòng"})


@pytest.mark.clause("212/8.1")
@pytest.mark.parametrize("end", [_filed, _withdrawn, _given_back])
def test_an_extension_asked_for_ends_with_its_part(
    desk: Desk, people: Actors, end: Callable[[Actors, Assignment], None]
) -> None:
    part = desk.part(desk.assigned(), SPECIALIST)
    waiting = ask(desk, people, part)
    end(people, part)
    assert (waiting.state, waiting.note, waiting.decided_by_id) == (DeadlineChangeState.REFUSED, ENDED, None)
    assert waiting.decided_at is not None
    leader = people(LEADER)
    assert not work.page(desk.session, leader, work.query_of({"scope": "given", "asked": "yes"})).rows

"""Deadlines of assignments: extension, change, suspension (Decision 4.4, 8.1)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.errors import Forbidden, Refused
from app.models import DeadlineChange, Notice
from app.operations import assignments, terms
from app.queries.deadlines import proposed_below
from app.vocabulary import (
    AssignmentKind,
    AssignmentState,
    DeadlineChangeKind,
    DeadlineChangeState,
    NoticeKind,
    PostKind,
)
from tests.fixtures.settling import DUE, ECONOMY, Desk, person, person_id, unit

Actors = Callable[[PostKind], Actor]
LATER = date(2027, 1, 20)


def changes(desk: Desk) -> list[DeadlineChange]:
    return list(desk.session.scalars(select(DeadlineChange).order_by(DeadlineChange.id)))


def fields(refused: pytest.ExceptionInfo[Any]) -> list[str]:
    return [each.field or each.code for each in refused.value.obstacles]


@pytest.mark.clause("212/8.1", "212/4.4")
def test_an_extension_is_asked_with_a_reason_and_granted_by_who_assigned(desk: Desk, people: Actors) -> None:
    document = desk.assigned()
    own = desk.parts(document)[0]
    specialist, leader = people(PostKind.SPECIALIST), people(PostKind.OFFICE_LEADER)
    with pytest.raises(Refused) as refused:
        terms.ask_extension(specialist, own.id, {"due_on": LATER})
    assert fields(refused) == ["reason"]
    terms.ask_extension(specialist, own.id, {"due_on": LATER, "reason": "Chờ số liệu của Sở"})
    assert own.due_on == DUE, "asking changes nothing"
    with pytest.raises(Refused) as refused:
        terms.ask_extension(specialist, own.id, {"due_on": LATER, "reason": "Hỏi lại"})
    assert fields(refused) == ["asked"]
    with pytest.raises(Forbidden):
        terms.grant_extension(specialist, own.id, {})
    terms.grant_extension(leader, own.id, {"note": "Lần cuối"})
    assert (own.due_on, document.due_on) == (LATER, LATER)
    row = changes(desk)[0]
    assert (row.kind, row.state, row.due_before, row.due_asked, row.due_after) == (
        DeadlineChangeKind.EXTENSION,
        DeadlineChangeState.GRANTED,
        DUE,
        LATER,
        LATER,
    )
    assert (row.asked_by_id, row.decided_by_id) == (
        person_id(PostKind.SPECIALIST),
        person_id(PostKind.OFFICE_LEADER),
    )
    kinds = set(desk.session.scalars(select(Notice.kind).where(Notice.document_id == document.id)))
    assert {NoticeKind.EXTENSION_ASKED, NoticeKind.DEADLINE} <= kinds


@pytest.mark.clause("212/8.1")
def test_a_refused_extension_leaves_the_deadline_and_may_be_asked_again(desk: Desk, people: Actors) -> None:
    document = desk.assigned()
    own = desk.parts(document)[0]
    terms.ask_extension(people(PostKind.SPECIALIST), own.id, {"due_on": LATER, "reason": "Nhiều việc"})
    terms.refuse_extension(people(PostKind.OFFICE_LEADER), own.id, {"reason": "Họp ngày 12"})
    assert (own.due_on, changes(desk)[0].state) == (DUE, DeadlineChangeState.REFUSED)
    terms.ask_extension(people(PostKind.SPECIALIST), own.id, {"due_on": LATER, "reason": "Lý do khác"})
    assert len(changes(desk)) == 2


@pytest.mark.parametrize("day", [DUE, date(2026, 12, 29)])
def test_an_extension_goes_beyond_the_deadline(desk: Desk, people: Actors, day: date) -> None:
    own = desk.parts(desk.assigned())[0]
    with pytest.raises(Refused) as refused:
        terms.ask_extension(people(PostKind.SPECIALIST), own.id, {"due_on": day, "reason": "x"})
    assert fields(refused) == ["due_on"]


@pytest.mark.clause("212/7.2", "212/8.1")
def test_below_a_unit_nobody_gets_more_time_than_the_unit_has(desk: Desk, people: Actors) -> None:
    document = desk.assigned(unit())
    own = desk.parts(document)[0]
    head, specialist = people(PostKind.HEAD_OF_DEPARTMENT), people(PostKind.SPECIALIST)
    assignments.pass_on(head, own.id, {"assignees": [person(PostKind.SPECIALIST, due_on=date(2027, 1, 7))]})
    below = desk.part(document, PostKind.SPECIALIST)
    terms.ask_extension(specialist, below.id, {"due_on": LATER, "reason": "x"})
    with pytest.raises(Refused) as refused:
        terms.grant_extension(head, below.id, {})
    found = refused.value.obstacles
    assert [(each.code, each.field, each.params["holder"]) for each in found] == [("too_late", "due_on", ECONOMY)]
    with pytest.raises(Refused) as refused:
        terms.change_deadline(head, below.id, {"due_on": LATER, "reason": "x"})
    assert [each.code for each in refused.value.obstacles] == ["too_late"]
    terms.grant_extension(head, below.id, {"due_on": DUE})
    assert (below.due_on, document.due_on) == (DUE, DUE)
    terms.ask_extension(head, own.id, {"due_on": LATER, "reason": "Cả phòng cần thêm thời gian"})
    terms.grant_extension(people(PostKind.OFFICE_LEADER), own.id, {})
    terms.ask_extension(specialist, below.id, {"due_on": LATER, "reason": "x"})
    terms.grant_extension(head, below.id, {})
    assert (below.due_on, own.due_on, document.due_on) == (LATER, LATER, LATER)


@pytest.mark.clause("212/8.1")
def test_below_a_unit_one_asks_for_more_time_than_it_has_and_its_head_is_told(desk: Desk, people: Actors) -> None:
    document = desk.assigned(unit())
    assignments.pass_on(
        people(PostKind.HEAD_OF_DEPARTMENT), desk.parts(document)[0].id, {"assignees": [person(PostKind.SPECIALIST)]}
    )
    below = desk.part(document, PostKind.SPECIALIST)
    terms.ask_extension(people(PostKind.SPECIALIST), below.id, {"due_on": LATER, "reason": "Chờ số liệu"})
    assert (below.due_on, changes(desk)[0].due_asked) == (DUE, LATER)
    told = select(Notice.person_id).where(Notice.kind == NoticeKind.EXTENSION_ASKED)
    assert list(desk.session.scalars(told)) == [person_id(PostKind.HEAD_OF_DEPARTMENT)]


def test_where_nothing_is_asked_whoever_would_decide_is_told_so_and_others_are_refused(
    desk: Desk, people: Actors
) -> None:
    own = desk.parts(desk.assigned())[0]
    for decide, values in ((terms.grant_extension, {}), (terms.refuse_extension, {"reason": "x"})):
        with pytest.raises(Refused) as refused:
            decide(people(PostKind.OFFICE_LEADER), own.id, values)
        assert fields(refused) == ["not_asked"]
        with pytest.raises(Forbidden):
            decide(people(PostKind.SPECIALIST), own.id, values)


@pytest.mark.clause("212/8.1")
def test_a_deadline_that_has_passed_bounds_nobody_until_it_is_extended(
    desk: Desk, people: Actors, clock_at: Callable[[datetime], None]
) -> None:
    document = desk.assigned(unit())
    own, head = desk.parts(document)[0], people(PostKind.HEAD_OF_DEPARTMENT)
    clock_at(clock.now().replace(year=2027, month=1, day=14))
    assignments.pass_on(head, own.id, {"assignees": [person(PostKind.SPECIALIST)]})
    below, specialist = desk.part(document, PostKind.SPECIALIST), people(PostKind.SPECIALIST)
    assert below.due_on == date(2027, 1, 18), "two working days from today"
    helper = {"assignees": [person(PostKind.ARCHIVIST, AssignmentKind.COORDINATE)], "question": "Có vướng gì không?"}
    with pytest.raises(Refused) as refused:
        assignments.ask(specialist, below.id, {**helper, "due_on": date(2027, 1, 29)})
    assert [each.code for each in refused.value.obstacles] == ["too_late"], "the own one has not passed"
    terms.ask_extension(specialist, below.id, {"due_on": date(2027, 1, 29), "reason": "x"})
    terms.grant_extension(head, below.id, {})
    assignments.ask(specialist, below.id, {**helper, "due_on": date(2027, 1, 29)})
    terms.ask_extension(head, own.id, {"due_on": LATER, "reason": "Chờ Sở"})
    terms.grant_extension(people(PostKind.OFFICE_LEADER), own.id, {})
    assert proposed_below(desk.session, date(2027, 1, 13), LATER) == date(2027, 1, 18)
    assert proposed_below(desk.session, date(2027, 1, 13), date(2027, 1, 15)) == date(2027, 1, 15)
    asked = desk.part(document, PostKind.ARCHIVIST)
    assert (own.due_on, below.due_on, asked.due_on) == (LATER, LATER, LATER), "nobody below has more time"
    assert sorted(each.due_before for each in changes(desk) if each.kind == DeadlineChangeKind.CHANGE) == [
        date(2027, 1, 29),
        date(2027, 1, 29),
    ]


@pytest.mark.clause("212/16.1.i")
def test_who_assigned_changes_the_deadline_and_that_answers_what_was_asked(desk: Desk, people: Actors) -> None:
    document = desk.assigned()
    own, leader = desk.parts(document)[0], people(PostKind.OFFICE_LEADER)
    with pytest.raises(Refused):
        terms.change_deadline(leader, own.id, {"due_on": DUE, "reason": "x"})
    terms.ask_extension(people(PostKind.SPECIALIST), own.id, {"due_on": LATER, "reason": "x"})
    sooner = date(2027, 1, 6)
    terms.change_deadline(leader, own.id, {"due_on": sooner, "reason": "Báo cáo Thành ủy"})
    assert (own.due_on, document.due_on) == (sooner, sooner)
    refused, made = changes(desk)
    assert (refused.kind, refused.state, refused.due_after) == (
        DeadlineChangeKind.EXTENSION,
        DeadlineChangeState.REFUSED,
        sooner,
    )
    assert (made.kind, made.due_before, made.due_after) == (DeadlineChangeKind.CHANGE, DUE, sooner)
    terms.change_deadline(leader, own.id, {"due_on": DUE, "reason": "Lùi họp"})
    assert [each.kind for each in changes(desk)][1:] == [DeadlineChangeKind.CHANGE] * 2


@pytest.mark.clause("212/4.4", "212/8.1")
def test_a_suspension_moves_the_deadlines_by_the_working_days_it_took_above_as_well(
    desk: Desk, people: Actors, clock_at: Callable[[datetime], None]
) -> None:
    document = desk.assigned(unit())
    own = desk.parts(document)[0]
    assignments.pass_on(people(PostKind.HEAD_OF_DEPARTMENT), own.id, {"assignees": [person(PostKind.SPECIALIST)]})
    below, specialist = desk.part(document, PostKind.SPECIALIST), people(PostKind.SPECIALIST)
    with pytest.raises(Forbidden):
        terms.suspend(people(PostKind.HEAD_OF_DEPARTMENT), own.id, {"waiting_for": "x"})
    terms.suspend(specialist, below.id, {"waiting_for": "Ý kiến Sở Xây dựng"})
    assert (below.state, below.waiting_for) == (AssignmentState.SUSPENDED, "Ý kiến Sở Xây dựng")
    desk.session.flush()
    clock_at(clock.now().replace(year=2027, month=1, day=6))  # 31/12, 04, 05 and 06/01 are worked, 01/01 is off
    terms.resume(specialist, below.id, {"note": "Sở đã trả lời"})
    moved = date(2027, 1, 15)
    assert (below.state, below.due_on, own.due_on, document.due_on) == (AssignmentState.OPEN, moved, moved, moved)
    assert {(each.kind, each.due_before, each.due_after) for each in changes(desk)} == {
        (DeadlineChangeKind.SUSPENSION, DUE, moved)
    }


def test_a_suspension_that_ends_the_same_day_moves_nothing(desk: Desk, people: Actors) -> None:
    document = desk.assigned()
    own, specialist = desk.parts(document)[0], people(PostKind.SPECIALIST)
    terms.suspend(specialist, own.id, {"waiting_for": "x"})
    terms.resume(specialist, own.id, {})
    assert (own.due_on, own.state) == (DUE, AssignmentState.OPEN)

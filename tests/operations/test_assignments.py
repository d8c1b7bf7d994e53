"""What heads, specialists and who co-ordinates do with the own part (Decision, articles 7, 8, 16, 17)."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.errors import Forbidden, Refused, Stale, WrongState
from app.models import Assignment, Document, Event, Notice, Opinion
from app.operations import assignments, delegation, files, handling, settling
from app.queries.actors import powers_of
from app.vocabulary import (
    AssignmentKind,
    AssignmentState,
    DelegationKind,
    HandlingState,
    NoticeKind,
    PostKind,
)
from tests.fixtures.office import PEOPLE, SYSTEM, pdf
from tests.fixtures.settling import DUE, ECONOMY, Desk, colleague, person, person_id, unit

Actors = Callable[[PostKind], Actor]
K = AssignmentKind
S = AssignmentState


def told(desk: Desk, document: Document, kind: NoticeKind) -> set[int]:
    query = select(Notice.person_id).where(Notice.document_id == document.id, Notice.kind == kind)
    return set(desk.session.scalars(query))


def given_to_unit(desk: Desk, **more: Any) -> tuple[Document, Assignment]:
    document = desk.assigned(unit(), **more)
    return document, desk.parts(document)[0]


def passed_on(desk: Desk, people: Actors) -> tuple[Document, Assignment, Assignment]:
    """A document that the unit leads, passed on to its specialist."""
    document, own = given_to_unit(desk)
    values = {"assignees": [person(PostKind.SPECIALIST)], "directions": "Dự thảo trả lời"}
    assignments.pass_on(people(PostKind.HEAD_OF_DEPARTMENT), own.id, values)
    return document, own, desk.part(document, PostKind.SPECIALIST)


# ── passing on ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/7.2", "212/8.1")
def test_a_head_passes_the_lead_to_a_person_and_the_unit_goes_on_leading_above(desk: Desk, people: Actors) -> None:
    document, own, below = passed_on(desk, people)
    assert (own.state, own.passed_on) == (S.OPEN, True)
    assert (below.parent_id, below.kind, below.due_on) == (own.id, K.LEAD, DUE)
    assert below.assigned_by_id == person_id(PostKind.HEAD_OF_DEPARTMENT)
    assert (document.lead_unit_id, document.lead_person_id) == (own.unit_id, person_id(PostKind.SPECIALIST))
    assert person_id(PostKind.SPECIALIST) in told(desk, document, NoticeKind.ASSIGNED)
    with pytest.raises(Forbidden):
        settling.file(people(PostKind.HEAD_OF_DEPARTMENT), document.id, {})
    settling.file(people(PostKind.SPECIALIST), document.id, {})
    assert {each.state for each in desk.parts(document, ended=True)} == {S.DONE}


@pytest.mark.clause("212/7.2")
def test_a_head_passes_on_to_the_own_unit_only_and_not_beyond_its_deadline(desk: Desk, people: Actors) -> None:
    _, own = given_to_unit(desk)
    head = people(PostKind.HEAD_OF_DEPARTMENT)
    for rows, code in (
        ([person(PostKind.ARCHIVIST)], "no_choice"),
        ([person(PostKind.SPECIALIST, due_on=DUE.replace(day=12))], "too_late"),
        ([person(PostKind.SPECIALIST, K.COORDINATE)], "no_lead"),
    ):
        with pytest.raises(Refused) as refused:
            assignments.pass_on(head, own.id, {"assignees": rows})
        assert code in {each.code for each in refused.value.obstacles}
    with pytest.raises(Refused):
        assignments.pass_on(head, own.id, {"assignees": [unit()]})
    assert own.passed_on is False


@pytest.mark.clause("212/16.2.a")
@pytest.mark.parametrize("kind", [PostKind.SPECIALIST, PostKind.OFFICE_LEADER, PostKind.ADMIN_HEAD])
def test_nobody_passes_on_but_the_head_of_the_unit(desk: Desk, people: Actors, kind: PostKind) -> None:
    _, own = given_to_unit(desk)
    with pytest.raises(Forbidden):
        assignments.pass_on(people(kind), own.id, {"assignees": [person(PostKind.SPECIALIST)]})


def test_passing_on_again_changes_who_has_it(desk: Desk, people: Actors) -> None:
    document, own, below = passed_on(desk, people)
    other = colleague("Ngô Thị Thu")
    row = {"unit_id": None, "person_id": other.person_id, "kind": "lead", "due_on": None}
    assignments.pass_on(people(PostKind.HEAD_OF_DEPARTMENT), own.id, {"assignees": [row]})
    assert below.state == S.WITHDRAWN
    assert (own.passed_on, document.lead_person_id) == (True, other.person_id)


@pytest.mark.clause("212/7.2")
def test_a_unit_that_co_ordinates_passes_on_without_a_lead_and_its_head_answers_for_it(
    desk: Desk, people: Actors
) -> None:
    document = desk.assigned(person(PostKind.ARCHIVIST), unit(K.COORDINATE))
    own = next(each for each in desk.parts(document) if each.kind == K.COORDINATE)
    head = people(PostKind.HEAD_OF_DEPARTMENT)
    with pytest.raises(Refused):
        assignments.pass_on(head, own.id, {"assignees": [person(PostKind.SPECIALIST)]})
    assignments.pass_on(head, own.id, {"assignees": [person(PostKind.SPECIALIST, K.COORDINATE)]})
    below = desk.part(document, PostKind.SPECIALIST)
    assignments.contribute(people(PostKind.SPECIALIST), below.id, {"text": "Số liệu đúng"})
    assert (below.state, own.state) == (S.DONE, S.OPEN)
    assignments.contribute(head, own.id, {"text": "Phòng thống nhất"})
    assert own.state == S.DONE
    assert document.handling == HandlingState.ASSIGNED


# ── opinions ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/8.1", "212/10.1.b")
def test_who_leads_asks_others_and_settles_whether_or_not_they_have_answered(desk: Desk, people: Actors) -> None:
    document = desk.assigned()
    own, specialist = desk.part(document, PostKind.SPECIALIST), people(PostKind.SPECIALIST)
    ask = {"assignees": [{**unit(), "kind": "lead"}, person(PostKind.ARCHIVIST)], "question": "Có vướng gì không?"}
    assignments.ask(specialist, own.id, ask)
    asked = [each for each in desk.parts(document) if each.parent_id == own.id]
    assert {(each.kind, each.directions) for each in asked} == {(K.COORDINATE, "Có vướng gì không?")}
    assert own.passed_on is False
    with pytest.raises(Refused):
        assignments.ask(specialist, own.id, ask)
    with pytest.raises(Refused):
        assignments.ask(specialist, own.id, {"assignees": [person(PostKind.SPECIALIST)], "question": "Tự hỏi"})
    theirs = desk.part(document, PostKind.ARCHIVIST)
    scan = files.receive(people(PostKind.ARCHIVIST), pdf("Y kien"), "ykien.pdf", 10**6).id
    assignments.contribute(people(PostKind.ARCHIVIST), theirs.id, {"text": "Không vướng", "files": [scan]})
    opinion = desk.session.scalars(select(Opinion)).one()
    assert (opinion.text, opinion.person_id, opinion.post) == (
        "Không vướng",
        person_id(PostKind.ARCHIVIST),
        "Lưu trữ viên",
    )
    assert opinion.paper is not None
    assert [each.received_name for each in opinion.paper.files] == ["ykien.pdf"]
    assert person_id(PostKind.SPECIALIST) in told(desk, document, NoticeKind.OPINION)
    settling.file(specialist, document.id, {})
    assert {each.state for each in desk.parts(document, ended=True)} == {S.DONE}


@pytest.mark.clause("212/17.2")
def test_typing_staff_enter_an_opinion_for_a_specialist_within_the_delegation_and_no_further(
    desk: Desk, people: Actors
) -> None:
    delegation.grant(
        SYSTEM,
        kind=DelegationKind.ENTRY,
        grantor_id=person_id(PostKind.SPECIALIST),
        grantee_id=person_id(PostKind.ASSISTANT),
        authority="Phiếu phân công 2/PC",
        moves=["assignment.opine", "assignment.restore"],
    )
    document = desk.assigned()
    own = desk.part(document, PostKind.SPECIALIST)
    with pytest.raises(Forbidden):
        assignments.opine(people(PostKind.ASSISTANT), own.id, {"text": "Ý kiến"})
    acting = powers_of(desk.session, people(PostKind.ASSISTANT))[0]
    assignments.opine(acting, own.id, {"text": "Đề nghị lưu"})
    with pytest.raises(Forbidden):
        settling.file(acting, document.id, {})
    event = desk.session.scalars(select(Event).where(Event.tag == "assignment.opine")).one()
    assert (event.actor_name, event.on_behalf_of_name) == (
        PEOPLE[PostKind.ASSISTANT][0],
        PEOPLE[PostKind.SPECIALIST][0],
    )
    opinion = desk.session.scalars(select(Opinion)).one()
    assert (opinion.person_id, opinion.post) == (person_id(PostKind.SPECIALIST), "Chuyên viên")


@pytest.mark.clause("212/8.1")
def test_who_leads_does_not_finish_by_an_opinion_and_who_is_informed_only_reads(desk: Desk, people: Actors) -> None:
    document = desk.assigned(person(PostKind.SPECIALIST), person(PostKind.ARCHIVIST, K.INFORM))
    with pytest.raises(Forbidden):
        assignments.contribute(people(PostKind.SPECIALIST), desk.part(document, PostKind.SPECIALIST).id, {"text": "x"})
    theirs = desk.part(document, PostKind.ARCHIVIST)
    with pytest.raises(Forbidden):
        assignments.contribute(people(PostKind.ARCHIVIST), theirs.id, {"text": "x"})
    assignments.acknowledge(people(PostKind.ARCHIVIST), theirs.id, {})
    assert theirs.state == S.DONE
    with pytest.raises(WrongState):
        assignments.acknowledge(people(PostKind.ARCHIVIST), theirs.id, {})


# ── giving back, taking back, restoring ──────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/8.1", "212/16.1.i")
def test_what_leads_goes_back_to_the_leader_who_assigns_it_anew(desk: Desk, people: Actors) -> None:
    document = desk.assigned(person(PostKind.SPECIALIST), person(PostKind.ARCHIVIST, K.INFORM))
    own = desk.part(document, PostKind.SPECIALIST)
    assignments.give_back(people(PostKind.SPECIALIST), own.id, {"reason": "Không đúng phần việc"})
    assert (own.state, own.closing_note) == (S.GIVEN_BACK, "Không đúng phần việc")
    assert (document.handling, document.lead_person_id, document.due_on) == (HandlingState.PRESENTED, None, None)
    assert person_id(PostKind.OFFICE_LEADER) in told(desk, document, NoticeKind.GIVEN_BACK)
    values = {"assignees": [unit(), person(PostKind.ARCHIVIST, K.INFORM)]}
    handling.assign(people(PostKind.OFFICE_LEADER), document.id, values)
    assert sorted(each.kind for each in desk.parts(document)) == [K.INFORM, K.LEAD]


@pytest.mark.clause("212/8.1")
def test_what_was_passed_on_goes_back_to_the_head_and_what_was_asked_below_ends_with_it(
    desk: Desk, people: Actors
) -> None:
    document, own, below = passed_on(desk, people)
    assignments.ask(
        people(PostKind.SPECIALIST), below.id, {"assignees": [person(PostKind.ARCHIVIST)], "question": "Ý kiến?"}
    )
    asked = desk.part(document, PostKind.ARCHIVIST)
    assignments.give_back(people(PostKind.SPECIALIST), below.id, {"reason": "Đi công tác"})
    assert (below.state, asked.state) == (S.GIVEN_BACK, S.WITHDRAWN)
    assert (own.state, own.passed_on, document.handling) == (S.OPEN, False, HandlingState.ASSIGNED)
    assert document.lead_person_id is None
    settling.file(people(PostKind.HEAD_OF_DEPARTMENT), document.id, {})


@pytest.mark.clause("212/16.1.i")
def test_who_gave_a_part_takes_it_back_with_everything_below(desk: Desk, people: Actors) -> None:
    document, own, below = passed_on(desk, people)
    with pytest.raises(Forbidden):
        assignments.take_back(people(PostKind.SPECIALIST), below.id, {"reason": "x"})
    assignments.take_back(people(PostKind.OFFICE_LEADER), own.id, {"reason": "Giao phòng khác"})
    assert (own.state, below.state) == (S.WITHDRAWN, S.WITHDRAWN)
    assert document.handling == HandlingState.PRESENTED
    people_told = told(desk, document, NoticeKind.WITHDRAWN)
    assert {person_id(PostKind.SPECIALIST), person_id(PostKind.HEAD_OF_DEPARTMENT)} <= people_told


def test_while_an_answer_is_prepared_the_lead_neither_goes_back_nor_is_taken(desk: Desk, people: Actors) -> None:
    document = desk.assigned()
    own = desk.part(document, PostKind.SPECIALIST)
    letter = {"refusal_code": "incomplete"}
    settling.return_to_sender(people(PostKind.SPECIALIST), document.id, letter)
    for undo, who in ((assignments.give_back, PostKind.SPECIALIST), (assignments.take_back, PostKind.OFFICE_LEADER)):
        with pytest.raises(Refused) as refused:
            undo(people(who), own.id, {"reason": "x"})
        assert [each.code for each in refused.value.obstacles] == ["answering"]


@pytest.mark.clause("212/17.2")
def test_the_right_to_handle_is_restored_where_nobody_else_has_that_part(desk: Desk, people: Actors) -> None:
    document = desk.assigned(person(PostKind.SPECIALIST), person(PostKind.ARCHIVIST, K.COORDINATE))
    theirs = desk.part(document, PostKind.ARCHIVIST)
    assignments.contribute(people(PostKind.ARCHIVIST), theirs.id, {"text": "Nhầm số liệu"})
    assignments.restore(people(PostKind.ARCHIVIST), theirs.id, {"reason": "Cần ghi lại"})
    assert (theirs.state, theirs.finished_at) == (S.OPEN, None)
    own = desk.part(document, PostKind.SPECIALIST)
    assignments.give_back(people(PostKind.SPECIALIST), own.id, {"reason": "Nhầm"})
    assignments.restore(people(PostKind.OFFICE_LEADER), own.id, {"reason": "Vẫn giao đồng chí"})
    assert (own.state, document.handling) == (S.OPEN, HandlingState.ASSIGNED)
    assert document.lead_person_id == person_id(PostKind.SPECIALIST)
    assert document.due_on == DUE


def test_the_right_to_lead_is_not_restored_beside_another_lead_nor_after_the_end(desk: Desk, people: Actors) -> None:
    document, leader = desk.assigned(), people(PostKind.OFFICE_LEADER)
    own = desk.part(document, PostKind.SPECIALIST)
    assignments.give_back(people(PostKind.SPECIALIST), own.id, {"reason": "Nhầm"})
    handling.assign(leader, document.id, {"assignees": [unit()]})
    with pytest.raises(Refused) as refused:
        assignments.restore(leader, own.id, {"reason": "x"})
    assert [each.code for each in refused.value.obstacles] == ["led"]
    settling.file(people(PostKind.HEAD_OF_DEPARTMENT), document.id, {})
    with pytest.raises(Refused) as refused:
        assignments.restore(leader, own.id, {"reason": "x"})
    assert [each.code for each in refused.value.obstacles] == ["settled"]


# ── chasing ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.1.h", "212/16.1.i")
def test_a_chase_tells_the_holder_and_is_on_record_each_time(desk: Desk, people: Actors) -> None:
    document, own = given_to_unit(desk)
    assignments.chase(people(PostKind.OFFICE_LEADER), own.id, {"message": "Báo cáo trước 16 giờ"})
    assignments.chase(people(PostKind.CLERK), own.id, {})
    assert (own.chase_count, own.chased_at) == (2, clock.now())
    query = select(Event.actor_name).where(Event.document_id == document.id, Event.tag == "assignment.chase")
    assert set(desk.session.scalars(query)) == {PEOPLE[PostKind.OFFICE_LEADER][0], PEOPLE[PostKind.CLERK][0]}
    assert told(desk, document, NoticeKind.CHASED) == {person_id(PostKind.HEAD_OF_DEPARTMENT)}
    with pytest.raises(Forbidden):
        assignments.chase(people(PostKind.SPECIALIST), own.id, {})


def test_what_was_given_for_information_is_not_chased(desk: Desk, people: Actors) -> None:
    document = desk.assigned(unit(), person(PostKind.ARCHIVIST, K.INFORM))
    with pytest.raises(Refused) as refused:
        assignments.chase(people(PostKind.OFFICE_LEADER), desk.part(document, PostKind.ARCHIVIST).id, {})
    assert [each.code for each in refused.value.obstacles] == ["only_informed"]


def test_two_people_on_one_part_the_second_is_told_what_changed(desk: Desk, people: Actors) -> None:
    _, own = given_to_unit(desk)
    seen = own.version
    assignments.chase(people(PostKind.OFFICE_LEADER), own.id, {})
    desk.session.flush()
    with pytest.raises(Stale):
        assignments.pass_on(
            people(PostKind.HEAD_OF_DEPARTMENT),
            own.id,
            {"assignees": [person(PostKind.SPECIALIST)]},
            expected_version=seen,
        )


def test_the_tree_has_one_lead_at_each_place_whatever_people_try(desk: Desk, people: Actors) -> None:
    document, own, _ = passed_on(desk, people)
    leads = [each for each in desk.parts(document) if each.kind == K.LEAD]
    assert [(each.parent_id, str(each)) for each in leads] == [
        (None, ECONOMY),
        (own.id, PEOPLE[PostKind.SPECIALIST][0]),
    ]

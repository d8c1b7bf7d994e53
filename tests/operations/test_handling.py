"""Presenting, assigning, routing: from the clerk's desk to whoever settles a document (Decision, article 7)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.errors import Forbidden, NotFound, Refused, Stale, WrongState
from app.extensions import db
from app.models import Assignment, Document, DocumentLink, Event, Notice
from app.operations import arrivals, delegation, files, handling, incoming
from app.operations.base import act_on_each
from app.queries.actors import powers_of
from app.queries.choices import choices
from app.rules import handling as rules
from app.vocabulary import (
    AssignmentKind,
    AssignmentState,
    DelegationKind,
    HandlingState,
    IncomingState,
    LinkKind,
    NoticeKind,
    PostKind,
)
from tests.fixtures.clock import NOW
from tests.fixtures.office import PEOPLE, SYSTEM, actor_of, pdf, registration
from tests.fixtures.settling import DUE, ECONOMY, Desk, colleague, person, person_id, unit

Actors = Callable[[PostKind], Actor]
K = AssignmentKind
LEADER_NAME = PEOPLE[PostKind.OFFICE_LEADER][0]


def events(desk: Desk, document: Document, tag: str) -> list[Event]:
    query = select(Event).where(Event.document_id == document.id, Event.tag == tag).order_by(Event.id)
    return list(desk.session.scalars(query))


def told(desk: Desk, document: Document, kind: NoticeKind) -> set[int]:
    query = select(Notice.person_id).where(Notice.document_id == document.id, Notice.kind == kind)
    return set(desk.session.scalars(query))


def codes(refused: pytest.ExceptionInfo[Any]) -> set[str]:
    return {each.code for each in refused.value.obstacles}


def fields(refused: pytest.ExceptionInfo[Any]) -> set[str]:
    return {each.field for each in refused.value.obstacles}


# ── presenting ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/7.1")
def test_what_is_registered_waits_to_be_presented_and_goes_to_the_leader_in_charge(desk: Desk) -> None:
    document = desk.registered()
    assert document.handling == HandlingState.PENDING
    desk.presented(document)
    assert document.handling == HandlingState.PRESENTED
    assert document.presented_to_id == person_id(PostKind.OFFICE_LEADER)
    assert document.presented_at == clock.now()
    assert [each.params["to"] for each in events(desk, document, "handling.present")] == [LEADER_NAME]
    assert told(desk, document, NoticeKind.PRESENTED) == {person_id(PostKind.OFFICE_LEADER)}


@pytest.mark.clause("212/7.1", "212/17.2")
def test_who_stands_in_for_an_absent_leader_is_told_as_well(desk: Desk) -> None:
    delegation.grant(
        SYSTEM,
        kind=DelegationKind.SUBSTITUTION,
        grantor_id=person_id(PostKind.OFFICE_LEADER),
        grantee_id=person_id(PostKind.HEAD_OF_DEPARTMENT),
        authority="Giấy ủy quyền số 9/GUQ-VP",
    )
    (offered,) = [
        label for _, label in choices(desk.session, "distributors", lambda words: words) if LEADER_NAME in label
    ]
    assert offered.endswith(f"away, {PEOPLE[PostKind.HEAD_OF_DEPARTMENT][0]} stands in")
    both = {person_id(PostKind.OFFICE_LEADER), person_id(PostKind.HEAD_OF_DEPARTMENT)}
    assert told(desk, desk.presented(), NoticeKind.PRESENTED) == both


@pytest.mark.clause("212/4.1", "212/7.1")
def test_an_urgent_document_is_presented_and_assigned_before_it_has_a_number(desk: Desk, people: Actors) -> None:
    said = {"permitted_by_id": str(person_id(PostKind.OFFICE_LEADER)), "permitted_note": "Qua điện thoại"}
    document = incoming.advance(people(PostKind.CLERK), registration(urgency="flash", **said))
    assert document.handling == HandlingState.PENDING
    desk.presented(document)
    handling.assign(people(PostKind.OFFICE_LEADER), document.id, {"assignees": [person(PostKind.SPECIALIST)]})
    assert (document.state, document.arrival_number) == (IncomingState.URGENT, None)
    incoming.give_number(people(PostKind.CLERK), document.id, {})
    assert (document.state, document.handling) == (IncomingState.REGISTERED, HandlingState.ASSIGNED)


@pytest.mark.clause("212/7.1")
def test_only_office_leaders_and_heads_with_authority_are_presented_to(desk: Desk, people: Actors) -> None:
    document = desk.registered()
    head = str(person_id(PostKind.HEAD_OF_DEPARTMENT))
    with pytest.raises(Refused) as refused:
        handling.present(people(PostKind.CLERK), document.id, {"to_id": head})
    assert fields(refused) == {"to_id"}
    delegation.grant(
        SYSTEM,
        kind=DelegationKind.SUBSTITUTION,
        grantor_id=person_id(PostKind.OFFICE_LEADER),
        grantee_id=int(head),
        authority="Giấy ủy quyền số 12/GUQ-VP",
        moves=["handling.assign"],
    )
    handling.present(people(PostKind.CLERK), document.id, {"to_id": head})
    acting = powers_of(desk.session, people(PostKind.HEAD_OF_DEPARTMENT))[0]
    handling.assign(acting, document.id, {"assignees": [person(PostKind.SPECIALIST)]})
    event = events(desk, document, "handling.assign")[0]
    assert (event.actor_name, event.on_behalf_of_name) == (PEOPLE[PostKind.HEAD_OF_DEPARTMENT][0], LEADER_NAME)


@pytest.mark.clause("212/16.2.a", "212/7.1")
@pytest.mark.parametrize("kind", [PostKind.SPECIALIST, PostKind.OFFICE_LEADER, PostKind.ARCHIVIST])
def test_only_the_registry_presents(desk: Desk, people: Actors, kind: PostKind) -> None:
    document = desk.registered()
    with pytest.raises(Forbidden):
        handling.present(people(kind), document.id, {"to_id": str(person_id(PostKind.OFFICE_LEADER))})
    assert document.handling == HandlingState.PENDING


def test_an_outside_unit_does_not_even_find_the_document(desk: Desk, people: Actors) -> None:
    document = desk.registered()
    with pytest.raises(NotFound):
        handling.present(people(PostKind.OUTSIDE), document.id, {})


@pytest.mark.clause("212/7.1")
def test_a_leader_who_is_not_in_charge_gives_it_back_and_the_clerk_is_told(desk: Desk, people: Actors) -> None:
    document = desk.presented()
    handling.decline(people(PostKind.OFFICE_LEADER), document.id, {"reason": "Thuộc lĩnh vực của đồng chí khác"})
    assert (document.handling, document.presented_to_id) == (HandlingState.PENDING, None)
    assert told(desk, document, NoticeKind.GIVEN_BACK) == {person_id(PostKind.CLERK)}


@pytest.mark.clause("212/4.3", "212/7.1")
def test_what_is_sent_back_or_cancelled_is_not_to_be_settled_any_more(desk: Desk, people: Actors) -> None:
    clerk = people(PostKind.CLERK)
    back = arrivals.send_back(clerk, desk.presented().id, {"refusal_code": "competence"})
    assert (back.handling, back.presented_to_id) == (None, None)
    gone = incoming.cancel_number(clerk, desk.registered().id, {"reason": "Vào sổ nhầm"})
    assert gone.handling is None
    kept = desk.assigned()
    for undo, values in (
        (arrivals.send_back, {"refusal_code": "competence"}),
        (incoming.cancel_number, {"reason": "x"}),
    ):
        with pytest.raises(Refused) as refused:
            undo(clerk, kept.id, values)
        assert codes(refused) == {"in_handling"}
    assert kept.handling == HandlingState.ASSIGNED


# ── assigning ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/7.2", "212/S.2")
def test_the_leader_says_who_leads_who_helps_who_is_to_know_with_directions_and_deadlines(desk: Desk) -> None:
    early = date(2027, 1, 6)
    document = desk.assigned(
        unit(),
        unit(K.COORDINATE, "Phòng Hành chính - Tổ chức", early),
        person(PostKind.ARCHIVIST, K.INFORM),
        directions="Đề xuất trước ngày họp",
    )
    rows = {str(each): (each.kind, each.due_on, each.directions, each.state) for each in desk.parts(document)}
    said = "Đề xuất trước ngày họp"
    assert rows == {
        ECONOMY: (K.LEAD, DUE, said, AssignmentState.OPEN),
        "Phòng Hành chính - Tổ chức": (K.COORDINATE, early, said, AssignmentState.OPEN),
        PEOPLE[PostKind.ARCHIVIST][0]: (K.INFORM, None, said, AssignmentState.OPEN),
    }
    assert {each.assigned_by_id for each in desk.parts(document)} == {person_id(PostKind.OFFICE_LEADER)}
    assert (document.handling, document.due_on) == (HandlingState.ASSIGNED, DUE)
    assert (str(document.lead_unit), document.lead_person) == (ECONOMY, None)
    event = events(desk, document, "handling.assign")[0]
    assert event.params["assigned"] == (
        "Phòng Kinh tế chủ trì, hạn 11/01/2027; Phòng Hành chính - Tổ chức phối hợp, hạn 06/01/2027; "
        "Bùi Văn Sơn để biết"
    )
    people = (PostKind.HEAD_OF_DEPARTMENT, PostKind.ADMIN_HEAD, PostKind.ARCHIVIST)
    assert told(desk, document, NoticeKind.ASSIGNED) == {person_id(each) for each in people}


@pytest.mark.clause("212/4.4", "212/7.2")
def test_without_a_deadline_the_proposed_one_holds_seven_working_days_from_the_day_after_receipt(desk: Desk) -> None:
    assert desk.assigned(due_on=None).due_on == DUE


@pytest.mark.clause("212/7.2")
def test_an_assignment_that_says_too_little_or_too_much_is_refused_with_everything_that_is_wrong(
    desk: Desk, people: Actors
) -> None:
    document, leader = desk.presented(), people(PostKind.OFFICE_LEADER)
    past = NOW.date() - timedelta(days=1)
    with pytest.raises(Refused) as refused:
        handling.assign(leader, document.id, {"assignees": [unit(), person(PostKind.SPECIALIST)], "due_on": past})
    assert codes(refused) == {"many_leads", "past"}
    with pytest.raises(Refused) as refused:
        handling.assign(leader, document.id, {"assignees": []})
    assert fields(refused) == {"assignees"}
    outside = {"unit_id": None, "person_id": person_id(PostKind.OUTSIDE), "kind": "lead", "due_on": None}
    with pytest.raises(Refused) as refused:
        handling.assign(leader, document.id, {"assignees": [outside]})
    assert "no_choice" in codes(refused)
    with pytest.raises(Refused) as refused:
        handling.assign(leader, document.id, {"assignees": [{**unit(), "kind": "rule"}]})
    assert "no_choice" in codes(refused)
    assert (document.handling, desk.parts(document)) == (HandlingState.PRESENTED, [])


@pytest.mark.clause("212/7.1", "212/16.2.a")
@pytest.mark.parametrize("kind", [PostKind.CLERK, PostKind.HEAD_OF_DEPARTMENT, PostKind.SPECIALIST])
def test_nobody_assigns_but_the_leader_in_charge(desk: Desk, people: Actors, kind: PostKind) -> None:
    document = desk.presented()
    with pytest.raises(Forbidden):
        handling.assign(people(kind), document.id, {"assignees": [unit()]})
    other = colleague("Phạm Văn Khác", PostKind.OFFICE_LEADER, "Văn phòng")
    with pytest.raises(Forbidden):
        handling.assign(other, document.id, {"assignees": [unit()]})
    assert document.handling == HandlingState.PRESENTED


@pytest.mark.clause("212/7.2", "212/17.2")
def test_the_clerk_enters_it_for_the_leader_with_the_handwriting_and_the_trace_says_for_whom(
    desk: Desk, people: Actors
) -> None:
    delegation.grant(
        SYSTEM,
        kind=DelegationKind.ENTRY,
        grantor_id=person_id(PostKind.OFFICE_LEADER),
        grantee_id=person_id(PostKind.CLERK),
        authority="Giấy ủy quyền số 3/GUQ-VP",
    )
    document, clerk = desk.presented(), people(PostKind.CLERK)
    acting = powers_of(desk.session, clerk)[0]
    scan = files.receive(clerk, pdf("But phe"), "butphe.pdf", 10**6).id
    handling.assign(acting, document.id, {"assignees": [unit()], "files": [scan]})
    event = events(desk, document, "handling.assign")[0]
    assert (event.actor_name, event.on_behalf_of_name) == (PEOPLE[PostKind.CLERK][0], LEADER_NAME)
    assert desk.parts(document)[0].assigned_by_id == person_id(PostKind.OFFICE_LEADER)
    link = desk.session.scalars(select(DocumentLink).where(DocumentLink.to_id == document.id)).one()
    paper = desk.session.get_one(Document, link.from_id)
    assert (link.kind, [each.received_name for each in paper.files]) == (LinkKind.PART_OF, ["butphe.pdf"])
    assert str(document) in paper.subject


@pytest.mark.clause("212/16.1.i")
def test_changing_an_assignment_keeps_what_stays_and_takes_what_is_left_out(desk: Desk, people: Actors) -> None:
    document = desk.assigned(unit(), unit(K.COORDINATE, "Phòng Hành chính - Tổ chức"))
    section, economy = sorted(desk.parts(document), key=lambda each: each.kind == K.LEAD)
    with pytest.raises(Refused) as refused:
        handling.reassign(people(PostKind.OFFICE_LEADER), document.id, {"assignees": [unit()]})
    assert fields(refused) == {"reason"}
    values = {"assignees": [unit(K.COORDINATE), person(PostKind.ARCHIVIST)], "reason": "Đúng chức năng hơn"}
    handling.reassign(people(PostKind.OFFICE_LEADER), document.id, values)
    assert (economy.kind, economy.state) == (K.COORDINATE, AssignmentState.OPEN)
    assert section.state == AssignmentState.WITHDRAWN
    archivist = desk.part(document, PostKind.ARCHIVIST)
    assert (archivist.kind, document.lead_person_id) == (K.LEAD, person_id(PostKind.ARCHIVIST))
    assert len(desk.parts(document)) == 2


@pytest.mark.clause("212/16.1.i")
def test_a_withdrawn_assignment_leaves_nobody_with_it_and_the_leader_may_assign_anew(
    desk: Desk, people: Actors
) -> None:
    document, leader = desk.assigned(unit(), person(PostKind.ARCHIVIST, K.INFORM)), people(PostKind.OFFICE_LEADER)
    handling.withdraw(leader, document.id, {"reason": "Giao lại sau cuộc họp"})
    assert desk.parts(document) == []
    assert {each.state for each in desk.parts(document, ended=True)} == {AssignmentState.WITHDRAWN}
    assert (document.handling, document.due_on, document.lead_unit_id) == (HandlingState.PRESENTED, None, None)
    assert person_id(PostKind.HEAD_OF_DEPARTMENT) in told(desk, document, NoticeKind.WITHDRAWN)
    handling.assign(leader, document.id, {"assignees": [unit()]})
    assert len(desk.parts(document)) == 1


@pytest.mark.clause("212/16.2.b")
def test_the_registry_routes_at_somebodys_request_and_the_request_is_on_record(desk: Desk, people: Actors) -> None:
    document, clerk = desk.registered(), people(PostKind.CLERK)
    request = {"requested_by_id": str(person_id(PostKind.OFFICE_LEADER)), "request_note": "Điện thoại lúc 8:05"}
    with pytest.raises(Refused) as refused:
        handling.route(clerk, document.id, {"assignees": [unit()]})
    assert fields(refused) == {"requested_by_id", "request_note"}
    handling.route(clerk, document.id, {"assignees": [unit()], **request})
    assert (document.handling, desk.parts(document)[0].assigned_by_id) == (
        HandlingState.ASSIGNED,
        person_id(PostKind.OFFICE_LEADER),
    )
    event = events(desk, document, "handling.route")[0]
    assert (event.params["requester"], event.params["request"]) == (LEADER_NAME, "Điện thoại lúc 8:05")
    assert event.actor_name == PEOPLE[PostKind.CLERK][0]
    oneself = {**request, "requested_by_id": str(person_id(PostKind.CLERK))}
    with pytest.raises(Refused) as refused:
        handling.route(clerk, document.id, {"assignees": [unit()], **oneself})
    assert codes(refused) == {"oneself"}
    again = {"assignees": [person(PostKind.SPECIALIST)], **request}
    handling.route(clerk, document.id, again)
    assert [str(each) for each in desk.parts(document)] == [PEOPLE[PostKind.SPECIALIST][0]]


def test_the_leader_to_whom_it_was_presented_is_told_when_it_is_routed_at_anothers_request(
    desk: Desk, people: Actors
) -> None:
    document = desk.presented()
    request = {"requested_by_id": str(person_id(PostKind.HEAD_OF_DEPARTMENT)), "request_note": "Trực tiếp"}
    handling.route(people(PostKind.CLERK), document.id, {"assignees": [unit()], **request})
    assert person_id(PostKind.OFFICE_LEADER) in told(desk, document, NoticeKind.WITHDRAWN)


@pytest.mark.clause("212/16.2.a")
def test_a_change_that_only_adds_somebody_is_told_to_who_had_the_dialog_open(desk: Desk, people: Actors) -> None:
    document, leader = desk.assigned(unit()), people(PostKind.OFFICE_LEADER)
    desk.session.flush()
    seen = document.version
    more = {"assignees": [unit(), person(PostKind.ARCHIVIST, K.COORDINATE)], "reason": "Thêm nơi phối hợp"}
    handling.reassign(leader, document.id, more, expected_version=seen)
    desk.session.flush()
    with pytest.raises(Stale):
        handling.reassign(leader, document.id, {"assignees": [unit()], "reason": "x"}, expected_version=seen)
    assert len(desk.parts(document)) == 2


def test_who_asked_the_registry_is_in_charge_where_nobody_was(desk: Desk, people: Actors) -> None:
    document = desk.registered()
    request = {"requested_by_id": str(person_id(PostKind.OFFICE_LEADER)), "request_note": "Trực tiếp"}
    handling.route(people(PostKind.CLERK), document.id, {"assignees": [unit()], **request})
    handling.withdraw(people(PostKind.OFFICE_LEADER), document.id, {"reason": "Để lại xem thêm"})
    assert document.handling == HandlingState.PRESENTED


# ── two at once, many at once ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.2.a")
def test_who_comes_second_is_told_what_changed(desk: Desk, people: Actors) -> None:
    document = desk.presented()
    seen = document.version
    desk.session.flush()
    other = colleague("Phạm Văn Khác", PostKind.OFFICE_LEADER, "Văn phòng")
    handling.present(people(PostKind.CLERK), document.id, {"to_id": str(other.person_id)})
    handling.present(people(PostKind.CLERK), document.id, {"to_id": str(person_id(PostKind.OFFICE_LEADER))})
    desk.session.flush()
    with pytest.raises(Stale) as stale:
        handling.assign(people(PostKind.OFFICE_LEADER), document.id, {"assignees": [unit()]}, expected_version=seen)
    assert stale.value.changes
    handling.assign(people(PostKind.OFFICE_LEADER), document.id, {"assignees": [unit()]})
    with pytest.raises(WrongState) as wrong:
        handling.decline(people(PostKind.OFFICE_LEADER), document.id, {"reason": "x"})
    assert {"wrong_state", "since"} == codes(wrong)
    assert any(each.params.get("who") == LEADER_NAME for each in wrong.value.obstacles)


def test_several_documents_are_assigned_each_with_its_own_result(
    app: Any, real_database: Any, clock_at: Callable[[datetime], None]
) -> None:
    clock_at(NOW)
    with app.app_context():
        desk = Desk(db.session())
        one, two, three = desk.presented(), desk.registered(), desk.presented()
        ids = [one.id, two.id, three.id, 10**9]
        results = act_on_each(actor_of(PostKind.OFFICE_LEADER), rules.ASSIGN, ids, {"assignees": [unit()]})
        kinds = [(document_id, type(error).__name__) for document_id, error in results]
        assert kinds == [
            (one.id, "NoneType"),
            (two.id, "Forbidden"),
            (three.id, "NoneType"),
            (10**9, "NotFound"),
        ]
        states = {each.id: each.handling for each in db.session.scalars(select(Document))}
        assert (states[one.id], states[two.id]) == (HandlingState.ASSIGNED, HandlingState.PENDING)


def test_an_assignment_never_moves_to_another_document(desk: Desk) -> None:
    frozen = Assignment.__table__.info["frozen"]
    assert {"document_id", "parent_id", "assigned_at"} <= set(frozen)

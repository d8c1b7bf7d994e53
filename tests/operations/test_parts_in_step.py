"""What hangs together stays together: one leads, deadlines below follow those above, somebody can always act."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from app.actor import Actor
from app.errors import Forbidden, Refused, Stale
from app.models import Assignment, DeadlineChange, Document, Notice, Opinion
from app.operations import assignments, delegation, handling, incoming, leavers, settling, terms
from app.vocabulary import (
    AssignmentKind,
    AssignmentState,
    DelegationKind,
    HandlingState,
    IncomingState,
    NoticeKind,
    PostKind,
)
from tests.fixtures.office import SYSTEM
from tests.fixtures.settling import DUE, Desk, person, person_id, unit

Actors = Callable[[PostKind], Actor]
K, S, H, P = AssignmentKind, AssignmentState, HandlingState, PostKind


def passed_on(desk: Desk, people: Actors) -> tuple[Document, Assignment, Assignment]:
    """A document that the unit leads, passed on to its specialist."""
    document = desk.assigned(unit())
    own = desk.parts(document)[0]
    assignments.pass_on(people(P.HEAD_OF_DEPARTMENT), own.id, {"assignees": [person(P.SPECIALIST)]})
    return document, own, desk.part(document, P.SPECIALIST)


def told(desk: Desk, document: Document, kind: NoticeKind) -> set[int]:
    query = select(Notice.person_id).where(Notice.document_id == document.id, Notice.kind == kind)
    return set(desk.session.scalars(query))


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.code for each in refused.value.obstacles]


# ── one leads ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/7.2")
def test_below_a_unit_that_leads_no_more_nobody_leads_either(desk: Desk, people: Actors) -> None:
    document, own, below = passed_on(desk, people)
    rows = [unit(K.COORDINATE), person(P.ARCHIVIST)]
    handling.reassign(people(P.OFFICE_LEADER), document.id, {"assignees": rows, "reason": "Đúng chức năng hơn"})
    assert (own.kind, own.passed_on) == (K.COORDINATE, False)
    assert (below.kind, below.state) == (K.COORDINATE, S.OPEN)
    with pytest.raises(Forbidden):
        settling.file(people(P.SPECIALIST), document.id, {})
    assignments.contribute(people(P.SPECIALIST), below.id, {"text": "Đã có số liệu"})
    assignments.contribute(people(P.HEAD_OF_DEPARTMENT), own.id, {"text": "Thống nhất"})
    settling.file(people(P.ARCHIVIST), document.id, {})
    assert document.handling == H.SETTLED


def test_below_what_is_only_to_be_known_nobody_has_anything_to_do(desk: Desk, people: Actors) -> None:
    document, _, below = passed_on(desk, people)
    rows = [unit(K.INFORM), person(P.ARCHIVIST)]
    handling.reassign(people(P.OFFICE_LEADER), document.id, {"assignees": rows, "reason": "Chỉ để biết"})
    assert below.state == S.WITHDRAWN
    assert person_id(P.SPECIALIST) in told(desk, document, NoticeKind.WITHDRAWN)


def test_who_only_helps_from_now_on_waits_for_no_other_body(desk: Desk, people: Actors) -> None:
    document = desk.assigned()
    own = desk.part(document, P.SPECIALIST)
    terms.suspend(people(P.SPECIALIST), own.id, {"waiting_for": "Ý kiến của Sở"})
    rows = [person(P.SPECIALIST, K.COORDINATE), person(P.ARCHIVIST)]
    handling.reassign(people(P.OFFICE_LEADER), document.id, {"assignees": rows, "reason": "Đổi người chủ trì"})
    assert (own.state, own.suspended_on, own.waiting_for) == (S.OPEN, None, "")
    assignments.contribute(people(P.SPECIALIST), own.id, {"text": "Xong phần tôi"})
    assert own.state == S.DONE


def test_the_lead_is_not_restored_below_who_leads_no_more(desk: Desk, people: Actors) -> None:
    document, _, below = passed_on(desk, people)
    assignments.give_back(people(P.SPECIALIST), below.id, {"reason": "Nhầm"})
    rows = [unit(K.COORDINATE), person(P.ARCHIVIST)]
    handling.reassign(people(P.OFFICE_LEADER), document.id, {"assignees": rows, "reason": "Đúng chức năng hơn"})
    with pytest.raises(Refused) as refused:
        assignments.restore(people(P.SPECIALIST), below.id, {"reason": "Làm tiếp"})
    assert codes(refused) == ["no_lead_above"]


def test_nobody_gets_two_parts_at_one_place_by_restoring_one(desk: Desk, people: Actors) -> None:
    rows = [person(P.ARCHIVIST), person(P.SPECIALIST, K.COORDINATE)]
    document = desk.assigned(*rows)
    first = desk.part(document, P.SPECIALIST)
    assignments.contribute(people(P.SPECIALIST), first.id, {"text": "Đã góp ý"})
    handling.reassign(people(P.OFFICE_LEADER), document.id, {"assignees": rows, "reason": "Xin ý kiến lần nữa"})
    with pytest.raises(Refused) as refused:
        assignments.restore(people(P.SPECIALIST), first.id, {"reason": "Bổ sung"})
    assert codes(refused) == ["has_another"]


# ── deadlines ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/8.1")
def test_a_deadline_that_comes_forward_takes_those_below_along_and_they_are_told(desk: Desk, people: Actors) -> None:
    document, own, below = passed_on(desk, people)
    earlier = DUE - timedelta(days=5)
    terms.change_deadline(people(P.OFFICE_LEADER), own.id, {"due_on": earlier, "reason": "Họp sớm hơn"})
    assert (own.due_on, below.due_on, document.due_on) == (earlier, earlier, earlier)
    change = desk.session.scalars(select(DeadlineChange).where(DeadlineChange.assignment_id == below.id)).one()
    assert (change.due_before, change.due_after, change.reason) == (DUE, earlier, "Họp sớm hơn")
    assert person_id(P.SPECIALIST) in told(desk, document, NoticeKind.DEADLINE)


def test_an_assignment_changed_to_an_earlier_day_takes_those_below_along(desk: Desk, people: Actors) -> None:
    document, _, below = passed_on(desk, people)
    earlier = DUE - timedelta(days=5)
    values = {"assignees": [unit()], "due_on": earlier, "reason": "Họp sớm hơn"}
    handling.reassign(people(P.OFFICE_LEADER), document.id, values)
    assert below.due_on == earlier
    assert person_id(P.SPECIALIST) in told(desk, document, NoticeKind.DEADLINE)


def test_what_is_restored_ends_no_later_than_what_is_above_it(desk: Desk, people: Actors) -> None:
    _, own, below = passed_on(desk, people)
    assignments.give_back(people(P.SPECIALIST), below.id, {"reason": "Nhầm"})
    earlier = DUE - timedelta(days=5)
    terms.change_deadline(people(P.OFFICE_LEADER), own.id, {"due_on": earlier, "reason": "Họp sớm hơn"})
    assignments.restore(people(P.HEAD_OF_DEPARTMENT), below.id, {"reason": "Vẫn giao đồng chí"})
    assert below.due_on == earlier


# ── two people at once, twice at once ────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.2.a")
def test_who_changes_an_assignment_is_told_that_somebody_finished_meanwhile(desk: Desk, people: Actors) -> None:
    rows = [person(P.ARCHIVIST), person(P.SPECIALIST, K.COORDINATE)]
    document = desk.assigned(*rows)
    seen = document.version
    part = desk.part(document, P.SPECIALIST)
    assignments.contribute(people(P.SPECIALIST), part.id, {"text": "Đã góp ý"})
    desk.session.flush()
    values = {"assignees": rows, "reason": "Thêm hạn"}
    with pytest.raises(Stale):
        handling.reassign(people(P.OFFICE_LEADER), document.id, values, expected_version=seen)
    assert [each.person_id for each in desk.parts(document)] == [person_id(P.ARCHIVIST)]


def test_a_head_who_passes_on_is_told_that_somebody_gave_back_meanwhile(desk: Desk, people: Actors) -> None:
    _, own, below = passed_on(desk, people)
    seen = own.version
    assignments.give_back(people(P.SPECIALIST), below.id, {"reason": "Nhầm"})
    desk.session.flush()
    values = {"assignees": [person(P.SPECIALIST)]}
    with pytest.raises(Stale):
        assignments.pass_on(people(P.HEAD_OF_DEPARTMENT), own.id, values, expected_version=seen)


def test_an_opinion_sent_twice_is_written_once(desk: Desk, people: Actors) -> None:
    document = desk.assigned()
    own = desk.part(document, P.SPECIALIST)
    seen = own.version
    assignments.opine(people(P.SPECIALIST), own.id, {"text": "Đề nghị lưu"}, expected_version=seen)
    desk.session.flush()
    with pytest.raises(Stale):
        assignments.opine(people(P.SPECIALIST), own.id, {"text": "Đề nghị lưu"}, expected_version=seen)
    said = select(func.count()).select_from(Opinion).where(Opinion.document_id == document.id)
    assert desk.session.scalar(said) == 1


def test_handing_over_locks_delegations_before_documents_as_every_act_by_a_delegation_does(
    desk: Desk, people: Actors
) -> None:
    desk.assigned()
    leaver, heir = person_id(P.SPECIALIST), person_id(P.ARCHIVIST)
    delegation.grant(SYSTEM, DelegationKind.ENTRY, leaver, person_id(P.ASSISTANT), "Giấy ủy quyền 12/GUQ-VP")
    locked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FOR UPDATE" in statement or "FOR NO KEY UPDATE" in statement:
            locked.append("delegation" if "FROM delegation" in statement else "document")

    engine = desk.session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        leavers.hand_over(people(P.ADMIN_HEAD), leaver, heir, "Nghỉ hưu")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert locked[:2] == ["delegation", "document"]


# ── somebody can always act ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/7.2")
def test_a_unit_that_nobody_heads_is_given_nothing_as_a_whole(desk: Desk, people: Actors) -> None:
    document = desk.presented()
    with pytest.raises(Refused) as refused:
        handling.assign(people(P.OFFICE_LEADER), document.id, {"assignees": [unit(name="Trung tâm Tin học")]})
    assert codes(refused) == ["no_head"]
    handling.assign(people(P.OFFICE_LEADER), document.id, {"assignees": [person(P.IT_CENTRE)]})


@pytest.mark.clause("212/16.2.b", "212/8.1")
def test_what_a_specialist_has_routed_stays_with_the_registry_which_decides_and_presents(
    desk: Desk, people: Actors
) -> None:
    document = desk.registered()
    values = {"requested_by_id": str(person_id(P.SPECIALIST)), "request_note": "Qua điện thoại", "due_on": DUE}
    rows = [person(P.ARCHIVIST), unit(K.COORDINATE)]
    handling.route(people(P.CLERK), document.id, {"assignees": rows, **values})
    assert (document.handling, document.presented_to_id) == (H.ASSIGNED, None)
    part = desk.part(document, P.ARCHIVIST)
    later = DUE + timedelta(days=7)
    terms.ask_extension(people(P.ARCHIVIST), part.id, {"due_on": later, "reason": "Chờ số liệu"})
    terms.grant_extension(people(P.ADMIN_HEAD), part.id, {})
    assert part.due_on == later
    assignments.give_back(people(P.ARCHIVIST), part.id, {"reason": "Không đúng việc"})
    assert document.handling == H.PENDING
    assert desk.parts(document) == []
    assert person_id(P.HEAD_OF_DEPARTMENT) in told(desk, document, NoticeKind.WITHDRAWN)
    desk.presented(document)


@pytest.mark.clause("212/7.1")
def test_a_leader_who_declines_leaves_nobody_with_a_part(desk: Desk, people: Actors) -> None:
    document = desk.assigned(person(P.SPECIALIST), person(P.ARCHIVIST, K.COORDINATE))
    assignments.give_back(people(P.SPECIALIST), desk.part(document, P.SPECIALIST).id, {"reason": "Nhầm"})
    assert len(desk.parts(document)) == 1
    handling.decline(people(P.OFFICE_LEADER), document.id, {"reason": "Lĩnh vực của đồng chí khác"})
    assert desk.parts(document) == []
    assert person_id(P.ARCHIVIST) in told(desk, document, NoticeKind.WITHDRAWN)


def test_what_somebody_still_has_a_part_of_does_not_leave_the_register(desk: Desk, people: Actors) -> None:
    document = desk.assigned(person(P.SPECIALIST), person(P.ARCHIVIST, K.COORDINATE))
    assignments.give_back(people(P.SPECIALIST), desk.part(document, P.SPECIALIST).id, {"reason": "Nhầm"})
    with pytest.raises(Refused) as refused:
        incoming.cancel_number(people(P.CLERK), document.id, {"reason": "Vào sổ nhầm"})
    assert codes(refused) == ["in_handling"]
    rest = desk.part(document, P.ARCHIVIST)
    assignments.take_back(people(P.OFFICE_LEADER), rest.id, {"reason": "Vào sổ nhầm"})
    incoming.cancel_number(people(P.CLERK), document.id, {"reason": "Vào sổ nhầm"})
    assert document.state == IncomingState.CANCELLED


@pytest.mark.clause("212/7.1")
def test_a_head_whose_authority_has_ended_gives_back_what_was_presented(desk: Desk, people: Actors) -> None:
    head = people(P.HEAD_OF_DEPARTMENT)
    document = desk.registered()
    power = delegation.grant(
        SYSTEM,
        DelegationKind.ENTRY,
        person_id(P.OFFICE_LEADER),
        person_id(P.HEAD_OF_DEPARTMENT),
        "Thông báo phân công 05/TB-VP",
        moves=["handling.assign"],
    )
    handling.present(people(P.CLERK), document.id, {"to_id": str(head.person_id)})
    delegation.revoke(SYSTEM, power.id)
    handling.decline(head, document.id, {"reason": "Hết thời hạn ủy quyền"})
    assert document.handling == H.PENDING


def test_work_goes_over_to_somebody_to_whom_the_leaver_gave_a_part_of_it(desk: Desk, people: Actors) -> None:
    document = desk.assigned(person(P.OFFICE_LEADER), person(P.HEAD_OF_DEPARTMENT, K.COORDINATE))
    heir = person_id(P.HEAD_OF_DEPARTMENT)
    leavers.hand_over(people(P.ADMIN_HEAD), person_id(P.OFFICE_LEADER), heir, "Nghỉ hưu")
    desk.session.expire_all()
    assert [(each.person_id, each.kind) for each in desk.parts(document)] == [(heir, K.LEAD)]
    assert document.lead_person_id == heir

"""Outcomes: filed, transferred, returned, processed, gone out, reopened (Decision 8.2)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.errors import Forbidden, Refused, WrongState
from app.models import CaseFile, CaseFileItem, Document, DocumentLink, DocumentType, Event, Notice
from app.operations import assignments, settling
from app.queries.choices import choices
from app.vocabulary import (
    AssignmentKind,
    AssignmentState,
    HandlingOutcome,
    HandlingState,
    LinkKind,
    NoticeKind,
    OutgoingState,
    PostKind,
)
from tests.fixtures.office import PEOPLE
from tests.fixtures.settling import DUE, ECONOMY, TODAY, Desk, person, person_id, unit, unit_id

OFFICE = PEOPLE[PostKind.ARCHIVIST][1]
Actors = Callable[[PostKind], Actor]
K = AssignmentKind
ELSEWHERE = {"recipient": {"id": None, "name": "Sở Xây dựng"}, "content": None}


def letter(desk: Desk) -> str:
    query = select(DocumentType.id).where(DocumentType.name == "Công văn", DocumentType.valid_to.is_(None))
    return str(desk.session.scalars(query).one())


def draft(desk: Desk, **changes: Any) -> dict[str, Any]:
    said = {"case_title": "Kinh phí chống ngập 2026", "draft_type_id": letter(desk), "draft_subject": "Trả lời Sở"}
    return {**said, **changes}


def answers(desk: Desk, document: Document) -> list[tuple[str, str, str]]:
    """What was prepared: (link, state, abstract)."""
    query = select(DocumentLink).where(DocumentLink.to_id == document.id).order_by(DocumentLink.id)
    linked = [(link.kind, desk.session.get_one(Document, link.from_id)) for link in desk.session.scalars(query)]
    return [(kind, each.state, each.subject) for kind, each in linked if each.kind == "outgoing"]


@pytest.mark.clause("212/8.2.1")
def test_filing_for_reference_settles_the_document_and_ends_everybodys_part(desk: Desk, people: Actors) -> None:
    document = desk.assigned(person(PostKind.SPECIALIST), person(PostKind.ARCHIVIST, K.COORDINATE))
    settling.file(people(PostKind.SPECIALIST), document.id, {"note": "Đã đọc, lưu"})
    assert (document.handling, document.outcome) == (HandlingState.SETTLED, HandlingOutcome.FILED)
    assert document.settled_at == clock.now()
    assert {each.state for each in desk.parts(document, ended=True)} == {AssignmentState.DONE}
    assert document.lead_person_id == person_id(PostKind.SPECIALIST), "the register goes on saying who settled it"
    query = select(Notice.person_id).where(Notice.document_id == document.id, Notice.kind == NoticeKind.SETTLED)
    assert list(desk.session.scalars(query)) == [person_id(PostKind.OFFICE_LEADER)]


@pytest.mark.clause("212/8.1", "212/16.2.a")
@pytest.mark.parametrize(
    "kind", [PostKind.ARCHIVIST, PostKind.OFFICE_LEADER, PostKind.CLERK, PostKind.HEAD_OF_DEPARTMENT]
)
def test_only_who_leads_settles(desk: Desk, people: Actors, kind: PostKind) -> None:
    document = desk.assigned(person(PostKind.SPECIALIST), person(PostKind.ARCHIVIST, K.COORDINATE))
    with pytest.raises(Forbidden):
        settling.file(people(kind), document.id, {})
    assert document.handling == HandlingState.ASSIGNED


@pytest.mark.clause("212/8.2.2", "212/S.3")
def test_a_transfer_prepares_the_slip_and_the_notice_to_the_sender_and_the_lead_keeps_it_until_they_have_gone(
    desk: Desk, people: Actors
) -> None:
    document, specialist = desk.assigned(), people(PostKind.SPECIALIST)
    settling.transfer(specialist, document.id, ELSEWHERE)
    assert (document.handling, document.outcome) == (HandlingState.ANSWERING, HandlingOutcome.TRANSFERRED)
    assert [(kind, state) for kind, state, _ in answers(desk, document)] == [
        (LinkKind.FORWARDS, OutgoingState.PREPARING),
        (LinkKind.ANSWERS, OutgoingState.PREPARING),
    ]
    assert [each.state for each in desk.parts(document)] == [AssignmentState.OPEN]
    assert document.due_on == DUE
    gone = {"number_notation": "15/PC-VP", "issued_on": TODAY}
    settling.complete(specialist, document.id, gone)
    assert (document.handling, document.outcome) == (HandlingState.SETTLED, HandlingOutcome.TRANSFERRED)
    assert {state for _, state, _ in answers(desk, document)} == {OutgoingState.ISSUED}
    assert desk.parts(document) == []


def test_a_reply_is_not_wished_for_yesterday_nor_an_answer_dated_tomorrow(desk: Desk, people: Actors) -> None:
    document, specialist = desk.assigned(), people(PostKind.SPECIALIST)
    with pytest.raises(Refused) as refused:
        settling.transfer(specialist, document.id, {**ELSEWHERE, "reply_by": date(2026, 12, 29)})
    assert [each.field for each in refused.value.obstacles] == ["reply_by"]
    settling.transfer(specialist, document.id, ELSEWHERE)
    with pytest.raises(Refused) as refused:
        settling.complete(specialist, document.id, {"number_notation": "1/PC", "issued_on": date(2026, 12, 31)})
    assert [each.field for each in refused.value.obstacles] == ["issued_on"]
    assert document.handling == HandlingState.ANSWERING


@pytest.mark.clause("212/8.2.3")
def test_a_return_to_the_sender_says_why(desk: Desk, people: Actors) -> None:
    document, specialist = desk.assigned(), people(PostKind.SPECIALIST)
    with pytest.raises(Refused):
        settling.return_to_sender(specialist, document.id, {"refusal_code": "other"})
    settling.return_to_sender(specialist, document.id, {"refusal_code": "incomplete", "reason": "Thiếu phụ lục 2"})
    assert (document.handling, document.outcome) == (HandlingState.ANSWERING, HandlingOutcome.RETURNED)
    assert [kind for kind, _, _ in answers(desk, document)] == [LinkKind.ANSWERS]


@pytest.mark.clause("212/8.2.4", "212/13.2")
def test_processing_opens_a_case_file_with_the_document_and_its_draft(desk: Desk, people: Actors) -> None:
    document = desk.assigned()
    settling.process(people(PostKind.SPECIALIST), document.id, draft(desk))
    assert (document.handling, document.outcome) == (HandlingState.ANSWERING, HandlingOutcome.PROCESSED)
    case_file = desk.session.scalars(select(CaseFile)).one()
    assert (case_file.title, case_file.responsible_id) == (
        "Kinh phí chống ngập 2026",
        person_id(PostKind.SPECIALIST),
    )
    items = list(desk.session.scalars(select(CaseFileItem).order_by(CaseFileItem.ordinal)))
    assert [(each.ordinal, each.document.kind) for each in items] == [(1, "incoming"), (2, "outgoing")]
    assert answers(desk, document) == [(LinkKind.ANSWERS, OutgoingState.PREPARING, "Trả lời Sở")]


@pytest.mark.clause("212/13.2")
def test_a_second_document_joins_the_case_file_and_the_ordinals_go_on(desk: Desk, people: Actors) -> None:
    specialist = people(PostKind.SPECIALIST)
    settling.process(specialist, desk.assigned().id, draft(desk))
    case_file = desk.session.scalars(select(CaseFile)).one()
    joining = draft(desk, case_title=None, case_file_id=str(case_file.id))
    settling.process(specialist, desk.assigned().id, joining)
    assert list(desk.session.scalars(select(CaseFileItem.ordinal).order_by(CaseFileItem.ordinal))) == [1, 2, 3, 4]
    document = desk.assigned()
    assert [value for value, _ in choices(desk.session, "open_case_files", actors=[specialist])] == [str(case_file.id)]
    for wrong in (draft(desk, case_title=None), draft(desk, case_file_id=str(case_file.id))):
        with pytest.raises(Refused) as refused:
            settling.process(specialist, document.id, wrong)
        assert [each.field for each in refused.value.obstacles] == ["case_title"]


def test_what_was_prepared_is_taken_back_to_settle_otherwise(desk: Desk, people: Actors) -> None:
    document, specialist = desk.assigned(), people(PostKind.SPECIALIST)
    settling.transfer(specialist, document.id, ELSEWHERE)
    settling.revise(specialist, document.id, {"reason": "Nhầm cơ quan"})
    assert (document.handling, document.outcome) == (HandlingState.ASSIGNED, "")
    assert {state for _, state, _ in answers(desk, document)} == {OutgoingState.ABANDONED}
    settling.file(specialist, document.id, {})
    assert document.outcome == HandlingOutcome.FILED


def in_files(desk: Desk) -> list[tuple[int, int, str]]:
    """What lies in case files now or lay there: (case file, ordinal, reason of its removal), in the order put in."""
    rows = desk.session.scalars(select(CaseFileItem).order_by(CaseFileItem.id)).all()
    assert all(bool(row.reason) == (row.removed_at is not None) for row in rows)
    return [(row.case_file_id, row.ordinal, row.reason) for row in rows]


@pytest.mark.clause("212/13.2")
@pytest.mark.parametrize("by", ["revise", "reopen"])
def test_a_draft_put_aside_leaves_its_case_file_with_what_came_in_with_it(desk: Desk, people: Actors, by: str) -> None:
    """With a reason; no ordinal is used again, and what was there before stays."""
    document, specialist = desk.assigned(), people(PostKind.SPECIALIST)

    def put_aside(reason: str) -> None:
        who = specialist if by == "revise" else people(PostKind.OFFICE_LEADER)
        getattr(settling, by)(who, document.id, {"reason": reason})

    settling.process(specialist, document.id, draft(desk))
    first = desk.session.scalars(select(CaseFile)).one()
    put_aside("Nhầm hồ sơ")
    assert in_files(desk) == [(first.id, 1, "Nhầm hồ sơ"), (first.id, 2, "Nhầm hồ sơ")]
    settling.process(specialist, document.id, draft(desk, case_title=None, case_file_id=str(first.id)))
    assert in_files(desk)[2:] == [(first.id, 3, ""), (first.id, 4, "")]
    put_aside("Làm lại")
    settling.process(specialist, document.id, draft(desk, case_title="Hồ sơ đúng"))
    held = [each for each in in_files(desk) if not each[2]]
    assert [(ordinal, file_id != first.id) for file_id, ordinal, _ in held] == [(1, True), (2, True)]


@pytest.mark.clause("212/13.2")
def test_what_was_answered_from_a_case_file_goes_on_in_that_one_alone(desk: Desk, people: Actors) -> None:
    document, specialist = desk.assigned(), people(PostKind.SPECIALIST)
    settling.process(specialist, document.id, draft(desk))
    first = desk.session.scalars(select(CaseFile)).one()
    settling.complete(specialist, document.id, {"number_notation": "215/VP-KT", "issued_on": TODAY})
    settling.reopen(people(PostKind.OFFICE_LEADER), document.id, {"reason": "Chưa trả lời ý 2"})
    assert [reason for _, _, reason in in_files(desk)] == ["", ""], "what has gone out stays"
    with pytest.raises(Refused) as refused:
        settling.process(specialist, document.id, draft(desk, case_title="Hồ sơ thứ hai"))
    assert [each.code for each in refused.value.obstacles] == ["in_a_file"]
    joining = draft(desk, case_title=None, case_file_id=str(first.id))
    settling.process(specialist, document.id, joining)
    settling.revise(specialist, document.id, {"reason": "Soạn lại"})
    assert in_files(desk) == [(first.id, 1, ""), (first.id, 2, ""), (first.id, 3, "Soạn lại")]


@pytest.mark.clause("212/16.1.i", "212/16.1.k")
def test_a_leader_reopens_with_a_reason_and_the_whole_chain_that_led_has_it_again(desk: Desk, people: Actors) -> None:
    document = desk.assigned(unit())
    own = desk.parts(document)[0]
    values = {"assignees": [person(PostKind.SPECIALIST)], "due_on": DUE}
    assignments.pass_on(people(PostKind.HEAD_OF_DEPARTMENT), own.id, values)
    settling.file(people(PostKind.SPECIALIST), document.id, {})
    with pytest.raises(Forbidden):
        settling.reopen(people(PostKind.SPECIALIST), document.id, {"reason": "x"})
    settling.reopen(people(PostKind.OFFICE_LEADER), document.id, {"reason": "Chưa trả lời ý 2"})
    assert (document.handling, document.outcome, document.settled_at) == (HandlingState.ASSIGNED, "", None)
    above, below = desk.parts(document)
    assert (above.passed_on, below.parent_id, below.state) == (True, above.id, AssignmentState.OPEN)
    assert document.lead_person_id == person_id(PostKind.SPECIALIST)
    settling.file(people(PostKind.SPECIALIST), document.id, {})
    assert document.handling == HandlingState.SETTLED


def test_reopening_after_the_deadline_gives_a_new_one(
    desk: Desk, people: Actors, clock_at: Callable[[Any], None]
) -> None:
    document = desk.assigned()
    settling.file(people(PostKind.SPECIALIST), document.id, {})
    desk.session.flush()
    clock_at(clock.now().replace(year=2027, month=3, day=1))
    with pytest.raises(Refused) as refused:
        settling.reopen(people(PostKind.OFFICE_LEADER), document.id, {"reason": "x", "due_on": DUE})
    assert [each.code for each in refused.value.obstacles] == ["past"]
    settling.reopen(people(PostKind.OFFICE_LEADER), document.id, {"reason": "Làm lại"})
    assert document.due_on == date(2027, 3, 10), "seven working days from the day it was reopened"


def test_what_is_settled_is_not_settled_twice_and_says_who_did(desk: Desk, people: Actors) -> None:
    document = desk.assigned()
    settling.file(people(PostKind.SPECIALIST), document.id, {})
    desk.session.flush()
    with pytest.raises((WrongState, Forbidden)):
        settling.file(people(PostKind.SPECIALIST), document.id, {})
    tags = list(desk.session.scalars(select(Event.tag).where(Event.document_id == document.id)))
    assert tags.count("handling.file") == 1


@pytest.mark.clause("212/13.2")
def test_one_joins_a_case_file_of_the_own_unit_or_in_the_own_charge_and_no_other(desk: Desk, people: Actors) -> None:
    specialist, archivist = people(PostKind.SPECIALIST), people(PostKind.ARCHIVIST)
    for title, unit_name, who in (
        ("Của phòng", ECONOMY, None),
        ("Của phòng khác", OFFICE, PostKind.ARCHIVIST),
        ("Tự tay mở ở phòng khác", OFFICE, PostKind.SPECIALIST),
    ):
        responsible = person_id(who) if who else None
        opened = {"title": title, "unit_id": unit_id(unit_name), "responsible_id": responsible}
        desk.session.add(CaseFile(state="open", code="01-HS", opened_at=clock.now(), **opened))
        desk.session.flush()
    offered = choices(desk.session, "open_case_files", actors=[specialist])
    assert [label for _, label in offered] == [
        f"01-HS Tự tay mở ở phòng khác ({OFFICE}, {PEOPLE[PostKind.SPECIALIST][0]})",
        f"01-HS Của phòng ({ECONOMY})",
    ]
    foreign = desk.session.scalars(select(CaseFile.id).where(CaseFile.title == "Của phòng khác")).one()
    assert str(foreign) in [value for value, _ in choices(desk.session, "open_case_files", actors=[archivist])]
    document = desk.assigned()
    with pytest.raises(Refused) as refused:
        settling.process(specialist, document.id, draft(desk, case_title=None, case_file_id=str(foreign)))
    assert [(each.field, each.code) for each in refused.value.obstacles] == [("case_file_id", "no_choice")]

"""The handling form tells who gave what to whom and who proposed what; slips know office, unit and signer."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.models import Assignment, DeadlineChange, Document, Opinion, Organisation, Person
from app.operations import incoming, parties
from app.operations.base import act
from app.operations.unit_of_work import unit_of_work
from app.queries.handling_form import form_of, slip_facts
from app.queries.office import own_office
from app.reports.handling_form import Distribution, Statement
from app.rules.handling import ROUTE
from app.vocabulary import (
    AssignmentKind,
    AssignmentState,
    DeadlineChangeKind,
    DeadlineChangeState,
    OrganisationKind,
    PostKind,
)
from tests.fixtures.clock import NOW
from tests.fixtures.office import PEOPLE, SYSTEM, registration

Actors = Callable[[PostKind], Actor]


@pytest.fixture
def document(session: Any, actor_for_kind: Actors) -> Document:
    made: Document = incoming.register(actor_for_kind(PostKind.CLERK), registration())
    return made


class Desk:
    """Writes what is on record of one document, as the operations would."""

    def __init__(self, session: Any, document: Document):
        self.session, self.document = session, document

    def person(self, kind: PostKind) -> Person:
        return self.session.scalars(select(Person).where(Person.full_name == PEOPLE[kind][0])).one()

    def unit(self, name: str) -> Organisation:
        return self.session.scalars(select(Organisation).where(Organisation.name == name, Organisation.ours)).one()

    def give(
        self,
        kind: AssignmentKind,
        unit: str,
        by: PostKind,
        at: datetime = NOW,
        *,
        to: PostKind | None = None,
        below: Assignment | None = None,
        due: date | None = date(2027, 1, 8),
        **more: Any,
    ) -> Assignment:
        with unit_of_work() as uow:
            row = Assignment(
                document_id=self.document.id,
                parent_id=below.id if below else None,
                kind=kind,
                state=more.pop("state", AssignmentState.OPEN),
                unit_id=self.unit(unit).id,
                person_id=self.person(to).id if to else None,
                assigned_by_id=self.person(by).id,
                assigned_at=at,
                due_on=due,
                **more,
            )
            uow.session.add(row)
        return row

    def say(self, by: PostKind, text: str, on: Assignment | None, at: datetime = NOW, post: str = "") -> None:
        with unit_of_work() as uow:
            uow.session.add(
                Opinion(
                    document_id=self.document.id,
                    assignment_id=on.id if on else None,
                    person_id=self.person(by).id,
                    post=post,
                    text=text,
                    at=at,
                )
            )


@pytest.fixture
def desk(session: Any, document: Document) -> Desk:
    return Desk(session, document)


LEADER, HEAD, SPECIALIST = PostKind.OFFICE_LEADER, PostKind.HEAD_OF_DEPARTMENT, PostKind.SPECIALIST


@pytest.mark.clause("212/7.2")
def test_the_first_level_tells_who_leads_co_ordinates_and_is_to_know_by_when(
    session: Any, document: Document, desk: Desk
) -> None:
    desk.give(AssignmentKind.LEAD, "Phòng Kinh tế", LEADER, directions="Kiểm tra nguồn vốn.")
    desk.give(
        AssignmentKind.COORDINATE, "Trung tâm Tin học", LEADER, due=date(2027, 1, 5), directions="Kiểm tra nguồn vốn."
    )
    desk.give(
        AssignmentKind.INFORM, "Bộ phận Văn thư", LEADER, to=PostKind.CLERK, due=None, directions="Kiểm tra nguồn vốn."
    )
    (given,) = form_of(session, document).leaders
    assert isinstance(given, Distribution)
    assert (given.by, given.on, given.directions) == (
        "Phan Gia Lộc, Phó Chánh Văn phòng",
        date(2026, 12, 30),
        "Kiểm tra nguồn vốn.",
    )
    assert [(each.name, each.due_on) for each in given.lead] == [("Phòng Kinh tế", date(2027, 1, 8))]
    assert [(each.name, each.due_on) for each in given.coordinate] == [("Trung tâm Tin học", date(2027, 1, 5))]
    assert [(each.name, each.due_on) for each in given.inform] == [("Lê Thị Hạnh (Bộ phận Văn thư)", None)]


def test_what_was_given_at_another_time_or_with_other_directions_is_told_apart(
    session: Any, document: Document, desk: Desk
) -> None:
    desk.give(
        AssignmentKind.LEAD,
        "Phòng Kinh tế",
        LEADER,
        directions="Tham mưu.",
        state=AssignmentState.WITHDRAWN,
        finished_at=NOW + timedelta(days=2),
    )
    desk.give(AssignmentKind.COORDINATE, "Trung tâm Tin học", LEADER, directions="Góp ý.")
    desk.give(AssignmentKind.LEAD, "Phòng Hành chính - Tổ chức", LEADER, NOW + timedelta(days=2))
    first, second = form_of(session, document).leaders
    assert isinstance(first, Distribution)
    assert isinstance(second, Distribution)
    assert (first.directions, first.lead[0].directions, first.coordinate[0].directions) == ("", "Tham mưu.", "Góp ý.")
    assert first.lead[0].remark == "đã thu hồi ngày 01/01/2027"
    assert (second.on, second.lead[0].name) == (date(2027, 1, 1), "Phòng Hành chính - Tổ chức")


@pytest.mark.clause("212/7.2", "212/8.1")
def test_the_second_level_is_the_head_of_the_unit_and_the_third_who_settles_it(
    session: Any, document: Document, desk: Desk
) -> None:
    top = desk.give(AssignmentKind.LEAD, "Phòng Kinh tế", LEADER, passed_on=True)
    below = desk.give(AssignmentKind.LEAD, "Phòng Kinh tế", HEAD, NOW + timedelta(hours=1), to=SPECIALIST, below=top)
    helping = desk.give(
        AssignmentKind.COORDINATE, "Trung tâm Tin học", LEADER, NOW, to=PostKind.IT_CENTRE, due=date(2027, 1, 4)
    )
    desk.say(PostKind.IT_CENTRE, "Thống nhất.", helping)
    desk.say(SPECIALIST, "Đề xuất chấp thuận.", below, NOW + timedelta(days=1), "Chuyên viên chính")
    desk.say(HEAD, "Đồng ý trình.", top, NOW + timedelta(days=1))
    desk.say(LEADER, "Làm ngay.", None, NOW + timedelta(days=1))
    form = form_of(session, document)
    passed, agreed = form.heads
    assert isinstance(passed, Distribution)
    assert (passed.by, passed.lead[0].name) == ("Võ Thị Mai, Trưởng phòng Kinh tế", "Trần Minh Khôi")
    assert agreed == Statement("Võ Thị Mai, Trưởng phòng Kinh tế", date(2026, 12, 31), "Đồng ý trình.")
    assert [(each.text, each.part, each.by) for each in form.proposals] == [
        ("Đề xuất chấp thuận.", "", "Trần Minh Khôi, Chuyên viên chính"),
        ("Thống nhất.", "phối hợp", "Đặng Quốc Huy, Quản trị viên"),
    ]
    assert isinstance(form.leaders[-1], Statement)
    assert form.leaders[-1].text == "Làm ngay."


def test_a_deadline_that_was_changed_shows_how_it_was_given(session: Any, document: Document, desk: Desk) -> None:
    row = desk.give(AssignmentKind.LEAD, "Phòng Kinh tế", LEADER, due=date(2027, 1, 20))
    with unit_of_work() as uow:
        for state, before in (
            (DeadlineChangeState.GRANTED, date(2027, 1, 8)),
            (DeadlineChangeState.REFUSED, date(2027, 1, 3)),
            (DeadlineChangeState.GRANTED, date(2027, 1, 12)),
        ):
            uow.session.add(
                DeadlineChange(
                    assignment_id=row.id,
                    kind=DeadlineChangeKind.EXTENSION,
                    state=state,
                    reason="chờ ý kiến",
                    asked_at=NOW,
                    due_before=before,
                )
            )
    (given,) = form_of(session, document).leaders
    assert isinstance(given, Distribution)
    assert (given.lead[0].first_due, given.lead[0].due_on) == (date(2027, 1, 8), date(2027, 1, 20))


@pytest.mark.clause("212/7.2", "212/16.2.b")
def test_who_entered_it_for_the_leader_is_named(session: Any, document: Document, actor_for_kind: Actors) -> None:
    leader = session.scalars(select(Person).where(Person.full_name == PEOPLE[LEADER][0])).one()
    unit = session.scalars(select(Organisation).where(Organisation.name == "Phòng Kinh tế")).one()
    act(
        actor_for_kind(PostKind.CLERK),
        ROUTE,
        document.id,
        {
            "requested_by_id": str(leader.id),
            "request_note": "qua điện thoại lúc 07:40",
            "assignees": [{"unit_id": unit.id, "kind": "lead", "due_on": None}],
        },
        expected_version=document.version,
    )
    (given,) = form_of(session, document).leaders
    assert isinstance(given, Distribution)
    assert given.by == "Phan Gia Lộc, Phó Chánh Văn phòng"
    assert given.entered_by == "Lê Thị Hạnh, Văn thư"


def test_a_document_that_nobody_was_given_has_a_form_to_be_written_on(session: Any, document: Document) -> None:
    form = form_of(session, document)
    assert (form.leaders, form.heads, form.proposals) == ((), (), ())
    assert form.dated == clock.today()
    assert (form.arrival_number, form.arrival_date) == (f"{document.arrival_number:02d}", document.arrival_date)
    assert (form.type_name, form.issuer, form.subject) == ("Công văn", "Sở Tài chính", document.subject)


# ── slips ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_slips_know_office_unit_and_document(session: Any, document: Document, actor_for_kind: Actors) -> None:
    facts = slip_facts(session, document, actor_for_kind(SPECIALIST))
    assert facts.office == "Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh"
    assert (facts.agency, facts.superior) == ("VĂN PHÒNG", "ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH")
    assert (facts.abbreviation, facts.unit, facts.unit_code) == ("VP", "Phòng Kinh tế", "")
    assert set(facts.types) == {"phieu_chuyen", "phieu_bao", "cong_van"}
    assert (facts.issuer_is_person, facts.on) == (False, clock.today())


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (datetime(2020, 3, 4, 9, tzinfo=clock.VIETNAM), {"phieu_chuyen", "cong_van"}),
        (datetime(2020, 3, 5, 9, tzinfo=clock.VIETNAM), {"phieu_chuyen", "phieu_bao", "cong_van"}),
    ],
)
def test_the_types_are_those_of_the_day(
    session: Any,
    document: Document,
    actor_for_kind: Actors,
    clock_at: Callable[[datetime], None],
    day: datetime,
    codes: set[str],
) -> None:
    clock_at(day)
    assert set(slip_facts(session, document, actor_for_kind(SPECIALIST)).types) == codes


def test_who_assigned_it_is_to_sign_else_the_head_of_the_office(
    session: Any, document: Document, desk: Desk, actor_for_kind: Actors
) -> None:
    actor = actor_for_kind(SPECIALIST)
    assert slip_facts(session, document, actor).signatory.power == "KT. CHÁNH VĂN PHÒNG"  # only a deputy holds a post
    head = parties.add_person(SYSTEM, "Trịnh Quốc Thái")
    unit = session.scalars(select(Organisation).where(Organisation.name == "Phòng Kinh tế")).one()
    parties.appoint(SYSTEM, head.id, unit.id, LEADER, "Chánh Văn phòng", valid_from=date(2019, 7, 11))
    signs = slip_facts(session, document, actor).signatory
    assert (signs.name, signs.power, signs.position) == ("Trịnh Quốc Thái", "", "CHÁNH VĂN PHÒNG")
    desk.give(AssignmentKind.LEAD, "Phòng Kinh tế", LEADER)
    signs = slip_facts(session, document, actor).signatory
    assert (signs.name, signs.power) == ("Phan Gia Lộc", "KT. CHÁNH VĂN PHÒNG")


def test_a_citizen_is_known_as_one(session: Any, actor_for_kind: Actors) -> None:
    citizen = parties.add_organisation(SYSTEM, "Nguyễn Văn An", kind=OrganisationKind.PERSON)
    made = incoming.register(
        actor_for_kind(PostKind.CLERK), registration(issuer={"id": citizen.id, "name": "Nguyễn Văn An"})
    )
    assert slip_facts(session, made, actor_for_kind(SPECIALIST)).issuer_is_person


def test_the_office_is_found_by_its_name_or_above_the_unit(session: Any) -> None:
    unit = session.scalars(select(Organisation).where(Organisation.name == "Phòng Kinh tế")).one()
    office = own_office(session, None)
    assert office is not None
    assert office.ours
    assert own_office(session, unit.id) is office

"""Reminders of deadlines and the daily summary: once for each deadline, once a day, also after days off."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select, update

from app import clock
from app.clock import VIETNAM
from app.extensions import db
from app.models import Assignment, Document, Notice, Outbox, Person
from app.operations import bulk, handling, jobs
from app.operations.notices import choose, read_all, tell
from app.operations.outbox import deliver
from app.operations.reminders import digest, remind
from app.operations.unit_of_work import unit_of_work
from app.queries import notices as queries
from app.rules.jobs import JOBS, Outcome, next_turn
from app.rules.notices import KINDS, Way
from app.vocabulary import AssignmentKind, AssignmentState, NoticeKind, PostKind
from tests.fixtures.clock import NOW
from tests.fixtures.mail import MailServer
from tests.fixtures.office import PEOPLE, SYSTEM, actor_of
from tests.fixtures.settling import DUE, TODAY, Desk, person, person_id, unit

HEAD, LEADER, SPECIALIST = PostKind.HEAD_OF_DEPARTMENT, PostKind.OFFICE_LEADER, PostKind.SPECIALIST
SOON = datetime(2027, 1, 8, 6, 30, tzinfo=VIETNAM)
"""A Friday, one working day before DUE (Monday 11/01/2027)."""
LATE = datetime(2027, 1, 12, 6, 30, tzinfo=VIETNAM)


@pytest.fixture
def addresses(session: Any) -> None:
    """Everybody of the small office has an address."""
    for kind, (name, _unit, _title) in PEOPLE.items():
        session.scalars(select(Person).where(Person.full_name == name)).one().email = f"{kind.value}@vidu.gov.vn"
    session.commit()


def reminders() -> set[tuple[int, str, str]]:
    """Who was reminded of what: (person, kind, variant)."""
    db.session.expire_all()
    found = db.session.scalars(select(Notice).where(Notice.kind.in_(["due_soon", "overdue"])))
    return {(row.person_id, row.kind, row.params.get("variant", "")) for row in found}


def summaries() -> list[Outbox]:
    """Daily summaries left in the outbox."""
    db.session.expire_all()
    found = db.session.scalars(select(Outbox).where(Outbox.kind == "mail").order_by(Outbox.id))
    return [each for each in found if each.payload["letter"]["subject"].startswith(("Tổng hợp", "Summary"))]


def letter_to(kind: PostKind) -> dict[str, Any]:
    """The last summary of somebody."""
    return [each for each in summaries() if each.payload["person_id"] == person_id(kind)][-1].payload["letter"]


def change(each: Assignment, **values: Any) -> None:
    """Set columns of an assignment, as an act would."""
    with unit_of_work() as uow:
        bulk.update(uow, Assignment, [{"id": each.id, **values}])


# ── reminders ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.1.h", "212/16.1.l")
def test_work_is_told_once_when_due_soon_and_once_when_overdue_then_to_who_assigned_it_too(
    desk: Desk, clock_at: Callable[[datetime], None]
) -> None:
    desk.assigned()
    assert remind(SYSTEM) == {"told": 0}
    clock_at(SOON)
    assert remind(SYSTEM) == {"told": 1}
    assert reminders() == {(person_id(SPECIALIST), "due_soon", "")}
    assert remind(SYSTEM) == {"told": 0}
    clock_at(LATE)
    assert remind(SYSTEM) == {"told": 2}
    assert reminders() == {
        (person_id(SPECIALIST), "due_soon", ""),
        (person_id(SPECIALIST), "overdue", ""),
        (person_id(LEADER), "overdue", "assigned"),
    }
    clock_at(LATE + timedelta(days=3))
    assert remind(SYSTEM) == {"told": 0}


def test_days_on_which_the_machine_was_off_are_made_up_for_by_one_run(
    desk: Desk, clock_at: Callable[[datetime], None]
) -> None:
    desk.assigned()
    clock_at(LATE + timedelta(days=20))
    assert remind(SYSTEM) == {"told": 2}
    assert {kind for _person, kind, _variant in reminders()} == {"overdue"}


def test_a_deadline_that_was_put_off_is_told_anew(desk: Desk, clock_at: Callable[[datetime], None]) -> None:
    document = desk.assigned()
    (part,) = desk.parts(document)
    clock_at(SOON)
    remind(SYSTEM)
    change(part, due_on=DUE + timedelta(days=1))
    assert remind(SYSTEM) == {"told": 1}
    assert remind(SYSTEM) == {"told": 0}


def test_the_heads_of_a_unit_are_told_of_its_work(desk: Desk, clock_at: Callable[[datetime], None]) -> None:
    desk.assigned(unit())
    clock_at(SOON)
    remind(SYSTEM)
    assert reminders() == {(person_id(HEAD), "due_soon", "")}
    (row,) = db.session.scalars(select(Notice).where(Notice.kind == "due_soon"))
    assert row.params["unit"] == "Phòng Kinh tế"


@pytest.mark.parametrize(
    "values",
    [
        {"passed_on": True},
        {"kind": AssignmentKind.INFORM},
        {"state": AssignmentState.SUSPENDED},
        {"state": AssignmentState.DONE, "finished_at": NOW},
    ],
    ids=["passed on", "only to know", "suspended", "done"],
)
def test_what_waits_for_nobody_is_not_told(
    desk: Desk, clock_at: Callable[[datetime], None], values: dict[str, Any]
) -> None:
    (part,) = desk.parts(desk.assigned())
    change(part, **values)
    clock_at(LATE)
    assert remind(SYSTEM) == {"told": 0}


def test_many_reminders_are_written_in_portions(
    desk: Desk, clock_at: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        desk.assigned()
    monkeypatch.setattr("app.operations.reminders.PORTION", 2)
    clock_at(SOON)
    stops = iter([False, True])
    assert remind(SYSTEM, lambda: next(stops)) == {"told": 2}
    assert remind(SYSTEM) == {"told": 3}


# ── the daily summary ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.1.l")
@pytest.mark.usefixtures("addresses", "mail_server")
def test_everybody_with_something_to_do_gets_one_summary_a_day(
    desk: Desk, clock_at: Callable[[datetime], None]
) -> None:
    late = desk.assigned(person(SPECIALIST, due_on=SOON.date() - timedelta(days=1)))
    desk.assigned(person(SPECIALIST))
    desk.assigned(unit())
    clock_at(SOON)
    assert digest(SYSTEM) == {"mails": 2}
    said = letter_to(SPECIALIST)
    assert said["paragraphs"][0]["path"] == f"/incoming/{late.id}?assignment={desk.parts(late)[0].id}"
    assert len(said["paragraphs"]) == 2
    assert len(letter_to(HEAD)["paragraphs"]) == 1
    assert digest(SYSTEM) == {"mails": 0}
    clock_at(datetime(2027, 1, 11, 7, 0, tzinfo=VIETNAM))
    assert digest(SYSTEM) == {"mails": 2}


@pytest.mark.usefixtures("addresses", "mail_server")
def test_unread_notices_chosen_for_the_summary_are_told_in_it_once(desk: Desk) -> None:
    document = desk.registered()
    with unit_of_work() as uow:
        tell(uow, actor_of(LEADER), NoticeKind.SETTLED, [person_id(SPECIALIST), person_id(HEAD)], document=document)
    read_all(actor_of(HEAD))
    assert digest(SYSTEM) == {"mails": 1}
    (paragraph,) = letter_to(SPECIALIST)["paragraphs"]
    assert paragraph["path"] == f"/incoming/{document.id}"
    assert set(db.session.scalars(select(Notice.digested_at))) == {NOW}
    with clock.set_to(datetime(2026, 12, 31, 7, 0, tzinfo=VIETNAM)):
        assert digest(SYSTEM) == {"mails": 0}


@pytest.mark.usefixtures("addresses", "mail_server")
def test_days_off_have_no_summary_and_the_next_working_day_tells_all(
    desk: Desk, clock_at: Callable[[datetime], None]
) -> None:
    document = desk.registered()
    for kind in (NoticeKind.SETTLED, NoticeKind.REOPENED):
        with unit_of_work() as uow:
            tell(uow, actor_of(LEADER), kind, [person_id(SPECIALIST)], document=document)
    clock_at(datetime(2027, 1, 1, 7, 0, tzinfo=VIETNAM))  # New Year's Day
    assert digest(SYSTEM) == {"mails": 0}
    clock_at(datetime(2027, 1, 2, 7, 0, tzinfo=VIETNAM))  # a Saturday
    assert digest(SYSTEM) == {"mails": 0}
    clock_at(datetime(2027, 1, 4, 11, 0, tzinfo=VIETNAM))
    assert digest(SYSTEM) == {"mails": 1}
    assert len(letter_to(SPECIALIST)["paragraphs"]) == 2


@pytest.mark.usefixtures("addresses", "mail_server")
def test_who_wants_no_summary_or_cannot_be_told_gets_none(desk: Desk, clock_at: Callable[[datetime], None]) -> None:
    desk.assigned(person(SPECIALIST), person(HEAD, AssignmentKind.COORDINATE, DUE))
    clock_at(SOON)
    choose(actor_of(SPECIALIST), {kind: [Way.BELL] for kind in KINDS})
    assert digest(SYSTEM) == {"mails": 1}
    assert [each.payload["person_id"] for each in summaries()] == [person_id(HEAD)]


def test_without_a_mail_server_nothing_is_mailed_and_nothing_is_lost(addresses: None, desk: Desk) -> None:
    document: Document = desk.registered()
    with unit_of_work() as uow:
        tell(uow, actor_of(LEADER), NoticeKind.SETTLED, [person_id(SPECIALIST)], document=document)
    assert digest(SYSTEM) == {"mails": 0}
    assert db.session.scalars(select(Notice.digested_at)).all() == [None]


@pytest.mark.usefixtures("addresses")
def test_the_summary_waits_for_the_end_of_quiet_hours(
    desk: Desk, mail_server: MailServer, clock_at: Callable[[datetime], None]
) -> None:
    desk.assigned()
    choose(actor_of(SPECIALIST), {}, "20:00", "08:00")
    clock_at(SOON.replace(hour=7))
    assert digest(SYSTEM) == {"mails": 1}
    assert summaries()[0].available_at == SOON.replace(hour=8, minute=0)
    clock_at(SOON.replace(hour=8))
    deliver(SYSTEM)
    assert [got["To"] for got in mail_server.got if "08/01/2027" in got["Subject"]] == ["specialist@vidu.gov.vn"]


@pytest.mark.usefixtures("addresses")
def test_a_summary_leaves_out_what_was_withheld_while_it_waited(
    desk: Desk, mail_server: MailServer, clock_at: Callable[[datetime], None]
) -> None:
    first, second = desk.registered(subject="Nội dung bị rút"), desk.registered(subject="Việc còn lại")
    for each in (first, second):
        handling.assign(
            actor_of(LEADER), desk.presented(each).id, {"assignees": [person(SPECIALIST)], "due_on": SOON.date()}
        )
    other = desk.assigned(unit())
    choose(actor_of(SPECIALIST), {}, "20:00", "08:00")
    choose(actor_of(HEAD), {}, "20:00", "08:00")
    clock_at(SOON.replace(hour=7))
    assert digest(SYSTEM) == {"mails": 2}
    with unit_of_work():
        first.withheld = other.withheld = True
    clock_at(SOON.replace(hour=8))
    deliver(SYSTEM)
    sent = [got for got in mail_server.got if "08/01/2027" in got["Subject"]]
    assert [got["To"] for got in sent] == ["specialist@vidu.gov.vn"]
    said = sent[0].get_body(("plain",)).get_content()
    assert "Việc còn lại" in said
    assert "Nội dung bị rút" not in said
    assert said.count("/incoming/") == 1
    heading = letter_to(SPECIALIST)["paragraphs"][0]["heading"]
    assert heading
    assert heading.upper() in said


def test_a_summary_reads_no_more_of_anybodys_work_than_it_tells(desk: Desk) -> None:
    days = [TODAY + timedelta(days=each) for each in (-4, -3, -2, 0, 1, 2)]
    made: dict[int | None, list[int]] = {}
    for day in reversed(days):
        document = desk.assigned(person(SPECIALIST), unit(AssignmentKind.COORDINATE))
        for part in desk.parts(document):
            part.due_on = day
            made.setdefault(part.person_id, []).insert(0, part.id)
    desk.session.flush()
    found = queries.pressing_work(desk.session, TODAY, TODAY + timedelta(days=9), 2)
    for holder, ids in made.items():
        assert [each.assignment_id for each in found if each.person_id == holder] == [*ids[:2], *ids[3:5]]
    desk.session.expunge_all()
    queries.pressing_work(desk.session, TODAY, TODAY + timedelta(days=9), 2)
    assert not list(desk.session)  # columns, no records


def test_an_old_notice_is_not_told_in_a_summary_any_more(
    addresses: None, mail_server: MailServer, desk: Desk, clock_at: Callable[[datetime], None]
) -> None:
    document = desk.registered()
    with unit_of_work() as uow:
        tell(uow, actor_of(LEADER), NoticeKind.SETTLED, [person_id(SPECIALIST)], document=document)
    clock_at(NOW + timedelta(days=15))
    assert digest(SYSTEM) == {"mails": 0}
    assert db.session.scalars(select(Notice.digested_at)).one() is not None


@pytest.mark.parametrize(("name", "hours"), [("remind", (6, 30)), ("digest", (7, 0))])
def test_they_run_in_the_morning_of_vietnam_and_are_put_on_record(
    session: Any, name: str, hours: tuple[int, int]
) -> None:
    turn = next_turn(JOBS[name], datetime(2026, 12, 30, 12, 0, tzinfo=VIETNAM))
    assert turn == datetime(2026, 12, 31, *hours, tzinfo=VIETNAM)
    result = jobs.run(name)
    assert result is not None
    assert result.outcome == Outcome.DONE


def test_a_disabled_account_is_not_reminded(desk: Desk, clock_at: Callable[[datetime], None]) -> None:
    desk.assigned()
    db.session.execute(update(User).where(User.username == SPECIALIST.value).values(active=False))
    clock_at(SOON)
    assert remind(SYSTEM) == {"told": 0}

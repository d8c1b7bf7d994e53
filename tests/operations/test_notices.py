"""Who is told of an act, and how; and that mail goes out once, outside quiet hours, for what was committed alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from app import clock
from app.errors import Forbidden, NotFound, Refused, Stale
from app.extensions import db
from app.models import Document, Notice, NoticeChoice, Outbox, Person
from app.operations import accounts, parties
from app.operations.mailing import send
from app.operations.notices import choose, read, read_all, tell, tell_each
from app.operations.outbox import LEASE, OUTBOX_HANDLERS, Delivery, deliver
from app.operations.unit_of_work import unit_of_work
from app.queries.notices import of_person, told, unread
from app.rules.notices import Way
from app.vocabulary import NoticeKind, PostKind
from tests.fixtures.clock import NOW
from tests.fixtures.mail import MailServer
from tests.fixtures.office import PEOPLE, SYSTEM, actor_of

HEAD, LEADER, CLERK = PostKind.HEAD_OF_DEPARTMENT, PostKind.OFFICE_LEADER, PostKind.CLERK
SUBJECT = "Về việc bổ sung kinh phí chống ngập"


@pytest.fixture
def document(session: Any, registered: Callable[..., int]) -> Document:
    """A registered document."""
    return session.get_one(Document, registered())


@pytest.fixture
def addresses(session: Any) -> None:
    """Everybody of the small office has an address."""
    for kind, (name, _unit, _title) in PEOPLE.items():
        person = session.scalars(select(Person).where(Person.full_name == name)).one()
        parties.change_person(SYSTEM, person.id, name, email=f"{kind.value}@vidu.gov.vn")


def person(kind: PostKind) -> int:
    """The person of the small office with this kind of post."""
    found = actor_of(kind).person_id
    assert found is not None
    return found


def act(document: Document, *people: int | None, kind: NoticeKind = NoticeKind.ASSIGNED, **params: Any) -> None:
    """The leader acts, and people are told."""
    with unit_of_work() as uow:
        tell(uow, actor_of(LEADER), kind, people, document=document, **params)


def rows() -> list[Notice]:
    """All notices, the oldest first."""
    return list(db.session.scalars(select(Notice).order_by(Notice.id)))


def mails() -> list[Outbox]:
    """All mails that were left in the outbox."""
    db.session.expire_all()
    return list(db.session.scalars(select(Outbox).where(Outbox.kind == "mail").order_by(Outbox.id)))


# ── who is told ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.1.l")
def test_everybody_concerned_is_told_once_but_not_the_person_who_acts(document: Document) -> None:
    head, clerk = person(HEAD), person(CLERK)
    act(document, head, clerk, head, person(LEADER), None, variant="lead", due=date(2027, 1, 11))
    assert {row.person_id for row in rows()} == {head, clerk}
    assert [(row.kind, row.actor_name, row.at) for row in rows()] == [("assigned", "Phan Gia Lộc", NOW)] * 2
    assert all(row.params == {"variant": "lead", "due": "2027-01-11"} for row in rows())
    assert all(row.bell and not row.digest and row.document_id == document.id for row in rows())


def test_nobody_is_told_twice_of_one_document_in_one_act(document: Document) -> None:
    with unit_of_work() as uow:
        tell(uow, actor_of(LEADER), NoticeKind.ASSIGNED, [person(HEAD)], document=document)
        tell(uow, actor_of(LEADER), NoticeKind.WITHDRAWN, [person(HEAD), person(CLERK)], document=document)
    assert {(row.person_id, row.kind) for row in rows()} == {(person(HEAD), "assigned"), (person(CLERK), "withdrawn")}
    act(document, person(HEAD), kind=NoticeKind.CHASED)
    assert len(rows()) == 3


def test_nobody_without_post_or_account_is_told(document: Document) -> None:
    with_account = parties.add_person(SYSTEM, "Ngô Thị Út")
    accounts.open_account(SYSTEM, with_account.id, "ut.nt", "Kiem-Thu@2026", origin="own")
    without_account = parties.add_person(SYSTEM, "Cao Minh Đạt")
    unit = actor_of(HEAD).posts[0].unit_id
    parties.appoint(SYSTEM, without_account.id, unit, PostKind.SPECIALIST, "Chuyên viên", valid_from=date(2020, 1, 1))
    disabled = actor_of(CLERK)
    accounts.disable(SYSTEM, disabled.user_id)
    act(document, with_account.id, without_account.id, disabled.person_id)
    assert rows() == []


def test_many_people_cost_no_more_statements_than_one(document: Document) -> None:
    seen: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    def cost(*people: int) -> int:
        actor = actor_of(LEADER)
        seen.clear()
        with unit_of_work() as uow:
            tell_each(uow, actor, NoticeKind.ASSIGNED, document, [([each], None, {}) for each in people])
        return len([each for each in seen if not each.startswith(("SAVEPOINT", "RELEASE"))])

    everybody = [person(kind) for kind in PEOPLE]
    one = person(HEAD)
    connection = db.session.connection().engine
    event.listen(connection, "before_cursor_execute", note)
    try:
        assert cost(*everybody) == cost(one) == 2
    finally:
        event.remove(connection, "before_cursor_execute", note)


def test_what_is_withheld_is_not_named(document: Document, addresses: None, mail_server: MailServer) -> None:
    document.withheld = True
    act(document, person(HEAD))
    assert SUBJECT not in str(mails()[0].payload)
    (row,) = of_person(db.session(), actor_of(HEAD)).rows
    assert row.document.withheld


def test_of_what_is_withheld_the_bell_tells_no_word_that_people_wrote(document: Document) -> None:
    with unit_of_work() as uow:
        said = {"directions": "Chuyển tiền cho dự án mật", "reason": "Lộ bí mật", "note": "Xem tệp 2"}
        due = date(2027, 1, 11)
        tell(uow, actor_of(LEADER), NoticeKind.ASSIGNED, [person(HEAD)], document=document, due=due, **said)
    document.withheld = True
    (row,) = of_person(db.session(), actor_of(HEAD)).rows
    assert set(told(row).params) == {"due"}
    document.withheld = False
    assert set(told(row).params) == {"due", *said}


# ── choices ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_person_is_told_as_chosen(document: Document, addresses: None, mail_server: MailServer) -> None:
    choose(actor_of(HEAD), {NoticeKind.ASSIGNED: [Way.MAIL]})
    choose(actor_of(CLERK), {NoticeKind.ASSIGNED: [Way.BELL, Way.DIGEST]})
    choose(actor_of(PostKind.SPECIALIST), {NoticeKind.ASSIGNED: []})
    act(document, *(person(kind) for kind in (HEAD, CLERK, PostKind.SPECIALIST, PostKind.MANAGER)))
    assert {row.person_id: (row.bell, row.digest) for row in rows()} == {
        person(HEAD): (False, False),
        person(CLERK): (True, True),
        person(PostKind.MANAGER): (True, False),
    }
    assert {mail.payload["person_id"] for mail in mails()} == {person(HEAD), person(PostKind.MANAGER)}


def test_choices_are_kept_and_changed(session: Any) -> None:
    head = actor_of(HEAD)
    row = choose(head, {NoticeKind.SETTLED: []}, "18:00", "06:30", seen=0)
    assert (row.ways, row.quiet_from, row.quiet_to) == ({"settled": []}, "18:00", "06:30")
    choose(head, {NoticeKind.SETTLED: [Way.BELL]}, seen=row.version)
    assert session.get_one(NoticeChoice, head.person_id).ways == {"settled": ["bell"]}
    with pytest.raises(Stale):
        choose(head, {}, seen=0)


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        (("25:00", "06:00"), "quiet_from"),
        (("18:00", "sáng"), "quiet_to"),
        (("18:00", ""), "quiet_to"),
        (("", "6:00"), "quiet_from"),
    ],
)
def test_quiet_hours_that_are_none_are_refused_beside_their_field(
    session: Any, hours: tuple[str, str], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        choose(actor_of(HEAD), {}, *hours)
    assert [each.field for each in refusal.value.obstacles] == [field]


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_reads_the_own_notices_and_nobody_elses(document: Document) -> None:
    act(document, person(HEAD))
    (row,) = rows()
    assert unread(db.session(), actor_of(HEAD)).count == 1
    with pytest.raises(NotFound):
        read(actor_of(CLERK), row.id)
    first = read(actor_of(HEAD), row.id).read_at
    assert first == NOW
    with clock.set_to(NOW + timedelta(hours=1)):
        assert read(actor_of(HEAD), row.id).read_at == first
    assert unread(db.session(), actor_of(HEAD)).count == 0
    with pytest.raises(Forbidden):
        read(replace(actor_of(HEAD), permissions=frozenset()), row.id)


def test_what_came_after_the_list_was_seen_stays_unread(document: Document) -> None:
    for kind in (NoticeKind.ASSIGNED, NoticeKind.CHASED, NoticeKind.DEADLINE):
        act(document, person(HEAD), kind=kind)
    head = actor_of(HEAD)
    assert read_all(head, rows()[1].id) == 2
    assert unread(db.session(), head).newest == rows()[2].id
    assert read_all(head) == 1
    assert read_all(head) == 0


# ── mail ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/16.1.l")
def test_mail_reaches_the_server_once_and_leads_to_the_document(
    document: Document, addresses: None, mail_server: MailServer
) -> None:
    act(document, person(HEAD), variant="lead", due=date(2027, 1, 11))
    assert deliver(SYSTEM) == {"delivered": 1, "failed": 0}
    assert deliver(SYSTEM) == {"delivered": 0, "failed": 0}
    (got,) = mail_server.got
    (mail,) = mails()
    assert got["To"] == "head_of_department@vidu.gov.vn"
    assert got["Message-ID"] == f"<notice-{mail.id}@vidu.gov.vn>"
    body = got.get_body(("plain",))
    assert body is not None
    assert f"/incoming/{document.id}" in body.get_content()


def test_what_is_rolled_back_is_told_to_nobody(document: Document, addresses: None, mail_server: MailServer) -> None:
    def act_that_fails() -> None:
        with unit_of_work() as uow:
            tell(uow, actor_of(LEADER), NoticeKind.ASSIGNED, [person(HEAD)], document=document)
            uow.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_that_fails()
    deliver(SYSTEM)
    assert (rows(), mails(), mail_server.got) == ([], [], [])


def test_without_mail_server_or_address_no_mail_is_left(document: Document) -> None:
    act(document, person(HEAD))
    assert len(rows()) == 1
    assert mails() == []


def test_mail_waits_for_the_end_of_the_quiet_hours(
    document: Document, addresses: None, mail_server: MailServer, clock_at: Callable[[datetime], None]
) -> None:
    choose(actor_of(HEAD), {}, "18:00", "06:30")
    evening = NOW.replace(hour=22)
    clock_at(evening)
    act(document, person(HEAD))
    assert rows()[0].at == evening
    assert deliver(SYSTEM)["delivered"] == 0
    clock_at(NOW.replace(hour=6) + timedelta(days=1))
    assert deliver(SYSTEM)["delivered"] == 1
    assert len(mail_server.got) == 1


def test_a_crash_between_claim_and_sending_costs_no_mail(
    document: Document,
    addresses: None,
    mail_server: MailServer,
    clock_at: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(_delivery: Delivery) -> None:
        raise SystemExit

    act(document, person(HEAD))
    with monkeypatch.context() as crash:
        crash.setitem(OUTBOX_HANDLERS, "mail", die)
        with pytest.raises(SystemExit):
            deliver(SYSTEM)
    assert deliver(SYSTEM)["delivered"] == 0, "another worker may be at it"
    clock_at(NOW + LEASE)
    assert deliver(SYSTEM)["delivered"] == 1
    assert len(mail_server.got) == 1


def test_a_crash_right_after_sending_repeats_the_same_message(
    document: Document,
    addresses: None,
    mail_server: MailServer,
    clock_at: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die_after(delivery: Delivery) -> None:
        send(delivery)
        raise SystemExit

    act(document, person(HEAD))
    with monkeypatch.context() as crash:
        crash.setitem(OUTBOX_HANDLERS, "mail", die_after)
        with pytest.raises(SystemExit):
            deliver(SYSTEM)
    clock_at(NOW + LEASE)
    deliver(SYSTEM)
    assert len(mail_server.got) == 2
    assert len({got["Message-ID"] for got in mail_server.got}) == 1


def test_a_mailbox_that_does_not_exist_ends_the_mail_with_its_reason(
    document: Document, addresses: None, mail_server: MailServer
) -> None:
    mail_server.answers["head_of_department@vidu.gov.vn"] = "550 5.1.1 no such mailbox"
    act(document, person(HEAD), person(CLERK))
    assert deliver(SYSTEM) == {"delivered": 1, "failed": 1}
    refused = next(mail for mail in mails() if mail.payload["person_id"] == person(HEAD))
    assert refused.done_at == NOW
    assert refused.last_error == "550 5.1.1 no such mailbox"


def test_a_server_that_takes_nothing_now_is_tried_again(
    document: Document, addresses: None, mail_server: MailServer, clock_at: Callable[[datetime], None]
) -> None:
    mail_server.answers["DATA"] = "451 4.3.0 try later"
    act(document, person(HEAD))
    assert deliver(SYSTEM) == {"delivered": 0, "failed": 1}
    (mail,) = mails()
    assert (mail.done_at, mail.last_error) == (None, "MailDelayed: 451 4.3.0 try later")
    mail_server.answers.clear()
    clock_at(NOW + timedelta(minutes=1))
    assert deliver(SYSTEM) == {"delivered": 1, "failed": 0}


@pytest.mark.parametrize("what", ["left", "withheld"])
def test_mail_is_not_sent_to_who_left_nor_about_what_is_withheld_meanwhile(
    document: Document, addresses: None, mail_server: MailServer, what: str
) -> None:
    act(document, person(HEAD))
    if what == "left":
        accounts.disable(SYSTEM, actor_of(HEAD).user_id)
    else:
        with unit_of_work():
            document.withheld = True
    assert deliver(SYSTEM) == {"delivered": 1, "failed": 0}
    assert mail_server.got == []
    assert mails()[0].done_at is not None


def test_mail_goes_to_the_address_of_today(document: Document, addresses: None, mail_server: MailServer) -> None:
    act(document, person(HEAD))
    row = db.session.get_one(Person, person(HEAD))
    parties.change_person(SYSTEM, row.id, row.full_name, email="moi@vidu.gov.vn")
    deliver(SYSTEM)
    assert [got["To"] for got in mail_server.got] == ["moi@vidu.gov.vn"]


def test_a_password_or_a_body_is_never_logged(
    document: Document, addresses: None, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    mail_server.answers["DATA"] = "451 4.3.0 try later"
    act(document, person(HEAD))
    with caplog.at_level("DEBUG", logger="app"):
        deliver(SYSTEM)
    assert "MailDelayed" in caplog.text
    assert SUBJECT not in caplog.text

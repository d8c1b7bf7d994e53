"""What arrives and has no number yet: the tray, the urgent exception, paper copies, refusal and return."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app import clock
from app.actor import Actor
from app.backends import store
from app.errors import Forbidden, NotFound, Refused, Stale, WrongState
from app.models import (
    Blob,
    Document,
    DocumentFile,
    DocumentLink,
    Event,
    Organisation,
    Person,
    RegisterEntry,
    Upload,
)
from app.operations import arrivals, files, incoming
from app.operations.base import act
from app.queries.choices import choices
from app.queries.incoming import file_of
from app.rules import incoming as rules
from app.vocabulary import LinkKind, PostKind
from tests.fixtures.clock import NOW
from tests.fixtures.office import PEOPLE, SYSTEM, pdf, registration

Actors = Callable[[PostKind], Actor]
PROGRAM = Actor.system("scan_folder")


def upload(actor: Actor, text: str = "Kinh gui", name: str = "SCAN_0001.pdf", pages: int = 1) -> int:
    return files.receive(actor, pdf(text, pages), name, 10**6).id


def waiting(actor: Actor, text: str = "Kinh gui", name: str = "SCAN_0001.pdf", **more: Any) -> Document:
    """A paper in the tray."""
    return arrivals.receive(actor, {"files": [upload(actor, text, name)], "channel": "paper", **more})


def leader(session: Any) -> str:
    name = PEOPLE[PostKind.OFFICE_LEADER][0]
    return str(session.scalars(select(Person.id).where(Person.full_name == name)).one())


def urgently(session: Any, **changes: Any) -> dict[str, Any]:
    said = {"permitted_by_id": leader(session), "permitted_note": "Qua điện thoại lúc 07:40"}
    return registration(**{"urgency": "flash", **said, **changes})


def told(session: Any, document: Document) -> list[tuple[str, str | None, str]]:
    """Tags of the document's story with the states before and after."""
    query = select(Event.tag, Event.state_before, Event.state_after).where(Event.document_id == document.id)
    return [tuple(row) for row in session.execute(query.order_by(Event.id))]


# ── the tray ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/4.1", "212/4.2", "212/6.2")
def test_a_paper_of_the_tray_has_no_number_until_a_clerk_registers_it(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    paper = waiting(PROGRAM)
    assert (paper.state, paper.arrival_number, paper.subject) == ("received", None, "SCAN_0001")
    assert session.scalar(select(func.count(RegisterEntry.id))) == 0
    entered = incoming.register(clerk, registration(), on=paper.id, expected_version=paper.version)
    assert entered.id == paper.id
    assert (entered.state, entered.arrival_number, entered.arrival_date) == ("registered", 1, date(2026, 12, 30))
    assert entered.page_count == 1
    assert entered.unit_id is not None
    line = session.scalars(select(RegisterEntry)).one()
    assert (line.number, line.document_id) == (1, paper.id)
    assert [f.received_name for f in session.scalars(select(DocumentFile))] == ["SCAN_0001.pdf"]
    assert told(session, paper) == [
        ("incoming.receive", None, "received"),
        ("incoming.register", "received", "registered"),
    ]


def test_a_registered_paper_keeps_the_instant_at_which_it_arrived(session: Any, actor_for_kind: Actors) -> None:
    morning = NOW - timedelta(hours=2)
    paper = waiting(PROGRAM, received_at=morning)
    entered = incoming.register(actor_for_kind(PostKind.CLERK), registration(), on=paper.id)
    assert entered.received_at == morning
    assert entered.registered_at == NOW


def test_the_same_form_sent_twice_for_a_waiting_paper_registers_it_once(session: Any, actor_for_kind: Actors) -> None:
    clerk, paper, key, typed = actor_for_kind(PostKind.CLERK), waiting(PROGRAM), uuid4(), registration()
    version = paper.version
    first = incoming.register(clerk, typed, on=paper.id, expected_version=version, submission_key=key)
    again = incoming.register(clerk, typed, on=paper.id, expected_version=version, submission_key=key)
    assert first.id == again.id
    assert session.scalars(select(RegisterEntry.number)).all() == [1]


def test_a_double_click_on_a_paper_of_the_scan_folder_registers_it_once(session: Any, actor_for_kind: Actors) -> None:
    clerk, key, typed = actor_for_kind(PostKind.CLERK), uuid4(), registration()
    values = {"files": [upload(PROGRAM)], "channel": "paper"}
    paper = arrivals.receive(PROGRAM, values, submission_key=uuid4())  # the folder's own key
    first = incoming.register(clerk, typed, on=paper.id, submission_key=key)
    again = incoming.register(clerk, typed, on=paper.id, submission_key=key)
    assert first.id == again.id
    with pytest.raises(WrongState):
        incoming.register(clerk, {**typed, "subject": "Khác"}, on=paper.id, submission_key=key)


def test_a_file_added_after_an_answer_was_lost_is_not_taken_for_the_same_form(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk, key, typed = actor_for_kind(PostKind.CLERK), uuid4(), registration()
    made = incoming.register(clerk, {**typed, "files": [upload(clerk, "chính")]}, submission_key=key)
    again = incoming.register(clerk, {**typed, "files": [upload(clerk, "chính")]}, submission_key=key)
    assert made.id == again.id
    more = [upload(clerk, "chính"), upload(clerk, "phụ lục")]
    with pytest.raises(Refused) as refused:
        incoming.register(clerk, {**typed, "files": more}, submission_key=key)
    (obstacle,) = refused.value.obstacles
    assert (obstacle.code, obstacle.params["number"]) == ("used", "01/2026")


def test_who_comes_second_to_a_waiting_paper_is_told_and_takes_no_number(session: Any, actor_for_kind: Actors) -> None:
    paper = waiting(PROGRAM)
    incoming.register(actor_for_kind(PostKind.CLERK), registration(), on=paper.id)
    with pytest.raises(WrongState) as refused:
        incoming.register(actor_for_kind(PostKind.ADMIN_HEAD), registration(), on=paper.id)
    assert any(o.code == "since" for o in refused.value.obstacles)
    assert session.scalars(select(RegisterEntry.number)).all() == [1]


def test_several_scans_of_one_paper_are_registered_together(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    first, second, third = (waiting(PROGRAM, f"trang {n}", f"SCAN_{n}.pdf") for n in (1, 2, 3))
    more = upload(clerk, "phu luc", "phụ lục.pdf")
    made = incoming.register(clerk, registration(waiting_ids=[second.id, third.id], files=[more]), on=first.id)
    held = session.scalars(
        select(DocumentFile).where(DocumentFile.document_id == made.id).order_by(DocumentFile.ordinal)
    ).all()
    assert [(f.received_name, f.role) for f in held] == [
        ("SCAN_1.pdf", "main"),
        ("phụ lục.pdf", "attachment"),
        ("SCAN_2.pdf", "attachment"),
        ("SCAN_3.pdf", "attachment"),
    ]
    assert {second.state, third.state} == {"joined"}
    links = session.execute(select(DocumentLink.from_id, DocumentLink.to_id, DocumentLink.kind)).all()
    assert sorted(map(tuple, links)) == [(p.id, made.id, LinkKind.PART_OF) for p in (second, third)]
    assert session.scalars(select(RegisterEntry.number)).all() == [1]


def test_a_paper_that_left_the_tray_meanwhile_is_not_joined_to_another(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    gone = waiting(PROGRAM)
    arrivals.discard(clerk, gone.id, {"reason": "Trang trắng"})
    with pytest.raises(Refused) as refused:
        incoming.register(clerk, registration(waiting_ids=[gone.id]))
    assert [o.field for o in refused.value.obstacles] == ["waiting_ids"]


def test_a_waiting_scan_is_joined_to_a_document_by_its_arrival_number(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    document, paper = incoming.register(clerk, registration()), waiting(PROGRAM)
    for typed in ("2", "1/2025", "số 1", ""):
        with pytest.raises(Refused) as refused:
            arrivals.join(clerk, paper.id, {"into": typed})
        assert [o.field for o in refused.value.obstacles] == ["into"]
    arrivals.join(clerk, paper.id, {"into": " 01/2026 "})
    assert paper.state == "joined"
    assert session.scalars(select(DocumentFile.document_id).order_by(DocumentFile.id)).all() == [paper.id, document.id]


def test_what_is_no_document_leaves_the_tray_with_a_reason_and_nothing_is_deleted(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk, paper = actor_for_kind(PostKind.CLERK), waiting(PROGRAM)
    with pytest.raises(Refused):
        arrivals.discard(clerk, paper.id, {"reason": ""})
    arrivals.discard(clerk, paper.id, {"reason": "Trang thử máy quét"})
    assert paper.state == "discarded"
    assert session.scalar(select(func.count(DocumentFile.id))) == 1
    with pytest.raises(WrongState):
        incoming.register(clerk, registration(), on=paper.id)


def test_a_scan_of_a_file_that_a_document_holds_is_marked_as_its_possible_duplicate(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    document = incoming.register(clerk, registration(files=[upload(clerk, "cùng một tệp")]))
    again, other = waiting(clerk, "cùng một tệp"), waiting(clerk, "tệp khác")
    assert again.duplicate_of_id == document.id
    assert other.duplicate_of_id is None


def test_only_the_registry_and_the_program_put_papers_into_the_tray(session: Any, actor_for_kind: Actors) -> None:
    specialist = actor_for_kind(PostKind.SPECIALIST)
    with pytest.raises(Forbidden):
        waiting(specialist)
    with pytest.raises(Forbidden):
        incoming.register(specialist, registration(), on=waiting(PROGRAM).id)


def test_papers_of_another_registry_are_not_taken_along(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    paper = waiting(clerk)  # of the registry
    (post,) = clerk.posts
    unit = session.scalars(select(Organisation.id).where(Organisation.name == "Phòng Kinh tế")).one()
    elsewhere = replace(clerk, posts=(replace(post, unit_id=unit, unit_path=(unit, post.unit_path[-1])),))
    for attempt in (
        lambda: incoming.register(elsewhere, registration(waiting_ids=[paper.id])),
        lambda: arrivals.join(elsewhere, paper.id, {"into": "1"}),
    ):
        with pytest.raises((Forbidden, Refused)):
            attempt()
    assert paper.state == "received"


def test_an_outside_unit_sees_no_paper_of_the_tray(session: Any, actor_for_kind: Actors) -> None:
    paper = waiting(PROGRAM)
    with pytest.raises(NotFound):
        incoming.register(actor_for_kind(PostKind.OUTSIDE), registration(), on=paper.id)


# ── the urgent exception ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/4.1", "212/4.2")
def test_an_urgent_paper_is_presented_first_with_the_leaders_permission_on_record_and_numbered_later(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    ordinary = incoming.register(clerk, registration())
    urgent = incoming.advance(clerk, urgently(session))
    assert (urgent.state, urgent.arrival_number) == ("urgent", None)
    assert str(urgent.permitted_by_id) == leader(session)
    assert urgent.permitted_note == "Qua điện thoại lúc 07:40"
    later = incoming.register(clerk, registration())
    with clock.set_to(NOW + timedelta(hours=3)):
        numbered = incoming.give_number(clerk, urgent.id, {}, expected_version=urgent.version)
    assert [ordinary.arrival_number, later.arrival_number, numbered.arrival_number] == [1, 2, 3]
    assert numbered.registered_at == NOW + timedelta(hours=3)
    assert numbered.received_at == NOW
    assert told(session, urgent) == [
        ("incoming.advance", None, "urgent"),
        ("incoming.give_number", "urgent", "registered"),
    ]
    said = session.scalars(select(Event).where(Event.tag == "incoming.advance")).one()
    assert said.params["leader"].startswith(PEOPLE[PostKind.OFFICE_LEADER][0])
    assert said.params["reason"] == "Qua điện thoại lúc 07:40"


@pytest.mark.clause("212/4.1")
@pytest.mark.parametrize(
    ("lacking", "field"),
    [
        ({"permitted_by_id": ""}, "permitted_by_id"),
        ({"permitted_note": " "}, "permitted_note"),
        ({"permitted_by_id": "999999"}, "permitted_by_id"),
    ],
)
def test_nothing_is_presented_without_number_unless_a_leader_permitted_it(
    session: Any, actor_for_kind: Actors, lacking: dict[str, str], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        incoming.advance(actor_for_kind(PostKind.CLERK), urgently(session, **lacking))
    assert [o.field for o in refused.value.obstacles] == [field]


@pytest.mark.clause("212/4.1")
def test_the_exception_is_the_leaders_permission_whatever_level_the_paper_bears(
    session: Any, actor_for_kind: Actors
) -> None:
    urgent = incoming.advance(actor_for_kind(PostKind.CLERK), urgently(session, urgency="normal"))
    assert (urgent.state, urgent.urgency) == ("urgent", "normal")


@pytest.mark.clause("212/4.1")
def test_only_leaders_can_be_named_as_those_who_permitted(session: Any) -> None:
    offered = {label.partition(",")[0] for _, label in choices(session, "leaders")}
    assert offered == {PEOPLE[kind][0] for kind in (PostKind.OFFICE_LEADER, PostKind.STANDING_COMMITTEE)}


def test_the_program_itself_gives_the_owed_number_and_gives_it_once(session: Any, actor_for_kind: Actors) -> None:
    urgent = incoming.advance(actor_for_kind(PostKind.CLERK), urgently(session))
    assert incoming.give_number(PROGRAM, urgent.id, {}).arrival_number == 1
    with pytest.raises(WrongState):
        incoming.give_number(PROGRAM, urgent.id, {})


# ── duplicates ───────────────────────────────────────────────────────────────────────────────────────────────────

SAME = [
    ("1482/STC-NS", "1482/stc-ns"),
    ("1482/STC-NS", " 1482 / STC – NS "),
    ("05/BC-STC", "5/BC-STC"),
    ("12/QĐ-UBND", "12/Q\u00d0-UBND"),  # the letter of old fonts
    ("12/QĐ-UBND", "12/QĐ—UBND"),
    ("12/QĐ-UBND", "12/Q\u200bĐ–\u00adUBND"),  # copied from a page
    ("12/QĐ-UBND", "Số: 012\u2044QĐ--UBND."),
    ("12/QĐ-UBND", "１２／QĐ－UBND"),
    ("7/TTr-Mậu", unicodedata.normalize("NFD", "7/TTr-Mậu")),
]


@pytest.mark.clause("212/16.1.g")
@pytest.mark.parametrize(("first", "second"), SAME)
def test_the_same_number_of_the_same_body_is_a_duplicate_however_it_is_written(
    session: Any, actor_for_kind: Actors, first: str, second: str
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    document = incoming.register(clerk, registration(number_notation=first))
    with pytest.raises(Refused) as refused:
        incoming.register(clerk, registration(number_notation=second))
    (obstacle,) = refused.value.obstacles
    assert (obstacle.code, obstacle.field, obstacle.params["ids"]) == ("duplicate", "duplicate_reason", [document.id])
    assert obstacle.params["numbers"] == "01/2026"


@pytest.mark.clause("212/16.1.g")
def test_the_same_identifier_is_a_duplicate_whatever_the_number(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    incoming.register(clerk, registration(identifier="000.00.12.H29-2026-00123"))
    with pytest.raises(Refused) as refused:
        incoming.register(clerk, registration(identifier=" 000.00.12.h29‑2026‑00123"))
    assert [o.code for o in refused.value.obstacles] == ["duplicate"]


@pytest.mark.clause("212/16.1.g")
@pytest.mark.parametrize(
    "other",
    [
        {"issuer": {"id": None, "name": "Sở Xây dựng"}},
        {"number_notation": "1483/STC-NS"},
        {"number_notation": ""},
        {"issued_on": date(2025, 5, 12)},  # numbers begin anew each year
    ],
)
def test_another_body_number_or_year_is_no_duplicate(
    session: Any, actor_for_kind: Actors, other: dict[str, Any]
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    paper = {"number_notation": "1482/STC-NS", "issued_on": date(2026, 5, 12)}
    incoming.register(clerk, registration(**paper))
    again = incoming.register(clerk, registration(**{**paper, **other}))
    assert again.arrival_number == 2


@pytest.mark.clause("212/16.1.g")
def test_a_body_typed_before_it_was_in_the_catalogue_is_still_the_same_body(
    session: Any, actor_for_kind: Actors
) -> None:
    from app.operations import parties
    from app.vocabulary import OrganisationKind

    clerk = actor_for_kind(PostKind.CLERK)
    paper = {"number_notation": "7/CV", "issuer": {"id": None, "name": "Công ty Cổ phần Bến Nghé"}}
    incoming.register(clerk, registration(**paper))
    parties.add_organisation(SYSTEM, "Công ty Cổ phần Bến Nghé", kind=OrganisationKind.BODY)
    with pytest.raises(Refused):
        incoming.register(clerk, registration(**paper))


@pytest.mark.clause("212/16.1.g")
@pytest.mark.parametrize("change", ["closed", "renamed"])
def test_a_body_that_was_closed_or_renamed_is_still_the_body_that_issued_it(
    session: Any, actor_for_kind: Actors, change: str
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    paper = {"number_notation": "7/CV", "issuer": {"id": None, "name": "Sở Tài chính"}}
    assert incoming.register(clerk, registration(**paper)).issuer_id is not None
    body = session.scalars(select(Organisation).where(Organisation.name == "Sở Tài chính")).one()
    if change == "closed":
        body.valid_from, body.valid_to = date(2020, 1, 1), date(2026, 12, 29)
    else:
        body.name = "Sở Tài chính - Kế hoạch"
    session.flush()
    with pytest.raises(Refused) as refused:
        incoming.register(clerk, registration(**paper))
    assert [o.code for o in refused.value.obstacles] == ["duplicate"]


@pytest.mark.clause("212/16.1.g")
def test_a_correction_that_makes_a_document_the_same_as_another_asks_why(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    first = incoming.register(clerk, registration(number_notation="77/STC"))
    typed = registration(number_notation="78/STC")
    second = incoming.register(clerk, typed)
    change = {**typed, "number_notation": "77/stc", "reason": "Gõ nhầm số"}
    with pytest.raises(Refused) as refused:
        incoming.correct(clerk, second.id, change)
    assert [o.code for o in refused.value.obstacles] == ["duplicate"]
    incoming.correct(clerk, second.id, {**change, "duplicate_reason": "Nơi gửi phát hành hai lần"})
    assert second.duplicate_of_id == first.id


@pytest.mark.clause("212/16.1.g")
def test_the_mark_of_the_same_file_stays_when_a_paper_without_number_is_registered(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    first = incoming.register(clerk, registration(number_notation="", files=[upload(clerk, "đơn")]))
    paper = waiting(PROGRAM, "đơn")
    incoming.register(clerk, registration(number_notation=""), on=paper.id)
    by_hand = incoming.register(clerk, registration(number_notation="", files=[upload(clerk, "đơn")]))
    assert (paper.duplicate_of_id, by_hand.duplicate_of_id) == (first.id, paper.id)


@pytest.mark.clause("212/16.1.g")
def test_a_duplicate_is_registered_all_the_same_when_somebody_says_why(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    first = incoming.register(clerk, registration(number_notation="1/CV"))
    again = incoming.register(clerk, registration(number_notation="1/CV", duplicate_reason="Gửi lại bản đã sửa"))
    assert again.duplicate_of_id == first.id
    event = session.scalars(select(Event).where(Event.document_id == again.id)).one()
    assert (event.params["duplicate_of"], event.params["because"]) == ("01/2026", "Gửi lại bản đã sửa")


@pytest.mark.clause("212/16.1.g")
def test_what_was_refused_or_cancelled_does_not_stand_against_the_same_paper(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    cancelled = incoming.register(clerk, registration(number_notation="1/CV"))
    incoming.cancel_number(clerk, cancelled.id, {"reason": "Vào sổ nhầm"})
    refusal = {"refusal_code": "incomplete", "reason": "", "channel": "paper", "subject": "Thiếu phụ lục"}
    arrivals.refuse(clerk, {**refusal, "issuer": {"id": None, "name": "Sở Tài chính"}, "number_notation": "1/CV"})
    assert incoming.register(clerk, registration(number_notation="1/CV")).arrival_number == 2


@pytest.mark.clause("212/7.3")
def test_a_paper_copy_goes_to_the_document_that_is_being_handled_and_gets_no_number(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    document = incoming.register(clerk, registration(channel="axis"))
    scan = waiting(PROGRAM, received_at=NOW - timedelta(minutes=20))
    arrivals.add_paper_copy(
        clerk, document.id, {"waiting_ids": [scan.id], "note": "Chuyển Phòng Kinh tế"}, expected_version=1
    )
    assert document.paper_received_at == NOW - timedelta(minutes=20)
    assert scan.state == "joined"
    assert session.scalars(select(DocumentLink.kind)).all() == [LinkKind.PAPER_COPY_OF]
    assert session.scalars(select(RegisterEntry.number)).all() == [1]
    assert [tag for tag, *_ in told(session, document)] == ["incoming.register", "incoming.add_paper_copy"]
    with pytest.raises(Stale):
        arrivals.add_paper_copy(clerk, document.id, {}, expected_version=1)
    arrivals.add_paper_copy(clerk, document.id, {})  # another copy
    assert document.paper_received_at == NOW - timedelta(minutes=20)


# ── refusal, return, secrets ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/4.3", "212/5.3")
def test_a_refusal_is_on_record_with_who_and_why_and_takes_no_number(session: Any, actor_for_kind: Actors) -> None:
    clerk, paper = actor_for_kind(PostKind.CLERK), waiting(PROGRAM)
    values = {
        "refusal_code": "signature",
        "reason": "Chữ ký của lãnh đạo không kiểm được",
        "issuer": {"id": None, "name": "Sở Tài chính"},
        "subject": "Về kinh phí",
        "channel": "email",
    }
    refused = arrivals.refuse(clerk, values, on=paper.id, expected_version=paper.version)
    assert (refused.state, refused.refusal_code, refused.arrival_number) == ("refused", "signature", None)
    assert refused.issuer_name == "Sở Tài chính"
    event = session.scalars(select(Event).where(Event.tag == "incoming.refuse")).one()
    assert (event.actor_name, event.params["code"]) == ("Lê Thị Hạnh", "signature")
    assert event.params["reason"] == "Chữ ký của lãnh đạo không kiểm được"
    assert session.scalar(select(func.count(RegisterEntry.id))) == 0


@pytest.mark.clause("212/5.3")
def test_another_reason_needs_words(session: Any, actor_for_kind: Actors) -> None:
    clerk, paper = actor_for_kind(PostKind.CLERK), waiting(PROGRAM)
    values = {"refusal_code": "other", "issuer": {"id": None, "name": "A"}, "subject": "B", "channel": "paper"}
    with pytest.raises(Refused) as refused:
        arrivals.refuse(clerk, values, on=paper.id)
    assert [o.field for o in refused.value.obstacles] == ["reason"]


@pytest.mark.clause("212/4.3", "212/4.2")
def test_what_is_sent_back_keeps_its_number_and_says_why(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    document = incoming.register(clerk, registration())
    arrivals.send_back(clerk, document.id, {"refusal_code": "competence", "reason": "Thuộc Sở Xây dựng"})
    assert (document.state, document.arrival_number, document.refusal_code) == ("returned", 1, "competence")
    with pytest.raises(WrongState):
        arrivals.send_back(clerk, document.id, {"refusal_code": "competence"})


@pytest.mark.parametrize("level", ["confidential", "secret", "top_secret"])
def test_a_state_secret_is_stopped_with_advice_and_nothing_of_it_is_recorded(
    session: Any, actor_for_kind: Actors, level: str
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    for enter, values in ((incoming.register, registration()), (incoming.advance, urgently(session))):
        with pytest.raises(Refused) as refused:
            enter(clerk, {**values, "secrecy": level, "subject": ""})
        (obstacle,) = refused.value.obstacles  # the only thing that matters then
        assert (obstacle.field, obstacle.code) == ("secrecy", "secret")
    assert session.scalar(select(func.count(Document.id))) == 0
    assert incoming.register(clerk, registration(secrecy="none")).arrival_number == 1


def test_a_secret_in_the_tray_is_shown_to_nobody_from_the_moment_somebody_says_so(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    one, other = waiting(PROGRAM, "mật một"), waiting(PROGRAM, "mật hai")
    sent = upload(clerk, "mật ba")
    values = registration(secrecy="secret", waiting_ids=[other.id], files=[sent])
    with pytest.raises(Refused) as refused:
        act(clerk, rules.REGISTER, one.id, values, expected_version=one.version)
    assert [o.code for o in refused.value.obstacles] == ["secret"]
    assert (one.state, one.withheld, other.withheld) == ("received", True, True)
    tags = session.scalars(select(Event.tag).where(Event.document_id.in_([one.id, other.id])).order_by(Event.id)).all()
    assert tags == ["incoming.receive", "incoming.receive", "incoming.withheld", "incoming.withheld"]
    for file_id in session.scalars(select(DocumentFile.id)):
        assert file_of(session, clerk, file_id) is None
    assert session.get(Upload, sent) is None


def test_a_secret_sent_by_a_program_leaves_no_bytes(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    sent = upload(clerk, "mật")
    sha256 = session.get_one(Upload, sent).sha256
    with pytest.raises(Refused):
        act(clerk, rules.REGISTER, None, registration(secrecy="secret", files=[sent]))
    assert session.scalar(select(func.count(Upload.id))) == 0
    assert not store().exists(sha256)


def test_bytes_of_a_withheld_document_are_shown_in_no_other_document(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    scan = waiting(PROGRAM, "mật")
    document = incoming.register(clerk, registration(waiting_ids=[scan.id]))
    twin = waiting(PROGRAM, "mật")
    harmless = waiting(PROGRAM, "thường")
    arrivals.send_back(clerk, document.id, {"refusal_code": "secret"})
    shown = {
        paper.id: file_of(session, clerk, file_id) is not None
        for paper in (document, scan, twin, harmless)
        for file_id in session.scalars(select(DocumentFile.id).where(DocumentFile.document_id == paper.id))
    }
    assert shown == {document.id: False, scan.id: False, twin.id: False, harmless.id: True}


def test_the_record_of_a_refused_secret_says_nothing_of_what_it_says(session: Any, actor_for_kind: Actors) -> None:
    paper = waiting(PROGRAM)
    values = {"refusal_code": "secret", "issuer": {"id": None, "name": "Sở Tài chính"}, "channel": "paper"}
    values |= {"subject": "Nội dung mật", "number_notation": "1/M"}
    arrivals.refuse(actor_for_kind(PostKind.CLERK), values, on=paper.id)
    assert (paper.subject, paper.number_notation) == (rules.SECRET_SUBJECT, "")
    assert paper.issuer_name == "Sở Tài chính"


def test_the_content_of_what_is_refused_as_a_state_secret_is_shown_to_nobody_any_more(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk, paper = actor_for_kind(PostKind.CLERK), waiting(PROGRAM)
    file = session.scalars(select(DocumentFile)).one()
    assert file_of(session, clerk, file.id) is not None
    values = {"refusal_code": "secret", "issuer": {"id": None, "name": "A"}, "subject": "B", "channel": "paper"}
    with pytest.raises(Refused):
        arrivals.refuse(clerk, {**values, "files": [upload(clerk)]})
    arrivals.refuse(clerk, values, on=paper.id)
    assert paper.withheld
    assert file_of(session, clerk, file.id) is None
    assert file_of(session, SYSTEM, file.id) is None


def test_a_refused_act_keeps_the_files_for_the_next_try(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    sent = upload(clerk)
    with pytest.raises(Refused):
        incoming.register(clerk, registration(subject="", files=[sent]))
    assert session.scalars(select(Upload.claimed_at)).all() == [None]
    made = incoming.register(clerk, registration(files=[sent]))
    assert session.scalar(select(func.count(DocumentFile.id)).where(DocumentFile.document_id == made.id)) == 1
    assert session.scalar(select(func.count(Blob.sha256))) == 1


def test_a_registered_secret_that_is_sent_back_says_nothing_of_itself_in_the_register(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    document = incoming.register(clerk, registration(subject="Nội dung mật", note="Ghi chú mật"))
    arrivals.send_back(clerk, document.id, {"refusal_code": "secret"})
    assert (document.arrival_number, document.withheld) == (1, True)
    assert (document.subject, document.note) == (rules.SECRET_SUBJECT, "")

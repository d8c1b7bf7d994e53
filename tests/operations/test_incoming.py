"""Incoming documents: what the register promises (Decision, chapter II)."""

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy_continuum import version_class

from app import clock
from app.actor import Actor
from app.errors import Forbidden, NotFound, Refused, Stale, WrongState
from app.models import Document, Event, NumberCounter, RegisterEntry
from app.operations import delegation, files, incoming
from app.queries.actors import acting_by
from app.rules.text import fold
from app.vocabulary import DelegationKind, EntryState, IncomingState, PostKind, Power
from tests.fixtures.clock import NOW
from tests.fixtures.office import SENDER, SYSTEM, pdf, registration

Actors = Callable[[PostKind], Actor]
LIMIT = 1024**2


@pytest.mark.clause("212/4.2", "212/16.1.dd")
def test_arrival_numbers_run_from_one_without_gap(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    numbers = [incoming.register(clerk, registration()).arrival_number for _ in range(5)]
    assert numbers == [1, 2, 3, 4, 5]
    entries = session.scalars(select(RegisterEntry).order_by(RegisterEntry.number)).all()
    assert [(e.number, e.state, e.entry_date) for e in entries] == [(n, "live", date(2026, 12, 30)) for n in numbers]


@pytest.mark.clause("212/16.1.dd")
def test_the_year_of_a_number_begins_at_midnight_of_vietnam(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    last_second = datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC)  # 23:59:59 in Vietnam
    with clock.set_to(last_second):
        old = incoming.register(clerk, registration())
    with clock.set_to(last_second + timedelta(seconds=1)):
        new = incoming.register(clerk, registration())
    assert (old.arrival_year, old.arrival_number, old.arrival_date) == (2026, 1, date(2026, 12, 31))
    assert (new.arrival_year, new.arrival_number, new.arrival_date) == (2027, 1, date(2027, 1, 1))


@pytest.mark.clause("212/4.2")
def test_a_refused_registration_takes_no_number(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    with pytest.raises(Refused):
        incoming.register(clerk, registration(subject=""))
    assert incoming.register(clerk, registration()).arrival_number == 1
    assert session.scalar(select(func.sum(NumberCounter.last_number))) == 1


@pytest.mark.clause("212/4.1")
def test_all_that_is_missing_is_said_at_once(session: Any, actor_for_kind: Actors) -> None:
    with pytest.raises(Refused) as refusal:
        incoming.register(actor_for_kind(PostKind.CLERK), registration(subject=" ", issuer=None, urgency=None))
    assert {o.field for o in refusal.value.obstacles} == {"subject", "issuer", "urgency"}


def test_the_same_submission_twice_registers_once(session: Any, actor_for_kind: Actors) -> None:
    clerk, key = actor_for_kind(PostKind.CLERK), uuid4()
    typed = registration()
    first = incoming.register(clerk, typed, submission_key=key)
    again = incoming.register(clerk, typed, submission_key=key)
    assert first.id == again.id
    assert session.scalar(select(func.count(Document.id))) == 1


def test_number_and_notation_of_what_arrives_are_never_refused_for_their_form(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    for written, number, notation in (
        ("77/CĐ-TTg", "77", "CĐ-TTg"),
        ("5/BC-UBND", "5", "BC-UBND"),
        ("không số", "", "không số"),
        ("12a / GM - UBND", "12a", "GM - UBND"),
        ("", "", ""),
    ):
        document = incoming.register(clerk, registration(number_notation=written))
        assert (document.number_notation, document.code_number, document.code_notation) == (written, number, notation)


def test_a_known_issuing_body_is_linked_whatever_its_letter_case(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    known = incoming.register(clerk, registration(issuer={"id": None, "name": SENDER.upper()}))
    free = incoming.register(clerk, registration(issuer={"id": None, "name": "Công ty TNHH Ánh Dương"}))
    assert known.issuer_name == SENDER
    assert known.issuer_id is not None
    assert (free.issuer_name, free.issuer_id) == ("Công ty TNHH Ánh Dương", None)


@pytest.mark.clause("212/4.2")
def test_a_date_in_the_future_is_refused_with_its_field(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    for changes, field in (
        ({"issued_on": date(2027, 1, 5)}, "issued_on"),
        ({"received_at": NOW + timedelta(minutes=1)}, "received_at"),
        ({"issued_on": date(2026, 12, 20), "received_at": NOW - timedelta(days=15)}, "received_at"),
        ({"page_count": 0}, "page_count"),
    ):
        with pytest.raises(Refused) as refusal:
            incoming.register(clerk, registration(**changes))
        assert [o.field for o in refusal.value.obstacles] == [field]


@pytest.mark.clause("212/16.1.a", "212/16.4.d")
def test_files_come_in_whole_and_the_first_is_the_main_one(app: Any, session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    uploads = [files.receive(clerk, pdf(pages=n), f"tệp {n}.pdf", LIMIT).id for n in (2, 1)]
    document = incoming.register(clerk, registration(files=uploads))
    assert [(f.role, f.ordinal, f.title) for f in document.files] == [
        ("main", 1, "tệp 2.pdf"),
        ("attachment", 2, "tệp 1.pdf"),
    ]
    assert document.page_count == 2
    with app.extensions["store"].open(document.files[0].sha256) as kept:
        assert kept.read() == pdf(pages=2).read()


def test_a_file_is_taken_by_one_document_only(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    upload = files.receive(clerk, pdf(), "a.pdf", LIMIT).id
    incoming.register(clerk, registration(files=[upload]))
    with pytest.raises(Refused) as refusal:
        incoming.register(clerk, registration(files=[upload]))
    assert [o.field for o in refusal.value.obstacles] == ["files"]


def test_nobody_takes_the_files_that_another_uploaded(session: Any, actor_for_kind: Actors) -> None:
    upload = files.receive(actor_for_kind(PostKind.ADMIN_HEAD), pdf(), "a.pdf", LIMIT).id
    with pytest.raises(Refused):
        incoming.register(actor_for_kind(PostKind.CLERK), registration(files=[upload]))


@pytest.mark.clause("212/16.4.a", "212/16.7.c")
def test_a_correction_needs_a_reason_and_leaves_number_and_date_alone(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    document = incoming.register(clerk, registration())
    before = (document.arrival_number, document.arrival_date, document.registered_at, document.received_at)
    with pytest.raises(Refused) as refusal:
        incoming.correct(clerk, document.id, registration(subject="Khác"))
    assert [o.field for o in refusal.value.obstacles] == ["reason"]
    incoming.correct(clerk, document.id, registration(subject="Khác", reason="Gõ nhầm"))
    assert document.subject == "Khác"
    assert (document.arrival_number, document.arrival_date, document.registered_at, document.received_at) == before


@pytest.mark.clause("212/16.4.a")
def test_every_state_of_the_description_stays_on_record(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    document = incoming.register(clerk, registration(subject="Một"))
    incoming.correct(clerk, document.id, registration(subject="Hai", reason="Gõ nhầm"))
    rows = version_class(Document)
    versions = session.scalars(select(rows).where(rows.id == document.id).order_by(rows.version)).all()
    assert [v.subject for v in versions] == ["Một", "Hai"]
    events = session.scalars(select(Event).where(Event.document_id == document.id).order_by(Event.id)).all()
    assert [(e.tag, e.transaction_id) for e in events] == [
        ("incoming.register", versions[0].transaction_id),
        ("incoming.correct", versions[1].transaction_id),
    ]
    assert (events[1].actor_name, events[1].actor_post) == ("Lê Thị Hạnh", "Văn thư")
    assert events[1].params["reason"] == "Gõ nhầm"


def test_a_correction_that_changes_nothing_is_refused(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    typed = registration()
    document = incoming.register(clerk, typed)
    with pytest.raises(Refused, match="Nothing is changed"):
        incoming.correct(clerk, document.id, {**typed, "reason": "Không có gì"})


def test_the_second_of_two_corrections_is_told_what_changed(session: Any, actor_for_kind: Actors) -> None:
    clerk, head = actor_for_kind(PostKind.CLERK), actor_for_kind(PostKind.ADMIN_HEAD)
    document = incoming.register(clerk, registration(subject="Một"))
    seen = document.version
    incoming.correct(head, document.id, registration(subject="Hai", reason="Sửa"), expected_version=seen)
    with pytest.raises(Stale) as stale:
        incoming.correct(clerk, document.id, registration(subject="Ba", reason="Sửa"), expected_version=seen)
    (change,) = stale.value.changes
    assert change["who"] == "Trần Văn Bình"
    assert change["fields"]["subject"] == ("Một", "Hai")
    assert session.get_one(Document, document.id, populate_existing=True).subject == "Hai"


@pytest.mark.clause("212/4.2")
def test_a_cancelled_number_stays_in_the_register_and_is_never_given_again(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    first = incoming.register(clerk, registration())
    incoming.cancel_number(clerk, first.id, {"reason": "Vào sổ nhầm"})
    entry = session.scalars(select(RegisterEntry).where(RegisterEntry.document_id == first.id)).one()
    assert (entry.number, entry.state, entry.reason) == (1, EntryState.CANCELLED, "Vào sổ nhầm")
    assert first.state == IncomingState.CANCELLED
    assert incoming.register(clerk, registration()).arrival_number == 2


@pytest.mark.clause("212/4.2")
def test_a_cancelled_document_can_be_neither_corrected_nor_cancelled_again(
    session: Any, actor_for_kind: Actors
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    document = incoming.register(clerk, registration())
    incoming.cancel_number(clerk, document.id, {"reason": "Vào sổ nhầm"})
    for act in (
        lambda: incoming.cancel_number(clerk, document.id, {"reason": "Lần nữa"}),
        lambda: incoming.correct(clerk, document.id, registration(subject="Khác", reason="Sửa")),
        lambda: incoming.attach(clerk, document.id, {"files": []}),
    ):
        with pytest.raises(WrongState):
            act()


@pytest.mark.clause("212/16.2.a")
def test_everybody_of_the_office_sees_every_document_but_acts_only_on_what_is_theirs(
    session: Any, actor_for_kind: Actors
) -> None:
    from app.queries.visibility import get_visible

    document = incoming.register(actor_for_kind(PostKind.CLERK), registration())
    for kind in PostKind:
        actor = actor_for_kind(kind)
        if kind == PostKind.OUTSIDE:
            with pytest.raises(NotFound):
                get_visible(session, actor, document.id, kind="incoming")
        else:
            assert get_visible(session, actor, document.id, kind="incoming").id == document.id
        if kind not in (PostKind.CLERK, PostKind.ADMIN_HEAD):
            with pytest.raises((Forbidden, NotFound)):
                incoming.cancel_number(actor, document.id, {"reason": "Không phải việc của tôi"})


@pytest.mark.clause("212/16.1.m", "212/16.2.a")
def test_an_outside_unit_sees_what_it_sent_and_nothing_else(session: Any, actor_for_kind: Actors) -> None:
    from app.queries import incoming as queries
    from app.queries.listing import ListQuery

    clerk = actor_for_kind(PostKind.CLERK)
    incoming.register(clerk, registration())
    theirs = incoming.register(clerk, registration(issuer={"id": None, "name": "Sở Xây dựng"}))
    page = queries.page(session, actor_for_kind(PostKind.OUTSIDE), ListQuery())
    assert [d.id for d in page.rows] == [theirs.id]


@pytest.mark.clause("212/17.2")
def test_entry_for_another_uses_that_persons_power_and_says_so(session: Any, actor_for_kind: Actors) -> None:
    assistant, head = actor_for_kind(PostKind.ASSISTANT), actor_for_kind(PostKind.ADMIN_HEAD)
    with pytest.raises(Forbidden):
        incoming.register(assistant, registration())
    row = delegation.grant(
        SYSTEM,
        DelegationKind.ENTRY,
        head.person_id,
        assistant.person_id,
        "Giấy ủy quyền 01",
        moves=["incoming.register"],
    )
    acting = acting_by(session, assistant, row.id)
    assert acting is not None
    document = incoming.register(acting, registration())
    event = session.scalars(select(Event).where(Event.document_id == document.id)).one()
    assert (event.actor_name, event.on_behalf_of_name, event.power) == ("Đỗ Thu Trang", "Trần Văn Bình", Power.ENTRY)
    assert event.delegation_id == row.id
    with pytest.raises(Forbidden):  # the delegation covers registering alone
        incoming.cancel_number(acting, document.id, {"reason": "Thử"})


@pytest.mark.clause("212/17.2")
def test_a_revoked_delegation_ends_for_pages_that_are_already_open(session: Any, actor_for_kind: Actors) -> None:
    assistant, head = actor_for_kind(PostKind.ASSISTANT), actor_for_kind(PostKind.ADMIN_HEAD)
    row = delegation.grant(SYSTEM, DelegationKind.ENTRY, head.person_id, assistant.person_id, "Giấy ủy quyền 01")
    acting = acting_by(session, assistant, row.id)
    delegation.revoke(SYSTEM, row.id)
    with pytest.raises(Forbidden):
        incoming.register(acting, registration())


def test_search_finds_with_and_without_diacritics_and_by_parts_of_a_number(
    session: Any, actor_for_kind: Actors
) -> None:
    from app.queries import incoming as queries
    from app.queries.listing import ListQuery

    clerk = actor_for_kind(PostKind.CLERK)
    wanted = incoming.register(clerk, registration(subject="Về việc ĐƯỜNG Vành đai 3", number_notation="77/CĐ-TTg"))
    incoming.register(clerk, registration(subject="Chuyện khác", number_notation="5/BC-UBND"))
    for typed in ("đường vành", "duong vanh dai", "ĐƯỜNG", "77/cđ-ttg", "cd ttg", "77cdttg", "duo"):
        page = queries.page(session, clerk, ListQuery(text=typed))
        assert [d.id for d in page.rows] == [wanted.id], typed


def test_folding_in_the_database_is_the_folding_of_the_program(session: Any) -> None:
    from sqlalchemy import text

    letters = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệfghiìỉĩíịjklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvwxyỳỷỹýỵz"
    for sample in (letters, letters.upper(), "Sở Giáo dục và Đào tạo", "e\u0302\u0301 đ\u0323"):
        assert session.scalar(text("SELECT vi_fold(:s)"), {"s": sample}) == fold(sample)


def test_a_refusal_inside_an_act_cannot_be_swallowed_to_save_half_of_it(session: Any, actor_for_kind: Actors) -> None:
    from app.operations.unit_of_work import unit_of_work

    clerk = actor_for_kind(PostKind.CLERK)

    def half_an_act() -> None:
        with unit_of_work():
            incoming.register(clerk, registration())
            with contextlib.suppress(Refused):
                incoming.register(clerk, registration(subject=""))

    with pytest.raises(RuntimeError):
        half_an_act()
    assert session.scalar(select(func.count(Document.id))) == 0
    assert session.scalar(select(func.sum(NumberCounter.last_number))) is None


@pytest.mark.clause("212/16.1.dd")
def test_a_clock_that_is_set_back_does_not_undo_the_order_of_time(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    first = incoming.register(clerk, registration())
    with clock.set_to(NOW - timedelta(hours=1)):
        second = incoming.register(clerk, registration(received_at=NOW - timedelta(hours=2)))
    assert second.registered_at >= first.registered_at
    assert (first.arrival_number, second.arrival_number) == (1, 2)


@pytest.mark.clause("212/16.7.c")
def test_book_channel_and_time_of_arrival_can_be_corrected_but_not_into_another_series(
    session: Any, actor_for_kind: Actors
) -> None:
    from app.models import RegisterBook

    clerk = actor_for_kind(PostKind.CLERK)
    document = incoming.register(clerk, registration())
    other = session.scalars(select(RegisterBook).where(RegisterBook.code == "den-trung-uong")).one()
    early = NOW - timedelta(days=1)
    changes = {"book_id": str(other.id), "channel": "email", "received_at": early, "reason": "Nhầm sổ"}
    incoming.correct(clerk, document.id, registration(**changes))
    assert (document.book_id, document.channel, document.received_at) == (other.id, "email", early)
    assert (document.arrival_number, document.arrival_date) == (1, date(2026, 12, 30))
    outgoing = session.scalars(select(RegisterBook).where(RegisterBook.code == "di-vp")).one()
    with pytest.raises(Refused) as refusal:
        incoming.correct(clerk, document.id, registration(book_id=str(outgoing.id), reason="Nhầm"))
    assert {o.field for o in refusal.value.obstacles} == {"book_id"}


def test_a_damaged_pdf_is_refused_and_leaves_nothing_behind(app: Any, session: Any, actor_for_kind: Actors) -> None:
    import io

    before = list(app.extensions["store"].iter_blobs())
    with pytest.raises(Refused):
        files.receive(actor_for_kind(PostKind.CLERK), io.BytesIO(b"%PDF-1.7 nothing more\n%%EOF\n"), "a.pdf", LIMIT)
    assert [b.sha256 for b in app.extensions["store"].iter_blobs()] == [b.sha256 for b in before]


def test_an_instant_that_a_form_gives_back_to_the_minute_is_no_change(session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    arrived = clock.now().replace(second=37, microsecond=5)
    with clock.set_to(arrived):
        typed = registration(received_at=arrived)
        document = incoming.register(clerk, typed)
    shown = {**typed, "received_at": arrived.replace(second=0, microsecond=0), "reason": "Xem lại"}
    with clock.set_to(arrived), pytest.raises(Refused, match="Nothing is changed"):
        incoming.correct(clerk, document.id, shown)
    assert document.received_at == arrived

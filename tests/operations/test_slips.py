"""Slips are outgoing documents in preparation, each with its paper and its link; they go out, or are put aside."""

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pypdf
import pytest
from sqlalchemy import func, select

from app.actor import Actor
from app.backends import store
from app.clock import VIETNAM
from app.models import Blob, Document, DocumentFile, DocumentLink, Event
from app.operations import incoming, slips
from app.operations.unit_of_work import unit_of_work
from app.queries import incoming as queries
from app.queries.relations import related
from app.rules.slips import RETURN, TRANSFER
from app.trail_words import line
from app.vocabulary import DocumentKind, FileRole, IncomingState, LinkKind, OutgoingState, PostKind
from tests.fixtures.office import OUTSIDE, SENDER, SYSTEM, registration
from tests.reports.test_letter import squeezed

Actors = Callable[[PostKind], Actor]
TO = {"recipient": {"id": None, "name": OUTSIDE}}


@pytest.fixture
def document(session: Any, actor_for_kind: Actors) -> Document:
    made: Document = incoming.register(actor_for_kind(PostKind.CLERK), registration(urgency="urgent"))
    return made


@pytest.fixture
def specialist(actor_for_kind: Actors) -> Actor:
    return actor_for_kind(PostKind.SPECIALIST)


def prepared(actor: Actor, document: Document, purpose: str = TRANSFER, **values: Any) -> list[Document]:
    with unit_of_work() as uow:
        return slips.prepare(uow, actor, document, purpose, {**TO, **values})


def paper_of(session: Any, slip: Document) -> str:
    (file,) = session.scalars(select(DocumentFile).where(DocumentFile.document_id == slip.id)).all()
    assert (file.role, file.blob.media_type) == (FileRole.DRAFT, "application/pdf")
    with store().open(file.sha256) as stream:
        pages = pypdf.PdfReader(io.BytesIO(stream.read())).pages
    assert (file.blob.page_count, slip.page_count) == (len(pages), len(pages))
    return squeezed("".join(page.extract_text() for page in pages))


@pytest.mark.clause("212/8.2.2", "212/S.3")
def test_a_transfer_prepares_the_slip_and_the_notice_as_outgoing_documents_with_their_papers(
    session: Any, document: Document, specialist: Actor
) -> None:
    slip, notice = prepared(specialist, document)
    assert (slip.kind, slip.state, slip.urgency) == (DocumentKind.OUTGOING, OutgoingState.PREPARING, "urgent")
    assert [each.type.code if each.type else "" for each in (slip, notice)] == ["phieu_chuyen", "phieu_bao"]
    assert slip.subject == f"Về việc chuyển Công văn số {document.number_notation} của {SENDER}"
    assert (slip.issuer_name, slip.issuer.ours if slip.issuer else None) == (
        "Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh",
        True,
    )
    assert slip.unit_id == specialist.posts[0].unit_id
    assert (slip.number_notation, slip.issued_on, slip.handling) == ("", None, None)
    assert slip.signer_name == "Phan Gia Lộc"
    assert squeezed(f"Kính gửi: {OUTSIDE}") in paper_of(session, slip)
    assert squeezed(f"Kính gửi: {SENDER}") in paper_of(session, notice)
    links = session.execute(select(DocumentLink.from_id, DocumentLink.kind).where(DocumentLink.to_id == document.id))
    assert dict(links.all()) == {slip.id: LinkKind.FORWARDS, notice.id: LinkKind.ANSWERS}


@pytest.mark.clause("212/8.2.3")
def test_a_return_prepares_one_letter_that_gives_the_reason(
    session: Any, document: Document, specialist: Actor
) -> None:
    (letter,) = prepared(specialist, document, RETURN, refusal_code="incomplete", reason="thiếu dự toán")
    assert letter.type is not None
    assert letter.type.code == "cong_van"
    assert squeezed("Lý do: thiếu tài liệu kèm theo. Thiếu dự toán.") in paper_of(session, letter)
    link = session.scalars(select(DocumentLink).where(DocumentLink.from_id == letter.id)).one()
    assert (link.to_id, link.kind) == (document.id, LinkKind.ANSWERS)


def test_before_decree_30_the_notice_is_a_letter(
    session: Any, document: Document, specialist: Actor, clock_at: Callable[[datetime], None]
) -> None:
    clock_at(datetime(2020, 3, 4, 9, tzinfo=VIETNAM))
    _, notice = prepared(specialist, document)
    assert notice.type is not None
    assert notice.type.code == "cong_van"
    assert squeezed("V/v thông báo chuyển") in paper_of(session, notice)


def test_a_slip_never_takes_an_arrival_number_and_stands_in_no_list_of_incoming_documents(
    session: Any, document: Document, specialist: Actor
) -> None:
    before = session.scalar(select(func.count()).select_from(queries.register_query(specialist).subquery()))
    slip, notice = prepared(specialist, document)
    assert slip.arrival_number is None
    assert session.scalar(select(func.count()).select_from(queries.register_query(specialist).subquery())) == before
    assert slip.id not in session.scalars(queries.waiting_query(specialist).with_only_columns(Document.id)).all()
    assert notice.state not in set(IncomingState)


@pytest.mark.clause("212/16.4.a")
def test_the_story_of_each_slip_begins_with_its_preparation(
    session: Any, document: Document, specialist: Actor
) -> None:
    made = prepared(specialist, document)
    told = session.scalars(select(Event).where(Event.tag == "outgoing.prepared").order_by(Event.id)).all()
    assert [(each.document_id, each.subject_id) for each in told] == [(each.id, str(each.id)) for each in made]
    assert {each.basis for each in told} == {"212/8.2.2 212/S.3"}
    assert {(each.state_before, each.state_after) for each in told} == {(None, OutgoingState.PREPARING)}
    assert told[0].params["slip"] == f"Phiếu chuyển gửi {OUTSIDE}"
    assert f"Phiếu chuyển gửi {OUTSIDE}" in line(told[0])


def test_what_comes_to_nothing_leaves_neither_row_nor_bytes(
    session: Any, document: Document, specialist: Actor
) -> None:
    document_id, kept = document.id, {each.sha256 for each in store().iter_blobs()}

    def fails() -> None:
        with unit_of_work() as uow:
            slips.prepare(uow, specialist, session.get(Document, document_id), TRANSFER, TO)
            raise RuntimeError("the act fails behind it")

    with pytest.raises(RuntimeError):
        fails()
    assert {each.sha256 for each in store().iter_blobs()} == kept
    assert session.scalars(select(Document).where(Document.kind == DocumentKind.OUTGOING)).all() == []
    assert session.scalars(select(DocumentLink)).all() == []


def test_the_same_slip_prepared_again_after_being_put_aside_is_another_document_with_the_same_bytes(
    session: Any, document: Document, specialist: Actor
) -> None:
    first = prepared(specialist, document)
    with unit_of_work() as uow:
        assert [each.id for each in slips.abandon(uow, specialist, document)] == [each.id for each in first]
    again = prepared(specialist, document)
    assert {each.id for each in again}.isdisjoint({each.id for each in first})
    assert session.scalar(select(func.count()).select_from(Blob)) == 2
    assert {each.state for each in first} == {OutgoingState.ABANDONED}
    with unit_of_work() as uow:
        assert len(slips.abandon(uow, specialist, document)) == 2  # those put aside before are left alone


@pytest.mark.clause("212/9.1")
def test_what_went_out_bears_the_number_written_by_hand(session: Any, document: Document, specialist: Actor) -> None:
    slip, notice = prepared(specialist, document)
    with unit_of_work() as uow:
        assert slips.issued(uow, specialist, document, "15/PC-VP", date(2026, 12, 30)) == [slip, notice]
    assert [each.state for each in (slip, notice)] == [OutgoingState.ISSUED] * 2
    assert [each.issued_on for each in (slip, notice)] == [date(2026, 12, 30)] * 2
    assert (slip.number_notation, slip.code_number, slip.code_notation) == ("15/PC-VP", "15", "PC-VP")
    assert notice.number_notation == ""
    event = session.scalars(select(Event).where(Event.tag == "outgoing.issued", Event.document_id == slip.id)).one()
    assert (event.state_before, event.state_after) == (OutgoingState.PREPARING, OutgoingState.ISSUED)
    assert f"Phiếu chuyển số 15/PC-VP gửi {OUTSIDE}" in line(event)
    assert "30/12/2026" in line(event)
    with unit_of_work() as uow:
        assert slips.abandon(uow, specialist, document) == []  # what went out is not taken back


def test_what_answers_another_document_is_left_alone(
    session: Any, document: Document, specialist: Actor, actor_for_kind: Actors
) -> None:
    other: Document = incoming.register(actor_for_kind(PostKind.CLERK), registration())
    kept = prepared(specialist, other)
    prepared(specialist, document)
    with unit_of_work() as uow:
        slips.issued(uow, specialist, document, "15/PC-VP", date(2026, 12, 30))
    assert {each.state for each in kept} == {OutgoingState.PREPARING}


@pytest.mark.clause("212/16.2.a")
def test_the_page_finds_slips_with_their_paper_and_the_sender_does_not(
    session: Any, document: Document, specialist: Actor, actor_for_kind: Actors
) -> None:
    slip, notice = prepared(specialist, document)
    found = related(session, specialist, document)
    assert [(each.document.id, each.label, each.state) for each in found] == [
        (notice.id, "Answered by", "In preparation, unsigned"),
        (slip.id, "Forwarded by", "In preparation, unsigned"),
    ]
    for each in found:
        assert each.file is not None
        assert each.file.document_id == each.document.id
        assert queries.file_of(session, specialist, each.file.id) is not None
        assert queries.file_of(session, actor_for_kind(PostKind.OUTSIDE), each.file.id) is None
    assert related(session, SYSTEM, slip)[0].document.id == document.id

"""Slips (phiếu chuyển, phiếu báo, công văn trả lại): prepared with the act that needs them, issued, put aside (8.2).

Called by the operations on the incoming document, within their unit of work and after they have locked it.
"""

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from pypdf import PdfReader
from sqlalchemy import select

from app.actor import Actor
from app.models import Document, DocumentLink
from app.operations import events, files
from app.operations.unit_of_work import UnitOfWork
from app.queries.handling_form import slip_facts, unit_of
from app.queries.office import office_names, own_office
from app.reports.slip import slip_pdf
from app.rules import slips as rules
from app.rules.incoming import document_key
from app.rules.slips import Slip, SlipKind
from app.rules.text import split_number
from app.vocabulary import DocumentKind, FileRole, LinkKind, OutgoingState

_BASIS = {rules.TRANSFER: ("212/8.2.2", "212/S.3"), rules.RETURN: ("212/8.2.3", "212/S.3")}


def prepare(
    uow: UnitOfWork, actor: Actor, document: Document, purpose: str, values: Mapping[str, Any]
) -> list[Document]:
    """Make the slips by which an incoming document goes on or back: outgoing documents in preparation, each with its
    draft as PDF and linked to it (212/8.2.2, 8.2.3). The move that needs them tells of them in its story.

    ``purpose``: ``transfer`` (slip and notice to the sender) or ``return``; ``values``: the move's cleaned inputs. The
    slip that settles the document comes first. Raises Refused when a file cannot be kept.
    """
    made = rules.slips(purpose, slip_facts(uow.session, document, actor), values)
    return [_prepared(uow, actor, document, slip, _BASIS[purpose]) for slip in made]


def _prepared(uow: UnitOfWork, actor: Actor, about: Document, slip: Slip, basis: tuple[str, ...]) -> Document:
    session = uow.session
    unit_id = unit_of(actor, about)
    office = own_office(session, unit_id)
    content = slip_pdf(slip)
    pages = len(PdfReader(io.BytesIO(content)).pages)
    document = Document(
        kind=DocumentKind.OUTGOING,
        state=OutgoingState.PREPARING,
        subject=slip.recorded_subject,
        type_id=slip.type_id,
        issuer_id=office.id if office else None,
        issuer_name=office_names(session).office,
        urgency=about.urgency,
        language=about.language,
        unit_id=unit_id,
        page_count=pages,
        signer_name=slip.signatory.name[:100],
        signer_position=slip.signatory.position.replace("\n", " ")[:100],
        extra={"slip": slip.kind.value, "called": slip.called, "to": slip.addressee},
    )
    session.add(document)
    session.flush()  # link and file point at it
    session.add(DocumentLink(from_id=document.id, to_id=about.id, kind=rules.LINKS[slip.kind]))
    files.keep_made(uow, document, content, f"{slip.called} (dự thảo).pdf", FileRole.DRAFT, pages)
    events.record(
        uow,
        actor,
        "outgoing.prepared",
        "document",
        document.id,
        document_id=document.id,
        basis=basis,
        state_after=OutgoingState.PREPARING,
        slip=_called(document),
    )
    return document


def abandon(uow: UnitOfWork, actor: Actor, document: Document) -> list[Document]:
    """Put aside everything that was prepared to answer an incoming document and has not gone out: what is on record of
    it stays. The move that does so tells it in the document's story. Returns what was put aside."""
    found = _in_preparation(uow, document)
    for each in found:
        each.state = OutgoingState.ABANDONED
        events.record(
            uow,
            actor,
            "outgoing.abandoned",
            "document",
            each.id,
            document_id=each.id,
            state_before=OutgoingState.PREPARING,
            state_after=OutgoingState.ABANDONED,
            slip=_called(each),
        )
    return found


def issued(uow: UnitOfWork, actor: Actor, document: Document, number_notation: str, issued_on: date) -> list[Document]:
    """Everything prepared to answer an incoming document has gone out on paper, signed and numbered by hand.

    The number is that of the answer itself: the transfer slip, the return letter, the draft. The notice to the sender
    went with it under a number of its own, which the outgoing register keeps. Returns what went out, the answer first.
    """
    found = sorted(_in_preparation(uow, document), key=lambda each: each.extra.get("slip") == SlipKind.NOTICE)
    for at, each in enumerate(found):
        each.state = OutgoingState.ISSUED
        each.issued_on = issued_on
        if at == 0:
            code_number, code_notation = split_number(number_notation)
            each.number_notation = number_notation
            each.code_number, each.code_notation = code_number[:11], code_notation[:50]
            each.identity_key = document_key(number_notation, each.issuer_id, each.issuer_name)
        events.record(
            uow,
            actor,
            "outgoing.issued",
            "document",
            each.id,
            document_id=each.id,
            basis=("212/9.1",),
            state_before=OutgoingState.PREPARING,
            state_after=OutgoingState.ISSUED,
            slip=_called(each),
            day=issued_on.isoformat(),
        )
    return found


def _in_preparation(uow: UnitOfWork, document: Document) -> list[Document]:
    """What is being prepared to answer an incoming document or to pass it on, locked, in the order it was made."""
    linked = select(DocumentLink.from_id).where(
        DocumentLink.to_id == document.id, DocumentLink.kind.in_((LinkKind.FORWARDS, LinkKind.ANSWERS))
    )
    query = (
        select(Document)
        .where(
            Document.id.in_(linked),
            Document.kind == DocumentKind.OUTGOING,
            Document.state == OutgoingState.PREPARING,
        )
        .order_by(Document.id)
    )
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return list(uow.session.scalars(locked))


def _called(document: Document) -> str:
    """How sentences name it; records are Vietnamese: ``Phiếu chuyển số 15/PC-VP gửi Sở Xây dựng``."""
    called = document.extra.get("called") or f"dự thảo “{document.subject}”"
    number = f"số {document.number_notation}" if document.number_notation else ""
    to = f"gửi {document.extra['to']}" if document.extra.get("to") else ""
    return " ".join(part for part in (called, number, to) if part)

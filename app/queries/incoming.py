"""Incoming documents, read: the register as a list, one document with everything its page shows."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.actor import Actor
from app.models import NO_DAY_FIRST, Document, DocumentFile
from app.queries import listing
from app.queries.listing import Facet, Key, ListQuery, Page, Sort
from app.queries.matching import document_match
from app.queries.visibility import get_visible, visible
from app.vocabulary import N_, DocumentKind

FACETS: tuple[Facet, ...] = (
    Facet("state", N_("State"), Document.state, choices="incoming_states"),
    Facet("urgency", N_("Urgency"), Document.urgency, choices="urgency_levels"),
    Facet("type_id", N_("Document type"), Document.type_id, choices="document_types", is_number=True),
    Facet("book_id", N_("Register book"), Document.book_id, choices="incoming_books", is_number=True),
    Facet("channel", N_("Arrived by"), Document.channel, choices="channels"),
    Facet("arrival_date", N_("Arrival date"), Document.arrival_date),
    Facet("issuer_id", N_("Issuing body"), Document.issuer_id, lookup="organisations", is_number=True),
)
SORTS: tuple[Sort, ...] = (
    Sort(
        "arrival",
        N_("Arrival number"),
        (
            Key(Document.arrival_date, lambda row: row.arrival_date, date),  # in step with the numbers of all years
            Key(Document.arrival_number, lambda row: row.arrival_number, int),
        ),
    ),
    Sort(
        "issued",
        N_("Date of the document"),
        (Key(NO_DAY_FIRST, lambda row: row.issued_on or date.min, date),),
    ),
)
BY_ID = Key(Document.id, lambda row: row.id, int)
LOADED = (Document.type, Document.urgency_level)


def register_query(actor: Actor) -> Select[Any]:
    """All incoming documents that the actor may see."""
    # written into the statement: the partial indexes are for this kind alone
    kind = literal(DocumentKind.INCOMING.value, literal_execute=True)
    return select(Document).where(Document.kind == kind, visible(actor))


def page(session: Session, actor: Actor, query: ListQuery) -> Page:
    """One page of the incoming register."""
    return listing.page(
        session,
        register_query(actor),
        query,
        by_id=BY_ID,
        sorts=SORTS,
        facets=FACETS,
        match=document_match(query.text),
        load=LOADED,
    )


def one(session: Session, actor: Actor, document_id: int) -> Document:
    """One incoming document with what its page shows. Raises :class:`~app.errors.NotFound`."""
    document = get_visible(session, actor, document_id, kind=DocumentKind.INCOMING)
    session.scalars(
        select(Document)
        .where(Document.id == document.id)
        .options(
            joinedload(Document.type),
            joinedload(Document.urgency_level),
            joinedload(Document.book),
            joinedload(Document.unit),
            selectinload(Document.files).joinedload(DocumentFile.blob),
        )
    ).one()
    return document


def file_of(session: Session, actor: Actor, file_id: int) -> DocumentFile | None:
    """A file of a document that the actor may see; ``None`` otherwise."""
    query = (
        select(DocumentFile)
        .join(Document, Document.id == DocumentFile.document_id)
        .where(DocumentFile.id == file_id, visible(actor))
        .options(joinedload(DocumentFile.blob))
    )
    return session.scalars(query).one_or_none()


def made_by(session: Session, actor: Actor, submission_key: UUID) -> Document | None:
    """The document that a form with this key registered, if the actor may see it."""
    query = select(Document).where(Document.submission_key == submission_key, visible(actor))
    return session.scalars(query).one_or_none()


def values_of(document: Document) -> dict[str, Any]:
    """The inputs of a correction, filled from the record."""
    return {
        "issuer": {"id": document.issuer_id, "name": document.issuer_name},
        "number_notation": document.number_notation,
        "issued_on": document.issued_on,
        "type_id": str(document.type_id) if document.type_id else "",
        "urgency": document.urgency,
        "subject": document.subject,
        "signer_name": document.signer_name,
        "signer_position": document.signer_position,
        "page_count": document.page_count,
        "language": document.language,
        "identifier": document.identifier,
        "note": document.note,
        "book_id": str(document.book_id) if document.book_id else "",
        "channel": document.channel,
        "received_at": document.received_at,
    }


def latest(session: Session, actor: Actor, count: int = 8) -> Sequence[Document]:
    """The documents registered last, for the work desk."""
    return page(session, actor, ListQuery(size=count)).rows

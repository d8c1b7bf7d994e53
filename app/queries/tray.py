"""The tray of papers that wait to be registered (khay chờ vào sổ), read: their files, their order, how many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.models import Document, DocumentFile, DocumentLink
from app.queries.incoming import is_withheld, register_query, waiting_query
from app.queries.listing import COUNT_CAP
from app.vocabulary import IncomingState


@dataclass(frozen=True)
class Place:
    """Where a paper stands in the tray: ``position`` of ``total`` (counted up to a cap), and the one that follows."""

    position: int
    total: int
    next_id: int | None


def files_of(session: Session, documents: Iterable[Document]) -> Mapping[int, Sequence[DocumentFile]]:
    """Files by document, in their order; with what is known of their bytes. What is withheld is not among them."""
    ids = [each.id for each in documents]
    found: dict[int, list[DocumentFile]] = {}
    if not ids:
        return found
    query = select(DocumentFile).where(DocumentFile.document_id.in_(ids), ~is_withheld(DocumentFile.sha256))
    query = query.options(joinedload(DocumentFile.blob))
    for file in session.scalars(query.order_by(DocumentFile.document_id, DocumentFile.ordinal)):
        found.setdefault(file.document_id, []).append(file)
    return found


def papers(session: Session, actor: Actor, ids: Sequence[int]) -> list[Document]:
    """Waiting papers of these ids that the actor may see, in the order given."""
    if not ids:
        return []
    query = waiting_query(actor).where(Document.id.in_(ids), Document.state == IncomingState.RECEIVED)
    found = {each.id: each for each in session.scalars(query)}
    return [found[i] for i in ids if i in found]


def resembled(session: Session, actor: Actor, documents: Iterable[Document]) -> Mapping[int, Document]:
    """The documents that waiting papers resemble, by their id, where the actor may see them and they have a number."""
    ids = {each.duplicate_of_id for each in documents if each.duplicate_of_id}
    if not ids:
        return {}
    return {each.id: each for each in session.scalars(register_query(actor).where(Document.id.in_(ids)))}


def owed(session: Session, actor: Actor, limit: int = 20) -> Sequence[Document]:
    """What was presented urgently and still lacks its arrival number, the longest owed first (212/4.1)."""
    query = waiting_query(actor).where(Document.state == IncomingState.URGENT)
    query = query.options(joinedload(Document.type), joinedload(Document.urgency_level))
    return session.scalars(query.order_by(Document.received_at, Document.id).limit(limit)).all()


def next_id(session: Session, actor: Actor, after: Document | None = None) -> int | None:
    """The paper to register next: the one that came after, else the first of the tray; ``None``: the tray is done."""
    query = waiting_query(actor).where(Document.state == IncomingState.RECEIVED).with_only_columns(Document.id)
    query = query.order_by(Document.received_at, Document.id).limit(1)
    found = None
    if after is not None:
        query = query.where(Document.id != after.id)
        place = tuple_(Document.received_at, Document.id) > tuple_(after.received_at, after.id)
        found = session.scalar(query.where(place))
    return found if found is not None else session.scalar(query)


def place_of(session: Session, actor: Actor, document: Document) -> Place:
    """Place of a waiting paper among those that wait, in the order in which they came."""
    waiting = waiting_query(actor).where(Document.state == IncomingState.RECEIVED)
    before = waiting.where(tuple_(Document.received_at, Document.id) < tuple_(document.received_at, document.id))
    count = select(func.count())
    return Place(
        (session.scalar(count.select_from(before.limit(COUNT_CAP).subquery())) or 0) + 1,
        session.scalar(count.select_from(waiting.limit(COUNT_CAP).subquery())) or 0,
        next_id(session, actor, document),
    )


def joined_into(session: Session, document: Document) -> Document | None:
    """The document of which a waiting paper became a part."""
    query = select(Document).join(DocumentLink, DocumentLink.to_id == Document.id)
    return session.scalars(query.where(DocumentLink.from_id == document.id).order_by(DocumentLink.id.desc())).first()

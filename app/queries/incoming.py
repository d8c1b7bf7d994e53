"""Incoming documents, read: the register as a list, one document with everything its page shows."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload, selectinload

from app.actor import Actor
from app.models import NO_DAY_FIRST, Document, DocumentFile, NumberSeries, RegisterEntry
from app.queries import listing
from app.queries.listing import Facet, Key, ListQuery, Page, Sort
from app.queries.matching import document_match
from app.queries.parties import organisations_named
from app.queries.to_settle import ME
from app.queries.visibility import get_visible, visible
from app.rules.incoming import DOUBTFUL, MARKED, document_key
from app.rules.text import clean, identity_key
from app.vocabulary import N_, DocumentKind, FileRole, HandlingState, IncomingState, PostKind, SeriesKind, Verdict

_TO_LOOK_AT = {DOUBTFUL: Document.signature_verdict.in_((Verdict.INVALID, Verdict.INDETERMINATE))}
_HANDLING = {
    state.value: Document.handling == literal(state.value, literal_execute=True)  # the index is for what is not settled
    for state in HandlingState
}
FACETS: tuple[Facet, ...] = (
    Facet("state", N_("State"), Document.state, choices="incoming_states"),
    Facet("urgency", N_("Urgency"), Document.urgency, choices="urgency_levels"),
    Facet("type_id", N_("Document type"), Document.type_id, choices="document_types", is_number=True),
    Facet("book_id", N_("Register book"), Document.book_id, choices="incoming_books", is_number=True),
    Facet("channel", N_("Arrived by"), Document.channel, choices="channels"),
    Facet("arrival_date", N_("Arrival date"), Document.arrival_date),
    Facet("handling", N_("Settling"), Document.handling, choices="handling_states", meanings=_HANDLING),
    Facet("lead_unit_id", N_("Settling unit"), Document.lead_unit_id, choices="own_units", is_number=True),
    Facet("lead_person_id", N_("Settling person"), Document.lead_person_id, lookup="people", is_number=True),
    Facet("issuer_id", N_("Sender"), Document.issuer_id, lookup="organisations", is_number=True),
    Facet(
        "signature_verdict",
        N_("Digital signature"),
        Document.signature_verdict,
        choices="verdicts",
        meanings=_TO_LOOK_AT,
    ),
)
_INSIDE = frozenset({"lead_unit_id", "lead_person_id"})


def facets_of(actor: Actor) -> tuple[Facet, ...]:
    """The facets of the register for somebody: who settles it is no business of the body that sent it, only how
    far it is (212/16.1.m). What its address says of any other is passed over."""
    if actor.is_system or any(post.ours for post in actor.effective_posts):
        return FACETS
    return tuple(each for each in FACETS if each.name not in _INSIDE)


WAITING_FACETS: tuple[Facet, ...] = (
    Facet("state", N_("State"), Document.state, choices="waiting_states"),
    Facet("channel", N_("Arrived by"), Document.channel, choices="channels"),
    Facet(
        "signature_verdict",
        N_("Digital signature"),
        Document.signature_verdict,
        choices="verdicts",
        meanings=_TO_LOOK_AT,
    ),
    Facet(
        "same_as",
        N_("Duplicate"),
        Document.duplicate_of_id,
        choices="duplicates",
        is_number=True,
        meanings={MARKED: Document.duplicate_of_id.is_not(None)},
    ),
)
_PERMITS = frozenset({PostKind.OFFICE_LEADER, PostKind.STANDING_COMMITTEE, PostKind.HEAD_OF_DEPARTMENT})
"""Who permits the urgent exception, or is presented what has no number yet (212/4.1, 212/7.1)."""


def waiting_facets(actor: Actor) -> tuple[Facet, ...]:
    """The facets of what has no arrival number, for somebody: leaders find what they permitted themselves."""
    if not any(post.kind in _PERMITS for post in actor.effective_posts):
        return WAITING_FACETS
    me = actor.effective_person_id or -1
    mine = or_(Document.permitted_by_id == me, Document.presented_to_id == me)
    return (
        *WAITING_FACETS,
        Facet(
            "leader", N_("Leader"), Document.permitted_by_id, choices="own_leading", is_number=True, meanings={ME: mine}
        ),
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
WAITING_SORTS: tuple[Sort, ...] = (
    Sort("received", N_("Received at"), (Key(Document.received_at, lambda row: row.received_at, datetime),)),
)
BY_ID = Key(Document.id, lambda row: row.id, int)
LOADED = (
    *(Document.type, Document.field, Document.urgency_level, Document.book),
    *(Document.lead_unit, Document.lead_person),
)


def _incoming(actor: Actor) -> Select[Any]:
    # written into the statement: the partial indexes are for this kind alone
    kind = literal(DocumentKind.INCOMING.value, literal_execute=True)
    return select(Document).where(Document.kind == kind, visible(actor))


def register_query(actor: Actor) -> Select[Any]:
    """All incoming documents with an arrival number that the actor may see: what the register holds."""
    return _incoming(actor).where(Document.arrival_number.is_not(None))


def waiting_query(actor: Actor) -> Select[Any]:
    """What has no arrival number: in the tray, presented urgently, refused, joined to another, taken out."""
    return _incoming(actor).where(Document.arrival_number.is_(None))


def waiting_base(actor: Actor, facets: Mapping[str, str]) -> Select[Any]:
    """What has no arrival number; without a state asked for, what still waits for something."""
    base = waiting_query(actor)
    if facets.get("state"):
        return base
    return base.where(Document.state.in_((IncomingState.RECEIVED, IncomingState.URGENT)))


def page(session: Session, actor: Actor, query: ListQuery) -> Page:
    """One page of the incoming register."""
    return listing.page(
        session,
        register_query(actor),
        query,
        by_id=BY_ID,
        sorts=SORTS,
        facets=facets_of(actor),
        match=document_match(query.text),
        load=LOADED,
    )


def waiting_page(session: Session, actor: Actor, query: ListQuery) -> Page:
    """One page of what has no arrival number; without a state asked for, what still waits for something."""
    return listing.page(
        session,
        waiting_base(actor, query.facets),
        query,
        by_id=BY_ID,
        sorts=WAITING_SORTS,
        facets=waiting_facets(actor),
        match=document_match(query.text),
        load=LOADED,
    )


LIVING = (IncomingState.REGISTERED, IncomingState.URGENT, IncomingState.RETURNED)
"""States in which a document stands against a second registration of the same."""


def duplicates(
    session: Session,
    actor: Actor,
    *,
    number_notation: str | None,
    issuer_id: int | None,
    issuer_name: str | None,
    identifier: str | None,
    issued_on: date | None,
    but: int | None = None,
    limit: int = 5,
) -> list[Document]:
    """Documents that may be the same one, newest first (212/16.1.g): the same identifier, or the same number and
    notation of the same issuing body within a year, whatever letter case, blanks, dash or Unicode form.

    ``but``: the document that is asked about, where there is one. Only those that the actor may see.
    """
    number = document_key(number_notation, None, "")
    same: list[ColumnElement[bool]] = []
    if number:
        keys = {document_key(number_notation, issuer_id, issuer_name), document_key(number_notation, None, issuer_name)}
        named = organisations_named(session, clean(issuer_name)) if clean(issuer_name) else []
        keys |= {document_key(number_notation, each.id, None) for each in named}  # closed ones too
        body = or_(
            Document.identity_key.in_(sorted(keys)),
            func.lower(Document.issuer_name) == func.lower(clean(issuer_name)),  # as the catalogue named it then
        )
        filled = Document.identity_key != literal("", literal_execute=True)
        # what begins with the number, in bytes: an index answers, whatever the collation and the plan
        begins = Document.identity_key.op("~>=~")(number), Document.identity_key.op("~<~")(f"{number[:-1]}}}")
        the_same: list[ColumnElement[bool]] = [*begins, filled, body]
        if issued_on:
            the_same.append(or_(Document.issued_on.is_(None), Document.issued_on.between(*_year(issued_on))))
        same.append(and_(*the_same))
    identifier_key = identity_key(clean(identifier))
    if identifier_key:
        same.append(
            and_(
                Document.identifier_key == identifier_key, Document.identifier_key != literal("", literal_execute=True)
            )
        )
    if not same:
        return []
    query = _incoming(actor).where(or_(*same), Document.state.in_(LIVING))
    if but is not None:
        query = query.where(Document.id != but)
    return _newest(session, query, limit, joinedload(Document.type), joinedload(Document.urgency_level))


def _newest(session: Session, query: Select[Any], limit: int, *options: Any) -> list[Document]:
    """The newest documents of a query that mostly finds none: their ids first, whole rows only where there are any."""
    ids = session.scalars(query.with_only_columns(Document.id).order_by(Document.id.desc()).limit(limit)).all()
    if not ids:
        return []
    found = select(Document).where(Document.id.in_(ids)).options(*options).order_by(Document.id.desc())
    return list(session.scalars(found))


def same_file(session: Session, actor: Actor, sha256s: Sequence[str], *, but: int | None = None) -> list[Document]:
    """Documents, newest first, that hold one of these files as their main one: scanned or sent twice."""
    if not sha256s:
        return []
    held = exists().where(
        DocumentFile.document_id == Document.id, DocumentFile.sha256.in_(sha256s), DocumentFile.role == FileRole.MAIN
    )
    query = _incoming(actor).where(held, Document.state.in_((*LIVING, IncomingState.RECEIVED)))
    if but is not None:
        query = query.where(Document.id != but)
    return _newest(session, query, 5)


def by_number(session: Session, actor: Actor, number: int, year: int) -> Document | None:
    """The document of an arrival number in any incoming series, the newest of several."""
    query = register_query(actor).where(Document.arrival_number == number, Document.arrival_year == year)
    series = select(NumberSeries.id).where(NumberSeries.kind == SeriesKind.INCOMING)
    query = query.where(Document.series_id.in_(series))  # the unique index begins with the series
    return session.scalars(query.order_by(Document.id.desc()).limit(1)).first()


def _year(day: date) -> tuple[date, date]:
    return date(day.year, 1, 1), date(day.year, 12, 31)


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


def several(session: Session, actor: Actor, ids: Sequence[int]) -> list[Document]:
    """Incoming documents of these ids that the actor may see, in the order given."""
    found = {each.id: each for each in session.scalars(_incoming(actor).where(Document.id.in_(ids)))}
    return [found[each] for each in ids if each in found]


def cancelled_because(session: Session, document: Document) -> str:
    """Why the number of a document was cancelled, as its line in the register says; empty where it was not."""
    if document.state != IncomingState.CANCELLED:
        return ""
    query = select(RegisterEntry.reason).where(RegisterEntry.document_id == document.id)
    return session.scalar(query.order_by(RegisterEntry.id.desc()).limit(1)) or ""


def is_withheld(sha256: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """SQL: whether bytes are those of a document whose content is withheld; the same bytes in any other document, in
    the tray or joined to another, are then shown to nobody either."""
    held, of = aliased(DocumentFile), aliased(Document)
    return exists().where(held.sha256 == sha256, of.id == held.document_id, of.withheld)


def withheld_files(session: Session, document_id: int) -> frozenset[str]:
    """Those of a document's files, by SHA-256, whose bytes are withheld."""
    query = select(DocumentFile.sha256).where(DocumentFile.document_id == document_id, is_withheld(DocumentFile.sha256))
    return frozenset(session.scalars(query))


def file_of(session: Session, actor: Actor, file_id: int) -> DocumentFile | None:
    """A file of a document that the actor may see; ``None`` otherwise, and where content is withheld (a secret)."""
    query = (
        select(DocumentFile)
        .join(Document, Document.id == DocumentFile.document_id)
        .where(DocumentFile.id == file_id, ~is_withheld(DocumentFile.sha256), visible(actor))
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
        "field_id": str(document.field_id) if document.field_id else "",
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

"""What leaves the incoming register on paper or as a file, read: the whole filtered list, batch by batch.

The same rows, filters and rights as on the screen (212/16.2.a); nothing is held but the batch at hand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Select, cast, func, select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.errors import Obstacle, Refused, refuse_if
from app.models import Assignment, Document, Event, RegisterEntry
from app.queries import listing
from app.queries.incoming import BY_ID, LOADED, SORTS, facets_of, register_query
from app.queries.listing import ListQuery, Match
from app.queries.matching import document_match
from app.vocabulary import N_, AssignmentKind, AssignmentState, EntryState, IncomingState

BATCH = 500
_YEAR = 10**10
"""Makes one number of year and arrival number, so that the first and last of several years can be told."""


@dataclass(frozen=True)
class ListExtent:
    """How far the listed documents reach: days, first and last number with their years, how many; ``newest`` is the
    largest id among them."""

    count: int
    first_day: date
    last_day: date
    first_number: tuple[int, int]
    """(year, number)"""
    last_number: tuple[int, int]
    newest: int


@dataclass(frozen=True)
class Listed:
    """A document of the list; ``reason`` is why its number was cancelled or why it went back, in the words given;
    ``passed_on`` the day on which whoever settles it was given it."""

    document: Document
    reason: str = ""
    passed_on: date | None = None


def in_register_order(query: ListQuery) -> ListQuery:
    """The order of a register on paper: by arrival number upwards, unless the reader sorted by something else."""
    by_number = not query.sort or query.sort == SORTS[0].name
    return replace(query, descending=False if by_number else query.descending, after="", before="")


def extent_of(session: Session, actor: Actor, query: ListQuery, most: int) -> ListExtent:
    """How far the list reaches that a query shows.

    Raises Refused for filters that mean nothing, for an empty list, and for one of more than ``most`` rows.
    """
    number = cast(Document.arrival_year, BigInteger) * _YEAR + Document.arrival_number
    narrowed = _narrowed(actor, query)
    match = _match(query)
    if match is not None:
        narrowed = narrowed.where(match.condition)
    rows = narrowed.with_only_columns(Document.arrival_date.label("day"), number.label("number"), Document.id)
    looked_at = rows.order_by(None).limit(most + 1).subquery()
    columns = looked_at.c
    found = session.execute(
        select(
            func.count(),
            func.min(columns.day),
            func.max(columns.day),
            func.min(columns.number),
            func.max(columns.number),
            func.max(columns.id),
        ).select_from(looked_at)
    ).one()
    count, first_day, last_day, first, last, newest = found
    if not count:
        message = N_("No document is in this list. Change the filters, then export again.")
        raise Refused(Obstacle(message, code="nothing_to_export"))
    if count > most:
        message = N_(
            "The list has more than %(most)s documents: too many for one file. Narrow it by arrival date, a quarter or"
            " a month at a time, and export each part."
        )
        raise Refused(Obstacle(message, "arrival_date_from", {"most": f"{most:,}".replace(",", ".")}, "too_many"))
    return ListExtent(count, first_day, last_day, divmod(first, _YEAR), divmod(last, _YEAR), newest)


def listed(session: Session, actor: Actor, query: ListQuery, newest: int) -> Iterator[Listed]:
    """All rows of the list in order, read in batches; documents newer than ``newest`` are left to the next time."""
    base = register_query(actor).where(Document.id <= newest)
    match, after = _match(query), ""
    while True:
        page = listing.page(
            session,
            base,
            replace(query, after=after, before="", size=BATCH),
            by_id=BY_ID,
            sorts=SORTS,
            facets=facets_of(actor),
            match=match,
            load=LOADED,
        )
        reasons = _reasons(session, page.rows)
        given = _given(session, page.rows)
        for document in page.rows:
            yield Listed(document, reasons.get(document.id, ""), given.get(document.id))
        if page.next is None:
            return
        after = page.next


def return_event(session: Session, document: Document) -> Event | None:
    """The act by which a document was refused or sent back; ``None`` for one that was not."""
    if document.state not in (IncomingState.REFUSED, IncomingState.RETURNED):
        return None
    query = select(Event).where(Event.document_id == document.id, Event.state_after == document.state)
    return session.scalars(query.order_by(Event.id.desc()).limit(1)).first()


def _narrowed(actor: Actor, query: ListQuery) -> Select[Any]:
    conditions, faults = listing.facet_conditions(facets_of(actor), query.facets)
    refuse_if(faults)
    return register_query(actor).where(*conditions)


def _match(query: ListQuery) -> Match | None:
    """What was typed; on paper no row stands before its turn."""
    match = document_match(query.text)
    return match and replace(match, leading=None)


def _given(session: Session, documents: Sequence[Document]) -> dict[int, date]:
    """When whoever settles each document was given it, for one batch: the newest lead that was not taken back."""
    led = [each.id for each in documents if each.lead_unit_id is not None]
    if not led:
        return {}
    query = select(Assignment.document_id, func.max(Assignment.assigned_at)).where(
        Assignment.document_id.in_(led),
        Assignment.parent_id.is_(None),
        Assignment.kind == AssignmentKind.LEAD,
        Assignment.state.not_in((AssignmentState.WITHDRAWN, AssignmentState.GIVEN_BACK)),
    )
    rows = session.execute(query.group_by(Assignment.document_id))
    return {document_id: clock.in_vietnam(at).date() for document_id, at in rows}


def _reasons(session: Session, documents: Sequence[Document]) -> dict[int, str]:
    """Why numbers were cancelled and documents sent back, for one batch."""
    cancelled = [each.id for each in documents if each.state == IncomingState.CANCELLED]
    returned = [each.id for each in documents if each.state == IncomingState.RETURNED]
    found: dict[int, str] = {}
    if cancelled:
        lines = select(RegisterEntry.document_id, RegisterEntry.reason).where(
            RegisterEntry.document_id.in_(cancelled), RegisterEntry.state == EntryState.CANCELLED
        )
        found.update((row.document_id, row.reason) for row in session.execute(lines))
    if returned:
        acts = (
            select(Event.document_id, Event.params)
            .where(Event.document_id.in_(returned), Event.state_after == IncomingState.RETURNED)
            .order_by(Event.id)
        )
        found.update((row.document_id, row.params.get("reason") or "") for row in session.execute(acts))
    return found

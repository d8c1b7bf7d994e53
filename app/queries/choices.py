"""Choice lists that inputs of moves and filters of lists name: (value, label) in the order to show."""

from collections.abc import Callable
from datetime import date

from flask_babel import gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.models import DocumentType, NumberSeries, RegisterBook, UrgencyLevel
from app.rules import incoming
from app.vocabulary import SeriesKind

Choices = list[tuple[str, str]]


def document_types(session: Session, day: date | None = None) -> Choices:
    """Types valid on a day (today), in catalogue order."""
    on = day or clock.today()
    query = (
        select(DocumentType.id, DocumentType.name)
        .where(DocumentType.valid_from <= on, or_(DocumentType.valid_to.is_(None), DocumentType.valid_to >= on))
        .order_by(DocumentType.ordinal, DocumentType.name)
    )
    return [(str(row.id), row.name) for row in session.execute(query)]


def urgency_levels(session: Session) -> Choices:
    """Levels, lowest first."""
    query = select(UrgencyLevel.code, UrgencyLevel.name).order_by(UrgencyLevel.rank)
    return [(row.code, row.name) for row in session.execute(query)]


def incoming_books(session: Session) -> Choices:
    """Open books on incoming series."""
    today = clock.today()
    query = (
        select(RegisterBook.id, RegisterBook.name)
        .join(NumberSeries, NumberSeries.id == RegisterBook.series_id)
        .where(
            NumberSeries.kind == SeriesKind.INCOMING,
            RegisterBook.valid_from <= today,
            or_(RegisterBook.valid_to.is_(None), RegisterBook.valid_to >= today),
        )
        .order_by(RegisterBook.ordinal, RegisterBook.name)
    )
    return [(str(row.id), row.name) for row in session.execute(query)]


def channels(session: Session) -> Choices:  # noqa: ARG001 - one signature for all lists
    """How a document may arrive."""
    return [(channel.value, gettext(label)) for channel, label in incoming.CHANNELS.items()]


def incoming_states(session: Session) -> Choices:  # noqa: ARG001 - one signature for all lists
    """States of incoming documents."""
    return [(str(state), gettext(label)) for state, label in incoming.LIFECYCLE.states.items()]


LISTS: dict[str, Callable[[Session], Choices]] = {
    "document_types": document_types,
    "urgency_levels": urgency_levels,
    "incoming_books": incoming_books,
    "channels": channels,
    "incoming_states": incoming_states,
}


def choices(session: Session, name: str) -> Choices:
    """One list by its name. Raises ``KeyError``."""
    return LISTS[name](session)

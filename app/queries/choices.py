"""Choice lists that inputs of moves and filters of lists name: (value, label) in the order to show.

Labels of the program's own lists are catalogue entries, which ``say`` puts into the reader's language; names from
the database stand as they are.
"""

from collections.abc import Callable
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.models import DocumentType, NumberSeries, RegisterBook, UrgencyLevel
from app.queries.parties import organisation_name
from app.rules import incoming
from app.rules.text import BIGINT, whole_number
from app.vocabulary import SeriesKind

Choices = list[tuple[str, str]]
Say = Callable[[str], str]


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


def channels(say: Say) -> Choices:
    """How a document may arrive."""
    return [(channel.value, say(label)) for channel, label in incoming.CHANNELS.items()]


def incoming_states(say: Say) -> Choices:
    """States of incoming documents."""
    return [(str(state), say(label)) for state, label in incoming.LIFECYCLE.states.items()]


STORED: dict[str, Callable[[Session], Choices]] = {
    "document_types": document_types,
    "urgency_levels": urgency_levels,
    "incoming_books": incoming_books,
}
DECLARED: dict[str, Callable[[Say], Choices]] = {"channels": channels, "incoming_states": incoming_states}
NAMES: dict[str, Callable[[Session, int], str | None]] = {"organisations": organisation_name}
"""Lists too long to offer: what tells the name of one value."""


def choices(session: Session, name: str, say: Say = str) -> Choices:
    """One list by its name. Raises ``KeyError``."""
    return STORED[name](session) if name in STORED else DECLARED[name](say)


def name_of(session: Session, name: str, value: str) -> str | None:
    """The name of one value of a list too long to offer; ``None`` when there is no such value. Raises ``KeyError``."""
    number = whole_number(value, BIGINT)
    return NAMES[name](session, number) if number is not None else None

"""Load what every installation starts with: types, urgency, calendar, fields, series, books, the Office itself.

Only what is missing is added; what somebody edited stays. Safe to run at every start.
"""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import (
    CalendarDay,
    DocumentType,
    NumberSeries,
    Organisation,
    RegisterBook,
    UrgencyLevel,
    WorkField,
)
from app.operations import events
from app.operations.base import operation
from app.operations.unit_of_work import UnitOfWork
from app.queries.settings import setting
from app.reference.calendar import calendar_rows
from app.reference.document_types import DOCUMENT_TYPES
from app.reference.series import REGISTER_BOOKS, SERIES
from app.reference.urgency import URGENCY_LEVELS
from app.reference.work_fields import WORK_FIELDS
from app.rules.text import name_sort_key
from app.vocabulary import OrganisationKind

FIRST_DAY = date(1945, 9, 2)
"""For what has no known beginning."""


@operation()
def load(actor: Actor, *, uow: UnitOfWork) -> dict[str, int]:
    """Add missing start data; returns how many rows of each kind were added."""
    session = uow.session
    added = {
        "document_types": _types(session),
        "urgency_levels": _urgency(session),
        "calendar_days": _calendar(session),
        "work_fields": _fields(session),
        "number_series": _series(session),
        "register_books": _books(session),
        "organisations": _office(session),
    }
    if any(added.values()):
        events.record(uow, actor, "reference.loaded", "reference", "", added=added)
    return added


def _add(session: Session, rows: list[Any]) -> int:
    session.add_all(rows)
    session.flush()  # books point at series that were added just before
    return len(rows)


def _types(session: Session) -> int:
    present = {tuple(row) for row in session.execute(select(DocumentType.code, DocumentType.valid_from))}
    return _add(
        session,
        [
            DocumentType(
                code=row.code,
                name=row.name,
                abbreviation=row.abbreviation or "",
                grouping=row.group,
                ordinal=row.ordinal,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
            )
            for row in DOCUMENT_TYPES
            if (row.code, row.valid_from) not in present
        ],
    )


def _urgency(session: Session) -> int:
    present = set(session.scalars(select(UrgencyLevel.code)))
    return _add(
        session,
        [UrgencyLevel(code=r.code, name=r.name, rank=r.rank) for r in URGENCY_LEVELS if r.code not in present],
    )


def _calendar(session: Session) -> int:
    """A year that has any day is the IT centre's own: a deleted day must not come back at the next start."""
    years = set(session.scalars(select(func.extract("year", CalendarDay.day)).distinct()))
    return _add(
        session,
        [
            CalendarDay(day=row.day, kind=row.kind, name=row.name, note=row.note)
            for row in calendar_rows()
            if row.day.year not in years
        ],
    )


def _fields(session: Session) -> int:
    present = set(session.scalars(select(WorkField.code)))
    return _add(
        session,
        [
            WorkField(code=row.code, name=row.name, ordinal=row.ordinal, valid_from=FIRST_DAY)
            for row in WORK_FIELDS
            if row.code not in present
        ],
    )


def _series(session: Session) -> int:
    present = set(session.scalars(select(NumberSeries.code)))
    return _add(
        session,
        [
            NumberSeries(code=row.code, name=row.name, kind=row.kind, valid_from=FIRST_DAY)
            for row in SERIES
            if row.code not in present
        ],
    )


def _books(session: Session) -> int:
    present = set(session.scalars(select(RegisterBook.code)))
    series = {row.code: row.id for row in session.scalars(select(NumberSeries))}
    return _add(
        session,
        [
            RegisterBook(
                code=row.code,
                name=row.title,
                series_id=series[row.series],
                ordinal=row.ordinal,
                valid_from=FIRST_DAY,
            )
            for row in REGISTER_BOOKS
            if row.code not in present
        ],
    )


def _office(session: Session) -> int:
    """The body above and the Office itself: the root of the tree of own units."""
    if session.scalar(select(Organisation.id).where(Organisation.ours).limit(1)) is not None:
        return 0
    above = Organisation(
        kind=OrganisationKind.BODY,
        name=setting(session, "parent_name"),
        sort_key=name_sort_key(setting(session, "parent_name")),
        valid_from=FIRST_DAY,
    )
    session.add(above)
    session.flush()  # the Office points at it
    name = setting(session, "office_name")
    office = Organisation(
        parent_id=above.id,
        kind=OrganisationKind.BODY,
        ours=True,
        name=name,
        sort_key=name_sort_key(name),
        valid_from=FIRST_DAY,
    )
    return 1 + _add(session, [office])

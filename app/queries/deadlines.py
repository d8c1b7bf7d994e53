"""Deadlines, read: the Office's calendar, the term that holds for a document, and how its deadline stands today.

The calendar table wins (212/4.4): the State decides days off and swapped days year by year, and the IT centre enters
them. Only years of which the table has no row at all are filled by the package ``holidays``, as a forecast; one entered
day makes a year the Office's own. ``app/rules/deadlines.py`` does the counting.
"""

from datetime import date, time
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app import clock
from app.models import CalendarDay, DeadlineRule, Document, DocumentType, UrgencyLevel, WorkField
from app.queries.settings import settings
from app.reference.forecast import Expected
from app.rules import deadlines as rules
from app.rules.deadlines import Calendar, Deadline, Stand, Term, TermRule
from app.vocabulary import CalendarKind, TermCounting

_READ = "deadlines"
LITTLE_TIME = 2
"""Working days that somebody late gives those who are to help out."""


@event.listens_for(Session, "after_flush")
@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, *_: Any) -> None:
    session.info.pop(_READ, None)


def _kept(session: Session) -> dict[str, Any]:
    """What was read in this transaction: a list asks for every row, a form for every field."""
    found: dict[str, Any] = session.info.setdefault(_READ, {})
    return found


def calendar(session: Session) -> Calendar:
    """Days off and days worked instead, read once in a transaction that writes nothing (some 200 rows)."""
    kept = _kept(session)
    if "calendar" not in kept:
        named: dict[str, dict[date, str]] = {kind: {} for kind in CalendarKind}
        for day, kind, name in session.execute(select(CalendarDay.day, CalendarDay.kind, CalendarDay.name)):
            named[kind][day] = name
        years = frozenset(day.year for days in named.values() for day in days)
        kept["calendar"] = Calendar(Expected(named[CalendarKind.OFF], years), named[CalendarKind.WORKED])
    found: Calendar = kept["calendar"]
    return found


def _setting(session: Session, name: str) -> Any:
    kept = _kept(session)
    if "settings" not in kept:
        kept["settings"] = settings(session)
    return kept["settings"][name]


def warn_days(session: Session) -> int:
    """From how many working days before it a deadline counts as soon, as the IT centre set it."""
    return int(_setting(session, "warn_days"))


def received_on(session: Session, document: Document) -> date:
    """The day of receipt from which a document's term is counted; it is not counted itself (212/4.4).

    The day of arrival in Vietnam; with the setting for it, what arrived after office hours counts from the next
    working day. A document without arrival counts from today.
    """
    if document.received_at is None:
        return document.arrival_date or clock.today()
    office_end = time.fromisoformat(_setting(session, "office_end")) if _setting(session, "after_hours") else None
    return rules.counted_from(clock.in_vietnam(document.received_at), office_end, calendar(session))


def term_for(session: Session, document: Document) -> Term:
    """The term in which a document is to be settled (212/4.4, 212/8.1).

    The most specific rule of the catalogue valid on the day of receipt, else the office's own term of the settings.
    Where its urgency level has a handling time, that many working hours, rounded up to working days, if shorter: a mark
    may hasten what the law allows time for, never put it off.
    """
    day = received_on(session, document)
    term = rules.choose_term(
        _rules(session),
        rules.default_term(int(_setting(session, "default_working_days"))),
        type_code=_code(session, DocumentType, document.type_id),
        field_code=_code(session, WorkField, document.field_id),
        day=day,
    )
    level = session.get(UrgencyLevel, document.urgency) if document.urgency else None
    if level is None or not level.handling_hours:
        return term
    return rules.shorter(term, Term(rules.days_of_hours(level.handling_hours), TermCounting.WORKING, level.name, ""))


def _code(session: Session, table: Any, key: int | None) -> str | None:
    row = session.get(table, key) if key is not None else None
    return row.code if row is not None else None


def _rules(session: Session) -> tuple[TermRule, ...]:
    """All rules of the catalogue: they are few, and most of them ask for one document after another."""
    kept = _kept(session)
    if "rules" not in kept:
        query = (
            select(DeadlineRule, DocumentType.code, WorkField.code)
            .outerjoin(DocumentType, DocumentType.id == DeadlineRule.type_id)
            .outerjoin(WorkField, WorkField.id == DeadlineRule.field_id)
            .order_by(DeadlineRule.id)
        )
        kept["rules"] = tuple(
            TermRule(
                Term(row.days, TermCounting(row.counting), row.name, row.basis),
                type_code,
                field_code,
                row.valid_from,
                row.valid_to,
            )
            for row, type_code, field_code in session.execute(query)
        )
    found: tuple[TermRule, ...] = kept["rules"]
    return found


def proposed(session: Session, document: Document) -> Deadline:
    """The deadline that a document has by rule, and why: what the dialog of an assignment begins with (212/4.4)."""
    return rules.deadline(received_on(session, document), term_for(session, document), calendar(session))


def proposed_below(session: Session, own: date | None, latest: date | None) -> date:
    """The deadline that what is passed on or asked for begins with: the own one; where there is none, or it has
    passed, :data:`LITTLE_TIME` from today, but never after ``latest``, which bounds it from further above."""
    today = clock.today()
    found = own if own is not None and own >= today else calendar(session).add(today, LITTLE_TIME)
    return min(found, latest) if latest is not None else found


def stand_of(session: Session, due_on: date | None) -> Stand:
    """How a deadline stands today: none, in time, soon or late, with its working days."""
    return rules.stand(due_on, clock.today(), calendar(session), warn_days(session))


def soon_until(session: Session) -> date:
    """The last deadline that counts as soon today, for statements that narrow lists."""
    return rules.soon_until(clock.today(), warn_days(session), calendar(session))

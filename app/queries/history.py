"""The three trails of a record, read: versions, events, accesses."""

from itertools import pairwise
from typing import Any

from sqlalchemy import and_, inspect, or_, select
from sqlalchemy.orm import Session
from sqlalchemy_continuum import version_class

from app.models import Access, Document, Event, Person
from app.rules.handling import PRESENT
from app.vocabulary import AccessKind

UNSPOKEN = frozenset(
    {"version", "transaction_id", "end_transaction_id", "operation_type", "identity_key", "identifier_key", "search"}
)
"""Columns that change along and say nothing to people."""


def changes_since(session: Session, record: Any, subject_type: str, version: int) -> tuple[dict[str, Any], ...]:
    """What changed on a versioned record since ``version``: who, when, and each field with its value then and now.

    Newest first; empty when the versions do not reach back that far.
    """
    rows = version_class(type(record))
    query = select(rows).where(rows.id == record.id, rows.version >= version).order_by(rows.version)
    versions = session.scalars(query).all()
    found = []
    for before, after in pairwise(versions):
        event = session.scalars(
            select(Event).where(
                Event.transaction_id == after.transaction_id,
                Event.subject_type == subject_type,
                Event.subject_id == str(record.id),
            )
        ).first()
        found.append(
            {
                "at": event.at if event else None,
                "who": event.actor_name if event else "",
                "tag": event.tag if event else "",
                "fields": difference(before, after),
            }
        )
    return tuple(reversed(found))


def difference(before: Any, after: Any) -> dict[str, tuple[Any, Any]]:
    """Fields of two version rows that differ: name → (before, after)."""
    names = [c.key for c in inspect(type(after)).columns if c.key not in UNSPOKEN]
    return {n: (getattr(before, n), getattr(after, n)) for n in names if getattr(before, n) != getattr(after, n)}


def changes_by_transaction(session: Session, document_id: int) -> dict[int, dict[str, tuple[Any, Any]]]:
    """What each version transaction changed on a document: transaction → field → (before, after)."""
    rows = version_class(Document)
    versions = session.scalars(select(rows).where(rows.id == document_id).order_by(rows.version)).all()
    return {after.transaction_id: difference(before, after) for before, after in pairwise(versions)}


def events_of(session: Session, document_id: int) -> list[Event]:
    """All acts on a document, newest first."""
    query = select(Event).where(Event.document_id == document_id).order_by(Event.at.desc(), Event.id.desc())
    return list(session.scalars(query))


def accesses_of(session: Session, document_id: int, limit: int = 200) -> list[Access]:
    """The last looks at a document, newest first; opening its page counts once, not again for the file shown in it."""
    shown_in_page = and_(Access.kind == AccessKind.VIEW, Access.file_id.is_not(None))
    query = select(Access).where(Access.document_id == document_id, ~shown_in_page)
    query = query.order_by(Access.at.desc(), Access.id.desc())
    return list(session.scalars(query.limit(limit)))


def last_actor(session: Session, document_id: int, tag: str) -> int | None:
    """The person who made a move on a document last; ``None`` where nobody did, or the program."""
    query = (
        select(Person.id)
        .join(Event, Event.actor_user_id == Person.user_id)
        .where(Event.document_id == document_id, Event.tag == tag)
    )
    return session.scalar(query.order_by(Event.at.desc(), Event.id.desc()).limit(1))


def last_event(session: Session, tag: str, subject_type: str, subject_id: int) -> Event | None:
    """The last act of one kind on one record: what was just done, as it is on record."""
    query = select(Event).where(
        Event.tag == tag, Event.subject_type == subject_type, Event.subject_id == str(subject_id)
    )
    return session.scalars(query.order_by(Event.at.desc(), Event.id.desc()).limit(1)).first()


def came_with(session: Session, document: Document) -> tuple[Event, str] | None:
    """What somebody wrote along when the document came where its settling stands: the note to the leader, the reason
    for which it was given back or reopened; ``None`` where nothing was written. Presented anew, the new note counts."""
    query = select(Event).where(
        Event.document_id == document.id,
        Event.subject_type == "document",
        Event.state_after == document.handling,
        or_(Event.state_before.is_distinct_from(Event.state_after), Event.tag == PRESENT.name),
    )
    event = session.scalars(query.order_by(Event.at.desc(), Event.id.desc()).limit(1)).first()
    words = (event.params.get("note") or event.params.get("reason") or "") if event is not None else ""
    return (event, words) if event is not None and words else None

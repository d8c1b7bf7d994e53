"""Notices, read: who gets one and how, what a person has, how many are unread, what is due (16.1.l)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, func, literal, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from app import clock
from app.actor import Actor
from app.errors import NotFound
from app.models import Assignment, Document, Notice, NoticeChoice, Organisation, Person, Post
from app.queries import listing
from app.queries.listing import Key, ListQuery, Page, Sort
from app.queries.people import held_on
from app.rules.handling import HEADS
from app.rules.notices import WRITTEN, Told
from app.vocabulary import AssignmentKind, AssignmentState, NoticeKind

MOST_UNREAD = 99
"""Unread notices are counted so far; the bell then says “99+”."""
LATEST = 8


@dataclass(frozen=True)
class Recipient:
    """Somebody who can be told: with an account in use and a post today."""

    person_id: int
    email: str
    ways: dict[str, list[str]] | None = None
    quiet_from: str = ""
    quiet_to: str = ""
    digested_on: date | None = None


def _recipients() -> Any:
    return (
        select(
            Person.id,
            Person.email,
            NoticeChoice.ways,
            func.coalesce(NoticeChoice.quiet_from, ""),
            func.coalesce(NoticeChoice.quiet_to, ""),
            NoticeChoice.digested_on,
        )
        .join(User, User.id == Person.user_id)
        .outerjoin(NoticeChoice, NoticeChoice.person_id == Person.id)
        .where(User.active.is_(True), exists().where(Post.person_id == Person.id, held_on(clock.today())))
        .order_by(Person.id)
    )


def recipients(session: Session, person_ids: Collection[int]) -> list[Recipient]:
    """Those of the people who can be told, with what they chose; one statement, in the order of their ids."""
    return [Recipient(*row) for row in session.execute(_recipients().where(Person.id.in_(person_ids)))]


def addressees(session: Session, day: date) -> list[Recipient]:
    """Everybody with an address for mail who can be told, but for those who had the daily summary of ``day``."""
    had = and_(NoticeChoice.digested_on.is_not(None), NoticeChoice.digested_on >= day)
    query = _recipients().where(Person.email != "", or_(NoticeChoice.person_id.is_(None), ~func.coalesce(had, False)))
    return [Recipient(*row) for row in session.execute(query)]


# ── what a person has ────────────────────────────────────────────────────────────────────────────────────────────


def told(notice: Notice) -> Told:
    """A notice with what its document is called today; of a document whose content is withheld, only its number, and
    none of the words that people wrote about it."""
    document = notice.document
    withheld = document is not None and document.withheld
    return Told(
        NoticeKind(notice.kind),
        notice.actor_name,
        {name: value for name, value in notice.params.items() if not (withheld and name in WRITTEN)},
        document.arrival_number if document is not None else None,
        document.arrival_year if document is not None else None,
        document.subject if document is not None and not withheld else "",
    )


def _unread(actor: Actor) -> ColumnElement[bool]:
    return and_(Notice.person_id == actor.person_id, Notice.bell, Notice.read_at.is_(None))


def unread_about(actor: Actor, document_id: int) -> ColumnElement[bool]:
    """Which notices the person has not read of one document; few are unread, so their index finds them."""
    return and_(_unread(actor), Notice.document_id == document_id)


def is_told_of(session: Session, actor: Actor, document_id: int) -> bool:
    """Whether a notice about a document waits to be read; one statement, by the index of the unread."""
    return bool(session.scalar(select(exists().where(unread_about(actor, document_id)))))


@dataclass(frozen=True)
class Unread:
    """How many notices in the program are unread, up to one past :data:`MOST_UNREAD`, and the id of the newest."""

    count: int = 0
    newest: int = 0


def unread(session: Session, actor: Actor) -> Unread:
    """What the person's bell says; one statement, by the index of the unread."""
    if actor.person_id is None:
        return Unread()
    return Unread(*session.execute(select(*unread_scalars(actor))).one())


def unread_scalars(actor: Actor) -> tuple[ScalarSelect[int], ScalarSelect[int]]:
    """The fields of :class:`Unread`, to be asked for beside other counters of a page."""
    newest_first = select(Notice.id).where(_unread(actor)).order_by(Notice.id.desc())
    few = newest_first.limit(MOST_UNREAD + 1).subquery()
    newest = newest_first.limit(1).subquery()
    count = select(func.count()).select_from(few).scalar_subquery()
    return count, select(func.coalesce(func.max(newest.c.id), 0)).scalar_subquery()


def of_person(session: Session, actor: Actor, after: str = "", before: str = "", size: int = listing.PAGE_SIZE) -> Page:
    """One page of the person's notices in the program, the newest first, their documents loaded."""
    query = select(Notice).where(Notice.person_id == actor.person_id, Notice.bell)
    by_id = Key(Notice.id, lambda row: row.id, int)
    place = ListQuery(after=after, before=before, size=size)
    return listing.page(session, query, place, by_id=by_id, sorts=[Sort("at", "", ())], load=[Notice.document])


def latest(session: Session, actor: Actor, after: int = 0, limit: int = LATEST) -> list[Notice]:
    """The newest notices in the program with an id above ``after``, the newest first, their documents loaded."""
    query = select(Notice).where(Notice.person_id == actor.person_id, Notice.bell, Notice.id > after)
    query = query.options(joinedload(Notice.document)).order_by(Notice.id.desc()).limit(limit)
    return list(session.scalars(query)) if actor.person_id is not None else []


def own_notice(session: Session, actor: Actor, notice_id: int, *, lock: bool = False) -> Notice:
    """A notice of the person. Raises NotFound for one of somebody else, or none."""
    query = select(Notice).where(Notice.id == notice_id, Notice.person_id == actor.person_id)
    if lock:
        query = query.with_for_update(of=Notice).execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def choice(session: Session, person_id: int) -> NoticeChoice | None:
    """What a person chose; ``None``: nothing yet."""
    return session.get(NoticeChoice, person_id)


def address_of(session: Session, person_id: int) -> str:
    """Where mail to a person goes; empty where no address is on record."""
    return session.scalar(select(Person.email).where(Person.id == person_id)) or ""


# ── for jobs ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class DueWork:
    """An open assignment with its deadline, its document, and who assigned it."""

    assignment_id: int
    document_id: int
    unit_id: int
    unit: str
    person_id: int | None
    person: str
    assigned_by_id: int | None
    due_on: date
    number: int | None
    year: int | None
    subject: str


def due_work(session: Session, until: date, *, after: int = 0, limit: int | None = None) -> list[DueWork]:
    """Open work due by a day, in the order of its ids: not suspended, not only to be known, not passed on.

    What was passed on is the work of whoever leads below, who is told. ``after`` and ``limit`` take it in portions.
    """
    query = _works().where(*_due_by(until), Assignment.id > after).order_by(Assignment.id).limit(limit)
    return [DueWork(*row) for row in session.execute(query)]


def pressing_work(session: Session, today: date, until: date, most: int) -> list[DueWork]:
    """The same, the earliest deadline first: of each person, and each unit as a whole, at most ``most`` that are late
    on ``today`` and as many that are not."""
    whose = case((Assignment.person_id.is_(None), Assignment.unit_id), else_=null())
    place = func.row_number().over(
        partition_by=(Assignment.person_id, whose, Assignment.due_on < today),
        order_by=(Assignment.due_on, Assignment.id),
    )
    ranked = select(Assignment.id, place.label("place")).where(*_due_by(until)).subquery()
    query = _works().join(ranked, ranked.c.id == Assignment.id).where(ranked.c.place <= most)
    return [DueWork(*row) for row in session.execute(query.order_by(Assignment.due_on, Assignment.id))]


def _due_by(until: date) -> tuple[ColumnElement[bool], ...]:
    return (
        Assignment.state == AssignmentState.OPEN,
        Assignment.kind != AssignmentKind.INFORM,
        ~Assignment.passed_on,
        Assignment.due_on <= until,
    )


def _works() -> Any:
    """The fields of :class:`DueWork` as columns: a job reads much of it, and changes none."""
    return (
        select(
            *(Assignment.id, Assignment.document_id, Assignment.unit_id, Organisation.name, Assignment.person_id),
            *(func.coalesce(Person.full_name, ""), Assignment.assigned_by_id, Assignment.due_on),
            *(Document.arrival_number, Document.arrival_year),
            case((Document.withheld, ""), else_=Document.subject),
        )
        .join(Document, Document.id == Assignment.document_id)
        .join(Organisation, Organisation.id == Assignment.unit_id)
        .outerjoin(Person, Person.id == Assignment.person_id)
    )


def reminded(session: Session, assignment_ids: Iterable[int]) -> set[tuple[int, int, str, str]]:
    """What was told already of these assignments: (assignment, person, kind, deadline as ISO text)."""
    query = select(Notice.assignment_id, Notice.person_id, Notice.kind, Notice.params["due"].astext).where(
        Notice.assignment_id.in_(list(assignment_ids)), Notice.kind.in_(_reminders())
    )
    return {tuple(row) for row in session.execute(query)}


def _reminders() -> list[ColumnElement[str]]:
    # written into the statement: their index holds these kinds alone, and is not used for kinds given beside it
    return [literal(str(kind), literal_execute=True) for kind in (NoticeKind.DUE_SOON, NoticeKind.OVERDUE)]


def undigested(session: Session, person_ids: Collection[int], since: datetime, most: int) -> dict[int, list[Notice]]:
    """Unread notices since an instant for the daily summary, by person, the newest first, at most ``most`` each."""
    column: InstrumentedAttribute[int] = Notice.person_id
    rank = func.row_number().over(partition_by=column, order_by=Notice.id.desc()).label("place")
    ranked = select(Notice.id, rank).where(*_waiting_for_digest(person_ids), Notice.at >= since).subquery()
    query = select(Notice).join(ranked, ranked.c.id == Notice.id).where(ranked.c.place <= most)
    query = query.options(joinedload(Notice.document)).order_by(Notice.person_id, Notice.id.desc())
    found: dict[int, list[Notice]] = {}
    for notice in session.scalars(query):
        found.setdefault(notice.person_id, []).append(notice)
    return found


def _waiting_for_digest(person_ids: Collection[int]) -> tuple[Any, ...]:
    return Notice.person_id.in_(person_ids), Notice.digest, Notice.digested_at.is_(None), Notice.read_at.is_(None)


def heading(session: Session) -> dict[int, list[int]]:
    """Who heads each unit today: unit → ids of people."""
    query = select(Post.unit_id, Post.person_id).where(Post.kind.in_(HEADS), held_on(clock.today()))
    found: dict[int, list[int]] = {}
    for row in session.execute(query.order_by(Post.id)):
        found.setdefault(row.unit_id, []).append(row.person_id)
    return found

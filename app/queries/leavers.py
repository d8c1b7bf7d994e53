"""What still lies with a person who leaves (người nghỉ, chuyển công tác), and what lies with nobody any more.

Each :class:`Check` is one kind of thing that must be handed over before an account is closed or a last post ends. A new
kind (signing keys) is a declaration here, and its hand-over in ``operations/leavers.py``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, Select, String, cast, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from app import clock
from app.errors import Obstacle
from app.models import Assignment, DeadlineChange, Delegation, Document, Event, Organisation, Person, Post
from app.queries.people import held_on
from app.rules.handling import HEADS
from app.vocabulary import LIVING, N_, DeadlineChangeState, DocumentKind, HandlingState, PostKind

SHOWN = 300
"""So many rows of each kind does a leaver's page list; everything is handed over whatever is listed."""
RELEASED = "person.released"
"""Tag of the head's decision that somebody may go although things are open."""


@dataclass(frozen=True)
class Check:
    """One kind of thing that a leaver must hand over."""

    name: str
    label: str
    message: str
    """Obstacle, with ``%(count)s``: how many there are and where to find them."""
    query: Callable[[int], Select[Any]]
    """Ids of those of a person, as one column."""


def held_by(person_id: int) -> Select[Any]:
    """Ids of the living assignments of a person."""
    return select(Assignment.id).where(Assignment.person_id == person_id, Assignment.state.in_(LIVING))


def presented_to(person_id: int) -> Select[Any]:
    """Ids of the documents that wait for a person's directions (212/7.1)."""
    return select(Document.id).where(
        Document.kind == DocumentKind.INCOMING,
        Document.handling == HandlingState.PRESENTED,
        Document.presented_to_id == person_id,
    )


def asked_of(person_id: int) -> Select[Any]:
    """Ids of the extensions that wait for a person's decision (212/8.1)."""
    return (
        select(DeadlineChange.id)
        .join(Assignment, Assignment.id == DeadlineChange.assignment_id)
        .where(
            DeadlineChange.state == DeadlineChangeState.ASKED,
            Assignment.assigned_by_id == person_id,
            Assignment.state.in_(LIVING),
        )
    )


def given_by(person_id: int) -> Select[Any]:
    """Ids of the living assignments that a person gave to somebody else: who decides on their extensions."""
    return select(Assignment.id).where(
        Assignment.assigned_by_id == person_id,
        Assignment.state.in_(LIVING),
        or_(Assignment.person_id.is_(None), Assignment.person_id != person_id),
    )


def powers_of(person_id: int) -> Select[Any]:
    """Ids of the delegations that a person gave or received and that hold, or will (212/17.2)."""
    return select(Delegation.id).where(
        or_(Delegation.grantor_id == person_id, Delegation.grantee_id == person_id),
        Delegation.revoked_at.is_(None),
        or_(Delegation.valid_to.is_(None), Delegation.valid_to >= clock.today()),
    )


CHECKS: tuple[Check, ...] = (
    Check(
        "assignments",
        N_("Work in hand"),
        N_("Work in hand: %(count)s. Hand it over to somebody else on the page “Hand over work”."),
        held_by,
    ),
    Check(
        "presented",
        N_("Documents presented"),
        N_("Documents that wait for this person’s directions: %(count)s. Hand them over on the page “Hand over work”."),
        presented_to,
    ),
    Check(
        "extensions",
        N_("Extensions asked for"),
        N_("Extensions that wait for this person’s decision: %(count)s. Hand over on the page “Hand over work”."),
        asked_of,
    ),
    Check(
        "given",
        N_("Work given to others"),
        N_("Work given to others that is not done: %(count)s. Say on the page “Hand over work” who decides on it."),
        given_by,
    ),
    Check(
        "delegations",
        N_("Delegations"),
        N_("Delegations given or received that still hold: %(count)s. Revoke them on the page “Hand over work”."),
        powers_of,
    ),
)
"""In the order in which people read them. Whoever gives somebody a thing that must not stay with a leaver adds it."""


def open_things(session: Session, person_id: int) -> Mapping[str, int]:
    """How many of each kind still lie with a person; one statement. Kinds of which there is none are left out."""
    counts = [
        select(literal(check.name).label("name"), func.count().label("n")).select_from(
            check.query(person_id).subquery()
        )
        for check in CHECKS
    ]
    return {row.name: row.n for row in session.execute(union_all(*counts)) if row.n}


def obstacles(session: Session, person_id: int) -> list[Obstacle]:
    """What speaks against closing a person's account or ending the last post, all at once, and who hands it over; none
    once an office leader has let the person go (see :func:`released`)."""
    found = open_things(session, person_id)
    if not found or released(session, person_id):
        return []
    said = [
        Obstacle(check.message, params={"count": found[check.name]}, code=f"open_{check.name}")
        for check in CHECKS
        if check.name in found
    ]
    names = _who_hands_over(session, person_id)
    if names:
        message = N_("Who hands over work: %(names)s. Ask one of them, then try again.")
        said.append(Obstacle(message, params={"names": "; ".join(names)}, code="who_hands_over"))
    return said


def _who_hands_over(session: Session, leaver_id: int) -> list[str]:
    """Heads of the administrative section and office leaders of today, with their posts, but for who leaves."""
    query = (
        select(Person.full_name, Post.title)
        .join(Post, Post.person_id == Person.id)
        .where(
            Post.kind.in_((PostKind.ADMIN_HEAD, PostKind.OFFICE_LEADER)),
            held_on(clock.today()),
            Person.id != leaver_id,
        )
        .order_by(Post.kind, Person.sort_key, Post.id)
        .limit(5)
    )
    return [f"{row.full_name} ({row.title})" for row in session.execute(query)]


def released(session: Session, person_id: int) -> bool:
    """Whether the head let the person go although things are open, and the person has not come back since: neither a
    post was given nor the account opened again."""
    user_id = select(cast(Person.user_id, String)).where(Person.id == person_id).scalar_subquery()
    of_person = (Event.subject_type == "person") & (Event.subject_id == str(person_id))
    of_account = (Event.subject_type == "account") & (Event.subject_id == user_id)
    query = (
        select(Event.tag)
        .where(
            or_(
                of_person & Event.tag.in_((RELEASED, "post.given")),
                of_account & Event.tag.in_(("account.added", "account.enabled")),
            )
        )
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(1)
    )
    return session.scalar(query) == RELEASED


def posts_in_office(session: Session, person_id: int) -> Sequence[Post]:
    """The posts that a person holds in the Office today, the one held longest first."""
    today = clock.today()
    query = (
        select(Post)
        .join(Post.unit)
        .where(
            Post.person_id == person_id,
            Organisation.ours,
            Post.valid_from <= today,
            or_(Post.valid_to.is_(None), Post.valid_to >= today),
        )
        .order_by(Post.id)
    )
    return session.scalars(query).all()


def has_left_after(session: Session, person_id: int, last_day: date, but: int) -> bool:
    """Whether a person holds no post in the Office after a day, the post ``but`` aside."""
    query = (
        select(Post.id)
        .join(Post.unit)
        .where(
            Post.person_id == person_id,
            Post.id != but,
            Organisation.ours,
            or_(Post.valid_to.is_(None), Post.valid_to > last_day),
        )
    )
    return session.scalar(query.limit(1)) is None


# ── what a leaver's page shows ───────────────────────────────────────────────────────────────────────────────────


def assignments_held(session: Session, person_id: int, limit: int = SHOWN) -> Sequence[Assignment]:
    """The living assignments of a person with their documents, the earliest deadline first; the first ``limit``."""
    query = (
        select(Assignment)
        .where(Assignment.id.in_(held_by(person_id)))
        .options(joinedload(Assignment.document), joinedload(Assignment.unit))
        .order_by(Assignment.due_on.asc().nulls_last(), Assignment.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def documents_presented(session: Session, person_id: int, limit: int = SHOWN) -> Sequence[Document]:
    """The documents that wait for a person's directions, those presented first before others; the first ``limit``."""
    query = select(Document).where(Document.id.in_(presented_to(person_id))).limit(limit)
    return session.scalars(query.order_by(Document.presented_at, Document.id)).all()


def led_by(person_id: int) -> Select[Any]:
    """Ids of the documents that a person assigned and is in charge of: who changes and withdraws what was given."""
    return select(Document.id).where(
        Document.id.in_(select(Assignment.document_id).where(Assignment.id.in_(given_by(person_id)))),
        Document.presented_to_id == person_id,
        Document.handling != HandlingState.PRESENTED,
    )


def count_of(session: Session, ids: Select[Any]) -> int:
    """How many rows a query of ids gives."""
    return session.scalar(select(func.count()).select_from(ids.subquery())) or 0


def powers_held(session: Session, person_id: int) -> Sequence[Delegation]:
    """The delegations that a person gave or received and that hold, or will."""
    query = (
        select(Delegation)
        .where(Delegation.id.in_(powers_of(person_id)))
        .options(joinedload(Delegation.grantor), joinedload(Delegation.grantee))
    )
    return session.scalars(query.order_by(Delegation.id)).all()


# ── what lies with nobody ────────────────────────────────────────────────────────────────────────────────────────


def _gone(person_id: Any) -> ColumnElement[bool]:
    """Whether the person holds no post in the Office today, or cannot sign in."""
    today = clock.today()
    post = (
        exists()
        .where(
            Post.person_id == Person.id,
            Post.unit_id == Organisation.id,
            Organisation.ours,
            Post.valid_from <= today,
            or_(Post.valid_to.is_(None), Post.valid_to >= today),
        )
        .correlate(Person)
    )
    account = exists().where(User.id == Person.user_id, User.active.is_(True)).correlate(Person)
    return person_id.in_(select(Person.id).where(~(post & account)))


def orphaned() -> Select[Any]:
    """Living assignments of people who hold no post in the Office today or have no account in use (việc của người đã
    nghỉ); selects :class:`Assignment`. There are few such people: the index by person finds their work."""
    return select(Assignment).where(
        Assignment.person_id.is_not(None), Assignment.state.in_(LIVING), _gone(Assignment.person_id)
    )


def orphaned_documents() -> Select[Any]:
    """Documents that wait for the directions of such people; selects :class:`Document`."""
    return select(Document).where(
        Document.kind == DocumentKind.INCOMING,
        Document.handling == HandlingState.PRESENTED,
        _gone(Document.presented_to_id),
    )


def _headed() -> ColumnElement[bool]:
    """Whether somebody who can sign in heads the unit today."""
    return exists().where(
        Post.unit_id == Assignment.unit_id,
        Post.kind.in_(HEADS),
        held_on(clock.today()),
        Person.id == Post.person_id,
        User.id == Person.user_id,
        User.active,
    )


def headless() -> Select[Any]:
    """Living assignments of units as a whole that nobody heads today: nobody acts for the unit (212/7.2). Selects
    :class:`Assignment`."""
    return select(Assignment).where(Assignment.person_id.is_(None), Assignment.state.in_(LIVING), ~_headed())


def held_by_unit(unit_id: int) -> Select[Any]:
    """Ids of the living assignments of a unit as a whole, while nobody heads it."""
    return headless().where(Assignment.unit_id == unit_id).with_only_columns(Assignment.id)


def unit_assignments(session: Session, unit_id: int, limit: int = SHOWN) -> Sequence[Assignment]:
    """These assignments with their documents, the earliest deadline first; the first ``limit``."""
    query = (
        headless()
        .where(Assignment.unit_id == unit_id)
        .options(joinedload(Assignment.document), joinedload(Assignment.unit))
        .order_by(Assignment.due_on.asc().nulls_last(), Assignment.id)
        .limit(limit)
    )
    return session.scalars(query).all()


@dataclass(frozen=True)
class Headless:
    """A unit that nobody heads today, and how much it holds as a whole."""

    unit: Organisation
    assignments: int


def headless_units(session: Session) -> list[Headless]:
    """Units with work that nobody acts for, in the order of the Office; one statement."""
    work = headless().subquery()
    query = (
        select(Organisation, func.count())
        .join(work, work.c.unit_id == Organisation.id)
        .group_by(Organisation.id)
        .order_by(Organisation.sort_key, Organisation.id)
    )
    return [Headless(unit, int(count)) for unit, count in session.execute(query)]


@dataclass(frozen=True)
class Leaver:
    """Somebody who no longer serves and with whom things still lie."""

    person: Person
    assignments: int
    documents: int


def leavers(session: Session) -> list[Leaver]:
    """People who no longer serve and with whom work still lies, in Vietnamese order; one statement and their names."""
    work, papers = orphaned().subquery(), orphaned_documents().subquery()
    things = union_all(
        select(work.c.person_id.label("person_id"), literal(1).label("work"), literal(0).label("papers")),
        select(papers.c.presented_to_id, literal(0), literal(1)),
    ).subquery()
    query = (
        select(Person, func.sum(things.c.work), func.sum(things.c.papers))
        .join(things, things.c.person_id == Person.id)
        .group_by(Person.id)
        .order_by(Person.sort_key, Person.id)
    )
    return [Leaver(person, int(work), int(papers)) for person, work, papers in session.execute(query)]

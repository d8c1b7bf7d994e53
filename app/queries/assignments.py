"""Assignments (việc được giao) as lists: mine, of my units, given by me, all; who holds what and how late (16.1.h, i).

Each scope begins on an index of its own over what is still held, in the order of deadlines; what has none comes last.
Late and soon mean the same as on pages and in notices: :mod:`app.rules.deadlines`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased, joinedload

from app import clock
from app.actor import Actor
from app.models import Assignment, AssignmentReading, DeadlineChange, Document, Person
from app.queries import listing
from app.queries.deadlines import soon_until
from app.queries.listing import Facet, Key, ListQuery, Page, Sort
from app.queries.matching import document_match
from app.queries.neighbours import Neighbours, neighbours
from app.queries.parties import own_units, unit_path
from app.rules.handling import HEADS
from app.vocabulary import (
    LIVING,
    N_,
    AssignmentKind,
    AssignmentState,
    DeadlineChangeState,
    DocumentKind,
    HandlingState,
    PostKind,
)


class Scope(StrEnum):
    """Whose work a list shows."""

    MINE = "mine"
    UNIT = "unit"
    GIVEN = "given"
    ALL = "all"
    FINISHED = "finished"


SEES_ALL = frozenset(
    {PostKind.CLERK, PostKind.ADMIN_HEAD, PostKind.OFFICE_LEADER, PostKind.STANDING_COMMITTEE, PostKind.MANAGER}
)
"""Posts that follow the work of the whole Office (212/16.1.h, 16.1.i)."""
TO_DO = "to_do"
"""Value of the facet ``part``: leading or co-ordinating, which has to be done; not what is only to be known."""
WHOLE_UNIT = "unit"
"""Value of the facet ``person_id``: given to a unit as a whole."""
YES, NO = "yes", "no"

# as the indexes have it (models.DUE_LAST), named by its table: a document has a deadline of its own
due_last = func.coalesce(Assignment.due_on, literal_column("'9999-12-31'::date"), type_=Date)
BY_ID = Key(Assignment.id, lambda row: row.id, int)
_NO_DAY = date(9999, 12, 31)
SORTS: tuple[Sort, ...] = (Sort("due", N_("Deadline"), (Key(due_last, lambda row: row.due_on or _NO_DAY, date),)),)
FINISHED_SORTS: tuple[Sort, ...] = (
    Sort("finished", N_("Finished"), (Key(Assignment.finished_at, lambda row: row.finished_at, datetime),)),
)
LOADED = (
    joinedload(Assignment.document).joinedload(Document.urgency_level),
    joinedload(Assignment.unit),
    joinedload(Assignment.person),
    joinedload(Assignment.assigned_by),
)


# ── whose ────────────────────────────────────────────────────────────────────────────────────────────────────────


def headed_units(actor: Actor) -> list[int]:
    """The units that the actor heads: what they were given as a whole is the actor's to do."""
    return sorted({post.unit_id for post in actor.effective_posts if post.ours and post.kind in HEADS})


def units_below(session: Session, actor: Actor) -> list[int]:
    """The units that the actor heads, and all below them."""
    headed = set(headed_units(actor))
    return sorted(each for each in own_units(session) if headed & set(unit_path(session, each))) if headed else []


def sees_all(actor: Actor) -> bool:
    """Whether the actor follows the work of the whole Office."""
    return any(post.ours and post.kind in SEES_ALL for post in actor.effective_posts)


def scopes_of(actor: Actor) -> list[Scope]:
    """The scopes that somebody may choose, the usual one first."""
    found = [Scope.MINE]
    if headed_units(actor):
        found.append(Scope.UNIT)
    found.append(Scope.GIVEN)
    if sees_all(actor):
        found.append(Scope.ALL)
    return [*found, Scope.FINISHED]


def scope_meant(actor: Actor, wanted: str) -> Scope:
    """The scope that an address names, if the actor may have it; else the usual one."""
    return next((each for each in scopes_of(actor) if each == wanted), Scope.MINE)


def _living() -> ColumnElement[bool]:
    # written into the statement: the indexes are for these states alone
    return Assignment.state.in_([literal(state.value, literal_execute=True) for state in LIVING])


def work_query(session: Session, actor: Actor, scope: Scope = Scope.MINE) -> Select[Any]:
    """The assignments of a scope: those still held, or with ``FINISHED`` the actor's own that have ended.

    Whoever acts for another has what the other has, as far as the delegation goes. Nobody outside the Office has any.
    """
    query = _lent(session, actor, scope)
    me = actor.effective_person_id
    if me is None or not any(post.ours for post in actor.effective_posts):
        return query.where(false())
    if scope == Scope.FINISHED:
        return query.where(Assignment.person_id == me, Assignment.finished_at.is_not(None))
    query = query.where(_living())
    if scope == Scope.GIVEN:
        return query.where(Assignment.assigned_by_id == me)
    if scope == Scope.UNIT:
        return query.where(Assignment.unit_id.in_(units_below(session, actor)))
    if scope == Scope.ALL:
        return query if sees_all(actor) else query.where(false())
    headed = headed_units(actor)
    own = Assignment.person_id == me
    if not headed:
        return query.where(own)
    return query.where(or_(own, and_(Assignment.person_id.is_(None), Assignment.unit_id.in_(headed))))


def _lent(session: Session, actor: Actor, scope: Scope) -> Select[Any]:
    """What a delegation lets somebody see of the work of another: of all, or of one unit and certain kinds of document
    (212/17.2); everything of the own."""
    query, behalf = select(Assignment), actor.on_behalf_of
    if behalf is None:
        return query
    if behalf.one_unit and scope in (Scope.MINE, Scope.FINISHED, Scope.GIVEN):
        units = {post.unit_id for post in behalf.posts}
        if scope == Scope.GIVEN:  # as rules.handling.gave has it
            units = {each for each in own_units(session) if units & set(unit_path(session, each))}
        query = query.where(Assignment.unit_id.in_(sorted(units)))
    if behalf.type_ids is not None:
        document = aliased(Document)  # a search for words joins the table itself
        kinds = document.type_id.in_(sorted(behalf.type_ids))
        query = query.where(exists().where(document.id == Assignment.document_id, kinds))
    return query


# ── facets ───────────────────────────────────────────────────────────────────────────────────────────────────────


def standing(session: Session, wanted: str) -> ColumnElement[bool]:
    """How a deadline must stand today: ``late``, ``soon``, ``in_time`` or ``none``; nothing stands otherwise.

    What is suspended or only to be known has no deadline that runs; nor has what was passed on while it is suspended
    below.
    """
    today = clock.today()
    runs = and_(
        Assignment.state == AssignmentState.OPEN,
        Assignment.kind != AssignmentKind.INFORM,
        ~and_(Assignment.passed_on.is_(True), is_suspended(Assignment.document_id)),
    )
    if wanted == "late":
        return and_(runs, due_last < today)
    if wanted == "soon":
        return and_(runs, due_last >= today, due_last <= soon_until(session))
    if wanted == "in_time":
        return and_(runs, Assignment.due_on.is_not(None), due_last > max(today, soon_until(session)))
    return or_(Assignment.due_on.is_(None), ~runs) if wanted == "none" else false()


def is_suspended(document_id: Any) -> ColumnElement[bool]:
    """Whether who leads a document waits for another body: whoever leads it last is alone in being able to."""
    each = aliased(Assignment)
    return exists().where(each.document_id == document_id, each.state == AssignmentState.SUSPENDED)


def suspended_among(session: Session, document_ids: Collection[int]) -> frozenset[int]:
    """Those of the documents whose deadline stands still; one statement, none for no document."""
    if not document_ids:
        return frozenset()
    query = select(Assignment.document_id).where(
        Assignment.document_id.in_(document_ids), Assignment.state == AssignmentState.SUSPENDED
    )
    return frozenset(session.scalars(query))


def facets(session: Session, wanted: Mapping[str, str], since: datetime | None = None) -> tuple[Facet, ...]:
    """The facets of a list of work; ``wanted``: what its address says, so that nothing is read for what it does not;
    ``since``: when the list was opened, what has been read from then on stands in it as unread still."""
    state, asked = Assignment.state, DeadlineChangeState.ASKED
    extension = Assignment.id.in_(select(DeadlineChange.assignment_id).where(DeadlineChange.state == asked))
    read = exists().where(AssignmentReading.assignment_id == Assignment.id)
    unread = ~(read if since is None else read.where(AssignmentReading.at < since))
    stand = wanted.get("stand", "")
    to_do = Assignment.kind.in_((AssignmentKind.LEAD, AssignmentKind.COORDINATE))
    return (
        Facet("part", N_("Part"), Assignment.kind, choices="assignment_parts", meanings={TO_DO: to_do}),
        Facet("stand", N_("Deadline"), state, choices="standings", meanings={stand: standing(session, stand)}),
        Facet("state", N_("State"), state, choices="assignment_states"),
        Facet("new", N_("Read"), state, choices="readings", meanings={YES: unread, NO: ~unread}),
        Facet("asked", N_("Extension"), state, choices="extensions", meanings={YES: extension, NO: ~extension}),
        Facet(
            "passed_on",
            N_("Passed on"),
            state,
            choices="passings",
            meanings={YES: Assignment.passed_on.is_(True), NO: Assignment.passed_on.is_(False)},
        ),
        Facet(
            "handling",
            N_("Settling"),
            state,
            choices="assigned_states",
            meanings={each.value: _of_documents(each) for each in (HandlingState.ASSIGNED, HandlingState.ANSWERING)},
        ),
        Facet("unit_id", N_("Unit"), Assignment.unit_id, choices="own_units", is_number=True),
        Facet(
            "person_id",
            N_("Holder"),
            Assignment.person_id,
            choices="holders",
            is_number=True,
            meanings={WHOLE_UNIT: Assignment.person_id.is_(None)},
        ),
    )


FACET_NAMES = ("part", "stand", "state", "new", "asked", "passed_on", "handling", "unit_id", "person_id")


def _of_documents(state: HandlingState) -> ColumnElement[bool]:
    kind = literal(DocumentKind.INCOMING.value, literal_execute=True)
    known = literal(state.value, literal_execute=True)
    return Assignment.document_id.in_(select(Document.id).where(Document.kind == kind, Document.handling == known))


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────────


def query_of(args: Mapping[str, str]) -> ListQuery:
    """What the address of a list of work says; ``scope``, and by which delegation somebody looks (``for``), stand among
    its facets."""
    return ListQuery(
        text=args.get("q", "")[:200],
        facets={name: args[name][:60] for name in ("scope", "for", *FACET_NAMES) if args.get(name)},
        sort=FINISHED_SORTS[0].name if args.get("scope") == Scope.FINISHED else SORTS[0].name,
        descending=(args.get("dir") == "desc") != (args.get("scope") == Scope.FINISHED),
        after=args.get("after", "")[:500],
        before=args.get("before", "")[:500],
    )


def address_query(list_address: str) -> ListQuery:
    """What a list's whole address says."""
    return query_of({name: values[0] for name, values in parse_qs(urlsplit(list_address).query).items()})


@dataclass(frozen=True)
class _Meant:
    """What a query of a list of work means: its rows, order and filters."""

    base: Select[Any]
    sorts: Sequence[Sort]
    facets: Sequence[Facet]
    match: listing.Match | None


def _meant(session: Session, actor: Actor, query: ListQuery, since: datetime | None = None) -> _Meant:
    scope = scope_meant(actor, query.facets.get("scope", ""))
    base, match = work_query(session, actor, scope), document_match(query.text)
    if match is not None:
        base = base.join(Document, Document.id == Assignment.document_id)
    sorts = FINISHED_SORTS if scope == Scope.FINISHED else SORTS
    return _Meant(base, sorts, facets(session, query.facets, since), match)


def page(session: Session, actor: Actor, query: ListQuery) -> Page:
    """One page of a list of work, everything its rows show loaded."""
    meant = _meant(session, actor, query)
    return listing.page(
        session,
        meant.base,
        query,
        by_id=BY_ID,
        sorts=meant.sorts,
        facets=meant.facets,
        match=meant.match and replace(meant.match, leading=None),
        load=LOADED,
    )


def neighbours_of(
    session: Session, actor: Actor, list_address: str, assignment_id: int, since: datetime | None = None
) -> Neighbours | None:
    """The assignments before and after one in the list of that address, with its position where the list is short
    enough to be counted; ``None`` when it is not in that list. ``since``: when the list was opened; to look at what is
    new in it takes nothing out of it. Two statements."""
    record = session.get(Assignment, assignment_id)
    if record is None:
        return None
    query = address_query(list_address)
    meant = _meant(session, actor, query, since)
    if not all(_has(key, record) for key in meant.sorts[0].keys):
        return None
    return neighbours(
        session,
        meant.base,
        query,
        record,
        by_id=BY_ID,
        sorts=meant.sorts,
        facets=meant.facets,
        match=meant.match,
    )


def next_of(session: Session, actor: Actor, list_address: str, assignment_id: int) -> int | None:
    """The assignment to go on with in the list of that address after one that may have left it: the next one by
    deadline, else the first; ``None``: the list is done."""
    record = session.get(Assignment, assignment_id)
    query = address_query(list_address)
    if record is None or query.facets.get("scope") == Scope.FINISHED:
        return None
    meant = _meant(session, actor, query)
    conditions, faults = listing.facet_conditions(meant.facets, query.facets)
    if faults:
        return None
    if meant.match is not None:
        conditions.append(meant.match.condition)
    key = due_last, Assignment.id
    here = func.row(meant.sorts[0].keys[0].of(record), record.id)
    beyond = func.row(*key) < here if query.descending else func.row(*key) > here
    order = [each.desc() if query.descending else each.asc() for each in key]
    left = meant.base.where(*conditions, Assignment.id != record.id).with_only_columns(Assignment.id)
    # one after the other, each in the order of an index that ends at the first row
    first = left.order_by(*order).limit(1)
    return session.scalar(first.where(beyond)) or session.scalar(first)


def _has(key: Key, record: Assignment) -> bool:
    return key.of(record) is not None


# ── who holds what, and how late ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Load:
    """What a person, or a unit as a whole (``person_id`` None), has to do: parts in hand, of them suspended, soon and
    late, and the earliest deadline that has passed."""

    unit_id: int
    person_id: int | None
    in_hand: int
    suspended: int
    soon: int
    late: int
    earliest: date | None


FOLLOWED = {"part": TO_DO, "passed_on": NO}
"""What is counted: what must be done, at whoever has to do it; what was passed on is counted there."""


def follow_scope(actor: Actor) -> Scope:
    """Whose work somebody follows: of the whole Office, or of the units they head."""
    return Scope.ALL if sees_all(actor) else Scope.UNIT


def loads(session: Session, actor: Actor, scope: Scope, unit_id: int | None = None) -> list[Load]:
    """Who has how much in hand, and how much of it is late; one statement over what is held."""
    conditions, _ = listing.facet_conditions(facets(session, FOLLOWED), FOLLOWED)
    base = work_query(session, actor, scope).where(*conditions)
    if unit_id is not None:
        base = base.where(Assignment.unit_id == unit_id)
    late, soon = standing(session, "late"), standing(session, "soon")
    query = (
        base.with_only_columns(
            Assignment.unit_id,
            Assignment.person_id,
            func.count(type_=Integer),
            func.count().filter(Assignment.state == AssignmentState.SUSPENDED),
            func.count().filter(soon),
            func.count().filter(late),
            func.min(Assignment.due_on).filter(late),
        )
        .group_by(Assignment.unit_id, Assignment.person_id)
        .order_by(None)
    )
    return [Load(*row) for row in session.execute(query)]


@dataclass(frozen=True)
class Marks:
    """What rows show beside the assignment: of which an extension is asked for, and which nobody has opened."""

    asked: Mapping[int, date]
    unread: frozenset[int]


def marks_of(session: Session, rows: Sequence[Assignment]) -> Marks:
    """The marks of a page's rows; one statement."""
    ids = [row.id for row in rows]
    if not ids:
        return Marks({}, frozenset())
    asked = select(DeadlineChange.assignment_id, DeadlineChange.due_asked).where(
        DeadlineChange.assignment_id.in_(ids), DeadlineChange.state == DeadlineChangeState.ASKED
    )
    read = select(AssignmentReading.assignment_id, null()).where(AssignmentReading.assignment_id.in_(ids))
    found: Sequence[Any] = session.execute(union_all(asked, read)).all()
    opened: set[int] = {row[0] for row in found if row[1] is None}
    return Marks({row[0]: row[1] for row in found if row[1] is not None}, frozenset(ids) - opened)


def names_of(session: Session, person_ids: Collection[int]) -> dict[int, str]:
    """Names of people by id."""
    if not person_ids:
        return {}
    rows = session.execute(select(Person.id, Person.full_name).where(Person.id.in_(person_ids)))
    return {row.id: row.full_name for row in rows}

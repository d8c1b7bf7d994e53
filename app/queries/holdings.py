"""Who holds what of a document that is being settled: what the rules ask, and who may be given something."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app import clock
from app.actor import Actor
from app.errors import NotFound, Obstacle
from app.models import Assignment, DeadlineChange, Document, Organisation, Person, Post
from app.queries.parties import unit_path
from app.queries.people import held_on
from app.queries.visibility import get_visible, visible
from app.rules import assignments as assignment_rules
from app.rules import handling
from app.rules.handling import Assignee, Holding
from app.rules.lifecycle import Subject
from app.vocabulary import LIVING, N_, AssignmentKind, DeadlineChangeState, DocumentKind


def living(session: Session, document_id: int) -> list[Assignment]:
    """The assignments of a document that somebody still holds, the oldest first."""
    query = select(Assignment).where(Assignment.document_id == document_id, Assignment.state.in_(LIVING))
    return list(session.scalars(query.order_by(Assignment.id).execution_options(populate_existing=True)))


def asked(session: Session, assignment_id: int) -> DeadlineChange | None:
    """The extension that is asked for and not decided yet."""
    query = select(DeadlineChange).where(
        DeadlineChange.assignment_id == assignment_id, DeadlineChange.state == DeadlineChangeState.ASKED
    )
    return session.scalars(query).one_or_none()


def holding(each: Assignment, *, extension_asked: bool = False, units: tuple[int, ...] = ()) -> Holding:
    """One assignment as the rules know it. ``units``: the path of its unit, where it matters who gave it."""
    return Holding(
        each.id,
        each.parent_id,
        each.kind,
        each.unit_id,
        each.person_id,
        each.assigned_by_id,
        each.passed_on,
        extension_asked,
        units,
    )


def document_subject(
    session: Session, actor: Actor, document: Document, held: Iterable[Assignment] | None = None
) -> Subject:
    """What the rules need to judge the moves of settling on a document. ``held``: its living assignments, if known."""
    found = living(session, document.id) if held is None else held
    relations = handling.document_relations(
        actor, unit_path(session, document.unit_id), document.presented_to_id, [holding(each) for each in found]
    )
    return Subject(document.handling or "none", relations, document.type_id)


def assignment_subject(session: Session, actor: Actor, each: Assignment, *, deciding: bool = False) -> Subject:
    """What the rules need to judge the moves on one assignment. ``deciding``: as if an extension were asked for."""
    document = each.document
    relations = assignment_rules.relations(
        actor,
        holding(
            each,
            extension_asked=deciding or asked(session, each.id) is not None,
            units=unit_path(session, each.unit_id),
        ),
        unit_path(session, document.unit_id),
        document.presented_to_id,
    )
    return Subject(each.state, relations, document.type_id)


def get_assignment(session: Session, actor: Actor, assignment_id: int, *, lock: bool = False) -> Assignment:
    """One assignment of a document that the actor may see; its document is locked for a change when asked, before it
    is read. Raises NotFound."""
    document_id = session.scalar(select(Assignment.document_id).where(Assignment.id == assignment_id))
    if document_id is None:
        raise NotFound
    get_visible(session, actor, document_id, kind=DocumentKind.INCOMING, lock=lock)
    query = select(Assignment).where(Assignment.id == assignment_id)
    query = query.options(joinedload(Assignment.document), joinedload(Assignment.unit), joinedload(Assignment.person))
    return session.scalars(query.execution_options(populate_existing=True)).one()


def get_assignments(session: Session, actor: Actor, ids: Collection[int]) -> list[Assignment]:
    """Assignments of these ids, of documents that the actor may see, in the order given."""
    query = (
        select(Assignment)
        .join(Assignment.document)
        .where(Assignment.id.in_(ids), Document.kind == DocumentKind.INCOMING, visible(actor))
        .options(contains_eager(Assignment.document), joinedload(Assignment.unit), joinedload(Assignment.person))
    )
    found = {each.id: each for each in session.scalars(query)}
    return [found[each] for each in ids if each in found]


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────


def heads_of(session: Session, unit_ids: Collection[int]) -> dict[int, list[int]]:
    """Who heads each unit today: unit → ids of people. They act for what the unit as a whole was given."""
    found: dict[int, list[int]] = {}
    if unit_ids:
        query = select(Post.unit_id, Post.person_id).where(
            Post.unit_id.in_(unit_ids), Post.kind.in_(handling.HEADS), held_on(clock.today())
        )
        for row in session.execute(query.order_by(Post.id)):
            found.setdefault(row.unit_id, []).append(row.person_id)
    return found


def holders(session: Session, assignments: Collection[Assignment]) -> dict[int, list[int]]:
    """The people who have to do each assignment: assignment → the person, or the heads of the unit."""
    heads = heads_of(session, {each.unit_id for each in assignments if each.person_id is None})
    return {
        each.id: [each.person_id] if each.person_id is not None else heads.get(each.unit_id, []) for each in assignments
    }


def person_name(session: Session, person_id: int | None) -> str:
    """Name of a person; empty for nobody."""
    found = session.get(Person, person_id) if person_id is not None else None
    return found.full_name if found is not None else ""


# ── whom one may choose ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Choosable:
    """A unit or a person that may be given something. ``depth``: how deep the unit lies in the tree;
    ``abbreviation``: that of the unit; ``kind``: kind of the person's first post."""

    unit_id: int
    person_id: int | None
    name: str
    post: str = ""
    depth: int = 0
    abbreviation: str = ""
    kind: str = ""

    @property
    def value(self) -> str:
        """How a form names it: ``u<unit>`` or ``p<person>``."""
        return f"u{self.unit_id}" if self.person_id is None else f"p{self.person_id}"


def choosable(session: Session, below: int | None = None) -> list[Choosable]:
    """Units of the Office that exist today, each followed by the people who hold a post in it, in the order of the
    tree; ``below``: one unit and what is below it. A person stands once, in the unit of the first post."""
    today = clock.today()
    units = {
        row.id: row
        for row in session.execute(
            select(
                Organisation.id,
                Organisation.parent_id,
                Organisation.name,
                Organisation.abbreviation,
                Organisation.sort_key,
            ).where(
                Organisation.ours,
                Organisation.valid_from <= today,
                (Organisation.valid_to.is_(None)) | (Organisation.valid_to >= today),
            )
        )
    }
    members: dict[int, list[Choosable]] = {}
    query = (
        select(Post.unit_id, Post.person_id, Post.title, Post.kind, Person.full_name)
        .join(Person, Person.id == Post.person_id)
        .where(held_on(today), Post.unit_id.in_(units))
        .order_by(Post.id)
    )
    seen: set[int] = set()
    for row in session.execute(query):
        if row.person_id not in seen:
            seen.add(row.person_id)
            one = Choosable(row.unit_id, row.person_id, row.full_name, row.title, kind=row.kind)
            members.setdefault(row.unit_id, []).append(one)
    children: dict[int | None, list[Any]] = {}
    for unit in sorted(units.values(), key=lambda unit: (unit.sort_key, unit.id)):
        children.setdefault(unit.parent_id if unit.parent_id in units else None, []).append(unit)
    found: list[Choosable] = []

    def add(unit: Any, depth: int) -> None:
        found.append(Choosable(unit.id, None, unit.name, depth=depth, abbreviation=unit.abbreviation))
        found.extend(members.get(unit.id, ()))
        for child in children.get(unit.id, ()):
            add(child, depth + 1)

    for root in [units[below]] if below in units else children.get(None, ()):
        add(root, 0)
    return found


def assignees_meant(
    session: Session, given: Iterable[Mapping[str, Any]], found: list[Obstacle], *, below: int | None = None
) -> list[Assignee]:
    """The rows of a dialog, checked against who is there today; what is not goes into ``found``, and units without a
    head: nobody would act for them. ``below``: only this unit's people and the units below it may be chosen."""
    given = list(given)
    there = {each.value: each for each in choosable(session, below)}
    heads = heads_of(session, {int(row["unit_id"]) for row in given if row.get("unit_id") is not None})
    meant = []
    for row in given:
        person_id, unit_id = row.get("person_id"), row.get("unit_id")
        each = there.get(f"p{person_id}" if person_id is not None else f"u{unit_id}")
        kind = str(row.get("kind") or "")
        if each is None:
            message = (
                N_("Who is to handle it: somebody chosen is not in the Office today. Choose again.")
                if below is None
                else N_("Who is to handle it: somebody chosen does not belong to the unit. Choose again.")
            )
            found.append(Obstacle(message, "assignees", code="no_choice"))
        elif kind not in set(AssignmentKind):
            message = N_("Who is to handle it: say what %(name)s is to do.")
            found.append(Obstacle(message, "assignees", {"name": each.name}, code="no_choice"))
        else:
            if each.person_id is None and each.unit_id not in heads:
                message = N_(
                    "Who is to handle it: %(name)s has no head today who would act for the unit. Choose somebody of it."
                )
                found.append(Obstacle(message, "assignees", {"name": each.name}, code="no_head"))
            meant.append(Assignee(each.unit_id, each.person_id, AssignmentKind(kind), row.get("due_on"), each.name))
    return meant


def all_of(session: Session, document_id: int) -> list[Assignment]:
    """All assignments of a document, ended ones too, the oldest first."""
    query = select(Assignment).where(Assignment.document_id == document_id).order_by(Assignment.id)
    return list(
        session.scalars(
            query.options(
                joinedload(Assignment.unit), joinedload(Assignment.person), joinedload(Assignment.assigned_by)
            )
        )
    )

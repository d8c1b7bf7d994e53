"""All that is on record of the settling of one document, read in a few statements: parts, deadlines, opinions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import String, and_, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, joinedload

from app.models import (
    Assignment,
    AssignmentReading,
    CaseFile,
    CaseFileItem,
    DeadlineChange,
    Document,
    DocumentFile,
    Event,
    Opinion,
)
from app.queries.incoming import is_withheld
from app.rules import assignments, handling
from app.vocabulary import LIVING, DeadlineChangeState, HandlingState

_GIVING = (handling.ASSIGN, handling.ROUTE, handling.REASSIGN, assignments.PASS_ON, assignments.ASK)
"""Acts that give somebody a part."""


@dataclass(frozen=True)
class Part:
    """One assignment, with who opened it, what became of its deadline, and what is below it."""

    assignment: Assignment
    readers: frozenset[int]
    """Ids of people who opened it."""
    changes: Sequence[DeadlineChange] = ()
    below: list["Part"] = field(default_factory=list)
    entered_by: str = ""
    """Who made the act that gave it, as the trail has it."""
    power: str = ""
    """By which power that was (a ``Power``)."""
    handed_over_by: str = ""
    """Whose work it was before it was handed over to who has it now."""

    @property
    def asked(self) -> DeadlineChange | None:
        """The extension that is asked for and not decided."""
        return next((each for each in self.changes if each.state == DeadlineChangeState.ASKED), None)


@dataclass(frozen=True)
class Settling:
    """What is held of a document and what was said about it."""

    parts: Sequence[Part] = ()
    """All, in the order given."""
    opinions: Sequence[Opinion] = ()
    case_files: Sequence[CaseFile] = ()
    files: Mapping[int, Sequence[DocumentFile]] = field(default_factory=dict)
    """Working paper of an opinion → its files."""

    @property
    def roots(self) -> list[Part]:
        """The parts that nobody passed on; the others hang below them."""
        return [each for each in self.parts if each.assignment.parent_id is None]

    @property
    def living(self) -> list[Assignment]:
        """The assignments that somebody still holds."""
        return [each.assignment for each in self.parts if each.assignment.state in LIVING]


def settling_of(session: Session, document: Document) -> Settling:
    """One statement; one more each where deadlines were changed, opinions written, files sent along with them, or where
    it lies in a case file."""
    parts, has_opinions = _parts(session, document.id)
    if not parts:
        return Settling()
    opinions = _opinions(session, document.id) if has_opinions else ()
    papers = [each.paper_id for each in opinions if each.paper_id is not None]
    filed = document.handling in (HandlingState.ANSWERING, HandlingState.SETTLED)
    return Settling(
        parts,
        opinions,
        _case_files(session, document.id) if filed else (),
        _files(session, papers) if papers else {},
    )


def _parts(session: Session, document_id: int) -> tuple[list[Part], bool]:
    readers = (
        select(func.array_agg(aggregate_order_by(AssignmentReading.person_id, AssignmentReading.at)))
        .where(AssignmentReading.assignment_id == Assignment.id)
        .scalar_subquery()
    )
    changed = exists().where(DeadlineChange.assignment_id == Assignment.id)
    said = exists().where(Opinion.document_id == Assignment.document_id)
    of_part = and_(Event.subject_type == assignments.NOUN, Event.subject_id == cast(Assignment.parent_id, String))
    entered = (  # the act and what it gave were put on record in the same moment
        select(func.json_build_array(Event.actor_name, Event.power))
        .where(
            Event.document_id == Assignment.document_id,
            Event.tag.in_([each.name for each in _GIVING]),
            Event.at >= Assignment.assigned_at,
            or_(and_(Assignment.parent_id.is_(None), Event.subject_type == "document"), of_part),
        )
        .order_by(Event.at, Event.id)
        .limit(1)
        .scalar_subquery()
    )
    before = (
        select(Event.params["before"].astext)
        .where(
            Event.document_id == Assignment.document_id,
            Event.tag == "assignment.handed_over",
            Event.subject_id == cast(Assignment.id, String),
        )
        .order_by(Event.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(Assignment, readers, changed, said, entered, before)
        .where(Assignment.document_id == document_id)
        .options(joinedload(Assignment.unit), joinedload(Assignment.person), joinedload(Assignment.assigned_by))
        .order_by(Assignment.id)
    )
    rows = session.execute(query).all()
    changes: dict[int, list[DeadlineChange]] = {}
    if ids := [each.id for each, _, has_changes, *_ in rows if has_changes]:
        found = select(DeadlineChange).where(DeadlineChange.assignment_id.in_(ids))
        found = found.options(joinedload(DeadlineChange.asked_by), joinedload(DeadlineChange.decided_by))
        for change in session.scalars(found.order_by(DeadlineChange.id)):
            changes.setdefault(change.assignment_id, []).append(change)
    parts = {
        each.id: Part(
            each,
            frozenset(read or ()),
            changes.get(each.id, ()),
            entered_by=by[0] if by else "",
            power=by[1] if by else "",
            handed_over_by=left or "",
        )
        for each, read, _, _, by, left in rows
    }
    for part in parts.values():
        if part.assignment.parent_id in parts:
            parts[part.assignment.parent_id].below.append(part)
    return list(parts.values()), any(has_opinions for _, _, _, has_opinions, *_ in rows)


def _opinions(session: Session, document_id: int) -> Sequence[Opinion]:
    query = select(Opinion).where(Opinion.document_id == document_id).options(joinedload(Opinion.person))
    return session.scalars(query.order_by(Opinion.at.desc(), Opinion.id.desc())).all()


def _case_files(session: Session, document_id: int) -> Sequence[CaseFile]:
    query = select(CaseFile).join(CaseFileItem, CaseFileItem.case_file_id == CaseFile.id)
    query = query.where(CaseFileItem.document_id == document_id, CaseFileItem.removed_at.is_(None))
    return session.scalars(query.order_by(CaseFile.id)).all()


def _files(session: Session, paper_ids: Sequence[int]) -> dict[int, list[DocumentFile]]:
    query = (
        select(DocumentFile)
        .where(DocumentFile.document_id.in_(paper_ids), ~is_withheld(DocumentFile.sha256))
        .options(joinedload(DocumentFile.blob))
        .order_by(DocumentFile.ordinal)
    )
    found: dict[int, list[DocumentFile]] = {}
    for file in session.scalars(query):
        found.setdefault(file.document_id, []).append(file)
    return found

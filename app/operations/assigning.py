"""What giving, changing, taking back and ending assignments (việc được giao) have in common; callers have judged."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.errors import Obstacle
from app.models import Assignment, Document
from app.operations import notices
from app.operations.deadline_record import end_asked, record_changes
from app.operations.unit_of_work import UnitOfWork
from app.queries.holdings import assignees_meant, holders, person_name
from app.rules.handling import Assignee, Holder, assignee_obstacles, holder
from app.vocabulary import LIVING, AssignmentKind, AssignmentState, NoticeKind

IN_RECORDS = {
    AssignmentKind.LEAD: "chủ trì",
    AssignmentKind.COORDINATE: "phối hợp",
    AssignmentKind.INFORM: "để biết",
}
"""What somebody is to do, as the record says it; records are Vietnamese."""


@dataclass(frozen=True)
class Giving:
    """What a dialog gives: who is to do what, by whose word, with which directions, until when."""

    assignees: Sequence[Assignee]
    by_id: int | None
    directions: str
    due_on: date


@dataclass(frozen=True)
class Given:
    """What came of it: who has something new or changed, and who lost what they had."""

    touched: tuple[Assignment, ...]
    withdrawn: tuple[Assignment, ...]
    hastened: tuple[Assignment, ...] = ()
    """Parts below whose deadline came forward with the one above."""


def read_giving(
    session: Session,
    actor: Actor,
    cleaned: Mapping[str, Any],
    proposed: date,
    found: list[Obstacle],
    *,
    below: int | None = None,
    lead: bool = True,
    latest: date | None = None,
) -> Giving:
    """The dialog's values as plain data; what speaks against them goes into ``found``. ``proposed``: the deadline when
    none is typed. ``below``, ``lead``, ``latest``: see ``assignees_meant`` and ``assignee_obstacles``."""
    assignees = assignees_meant(session, cleaned.get("assignees") or [], found, below=below)
    due_on: date = cleaned.get("due_on") or proposed
    if cleaned.get("assignees"):
        found += assignee_obstacles(assignees, due_on, clock.today(), lead=lead, latest=latest)
    return Giving(assignees, actor.effective_person_id, cleaned.get("directions") or "", due_on)


def give(
    uow: UnitOfWork,
    document: Document,
    parent: Assignment | None,
    living: Sequence[Assignment],
    giving: Giving,
    *,
    only_add: bool = False,
    reason: str = "",
) -> Given:
    """Make what is held directly below ``parent`` (None: at the top) what the dialog says.

    Who was there and stays keeps the assignment, with a new part, deadline or directions where they changed; who is
    there no longer loses it, with everything below; ``only_add`` leaves all others as they are. Deadlines that change
    are put on record, for the ``reason`` or else the directions.
    """
    before = {each.id: each.due_on for each in living}
    parent_id = parent.id if parent is not None else None
    present = {key_of(each): each for each in living if each.parent_id == parent_id}
    wanted = {each.key for each in giving.assignees}
    withdrawn: list[Assignment] = []
    hastened: list[Assignment] = []
    if not only_add:
        for key, each in present.items():
            if key not in wanted:
                withdrawn += close(uow.session, living, [each], AssignmentState.WITHDRAWN)
    touched = []
    rows = sorted(giving.assignees, key=lambda each: each.kind == AssignmentKind.LEAD)
    for row in rows:  # who leads comes last: at no moment do two lead
        if row.key in present:
            each = present[row.key]
            if not _change(each, row, giving):
                continue
            helping, lost = _follow_kind(uow.session, living, each)
            touched += helping
            withdrawn += lost
            hastened += bring_forward(living, each)
        else:
            each = _new(document, parent_id, row, giving)
            uow.session.add(each)
        touched.append(each)
        uow.session.flush()  # who led before no longer does when the next one leads
    if parent is not None:
        recompute(parent, [*living, *touched])
    changed = {each.id: each for each in (*touched, *hastened)}.values()
    record_changes(uow.session, before, changed, giving.by_id, reason or giving.directions)
    return Given(tuple(touched), tuple(withdrawn), tuple(hastened))


def key_of(each: Assignment) -> Holder:
    """Who has it, as the rows of a dialog name them."""
    return holder(each.unit_id, each.person_id)


def _follow_kind(
    session: Session, living: Sequence[Assignment], each: Assignment
) -> tuple[list[Assignment], list[Assignment]]:
    """What becomes of the parts below one that no longer leads: who led there only helps, or loses it where the part
    above is only to be known; and nobody who does not lead waits for another body. Gives who helps, and who lost."""
    if each.kind == AssignmentKind.LEAD:
        return [], []
    each.state, each.suspended_on, each.waiting_for, each.passed_on = AssignmentState.OPEN, None, "", False
    below = [child for child in living if child.parent_id == each.id and child.state in LIVING]
    if each.kind == AssignmentKind.INFORM:
        return [], close(session, living, below, AssignmentState.WITHDRAWN)
    helping: list[Assignment] = []
    for child in below:
        if child.kind == AssignmentKind.LEAD:
            child.kind = AssignmentKind.COORDINATE
            helping += [child, *_follow_kind(session, living, child)[0]]
    return helping, []


def bound_by(living: Iterable[Assignment], each: Assignment | None) -> Assignment | None:
    """The part that bounds the deadlines below ``each``: from it upwards the one that must be done first (212/8.1).

    A deadline that has passed bounds nobody: who holds it is late, whatever those below still need.
    """
    by_id = {other.id: other for other in living}
    upwards: list[Assignment] = []
    while each is not None:
        upwards.append(each)
        each = by_id.get(each.parent_id) if each.parent_id is not None else None
    today = clock.today()
    running = [(other.due_on, at) for at, other in enumerate(upwards) if other.due_on and other.due_on >= today]
    return upwards[min(running)[1]] if running else None


def latest_below(living: Iterable[Assignment], each: Assignment | None) -> date | None:
    """By when those below ``each`` must be done at the latest; ``None``: nothing bounds them (see ``bound_by``)."""
    found = bound_by(living, each)
    return found.due_on if found is not None else None


def bring_forward(living: Iterable[Assignment], each: Assignment) -> list[Assignment]:
    """No deadline below is later than the one above (212/8.1): those that would be come forward; gives these parts."""
    everything = list(living)
    held = [child for child in everything if child.state in LIVING]
    moved: list[Assignment] = []
    waiting = [each]
    while waiting:
        above = waiting.pop()
        latest = latest_below(everything, above)
        for child in held:
            if child.parent_id != above.id:
                continue
            if latest is not None and child.due_on is not None and child.due_on > latest:
                child.due_on = latest
                moved.append(child)
            waiting.append(child)
    return moved


def _new(document: Document, parent_id: int | None, row: Assignee, giving: Giving) -> Assignment:
    return Assignment(
        document_id=document.id,
        parent_id=parent_id,
        kind=row.kind,
        state=AssignmentState.OPEN,
        unit_id=row.unit_id,
        person_id=row.person_id,
        assigned_by_id=giving.by_id,
        assigned_at=clock.now(),
        directions=giving.directions,
        due_on=_due(row, giving),
    )


def _change(each: Assignment, row: Assignee, giving: Giving) -> bool:
    """Bring a present assignment to what the dialog says; whether anything changed."""
    due_on = row.due_on or (giving.due_on if row.kind == AssignmentKind.LEAD else each.due_on) or _due(row, giving)
    directions = giving.directions or each.directions
    if (each.kind, each.due_on, each.directions) == (row.kind, due_on, directions):
        return False
    each.kind, each.due_on, each.directions = row.kind, due_on, directions
    return True


def _due(row: Assignee, giving: Giving) -> date | None:
    if row.kind == AssignmentKind.INFORM:
        return row.due_on
    return row.due_on or giving.due_on


def recompute(parent: Assignment, living: Iterable[Assignment]) -> None:
    """Whether the lead has been passed on: somebody below leads. Who co-ordinates answers for the unit's part even
    where its people write it."""
    parent.passed_on = parent.kind == AssignmentKind.LEAD and any(
        each.parent_id == parent.id and each.kind == AssignmentKind.LEAD and each.state in LIVING for each in living
    )


def close(
    session: Session,
    living: Collection[Assignment],
    these: Iterable[Assignment],
    state: AssignmentState,
    note: str = "",
) -> list[Assignment]:
    """End assignments and everything below them; who ends by themselves and who only with them, all in ``state``.
    Returns those that were ended."""
    now = clock.now()
    ended: list[Assignment] = []
    waiting = list(these)
    while waiting:
        each = waiting.pop()
        waiting += [child for child in living if child.parent_id == each.id]
        if each.state in LIVING:
            each.state, each.finished_at, each.closing_note = state, now, note
            each.suspended_on, each.passed_on = None, False
            ended.append(each)
    end_asked(session, ended)
    session.flush()  # the place of who led is free before somebody else leads
    return ended


def leaf_of(living: Iterable[Assignment]) -> Assignment | None:
    """The assignment that settles the document: the lowest that leads."""
    leads = [each for each in living if each.kind == AssignmentKind.LEAD and each.state in LIVING]
    top = next((each for each in leads if each.parent_id is None), None)
    while top is not None:
        below = next((each for each in leads if each.parent_id == top.id), None)
        if below is None:
            return top
        top = below
    return None


def mirror(document: Document, living: Iterable[Assignment]) -> None:
    """Keep what lists show of the assignments in the document's own row: who leads, until when."""
    held = [each for each in living if each.state in LIVING]
    top = next((each for each in held if each.kind == AssignmentKind.LEAD and each.parent_id is None), None)
    leaf = leaf_of(held)
    document.due_on = top.due_on if top else None
    document.lead_unit_id = leaf.unit_id if leaf else None
    document.lead_person_id = leaf.person_id if leaf else None


def name_of(session: Session, each: Assignment) -> str:
    """Who holds it, by name."""
    return person_name(session, each.person_id) or (each.unit.name if each.unit else "")


def words(giving: Giving) -> str:
    """Who was given what until when, as the record says it."""
    parts = []
    for each in giving.assignees:
        due = _due(each, giving)
        until = f", hạn {due:%d/%m/%Y}" if due else ""
        parts.append(f"{each.name} {IN_RECORDS[each.kind]}{until}")
    return "; ".join(parts)


def lead_name(giving: Giving) -> str:
    """Who leads, by name; empty where nobody does."""
    return next((each.name for each in giving.assignees if each.kind == AssignmentKind.LEAD), "")


def lead_due(giving: Giving) -> date:
    """The deadline of who leads."""
    return next((_due(each, giving) for each in giving.assignees if each.kind == AssignmentKind.LEAD), None) or (
        giving.due_on
    )


def tell_given(
    uow: UnitOfWork, actor: Actor, document: Document, given: Given, *, directions: str = "", reason: str = ""
) -> None:
    """Tell whoever got something new, lost what they had, or has less time than before."""
    tell_holders(uow, actor, NoticeKind.ASSIGNED, document, given.touched, directions=directions)
    tell_holders(uow, actor, NoticeKind.WITHDRAWN, document, given.withdrawn, reason=reason)
    tell_holders(uow, actor, NoticeKind.DEADLINE, document, given.hastened, variant="", reason=reason)


def tell_holders(
    uow: UnitOfWork,
    actor: Actor,
    kind: NoticeKind,
    document: Document,
    assignments: Sequence[Assignment],
    **params: Any,
) -> None:
    """Tell whoever has these assignments, each of the own one."""
    if not assignments:
        return
    people = holders(uow.session, assignments)
    parts = []
    for each in assignments:
        said = {"variant": each.kind, "due": each.due_on, **params}
        if each.person_id is None:
            said["unit"] = each.unit.name
        parts.append((people[each.id], each.id, said))
    notices.tell_each(uow, actor, kind, document, parts)

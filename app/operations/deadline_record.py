"""Every change of a deadline is a row of its own, by whichever act it came about (Decision 4.4, 8.1).

The acts that are about nothing else – asking, granting, suspending: :mod:`app.operations.terms`.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.models import Assignment, DeadlineChange
from app.vocabulary import DeadlineChangeKind, DeadlineChangeState

ENDED = "Phần việc đã kết thúc"
"""Why an extension is not granted any more; records are Vietnamese."""
REASON_LENGTH = 500


def ask(session: Session, each: Assignment, due_asked: date, by_id: int | None, reason: str) -> DeadlineChange:
    """Put on record that an extension is asked for; it waits for :func:`decide`."""
    made = _row(each.id, DeadlineChangeKind.EXTENSION, each.due_on, by_id, reason)
    made.state, made.due_asked = DeadlineChangeState.ASKED, due_asked
    session.add(made)
    return made


def decide(
    made: DeadlineChange, state: DeadlineChangeState, by_id: int | None, note: str, due_after: date | None
) -> None:
    """Say what became of a change, by whom, and which day holds now."""
    made.state, made.note, made.due_after = state, note[:REASON_LENGTH], due_after
    made.decided_by_id, made.decided_at = by_id, clock.now()


def record_changes(
    session: Session,
    before: Mapping[int, date | None],
    now: Collection[Assignment],
    by_id: int | None,
    reason: str,
    *,
    kind: DeadlineChangeKind = DeadlineChangeKind.CHANGE,
    note: str = "",
) -> None:
    """Put on record which deadlines an act changed. ``before``: the deadlines by assignment; what had none got its
    first one, which is no change. An extension asked for is answered by it: granted by a later day, else refused; a
    suspension answers nothing. One statement reads."""
    changed = [each for each in now if before.get(each.id) is not None and each.due_on != before[each.id]]
    waiting = _asked(session, changed) if kind == DeadlineChangeKind.CHANGE else {}
    for each in changed:
        due_before = before[each.id]
        later = each.due_on is not None and due_before is not None and each.due_on > due_before
        open_one = waiting.get(each.id)
        if open_one is not None:
            answer = DeadlineChangeState.GRANTED if later else DeadlineChangeState.REFUSED
            decide(open_one, answer, by_id, reason, each.due_on)
        if open_one is None or not later:
            made = _row(each.id, kind, due_before, by_id, reason)
            decide(made, DeadlineChangeState.GRANTED, by_id, note, each.due_on)
            session.add(made)


def end_asked(session: Session, ended: Collection[Assignment]) -> None:
    """Nobody has to decide on extensions of parts that have ended: they are refused by the end. One statement."""
    due = {each.id: each.due_on for each in ended}
    for assignment_id, waiting in _asked(session, ended).items():
        decide(waiting, DeadlineChangeState.REFUSED, None, ENDED, due[assignment_id])


def _asked(session: Session, these: Iterable[Assignment]) -> dict[int, DeadlineChange]:
    ids = [each.id for each in these]
    if not ids:
        return {}
    query = select(DeadlineChange).where(
        DeadlineChange.assignment_id.in_(ids), DeadlineChange.state == DeadlineChangeState.ASKED
    )
    return {each.assignment_id: each for each in session.scalars(query)}


def _row(
    assignment_id: int, kind: DeadlineChangeKind, due_before: date | None, by_id: int | None, reason: str
) -> DeadlineChange:
    return DeadlineChange(
        assignment_id=assignment_id,
        kind=kind,
        reason=reason[:REASON_LENGTH],
        asked_by_id=by_id,
        asked_at=clock.now(),
        due_before=due_before,
    )

"""Every change of a deadline is a row of its own, by whichever act it came about (Decision 4.4, 8.1).

Asking, granting and suspending, which are about nothing else: :mod:`app.operations.terms`.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.models import Assignment, DeadlineChange
from app.queries.holdings import asked
from app.vocabulary import DeadlineChangeKind, DeadlineChangeState

ENDED = "Phần việc đã kết thúc"
"""Why an extension is not granted any more; records are Vietnamese."""
REASON_LENGTH = 500


def record_changes(
    session: Session, before: Mapping[int, date | None], now: Iterable[Assignment], by_id: int | None, reason: str
) -> None:
    """Put on record which deadlines an act changed. ``before``: the deadlines by assignment; what had none got its
    first one, which is no change. An extension asked for is answered by it: granted by a later day, else refused."""
    for each in now:
        due_before = before.get(each.id)
        if due_before is None or each.due_on == due_before:
            continue
        waiting = asked(session, each.id)
        later = each.due_on is not None and each.due_on > due_before
        if waiting is not None:
            answer = DeadlineChangeState.GRANTED if later else DeadlineChangeState.REFUSED
            _decide(waiting, answer, by_id, reason, each.due_on)
        if waiting is None or not later:
            made = DeadlineChange(
                assignment_id=each.id,
                kind=DeadlineChangeKind.CHANGE,
                reason=reason[:REASON_LENGTH],
                asked_by_id=by_id,
                asked_at=clock.now(),
                due_before=due_before,
            )
            _decide(made, DeadlineChangeState.GRANTED, by_id, "", each.due_on)
            session.add(made)


def end_asked(session: Session, ended: Iterable[Assignment]) -> None:
    """Nobody has to decide on extensions of parts that have ended: they are refused by the end. One statement."""
    due = {each.id: each.due_on for each in ended}
    if not due:
        return
    query = select(DeadlineChange).where(
        DeadlineChange.assignment_id.in_(due), DeadlineChange.state == DeadlineChangeState.ASKED
    )
    for waiting in session.scalars(query):
        _decide(waiting, DeadlineChangeState.REFUSED, None, ENDED, due[waiting.assignment_id])


def _decide(
    made: DeadlineChange, state: DeadlineChangeState, by_id: int | None, note: str, due_after: date | None
) -> None:
    made.state, made.note, made.due_after = state, note[:REASON_LENGTH], due_after
    made.decided_by_id, made.decided_at = by_id, clock.now()

"""Who opened what was given to them, for the first time (đã xem): append-only, one row for each person and part."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.actor import Actor
from app.models import Assignment, AssignmentReading
from app.operations.base import operation
from app.operations.unit_of_work import UnitOfWork
from app.rules.handling import holds
from app.vocabulary import LIVING


@operation()
def seen(actor: Actor, document_id: int, assignment_ids: Collection[int] = (), *, uow: UnitOfWork) -> int:
    """Put on record that the actor opened the page of a document of which they hold a part; how many are new.

    ``assignment_ids``: the parts, where the page knows them already; else they are looked for. Reading twice changes
    nothing. The person who signed in has read it, for whomever they act (212/16.1.i).
    """
    if actor.person_id is None:
        return 0
    ids = list(assignment_ids) or _held(uow, actor, document_id)
    if not ids:
        return 0
    rows = [{"assignment_id": each, "person_id": actor.person_id, "at": clock.now()} for each in ids]
    made = uow.session.execute(
        insert(AssignmentReading).on_conflict_do_nothing().returning(AssignmentReading.assignment_id), rows
    )
    return len(made.all())


def _held(uow: UnitOfWork, actor: Actor, document_id: int) -> list[int]:
    query = select(Assignment.id, Assignment.unit_id, Assignment.person_id).where(
        Assignment.document_id == document_id, Assignment.state.in_(LIVING)
    )
    return [row.id for row in uow.session.execute(query) if holds(actor, row.unit_id, row.person_id)]

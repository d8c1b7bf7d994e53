"""History of many rows: set-wise beside SQLAlchemy-Continuum row by row, on the table with the most columns."""

import time
from typing import Any

from sqlalchemy import select

from app import clock
from app.models import Document
from app.operations import bulk
from app.operations.base import operation
from app.operations.unit_of_work import UnitOfWork
from app.vocabulary import IncomingState
from bench.office import SYSTEM, Register

WAITING = {"kind": "incoming", "state": IncomingState.RECEIVED, "urgency": "normal", "channel": "axis"}


@operation()
def add_set_wise(actor: Any, rows: list[dict[str, Any]], *, uow: UnitOfWork) -> list[int]:  # noqa: ARG001
    """Rows, versions, nothing else."""
    return bulk.insert(uow, Document, rows)


@operation()
def change_set_wise(actor: Any, keys: list[int], note: str, *, uow: UnitOfWork) -> int:  # noqa: ARG001
    """One column of each row."""
    return len(bulk.update(uow, Document, [{"id": key, "note": note} for key in keys]))


@operation()
def add_each(actor: Any, rows: list[dict[str, Any]], *, uow: UnitOfWork) -> list[int]:  # noqa: ARG001
    """The same as records, Continuum writing their versions."""
    records = [Document(**row) for row in rows]
    uow.session.add_all(records)
    uow.session.flush()
    return [record.id for record in records]


@operation()
def change_each(actor: Any, keys: list[int], note: str, *, uow: UnitOfWork) -> int:  # noqa: ARG001
    """The same as records."""
    for record in uow.session.scalars(select(Document).where(Document.id.in_(keys))):
        record.note = note
    return len(keys)


def measure(count: int, few: int) -> dict[str, tuple[int, float]]:
    """Rows and seconds of each way; row by row only ``few``. Needs an application context."""
    register = Register(seed=7)
    told: dict[str, tuple[int, float]] = {}

    def timed(name: str, rows: int, act: Any, *given: Any) -> Any:
        begun = time.perf_counter()
        answer = act(SYSTEM, *given)
        told[name] = (rows, time.perf_counter() - begun)
        return answer

    received = {**WAITING, "received_at": clock.now()}
    rows = [{**row, **received} for row in register._descriptions(count)]  # noqa: SLF001 - the same rows as everywhere
    timed("warm up", few, add_set_wise, rows[:few])
    keys = timed("insert, set-wise", count, add_set_wise, rows)
    timed("update, set-wise", count, change_set_wise, keys, "một")
    made = timed("insert, each", few, add_each, rows[:few])
    timed("update, each", few, change_each, made, "một")
    del told["warm up"]
    return told

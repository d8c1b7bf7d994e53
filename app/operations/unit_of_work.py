"""The unit of work: the only place in the program that commits.

An operation called from another operation joins its unit of work. The outermost one flushes, writes the events
with the number of the version transaction and commits; the outbox worker finds its rows by itself. A failure rolls
back and runs what was to be undone outside the database.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy_continuum import versioning_manager

from app import clock
from app.extensions import db
from app.models import Event, Outbox

log = logging.getLogger(__name__)

_current: ContextVar["UnitOfWork | None"] = ContextVar("unit_of_work", default=None)


class UnitOfWork:
    """What one outermost operation gathers: events, outbox rows, and what to undo when it fails."""

    def __init__(self, session: Session):
        self.session = session
        self.events: list[Event] = []
        self.on_rollback: list[Callable[[], None]] = []
        self.set_wise: set[tuple[type[Any], Any]] = set()
        """Records (model, key) whose versions ``operations.bulk`` wrote."""
        self.told: set[tuple[int, int]] = set()
        """Person and document of each notice: nobody is told twice of one act."""
        self.doomed = False

    def outbox(self, kind: str, payload: dict[str, Any], *, available_at: datetime | None = None) -> None:
        """Put work for after the commit into this very transaction (mail, exchange): a crash cannot lose it.

        Nobody takes it up before ``available_at``; without it, at once.
        """
        now = clock.now()
        self.session.add(Outbox(kind=kind, payload=payload, created_at=now, available_at=available_at or now))

    def undo(self, action: Callable[[], None]) -> None:
        """Register what must be undone outside the database when this unit of work fails."""
        self.on_rollback.append(action)

    def complete(self) -> None:
        """Write everything and commit. Raises ``RuntimeError`` when a part of it failed: never half an act."""
        if self.doomed:
            raise RuntimeError("an operation inside failed and its refusal was swallowed; nothing may be written")
        self.session.flush()  # gives new records their ids and the version transaction its number
        number = version_transaction(self.session, make=False)
        for event in self.events:
            event.transaction_id = number
            self.session.add(event)
        self.session.commit()


def version_transaction(session: Session, *, make: bool = True) -> int | None:
    """Number of the version transaction of the open database transaction; made where there is none yet.

    With ``make=False`` it is ``None`` when no versioned row has changed.
    """
    unit = versioning_manager.unit_of_work(session)
    if unit.current_transaction is None and make:
        unit.create_transaction(session)
    return unit.current_transaction.id if unit.current_transaction is not None else None


@sa.event.listens_for(db.session, "do_orm_execute")
def _keep_history(state: ORMExecuteState) -> None:
    """Refuse statements that would change versioned rows past their versions; ``operations.bulk`` writes both."""
    if state.is_update or state.is_delete or state.is_insert:
        mapper = state.bind_mapper
        if mapper is not None and mapper.class_ in versioning_manager.version_class_map:
            raise RuntimeError(f"{mapper.class_.__name__} keeps versions: change it as a record, or by operations.bulk")


@sa.event.listens_for(db.session, "before_flush")
def _one_way_only(session: Session, *_: Any) -> None:
    """Refuse to change as a record what ``operations.bulk`` changed before: Continuum would not know that version."""
    uow = _current.get()
    if uow is None or not uow.set_wise:
        return
    for record in session.dirty:
        if (type(record), sa.inspect(record).identity[0]) in uow.set_wise and session.is_modified(record):
            raise RuntimeError(f"{type(record).__name__} was changed set-wise in this unit of work already")


def current() -> UnitOfWork | None:
    """The unit of work that is open in this context, if any."""
    return _current.get()


@contextmanager
def unit_of_work() -> Iterator[UnitOfWork]:
    """Open a unit of work, or join the one that is open."""
    outer = _current.get()
    if outer is not None:
        try:
            yield outer
        except BaseException:
            outer.doomed = True  # what it left in the session must not be committed by whoever swallows this
            raise
        return
    session = db.session()
    uow = UnitOfWork(session)
    token = _current.set(uow)
    try:
        yield uow
        uow.complete()
    except BaseException:
        session.rollback()
        for undo in reversed(uow.on_rollback):  # each one, whatever the others do
            try:
                undo()
            except Exception:
                log.exception("undoing after a rollback failed")
        raise
    finally:
        _current.reset(token)

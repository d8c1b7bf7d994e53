"""The unit of work: the only place in the program that commits.

An operation called from another operation joins its unit of work. The outermost one flushes, writes the events
with the number of the version transaction and commits; the outbox worker finds its rows by itself. A failure rolls
back and runs what was to be undone outside the database.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy.orm import Session
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
        self.doomed = False

    def outbox(self, kind: str, payload: dict[str, Any]) -> None:
        """Put work for after the commit into this very transaction (mail, exchange): a crash cannot lose it."""
        now = clock.now()
        self.session.add(Outbox(kind=kind, payload=payload, created_at=now, available_at=now))

    def undo(self, action: Callable[[], None]) -> None:
        """Register what must be undone outside the database when this unit of work fails."""
        self.on_rollback.append(action)

    def complete(self) -> None:
        """Write everything and commit. Raises ``RuntimeError`` when a part of it failed: never half an act."""
        if self.doomed:
            raise RuntimeError("an operation inside failed and its refusal was swallowed; nothing may be written")
        self.session.flush()  # gives new records their ids and the version transaction its number
        number = _version_transaction(self.session)
        for event in self.events:
            event.transaction_id = number
            self.session.add(event)
        self.session.commit()


def _version_transaction(session: Session) -> int | None:
    unit = versioning_manager.units_of_work.get(session.connection())
    transaction = unit.current_transaction if unit is not None else None
    return transaction.id if transaction is not None else None


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

"""Outbox (việc chờ gửi): deliver what acts have left to do after their commit, at least once and not forgotten.

A row is claimed by a transaction of its own before anything is sent: attempt counted, next attempt put off. So no
lock is held while another system is slow, a second worker finds the row taken, and a row that ends the process is
not tried again at once.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.models import Outbox
from app.operations.base import operation
from app.operations.unit_of_work import UnitOfWork
from app.rules.jobs import wait_after

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
"""How long a claimed row belongs to its worker; a handler must give up earlier."""


@dataclass(frozen=True)
class Delivery:
    """What a handler gets. ``key`` is the same at every attempt: the receiver can tell a repetition by it."""

    key: str
    kind: str
    payload: dict[str, Any]
    attempt: int


class Undeliverable(Exception):
    """Raised by a handler: it will never be possible, trying again is vain. The row ends with this as its error."""


OUTBOX_HANDLERS: dict[str, Callable[[Delivery], None]] = {}
"""Kind of row → what delivers it. It raises when it could not; it may be called again for the same ``key``."""


def deliver(actor: Actor, stopping: Callable[[], bool] = lambda: False) -> dict[str, int]:
    """Deliver everything that is due now, oldest first, until ``stopping``; returns how many went and how many failed.

    A kind that nobody handles fails like any other: it stays, is tried again, and stands on the console. What a handler
    calls :class:`Undeliverable` is not tried again; it failed too.
    """
    counts = {"delivered": 0, "failed": 0}
    while not stopping():
        delivery = _claim(actor)
        if delivery is None:
            break
        try:
            handler = OUTBOX_HANDLERS.get(delivery.kind)
            if handler is None:
                raise LookupError(f"no handler for {delivery.kind}")
            handler(delivery)
        except Undeliverable as error:
            log.warning("outbox row %s (%s) is given up: %s", delivery.key, delivery.kind, error)
            _settle(actor, int(delivery.key), str(error))
            counts["failed"] += 1
        except Exception as error:
            log.exception("outbox row %s (%s), attempt %s", delivery.key, delivery.kind, delivery.attempt)
            _put_off(actor, int(delivery.key), f"{type(error).__name__}: {error}")
            counts["failed"] += 1
        else:
            _settle(actor, int(delivery.key))
            counts["delivered"] += 1
    return counts


@operation()
def _claim(actor: Actor, *, uow: UnitOfWork) -> Delivery | None:
    now = clock.now()
    query = select(Outbox).where(Outbox.done_at.is_(None), Outbox.available_at <= now)
    query = query.order_by(Outbox.available_at, Outbox.id).limit(1).with_for_update(skip_locked=True)
    row = uow.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        return None
    row.attempts += 1
    row.available_at = now + max(LEASE, wait_after(row.attempts))
    return Delivery(str(row.id), row.kind, row.payload, row.attempts)


@operation()
def _settle(actor: Actor, row_id: int, error: str = "", *, uow: UnitOfWork) -> None:
    row = uow.session.get_one(Outbox, row_id, with_for_update=True, populate_existing=True)
    row.done_at = row.done_at or clock.now()
    row.last_error = error[:1000]


@operation()
def _put_off(actor: Actor, row_id: int, error: str, *, uow: UnitOfWork) -> None:
    row = uow.session.get_one(Outbox, row_id, with_for_update=True, populate_existing=True)
    if row.done_at is None:
        row.available_at = clock.now() + wait_after(row.attempts)
        row.last_error = error[:1000]

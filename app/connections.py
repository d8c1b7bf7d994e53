"""Connections to the database: what is prepared on them stays prepared, and a dead one is noticed without asking it.

Both for speed alone: a request runs some thirty statements, and PostgreSQL spends longer planning them than doing them.
"""

import select
import time
from collections.abc import Iterable
from typing import Any

from psycopg._preparing import PrepareManager
from sqlalchemy import Engine, event, exc

LONG_IDLE_SECONDS = 60
"""A connection that nobody used for so long is asked whether it still answers: what lies between may have lost it."""
_LAST_USE = "last_use"


class LastingStatements(PrepareManager):
    """Statements stay prepared after a rollback, as they do in PostgreSQL itself.

    psycopg forgets them all, because a rollback may take back the making of a table. Every request ends with one, so
    that nothing would ever be prepared; and these connections make no tables, migrations have their own.
    """

    def clear(self) -> bool:
        """Forget nothing."""
        return False


def tune(engines: Iterable[Engine]) -> None:
    """Make connections of these engines keep what is prepared, and judge one before it is lent from the pool."""
    for engine in engines:
        event.listen(engine, "connect", _prepare_for_long)
        event.listen(engine, "checkin", _remember)
        event.listen(engine, "checkout", _refuse_dead)


def _prepare_for_long(connection: Any, _record: Any) -> None:
    connection._prepared = LastingStatements()  # noqa: SLF001 – psycopg offers no other way, and its version is pinned


def _remember(_connection: Any, record: Any) -> None:
    record.info[_LAST_USE] = time.monotonic()


def _refuse_dead(connection: Any, record: Any, _lent: Any) -> None:
    """An idle connection on which something can be read was closed: that is all the server ever says unasked.

    The pool then throws away what it holds and connects anew.
    """
    now = time.monotonic()
    long_idle = now - record.info.get(_LAST_USE, now) > LONG_IDLE_SECONDS
    if connection.closed or _can_be_read(connection) or (long_idle and not _answers(connection)):
        raise exc.InvalidatePoolError


def _can_be_read(connection: Any) -> bool:
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLPRI)
    return bool(poll.poll(0))


def _answers(connection: Any) -> bool:
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception:  # noqa: BLE001 – whatever it is, this connection does not serve
        return False
    return True

"""The only place that asks what time it is.

Law counts days in Vietnam; the database keeps instants with zone. Tests, the demo office and imports
may set the clock; nothing else may.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

_fixed: ContextVar[datetime | None] = ContextVar("fixed_clock", default=None)


def now() -> datetime:
    """The present instant, with zone (UTC)."""
    fixed = _fixed.get()
    return fixed if fixed is not None else datetime.now(UTC)


def in_vietnam(instant: datetime) -> datetime:
    """The same instant as a clock on the wall of the Office shows it."""
    return instant.astimezone(VIETNAM)


def today() -> date:
    """The present day in Vietnam."""
    return in_vietnam(now()).date()


@contextmanager
def set_to(instant: datetime) -> Iterator[None]:
    """Hold the clock at an instant with zone, for tests, the demo office and imports only."""
    if instant.tzinfo is None:
        raise ValueError("the clock takes instants with a zone")
    token = _fixed.set(instant)
    try:
        yield
    finally:
        _fixed.reset(token)

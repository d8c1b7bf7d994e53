"""Working days: how a term in days is counted (212/4.4, 212/8.1).

A working day is Monday to Friday unless the calendar says off, or a weekend day that the calendar says is
worked instead. The day of the event is not counted. Both sets come from the calendar table, which the
authority decides year by year; nothing here computes a holiday.
"""

from collections.abc import Set as AbstractSet
from datetime import date, timedelta

SATURDAY = 5
ONE_DAY = timedelta(days=1)


def is_working_day(day: date, off: AbstractSet[date], worked: AbstractSet[date]) -> bool:
    """Whether offices work on ``day``. A day in both sets is off: a named holiday outranks a swap."""
    if day in off:
        return False
    return day.weekday() < SATURDAY or day in worked


def next_working_day(day: date, off: AbstractSet[date], worked: AbstractSet[date]) -> date:
    """``day`` itself if it is worked, else the first working day after it."""
    while not is_working_day(day, off, worked):
        day += ONE_DAY
    return day


def add_working_days(start: date, n: int, off: AbstractSet[date], worked: AbstractSet[date]) -> date:
    """The last day of a term of ``n`` working days that began on ``start`` (212/4.4: seven by default).

    ``start`` itself is not counted. With ``n`` zero the term ends on ``start``, or on the next working
    day when ``start`` is a day off. Raises ``ValueError`` for a negative ``n``.
    """
    if n < 0:
        raise ValueError("a term has no negative number of days")
    if n == 0:
        return next_working_day(start, off, worked)
    day = start
    for _ in range(n):
        day = next_working_day(day + ONE_DAY, off, worked)
    return day


def working_days_between(start: date, end: date, off: AbstractSet[date], worked: AbstractSet[date]) -> int:
    """Working days after ``start`` up to and including ``end``; negative when ``end`` lies before ``start``.

    So ``working_days_between(today, due, …)`` is what a list shows as "n working days left", and the
    negative number is by how many working days a matter is late.
    """
    if end < start:
        return -working_days_between(end, start, off, worked)
    span = (end - start).days
    return sum(is_working_day(start + timedelta(days=i), off, worked) for i in range(1, span + 1))

"""Numbers in registers: which year a number belongs to, how it is written (212/4.2, 212/9.2, 212/16.1.dd). Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from app.clock import in_vietnam


@dataclass(frozen=True)
class NextNumber:
    """A number about to be given: series year, running number from 1, the day it is given (Vietnam)."""

    year: int
    number: int
    day: date


def next_number(last_number: int, instant: datetime) -> NextNumber:
    """The number after ``last_number``, given at ``instant``; the year is the one in Vietnam.

    ``last_number`` is the last number of that same year (0 when none was given yet).
    """
    day = in_vietnam(instant).date()
    return NextNumber(day.year, last_number + 1, day)


def written(number: int) -> str:
    """A number as registers write it: under 10 with a leading zero."""
    return f"{number:02d}"

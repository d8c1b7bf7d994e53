"""Days off and days worked instead, 2019 to 2027, as a new installation starts with them.

The State decides the calendar year by year; the table that the Office keeps is the one that counts. Rows of
2027 are an estimate and say so.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from app.vocabulary import CalendarKind


@dataclass(frozen=True)
class CalendarRow:
    """One day that is not what its weekday says, or a named holiday that falls on a weekend."""

    day: date
    kind: CalendarKind
    name: str
    note: str = ""


@cache
def calendar_rows() -> tuple[CalendarRow, ...]:
    """All rows, by date."""
    text = resources.files(__package__).joinpath("calendar.tsv").read_text(encoding="utf-8")
    return tuple(
        CalendarRow(date.fromisoformat(r["date"]), CalendarKind(r["kind"]), r["name"], r["note"])
        for r in csv.DictReader(text.splitlines(), delimiter="\t")
    )


@cache
def days_off() -> frozenset[date]:
    """The days off, weekends included where a holiday falls on one."""
    return frozenset(row.day for row in calendar_rows() if row.kind is CalendarKind.OFF)


@cache
def days_worked() -> frozenset[date]:
    """The Saturdays worked instead of another day."""
    return frozenset(row.day for row in calendar_rows() if row.kind is CalendarKind.WORKED)

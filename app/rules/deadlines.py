"""Deadlines: on which day a term ends, why, and how a deadline stands today (212/4.4, 212/8.1). Pure.

Lists, pages, notices, jobs and reports ask here, so that "two working days left" means the same everywhere. What a
working day is stands in ``app/rules/calendar.py``; which days are off or worked instead, in the calendar table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from app.rules.calendar import ONE_DAY, SATURDAY, add_working_days, is_working_day, working_days_between
from app.rules.calendar import next_working_day as first_working_day
from app.vocabulary import N_, TermCounting

Sentence = tuple[str, dict[str, Any]]
"""A catalogue entry and its parameters."""

DEFAULT_BASIS = "212/4.4"
WORKING_DAYS_A_WEEK = 5
DAYS_A_WEEK = 7
HOURS_A_DAY = 8
"""Working hours of a working day: 40 hours in a week of five days."""


@dataclass(frozen=True)
class Calendar:
    """The days that differ from the plain week, with their names: days off, and weekend days that are worked."""

    off: Mapping[date, str]
    worked: Mapping[date, str]

    def is_working(self, day: date) -> bool:
        """Whether offices work on ``day``."""
        return is_working_day(day, self.off.keys(), self.worked.keys())

    def next_working(self, day: date) -> date:
        """``day`` itself if it is worked, else the first working day after it."""
        return first_working_day(day, self.off.keys(), self.worked.keys())

    def add(self, start: date, n: int) -> date:
        """The last of ``n`` working days after ``start``. Raises ``ValueError`` for a negative ``n``."""
        return add_working_days(start, n, self.off.keys(), self.worked.keys())

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when ``end`` lies before."""
        return working_days_between(start, end, self.off.keys(), self.worked.keys())


@dataclass(frozen=True)
class Term:
    """How long one has: so many days, counted as working days or days of the calendar.

    ``basis`` is a clause id (``212/4.4``: the office's own term), the law as the catalogue names it, or empty when the
    term comes from the urgency mark, whose name then stands in ``name``.
    """

    days: int
    counting: TermCounting
    name: str
    basis: str


@dataclass(frozen=True)
class Deadline:
    """The last day of a term, and the named days that moved it."""

    due_on: date
    received: date
    term: Term
    skipped: tuple[tuple[date, str], ...] = ()
    worked: tuple[tuple[date, str], ...] = ()

    @property
    def last_day(self) -> date:
        """Where days of the calendar end before a day off pushes them on; for working days the deadline itself."""
        if self.term.counting is TermCounting.WORKING:
            return self.due_on
        return self.received + timedelta(days=self.term.days)


def default_term(days: int) -> Term:
    """The office's own term, where no law says otherwise (212/4.4: seven working days)."""
    return Term(days, TermCounting.WORKING, "", DEFAULT_BASIS)


def counted_from(arrived_at: datetime, office_end: time | None, calendar: Calendar) -> date:
    """The day of receipt from which a term is counted, by the clock of the Office (an instant in Vietnam's zone).

    With ``office_end`` what arrives from then on, or on a day off, counts as received on the next working day; without
    it the day is the one on which it arrived.
    """
    day = arrived_at.date()
    if office_end is None or (calendar.is_working(day) and arrived_at.time() < office_end):
        return day
    return calendar.next_working(day + ONE_DAY)


def deadline(received: date, term: Term, calendar: Calendar) -> Deadline:
    """When ``term`` ends for what was received on that day (212/4.4, 212/8.1).

    The day of receipt is not counted. Days of the calendar that end on a day off end on the next working day.
    Raises ``ValueError`` for a negative number of days.
    """
    if term.days < 0:
        raise ValueError("a term has no negative number of days")
    if term.counting is TermCounting.CALENDAR:
        first = received + timedelta(days=term.days)
        due_on = calendar.next_working(first)
    else:
        first = received + ONE_DAY if term.days else received
        due_on = calendar.add(received, term.days)
    passed = [first + timedelta(days=each) for each in range((due_on - first).days + 1)]
    return Deadline(
        due_on,
        received,
        term,
        tuple((day, calendar.off[day]) for day in passed if day in calendar.off and _would_be_worked(day, calendar)),
        tuple((day, calendar.worked[day]) for day in passed if day in calendar.worked and day not in calendar.off),
    )


def _would_be_worked(day: date, calendar: Calendar) -> bool:
    """Whether only its name makes this a day off: a holiday on a Sunday moves no deadline."""
    return day.weekday() < SATURDAY or day in calendar.worked


class Standing(StrEnum):
    """How a deadline stands on a day."""

    NONE = "none"
    IN_TIME = "in_time"
    SOON = "soon"
    LATE = "late"


@dataclass(frozen=True)
class Stand:
    """How a deadline stands: ``days`` are working days left or, when late, working days overdue; never negative."""

    standing: Standing
    days: int
    is_today: bool = False


def stand(due_on: date | None, today: date, calendar: Calendar, warn_days: int) -> Stand:
    """How a deadline stands on ``today`` (212/4.4, 212/16.1.h); soon with at most ``warn_days`` working days left.

    Late from the day after it, be that a day off: the matter is late then, by no working day yet.
    """
    if due_on is None:
        return Stand(Standing.NONE, 0)
    days = calendar.between(today, due_on)
    if due_on < today:
        return Stand(Standing.LATE, -days)
    return Stand(Standing.SOON if days <= warn_days else Standing.IN_TIME, days, due_on == today)


def soon_until(today: date, warn_days: int, calendar: Calendar) -> date:
    """The last deadline that counts as soon: what is due from ``today`` to that day, both included.

    For statements: ``due_on < today`` is late, ``due_on BETWEEN today AND soon_until`` soon, later ones in time.
    """
    return calendar.add(today, warn_days + 1) - ONE_DAY


def extended(due_on: date, suspended_on: date, resumed_on: date, calendar: Calendar) -> date:
    """The deadline after a suspension: moved on by the working days that it took, so that as many are left as before.

    Raises ``ValueError`` when it ended before it began.
    """
    if resumed_on < suspended_on:
        raise ValueError("a suspension ends no earlier than it begins")
    took = calendar.between(suspended_on, resumed_on)
    return calendar.add(due_on, took) if took else due_on


@dataclass(frozen=True)
class TermRule:
    """A term prescribed for a document type, a field of work, or both, from day to day (None: open).

    By code, not by row: a type that a new decree names again is the same type, and its term holds on.
    """

    term: Term
    type_code: str | None = None
    field_code: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def applies(self, type_code: str | None, field_code: str | None, day: date) -> bool:
        """Whether the rule is about such a document on that day."""
        return (
            self.type_code in (None, type_code)
            and self.field_code in (None, field_code)
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
        )


def choose_term(
    rules: Iterable[TermRule], default: Term, *, type_code: str | None, field_code: str | None, day: date
) -> Term:
    """The term that holds for a document received on ``day``: the most specific rule, else ``default`` (212/4.4).

    Type and field outrank field, field outranks type: a field's law knows its own matter better than a general word
    on reports or petitions. Between equals the shortest holds.
    """
    fitting = [rule for rule in rules if rule.applies(type_code, field_code, day)]
    if not fitting:
        return default
    return min(fitting, key=lambda rule: (rule.field_code is None, rule.type_code is None, length(rule.term))).term


def shorter(one: Term, other: Term) -> Term:
    """The shorter of two terms; the first when they are as long."""
    return other if length(other) < length(one) else one


def length(term: Term) -> float:
    """How long a term is in days of the calendar, without knowing when: five working days are a week."""
    return term.days * DAYS_A_WEEK / WORKING_DAYS_A_WEEK if term.counting is TermCounting.WORKING else term.days


def days_of_hours(hours: int) -> int:
    """Working days of a term given in working hours, rounded up, at least one.

    Deadlines are days and the day of receipt is not counted (212/4.4), so what arrives at a quarter to five still
    leaves whoever settles it a day. That it is flash is said by its mark and its place in every list.
    """
    return max(1, -(-hours // HOURS_A_DAY))


def why(found: Deadline) -> tuple[Sentence, ...]:
    """What the deadline rests on, sentence by sentence: the count, its ground, days skipped, Saturdays worked."""
    term, received = found.term, f"{found.received:%d/%m/%Y}"
    counted = (
        N_("%(days)s working days from the day after receipt (%(received)s)")
        if term.counting is TermCounting.WORKING
        else N_("%(days)s calendar days from the day after receipt (%(received)s)")
    )
    sentences: list[Sentence] = [(counted, {"days": term.days, "received": received})]
    if term.basis == DEFAULT_BASIS:
        sentences.append((N_("the office's own term (clause 4, article 4)"), {}))
    elif term.basis:
        sentences.append((N_("by rule: %(name)s (%(basis)s)"), {"name": term.name, "basis": term.basis}))
    else:
        sentences.append((N_("by the urgency mark: %(name)s"), {"name": term.name}))
    if found.last_day != found.due_on:
        params = {"last_day": f"{found.last_day:%d/%m/%Y}"}
        sentences.append((N_("%(last_day)s is a day off: the term ends on the next working day"), params))
    sentences += [(N_("not counted: %(day)s %(name)s"), _named(day, name)) for day, name in found.skipped]
    sentences += [(N_("worked: %(day)s %(name)s"), _named(day, name)) for day, name in found.worked]
    return tuple(sentences)


def _named(day: date, name: str) -> dict[str, Any]:
    return {"day": f"{day:%d/%m}", "name": day_name(day, name)}


def day_name(day: date, name: str) -> str:
    """The name of a day of the calendar where its date stands beside it: catalogues often end names with the date."""
    for written in (f"({day:%d/%m})", f"({day.day}/{day.month})", f"({day:%d/%m/%Y})"):
        name = name.removesuffix(written).rstrip() or name
    return name


def stand_words(found: Stand) -> Sentence:
    """How a deadline stands, as a reader says it."""
    if found.standing is Standing.NONE:
        return N_("no deadline"), {}
    if found.standing is Standing.LATE:
        if not found.days:
            return N_("overdue, no working day yet"), {}
        return N_("late by %(days)s working days"), {"days": found.days}
    if found.is_today:
        return N_("due today"), {}
    if not found.days:
        return N_("due before the next working day"), {}
    return N_("%(days)s working days left"), {"days": found.days}

"""Hours and days on which the demo office works. Pure."""

import random
from datetime import date, datetime, time, timedelta

from app.clock import VIETNAM, in_vietnam
from app.demo.facts import working_day_near
from app.demo.texts import NOON
from app.reference.calendar import days_off, days_worked
from app.rules.calendar import add_working_days, is_working_day

OPEN, LAST_RECEIPT, CLOSE = time(7, 35), time(16, 40), time(17, 10)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
_FIRST_HOUR = time(8, 45)
"""Before this time of day nothing has come yet: the last day of the plan is the working day before."""


def last_moment(now: datetime) -> datetime:
    """The last instant of the plan: now, or the end of the last day on which something can have happened."""
    local = in_vietnam(now)
    started = local.time() >= _FIRST_HOUR and is_worked(local.date())
    last_day = local.date() if started else working_day_near(local.date() - DAY, -1)
    return min(local, moment(last_day, CLOSE))


def later(rng: random.Random, at: datetime) -> datetime:
    """Some time after, in working hours: within the hour, or on one of the next two working days."""
    soon = at + timedelta(seconds=rng.randint(500, 3300))
    if rng.random() < 0.55 and is_worked_minute(soon):
        return soon
    day = add_working_days(at.date(), rng.choice((1, 1, 2)), days_off(), days_worked())
    hour = rng.choice((8, 9, 10, 13, 14, 15))
    return moment(day, time(hour, rng.randint(5, 59), rng.randint(0, 59)))


def days_later(rng: random.Random, at: datetime) -> datetime:
    """In the morning two to four working days after: as long as a paper takes that was sent over the axis too."""
    day = add_working_days(at.date(), rng.randint(2, 4), days_off(), days_worked())
    return moment(day, time(rng.randint(8, 10), rng.randint(0, 59)))


def working_days_later(rng: random.Random, at: datetime, least: int, most: int) -> datetime:
    """At some hour of a day so many working days after; not earlier than ``at`` where that is the same day."""
    days = rng.randint(least, most)
    if not days:
        return minutes_later(rng, at, 50)
    day = add_working_days(at.date(), days, days_off(), days_worked())
    return moment(day, time(rng.choice((8, 8, 9, 9, 10, 13, 14, 14, 15, 16)), rng.randint(5, 59), rng.randint(0, 59)))


def minutes_later(rng: random.Random, at: datetime, most: int = 25) -> datetime:
    """Some minutes after, but not in the lunch hour."""
    after = at + timedelta(seconds=rng.randint(180, 60 * most))
    return after if is_worked_minute(after) else at + timedelta(seconds=rng.randint(60, 170))


def is_worked_minute(at: datetime) -> bool:
    """Whether the office is neither at lunch nor closed at this time of day."""
    minute = at.hour * 60 + at.minute
    return minute < NOON[0] or NOON[1] <= minute < CLOSE.hour * 60


def before_lunch(at: datetime) -> datetime:
    """A time in the lunch hour as long before it as it lay in it."""
    minute = at.hour * 60 + at.minute
    return at - 2 * (minute - NOON[0] + 1) * MINUTE if NOON[0] <= minute < NOON[1] else at


def moment(day: date, hour: time) -> datetime:
    """An instant by day and time of day in Vietnam."""
    return datetime.combine(day, hour, VIETNAM)


def is_worked(day: date) -> bool:
    """Whether the office works on this day."""
    return is_working_day(day, days_off(), days_worked())

"""One document on its way through the demo office: each act some time after the one before it. Pure."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from app.clock import in_vietnam
from app.demo import settling_words as words
from app.demo.facts import working_day_near
from app.demo.office import SUBSTITUTED_SINCE
from app.demo.settling_steps import OUTCOMES, Deed, Share, Work
from app.demo.steps import Arrival
from app.demo.working_time import CLOSE, DAY, is_worked_minute, moment, working_days_later
from app.reference.calendar import days_off, days_worked
from app.rules.calendar import add_working_days, working_days_between
from app.vocabulary import AssignmentKind, HandlingOutcome

LEADERS = {
    "kinh_te": "phovp1", "du_an": "phovp1", "tong_hop": "phovp1",
    "do_thi": "phovp2", "van_xa": "phovp2",
    "noi_chinh": "chanhvp", "tiep_dan": "chanhvp", "tin_hoc": "chanhvp", "hanh_chinh": "chanhvp",
    "quan_tri": "chanhvp",
}  # fmt: skip
"""Which leader is in charge of what."""
HEADS = {
    "kinh_te": "truongphong1", "do_thi": "truongphong2", "van_xa": "truongphong3", "noi_chinh": "truongphong4",
    "hanh_chinh": "hanhchinh",
}  # fmt: skip
"""Who heads the units to which documents are given as a whole."""
STAFF = {
    "kinh_te": ("chuyenvien1", "chuyenvien2"), "do_thi": ("chuyenvien3", "chuyenvien4"), "van_xa": ("chuyenvien5",),
    "noi_chinh": ("chuyenvien6",), "tong_hop": ("chuyenvien7", "quanly"), "tiep_dan": ("chuyenvien8",),
    "tin_hoc": ("quantri",), "hanh_chinh": ("troly",),
}  # fmt: skip
OTHER_UNITS = {"du_an": ("do_thi", "kinh_te"), "quan_tri": ("hanh_chinh",)}
"""What came for a unit in which nobody works here goes to one of these."""


@dataclass
class Scene:
    """What all threads share: chance, the last instant of the plan, and the instant from which one looks at it."""

    rng: random.Random
    closing: datetime
    now: datetime

    @cached_property
    def today(self) -> date:
        """The day on which the office is looked at."""
        return in_vietnam(self.now).date()

    def age(self, day: date) -> int:
        """Working days from a day to the last one of the plan."""
        return working_days_between(day, self.closing.date(), days_off(), days_worked())

    def due_in(self, days: int) -> date:
        """A working day so many working days from today; with 0 today, or the next working day."""
        first = working_day_near(self.today, 1)
        return add_working_days(first, days, days_off(), days_worked()) if days else first

    def days_ago(self, days: int) -> date:
        """A working day so many working days before the last one."""
        day = self.closing.date()
        for _ in range(days):
            day = working_day_near(day - DAY, -1)
        return day

    def last_reading(self) -> datetime:
        """Shortly before the end of the fourth working day before the last one."""
        return moment(self.days_ago(4), time(16, 50))

    def substitutes(self, leader: str, at: datetime) -> bool:
        """Whether another stands in for the leader at that time."""
        return leader == "phovp2" and at.date() >= self.today + SUBSTITUTED_SINCE * DAY


class Thread:
    """Collects the acts on one document. ``at``: when the last one was."""

    def __init__(self, scene: Scene, index: int, arrival: Arrival):
        self.scene, self.rng, self.index = scene, scene.rng, index
        self.letter, self.clerk, self.at = arrival.letter, arrival.clerk, arrival.registered_at
        self.works: list[Work] = []
        unit = arrival.letter.unit
        self.unit = self.rng.choice(OTHER_UNITS[unit]) if unit in OTHER_UNITS else unit
        self.leader = LEADERS[unit]

    # ---- time

    def soon(self) -> None:
        """Within the hour, or first thing after lunch or on the next morning."""
        rng = self.rng
        self.at += timedelta(seconds=rng.randint(240, 2700))
        if is_worked_minute(self.at):
            return
        if self.at.time() < time(13):
            self.at = moment(self.at.date(), time(13, rng.randint(2, 40), rng.randint(0, 59)))
        else:
            self.days(1, 1)
            self.at = moment(self.at.date(), time(7, rng.randint(40, 59), rng.randint(0, 59)))

    def days(self, least: int, most: int) -> None:
        """So many working days after."""
        if not most:
            self.soon()
            return
        days = self.rng.randint(least, most)
        if days:
            self.at = working_days_later(self.rng, self.at, days, days)
        else:
            self.soon()

    def by(self, day: date) -> None:
        """At some hour of that day, if it is later; else soon after. Never after the plan's end."""
        at = moment(day, time(self.rng.choice((8, 9, 10, 14, 15)), self.rng.randint(2, 58), self.rng.randint(0, 59)))
        latest = self.scene.closing
        if at > latest:
            at = max(moment(day, time(7, 45)), self.at)
        if at <= self.at or at.time() > CLOSE:
            self.soon()
        else:
            self.at = at

    # ---- acts

    def do(
        self, deed: Deed, who: str, *, holder: str = "", shares: tuple[Share, ...] = (), behalf: str = "",
        **values: Any,
    ) -> None:  # fmt: skip
        """One act now."""
        self.works.append(Work(self.at, self.index, deed, who, behalf, holder, shares, values))

    def present(self, to: str) -> None:
        """The clerk presents it, soon."""
        self.soon()
        clerk = self.clerk if self.clerk in ("vanthu1", "vanthu2") else "vanthu1"
        self.do(Deed.PRESENT, clerk, to=to, note=self.rng.choice(words.NOTES))

    def assign(self, shares: tuple[Share, ...], leader: str = "", due_on: date | None = None) -> None:
        """The leader assigns it; whoever stands in for the leader, or enters for the leader, does it in the name of
        the leader."""
        leader = leader or self.leader
        who, behalf = leader, ""
        if self.scene.substitutes(leader, self.at):
            who, behalf = "phovp1", "phovp2"
        elif leader == "truongphong2":
            behalf = "phovp2"
        elif leader == "phovp1" and self.rng.random() < 0.25:
            who, behalf = "vanthu1", "phovp1"
        said = words.directions(self.rng, self.letter)
        self.do(Deed.ASSIGN, who, behalf=behalf, shares=shares, directions=said, due_on=due_on)

    def pass_on(self, unit: str, person: str, due_on: date | None = None) -> None:
        """The head of the unit gives it to one of its people, who leads."""
        shares = (Share(person, AssignmentKind.LEAD, due_on),)
        self.do(Deed.PASS_ON, HEADS[unit], holder=unit, shares=shares, directions=words.within(self.rng), due_on=due_on)

    def conclude(self, who: str, outcome: HandlingOutcome) -> None:
        """Choose the outcome; what goes out is prepared with it."""
        rng, letter = self.rng, self.letter
        if outcome is HandlingOutcome.FILED:
            values: dict[str, Any] = words.filed(rng)
        elif outcome is HandlingOutcome.TRANSFERRED:
            values = words.transferred(rng, letter)
        elif outcome is HandlingOutcome.RETURNED:
            values = words.returned(rng)
        else:
            values = words.processed(letter)
        behalf = who if who == "chuyenvien1" and rng.random() < 0.25 else ""
        self.do(OUTCOMES[outcome], "troly" if behalf else who, behalf=behalf, **values)

    def answer(self, who: str, outcome: HandlingOutcome) -> None:
        """What was prepared has gone out."""
        number = words.number(self.rng, outcome, self.unit, self.at.date())
        self.do(Deed.COMPLETE, who, number_notation=number, issued_on=self.at.date())

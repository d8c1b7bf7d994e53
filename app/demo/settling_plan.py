"""How the documents of the demo office are settled, from presenting to the answer; what is in work today. Pure.

Most of what came is settled. The newest wait to be presented or assigned. In between everybody has something of each
kind on the own desk: late, due soon, suspended, an answer in preparation, an extension asked for, an opinion awaited.
"""

import itertools
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from app.demo import settling_words as words
from app.demo.casting import Role, roles, shown_to
from app.demo.office import PEOPLE
from app.demo.settled import settled
from app.demo.settling_steps import Deed, Share, Work
from app.demo.steps import Act, Arrival, Plan
from app.demo.thread import STAFF, Scene, Thread
from app.demo.working_time import last_moment
from app.vocabulary import AssignmentKind, PostKind

_IN_WORK, _WAITING, _NEW = 0.4, 15, 40
"""At most this share of all is in work by its role; one of so many waits for its assignment, or to be presented."""
_UNIT_OF = {each.user_name: each.unit for each in PEOPLE}
_AT_MOST_WAITING, _AT_MOST_NEW, _PRESENTED_ONLY = 14, 6, 12


def make_settling(seed: int, plan: Plan, now: datetime) -> tuple[Work, ...]:
    """What is done to settle the documents of the plan, in order of time; nothing after ``now``."""
    scene = Scene(random.Random(seed + 8), last_moment(now), now)
    free = _handled(plan)
    new = max(1, min(_AT_MOST_NEW, len(free) // _NEW))
    del free[len(free) - new :]
    waiting = min(_AT_MOST_WAITING, len(free) // _WAITING)
    found = list(_presented(scene, [free.pop() for _ in range(waiting)]))
    found += _cast(scene, free, round((len(free) + waiting + new) * _IN_WORK))
    found += settled(scene, free)
    works = [work for thread in found for work in thread.works if work.at <= scene.closing]
    works.sort(key=lambda work: work.at)
    works = list(_in_case_files(plan, works))
    return tuple(sorted([*works, *_reading(scene)], key=lambda work: work.at))


def _handled(plan: Plan) -> list[tuple[int, Arrival]]:
    """Index and arrival of what is to be settled, the oldest first."""
    gone = {step.index for step in plan.steps if step.act in (Act.CANCEL, Act.SEND_BACK)}
    return [(i, arrival) for i, arrival in enumerate(plan.arrivals) if i not in gone]


def _presented(scene: Scene, these: list[tuple[int, Arrival]]) -> Iterator[Thread]:
    """What waits for a leader's assignment; to each of them, and to the head of department with authority."""
    turns = itertools.cycle(("phovp2", "chanhvp", "phovp1", "truongphong2"))
    for turn, (index, arrival) in enumerate(these):
        thread = Thread(scene, index, arrival)
        thread.present(next(turns))
        if turn >= _PRESENTED_ONLY:  # came back from whom it was given to
            who = scene.rng.choice(STAFF[thread.unit])
            leader = str(thread.works[-1].values["to"])
            thread.soon()
            thread.assign((Share(who, AssignmentKind.LEAD),), leader)
            thread.soon()
            thread.do(Deed.GIVE_BACK, who, holder=who, reason=scene.rng.choice(words.GIVEN_BACK))
        yield thread


def _in_case_files(plan: Plan, works: list[Work]) -> Iterator[Work]:
    """What belongs to one matter goes into one case file; what is answered once more stays in its own."""
    opened: dict[str, int] = {}
    for work in works:
        if work.deed is not Deed.PROCESS:
            yield work
            continue
        title = words.collective(plan.arrivals[work.index].letter.draft, work.at.year)
        # each unit has a file of its own: nobody puts anything into that of another
        matter = f"{title} {_UNIT_OF[work.behalf or work.who]}" if title else str(work.index)
        values = dict(work.values)
        if matter in opened:
            del values["case_title"]
            values["joins"] = opened[matter]
        elif title:
            values["case_title"] = title
        opened.setdefault(matter, work.index)
        yield replace(work, values=values)


def _cast(scene: Scene, free: list[tuple[int, Arrival]], most: int) -> list[Thread]:
    """Give each role a document that suits it; ``free`` loses those."""
    ages = {index: scene.age(arrival.registered_at.date()) for index, arrival in free}
    cast: list[_Cast] = []
    for role in roles():
        if len(cast) >= most:
            break
        least, longest = role.state.ages
        fitting = [each for each in free if ages[each[0]] >= least]
        if not fitting:
            continue
        best = min(
            fitting,
            key=lambda each: (
                max(0, ages[each[0]] - longest) > 8, each[1].letter.unit not in role.units, ages[each[0]],
            ),
        )  # fmt: skip
        free.remove(best)
        cast.append(_Cast(role, *best))
    _invite(scene, cast)
    return [each.thread(scene) for each in cast]


@dataclass
class _Cast:
    """A role with its document, and who else is shown it."""

    role: Role
    index: int
    arrival: Arrival
    guests: list[tuple[str, str, date | None]] = field(default_factory=list)

    def welcomes(self, holder: str) -> bool:
        """Whether somebody may be shown it who is not yet."""
        return self.role.welcomes(holder) and all(holder != name for name, _, _ in self.guests)

    def thread(self, scene: Scene) -> Thread:
        thread = Thread(scene, self.index, self.arrival)
        self.role.play(thread, self.guests)
        return thread


def _invite(scene: Scene, cast: list[_Cast]) -> None:
    """Everybody co-ordinates somewhere, late or in time, and is informed of something."""
    for guest in shown_to(scene):
        hosts = deque(
            sorted(
                (each for each in cast if each.role.state in guest.hosts and each.welcomes(guest.holder)),
                key=lambda each: len(each.guests),
            )
        )
        if hosts:
            hosts[0].guests.append((guest.holder, guest.kind, guest.due_on))


def _reading(scene: Scene) -> Iterator[Work]:
    """Everybody has looked through what they were told; what the last days brought is new."""
    for each in PEOPLE:
        if each.kind is not PostKind.OUTSIDE:
            yield Work(scene.last_reading(), -1, Deed.READ, each.user_name)

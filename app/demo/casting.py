"""Who has what on the desk of the demo office today: roles for documents in work, and who else is shown them. Pure."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from app.demo import settling_words as words
from app.demo.office import PEOPLE
from app.demo.settling_steps import Deed, Share
from app.demo.thread import HEADS, LEADERS, STAFF, Scene, Thread
from app.vocabulary import AssignmentKind, HandlingOutcome, PostKind

_LEADERS = ("chanhvp", "phovp1", "phovp2")
_CLERKS, _STANDING = ("vanthu1", "vanthu2"), ("chutich", "phochutich1")
_SPECIALISTS = tuple(f"chuyenvien{i}" for i in range(1, 9))
_OTHERS = ("troly", "quanly", "luutru", "quantri")
_ASKING = {"chuyenvien1", "chuyenvien3", "chuyenvien5", "chuyenvien6", "troly"}
"""Whose head is asked for an extension; of the others below the leader is."""
_ASKING_LEADERS = {"chuyenvien2", "chuyenvien4", "chuyenvien8"}
_UNIT_OF = {person: unit for unit, people in STAFF.items() for person in people} | {
    head: unit for unit, head in HEADS.items()
} | {"luutru": "hanh_chinh"}  # fmt: skip


class State(Enum):
    """How something stands with whoever leads it; so many working days ago it came, at least and about at most."""

    LATE = (7, 20)
    SOON = (2, 9)
    UNIT_NEW = (1, 5)
    SUSPENDED = (4, 20)
    ANSWERING = (4, 18)

    @property
    def ages(self) -> tuple[int, int]:
        """Least and greatest age in working days."""
        least, most = self.value
        return least, most


@dataclass(frozen=True)
class Role:
    """Somebody who leads a document in a state."""

    state: State
    who: str

    @property
    def unit(self) -> str:
        """The unit whose document it is."""
        return _UNIT_OF[self.who]

    @property
    def units(self) -> tuple[str, ...]:
        """For which units such a document may have come."""
        return (self.unit, "du_an") if self.unit in ("kinh_te", "do_thi") else (self.unit,)

    @property
    def leader(self) -> str:
        """The leader in charge; for the administrative people too."""
        return LEADERS[self.unit]

    def welcomes(self, holder: str) -> bool:
        """Whether somebody may be shown it: not who leads it, nor that unit, nor the leader who assigns it."""
        return holder not in {self.who, self.unit, self.leader, HEADS.get(self.unit)}

    def play(self, thread: Thread, guests: Iterable[tuple[str, str, date | None]]) -> None:
        """Bring the document into that state; the others have their parts of it."""
        thread.unit, thread.leader = self.unit, self.leader
        others = tuple(Share(holder, AssignmentKind(kind), due_on) for holder, kind, due_on in guests)
        thread.present(thread.leader)
        thread.soon()
        {
            State.LATE: self._late,
            State.SOON: self._soon,
            State.UNIT_NEW: self._new,
            State.SUSPENDED: self._suspended,
            State.ANSWERING: self._answering,
        }[self.state](thread, others)

    def _lead(self, thread: Thread, others: tuple[Share, ...], due: date, own_due: date | None = None) -> None:
        """Given to the unit and passed on, or to the person; to a head by giving it to the unit."""
        scene, head = thread.scene, HEADS.get(self.unit)
        chain = head is not None and self.who in STAFF[self.unit] and self.state in (State.LATE, State.SOON)
        if self.state is State.SOON and self.who not in _ASKING:
            chain = False
        lead = self.unit if chain or self.who == head else self.who
        thread.assign((Share(lead, AssignmentKind.LEAD), *others), due_on=due)
        if chain:
            thread.soon()
            thread.do(Deed.SEE, HEADS[self.unit])
            thread.pass_on(self.unit, self.who, own_due)
        if self.state is not State.UNIT_NEW:
            thread.by(min(scene.days_ago(1), max(thread.at.date(), scene.days_ago(3))))
            thread.do(Deed.SEE, self.who)

    @property
    def _holder(self) -> str:
        return self.unit if HEADS.get(self.unit) == self.who else self.who

    def _late(self, thread: Thread, others: tuple[Share, ...]) -> None:
        scene, rng = thread.scene, thread.rng
        due = max(scene.days_ago(rng.choice((1, 2, 2, 3, 5))), thread.at.date())
        self._lead(thread, others, due)
        if rng.random() < 0.6 or self.leader == "phovp2":  # who stands in for him chases too
            thread.by(scene.days_ago(rng.choice((0, 1, 1))))
            chaser, behalf = self.leader if self.leader == "phovp2" else rng.choice((self.leader, "vanthu1")), ""
            if scene.substitutes(chaser, thread.at):
                chaser, behalf = "phovp1", "phovp2"
            thread.do(Deed.CHASE, chaser, behalf=behalf, holder=self.who, message=rng.choice(words.CHASES))

    def _soon(self, thread: Thread, others: tuple[Share, ...]) -> None:
        scene, rng = thread.scene, thread.rng
        due = scene.due_in(rng.choice((0, 1)))
        asking = self.who in _ASKING
        self._lead(thread, others, scene.due_in(8) if asking else due, due)
        if asking or self.who in _ASKING_LEADERS:
            thread.soon()
            reason = rng.choice(words.EXTENSIONS)
            thread.do(Deed.ASK_EXTENSION, self.who, holder=self.who, due_on=scene.due_in(5), reason=reason)

    def _new(self, thread: Thread, others: tuple[Share, ...]) -> None:
        self._lead(thread, others, thread.scene.due_in(thread.rng.choice((0, 1))))

    def _suspended(self, thread: Thread, others: tuple[Share, ...]) -> None:
        self._lead(thread, others, thread.scene.due_in(thread.rng.choice((3, 5))))
        thread.soon()
        thread.do(Deed.SUSPEND, self.who, holder=self._holder, waiting_for=thread.rng.choice(words.WAITING_FOR))

    def _answering(self, thread: Thread, others: tuple[Share, ...]) -> None:
        rng = thread.rng
        taken = {each.holder for each in others}
        free = [each for each in ("noi_chinh", "kinh_te", "van_xa") if self.welcomes(each) and each not in taken]
        units = rng.sample(free, min(len(free), 2 if self.who in _ASKING_LEADERS else 1))
        asked = tuple(Share(unit, AssignmentKind.COORDINATE, thread.scene.due_in(4)) for unit in units)
        self._lead(thread, (*others, *asked), thread.scene.due_in(rng.choice((3, 4, 6))))
        for unit in units:
            thread.soon()
            thread.do(Deed.CONTRIBUTE, HEADS[unit], holder=unit, text=words.opinion(rng))
        outcome = words.outcome(rng, thread.letter)
        thread.soon()
        thread.conclude(self.who, HandlingOutcome.PROCESSED if outcome is HandlingOutcome.FILED else outcome)


def roles() -> Iterator[Role]:
    """All roles, one of each state after the other, so that a small office has some of each."""
    people = (*_SPECIALISTS, *_OTHERS)
    everybody = (*people, *HEADS.values())
    by_state = {
        State.LATE: people,
        State.SOON: (*sorted(_ASKING), *sorted(set(people) - _ASKING)),
        State.SUSPENDED: everybody,
        State.ANSWERING: everybody,
        State.UNIT_NEW: tuple(HEADS.values()),
    }
    turns = [[Role(state, who) for who in those] for state, those in by_state.items()]
    for turn in itertools.zip_longest(*turns):
        yield from (role for role in turn if role is not None)


@dataclass(frozen=True)
class Guest:
    """Somebody who is given a part of a document that another leads, in one of these states."""

    holder: str
    kind: AssignmentKind
    due_on: date | None
    hosts: tuple[State, ...]


def shown_to(scene: Scene) -> Iterator[Guest]:
    """Who co-ordinates, late or soon or with time left, and who is informed."""
    coordinate = AssignmentKind.COORDINATE
    for who in (*_LEADERS, *_CLERKS):
        yield Guest(who, coordinate, scene.days_ago(1), (State.LATE,))
    for who in (*_LEADERS, *_CLERKS, *_STANDING):
        yield Guest(who, coordinate, scene.due_in(1), (State.SOON,))
    for holder in (*HEADS, *_SPECIALISTS, *_OTHERS):
        yield Guest(holder, coordinate, scene.due_in(4), (State.SUSPENDED, State.UNIT_NEW, State.SOON))
    for each in PEOPLE:
        if each.kind is not PostKind.OUTSIDE:
            yield Guest(each.user_name, AssignmentKind.INFORM, None, tuple(State))

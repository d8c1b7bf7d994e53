"""Documents of the demo office that are settled, and what happened on the way. Pure."""

from collections import deque
from collections.abc import Callable, Iterator

from app.demo import settling_words as words
from app.demo.settling_steps import Deed, Share
from app.demo.steps import Arrival
from app.demo.thread import HEADS, STAFF, Scene, Thread
from app.reference.calendar import days_off, days_worked
from app.rules.calendar import add_working_days
from app.vocabulary import AssignmentKind, HandlingOutcome

_OLD = 16
"""Working days after which even what took a turn is settled."""
_COORDINATED, _INFORMED = 0.12, 0.2
_INFORMED_OF = ("chutich", "phochutich1", "quanly", "luutru", "chuyenvien7", "noi_chinh")
_COORDINATING = ("noi_chinh", "kinh_te", "do_thi", "van_xa")


def settled(scene: Scene, those: list[tuple[int, Arrival]]) -> Iterator[Thread]:
    """Each document from presenting to its outcome; what would lie after the end of the plan has not happened yet."""
    turns = deque(_TURNS)
    for index, arrival in those:
        thread = Thread(scene, index, arrival)
        old = scene.age(arrival.registered_at.date()) >= _OLD
        staff = STAFF.get(thread.unit)
        if old and turns and staff and thread.unit in HEADS and thread.rng.random() < 0.4:
            turns.popleft()(thread, staff[0])
        else:
            _usual(thread)
        yield thread


def _usual(thread: Thread) -> None:
    rng, unit = thread.rng, thread.unit
    outcome = words.outcome(rng, thread.letter)
    head, who = HEADS.get(unit, ""), rng.choice(STAFF[unit])
    leader = thread.leader
    if unit == "do_thi" and rng.random() < 0.2:
        leader = "truongphong2"
    thread.present(leader)
    thread.days(0, 1)
    to_unit = bool(head) and rng.random() < 0.45
    others = _others(thread, unit, who)
    thread.assign((Share(unit if to_unit else who, AssignmentKind.LEAD), *others), leader)
    if to_unit and outcome is not HandlingOutcome.FILED:
        thread.days(0, 1)
        thread.pass_on(unit, who)
    elif to_unit:
        who = head
    for other in others:
        if other.kind is AssignmentKind.COORDINATE:
            thread.days(0, 2)
            by = HEADS.get(other.holder, other.holder)
            thread.do(Deed.CONTRIBUTE, by, holder=other.holder, text=words.opinion(rng))
    _end(thread, who, outcome)


def _others(thread: Thread, unit: str, who: str) -> tuple[Share, ...]:
    rng = thread.rng
    found = []
    if rng.random() < _COORDINATED:
        units = rng.sample([each for each in _COORDINATING if each != unit], rng.choice((1, 1, 2)))
        found += [Share(each, AssignmentKind.COORDINATE) for each in units]
    if rng.random() < _INFORMED:
        taken = {unit, who, *(each.holder for each in found)}
        found.append(Share(rng.choice([e for e in _INFORMED_OF if e not in taken]), AssignmentKind.INFORM))
    return tuple(found)


def _end(thread: Thread, who: str, outcome: HandlingOutcome, least: int = 0) -> None:
    thread.days(least, 4 if outcome is HandlingOutcome.PROCESSED else 2)
    thread.do(Deed.SEE, who)
    thread.soon()
    thread.conclude(who, outcome)
    if outcome is not HandlingOutcome.FILED:
        thread.days(0, 2)
        thread.answer(who, outcome)


# ---- what took a turn


def _begin(thread: Thread, who: str, days: int = 6) -> None:
    thread.present(thread.leader)
    thread.days(0, 1)
    due = add_working_days(thread.at.date(), days, days_off(), days_worked())
    thread.assign((Share(who, AssignmentKind.LEAD),), due_on=due)


def _gives_back(thread: Thread, who: str) -> None:
    head = HEADS[thread.unit]
    _begin(thread, who)
    thread.days(0, 1)
    thread.do(Deed.GIVE_BACK, who, holder=who, reason=thread.rng.choice(words.GIVEN_BACK))
    thread.days(0, 1)
    thread.assign((Share(head, AssignmentKind.LEAD),))
    _end(thread, head, HandlingOutcome.PROCESSED)


def _extends(thread: Thread, who: str) -> None:
    _asks_for_more(thread, who)
    thread.do(Deed.GRANT_EXTENSION, thread.leader, holder=who, note=words.GRANTED)
    _end(thread, who, HandlingOutcome.PROCESSED, 1)


def _is_refused(thread: Thread, who: str) -> None:
    _asks_for_more(thread, who)
    thread.do(Deed.REFUSE_EXTENSION, thread.leader, holder=who, reason=words.REFUSED)
    _end(thread, who, HandlingOutcome.PROCESSED)


def _asks_for_more(thread: Thread, who: str) -> None:
    _begin(thread, who)
    later = add_working_days(thread.at.date(), 11, days_off(), days_worked())
    thread.days(3, 4)
    thread.do(Deed.ASK_EXTENSION, who, holder=who, due_on=later, reason=thread.rng.choice(words.EXTENSIONS))
    thread.days(0, 1)


def _waits(thread: Thread, who: str) -> None:
    _begin(thread, who)
    thread.days(1, 2)
    thread.do(Deed.SUSPEND, who, holder=who, waiting_for=thread.rng.choice(words.WAITING_FOR))
    thread.days(3, 5)
    thread.do(Deed.RESUME, who, holder=who, note=words.CAME_IN)
    _end(thread, who, HandlingOutcome.PROCESSED)


def _asks(thread: Thread, who: str) -> None:
    unit = next(each for each in _COORDINATING if each != thread.unit)
    _begin(thread, who)
    thread.days(0, 1)
    thread.do(
        Deed.ASK, who, holder=who, shares=(Share(unit, AssignmentKind.COORDINATE),), question=words.question(thread.rng)
    )
    thread.days(1, 2)
    thread.do(Deed.CONTRIBUTE, HEADS[unit], holder=unit, text=words.opinion(thread.rng))
    _end(thread, who, HandlingOutcome.PROCESSED)


def _is_declined(thread: Thread, who: str) -> None:
    other = "chanhvp" if thread.leader != "chanhvp" else "phovp1"
    thread.present(other)
    thread.soon()
    thread.do(Deed.DECLINE, other, reason=words.DECLINED)
    _begin(thread, who)
    _end(thread, who, HandlingOutcome.FILED)


def _is_routed(thread: Thread, who: str) -> None:
    head = HEADS[thread.unit]
    thread.soon()
    request = words.REQUEST.format(at=thread.at)
    thread.do(
        Deed.ROUTE, "vanthu1", shares=(Share(thread.unit, AssignmentKind.LEAD),), requested_by=head,
        request_note=request,
    )  # fmt: skip
    thread.days(0, 1)
    thread.pass_on(thread.unit, who)
    _end(thread, who, HandlingOutcome.PROCESSED)


def _is_opened_again(thread: Thread, who: str) -> None:
    _begin(thread, who)
    _end(thread, who, HandlingOutcome.PROCESSED)
    thread.days(1, 1)
    behalf = "phovp2" if thread.scene.substitutes(thread.leader, thread.at) else ""
    thread.do(Deed.REOPEN, "phovp1" if behalf else thread.leader, behalf=behalf, reason=words.REOPENED)
    _end(thread, who, HandlingOutcome.PROCESSED)


_TURNS: tuple[Callable[[Thread, str], None], ...] = (
    *(_gives_back, _extends, _waits, _asks, _is_routed, _is_opened_again, _is_refused, _is_declined),
    *(_extends, _waits, _gives_back, _is_routed, _asks, _is_opened_again),
)

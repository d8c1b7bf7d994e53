"""What happens in the demo office, and when: letters come, clerks enter, correct and cancel, readers look. Pure.

The same seed, count and instant give the same plan, so a load that was interrupted goes on where it stopped.
"""

import dataclasses
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from app.clock import VIETNAM, in_vietnam
from app.demo.enclosures import Enclosure, possible
from app.demo.facts import working_day_near
from app.demo.office import PEOPLE
from app.demo.texts import NOON, Letter, letters
from app.reference.calendar import days_off, days_worked
from app.rules.calendar import add_working_days, is_working_day
from app.vocabulary import Channel, PostKind

OPEN, LAST_RECEIPT, CLOSE = time(7, 35), time(16, 40), time(17, 10)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_FIRST_HOUR = time(8, 45)
"""Before this time of day nothing has come yet: the last day of the plan is the working day before."""
_CLERKS, _BUSY = ("vanthu1", "vanthu2", "troly"), (52, 38, 10)
"""Who registers, and how much of it."""
_CORRECTED, _CANCELLED, _LATER, _ENCLOSING, _READ = 0.05, 0.03, 0.08, 0.12, 0.35
"""Shares of all documents."""


class Act(StrEnum):
    """What somebody does to a document; moves by their names, looks by their kind."""

    REGISTER = "incoming.register"
    CORRECT = "incoming.correct"
    ATTACH = "incoming.attach"
    CANCEL = "incoming.cancel_number"
    VIEW = "view"
    DOWNLOAD = "download"


@dataclass(eq=False)
class Arrival:
    """One letter that came in. ``typed`` is what the clerk entered first, slips of the finger included."""

    letter: Letter
    received_at: datetime
    typed: Letter
    enclosures: tuple[Enclosure, ...] = ()
    later: tuple[Enclosure, ...] = ()
    """What was sent after it."""
    first: "Arrival | None" = None
    """The arrival of the same letter that has its number already."""
    registered_at: datetime = field(init=False)
    clerk: str = field(init=False)


@dataclass(frozen=True)
class Step:
    """One act on arrival number ``index``, by the account ``who``. ``reason`` may hold ``{first}``, a number."""

    at: datetime
    index: int
    act: Act
    who: str
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """All arrivals in the order of their numbers, all steps in order of time."""

    arrivals: tuple[Arrival, ...]
    steps: tuple[Step, ...]


def make_plan(seed: int, count: int, now: datetime) -> Plan:
    """``count`` documents of the last five months; nothing later than ``now``, nothing out of working hours."""
    rng = random.Random(seed)
    local = in_vietnam(now)
    started = local.time() >= _FIRST_HOUR and _is_worked(local.date())
    last_day = local.date() if started else working_day_near(local.date() - _DAY, -1)
    closing = min(local, _at(last_day, CLOSE))
    cancelled = max(1, round(count * _CANCELLED))
    twins = cancelled // 3
    arrivals = _arrivals(rng, list(letters(seed, count - twins, last_day)), last_day, closing)
    arrivals += _twins(rng, arrivals, twins, last_day)
    arrivals.sort(key=lambda arrival: arrival.received_at)
    _register(rng, arrivals, closing)
    steps = [Step(a.registered_at, i, Act.REGISTER, a.clerk) for i, a in enumerate(arrivals)]
    steps += _afterwards(rng, arrivals, cancelled, closing)
    steps += [step for i, a in enumerate(arrivals) if rng.random() < _READ for step in _looks(rng, i, a, closing)]
    return Plan(tuple(arrivals), tuple(sorted(steps, key=lambda step: step.at)))


# ---- arrival and registration


def _arrivals(rng: random.Random, found: list[Letter], last_day: date, closing: datetime) -> list[Arrival]:
    arrivals = [Arrival(letter, letter.received_at, letter) for letter in found]
    fresh = [a for a in arrivals if a.letter.issued_on > last_day - 7 * _DAY] or arrivals[-2:]
    day_before = working_day_near(last_day - _DAY, -1)
    for i, arrival in enumerate(reversed(fresh[-9:])):  # the last two days are never empty
        day = max(last_day if i < 5 else day_before, arrival.letter.issued_on)
        arrival.received_at = _at(day, arrival.received_at.time())
    opening = _at(last_day, OPEN)
    share = min(1.0, (closing - 8 * _MINUTE - opening) / (_at(last_day, LAST_RECEIPT) - opening))
    for arrival in arrivals:
        if arrival.received_at.date() == last_day:  # what a whole day brings, brought by now
            at = opening + max(timedelta(), arrival.received_at - opening) * share
            arrival.received_at = _before_lunch(at.replace(second=0, microsecond=0))
        if rng.random() < _ENCLOSING:
            arrival.enclosures = (rng.choice(possible(arrival.letter)),)
    return arrivals


def _twins(rng: random.Random, arrivals: list[Arrival], count: int, last_day: date) -> list[Arrival]:
    """The paper of letters that came over the axis some days before; the clerk notices too late."""
    settled = [a for a in arrivals if a.letter.channel is Channel.AXIS and a.received_at.date() < last_day - 14 * _DAY]
    made = []
    for first in rng.sample(settled, min(count, len(settled))):
        day = add_working_days(first.received_at.date(), rng.randint(2, 4), days_off(), days_worked())
        paper = dataclasses.replace(first.letter, channel=Channel.PAPER)
        made.append(Arrival(paper, _at(day, time(rng.randint(8, 10), rng.randint(0, 59))), paper, first=first))
    return made


def _register(rng: random.Random, arrivals: list[Arrival], closing: datetime) -> None:
    """Clerks enter one after the other, what is urgent at once; never before it came, never after ``closing``."""
    busy_until = arrivals[0].received_at if arrivals else closing
    for arrival in arrivals:
        arrival.clerk = rng.choices(_CLERKS, _BUSY)[0]
        delay = rng.randint(60, 240) if arrival.letter.urgency != "normal" else rng.randint(180, 1500)
        at = max(arrival.received_at + timedelta(seconds=delay), busy_until + timedelta(seconds=rng.randint(70, 200)))
        noon = _at(at.date(), time(11, 45))
        if noon <= at < _at(at.date(), time(13)):
            at = _at(at.date(), time(13)) + timedelta(seconds=rng.randint(60, 900))
        arrival.registered_at = busy_until = max(at, busy_until + timedelta(seconds=40))
    for arrival in reversed(arrivals):
        if arrival.registered_at <= closing:
            break
        arrival.registered_at = closing
        closing -= timedelta(seconds=45)
    for arrival in arrivals:
        latest = (arrival.registered_at - _MINUTE).replace(second=0)
        arrival.received_at = min(arrival.received_at, latest)


# ---- what follows a registration


def _afterwards(rng: random.Random, arrivals: list[Arrival], cancelled: int, now: datetime) -> list[Step]:
    """Cancelled numbers, corrections and files sent after, each on documents of its own."""
    steps: list[Step] = []
    follow = {i: _later(rng, a.registered_at) for i, a in enumerate(arrivals)}
    free = [i for i, a in enumerate(arrivals) if follow[i] <= now and a.first is None]
    firsts = {id(a.first) for a in arrivals if a.first is not None}
    free = [i for i in free if id(arrivals[i]) not in firsts]
    rng.shuffle(free)

    def act(i: int, what: Act, reason: str = "") -> None:
        steps.append(Step(follow[i], i, what, arrivals[i].clerk, reason))

    for i, arrival in enumerate(arrivals):
        if arrival.first is not None:
            follow[i] = arrival.registered_at + rng.randint(6, 25) * _MINUTE
            act(i, Act.CANCEL, _TWIN)
            cancelled -= 1
    may_be_cancelled = [i for i in free if arrivals[i].letter.channel in _REASONS and arrivals[i].letter.sender]
    may_be_cancelled.sort(key=lambda i: arrivals[i].registered_at > now - 5 * _DAY)  # older ones first
    for i in may_be_cancelled[:cancelled]:
        free.remove(i)
        act(i, Act.CANCEL, rng.choice(_REASONS[arrivals[i].letter.channel]))
    wanted = max(1, round(len(arrivals) * _CORRECTED))
    for i in tuple(free):
        if wanted and (slip := _slip(rng, arrivals[i].letter, wanted)):
            free.remove(i)
            arrivals[i].typed, reason = slip
            act(i, Act.CORRECT, reason)
            wanted -= 1
    for i in free[: max(1, round(len(arrivals) * _LATER))]:
        arrivals[i].later = (rng.choice(possible(arrivals[i].letter)),)
        arrivals[i].enclosures = ()
        act(i, Act.ATTACH)
    return steps


_TWIN = "Trùng với văn bản đã đăng ký số đến {first}: đây là bản giấy đến sau của văn bản đã nhận qua trục liên thông."
_REASONS = {
    Channel.PAPER: (
        "Bản giấy thiếu phụ lục nêu trong văn bản; đã trả lại nơi gửi để bổ sung.",
        "Nơi gửi đề nghị trả lại để thay bằng văn bản khác do sai số liệu; đã giao trả.",
    ),
    Channel.AXIS: (
        "Nơi gửi đã thu hồi văn bản trên trục liên thông, lý do sai thể thức.",
        "Nơi gửi đã thu hồi văn bản trên trục liên thông, lý do phát hành nhầm.",
        "Nơi gửi đã thu hồi và thay bằng văn bản khác do sai số liệu.",
    ),
}


def _slip(rng: random.Random, letter: Letter, turn: int) -> tuple[Letter, str] | None:
    """The letter as typed with a slip, and what the clerk says when mending it; kinds of slips take turns."""
    for i in range(len(_SLIPS)):
        found = _SLIPS[(turn + i) % len(_SLIPS)](rng, letter)
        if found and found[0] != letter:
            return found
    return None


def _wrong_number(rng: random.Random, letter: Letter) -> tuple[Letter, str] | None:
    places = [i for i in range(1, len(letter.number) - 1) if letter.number[i] != letter.number[i + 1]]
    if not places:
        return None
    i = rng.choice(places)
    number = letter.number[:i] + letter.number[i + 1] + letter.number[i] + letter.number[i + 2 :]
    return dataclasses.replace(letter, number=number), "Gõ nhầm số của văn bản, sửa theo bản gốc."


def _wrong_day(rng: random.Random, letter: Letter) -> tuple[Letter, str] | None:
    day = letter.issued_on - rng.randint(1, 3) * _DAY
    return dataclasses.replace(letter, issued_on=day), "Nhập nhầm ngày ban hành, sửa theo bản gốc."


def _no_signer(_rng: random.Random, letter: Letter) -> tuple[Letter, str] | None:
    if not letter.signer_position:
        return None
    return (
        dataclasses.replace(letter, signer_name="", signer_position=""),
        "Bổ sung người ký và chức vụ người ký còn thiếu khi đăng ký.",
    )


def _wrong_type(_rng: random.Random, letter: Letter) -> tuple[Letter, str] | None:
    if letter.type_code in ("cong_van", "don"):
        return None
    return dataclasses.replace(letter, type_code="cong_van"), "Chọn nhầm loại văn bản khi đăng ký."


def _no_urgency(_rng: random.Random, letter: Letter) -> tuple[Letter, str] | None:
    return dataclasses.replace(letter, urgency="normal"), "Chưa chọn độ khẩn theo dấu trên văn bản, nay sửa lại."


def _short_subject(_rng: random.Random, letter: Letter) -> tuple[Letter, str] | None:
    words = letter.subject.split(" ")
    if len(words) < 14:
        return None
    return dataclasses.replace(letter, subject=" ".join(words[:-5])), "Gõ thiếu phần cuối của trích yếu."


_SLIPS: tuple[Callable[[random.Random, Letter], tuple[Letter, str] | None], ...] = (
    _wrong_number, _wrong_day, _wrong_type, _short_subject, _no_signer, _no_urgency,
)  # fmt: skip


# ---- readers


def _looks(rng: random.Random, index: int, arrival: Arrival, now: datetime) -> list[Step]:
    """A leader, then the people of the unit it belongs to; some take the file along."""
    readers = [rng.choice(("chanhvp", "phovp1", "phovp1", "phovp2"))]
    if arrival.letter.urgency != "normal" or arrival.letter.type_code == "quyet_dinh":
        readers.append(rng.choice(("chutich", "phochutich1")))
    readers += _people_of(arrival.letter.unit)[: rng.randint(0, 2)]
    if arrival.letter.sender == "so_xay_dung":
        readers.append("soxaydung")
    steps, at = [], arrival.registered_at
    for who in readers:
        at = _later(rng, at)
        steps.append(Step(at, index, Act.VIEW, who))
        if rng.random() < 0.3:
            steps.append(Step(at + rng.randint(40, 200) * timedelta(seconds=1), index, Act.DOWNLOAD, who))
    return [step for step in steps if step.at <= now]


def _people_of(unit: str) -> list[str]:
    kinds = (PostKind.HEAD_OF_DEPARTMENT, PostKind.SPECIALIST)
    return [person.user_name for person in PEOPLE if person.unit == unit and person.kind in kinds]


# ---- working time


def _later(rng: random.Random, at: datetime) -> datetime:
    """Some time after, in working hours: within the hour, or on one of the next two working days."""
    soon = at + timedelta(seconds=rng.randint(500, 3300))
    if rng.random() < 0.55 and _worked_minute(soon):
        return soon
    day = add_working_days(at.date(), rng.choice((1, 1, 2)), days_off(), days_worked())
    hour = rng.choice((8, 9, 10, 13, 14, 15))
    return _at(day, time(hour, rng.randint(5, 59), rng.randint(0, 59)))


def _worked_minute(at: datetime) -> bool:
    minute = at.hour * 60 + at.minute
    return minute < NOON[0] or NOON[1] <= minute < CLOSE.hour * 60


def _before_lunch(at: datetime) -> datetime:
    """A time in the lunch hour as long before it as it lay in it."""
    minute = at.hour * 60 + at.minute
    return at - 2 * (minute - NOON[0] + 1) * _MINUTE if NOON[0] <= minute < NOON[1] else at


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, VIETNAM)


def _is_worked(day: date) -> bool:
    return is_working_day(day, days_off(), days_worked())

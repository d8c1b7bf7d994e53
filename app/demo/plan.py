"""What happens in the demo office, and when: letters come, clerks enter, correct and cancel, readers look. Pure.

The same seed, count and instant give the same plan, so a load that was interrupted goes on where it stopped.
"""

import dataclasses
import itertools
import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from app.demo import tray
from app.demo.enclosures import possible
from app.demo.facts import working_day_near
from app.demo.office import PEOPLE
from app.demo.steps import SCANNER, Act, Arrival, Plan, Signing, Step
from app.demo.texts import Letter, letters, urgent
from app.demo.working_time import (
    DAY,
    LAST_RECEIPT,
    MINUTE,
    OPEN,
    before_lunch,
    days_later,
    last_moment,
    later,
    moment,
)
from app.vocabulary import Channel, PostKind, RefusalReason

_CLERKS, _BUSY = ("vanthu1", "vanthu2", "troly"), (52, 38, 10)
"""Who registers, and how much of it."""
_CORRECTED, _CANCELLED, _LATER, _ENCLOSING, _READ = 0.05, 0.03, 0.08, 0.12, 0.35
_PRESENTED, _RETURNED, _COPIED, _JOINED = 0.01, 0.01, 0.02, 0.01
"""Shares of all documents."""
_SCANNED, _SIGNED = 8, 9
"""So many of the last ones waited in the tray as scans; so many of those over the axis are signed digitally."""


def make_plan(seed: int, count: int, now: datetime) -> Plan:
    """``count`` documents of the last five months; nothing later than ``now``, nothing out of working hours."""
    rng = random.Random(seed)
    closing = last_moment(now)
    last_day = closing.date()
    day_before = working_day_near(last_day - DAY, -1)
    cancelled = max(1, round(count * _CANCELLED))
    twins = cancelled // 3
    found = list(letters(seed, count - twins + tray.PAST, last_day, late=tray.LATE))
    reserved, found = tray.reserve(found, count - twins, last_day)
    arrivals = _arrivals(rng, found, last_day, closing)
    arrivals += _twins(rng, arrivals, twins, last_day)
    arrivals.sort(key=lambda arrival: arrival.received_at)
    _register(rng, arrivals, closing)
    _present(rng, arrivals, round(count * _PRESENTED + 0.49), last_day)
    for arrival in [a for a in arrivals if a.letter.channel is Channel.PAPER and a.presented_at is None][-_SCANNED:]:
        arrival.scanned, arrival.enclosures = True, ()
        arrival.file_name = tray.scan_name(arrival.received_at)
    scene = tray.Scene(rng, arrivals, closing)
    tray.refused(scene, reserved.past)
    steps, free = _afterwards(rng, arrivals, cancelled, closing)
    tray.waiting(scene, reserved.waiting, free, last_day, day_before)
    tray.paper_copies(scene, free, _share(count, _COPIED, 2))
    tray.joined_and_discarded(scene, free, _share(count, _JOINED, 1), 1)
    steps += _mended(rng, arrivals, free, closing)
    steps += [step for i, a in enumerate(arrivals) for step in _entry(i, a)]
    steps += [step for i, a in enumerate(arrivals) if rng.random() < _READ for step in _looks(rng, i, a, closing)]
    _sign(arrivals, free)
    return Plan(tuple(arrivals), tuple(scene.papers), tuple(sorted([*steps, *scene.steps], key=lambda step: step.at)))


def _share(count: int, share: float, least: int) -> int:
    return max(least, round(count * share))


# ---- arrival and registration


def _arrivals(rng: random.Random, found: list[Letter], last_day: date, closing: datetime) -> list[Arrival]:
    arrivals = [Arrival(letter=letter, received_at=letter.received_at, typed=letter) for letter in found]
    fresh = [a for a in arrivals if a.letter.issued_on > last_day - 7 * DAY] or arrivals[-2:]
    day_before = working_day_near(last_day - DAY, -1)
    for i, arrival in enumerate(reversed(fresh[-9:])):  # the last two days are never empty
        day = max(last_day if i < 5 else day_before, arrival.letter.issued_on)
        arrival.received_at = moment(day, arrival.received_at.time())
    opening = moment(last_day, OPEN)
    share = min(1.0, (closing - 8 * MINUTE - opening) / (moment(last_day, LAST_RECEIPT) - opening))
    for arrival in arrivals:
        if arrival.received_at.date() == last_day:  # what a whole day brings, brought by now
            at = opening + max(timedelta(), arrival.received_at - opening) * share
            arrival.received_at = before_lunch(at.replace(second=0, microsecond=0))
        if rng.random() < _ENCLOSING:
            arrival.enclosures = (rng.choice(possible(arrival.letter)),)
    return arrivals


def _twins(rng: random.Random, arrivals: list[Arrival], count: int, last_day: date) -> list[Arrival]:
    """The paper of letters that came over the axis some days before; the clerk notices too late."""
    settled = [a for a in arrivals if a.letter.channel is Channel.AXIS and a.received_at.date() < last_day - 14 * DAY]
    made = []
    for first in rng.sample(settled, min(count, len(settled))):
        paper = dataclasses.replace(first.letter, channel=Channel.PAPER)
        made.append(Arrival(letter=paper, received_at=days_later(rng, first.received_at), typed=paper, first=first))
    return made


def _register(rng: random.Random, arrivals: list[Arrival], closing: datetime) -> None:
    """Clerks enter one after the other, what is urgent at once; never before it came, never after ``closing``."""
    busy_until = arrivals[0].received_at if arrivals else closing
    for arrival in arrivals:
        arrival.clerk = rng.choices(_CLERKS, _BUSY)[0]
        delay = rng.randint(60, 240) if arrival.letter.urgency != "normal" else rng.randint(180, 1500)
        at = max(arrival.received_at + timedelta(seconds=delay), busy_until + timedelta(seconds=rng.randint(70, 200)))
        noon = moment(at.date(), time(11, 45))
        if noon <= at < moment(at.date(), time(13)):
            at = moment(at.date(), time(13)) + timedelta(seconds=rng.randint(60, 900))
        arrival.registered_at = busy_until = max(at, busy_until + timedelta(seconds=40))
    for arrival in reversed(arrivals):
        if arrival.registered_at <= closing:
            break
        arrival.registered_at = closing
        closing -= timedelta(seconds=45)
    for arrival in arrivals:
        latest = (arrival.registered_at - MINUTE).replace(second=0)
        arrival.received_at = min(arrival.received_at, latest)


def _present(rng: random.Random, arrivals: list[Arrival], most: int, last_day: date) -> None:
    """Let some urgent ones be presented before they have a number; it follows within the hour (212/4.1)."""
    firsts = {id(a.first) for a in arrivals}
    fit = [
        a for a in arrivals
        if a.letter.sender and a.first is None and id(a) not in firsts
        and a.registered_at.date() < last_day and time(7, 45) < a.registered_at.time() < time(10, 15)
    ]  # fmt: skip
    rng.shuffle(fit)
    for arrival in sorted(fit, key=lambda a: a.letter.urgency == "normal")[:most]:
        if arrival.letter.urgency == "normal":
            arrival.letter = arrival.typed = urgent(arrival.letter)
        arrival.presented_at = arrival.registered_at
        at = arrival.registered_at + timedelta(seconds=rng.randint(1500, 3000))
        while any(abs(at - other.registered_at) < MINUTE for other in arrivals):
            at += MINUTE
        arrival.registered_at = at
    arrivals.sort(key=lambda a: a.registered_at)


def _entry(index: int, arrival: Arrival) -> list[Step]:
    """How an arrival got into the register."""
    at, clerk = arrival.registered_at, arrival.clerk
    if arrival.presented_at is not None:
        note = tray.permission(arrival.presented_at)
        return [
            Step(arrival.presented_at, index, Act.ADVANCE, clerk, note, leader="chanhvp"),
            Step(at, index, Act.GIVE_NUMBER, clerk),
        ]
    register = Step(at, index, Act.REGISTER, clerk, _ANYWAY if arrival.first is not None else "")
    return [Step(arrival.received_at, index, Act.RECEIVE, SCANNER), register] if arrival.scanned else [register]


def _sign(arrivals: list[Arrival], free: list[int]) -> None:
    """The last ones that came over the axis bear digital signatures; what the tray has copies of stays unsigned."""
    fit = [i for i in sorted(free) if arrivals[i].letter.channel is Channel.AXIS and arrivals[i].letter.sender]
    for i in fit[-_SIGNED:]:
        arrivals[i].signing = Signing.GOOD


# ---- what follows a registration


def _afterwards(
    rng: random.Random, arrivals: list[Arrival], cancelled: int, now: datetime
) -> tuple[list[Step], list[int]]:
    """Cancelled numbers and what is sent back, each on documents of its own; and the documents that stay free."""
    steps: list[Step] = []
    follow = {i: later(rng, a.registered_at) for i, a in enumerate(arrivals)}
    firsts = {id(a.first) for a in arrivals if a.first is not None}
    free = [
        i for i, a in enumerate(arrivals)
        if follow[i] <= now and a.first is None and a.presented_at is None and id(a) not in firsts
    ]  # fmt: skip
    rng.shuffle(free)

    for i, arrival in enumerate(arrivals):
        if arrival.first is not None:
            at = arrival.registered_at + rng.randint(6, 25) * MINUTE
            steps.append(Step(at, i, Act.CANCEL, arrival.clerk, _TWIN))
            cancelled -= 1
    fit = [i for i in free if arrivals[i].letter.channel in _REASONS and arrivals[i].letter.sender]
    fit.sort(key=lambda i: arrivals[i].registered_at > now - 5 * DAY)  # older ones first
    for i in fit[:cancelled]:
        reason = rng.choice(_REASONS[arrivals[i].letter.channel])
        steps.append(Step(follow[i], i, Act.CANCEL, arrivals[i].clerk, reason))
    returned = fit[cancelled:][: _share(len(arrivals), _RETURNED, 1)]
    for i, (code, reason) in zip(returned, itertools.cycle(_RETURNS), strict=False):
        steps.append(Step(follow[i], i, Act.SEND_BACK, arrivals[i].clerk, reason, code=code))
    gone = {step.index for step in steps}
    return steps, [i for i in free if i not in gone]


def _mended(rng: random.Random, arrivals: list[Arrival], free: list[int], now: datetime) -> list[Step]:
    """Corrections and files sent after, each on documents of its own, which ``free`` loses."""
    steps: list[Step] = []
    follow = {i: later(rng, arrivals[i].registered_at) for i in free}
    taken = {(a.letter.sender_name, a.letter.number_notation) for a in arrivals}
    wanted = _share(len(arrivals), _CORRECTED, 1)
    for i in [i for i in free if follow[i] <= now]:
        if wanted and (slip := _slip(rng, arrivals[i].letter, wanted, taken)):
            free.remove(i)
            arrivals[i].typed, reason = slip
            steps.append(Step(follow[i], i, Act.CORRECT, arrivals[i].clerk, reason))
            wanted -= 1
    for i in [i for i in free if follow[i] <= now][: _share(len(arrivals), _LATER, 1)]:
        free.remove(i)
        arrivals[i].later = (rng.choice(possible(arrivals[i].letter)),)
        arrivals[i].enclosures = ()
        steps.append(Step(follow[i], i, Act.ATTACH, arrivals[i].clerk))
    return steps


_TWIN = "Trùng với văn bản đã đăng ký số đến {first}: đây là bản giấy đến sau của văn bản đã nhận qua trục liên thông."
_ANYWAY = "Bản giấy có bút phê và dấu đến của nơi khác, chưa rõ có phải cùng một văn bản."
_RETURNS = (
    (RefusalReason.COMPETENCE, "Nội dung thuộc thẩm quyền giải quyết của sở chuyên ngành, đề nghị gửi đúng cơ quan."),
    (RefusalReason.INCOMPLETE, "Thiếu phụ lục nêu trong văn bản, đề nghị bổ sung và gửi lại."),
    (RefusalReason.WRONG_ADDRESS, "Văn bản gửi Hội đồng nhân dân Thành phố, giao nhầm."),
)
_REASONS = {
    Channel.PAPER: (
        "Đăng ký nhầm: thư gửi đích danh cá nhân, đã chuyển người nhận.",
        "Nơi gửi đến nhận lại văn bản do phát hành nhầm, chưa trình xử lý.",
    ),
    Channel.AXIS: (
        "Nơi gửi đã thu hồi văn bản trên trục liên thông, lý do sai thể thức.",
        "Nơi gửi đã thu hồi văn bản trên trục liên thông, lý do phát hành nhầm.",
        "Nơi gửi đã thu hồi và thay bằng văn bản khác do sai số liệu.",
    ),
}


def _slip(
    rng: random.Random, letter: Letter, turn: int, taken: set[tuple[str, str]]
) -> tuple[Letter, str] | None:  # fmt: skip
    """The letter as typed with a slip, and what the clerk says when mending it; kinds of slips take turns.

    A slip never gives a number that another letter of the same sender, one of ``taken``, bears.
    """
    for i in range(len(_SLIPS)):
        found = _SLIPS[(turn + i) % len(_SLIPS)](rng, letter)
        if found is None or found[0] == letter:
            continue
        typed = found[0]
        if typed.number_notation == letter.number_notation or (typed.sender_name, typed.number_notation) not in taken:
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
    day = letter.issued_on - rng.randint(1, 3) * DAY
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
    steps, at = [], arrival.entered_at
    for who in readers:
        at = later(rng, at)
        steps.append(Step(at, index, Act.VIEW, who))
        if rng.random() < 0.3:
            steps.append(Step(at + rng.randint(40, 200) * timedelta(seconds=1), index, Act.DOWNLOAD, who))
    return [step for step in steps if step.at <= now]


def _people_of(unit: str) -> list[str]:
    kinds = (PostKind.HEAD_OF_DEPARTMENT, PostKind.SPECIALIST)
    return [person.user_name for person in PEOPLE if person.unit == unit and person.kind in kinds]

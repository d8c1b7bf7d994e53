"""What came to the demo office and has no arrival number: what waits in the tray, what is presented urgently and still
owes its number, what was refused, joined to a document, or taken out of the tray again. Pure.
"""

import dataclasses
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from app.demo.enclosures import Enclosure
from app.demo.steps import SCANNER, Act, Arrival, Brings, Paper, Signing, Step
from app.demo.texts import Letter, urgent
from app.demo.working_time import DAY, MINUTE, OPEN, before_lunch, days_later, later, minutes_later, moment
from app.reference.organisations import OrganisationGroup
from app.vocabulary import Channel, RefusalReason

PAST, LATE = 6, 7
"""So many letters of the past were refused; so many of the last week wait."""
_DROPPING = ("vanthu1", "vanthu2")
"""Who drops files that came by e-mail or over the axis into the tray."""


@dataclass
class Scene:
    """Collects papers without a number and what happens to them; nothing happens after ``closing``."""

    rng: random.Random
    arrivals: list[Arrival]
    closing: datetime
    papers: list[Paper] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def add(self, paper: Paper, who: str = SCANNER) -> int:
        """One more paper, put into the tray by ``who`` if there is something of it that can lie there."""
        self.papers.append(paper)
        index = len(self.arrivals) + len(self.papers) - 1
        if paper.brings is not Brings.NOTHING:
            self.steps.append(Step(paper.received_at, index, Act.RECEIVE, who))
        return index

    def scan(self, arrival: Arrival, at: datetime, brings: Brings) -> int:
        """A scan of what belongs to an arrival, waiting since ``at``."""
        letter = dataclasses.replace(arrival.letter, channel=Channel.PAPER)
        return self.add(Paper(letter=letter, received_at=at, brings=brings, file_name=scan_name(at)))


@dataclass(frozen=True)
class Reserved:
    """Letters that get no number: refused ones, in order of receipt, and ones that wait."""

    past: list[Letter]
    waiting: list[Letter]


def scan_name(at: datetime) -> str:
    """A name as scanners give it."""
    return f"Scan_{at:%Y%m%d_%H%M%S}.pdf"


def reserve(found: list[Letter], count: int, last_day: date) -> tuple[Reserved, list[Letter]]:
    """Set aside what gets no number; the rest, ``count`` letters, is to be registered."""
    latest = sorted((x for x in found if x.issued_on < last_day), key=lambda x: (x.issued_on, x.received_at))
    citizens = [x for x in latest if x.sender is None and x.issued_on > last_day - 10 * DAY]
    waiting = [letter for letter in latest if letter.sender][-(LATE - 1) :] + citizens[-1:]
    older = [letter for letter in found if letter not in waiting and letter.channel is Channel.AXIS]
    older = [letter for letter in older if letter.received_at.date() < last_day - 3 * DAY][: -max(1, len(older) // 8)]
    past = [older[i * len(older) // PAST] for i in range(PAST)] if len(older) >= PAST else older
    rest = [letter for letter in found if letter not in waiting and letter not in past]
    return Reserved(past, waiting), rest[-count:]


# ---- refused


@dataclass(frozen=True)
class _Refusal:
    """One story: how it came, why it was not taken in, and what the sender is told."""

    code: RefusalReason
    words: str
    channel: Channel
    brings: Brings = Brings.LETTER
    signing: Signing = Signing.NONE
    change: Callable[[Letter], Letter] = lambda letter: letter


def _without_abstract(letter: Letter) -> Letter:
    return dataclasses.replace(letter, number="", notation="", subject="Văn bản có dấu chỉ độ mật, không ghi trích yếu")


_REFUSALS = (
    _Refusal(
        RefusalReason.INCOMPLETE,
        "Văn bản nêu có phụ lục kèm theo nhưng không có phụ lục. Đề nghị gửi lại đủ thành phần.",
        Channel.PAPER,
    ),
    _Refusal(
        RefusalReason.WRONG_ADDRESS,
        "Văn bản gửi Hội đồng nhân dân Thành phố, bưu điện giao nhầm; đã giao trả nhân viên bưu điện.",
        Channel.PAPER,
        Brings.NOTHING,
    ),
    _Refusal(RefusalReason.METADATA, "", Channel.AXIS),
    _Refusal(
        RefusalReason.SECRET,
        "Đã giao tận tay cán bộ bảo mật để đăng ký vào sổ văn bản mật.",
        Channel.PAPER,
        Brings.NOTHING,
        change=_without_abstract,
    ),
    _Refusal(
        RefusalReason.OTHER,
        "Nơi gửi điện thoại báo đây là bản dự thảo gửi nhầm, bản chính thức sẽ gửi sau.",
        Channel.EMAIL,
    ),
    _Refusal(
        RefusalReason.SIGNATURE,
        "Tệp bị sửa sau khi ký số. Đề nghị ký lại và gửi lại văn bản.",
        Channel.AXIS,
        signing=Signing.CHANGED,
    ),
)


def refused(scene: Scene, letters: Iterable[Letter]) -> None:
    """Each of the letters refused for a reason of its own, the newest for its signature."""
    rng = scene.rng
    for letter, story in zip(reversed([*letters]), reversed(_REFUSALS), strict=False):
        clerk = rng.choice(_DROPPING)
        told = story.change(_by(letter, story.channel))
        paper = Paper(letter=told, received_at=letter.received_at, brings=story.brings, signing=story.signing)
        if story.channel is Channel.PAPER and story.brings is not Brings.NOTHING:
            paper.file_name = scan_name(letter.received_at)
        index = scene.add(paper, SCANNER if story.channel is Channel.PAPER else clerk)
        at = minutes_later(rng, letter.received_at, 40)
        scene.steps.append(Step(at, index, Act.REFUSE, clerk, story.words, code=story.code))


# ---- scans that belong to registered documents


def paper_copies(scene: Scene, free: list[int], most: int) -> None:
    """The paper of what came over the axis comes later, every other one scanned before the clerk notes it (212/7.3)."""
    made = 0
    for i in _those(scene, free, Channel.AXIS):
        at = days_later(scene.rng, scene.arrivals[i].registered_at)
        noted = minutes_later(scene.rng, at)
        if made >= most or noted > scene.closing:
            continue
        free.remove(i)
        scan = scene.scan(scene.arrivals[i], at, Brings.SCAN) if made % 2 == 0 else None
        reason = "" if scan is not None else "Bản giấy đã chuyển đơn vị đang giải quyết, không quét lại."
        scene.steps.append(Step(noted, i, Act.PAPER_COPY, scene.arrivals[i].clerk, reason, other=scan))
        made += 1


def joined_and_discarded(scene: Scene, free: list[int], joined: int, discarded: int) -> None:
    """Annexes scanned apart from their letters, and letters scanned twice; the clerk puts both right."""
    for i in _those(scene, free, Channel.PAPER, Channel.AXIS):
        arrival = scene.arrivals[i]
        at = minutes_later(scene.rng, arrival.registered_at)
        after = minutes_later(scene.rng, at)
        if after > scene.closing or not joined + discarded:
            continue
        free.remove(i)
        if joined:
            joined -= 1
            scan = scene.scan(arrival, at, Brings.ANNEX)
            scene.steps.append(Step(after, scan, Act.JOIN, arrival.clerk, other=i))
        else:
            discarded -= 1
            scan = scene.scan(arrival, at, Brings.SCAN)
            reason = "Quét hai lần cùng một văn bản, đã đăng ký số đến {first}."
            scene.steps.append(Step(after, scan, Act.DISCARD, arrival.clerk, reason, other=i))


def _those(scene: Scene, free: list[int], *channels: Channel) -> list[int]:
    return [i for i in free if scene.arrivals[i].letter.channel in channels and scene.arrivals[i].letter.sender]


# ---- what waits now


def waiting(scene: Scene, letters: list[Letter], free: list[int], last_day: date, day_before: date) -> None:
    """The tray as it is now: scans, dropped files, two duplicates; and what was presented urgently this morning."""
    hours = _Hours(scene, last_day, day_before)
    citizens = [letter for letter in letters if letter.sender is None]
    official = [letter for letter in letters if letter.sender]
    companies = [x for x in official if x.group is OrganisationGroup.COMPANY] or official[:1]
    if companies:
        official.remove(companies[0])
        _dropped(scene, companies[0], hours.yesterday(15), Channel.EMAIL, signing=Signing.UNKNOWN)
    if official:
        _presented(scene, official.pop(), hours.at(0.08))
    for at in (hours.yesterday(16), hours.at(0.3)):
        if official:
            paper = Paper(letter=_by(official.pop(), Channel.PAPER), received_at=at, file_name=scan_name(at))
            scene.add(paper)
    for at, signing in ((hours.at(0.5), Signing.CHANGED), (hours.at(0.62), Signing.GOOD)):
        if official:
            _dropped(scene, official.pop(), at, Channel.AXIS, signing=signing)
    if citizens:
        _dropped(scene, citizens[0], hours.at(0.7), Channel.PORTAL, enclosures=(Enclosure.PAPERS,))
    settled = [i for i in _those(scene, free, Channel.AXIS) if scene.arrivals[i].registered_at < hours.at(0)]
    settled.sort(key=lambda i: scene.arrivals[i].registered_at)
    if settled:  # the paper of what came over the axis: the same number
        free.remove(settled[-1])
        scene.scan(scene.arrivals[settled[-1]], hours.at(0.8), Brings.SCAN)
    if len(settled) > 1:  # the very file that is registered already, sent by e-mail too
        free.remove(settled[-2])
        again = scene.arrivals[settled[-2]].letter
        name = again.file_name.replace(".pdf", " (1).pdf")
        _dropped(scene, again, hours.at(0.9), Channel.EMAIL, file_name=name)


class _Hours:
    """Times of the last day in the part of it that is over, and of the day before."""

    def __init__(self, scene: Scene, last_day: date, day_before: date):
        self._rng, self._day_before = scene.rng, day_before
        self._opening = moment(last_day, OPEN)
        self._span = max(10 * MINUTE, scene.closing - MINUTE - self._opening)

    def at(self, share: float) -> datetime:
        return before_lunch(self._opening + timedelta(seconds=int(share * self._span.total_seconds())))

    def yesterday(self, hour: int) -> datetime:
        return moment(self._day_before, time(hour, self._rng.randint(2, 55), self._rng.randint(0, 59)))


def _by(letter: Letter, channel: Channel) -> Letter:
    return dataclasses.replace(letter, channel=channel)


def _dropped(
    scene: Scene, letter: Letter, at: datetime, channel: Channel, *, signing: Signing = Signing.NONE,
    enclosures: tuple[Enclosure, ...] = (), file_name: str = "",
) -> None:  # fmt: skip
    paper = Paper(
        letter=_by(letter, channel), received_at=at, signing=signing, enclosures=enclosures, file_name=file_name
    )
    scene.add(paper, _DROPPING[len(scene.papers) % 2])


def _presented(scene: Scene, letter: Letter, received_at: datetime) -> None:
    """Urgent, and let pass by a leader before there was time to register it; its number is owed (212/4.1)."""
    letter = urgent(_by(letter, Channel.AXIS), "flash" if letter.urgency == "flash" else "very_urgent")
    paper = Paper(letter=letter, received_at=received_at, signing=Signing.GOOD)
    scene.papers.append(paper)
    index = len(scene.arrivals) + len(scene.papers) - 1
    at = minutes_later(scene.rng, received_at, 12)
    scene.steps.append(Step(at, index, Act.ADVANCE, "vanthu1", permission(at), leader="phovp1"))
    read = later(scene.rng, at)
    if read <= scene.closing:
        scene.steps.append(Step(read, index, Act.VIEW, "phovp1"))


def permission(at: datetime) -> str:
    """How a leader gave permission shortly before ``at``, as the clerk writes it down."""
    return f"Qua điện thoại lúc {at - 3 * MINUTE:%H:%M}, {at:%d/%m/%Y}"

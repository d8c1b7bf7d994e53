"""Letters to the Office, invented: who wrote, what about, signed by whom, received when, and the page itself."""

import dataclasses
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.clock import VIETNAM
from app.demo.address_book import BY_KEY, CITY, COMMUNE_KEYS, Contact
from app.demo.drafts import Draft, all_drafts
from app.demo.facts import Facts, working_day_near
from app.demo.names import name as invented_name
from app.reference.calendar import days_off, days_worked
from app.reference.document_types import types_on
from app.reference.organisations import OrganisationGroup
from app.reference.series import REGISTER_BOOKS
from app.reference.urgency import URGENCY_LEVELS
from app.reports import layout
from app.reports.letter import Block, Centred, Heading, LetterContent, Table
from app.rules.calendar import add_working_days, is_working_day
from app.vocabulary import Channel

SPAN_DAYS = 150
"""How far back the letters go."""
KEYWORDS = "dữ liệu mẫu, không có giá trị pháp lý"
"""Stands in the properties of every PDF, so that nobody takes one for the real thing."""
NOON = (11 * 60 + 30, 13 * 60)
"""The lunch hour of offices, in minutes of the day."""

_STAMPS = {level.code: level.stamp for level in URGENCY_LEVELS}
_BOOKS = {group: book.code for book in REGISTER_BOOKS for group in book.sender_groups}
_G = OrganisationGroup

# How many documents a body of a group numbers on a working day: công văn, and documents of one named type.
_DAILY = {
    _G.CENTRAL: (58.0, 2.6), _G.CITY_DEPARTMENT: (52.0, 1.7), _G.CITY_BODY: (31.0, 1.1), _G.COMMUNE: (13.0, 1.6),
    _G.PROVINCE: (47.0, 1.5), _G.POLITICAL: (8.0, 1.2), _G.COMPANY: (4.0, 0.5),
}  # fmt: skip
_DAILY_SPECIAL = {("thu_tuong", "CĐ"): 0.9, ("thu_tuong", "QĐ"): 11.0}

# Channel and working days on the way: (channel, how often, at least, at most).
_WAYS: dict[OrganisationGroup, tuple[tuple[Channel, int, int, int], ...]] = {
    _G.COMPANY: ((Channel.PAPER, 6, 1, 4), (Channel.EMAIL, 4, 0, 1)),
    _G.CITIZEN: ((Channel.PAPER, 6, 1, 4), (Channel.PORTAL, 4, 0, 1)),
    _G.POLITICAL: ((Channel.PAPER, 5, 1, 3), (Channel.AXIS, 5, 0, 1)),
}
_POSITIONS = {
    text.upper(): text
    for text in (
        "Giám đốc", "Phó Giám đốc", "Tổng Giám đốc", "Phó Tổng Giám đốc", "Chủ tịch", "Phó Chủ tịch", "Bộ trưởng",
        "Thứ trưởng", "Thủ tướng", "Phó Thủ tướng", "Bộ trưởng, Chủ nhiệm", "Phó Chủ nhiệm", "Tổng Thanh tra",
        "Phó Tổng Thanh tra", "Chánh Thanh tra", "Phó Chánh Thanh tra", "Trưởng ban", "Phó Trưởng ban", "Tư lệnh",
        "Phó Tư lệnh", "Trưởng Thuế Thành phố", "Phó Trưởng Thuế Thành phố", "Chánh án", "Phó Chánh án",
        "Cục trưởng Cục Văn thư và Lưu trữ nhà nước", "Trưởng Ban Tiếp công dân Trung ương",
    )
}  # fmt: skip
"""Positions in ordinary letters, by how they stand above a signature."""
_ORDINARY_WAYS = ((Channel.AXIS, 17, 0, 1), (Channel.PAPER, 3, 1, 3))


@dataclass(frozen=True)
class Letter:
    """One incoming document, as the clerk would type it in, with the content of its PDF."""

    draft: str
    sender: str | None
    """Key in the address book; ``None`` for a citizen."""
    sender_name: str
    sender_address: str
    group: OrganisationGroup
    type_code: str
    type_name: str
    number: str
    notation: str
    issued_on: date
    received_at: datetime
    channel: Channel
    book: str
    """Code of the register book it belongs in."""
    subject: str
    urgency: str
    signer_name: str
    signer_position: str
    reply_by: date | None
    unit: str
    """Key of the unit of the Office it would be assigned to."""
    content: LetterContent

    @property
    def number_notation(self) -> str:
        """Number and notation as on the paper; empty for letters of citizens."""
        return f"{self.number}/{self.notation}" if self.notation else ""

    @property
    def identifier(self) -> str:
        """Document identifier (mã định danh văn bản), which only what comes over the axis bears."""
        if self.sender is None or not self.notation or self.channel is not Channel.AXIS:
            return ""
        return f"{BY_KEY[self.sender].codes[0][1]},{self.issued_on:%Y/%m/%d},{self.number_notation}"

    @property
    def file_name(self) -> str:
        """A name for the PDF, as senders' systems give them."""
        stem = self.number_notation or f"{self.type_name} {self.sender_name}"
        return stem.replace("/", "_").replace(" ", "_").replace("&", "") + ".pdf"


def urgent(letter: Letter, level: str = "urgent") -> Letter:
    """The same letter with the stamp of a level of urgency."""
    return dataclasses.replace(
        letter, urgency=level, content=dataclasses.replace(letter.content, urgency=_STAMPS[level])
    )


def letters(seed: int, count: int, until: date, late: int = 0) -> Iterator[Letter]:
    """``count`` letters of the last months up to ``until``, and ``late`` ones of the week before it, in order of
    receipt; the same for the same arguments.

    The address book stands as of 1 July 2025, so ``until`` should lie half a year or more after that day.
    """
    rng = random.Random(seed)
    days = _working_days(until)
    issued = sorted([rng.choice(days) for _ in range(count)] + [rng.choice(days[-6:-1]) for _ in range(late)])
    numbers: dict[tuple[str, str, int], int] = {}
    seen: set[tuple[str, str]] = set()
    drafts = _drawn(rng)
    made = []
    for day in issued:
        for _ in range(60):
            draft = next(drafts)
            if not draft.days[0] <= day.day <= draft.days[1]:
                continue
            letter = _letter(random.Random(rng.getrandbits(64)), draft, day, until, numbers)
            # Nobody writes twice about the very same thing; with very many letters it cannot be helped.
            if (letter.sender_name, letter.subject) not in seen:
                break
        seen.add((letter.sender_name, letter.subject))
        made.append(letter)
    yield from sorted(made, key=lambda letter: (letter.received_at, letter.sender_name, letter.number))


def _working_days(until: date) -> list[date]:
    span = [until - timedelta(days=i) for i in range(SPAN_DAYS)]
    return sorted(day for day in span if is_working_day(day, days_off(), days_worked()))


def _drawn(rng: random.Random) -> Iterator[Draft]:
    """Drafts from a bag that holds each one as often as its weight, refilled when empty: all kinds come up."""
    while True:
        bag = [draft for draft in all_drafts() for _ in range(draft.weight)]
        rng.shuffle(bag)
        yield from bag


def _letter(
    rng: random.Random, draft: Draft, day: date, until: date, numbers: dict[tuple[str, str, int], int]
) -> Letter:
    contact = _sender(rng, draft)
    group = contact.group if contact else OrganisationGroup.CITIZEN
    due = add_working_days(day, rng.randint(*draft.reply), days_off(), days_worked()) if draft.reply else None
    facts = _facts(rng, draft, contact, day, due)
    kind = types_on(day)[draft.type]
    subject = facts.fill(draft.subject)
    urgency = rng.choice(draft.urgency)
    content = LetterContent(
        agency="", place=CITY, subject=subject, issued_on=day, signer="",
        type_name=draft.title or ("" if draft.type == "cong_van" else kind.name),
        urgency=_STAMPS[urgency],
        addressees=tuple(facts.fill(text) for text in draft.to),
        lead_in=draft.lead_in,
        keywords=KEYWORDS,
        authority=draft.authority,
        bases=tuple(facts.fill(text) for text in draft.basis),
        body=tuple(_block(block, facts) for block in draft.body),
    )  # fmt: skip
    if contact:
        notation = _notation(draft, contact, kind.abbreviation)
        number = _number(rng, contact, draft.type, kind.abbreviation, day, numbers)
        content = _official(rng, content, draft, contact, facts, number, notation)
        sender_name, address = contact.name, contact.address
        position = content.position
    else:
        number = notation = ""
        sender_name, address = facts.fill("{nguoi_gui}"), facts.fill("{dia_chi}")
        content = dataclasses.replace(content, personal=True, position=draft.position, signer=sender_name)
        position = ""
    channel, received_at = _receipt(rng, group, day, until)
    return Letter(
        draft=draft.key, sender=contact.key if contact else None, sender_name=sender_name, sender_address=address,
        group=group, type_code=draft.type, type_name=kind.name, number=number, notation=notation, issued_on=day,
        received_at=received_at, channel=channel, book=_BOOKS[group],
        subject=f"Về việc {subject}" if draft.type == "cong_van" else subject, urgency=urgency,
        signer_name=content.signer, signer_position=_POSITIONS[position.replace("\n", " ")] if position else "",
        reply_by=due, unit=draft.unit, content=content,
    )  # fmt: skip


def _sender(rng: random.Random, draft: Draft) -> Contact | None:
    if not draft.senders:
        return None
    key = rng.choice(draft.senders)
    return BY_KEY[rng.choice(COMMUNE_KEYS) if key == "@commune" else key]


def _facts(rng: random.Random, draft: Draft, contact: Contact | None, day: date, due: date | None) -> Facts:
    own_ward = ""
    if contact and contact.group is OrganisationGroup.COMMUNE:
        own_ward = contact.name.removeprefix("Ủy ban nhân dân ")
    text = draft.subject + "".join(block for block in draft.body if isinstance(block, str))
    facts = Facts(
        rng, day, unit=draft.unit, sender=contact.name if contact else "",
        short=contact.abbreviation if contact else "", wards=draft.ward, own_ward=own_ward,
        project="{du_an_gt}" in text, due=due,
    )  # fmt: skip
    if not contact:
        facts.know("nguoi_gui", invented_name(rng)[0])
    for line in draft.let:
        facts.let(line)
    return facts


def _block(block: Block, facts: Facts) -> Block:
    if isinstance(block, Heading | Centred):
        return dataclasses.replace(block, text=facts.fill(block.text))
    if isinstance(block, Table):
        rows = tuple(tuple(facts.fill(cell) for cell in row) for row in block.rows)
        return dataclasses.replace(block, rows=rows, caption=facts.fill(block.caption))
    return facts.fill(block)


def _ended(body: tuple[Block, ...]) -> tuple[Block, ...]:
    """The body with the closing mark that official documents carry."""
    *before, last = body
    return (*before, last.rstrip(".") + "./.") if isinstance(last, str) else body


def _notation(draft: Draft, contact: Contact, abbreviation: str | None) -> str:
    if draft.notation:
        return draft.notation.replace("{short}", contact.abbreviation)
    return f"{abbreviation}-{contact.abbreviation}" if abbreviation else f"{contact.abbreviation}-{draft.field}"


def _number(
    rng: random.Random, contact: Contact, type_code: str, abbreviation: str | None, day: date,
    numbers: dict[tuple[str, str, int], int],
) -> str:  # fmt: skip
    """The next number of this sender and series: about right for the day of the year, always higher than the last."""
    letter, typed = _DAILY[contact.group]
    rate = _DAILY_SPECIAL.get((contact.key, abbreviation or ""), letter if type_code == "cong_van" else typed)
    rate *= 0.75 + zlib.crc32(contact.key.encode()) % 50 / 100
    series = (contact.key, abbreviation or "", day.year)
    expected = int(day.timetuple().tm_yday * 5 / 7 * rate) + rng.randint(1, max(2, int(rate)))
    numbers[series] = max(numbers.get(series, 0) + 1, expected)
    return f"{numbers[series]:02d}"


def signers(contact: Contact) -> tuple[str, ...]:
    """The people who sign for a body, head first; always the same ones."""
    rng = random.Random(zlib.crc32(contact.key.encode()))
    return tuple(invented_name(rng, rng.choice(("nam", "nam", "nữ")))[0] for _ in range(4))


def _official(
    rng: random.Random, content: LetterContent, draft: Draft, contact: Contact, facts: Facts, number: str, notation: str
) -> LetterContent:
    head, *deputies = signers(contact)
    by_head = rng.random() < 0.25
    power, position = contact.on_behalf, contact.head if by_head else contact.deputy
    if not by_head and contact.key != "mat_tran":
        power = "\n".join(line for line in (contact.on_behalf, f"KT. {contact.head}") if line)
    signer = head if by_head else rng.choice(deputies)
    if draft.power:
        power, position = draft.power, draft.position
        signer = invented_name(random.Random(zlib.crc32((contact.key + draft.position).encode())))[0]
    copies = tuple(facts.fill(text) for text in draft.copy)
    first = ("Như trên;",) if draft.to and draft.type != "cong_dien" else ()
    ring, foot, centre = _seal(contact)
    return dataclasses.replace(
        content, body=_ended(content.body), agency=contact.heading, superior=contact.superior, place=contact.place,
        number=number,
        notation=notation, signer=signer, power=power, position=position,
        recipients=(*first, *copies, f"Lưu: VT, {draft.field}." if draft.field else "Lưu: VT."),
        seal_ring=ring, seal_foot=foot, seal_centre=centre,
        contact=f"Địa chỉ: {contact.address}, {CITY}" if draft.contact and contact.address else "",
    )  # fmt: skip


def _seal(contact: Contact) -> tuple[str, str, str]:
    name = contact.heading.replace("\n", " ")
    if contact.group is OrganisationGroup.COMMUNE:
        return name, "TP. HỒ CHÍ MINH", ""
    if contact.emblem and contact.group is OrganisationGroup.CENTRAL:
        return layout.NATIONAL_NAME, name, ""
    if contact.emblem:
        return name, "", ""
    centre = "\n".join(layout.wrap(name, layout.BOLD, 9, 95))
    if contact.group is OrganisationGroup.COMPANY:
        return f"M.S.D.N: {contact.codes[0][1]}", "TP. HỒ CHÍ MINH", centre
    return contact.superior.replace("\n", " ") or CITY.upper(), "", centre


def _receipt(rng: random.Random, group: OrganisationGroup, day: date, until: date) -> tuple[Channel, datetime]:
    ways = _WAYS.get(group, _ORDINARY_WAYS)
    channel, _, least, most = rng.choices(ways, [way[1] for way in ways])[0]
    arrival = add_working_days(day, rng.randint(least, most), days_off(), days_worked())
    if arrival > until:
        arrival = max(day, working_day_near(until, -1))
    earliest = 10 * 60 if arrival == day else 7 * 60 + 35
    minute = rng.choice([m for m in range(earliest, 16 * 60 + 40) if not NOON[0] <= m < NOON[1]])
    return channel, datetime.combine(arrival, time(minute // 60, minute % 60), VIETNAM)

"""The office that is measured: senders, clerks with accounts, and registers of any length, all made by operations."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.extensions import db
from app.models import Document, DocumentType, Organisation, RegisterBook, RegisterEntry, UrgencyLevel
from app.operations import accounts, bulk, parties, registers
from app.operations.base import operation
from app.operations.unit_of_work import UnitOfWork
from app.rules import incoming as rules
from app.rules.text import clean, identity_key, name_sort_key, split_number
from app.vocabulary import (
    HANDLED,
    Channel,
    DocumentKind,
    EntryState,
    HandlingOutcome,
    HandlingState,
    IncomingState,
    OrganisationKind,
    PostKind,
    SeriesKind,
    Verdict,
)

SYSTEM = Actor.system("bench")
PASSWORD = "Do-Dac@2026x"  # noqa: S105 - of accounts that live as long as the measurement
CLERKS = tuple(f"vanthu{number}" for number in range(1, 5))
FIRST_DAY = date(2021, 1, 4)
REGISTRY = "Bộ phận Văn thư"

DEPARTMENTS = (
    *("Tài chính", "Nội vụ", "Xây dựng", "Y tế", "Giáo dục và Đào tạo", "Công Thương", "Tư pháp", "Du lịch"),
    *("Nông nghiệp và Môi trường", "Khoa học và Công nghệ", "Văn hóa và Thể thao", "An toàn thực phẩm"),
)
WARDS = (
    *("Sài Gòn", "Tân Định", "Bến Thành", "Cầu Ông Lãnh", "Bàn Cờ", "Xuân Hòa", "Nhiêu Lộc", "Xóm Chiếu"),
    *("Khánh Hội", "Vĩnh Hội", "Chợ Quán", "An Đông", "Chợ Lớn", "Bình Tây", "Bình Tiên", "Bình Phú"),
    *("Phú Lâm", "Tân Thuận", "Phú Thuận", "Tân Mỹ", "Tân Hưng", "Chánh Hưng", "Phú Định", "Bình Đông"),
    *("Diên Hồng", "Vườn Lài", "Hòa Hưng", "Minh Phụng", "Bình Thới", "Hòa Bình", "Phú Thọ", "Trung Mỹ Tây"),
)
COMPANIES = (
    "Cấp nước",
    "Điện lực",
    "Thoát nước Đô thị",
    "Môi trường Đô thị",
    "Xe khách",
    "Bến Thành",
    "Phát triển Nhà",
)
MATTERS = (
    *("phê duyệt kinh phí", "bổ sung dự toán ngân sách", "thẩm định dự án đầu tư công", "giải quyết kiến nghị cử tri"),
    *("báo cáo kết quả cải cách hành chính", "kiểm tra công tác văn thư, lưu trữ", "triển khai chuyển đổi số"),
    *(
        "thu hồi đất",
        "bồi thường, hỗ trợ, tái định cư",
        "bổ nhiệm cán bộ",
        "mời dự họp giao ban",
        "phòng cháy, chữa cháy",
    ),
    *("bảo đảm an toàn thực phẩm", "quyết toán dự án hoàn thành", "điều chỉnh quy hoạch", "xử lý vi phạm xây dựng"),
    *("chống ngập", "giải quyết khiếu nại, tố cáo", "khen thưởng", "tiếp công dân", "cấp phép môi trường"),
)
OBJECTS = (
    *("dự án Vành đai 3", "Chương trình nhà ở xã hội", "tuyến metro số 2", "Khu đô thị Thủ Thiêm", "rạch Xuyên Tâm"),
    *("Bệnh viện Nhi đồng", "chợ đầu mối Bình Điền", "Trường Trung học phổ thông chuyên", "cảng Hiệp Phước"),
    *(
        "kỳ họp Hội đồng nhân dân",
        "hệ thống họp trực tuyến",
        "Trung tâm Phục vụ hành chính công",
        "quỹ bảo trì chung cư",
    ),
)
TAILS = (
    "năm {year}",
    "quý {quarter} năm {year}",
    "giai đoạn {year}-{five}",
    "theo chỉ đạo của Thủ tướng",
    "lần thứ hai",
)
RARE = "chim yến"
"""Words of one subject in ten thousand: what is looked for, for want of much else."""
TYPE_SHARES = {
    "Công văn": 55,
    "Quyết định": 12,
    "Tờ trình": 9,
    "Báo cáo": 9,
    "Thông báo": 5,
    "Giấy mời": 4,
    "Kế hoạch": 3,
}
URGENCY_SHARES = (900, 70, 25, 5)
CHANNEL_SHARES = {Channel.AXIS: 55, Channel.PAPER: 30, Channel.EMAIL: 13, Channel.PORTAL: 2}
STATE_SHARES = {IncomingState.REGISTERED: 985, IncomingState.CANCELLED: 9, IncomingState.RETURNED: 6}
VERDICT_SHARES = {"": 40, Verdict.VALID: 52, Verdict.INDETERMINATE: 7, Verdict.INVALID: 1}


def furnish() -> None:
    """Senders and clerks; needs start data (the program made it when it started) and an application context."""
    session = db.session()
    office = session.scalars(select(Organisation).where(Organisation.ours)).first()
    names = [f"Sở {name}" for name in DEPARTMENTS]
    names += [f"Ủy ban nhân dân phường {name}" for name in WARDS]
    names += [f"Công ty {name} Thành phố" for name in COMPANIES]
    add_senders(SYSTEM, names)
    unit = parties.add_organisation(
        SYSTEM, REGISTRY, kind=OrganisationKind.UNIT, parent_id=office.id if office else None, ours=True
    )
    for number, username in enumerate(CLERKS, 1):
        person = parties.add_person(SYSTEM, f"Nguyễn Thị Văn Thư {number}")
        parties.appoint(SYSTEM, person.id, unit.id, PostKind.CLERK, "Văn thư", valid_from=FIRST_DAY)
        accounts.open_account(SYSTEM, person.id, username, PASSWORD, origin="own")


@operation()
def add_senders(actor: Actor, names: Sequence[str], *, uow: UnitOfWork) -> None:  # noqa: ARG001 - the frame uses it
    """Many issuing bodies at once."""
    row = {"kind": OrganisationKind.BODY, "valid_from": FIRST_DAY}
    bulk.insert(uow, Organisation, [{**row, "name": name, "sort_key": name_sort_key(name)} for name in names])


@dataclass
class Register:
    """A register that grows: what offices receive, the common often and the rare rarely. Needs an app context."""

    seed: int = 212
    day: date = FIRST_DAY
    count: int = 0
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - the same register each time
        session: Session = db.session()
        read = session.execute
        types = read(select(DocumentType.name, DocumentType.id).where(DocumentType.valid_to.is_(None))).all()
        self.types = [row.id for row in types]
        self.type_weights = [TYPE_SHARES.get(row.name, 0.1) for row in types]
        senders = read(
            select(Organisation.id, Organisation.name).where(~Organisation.ours).order_by(Organisation.id)
        ).all()
        self.senders = [(row.id, row.name) for row in senders]
        self.sender_weights = [1 / (place + 1) for place in range(len(senders))]
        self.urgencies = list(session.scalars(select(UrgencyLevel.code).order_by(UrgencyLevel.rank)))
        books = list(session.scalars(select(RegisterBook).order_by(RegisterBook.ordinal)))
        books = [book for book in books if book.series.kind == SeriesKind.INCOMING]
        self.books, self.series_id = [book.id for book in books], books[0].series_id

    def grow_to(self, total: int) -> None:
        """Register documents until there are ``total``, day after day: few in the first year, many in the last."""
        missing = total - self.count
        a_day = max(40, missing // (250 if missing < 500_000 else 750))
        while self.count < total:
            rows = list(self._descriptions(min(a_day, total - self.count)))
            with clock.set_to(datetime.combine(self.day, time_of_day(16, 30), clock.VIETNAM)):
                enter(SYSTEM, rows, self.series_id)
            self.count += len(rows)
            self.day += timedelta(days=3 if self.day.weekday() == 4 else 1)

    def _pick(self, shares: dict[Any, int], count: int) -> list[Any]:
        return self.chance.choices(list(shares), list(shares.values()), k=count)

    def _descriptions(self, count: int) -> Iterator[dict[str, Any]]:
        chance = self.chance
        senders = chance.choices(self.senders, self.sender_weights, k=count)
        types = chance.choices(self.types, self.type_weights, k=count)
        urgencies = chance.choices(self.urgencies, URGENCY_SHARES[: len(self.urgencies)], k=count)
        books = chance.choices(self.books, [1 / (place + 1) ** 2 for place in range(len(self.books))], k=count)
        channels, verdicts = self._pick(CHANNEL_SHARES, count), self._pick(VERDICT_SHARES, count)
        states = self._pick(STATE_SHARES, count)
        for at in range(count):
            sender_id, sender = senders[at]
            number = f"{self.count + at + 1}/{''.join(word[0] for word in sender.split()[-3:]).upper()}-VP"
            digits, notation = split_number(number)
            yield {
                "state": states[at],
                # settled, but for what bench/handling.py takes up again
                "handling": HandlingState.SETTLED if states[at] in HANDLED else None,
                "outcome": HandlingOutcome.FILED if states[at] in HANDLED else "",
                "number_notation": number,
                "code_number": digits,
                "code_notation": notation,
                "identity_key": identity_key(number, sender),
                "type_id": types[at],
                "issued_on": None
                if chance.random() < 0.01
                else self.day - timedelta(days=int(chance.expovariate(0.3))),
                "issuer_id": None if chance.random() < 0.05 else sender_id,
                "issuer_name": sender,
                "subject": self._subject(),
                "page_count": 1 + int(chance.expovariate(0.4)),
                "signer_name": chance.choice(("Nguyễn Văn An", "Trần Thị Bích", "Lê Quốc Cường", "Phạm Minh Đức")),
                "urgency": urgencies[at],
                "channel": channels[at],
                "book_id": books[at],
                "signature_verdict": "" if channels[at] == Channel.PAPER else verdicts[at],
            }

    def _subject(self) -> str:
        chance = self.chance
        tail = chance.choice(TAILS).format(
            year=self.day.year, five=self.day.year + 5, quarter=("I", "II", "III", "IV")[(self.day.month - 1) // 3]
        )
        matter = RARE if chance.random() < 0.0001 else chance.choice(MATTERS)
        return clean(f"Về việc {matter} {chance.choice(OBJECTS)} {tail}")


@operation()
def enter(actor: Actor, rows: Sequence[dict[str, Any]], series_id: int, *, uow: UnitOfWork) -> list[int]:
    """Enter a day's documents: a block of numbers, documents, lines of the register and events, each set-wise."""
    numbers, instant = registers.take_numbers(uow, series_id, len(rows))
    common = {
        "kind": DocumentKind.INCOMING,
        "series_id": series_id,
        "received_at": instant,
        "registered_at": instant,
    }
    documents = [
        {**common, **row, "arrival_number": given.number, "arrival_year": given.year, "arrival_date": given.day}
        for row, given in zip(rows, numbers, strict=True)
    ]
    keys = bulk.insert(uow, Document, documents)
    cancelled = IncomingState.CANCELLED
    lines = [
        {
            "series_id": series_id,
            "year": given.year,
            "number": given.number,
            "entry_date": given.day,
            "registered_at": instant,
            "document_id": key,
            "state": EntryState.CANCELLED if row["state"] == cancelled else EntryState.LIVE,
            "reason": "Cấp nhầm" if row["state"] == cancelled else "",
        }
        for key, given, row in zip(keys, numbers, rows, strict=True)
    ]
    bulk.insert(uow, RegisterEntry, lines)
    register = rules.REGISTER
    acts = (
        {
            "subject_id": key,
            "document_id": key,
            "state_after": row["state"],
            "number": given.number,
            "year": given.year,
            "titles": [],
        }
        for key, given, row in zip(keys, numbers, rows, strict=True)
    )
    bulk.record_each(uow, actor, register.name, rules.LIFECYCLE.subject_type, acts, basis=register.basis)
    return keys

"""Phiếu trả lại văn bản: one page that tells the sender what goes back, why, and on which ground (212/4.3, 212/5.3)."""

import io
from dataclasses import dataclass
from datetime import date, datetime

from pypdf import PdfReader

from app.clock import in_vietnam
from app.reports.letter import LetterContent, Table, build
from app.rules.return_grounds import GROUNDS, request_of

_LONGEST = (500, 300, 200, 100)
"""Characters of an abstract, tried in turn until all fits on one page: the reason is never cut."""


@dataclass(frozen=True)
class ReturnNotice:
    """What stands on the notice. What is not known stays empty and its line is left out."""

    superior: str
    agency: str
    office_name: str
    """Full name of the office, as sentences have it."""
    place: str
    addressee: str
    type_name: str
    number_notation: str
    issued_on: date | None
    subject: str
    reason: str
    """From the list of reasons."""
    words: str
    """What was added in words."""
    ground: str
    """Clause of the Decision, a key of :data:`~app.rules.return_grounds.GROUNDS`."""
    returned_by: str
    post: str
    returned_at: datetime
    """Instant with zone."""
    arrival: str = ""
    """Arrival number and day (``số 298 ngày 30/12/2026``), where it was registered before."""
    received_on: date | None = None
    secret: bool = False
    """It goes back for state secrets: then nobody is asked to send it again this way."""


def return_notice(notice: ReturnNotice) -> bytes:
    """The notice as PDF: number and signature are left to the pen."""
    for longest in _LONGEST:
        made = _made(notice, longest)
        if len(PdfReader(io.BytesIO(made)).pages) == 1:
            break
    return made


def _made(notice: ReturnNotice, longest: int) -> bytes:
    at = in_vietnam(notice.returned_at)
    number = f"số {notice.number_notation}" if notice.number_notation else ""
    dated = f"ngày {_day(notice.issued_on)}" if notice.issued_on else ""
    facts = [
        ("Văn bản", _capital(" ".join(part for part in (notice.type_name, number, dated) if part))),
        ("Trích yếu nội dung", _fit(notice.subject, longest)),
        ("Ngày nhận, số đến", "; ".join(part for part in (_day(notice.received_on), notice.arrival) if part)),
        ("Lý do trả lại", ". ".join(_capital(part.rstrip(".")) for part in (notice.reason, notice.words) if part)),
        ("Người trả", ", ".join(part for part in (notice.returned_by, notice.post) if part)),
        ("Thời điểm trả", f"{at.hour:02d} giờ {at.minute:02d} ngày {_day(at.date())}"),
    ]
    return build(
        LetterContent(
            superior=notice.superior,
            agency=notice.agency,
            number="........",
            notation="VP",
            place=notice.place,
            issued_on=at.date(),
            type_name="Phiếu trả lại văn bản",
            subject="",
            addressees=(notice.addressee,),
            body=(
                f"Căn cứ {GROUNDS[notice.ground]}, {notice.office_name} trả lại văn bản sau đây:",
                Table(("Mục", "Nội dung"), tuple((name, value) for name, value in facts if value), (3, 7)),
                request_of(notice.secret),
            ),
            recipients=("Như trên;", "Lưu: VT."),
            position=(notice.post or "Văn thư").upper(),
            signer=notice.returned_by,
            signed=False,
        )
    )


def _day(day: date | None) -> str:
    return f"{day.day:02d}/{day.month:02d}/{day.year}" if day else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _fit(text: str, longest: int) -> str:
    """Long text cut at a word: the document itself goes with the notice."""
    if len(text) <= longest:
        return text
    return text[:longest].rsplit(" ", 1)[0].rstrip(" ,;.") + " …"

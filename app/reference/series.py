"""Number series (dãy số) and the register books (sổ) that show them.

All incoming books share one series: an arrival number is unique in the whole incoming system, paper and
electronic alike (212/4.2). Each body that issues through the Office has its own outgoing series (212/9.2).
Copies of all forms are numbered together (Decree 30/2020/NĐ-CP, appendix I).
"""

from dataclasses import dataclass

from app.reference.organisations import OrganisationGroup
from app.vocabulary import SeriesKind


@dataclass(frozen=True)
class SeriesRow:
    """A counter that starts at 1 every year; ``issuer`` is the notation of the issuing body (``UBND``, ``VP``)."""

    code: str
    name: str
    kind: SeriesKind
    issuer: str = ""


@dataclass(frozen=True)
class RegisterBookRow:
    """A title and a filter on one series. Empty filters take everything."""

    code: str
    title: str
    series: str
    ordinal: int
    sender_groups: tuple[OrganisationGroup, ...] = ()
    type_codes: tuple[str, ...] = ()


SERIES: tuple[SeriesRow, ...] = (
    SeriesRow("den", "Dãy số văn bản đến", SeriesKind.INCOMING),
    SeriesRow("di-ubnd", "Dãy số văn bản đi của Ủy ban nhân dân Thành phố", SeriesKind.OUTGOING, "UBND"),
    SeriesRow("di-vp", "Dãy số văn bản đi của Văn phòng Ủy ban nhân dân Thành phố", SeriesKind.OUTGOING, "VP"),
    SeriesRow("sao-ubnd", "Dãy số bản sao của Ủy ban nhân dân Thành phố", SeriesKind.COPIES, "UBND"),
    SeriesRow("sao-vp", "Dãy số bản sao của Văn phòng Ủy ban nhân dân Thành phố", SeriesKind.COPIES, "VP"),
)

_G = OrganisationGroup

REGISTER_BOOKS: tuple[RegisterBookRow, ...] = (
    RegisterBookRow("den", "Sổ văn bản đến (chung)", "den", 1),
    RegisterBookRow("den-trung-uong", "Sổ văn bản đến từ Trung ương", "den", 2, (_G.CENTRAL,)),
    RegisterBookRow(
        "den-so-nganh", "Sổ văn bản đến từ các sở, ban, ngành Thành phố", "den", 3, (_G.CITY_DEPARTMENT, _G.CITY_BODY)
    ),
    RegisterBookRow("den-phuong-xa", "Sổ văn bản đến từ các phường, xã, đặc khu", "den", 4, (_G.COMMUNE,)),
    RegisterBookRow("den-dia-phuong", "Sổ văn bản đến từ các tỉnh, thành phố khác", "den", 5, (_G.PROVINCE,)),
    RegisterBookRow(
        "den-doan-the", "Sổ văn bản đến từ Đảng, Mặt trận, đoàn thể và cơ quan tư pháp", "den", 6, (_G.POLITICAL,)
    ),
    RegisterBookRow("den-to-chuc", "Sổ văn bản đến từ doanh nghiệp và tổ chức khác", "den", 7, (_G.COMPANY,)),
    RegisterBookRow("den-don-thu", "Sổ đơn, thư của công dân", "den", 8, (_G.CITIZEN,)),
    RegisterBookRow("di-ubnd", "Sổ văn bản đi của Ủy ban nhân dân Thành phố", "di-ubnd", 11),
    RegisterBookRow("di-vp", "Sổ văn bản đi của Văn phòng Ủy ban nhân dân Thành phố", "di-vp", 12),
    RegisterBookRow("sao-ubnd", "Sổ bản sao của Ủy ban nhân dân Thành phố", "sao-ubnd", 21),
    RegisterBookRow("sao-vp", "Sổ bản sao của Văn phòng Ủy ban nhân dân Thành phố", "sao-vp", 22),
)

"""Sổ đăng ký văn bản đến: the register of incoming documents in its ten official columns.

Decree 30/2020/NĐ-CP, appendix IV, form VI; Decision 212/QĐ-VP, 4.2.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from app.reports.sheet import CellKind, Column, Row, SheetForm

TITLE = "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN"
COLUMNS = (
    Column("Ngày đến", 19, CellKind.DATE),
    Column("Số đến", 11, CellKind.NUMBER, digits=2),
    Column("Tác giả", 32),
    Column("Số, ký hiệu văn bản", 26, centred=True),
    Column("Ngày tháng văn bản", 19, CellKind.DATE),
    Column("Tên loại và trích yếu nội dung văn bản", 73.5),
    Column("Đơn vị hoặc người nhận", 20),
    Column("Ngày chuyển", 19, CellKind.DATE),
    Column("Ký nhận", 12.5),
    Column("Ghi chú", 30),
)


@dataclass(frozen=True)
class IncomingRow:
    """One line of the register. What is not yet known stays ``None`` or empty: its cell is left to the pen."""

    arrived_on: date | None
    number: int | None
    author: str
    number_notation: str
    issued_on: date | None
    type_name: str
    subject: str
    recipient: str = ""
    passed_on: date | None = None
    receipt: str = ""
    notes: tuple[str, ...] = ()

    def cells(self) -> Row:
        """The ten cells, from left to right."""
        return (
            self.arrived_on,
            self.number,
            self.author,
            self.number_notation,
            self.issued_on,
            f"{self.type_name}: {self.subject}" if self.type_name else self.subject,
            self.recipient,
            self.passed_on,
            self.receipt,
            "; ".join(note for note in self.notes if note),
        )


@dataclass(frozen=True)
class Extent:
    """From which day and number the listed rows reach to which; years of the numbers."""

    first_day: date
    last_day: date
    first_year: int
    first_number: int
    last_year: int
    last_number: int


def form(superior: str, agency: str, extent: Extent, note: str = "") -> SheetForm:
    """The form with its title block: year, from day … to day …, from number … to number …"""
    one_year = extent.first_year == extent.last_year
    year = f"{extent.first_year}" if one_year else f"{extent.first_year} - {extent.last_year}"
    days = f"Từ ngày {_day(extent.first_day)} đến ngày {_day(extent.last_day)}"
    first, last = f"{extent.first_number:02d}", f"{extent.last_number:02d}"
    if not one_year:
        first, last = f"{first}/{extent.first_year}", f"{last}/{extent.last_year}"
    lines = (f"Năm: {year}", days, f"Từ số {first} đến số {last}")
    return SheetForm(superior, agency, TITLE, lines, COLUMNS, note)


def cells(rows: Iterable[IncomingRow]) -> Iterator[Row]:
    """Rows as the writers take them, one by one."""
    return (row.cells() for row in rows)


def _day(day: date) -> str:
    return f"{day.day:02d}/{day.month:02d}/{day.year}"

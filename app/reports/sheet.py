"""Registers and lists as tables over many pages, declared once and written as PDF or XLSX.

The writers (``sheet_pdf``, ``sheet_xlsx``) take rows one by one and never hold them together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

Cell = str | int | date | None
Row = Sequence[Cell]


class CellKind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"


@dataclass(frozen=True)
class Column:
    """One column. ``width`` in mm on paper; the columns together are fitted to the width of the page.

    ``digits`` are the least a number is written with (registers write 5 as 05).
    """

    heading: str
    width: float
    kind: CellKind = CellKind.TEXT
    centred: bool = False
    digits: int = 1

    def written(self, cell: Cell) -> str:
        """A cell as it stands on paper."""
        if cell is None:
            return ""
        if isinstance(cell, date):
            return f"{cell.day:02d}/{cell.month:02d}/{cell.year:04d}"
        if isinstance(cell, int):
            return f"{cell:0{self.digits}d}"
        return cell


@dataclass(frozen=True)
class SheetForm:
    """A tabular form: what stands above the table, and its columns.

    ``superior`` and ``agency`` are the bodies as printed, ``title`` the name of the form, ``lines`` what stands below
    it (``Năm: 2026``); ``note`` stands small at the foot of each page.
    """

    superior: str
    agency: str
    title: str
    lines: tuple[str, ...]
    columns: tuple[Column, ...]
    note: str = ""

    @property
    def numbers(self) -> tuple[str, ...]:
        """The line below the headings: (1), (2) …"""
        return tuple(f"({number})" for number in range(1, len(self.columns) + 1))

"""A tabular form as an Excel workbook: real dates and numbers, headings that stay in sight, ready to print.

XlsxWriter writes row by row to a temporary file, so memory does not grow with the length of the register.
"""

import tempfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, BinaryIO

import xlsxwriter  # type: ignore[import-untyped]

from app.reports.layout import nfc
from app.reports.sheet import Cell, CellKind, Column, Row, SheetForm

FONT = "Times New Roman"
_A4 = 9
_MM_PER_CHARACTER = 1.75  # of column width, at 12 points: a date of the narrowest column shows whole
_EARLIEST = date(1900, 3, 1)  # before that Excel counts a day that never was
_LOOKS_LIKE_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_xlsx(form: SheetForm, rows: Iterable[Row], out: BinaryIO, made_at: datetime) -> int:
    """Write the form to ``out`` (binary, seekable) and answer how many rows it holds.

    Text is written as text whatever it begins with: nothing that arrived from outside can become a formula or a link.
    ``made_at`` goes into the properties of the file.
    """
    with tempfile.TemporaryDirectory(prefix="van-thu-sheet-") as folder:
        book = xlsxwriter.Workbook(
            out,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": folder,
            },
        )
        count = _fill(book, form, rows, made_at)
        book.close()  # only now is anything written to ``out``: of rows that fail there is no half file
    return count


def _fill(book: Any, form: SheetForm, rows: Iterable[Row], made_at: datetime) -> int:
    title = nfc(form.title)
    book.set_properties({"title": title, "author": nfc(form.agency), "created": made_at.replace(tzinfo=None)})
    sheet = book.add_worksheet(_tab_name(title))
    formats = _Formats(book, form)
    sheet.hide_gridlines(2)
    for at, column in enumerate(form.columns):
        sheet.set_column(at, at, column.width / _MM_PER_CHARACTER)
    row = _heading(sheet, form, formats)
    sheet.freeze_panes(row, 0)
    sheet.repeat_rows(row - 2, row - 1)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.6, right=0.5, top=0.7, bottom=0.7)
    sheet.center_horizontally()
    note = nfc(form.note).replace("&", "&&")
    sheet.set_footer(f'&L&"{FONT},Italic"&9{note[:200]}&R&"{FONT},Regular"&10Trang &P/&N')
    first = row
    for cells in rows:
        for at, (column, cell) in enumerate(zip(form.columns, cells, strict=True)):
            _write(sheet, row, at, column, cell, formats)
        row += 1
    sheet.print_area(0, 0, max(row - 1, first - 1), len(form.columns) - 1)
    return row - first


class _Formats:
    """The looks of cells, made once."""

    def __init__(self, book: Any, form: SheetForm):
        base = {"font_name": FONT, "font_size": 12}
        middle = {**base, "align": "center", "valign": "vcenter"}
        self.superior = book.add_format(middle)
        self.agency = book.add_format({**middle, "bold": True})
        self.title = book.add_format({**middle, "bold": True, "font_size": 16})
        self.line = book.add_format({**middle, "italic": True})
        self.blank = book.add_format(base)
        self.head = book.add_format({**middle, "bold": True, "border": 1, "text_wrap": True})
        self.number_line = book.add_format({**middle, "italic": True, "border": 1})
        self.cells, self.quoted = [], []
        for column in form.columns:
            look: dict[str, Any] = {**base, "border": 1, "valign": "top", "text_wrap": True}
            if column.centred or column.kind is not CellKind.TEXT:
                look["align"] = "center"
            if column.kind is CellKind.DATE:
                look["num_format"] = "dd/mm/yyyy"
            elif column.kind is CellKind.NUMBER:
                look["num_format"] = "0" * column.digits
            else:
                look["num_format"] = "@"
            self.cells.append(book.add_format(look))
            quoted = book.add_format({**look, "num_format": "@"})
            quoted.set_quote_prefix()
            self.quoted.append(quoted)


def _heading(sheet: Any, form: SheetForm, formats: _Formats) -> int:
    """Title block and table head; gives the row below them."""
    last = len(form.columns) - 1
    row = 0
    block = [(form.superior, formats.superior), (form.agency, formats.agency), ("", formats.blank)]
    block += [(form.title, formats.title), *((line, formats.line) for line in form.lines), ("", formats.blank)]
    for text, look in block:
        if text:
            sheet.merge_range(row, 0, row, last, nfc(text), look)
        else:
            sheet.write_blank(row, 0, None, look)
        row += 1
    for at, column in enumerate(form.columns):
        sheet.write_string(row, at, nfc(column.heading), formats.head)
    for at, number in enumerate(form.numbers):
        sheet.write_string(row + 1, at, number, formats.number_line)
    return row + 2


def _write(sheet: Any, row: int, at: int, column: Column, cell: Cell, formats: _Formats) -> None:
    look = formats.cells[at]
    if cell is None or cell == "":
        sheet.write_blank(row, at, None, look)
    elif isinstance(cell, date) and cell >= _EARLIEST:
        sheet.write_datetime(row, at, datetime(cell.year, cell.month, cell.day), look)  # noqa: DTZ001 - a day
    elif isinstance(cell, int):
        sheet.write_number(row, at, cell, look)
    else:
        text = nfc(column.written(cell))
        sheet.write_string(row, at, text, formats.quoted[at] if text.startswith(_LOOKS_LIKE_FORMULA) else look)


def _tab_name(title: str) -> str:
    """Name of the sheet: 31 characters without what Excel forbids."""
    name = "".join(" " if letter in "[]:*?/\\'" else letter for letter in title).strip()
    return name[:31] or "Sheet1"

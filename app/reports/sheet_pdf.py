"""A tabular form as PDF: A4 across, the head of the table on every page, "page x/y", long text in several lines.

Rows come one by one. ReportLab keeps the pages that are done until the file is closed, and the file itself once more:
about 5 MB for each 1,000 rows of a register with long abstracts, so some 50 MB for 10,000.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import BinaryIO

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from app.reports import layout
from app.reports.layout import BOLD, ITALIC, LANDSCAPE, REGULAR
from app.reports.sheet import CellKind, Row, SheetForm

SIZE, LEADING = 10, 11.6
_PAD = 0.9 * mm
_ABOVE, _BELOW = 0.4 * mm, 0.8 * mm
_LINE = 0.5
_TOTAL = "total"
_FOOT = 11 * mm  # baseline of the foot line


def write_pdf(form: SheetForm, rows: Iterable[Row], out: BinaryIO) -> int:
    """Write the form to ``out`` and answer how many rows it holds; the same rows always give the same bytes."""
    layout.register_fonts()
    canvas = Canvas(
        out, pagesize=LANDSCAPE.size, invariant=1, pageCompression=1, initialFontName=REGULAR, lang="vi-VN",
    )  # fmt: skip
    canvas.setTitle(layout.nfc(form.title))
    canvas.setAuthor(layout.nfc(form.agency))
    written = _Writer(canvas, form).write(rows)
    canvas.save()
    return written


class _Writer:
    """Draws rows from the top of a page to its bottom, and begins the next."""

    def __init__(self, canvas: Canvas, form: SheetForm):
        self.canvas, self.form, self.page = canvas, form, LANDSCAPE
        whole = sum(column.width for column in form.columns)
        self.widths = [self.page.width * column.width / whole for column in form.columns]
        self.lefts = [self.page.left + sum(self.widths[:at]) for at in range(len(self.widths))]
        self.number = 0
        self.y = 0.0
        self.table_top = 0.0

    def write(self, rows: Iterable[Row]) -> int:
        """Draw all rows; gives their number."""
        self._begin_page()
        count = 0
        for row in rows:
            count += 1
            self._row([
                _lines(layout.nfc(column.written(cell)), width - 2 * _PAD)
                for column, cell, width in zip(self.form.columns, row, self.widths, strict=True)
            ])  # fmt: skip
        self._end_page()
        self.canvas.beginForm(_TOTAL)
        self.canvas.setFont(REGULAR, 10)
        self.canvas.drawString(0, 0, str(self.number))
        self.canvas.endForm()
        return count

    def _row(self, cells: Sequence[Sequence[str]]) -> None:
        """One row; where it is longer than a page can hold it goes on over the next."""
        most = max(len(lines) for lines in cells)
        start = 0
        while start < most:
            fit = int((self.y - self.page.bottom - _ABOVE - _BELOW + 0.01) // LEADING)
            left = most - start
            if fit < left and (fit < 1 or left <= self._lines_of_a_page()):
                self._end_page()
                self._begin_page()
                continue
            self._part([lines[start : start + fit] for lines in cells], min(fit, left))
            start += fit

    def _lines_of_a_page(self) -> int:
        room = self.page.height - self._head_height() - _ABOVE - _BELOW
        return int((room + 0.01) // LEADING)

    def _part(self, cells: Sequence[Sequence[str]], height_in_lines: int) -> None:
        canvas = self.canvas
        first = self.y - _ABOVE - SIZE * 0.85
        canvas.setFont(REGULAR, SIZE, LEADING)
        for column, lines, left, width in zip(self.form.columns, cells, self.lefts, self.widths, strict=True):
            if not any(lines):
                continue
            if column.centred or column.kind is not CellKind.TEXT:
                for at, line in enumerate(lines):
                    canvas.drawString(left + (width - _width(line, REGULAR)) / 2, first - at * LEADING, line)
                continue
            text = canvas.beginText(left + _PAD, first)
            for line in lines:
                text.textLine(line)
            canvas.drawText(text)
        self.y -= height_in_lines * LEADING + _ABOVE + _BELOW
        self._across(self.y)

    # ---- pages

    def _begin_page(self) -> None:
        self.number += 1
        self.y = self.page.size[1] - self.page.top
        if self.number == 1:
            self._title()
        self._head()

    def _end_page(self) -> None:
        canvas, page = self.canvas, self.page
        canvas.setLineWidth(_LINE)
        for x in [*self.lefts, page.left + page.width]:
            canvas.line(x, self.table_top, x, self.y)
        canvas.setFont(ITALIC, 8.5)
        note = layout.nfc(self.form.note)
        canvas.drawString(page.left, _FOOT, _cut(note, page.width - 40 * mm))
        canvas.setFont(REGULAR, 10)
        place = page.left + page.width - pdfmetrics.stringWidth("0000", REGULAR, 10)
        canvas.drawRightString(place, _FOOT, f"Trang {self.number}/")
        canvas.saveState()
        canvas.translate(place, _FOOT)
        canvas.doForm(_TOTAL)  # drawn when the last page is known
        canvas.restoreState()
        canvas.showPage()

    def _title(self) -> None:
        canvas, form = self.canvas, self.form
        middle = self.page.left + self.page.width / 2
        y = self.y - 10
        if form.superior:
            layout.draw_centred(canvas, [layout.nfc(form.superior)], middle, y, REGULAR, 13, 16)
            y -= 16
        layout.draw_centred(canvas, [layout.nfc(form.agency)], middle, y, BOLD, 13, 16)
        layout.rule(canvas, middle, y - 5, layout.width_of(form.agency, BOLD, 13) * 0.6)
        y -= 32
        layout.draw_centred(canvas, [layout.nfc(form.title)], middle, y, BOLD, 16, 18)
        for line in form.lines:
            y -= 17
            layout.draw_centred(canvas, [layout.nfc(line)], middle, y, REGULAR, 12, 16)
        self.y = y - 14

    def _headings(self) -> list[list[str]]:
        return [
            layout.wrap(column.heading, BOLD, SIZE, width - 2 * _PAD)
            for column, width in zip(self.form.columns, self.widths, strict=True)
        ]

    def _head_height(self) -> float:
        tallest = max(len(lines) for lines in self._headings())
        return tallest * LEADING + 2 * _BELOW + LEADING + _BELOW

    def _head(self) -> None:
        canvas, headings = self.canvas, self._headings()
        tallest = max(len(lines) for lines in headings)
        self.table_top = self.y
        self._across(self.y)
        bottom = self.y - tallest * LEADING - 2 * _BELOW
        for lines, left, width in zip(headings, self.lefts, self.widths, strict=True):
            top = (self.y + bottom) / 2 + (len(lines) - 1) * LEADING / 2 - SIZE * 0.35
            layout.draw_centred(canvas, lines, left + width / 2, top, BOLD, SIZE, LEADING)
        self._across(bottom)
        self.y = bottom - LEADING - _BELOW
        for text, left, width in zip(self.form.numbers, self.lefts, self.widths, strict=True):
            layout.draw_centred(canvas, [text], left + width / 2, self.y + _BELOW + 1.5, ITALIC, 9, LEADING)
        self._across(self.y)

    def _across(self, y: float) -> None:
        self.canvas.setLineWidth(_LINE)
        self.canvas.line(self.page.left, y, self.page.left + self.page.width, y)


@lru_cache(maxsize=20_000)
def _width(word: str, font: str) -> float:
    """Width of a word; registers repeat their words a great deal."""
    return pdfmetrics.stringWidth(word, font, SIZE)


def _lines(text: str, width: float, font: str = REGULAR) -> list[str]:
    """Text in lines of at most ``width``; a word that is longer by itself is broken, its line breaks stay."""
    if not text:
        return [""]
    lines: list[str] = []
    blank = _width(" ", font)
    for part in text.split("\n"):
        line, used = "", 0.0
        for word in _fitting(part.split(), width, font):
            wide = _width(word, font)
            if line and used + blank + wide > width:
                lines.append(line)
                line, used = word, wide
            else:
                used += wide + (blank if line else 0)
                line = f"{line} {word}" if line else word
        lines.append(line)
    return lines


def _fitting(words: list[str], width: float, font: str) -> Iterator[str]:
    """The words, those that are wider than a line in pieces; where it can be, cut after a stroke."""
    for word in words:
        rest = word
        while _width(rest, font) > width and len(rest) > 1:
            end = len(rest) - 1
            while end > 1 and _width(rest[:end], font) > width:
                end -= 1
            stroke = max(rest.rfind(sign, 1, end) for sign in "/-._") + 1
            end = stroke if stroke > end // 3 else end
            yield rest[:end]
            rest = rest[end:]
        yield rest


def _cut(text: str, width: float) -> str:
    while text and pdfmetrics.stringWidth(text, ITALIC, 8.5) > width:
        text = text[:-2].rstrip() + "…"
    return text

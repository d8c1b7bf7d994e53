"""The arrival stamp (dấu ĐẾN) as Decree 30/2020/NĐ-CP, appendix IV, form V draws it: a box of 35 mm × 50 mm.

What the program knows stands in the box (agency, number, day); what is written by hand has its dotted line.
"""

import io
from dataclasses import dataclass
from datetime import datetime

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from app.clock import in_vietnam
from app.reports import layout
from app.reports.layout import BOLD, ITALIC, REGULAR
from app.rules.arrival_stamp import HEIGHT, MM, WIDTH, StampPosition, place

STAMP_RED = Color(0.83, 0.07, 0.10)
NOTE_SIZE = (180 * MM, 4 * MM)
"""Width and height of the line that a stamped copy carries in its margin."""
_BORDER, _INNER = 1.2, 0.7
_PAD = 1.6 * MM
_LEAST = 6.0  # size below which nobody reads a stamp


@dataclass(frozen=True)
class StampFacts:
    """What the stamp says. ``passed_to`` and ``file_code`` are left to the pen when empty."""

    agency: str
    number: str
    """Arrival number as registers write it."""
    arrived: str
    """Day of arrival as dd/mm/yyyy, for urgent papers with the hour."""
    passed_to: str = ""
    file_code: str = ""


def stamp_sheet(facts: StampFacts, position: StampPosition = StampPosition.BELOW_NUMBER) -> bytes:
    """An A4 page that is blank but for the stamp, to be printed onto the paper that arrived."""
    out = io.BytesIO()
    canvas = _canvas(out, A4)
    corner = place(position, *A4)
    if corner is None:  # pragma: no cover - A4 holds it
        raise ValueError(position)
    draw_stamp(canvas, *corner, facts)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def overlay(facts: StampFacts, printed_at: datetime) -> bytes:
    """Two small pages that are laid over a copy: the stamp, and the line that says what the copy is.

    The first page has the size of the stamp, the second that of :data:`NOTE_SIZE`. ``printed_at`` is an instant
    with zone.
    """
    out = io.BytesIO()
    canvas = _canvas(out, (WIDTH, HEIGHT))
    draw_stamp(canvas, 0, 0, facts)
    canvas.showPage()
    canvas.setPageSize(NOTE_SIZE)
    text, size = copy_note(printed_at), 8.0
    canvas.setFillGray(0.15)
    canvas.setFont(ITALIC, size)
    canvas.drawString(2, 3, text)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def copy_note(printed_at: datetime) -> str:
    """The line in the margin of a stamped copy."""
    at = in_vietnam(printed_at).strftime("%H:%M ngày %d/%m/%Y")
    return f"Bản sao có dấu đến, in lúc {at}; bản gốc không thay đổi."


def draw_stamp(canvas: Canvas, x: float, y: float, facts: StampFacts) -> None:
    """The stamp with its lower left corner at (x, y); its outer edge measures 50 mm × 35 mm exactly.

    Its ground is white: wherever it stands on a page, it can be read.
    """
    canvas.saveState()
    canvas.translate(x, y)
    canvas.setStrokeColor(STAMP_RED)
    canvas.setFillGray(1)
    canvas.setLineWidth(_BORDER)
    half = _BORDER / 2
    canvas.rect(half, half, WIDTH - _BORDER, HEIGHT - _BORDER, stroke=1, fill=1)
    canvas.setFillColor(STAMP_RED)
    rows = [0.0, HEIGHT * 0.19, HEIGHT * 0.38, HEIGHT * 0.73, HEIGHT]
    split = WIDTH * 0.36
    canvas.setLineWidth(_INNER)
    for row in rows[1:4]:
        canvas.line(_BORDER, row, WIDTH - _BORDER, row)
    canvas.line(split, rows[2], split, rows[3])
    _agency(canvas, layout.nfc(facts.agency).upper(), (rows[3] + rows[4]) / 2)
    size = _size_for("ĐẾN", BOLD, 19, split - 3 * _PAD)
    canvas.setFont(BOLD, size)
    canvas.drawCentredString((_BORDER + split) / 2, (rows[2] + rows[3]) / 2 - size * 0.35, "ĐẾN")
    middle = (rows[2] + rows[3]) / 2
    right = WIDTH - _BORDER - _PAD
    _entry(canvas, "Số:", facts.number, split + _PAD, right, middle + (rows[3] - middle) * 0.24, strong=True)
    _entry(canvas, "Ngày:", facts.arrived, split + _PAD, right, middle - (middle - rows[2]) * 0.64)
    left = _BORDER + _PAD
    _entry(canvas, "Chuyển:", facts.passed_to, left, right, (rows[1] + rows[2]) / 2 - 3)
    _entry(canvas, "Số và ký hiệu HS:", facts.file_code, left, right, (rows[0] + rows[1]) / 2 - 2.5)
    canvas.restoreState()


def _canvas(out: io.BytesIO, size: tuple[float, float]) -> Canvas:
    layout.register_fonts()
    return Canvas(out, pagesize=size, invariant=1, pageCompression=1, initialFontName=REGULAR, lang="vi-VN")


def _agency(canvas: Canvas, name: str, middle: float) -> None:
    room = WIDTH - 2 * _BORDER - 2 * _PAD
    size = 8.5
    lines = layout.wrap(name, BOLD, size, room)
    while size > 5 and (len(lines) > 2 or any(layout.width_of(line, BOLD, size) > room for line in lines)):
        size -= 0.25
        lines = layout.wrap(name, BOLD, size, room)
    leading = size * 1.15
    top = middle + (len(lines) - 1) * leading / 2 - size * 0.35
    layout.draw_centred(canvas, lines, WIDTH / 2, top, BOLD, size, leading)


def _entry(
    canvas: Canvas, label: str, value: str, left: float, right: float, baseline: float, *, strong: bool = False
) -> None:
    """``Số: 298``, or the label with a dotted line to write on."""
    size = 9.5
    canvas.setFont(REGULAR, size)
    canvas.drawString(left, baseline, label)
    start = left + layout.width_of(label, REGULAR, size) + 3
    if not value:
        canvas.saveState()
        canvas.setLineWidth(0.6)
        canvas.setDash(0.6, 1.8)
        canvas.line(start, baseline - 0.5, right, baseline - 0.5)
        canvas.restoreState()
        return
    value, font = layout.nfc(value), BOLD if strong else REGULAR
    size = max(_LEAST, _size_for(value, font, 13 if strong else size, right - start))
    while len(value) > 1 and layout.width_of(value, font, size) > right - start:
        value = value[:-2].rstrip() + "…"
    canvas.setFont(font, size)
    canvas.drawString(start, baseline, value)


def _size_for(text: str, font: str, size: float, room: float) -> float:
    """The given size, or the largest at which the text fits."""
    return min(size, size * room / max(layout.width_of(text, font, size), 0.01))

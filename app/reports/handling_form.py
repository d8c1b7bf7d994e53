"""Phiếu giải quyết văn bản đến: three levels of opinion on one document (Decree 30, appendix IV, part VII; 212/7.2).

Printed from the record. A level at which nobody has said anything yet gets ruled room, so that the same form can be
written on by hand.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
)

from app.reports import layout
from app.reports.layout import BOLD, CENTRE, ITALIC, JUSTIFY, PORTRAIT, REGULAR
from app.reports.letter import LEFT_COLUMN, written_date

_SIZE = 13
_LEADING = 17.5
_INDENT = 6 * mm
_TITLE = "PHIẾU GIẢI QUYẾT VĂN BẢN ĐẾN"
_SECTIONS = (
    "1. Ý kiến của lãnh đạo cơ quan, tổ chức",
    "2. Ý kiến của lãnh đạo đơn vị",
    "3. Ý kiến đề xuất của người giải quyết",
)
_TO_WRITE = (
    (
        "Giao đơn vị, cá nhân chủ trì:",
        "Giao đơn vị, cá nhân phối hợp (nếu có):",
        "Thời hạn giải quyết:",
        "Ý kiến chỉ đạo:",
        "Ngày cho ý kiến:",
    ),
    ("Giao cho cá nhân:", "Thời hạn giải quyết (nếu có):", "Ngày cho ý kiến:"),
    ("Ý kiến đề xuất:", "Ngày đề xuất:"),
)
"""What each level asks for, where it is to be written by hand."""


@dataclass(frozen=True)
class Entrusted:
    """Who was given it, until when; ``first_due``: the deadline as it was given, where it was changed since."""

    name: str
    due_on: date | None = None
    first_due: date | None = None
    directions: str = ""
    """For this one alone."""
    remark: str = ""
    """What became of it, where that is not plain (``đã thu hồi ngày 02/01/2027``)."""


@dataclass(frozen=True)
class Distribution:
    """What a leader decided at one time: who leads, who co-ordinates, who is to know, with what directions."""

    by: str
    on: date
    lead: tuple[Entrusted, ...] = ()
    coordinate: tuple[Entrusted, ...] = ()
    inform: tuple[Entrusted, ...] = ()
    directions: str = ""
    entered_by: str = ""
    """Who entered it for the leader, if it was somebody else (212/7.2, 212/17.2)."""


@dataclass(frozen=True)
class Statement:
    """An opinion in words."""

    by: str
    on: date
    text: str
    part: str = ""
    """In which part, where not as the one who leads (``phối hợp``)."""
    entered_by: str = ""


@dataclass(frozen=True)
class HandlingForm:
    """All that stands on the form. What is not known stays empty."""

    office: str
    place: str
    dated: date
    type_name: str
    number_notation: str
    issued_on: date | None
    issuer: str
    subject: str
    arrival_number: str = ""
    arrival_date: date | None = None
    leaders: tuple[Distribution | Statement, ...] = ()
    heads: tuple[Distribution | Statement, ...] = ()
    proposals: tuple[Statement, ...] = ()


def handling_form(form: HandlingForm) -> bytes:
    """The form as PDF bytes; the same form always gives the same bytes."""
    layout.register_fonts()
    out, page = io.BytesIO(), PORTRAIT
    document = BaseDocTemplate(
        out, pagesize=page.size, invariant=1, pageCompression=1, initialFontName=REGULAR, lang="vi-VN",
        title=layout.nfc(f"Phiếu giải quyết văn bản đến {form.arrival_number}".strip()),
        author=layout.nfc(form.office), creator="", producer="",
    )  # fmt: skip
    frame = Frame(page.left, page.bottom, page.width, page.height, 0, 0, 0, 0)

    def furnish(canvas, doc) -> None:
        layout.draw_page_number(canvas, page, doc.page)

    document.addPageTemplates([PageTemplate(frames=[frame], onPage=furnish)])
    document.build(_story(form))
    return out.getvalue()


def _story(form: HandlingForm) -> list[Flowable]:
    story: list[Flowable] = [_Head(form), *_described(form)]
    levels: Sequence[tuple[Distribution | Statement, ...]] = (form.leaders, form.heads, form.proposals)
    for level, (title, entries) in enumerate(zip(_SECTIONS, levels, strict=True)):
        heading = layout.style(14, font=BOLD, leading=20, spaceBefore=8, spaceAfter=3, keepWithNext=1)
        story += [CondPageBreak(30 * mm), Paragraph(layout.markup(title), heading)]
        if not entries:
            story.append(KeepTogether([_ToWrite(label) for label in _TO_WRITE[level]]))
        for i, entry in enumerate(entries):
            if i:
                story.append(Spacer(1, 6))
            story += _distribution(entry, level) if isinstance(entry, Distribution) else _statement(entry, level)
    return story


def _described(form: HandlingForm) -> list[Flowable]:
    """Title, and the document as the form wants it: type, number, date, issuing body, abstract."""
    number = f"số {form.number_notation}" if form.number_notation else ""
    dated = written_date(form.issued_on) if form.issued_on else ""
    whose = f"của {form.issuer}" if form.issuer else ""
    first = " ".join(part for part in (form.type_name or "Văn bản", number, dated, whose) if part)
    arrived = f"Số đến: {form.arrival_number}" if form.arrival_number else "Số đến: ……………"
    if form.arrival_date:
        arrived += f"; ngày đến: {form.arrival_date:%d/%m/%Y}"
    title = layout.style(14, font=BOLD, align=CENTRE, leading=20, spaceBefore=14, spaceAfter=4, keepWithNext=1)
    line = layout.style(_SIZE, align=CENTRE, leading=17, spaceAfter=2)
    aside = layout.style(_SIZE, font=ITALIC, align=CENTRE, leading=17)
    return [
        Paragraph(layout.markup(_TITLE), title),
        *(
            Paragraph(layout.markup("\n".join(layout.wrap(text, REGULAR, _SIZE, PORTRAIT.width * 0.94))), line)
            for text in (first, form.subject)
        ),
        Paragraph(layout.markup(f"({arrived})"), aside),
        _Line(),
    ]


def _distribution(entry: Distribution, level: int) -> list[Flowable]:
    parts: list[Flowable] = []
    labels = (
        ("Giao chủ trì", "Giao phối hợp", "Chuyển để biết")
        if level == 0
        else ("Giao cho cá nhân", "Giao phối hợp", "Chuyển để biết")
    )
    for label, group in zip(labels, (entry.lead, entry.coordinate, entry.inform), strict=True):
        parts += _group(label, group, bare=label == labels[2])
    if entry.directions:
        parts += _words("Ý kiến chỉ đạo", entry.directions)
    return [*parts, _given(entry, "Ngày cho ý kiến")]


def _group(label: str, group: Sequence[Entrusted], *, bare: bool) -> list[Flowable]:
    if not group:
        return []
    if len(group) == 1 or bare:
        return [_item(f"{label}: {'; '.join(_entrusted(each) for each in group)}.")]
    return [_item(f"{label}:"), *(_item(f"{_entrusted(each)};", deep=True) for each in group[:-1]),
            _item(f"{_entrusted(group[-1])}.", deep=True)]  # fmt: skip


def _entrusted(each: Entrusted) -> str:
    due = f"thời hạn giải quyết: {each.due_on:%d/%m/%Y}" if each.due_on else ""
    if due and each.first_due and each.first_due != each.due_on:
        due = f"thời hạn giải quyết: {each.first_due:%d/%m/%Y}, đã đổi thành {each.due_on:%d/%m/%Y}"
    return ", ".join(part for part in (each.name, due, each.directions.strip().rstrip(".;"), each.remark) if part)


def _statement(entry: Statement, level: int) -> list[Flowable]:
    label = "Ý kiến đề xuất" if level == 2 else "Ý kiến"
    if entry.part:
        label = f"{label} ({entry.part})"
    return [*_words(label, entry.text), _given(entry, "Ngày đề xuất" if level == 2 else "Ngày cho ý kiến")]


def _words(label: str, text: str) -> list[Flowable]:
    """What somebody wrote, paragraph by paragraph; the first behind the label."""
    first, *more = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    return [_item(f"{label}: {first}"), *(_item(line, dash=False) for line in more)]


def _given(entry: Distribution | Statement, label: str) -> Flowable:
    by = f" ({entry.entered_by} cập nhật thay)" if entry.entered_by else ""
    return _item(f"{label}: {entry.on:%d/%m/%Y}. {entry.by}{by}.")


def _item(text: str, *, deep: bool = False, dash: bool = True) -> Flowable:
    left = _INDENT * (2 if deep else 1)
    item = layout.style(
        _SIZE, align=JUSTIFY, leading=_LEADING, leftIndent=left, bulletIndent=left - 4 * mm, spaceAfter=2,
        bulletFontName=REGULAR, bulletFontSize=_SIZE, splitLongWords=1,
    )  # fmt: skip
    return Paragraph(layout.markup(text), item, bulletText=("+" if deep else "-") if dash else None)


class _ToWrite(Flowable):
    """A label, and dots to write on as far as the margin; for an opinion in words some more lines of them."""

    def __init__(self, label: str):
        super().__init__()
        self._label = f"- {label} "
        self._more = 3 if label.startswith("Ý kiến") else 0

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        self._width, self.height = width, (1 + self._more) * 22
        return width, self.height

    def draw(self) -> None:
        canvas, left = self.canv, _INDENT - 4 * mm
        canvas.setFont(REGULAR, _SIZE)
        y = self.height - 16
        canvas.drawString(left, y, layout.nfc(self._label))
        self._dots(left + layout.width_of(self._label, REGULAR, _SIZE), y)
        for line in range(1, self._more + 1):
            self._dots(left, y - line * 22)

    def _dots(self, x: float, y: float) -> None:
        self.canv.saveState()
        self.canv.setLineWidth(0.7)
        self.canv.setDash(0.7, 2.3)
        self.canv.line(x, y - 1, self._width, y - 1)
        self.canv.restoreState()


class _Line(Flowable):
    """The short line that ends the description."""

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        self._width = width
        return width, 12

    def draw(self) -> None:
        layout.rule(self.canv, self._width / 2, 6, 34 * mm)


class _Head(Flowable):
    """The office on the left; national heading, place and date on the right."""

    def __init__(self, form: HandlingForm):
        super().__init__()
        self._office = layout.wrap(form.office.upper(), BOLD, 12, LEFT_COLUMN - 2 * mm)
        self._dated = layout.nfc(f"{form.place}, {written_date(form.dated)}")

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        self._width, self.height = width, max(len(self._office) * 14.5 + 14, 62)
        return width, self.height

    def draw(self) -> None:
        canvas, top = self.canv, self.height
        left, right = LEFT_COLUMN / 2, LEFT_COLUMN + (self._width - LEFT_COLUMN) / 2
        y = layout.draw_centred(canvas, self._office, left, top - 12, BOLD, 12, 14.5)
        layout.rule(canvas, left, y - 6.5, layout.width_of(self._office[-1], BOLD, 12) * 0.4)
        y = layout.draw_national_heading(canvas, right, top - 12)
        size = 13.0
        while layout.width_of(self._dated, ITALIC, size) > self._width - LEFT_COLUMN:
            size -= 0.25
        layout.draw_centred(canvas, [self._dated], right, y - 20, ITALIC, size, 14)

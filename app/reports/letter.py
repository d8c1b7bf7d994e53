"""A Vietnamese administrative document as PDF, in the layout of Decree 30/2020/NĐ-CP, appendices I and III.

One form serves them all: công văn, documents with a named type, decisions, telegrams, invitations, and
letters of citizens (:attr:`LetterContent.personal`). The same content always gives the same bytes.
"""

import io
import re
from dataclasses import dataclass
from datetime import date

from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Paragraph, Spacer
from reportlab.platypus import Table as PlatypusTable

from app.reports import layout, stamps
from app.reports.layout import BOLD, BOLD_ITALIC, CENTRE, ITALIC, JUSTIFY, PORTRAIT, REGULAR

LEFT_COLUMN = 72 * mm
BODY_SIZE = 14
FIRST_LINE = 12.7 * mm


@dataclass(frozen=True)
class Heading:
    """A bold heading inside the body (``I. TÌNH HÌNH CHUNG``)."""

    text: str


@dataclass(frozen=True)
class Centred:
    """A bold line in the middle (``QUYẾT ĐỊNH:``)."""

    text: str


@dataclass(frozen=True)
class Table:
    """A simple ruled table. ``widths`` are parts of the whole; ``right`` names columns set flush right."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    right: tuple[int, ...] = ()
    caption: str = ""
    """Stands above on the right in italics (``Đơn vị tính: tỷ đồng``)."""


Block = str | Heading | Centred | Table


@dataclass(frozen=True)
class LetterContent:
    """All that stands on the paper. Empty strings and tuples leave their element out."""

    agency: str
    """Issuing body as printed, capitals; line breaks where wanted."""
    place: str
    subject: str
    body: tuple[Block, ...]
    signer: str
    issued_on: date | None = None
    date_words: str = ""
    """Stands in place of the day where it is not known yet (``ngày      tháng      năm 2026``)."""
    superior: str = ""
    number: str = ""
    notation: str = ""
    type_name: str = ""
    """Name of the type in ordinary letters (``Báo cáo``); empty for a công văn."""
    urgency: str = ""
    """Text of the urgency stamp (``KHẨN``)."""
    addressees: tuple[str, ...] = ()
    lead_in: str = "Kính gửi:"
    authority: str = ""
    """Who decides, above the legal bases of a decision (``THỦ TƯỚNG CHÍNH PHỦ``)."""
    bases: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    power: str = ""
    """First lines of the signature block (``KT. GIÁM ĐỐC``)."""
    position: str = ""
    seal_ring: str = ""
    seal_foot: str = ""
    seal_centre: str = ""
    """Lines in the middle of the seal; empty for a body whose seal carries the national emblem."""
    contact: str = ""
    """Address line at the foot of page 1."""
    keywords: str = ""
    """Keywords in the properties of the file; they do not show on the page."""
    personal: bool = False
    """A letter of a citizen: no issuing body, no number, no seal; ``position`` stands above the signature."""
    signed: bool = True
    """Draws a signature; without it the room between position and name is left to the pen."""


def written_date(day: date) -> str:
    """``ngày 05 tháng 02 năm 2026``: days under 10 and months 1 and 2 with a leading zero."""
    return f"ngày {day.day:02d} tháng {day.month if day.month > 2 else f'{day.month:02d}'} năm {day.year}"


def build(content: LetterContent) -> bytes:
    """The document as PDF bytes; fonts embedded as subsets, text extractable, identical for identical content."""
    layout.register_fonts()
    out = io.BytesIO()
    page = PORTRAIT
    number = _number(content) if content.number.strip() else ""
    title = " ".join(p for p in (content.type_name, number, content.subject) if p)
    document = BaseDocTemplate(
        out, pagesize=page.size, invariant=1, pageCompression=1, initialFontName=REGULAR, lang="vi-VN",
        title=layout.nfc(title), author=layout.nfc(content.agency.replace("\n", " ")),
        keywords=layout.nfc(content.keywords), creator="", producer="",
    )  # fmt: skip
    frame = Frame(page.left, page.bottom, page.width, page.height, 0, 0, 0, 0)

    def furnish(canvas, doc) -> None:
        layout.draw_page_number(canvas, page, doc.page)
        if doc.page == 1 and content.contact:
            _draw_contact(canvas, content.contact)

    document.addPageTemplates([PageTemplate(frames=[frame], onPage=furnish)])
    document.build(_fitted(content, page.height))
    return out.getvalue()


def _number(content: LetterContent) -> str:
    return f"{content.number}/{content.notation}" if content.notation else content.number


@dataclass(frozen=True)
class _Density:
    """How close the lines of the body stand: line pitch, and space after a paragraph."""

    leading: float
    after: float


_DENSITIES = (_Density(18.5, 6), _Density(17.5, 5), _Density(16.8, 4))
"""From airy to close; all within what the law allows (single to one and a half lines)."""


def _fitted(content: LetterContent, page_height: float) -> list[Flowable]:
    """The story, set a little closer where that keeps the signature from standing on a page of its own.

    As every typist does: only a document that runs over its last page by little is tightened.
    """
    body, ending = _story(content, _DENSITIES[0])
    height = _height([*body, *ending])
    pages = int(height // page_height)
    if pages and height - pages * page_height < 0.14 * page_height:
        for density in _DENSITIES[1:]:
            closer, closer_ending = _story(content, density)
            if _height([*closer, *closer_ending]) < pages * page_height - 4:
                body, ending = closer, closer_ending
                break
    return [*body, KeepTogether(ending)]


def _height(story: list[Flowable]) -> float:
    """Height of a story on one endless page."""
    total, gap = 0.0, 0.0
    for flowable in story:
        _, height = flowable.wrap(PORTRAIT.width, 10_000)
        total += (max(gap, flowable.getSpaceBefore()) if total else 0) + height
        gap = flowable.getSpaceAfter()
    return total


def _story(content: LetterContent, density: _Density) -> tuple[list[Flowable], list[Flowable]]:
    """The page from top to bottom; apart from it what must stay together at the end."""
    story: list[Flowable] = [_PersonalHeader(content) if content.personal else _Header(content)]
    if content.type_name:
        story += _title(content)
    if content.personal or content.addressees:
        story += _addressees(content)
    if content.authority:
        story.append(_centred(content.authority, before=4, after=6))
    basis = layout.style(
        BODY_SIZE,
        font=ITALIC,
        align=JUSTIFY,
        leading=density.leading,
        firstLineIndent=FIRST_LINE,
        spaceAfter=density.after,
    )
    story += [Paragraph(layout.markup(text), basis) for text in content.bases]
    *blocks, last = [_block(block, density) for block in content.body]
    for parts in blocks:
        story += parts
    ending = _PersonalEnding(content) if content.personal else _Ending(content)
    return story, [*last, Spacer(1, 8), ending]


def _title(content: LetterContent) -> list[Flowable]:
    parts: list[Flowable] = [_centred(content.type_name.upper(), before=10, after=0)]
    if content.subject:
        subject = layout.wrap(content.subject, BOLD, BODY_SIZE, PORTRAIT.width * 0.88)
        parts.append(_centred("\n".join(subject), before=2, after=0))
        parts.append(_Rule(width=layout.width_of(subject[-1], BOLD, BODY_SIZE) * 0.4))
    parts.append(Spacer(1, 10))
    return parts


def _addressees(content: LetterContent) -> list[Flowable]:
    names = content.addressees
    if len(names) == 1:
        line = layout.style(BODY_SIZE, align=CENTRE, leading=18.5, spaceBefore=8, spaceAfter=12)
        return [Paragraph(f"{layout.markup(content.lead_in)} {layout.markup(names[0])}", line)]
    lead = layout.style(BODY_SIZE, leading=18.5, leftIndent=30 * mm, spaceBefore=8)
    item = layout.style(
        BODY_SIZE,
        leading=18.5,
        leftIndent=55 * mm,
        bulletIndent=50 * mm,
        bulletFontName=REGULAR,
        bulletFontSize=BODY_SIZE,
    )
    parts: list[Flowable] = [Paragraph(layout.markup(content.lead_in), lead)]
    for i, name in enumerate(names):
        end = "." if i == len(names) - 1 else ";"
        parts.append(Paragraph(layout.markup(name) + end, item, bulletText="-"))
    return [*parts, Spacer(1, 12)]


_ARTICLE = re.compile(r"^(Điều \d+\.)(?=\s)")


def _block(block: Block, density: _Density) -> list[Flowable]:
    if isinstance(block, Heading):
        heading = layout.style(
            BODY_SIZE, font=BOLD, align=JUSTIFY, leading=density.leading, firstLineIndent=FIRST_LINE,
            spaceBefore=3, spaceAfter=density.after, keepWithNext=1,
        )  # fmt: skip
        return [Paragraph(layout.markup(block.text), heading)]
    if isinstance(block, Centred):
        return [_centred(block.text, before=6, after=8)]
    if isinstance(block, Table):
        return _table(block)
    text = layout.style(
        BODY_SIZE, align=JUSTIFY, leading=density.leading, firstLineIndent=FIRST_LINE, spaceAfter=density.after
    )
    return [Paragraph(_ARTICLE.sub(r"<b>\1</b>", layout.markup(block)), text)]


def _table(block: Table) -> list[Flowable]:
    head = layout.style(12, font=BOLD, align=CENTRE)
    ways = [
        layout.style(12, align=layout.RIGHT if i in block.right else CENTRE if i == 0 else layout.LEFT)
        for i in range(len(block.header))
    ]
    cells = [[Paragraph(layout.markup(c), head) for c in block.header]]
    cells += [[Paragraph(layout.markup(c), way) for c, way in zip(row, ways, strict=True)] for row in block.rows]
    whole = sum(block.widths)
    table = PlatypusTable(
        cells,
        colWidths=[PORTRAIT.width * part / whole for part in block.widths],
        repeatRows=1,
        style=[
            ("GRID", (0, 0), (-1, -1), 0.5, "black"),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ],
        spaceBefore=2,
        spaceAfter=10,
    )
    if not block.caption:
        return [table]
    caption = layout.style(12, font=ITALIC, align=layout.RIGHT, spaceAfter=2, keepWithNext=1)
    return [Paragraph(layout.markup(block.caption), caption), table]


def _centred(text: str, before: float, after: float) -> Paragraph:
    bold = layout.style(
        BODY_SIZE, font=BOLD, align=CENTRE, leading=18, spaceBefore=before, spaceAfter=after, keepWithNext=1
    )
    return Paragraph(layout.markup(text), bold)


def _draw_contact(canvas, text: str) -> None:
    page = PORTRAIT
    canvas.setLineWidth(0.5)
    canvas.line(page.left, page.bottom - 4 * mm, page.left + page.width, page.bottom - 4 * mm)
    lines = layout.wrap(text, REGULAR, 11, page.width)
    layout.draw_centred(canvas, lines, page.left + page.width / 2, page.bottom - 8.5 * mm, REGULAR, 11, 13)


class _Rule(Flowable):
    """A short line in the middle, under the abstract."""

    def __init__(self, width: float):
        super().__init__()
        self._length = width

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        self._middle = width / 2
        return width, 5

    def draw(self) -> None:
        layout.rule(self.canv, self._middle, 1, self._length)


class _Header(Flowable):
    """Issuing body, number and abstract on the left; national heading, place and date on the right."""

    def __init__(self, content: LetterContent):
        super().__init__()
        self._content = content
        narrow = LEFT_COLUMN - 2 * mm
        self._superior = layout.wrap(content.superior, REGULAR, 12, narrow) if content.superior else []
        self._agency = layout.wrap(content.agency, BOLD, 12, narrow)
        self._about = []
        if not content.type_name:
            self._about = layout.wrap(f"V/v {content.subject}", REGULAR, 12, narrow)

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        self._width = width
        lines = len(self._superior) + len(self._agency)
        self._number_y = max(lines * 14.5 + 4, 14.5 * 2 + 7) + 20
        depth = self._number_y + 4
        if self._about:
            depth += 10 + len(self._about) * 14
        if self._content.urgency:
            depth += 10 + 8 * mm
        self.height = depth + 6
        return width, self.height

    def draw(self) -> None:
        canvas, content = self.canv, self._content
        top = self.height
        left, right = LEFT_COLUMN / 2, LEFT_COLUMN + (self._width - LEFT_COLUMN) / 2
        y = top - 12
        if self._superior:
            y = layout.draw_centred(canvas, self._superior, left, y, REGULAR, 12, 14.5) - 14.5
        y = layout.draw_centred(canvas, self._agency, left, y, BOLD, 12, 14.5)
        layout.rule(canvas, left, y - 6.5, layout.width_of(self._agency[-1], BOLD, 12) * 0.4)
        layout.draw_national_heading(canvas, right, top - 12)
        y = top - self._number_y
        layout.draw_centred(canvas, [f"Số: {_number(content)}"], left, y, REGULAR, 13, 14)
        said = content.date_words or (written_date(content.issued_on) if content.issued_on else "")
        if said:
            dated = layout.nfc(f"{content.place}, {said}")
            size = 13.0
            while layout.width_of(dated, ITALIC, size) > self._width - LEFT_COLUMN:
                size -= 0.25
            layout.draw_centred(canvas, [dated], right, y, ITALIC, size, 14)
        y -= 4
        if self._about:
            y = layout.draw_centred(canvas, self._about, left, y - 16, REGULAR, 12, 14) - 4
        if content.urgency:
            stamps.draw_urgency(canvas, left, y - 8, layout.nfc(content.urgency))


class _PersonalHeader(Flowable):
    """The national heading in the middle, as on letters of citizens; place and date below on the right."""

    def __init__(self, content: LetterContent):
        super().__init__()
        self._content = content

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        self._width, self.height = width, 66
        return width, self.height

    def draw(self) -> None:
        layout.draw_national_heading(self.canv, self._width / 2, self.height - 12, 13)
        if self._content.issued_on:
            dated = layout.nfc(f"{self._content.place}, {written_date(self._content.issued_on)}")
            self.canv.setFont(ITALIC, 13)
            self.canv.drawRightString(self._width, self.height - 58, dated)


class _Ending(Flowable):
    """Recipients on the left; power, position, signature, seal and name on the right."""

    SIGNING_ROOM = 29 * mm

    def __init__(self, content: LetterContent):
        super().__init__()
        self._content = content
        power = f"{content.power}\n{content.position}" if content.power else content.position
        self._power = layout.wrap(power.strip(), BOLD, 13.5, 80 * mm)
        self._recipients = [part for text in content.recipients for part in _hanging(text, PORTRAIT.width * 0.47)]

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        self._width = width
        left = 16 + len(self._recipients) * 13 + 4
        right = len(self._power) * 16 + self.SIGNING_ROOM + 18
        self.height = max(left, right)
        return width, self.height

    def draw(self) -> None:
        canvas, content = self.canv, self._content
        top, middle = self.height, self._width * 0.745
        canvas.setFont(BOLD_ITALIC, 12)
        canvas.drawString(0, top - 12, "Nơi nhận:")
        canvas.setFont(REGULAR, 11)
        for i, line in enumerate(self._recipients):
            canvas.drawString(0, top - 26 - i * 13, line)
        y = layout.draw_centred(canvas, self._power, middle, top - 13, BOLD, 13.5, 16)
        room_middle = y - self.SIGNING_ROOM / 2 - 2
        width = stamps.SIGNATURE_SIZE[0]
        signature = middle + 4 * mm
        if content.signed:
            stamps.draw_signature(canvas, signature, room_middle, content.signer)
        if content.seal_ring:
            # The seal covers about a third of the signature, on its left.
            seal = signature - width / 2 + width / 3 - stamps.SEAL_DIAMETER / 2
            stamps.draw_seal(
                canvas, seal, room_middle, layout.nfc(content.seal_ring), layout.nfc(content.seal_foot),
                layout.nfc(content.seal_centre),
            )  # fmt: skip
        layout.draw_centred(
            canvas, [layout.nfc(content.signer)], middle, y - self.SIGNING_ROOM - 14, BOLD, BODY_SIZE, 16
        )


class _PersonalEnding(Flowable):
    """Who writes: position line, signature, name."""

    ROOM = 22 * mm

    def __init__(self, content: LetterContent):
        super().__init__()
        self._content = content

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        self._width, self.height = width, 16 + self.ROOM + 20
        return width, self.height

    def draw(self) -> None:
        canvas, middle, top = self.canv, self._width * 0.745, self.height
        layout.draw_centred(canvas, [layout.nfc(self._content.position)], middle, top - 13, BOLD, BODY_SIZE, 16)
        stamps.draw_signature(canvas, middle, top - 16 - self.ROOM / 2, self._content.signer)
        layout.draw_centred(
            canvas, [layout.nfc(self._content.signer)], middle, top - 13 - self.ROOM - 14, BOLD, BODY_SIZE, 16
        )


def _hanging(text: str, width: float) -> list[str]:
    """A line of the list of recipients, wrapped; continuation lines are set in under the text."""
    return layout.wrap(f"- {text}", REGULAR, 11, width, even=False)

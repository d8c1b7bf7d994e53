"""What comes along with a letter: the editable copy, a table of figures, a list of papers. Same input, same bytes."""

import io
import random
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from xml.sax.saxutils import escape

from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as PlatypusTable

from app.demo.texts import KEYWORDS, Letter
from app.reports import layout
from app.reports.letter import Centred, Heading, Table, written_date

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND = "application/vnd.openxmlformats-officedocument."

_PAPERS_OF_OFFICES = (
    "Bảng tổng hợp ý kiến của các cơ quan, đơn vị liên quan", "Biên bản cuộc họp liên ngành", "Bản đồ vị trí khu đất",
    "Bảng tổng hợp số liệu", "Báo cáo thẩm định", "Dự thảo văn bản trình", "Bản vẽ tổng mặt bằng",
    "Biên bản kiểm tra hiện trạng", "Bảng khái toán kinh phí", "Danh sách các đơn vị đã góp ý",
)  # fmt: skip
_PAPERS_OF_CITIZENS = (
    "Bản sao Giấy chứng nhận quyền sử dụng đất", "Bản sao căn cước công dân", "Ảnh chụp hiện trạng",
    "Văn bản trả lời lần trước của Ủy ban nhân dân phường", "Biên bản làm việc", "Giấy biên nhận hồ sơ",
)  # fmt: skip


class Enclosure(StrEnum):
    """What may come along with a letter."""

    EDITABLE = "docx"
    FIGURES = "xlsx"
    PAPERS = "pdf"


@dataclass(frozen=True)
class EnclosedFile:
    """A file with the name its sender gave it."""

    name: str
    content: bytes


def possible(letter: Letter) -> tuple[Enclosure, ...]:
    """What such a letter may bring along: tables only where it has one, no editable copies from citizens."""
    if letter.sender is None:
        return (Enclosure.PAPERS,)
    has_table = any(isinstance(block, Table) for block in letter.content.body)
    return (
        (Enclosure.EDITABLE, Enclosure.FIGURES, Enclosure.PAPERS)
        if has_table
        else (Enclosure.EDITABLE, Enclosure.PAPERS)
    )


def enclosed(letter: Letter, kind: Enclosure) -> EnclosedFile:
    """Make one of the files that are :func:`possible` for this letter."""
    stem = letter.file_name.removesuffix(".pdf")
    if kind is Enclosure.EDITABLE:
        return EnclosedFile(f"{stem}.docx", _text_document(letter))
    if kind is Enclosure.FIGURES:
        return EnclosedFile(f"Phu luc so lieu {stem}.xlsx", _sheet(letter))
    return EnclosedFile(f"Danh muc kem theo {stem}.pdf", _papers(letter))


# ---- the editable copy and the sheet, as minimal Office Open XML


def _text_document(letter: Letter) -> bytes:
    content = letter.content
    lines: list[tuple[str, bool]] = [(content.agency.replace("\n", " "), True), (letter.number_notation, False)]
    lines += [(content.type_name.upper(), True), (content.subject, True)]
    lines += [(f"{content.lead_in} {name}", False) for name in content.addressees]
    lines += [(text, False) for text in content.bases]
    for block in content.body:
        if isinstance(block, Table):
            lines += [("\t".join(row), False) for row in (block.header, *block.rows)]
        elif isinstance(block, Heading | Centred):
            lines.append((block.text, True))
        else:
            lines.append((block, False))
    lines += [(content.position, True), (content.signer, True)]
    paragraphs = "".join(_paragraph(text, bold) for text, bold in lines if text)
    body = f'{_XML}<w:document xmlns:w="{_WORD}"><w:body>{paragraphs}</w:body></w:document>'
    return _package("word/document.xml", _KIND + "wordprocessingml.document.main+xml", body)


def _paragraph(text: str, bold: bool) -> str:
    runs = [f'<w:t xml:space="preserve">{escape(layout.nfc(part))}</w:t>' for part in text.split("\t")]
    weight = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f"<w:p><w:r>{weight}{'<w:tab/>'.join(runs)}</w:r></w:p>"


def _sheet(letter: Letter) -> bytes:
    table = next(block for block in letter.content.body if isinstance(block, Table))
    rows = [(table.caption,)] if table.caption else []
    cells = "".join(_row(row) for row in [*rows, table.header, *table.rows])
    sheet = f'{_XML}<worksheet xmlns="{_SHEET}"><sheetData>{cells}</sheetData></worksheet>'
    book = (
        f'{_XML}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="Phụ lục" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    return _package(
        "xl/workbook.xml", _KIND + "spreadsheetml.sheet.main+xml", book,
        ("xl/_rels/workbook.xml.rels", _relation("worksheet", "worksheets/sheet1.xml"), ""),
        ("xl/worksheets/sheet1.xml", sheet, _KIND + "spreadsheetml.worksheet+xml"),
    )  # fmt: skip


def _row(cells: Iterable[str]) -> str:
    written = "".join(f'<c t="inlineStr"><is><t>{escape(layout.nfc(cell))}</t></is></c>' for cell in cells)
    return f"<row>{written}</row>"


def _relation(kind: str, target: str) -> str:
    return (
        f'{_XML}<Relationships xmlns="{_PACKAGE}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def _package(main: str, main_type: str, text: str, *more: tuple[str, str, str]) -> bytes:
    parts = [(main, text, main_type), ("_rels/.rels", _relation("officeDocument", main), ""), *more]
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, _, kind in parts if kind)
    types = (
        f'{_XML}<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [("[Content_Types].xml", types), *((name, content) for name, content, _ in parts)]:
            archive.writestr(zipfile.ZipInfo(name), content.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


# ---- the list of papers, as PDF


def _papers(letter: Letter) -> bytes:
    """An annex that lists what came with the letter, as its sender printed it."""
    layout.register_fonts()
    rng = random.Random(zlib.crc32(letter.file_name.encode()))
    names = rng.sample(_PAPERS_OF_OFFICES if letter.sender else _PAPERS_OF_CITIZENS, rng.randint(3, 5))
    of = f" số {letter.number_notation}" if letter.number_notation else ""
    origin = f"(Kèm theo {letter.type_name}{of} {written_date(letter.issued_on)} của {letter.sender_name})"
    bold = layout.style(13, font=layout.BOLD, align=layout.CENTRE, leading=18)
    italic = layout.style(13, font=layout.ITALIC, align=layout.CENTRE, leading=17)
    cell, middle = layout.style(13, leading=17), layout.style(13, align=layout.CENTRE, leading=17)
    rows = [[Paragraph(text, bold) for text in ("STT", "Tên tài liệu", "Số tờ")]]
    rows += [
        [Paragraph(str(i), middle), Paragraph(layout.markup(name), cell), Paragraph(str(rng.randint(1, 12)), middle)]
        for i, name in enumerate(names, start=1)
    ]
    page = layout.PORTRAIT
    out = io.BytesIO()
    title = f"Danh mục tài liệu kèm theo{of}"
    SimpleDocTemplate(
        out, pagesize=page.size, topMargin=page.top, bottomMargin=page.bottom, leftMargin=page.left,
        rightMargin=page.right, invariant=1, pageCompression=1, initialFontName=layout.REGULAR, lang="vi-VN",
        title=layout.nfc(title), author=layout.nfc(letter.sender_name), keywords=layout.nfc(KEYWORDS), creator="",
        producer="",
    ).build([
        Paragraph("DANH MỤC TÀI LIỆU KÈM THEO", bold),
        Paragraph(layout.markup(origin), italic),
        Spacer(1, 14),
        PlatypusTable(
            rows,
            colWidths=[page.width * part for part in (0.1, 0.75, 0.15)],
            repeatRows=1,
            style=[("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")],
        ),
    ])  # fmt: skip
    return out.getvalue()

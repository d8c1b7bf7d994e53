"""Pieces that all printed forms share: page geometry, fonts, styles, the national heading.

Values follow the layout of administrative documents (Decree 30/2020/NĐ-CP, appendix I): A4, margins top and
bottom 20-25, left 30-35, right 15-20 mm, Times New Roman or its metric twin. Lengths are in points unless a
name says otherwise.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

REGULAR, BOLD, ITALIC, BOLD_ITALIC = "VanThu", "VanThu-Bold", "VanThu-Italic", "VanThu-BoldItalic"
_FILES = {
    REGULAR: "LiberationSerif-Regular.ttf",
    BOLD: "LiberationSerif-Bold.ttf",
    ITALIC: "LiberationSerif-Italic.ttf",
    BOLD_ITALIC: "LiberationSerif-BoldItalic.ttf",
}

NATIONAL_NAME = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
NATIONAL_MOTTO = "Độc lập - Tự do - Hạnh phúc"


@dataclass(frozen=True)
class Page:
    """A page and its margins."""

    size: tuple[float, float]
    top: float = 20 * mm
    bottom: float = 20 * mm
    left: float = 30 * mm
    right: float = 15 * mm

    @property
    def width(self) -> float:
        """Width of the type area."""
        return self.size[0] - self.left - self.right

    @property
    def height(self) -> float:
        """Height of the type area."""
        return self.size[1] - self.top - self.bottom


PORTRAIT = Page(A4)
LANDSCAPE = Page(landscape(A4), left=20 * mm, right=15 * mm)


@cache
def register_fonts() -> None:
    """Make the four faces known to ReportLab; calling it again does nothing."""
    folder = resources.files(__package__).joinpath("fonts")
    for name, file in _FILES.items():
        with resources.as_file(folder.joinpath(file)) as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=ITALIC, boldItalic=BOLD_ITALIC)


def nfc(text: str) -> str:
    """Text in the one form that fonts and searches expect."""
    return unicodedata.normalize("NFC", text)


def markup(text: str) -> str:
    """Plain text made safe for a paragraph; line breaks stay line breaks."""
    return escape(nfc(text)).replace("\n", "<br/>")


def style(
    size: float, *, font: str = REGULAR, align: int = TA_LEFT, leading: float | None = None, **more: float | str
) -> ParagraphStyle:
    """A paragraph style in one of our faces; ``more`` are ReportLab's own names (``spaceBefore`` …)."""
    register_fonts()
    return ParagraphStyle(
        font, fontName=font, fontSize=size, leading=leading or size * 1.2, alignment=align,
        allowWidows=0, allowOrphans=0, **more,
    )  # fmt: skip


CENTRE, JUSTIFY, LEFT, RIGHT = TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT


def width_of(text: str, font: str, size: float) -> float:
    """Width of one line of text."""
    register_fonts()
    return pdfmetrics.stringWidth(nfc(text), font, size)


def wrap(text: str, font: str, size: float, width: float, *, even: bool = True) -> list[str]:
    """Text in lines of at most ``width``; explicit line breaks stay, wrapped lines are made of ``even`` length."""
    lines: list[str] = []
    for part in nfc(text).split("\n"):
        filled = _fill(part, font, size, width)
        lines += _evened(part, font, size, width, filled) if even and len(filled) > 1 else filled
    return lines


def _evened(text: str, font: str, size: float, width: float, filled: list[str]) -> list[str]:
    """The same number of lines at the smallest width that allows it: no lonely last word."""
    narrow = width_of(text, font, size) / len(filled)
    while narrow < width:
        lines = _fill(text, font, size, narrow)
        if len(lines) <= len(filled):
            return lines
        narrow += size / 2
    return filled


# Words that read badly when a line ends between them, in abstracts and names of bodies set in few lines.
_TOGETHER = re.compile(
    r"Ủy ban|nhân dân|[Tt]hành phố|Hồ Chí Minh|Thủ tướng|Chính phủ|(?:năm|tháng|quý|ngày|số|khóa|đợt) [0-9IVX/-]+"
    r"|kinh tế - xã hội|ỦY BAN|NHÂN DÂN|THÀNH PHỐ|HỒ CHÍ MINH"
)


def _fill(text: str, font: str, size: float, width: float) -> list[str]:
    glued = _TOGETHER.sub(lambda found: found[0].replace(" ", "\0"), text)
    lines: list[str] = []
    line = ""
    for word in (part.replace("\0", " ") for part in glued.split(" ")):
        longer = f"{line} {word}".strip()
        if line and width_of(longer, font, size) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]


def draw_centred(canvas: Canvas, lines: list[str], x: float, y: float, font: str, size: float, leading: float) -> float:
    """Lines centred on ``x``, the first on baseline ``y``; gives the baseline of the last one."""
    canvas.setFont(font, size)
    for i, line in enumerate(lines):
        canvas.drawCentredString(x, y - i * leading, line)
    return y - (len(lines) - 1) * leading


def rule(canvas: Canvas, x: float, y: float, length: float, thickness: float = 0.7) -> None:
    """A horizontal line centred on ``x``."""
    canvas.setLineWidth(thickness)
    canvas.line(x - length / 2, y, x + length / 2, y)


def draw_national_heading(canvas: Canvas, x: float, y: float, size: float = 12) -> float:
    """Quốc hiệu and Tiêu ngữ centred on ``x`` with the line as long as the motto; gives the y of that line."""
    register_fonts()
    draw_centred(canvas, [NATIONAL_NAME], x, y, BOLD, size, size)
    y -= size * 1.3
    draw_centred(canvas, [NATIONAL_MOTTO], x, y, BOLD, size + 1, size)
    y -= 6
    rule(canvas, x, y, width_of(NATIONAL_MOTTO, BOLD, size + 1))
    return y


def draw_page_number(canvas: Canvas, page: Page, number: int) -> None:
    """The page number, centred in the top margin; the first page has none."""
    if number > 1:
        register_fonts()
        canvas.setFont(REGULAR, 13)
        canvas.drawCentredString(page.left + page.width / 2, page.size[1] - page.top + 5 * mm, str(number))

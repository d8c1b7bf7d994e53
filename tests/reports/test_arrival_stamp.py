"""The stamp ĐẾN: 35 mm × 50 mm, the words of the form, where it was wanted; blank paper otherwise."""

import io
import re
import unicodedata
from datetime import datetime

import pypdf
import pytest
from reportlab.pdfbase import pdfmetrics

from app.clock import VIETNAM
from app.reports import layout
from app.reports.arrival_stamp import StampFacts, copy_note, overlay, stamp_sheet
from app.reports.layout import BOLD, REGULAR
from app.rules.arrival_stamp import EDGE, HEIGHT, MM, POSITIONS, WIDTH, StampPosition, place, usual_position
from tests.reports.test_letter import ACCENTED

FACTS = StampFacts("Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh", "298", "30/12/2026")
A4 = (210 * MM, 297 * MM)
AT = datetime(2026, 12, 30, 9, 30, tzinfo=VIETNAM)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text))


def page_of(content: bytes) -> pypdf.PageObject:
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert len(reader.pages) == 1
    return reader.pages[0]


def outer_box(page: pypdf.PageObject) -> tuple[float, float, float, float]:
    """Left, bottom, width, height of the outermost rectangle, its line included; as the page draws it."""
    moves: list[tuple[float, float]] = [(0.0, 0.0)]
    boxes, line = [], 1.0
    for operands, operator in page.get_contents().operations:  # type: ignore[union-attr]
        if operator == b"q":
            moves.append(moves[-1])
        elif operator == b"Q":
            moves.pop()
        elif operator == b"cm":
            assert [float(each) for each in operands[:4]] == [1, 0, 0, 1]
            moves[-1] = (moves[-1][0] + float(operands[4]), moves[-1][1] + float(operands[5]))
        elif operator == b"w":
            line = float(operands[0])
        elif operator == b"re":
            x, y, width, height = (float(each) for each in operands)
            boxes.append((moves[-1][0] + x - line / 2, moves[-1][1] + y - line / 2, width + line, height + line))
    return max(boxes, key=lambda box: box[2] * box[3])


@pytest.mark.parametrize("position", list(StampPosition))
def test_the_stamp_measures_50_by_35_millimetres_and_stands_where_it_was_wanted(position: StampPosition) -> None:
    page = page_of(stamp_sheet(FACTS, position))
    assert [float(side) for side in page.mediabox] == pytest.approx([0, 0, *A4], abs=0.01)
    left, bottom, width, height = outer_box(page)
    assert (width / MM, height / MM) == pytest.approx((50, 35), abs=0.02)
    assert (left, bottom) == pytest.approx(place(position, *A4), abs=0.02)
    assert left > 0
    assert bottom > 0
    assert left + width < A4[0]
    assert bottom + height < A4[1]


def test_it_belongs_below_the_number_of_a_named_type_and_below_the_abstract_of_a_letter() -> None:
    assert usual_position(has_type_name=True) is StampPosition.BELOW_NUMBER
    assert usual_position(has_type_name=False) is StampPosition.BELOW_ABSTRACT
    left, bottom, width, height = outer_box(page_of(stamp_sheet(FACTS)))
    assert left + width < 60 * MM
    assert 42 * MM < A4[1] - bottom - height < 50 * MM
    assert outer_box(page_of(stamp_sheet(FACTS, StampPosition.BELOW_ABSTRACT)))[1] < bottom - 10 * MM


def test_the_last_place_chosen_stands_unless_it_is_for_the_other_kind_of_document() -> None:
    assert usual_position(True, StampPosition.TOP_RIGHT) is StampPosition.TOP_RIGHT
    assert usual_position(False, StampPosition.BELOW_DATE) is StampPosition.BELOW_DATE
    assert usual_position(True, StampPosition.BELOW_ABSTRACT) is StampPosition.BELOW_NUMBER
    assert usual_position(False, StampPosition.BELOW_NUMBER) is StampPosition.BELOW_ABSTRACT


def test_the_words_are_those_of_the_form_and_what_is_unknown_is_left_to_the_pen() -> None:
    text = squeezed(page_of(stamp_sheet(FACTS)).extract_text())
    for words in ("VĂN PHÒNG ỦY BAN NHÂN DÂN", "THÀNH PHỐ HỒ CHÍ MINH", "ĐẾN", "Số:298", "Ngày:30/12/2026"):
        assert squeezed(words) in text
    assert text.endswith("Chuyển:SốvàkýhiệuHS:")
    filled = StampFacts("Văn phòng", "05", "09:30, 30/12/2026", "Phòng Kinh tế", "01.H29-2026")
    assert squeezed("Chuyển: Phòng Kinh tế Số và ký hiệu HS: 01.H29-2026") in squeezed(
        page_of(stamp_sheet(filled)).extract_text()
    )


def test_every_vietnamese_letter_comes_out_and_long_names_stay_inside() -> None:
    text = page_of(stamp_sheet(StampFacts(ACCENTED, "1", "1/1/2026", ACCENTED[:40], ACCENTED[40:]))).extract_text()
    assert squeezed(ACCENTED).upper() in squeezed(text)
    long = StampFacts(
        "Ban Quản lý Khu đô thị mới Thủ Thiêm và các khu vực lân cận của Thành phố Hồ Chí Minh",
        "12345678",
        "23:59, 30/12/2026",
        "Phòng Tổng hợp, Phòng Kinh tế và Phòng Đô thị " * 2,
        "H29.01-2026/" * 6,
    )
    ends: list[float] = []

    def seen(text: str, _cm: object, tm: list[float], font: dict[str, str] | None, size: float) -> None:
        face = BOLD if font and "Bold" in font["/BaseFont"] else REGULAR
        ends.extend(tm[4] + layout.width_of(line, face, size) for line in text.splitlines())
        assert not text.strip() or size >= 5

    pypdf.PdfReader(io.BytesIO(overlay(long, AT))).pages[0].extract_text(visitor_text=seen)
    assert WIDTH / 2 < max(ends) < WIDTH


def test_the_stamp_is_small_enough_for_any_paper_down_to_a6_and_none_fits_less() -> None:
    assert set(POSITIONS) == set(StampPosition)
    for position in StampPosition:
        for width, height in ((105 * MM, 148 * MM), (297 * MM, 420 * MM), (841.89, 595.28), (61 * MM, 46 * MM)):
            corner = place(position, width, height)
            assert corner is not None
            assert EDGE - 0.01 <= corner[0] <= width - WIDTH - EDGE + 0.01
            assert EDGE - 0.01 <= corner[1] <= height - HEIGHT - EDGE + 0.01
        assert place(position, 59 * MM, 297 * MM) is None
        assert place(position, 210 * MM, 44 * MM) is None


def test_the_overlay_says_that_it_makes_a_copy_and_when() -> None:
    reader = pypdf.PdfReader(io.BytesIO(overlay(FACTS, AT)))
    stamp, note = reader.pages
    assert [float(side) for side in stamp.mediabox] == pytest.approx([0, 0, WIDTH, HEIGHT], abs=0.01)
    said = "Bản sao có dấu đến, in lúc 09:30 ngày 30/12/2026; bản gốc không thay đổi."
    assert copy_note(AT) == said
    assert squeezed(note.extract_text()) == squeezed(said)
    assert float(note.mediabox.width) > pdfmetrics.stringWidth(said, layout.ITALIC, 8)


def test_the_stamp_has_a_white_ground_so_that_it_can_be_read_over_text() -> None:
    content = pypdf.PdfReader(io.BytesIO(overlay(FACTS, AT))).pages[0].get_contents()
    assert content is not None
    drawn = content.get_data().decode("latin-1")
    ground = re.search(r"\b1 g\b.*?\bre B\b", drawn, re.DOTALL)
    assert ground is not None
    assert ground.end() < drawn.index("BT"), "what the stamp says is written onto its ground"

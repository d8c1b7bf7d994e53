"""Administrative documents as PDF: what is put in comes out, laid out as the law prescribes."""

import dataclasses
import io
import re
import subprocess
import sys
import time
import unicodedata
from datetime import date

import pypdf
import pytest
from reportlab.pdfbase import pdfmetrics

from app.reports import layout
from app.reports.letter import Centred, Heading, LetterContent, Table, build, written_date

ACCENTED = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
MM = 72 / 25.4

LETTER = LetterContent(
    superior="ỦY BAN NHÂN DÂN\nTHÀNH PHỐ HỒ CHÍ MINH",
    agency="SỞ TÀI CHÍNH",
    number="1482",
    notation="STC-NS",
    place="Thành phố Hồ Chí Minh",
    issued_on=date(2026, 2, 5),
    subject="bổ sung kinh phí thực hiện nhiệm vụ chuyển đổi số năm 2026 cho phường Bến Thành",
    urgency="KHẨN",
    addressees=("Ủy ban nhân dân Thành phố", "Văn phòng Ủy ban nhân dân Thành phố"),
    body=(
        "Thực hiện ý kiến chỉ đạo của Ủy ban nhân dân Thành phố, Sở Tài chính có ý kiến như sau:",
        Heading("I. SỰ CẦN THIẾT"),
        "1. Việc đầu tư <trang thiết bị> là cần thiết & phù hợp quy định.",
        Table(
            ("STT", "Nội dung", "Số tiền"), (("1", "Thiết bị mạng", "1.234,5"),), (1, 5, 2), (2,), "Đơn vị: triệu đồng"
        ),
        "Kính trình Ủy ban nhân dân Thành phố xem xét, quyết định./.",
    ),
    recipients=("Như trên;", "Giám đốc Sở (để báo cáo);", "Lưu: VT, NS."),
    power="KT. GIÁM ĐỐC",
    position="PHÓ GIÁM ĐỐC",
    signer="Trần Quốc Khải",
    seal_ring="ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH",
    seal_centre="SỞ\nTÀI CHÍNH",
    contact="Địa chỉ: 142 Nguyễn Thị Minh Khai, phường Xuân Hòa",
)


def pages(content: LetterContent) -> list[pypdf.PageObject]:
    return list(pypdf.PdfReader(io.BytesIO(build(content))).pages)


def text_of(content: LetterContent) -> str:
    return squeezed("".join(page.extract_text() for page in pages(content)))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text))


def texts_in(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, tuple):
        return [t for part in value for t in texts_in(part)]
    if isinstance(value, Heading | Centred | Table):
        return [t for f in dataclasses.fields(value) for t in texts_in(getattr(value, f.name))]
    return []


@pytest.mark.parametrize("font", [layout.REGULAR, layout.BOLD, layout.ITALIC, layout.BOLD_ITALIC])
def test_every_vietnamese_letter_has_a_glyph_in_every_face(font: str) -> None:
    layout.register_fonts()
    letters = ACCENTED + ACCENTED.upper()
    assert len(letters) == 134
    known = pdfmetrics.getFont(font).face.charToGlyph
    assert [c for c in letters + "–“”…²³№%&/-" if not known.get(ord(c))] == []


@pytest.mark.parametrize(
    "content", [LETTER, dataclasses.replace(LETTER, type_name="Tờ trình")], ids=["letter", "typed"]
)
def test_every_text_put_in_comes_out(content: LetterContent) -> None:
    out = text_of(content)
    for field in dataclasses.fields(content):
        if field.name.startswith("seal_") or field.name == "type_name":
            continue
        for text in texts_in(getattr(content, field.name)):
            assert squeezed(text) in out, text
    for text in (
        content.type_name.upper(),
        "Số: 1482/STC-NS",
        layout.NATIONAL_NAME,
        layout.NATIONAL_MOTTO,
        "Nơi nhận:",
    ):
        assert squeezed(text) in out
    assert squeezed("ngày 05 tháng 02 năm 2026") in out


def test_the_alphabet_comes_out_of_the_body_in_both_cases() -> None:
    content = dataclasses.replace(LETTER, body=(" ".join(ACCENTED), " ".join(ACCENTED.upper())))
    out = text_of(content)
    assert ACCENTED in out
    assert ACCENTED.upper() in out


def test_decomposed_text_is_printed_in_normal_form_c() -> None:
    content = dataclasses.replace(LETTER, body=(unicodedata.normalize("NFD", "Về việc giải quyết đơn thư."),))
    raw = "".join(page.extract_text() for page in pages(content))
    assert "giải quyết đơn thư" in raw


def test_the_seal_is_a_picture_and_leaves_no_text() -> None:
    content = dataclasses.replace(LETTER, seal_ring="VÒNG NGOÀI CON DẤU", seal_centre="LÕI DẤU", seal_foot="CHÂN DẤU")
    out = text_of(content)
    assert "VÒNGNGOÀI" not in out
    assert "LÕI" not in out
    assert build(content) != build(LETTER)


def test_a_letter_has_its_abstract_under_the_number_and_a_typed_document_under_its_type() -> None:
    assert "V/vbổsung" in text_of(LETTER)
    typed = text_of(dataclasses.replace(LETTER, type_name="Báo cáo"))
    assert "V/v" not in typed
    assert "BÁOCÁObổsung" in typed


def test_a_decision_names_who_decides_its_bases_and_its_articles() -> None:
    content = dataclasses.replace(
        LETTER,
        type_name="Quyết định",
        addressees=(),
        authority="CHÁNH VĂN PHÒNG",
        bases=("Căn cứ Luật Lưu trữ ngày 21 tháng 6 năm 2024;",),
        body=(
            Centred("QUYẾT ĐỊNH:"),
            "Điều 1. Ban hành Quy định.",
            "Điều 2. Quyết định này có hiệu lực kể từ ngày ký./.",
        ),
    )
    out = text_of(content)
    order = [out.index(squeezed(t)) for t in ("CHÁNH VĂN PHÒNG", "Căn cứ Luật", "QUYẾT ĐỊNH:", "Điều 1.", "Điều 2.")]
    assert order == sorted(order)


def test_a_letter_of_a_citizen_has_no_number_no_recipients_and_no_seal() -> None:
    content = LetterContent(
        agency="", place="Thành phố Hồ Chí Minh", subject="Về việc ngập nước", type_name="Đơn kiến nghị", personal=True,
        issued_on=date(2026, 3, 5), addressees=("Ủy ban nhân dân Thành phố",), body=("Tôi tên là Lê Thị Hạnh.",),
        position="NGƯỜI LÀM ĐƠN", signer="Lê Thị Hạnh",
    )  # fmt: skip
    out = text_of(content)
    assert "Số:" not in out
    assert squeezed("Nơi nhận") not in out
    assert squeezed("NGƯỜI LÀM ĐƠN") in out
    assert out.endswith(squeezed("Lê Thị Hạnh"))


def test_the_page_is_a4_and_the_text_keeps_the_margins_of_the_law() -> None:
    page = pages(LETTER)[0]
    assert round(float(page.mediabox.width) / MM) == 210
    assert round(float(page.mediabox.height) / MM) == 297
    starts: list[float] = []
    page.extract_text(visitor_text=lambda text, cm, tm, *_: starts.append(cm[4] + tm[4]) if text.strip() else None)
    assert 30 <= layout.PORTRAIT.left / MM <= 35
    assert 15 <= layout.PORTRAIT.right / MM <= 20
    assert 20 <= layout.PORTRAIT.top / MM <= 25
    assert 20 <= layout.PORTRAIT.bottom / MM <= 25
    assert min(starts) >= layout.PORTRAIT.left - 1
    assert max(starts) < page.mediabox.width - layout.PORTRAIT.right


def test_pages_are_numbered_from_the_second_on() -> None:
    long = dataclasses.replace(
        LETTER, body=tuple(f"{i}. {'Nội dung báo cáo. ' * 20}" for i in range(1, 16)), contact=""
    )
    first, second, *_ = pages(long)
    assert first.extract_text().strip().split("\n")[0] != "1"
    assert "2" in [line.strip() for line in second.extract_text().split("\n")]


def test_the_signature_never_stands_alone_on_a_page() -> None:
    for lines in range(1, 30):
        body = (*(f"Đoạn thứ {i}. {'Nội dung. ' * 6}" for i in range(lines)), "Kính trình xem xét, quyết định./.")
        last = pages(dataclasses.replace(LETTER, body=body))[-1]
        assert squeezed("Kính trình xem xét") in squeezed(last.extract_text())


def test_a_date_is_written_with_leading_zeros_where_the_law_wants_them() -> None:
    assert written_date(date(2026, 1, 9)) == "ngày 09 tháng 01 năm 2026"
    assert written_date(date(2026, 3, 9)) == "ngày 09 tháng 3 năm 2026"
    assert written_date(date(2026, 12, 31)) == "ngày 31 tháng 12 năm 2026"


def test_only_embedded_subsets_of_our_fonts_are_used() -> None:
    found = set()
    for page in pages(LETTER):
        for font in page["/Resources"]["/Font"].values():
            described = font.get_object()
            name = described["/BaseFont"]
            if "+" in name:
                assert "/FontFile2" in described["/FontDescriptor"].get_object()
                found.add(name.split("+")[1])
    assert found
    assert all("LiberationSerif" in name for name in found)


def test_the_same_content_gives_the_same_bytes() -> None:
    assert build(LETTER) == build(LETTER)


def test_the_bytes_do_not_depend_on_the_process() -> None:
    code = (
        "import hashlib, sys; sys.path[:0] = ['.', 'tests/reports'];"
        "import test_letter as t; print(hashlib.sha256(t.build(t.LETTER)).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_a_page_is_made_fast_enough_for_hundreds() -> None:
    build(LETTER)
    best = min(_timed() for _ in range(10))
    assert best < 0.1


def _timed() -> float:
    start = time.perf_counter()
    build(LETTER)
    return time.perf_counter() - start

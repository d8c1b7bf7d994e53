"""Slips on paper: what is said comes out whole, in the official layout, unnumbered, undated and unsigned."""

import io
import re
from dataclasses import replace

import pypdf
import pytest

from app.reports.slip import slip_pdf
from app.rules.slips import RETURN, TRANSFER, Slip, slips
from tests.reports.test_letter import ACCENTED, MM, squeezed
from tests.rules.test_slips import FACTS, TO, returned, transferred

ALL = [*transferred(), returned(reason="thiếu dự toán chi tiết")]


def reader(slip: Slip) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(slip_pdf(slip)))


def text_of(slip: Slip) -> str:
    return squeezed("".join(page.extract_text() for page in reader(slip).pages))


@pytest.mark.clause("212/8.2.2", "212/8.2.3")
@pytest.mark.parametrize("slip", ALL, ids=[slip.kind for slip in ALL])
def test_everything_that_a_slip_says_stands_on_one_page(slip: Slip) -> None:
    assert len(reader(slip).pages) == 1
    text = text_of(slip)
    for words in (
        *slip.body,
        *slip.recipients,
        slip.addressee,
        slip.subject,
        slip.agency,
        slip.signatory.name,
        slip.signatory.position,
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Kính gửi:",
        "Nơi nhận:",
    ):
        assert squeezed(words) in text


def test_golden_text_of_a_transfer_slip() -> None:
    lines = [re.sub(r"\s+", " ", line).strip() for line in reader(ALL[0]).pages[0].extract_text().splitlines()]
    assert [line for line in lines if line] == [
        "ỦY BAN NHÂN DÂN",
        "THÀNH PHỐ HỒ CHÍ MINH",
        "VĂN PHÒNG",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: /PC-VP",
        "Thành phố Hồ Chí Minh, ngày tháng năm 2026",
        "PHIẾU CHUYỂN",
        "Về việc chuyển Công văn số 1482/STC-NS của Sở Tài chính",
        "Kính gửi: Sở Xây dựng",
        "Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh nhận được Công văn",
        "số 1482/STC-NS ngày 05 tháng 02 năm 2026 của Sở Tài chính (số đến 298 ngày",
        "29/12/2026), nội dung: “Về việc bổ sung kinh phí chống ngập”.",
        "Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh chuyển Công văn nêu",
        "trên (gửi kèm) đến Sở Xây dựng để xem xét, giải quyết theo thẩm quyền và trả lời",
        "Sở Tài chính theo quy định./.",
        "Nơi nhận:",
        "- Như trên;",
        "- Sở Tài chính (để biết);",
        "- Lưu: VT, KT.",
        "KT. CHÁNH VĂN PHÒNG",
        "PHÓ CHÁNH VĂN PHÒNG",
        "Phan Gia Lộc",
    ]


@pytest.mark.parametrize("slip", ALL, ids=[slip.kind for slip in ALL])
def test_number_day_and_signature_are_left_open(slip: Slip) -> None:
    text = text_of(slip)
    assert f"Số:/{slip.notation}" in text
    assert squeezed("Thành phố Hồ Chí Minh, ngày tháng năm 2026") in text
    drawn = reader(slip).pages[0].get_contents()
    assert drawn is not None
    assert not [operator for _, operator in drawn.operations if operator == b"c"]  # no signature, no seal


@pytest.mark.parametrize("slip", ALL, ids=[slip.kind for slip in ALL])
def test_a_slip_keeps_the_margins_of_the_law_in_its_fonts(slip: Slip) -> None:
    page = reader(slip).pages[0]
    assert (round(page.mediabox.width / MM), round(page.mediabox.height / MM)) == (210, 297)
    places: list[tuple[float, float]] = []
    fonts: set[str] = set()

    def visit(text: str, cm: list[float], tm: list[float], font: dict[str, str] | None, _size: float) -> None:
        if text.strip():
            places.append((cm[4] + tm[4], cm[5] + tm[5]))
            fonts.add((font or {}).get("/BaseFont", ""))

    page.extract_text(visitor_text=visit)
    assert min(x for x, _ in places) >= 30 * MM - 1
    assert max(y for _, y in places) <= page.mediabox.height - 20 * MM
    assert all("LiberationSerif" in name for name in fonts)


def test_a_named_type_stands_as_title_and_the_abstract_of_a_letter_below_its_number() -> None:
    assert "PHIẾUBÁO" in text_of(ALL[1])
    letter = text_of(ALL[2])
    assert letter.index("V/vtrảlại") < letter.index("Kínhgửi")
    assert "CÔNGVĂN" not in letter


def test_the_longest_texts_run_on_and_the_signature_is_never_alone() -> None:
    long = replace(FACTS, subject="Về việc bổ sung kinh phí thực hiện nhiệm vụ chống ngập " * 9, issuer="Công ty " * 24)
    content = "\n".join(f"{n}. Kiểm tra, rà soát toàn bộ hồ sơ, tài liệu có liên quan." for n in range(1, 40))
    slip, _ = slips(TRANSFER, long, {**TO, "content": content})
    pages = [squeezed(page.extract_text()) for page in reader(slip).pages]
    assert len(pages) == 3
    assert pages[1].startswith("2")  # page number
    assert squeezed("Kết quả giải quyết đề nghị") in pages[-1]
    assert "PhanGiaLộc" in pages[-1]
    assert squeezed("39. Kiểm tra") in "".join(pages)


def test_every_vietnamese_letter_comes_out_and_the_same_slip_has_the_same_bytes() -> None:
    (letter,) = slips(RETURN, replace(FACTS, subject=ACCENTED), {"refusal_code": "other", "reason": ACCENTED.upper()})
    assert squeezed(ACCENTED) in text_of(letter)
    assert squeezed(ACCENTED.upper()) in text_of(letter)
    assert slip_pdf(letter) == slip_pdf(letter)

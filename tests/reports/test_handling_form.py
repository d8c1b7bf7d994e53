"""Phiếu giải quyết văn bản đến: three levels of opinion, as Decree 30 has the form, printed or to be written on."""

import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pypdf
import pytest

from app.reports.handling_form import Distribution, Entrusted, HandlingForm, Statement, handling_form
from tests.reports.test_letter import ACCENTED, squeezed

BLANK = HandlingForm(
    office="Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh",
    place="Thành phố Hồ Chí Minh",
    dated=date(2026, 12, 30),
    type_name="Công văn",
    number_notation="1482/STC-NS",
    issued_on=date(2026, 12, 28),
    issuer="Sở Tài chính",
    subject="Về việc bổ sung kinh phí chống ngập",
    arrival_number="298",
    arrival_date=date(2026, 12, 30),
)
LEADER = Distribution(
    by="Phan Gia Lộc, Phó Chánh Văn phòng",
    on=date(2026, 12, 30),
    lead=(Entrusted("Phòng Kinh tế", date(2027, 1, 12), date(2027, 1, 8)),),
    coordinate=(
        Entrusted("Phòng Đô thị", date(2027, 1, 5), directions="góp ý về quy hoạch."),
        Entrusted("Phòng Tổng hợp", date(2027, 1, 5), remark="đã thu hồi ngày 02/01/2027"),
    ),
    inform=(Entrusted("Bộ phận Văn thư"), Entrusted("Ban Tiếp công dân")),
    directions="Kiểm tra nguồn vốn.",
    entered_by="Lê Thị Hạnh, Văn thư",
)
HEAD = Distribution("Võ Thị Mai, Trưởng phòng", date(2026, 12, 31), (Entrusted("Trần Minh Khôi", date(2027, 1, 8)),))
PROPOSAL = Statement("Trần Minh Khôi, Chuyên viên", date(2027, 1, 6), "Hồ sơ đủ điều kiện.\nĐề xuất chấp thuận.")
FULL = replace(BLANK, leaders=(LEADER,), heads=(HEAD,), proposals=(PROPOSAL,))


def lines_of(form: HandlingForm) -> list[str]:
    pages = pypdf.PdfReader(io.BytesIO(handling_form(form))).pages
    lines = [line for page in pages for line in page.extract_text().splitlines()]
    return [line for line in (re.sub(r"\s+", " ", line).strip() for line in lines) if line]


def text_of(form: HandlingForm) -> str:
    return squeezed("".join(lines_of(form)))


@pytest.mark.clause("212/7.2", "212/8.1")
def test_golden_text_of_a_form_with_all_three_levels() -> None:
    assert lines_of(FULL) == [
        "VĂN PHÒNG ỦY BAN NHÂN DÂN",
        "THÀNH PHỐ HỒ CHÍ MINH",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Thành phố Hồ Chí Minh, ngày 30 tháng 12 năm 2026",
        "PHIẾU GIẢI QUYẾT VĂN BẢN ĐẾN",
        "Công văn số 1482/STC-NS ngày 28 tháng 12 năm 2026 của Sở Tài chính",
        "Về việc bổ sung kinh phí chống ngập",
        "(Số đến: 298; ngày đến: 30/12/2026)",
        "1. Ý kiến của lãnh đạo cơ quan, tổ chức",
        "- Giao chủ trì: Phòng Kinh tế, thời hạn giải quyết: 08/01/2027, đã đổi thành 12/01/2027.",
        "- Giao phối hợp:",
        "+ Phòng Đô thị, thời hạn giải quyết: 05/01/2027, góp ý về quy hoạch;",
        "+ Phòng Tổng hợp, thời hạn giải quyết: 05/01/2027, đã thu hồi ngày 02/01/2027.",
        "- Chuyển để biết: Bộ phận Văn thư; Ban Tiếp công dân.",
        "- Ý kiến chỉ đạo: Kiểm tra nguồn vốn.",
        "- Ngày cho ý kiến: 30/12/2026. Phan Gia Lộc, Phó Chánh Văn phòng (Lê Thị Hạnh,",
        "Văn thư cập nhật thay).",
        "2. Ý kiến của lãnh đạo đơn vị",
        "- Giao cho cá nhân: Trần Minh Khôi, thời hạn giải quyết: 08/01/2027.",
        "- Ngày cho ý kiến: 31/12/2026. Võ Thị Mai, Trưởng phòng.",
        "3. Ý kiến đề xuất của người giải quyết",
        "- Ý kiến đề xuất: Hồ sơ đủ điều kiện.",
        "Đề xuất chấp thuận.",
        "- Ngày đề xuất: 06/01/2027. Trần Minh Khôi, Chuyên viên.",
    ]


def test_a_level_at_which_nobody_has_said_anything_has_room_for_the_pen() -> None:
    said = lines_of(BLANK)
    for label in (
        "- Giao đơn vị, cá nhân chủ trì:",
        "- Giao đơn vị, cá nhân phối hợp (nếu có):",
        "- Ý kiến chỉ đạo:",
        "- Giao cho cá nhân:",
        "- Ý kiến đề xuất:",
        "- Ngày đề xuất:",
    ):
        assert label in said
    assert len(pypdf.PdfReader(io.BytesIO(handling_form(BLANK))).pages) == 1
    assert "- Ý kiến đề xuất:" not in lines_of(FULL)


def test_several_opinions_stand_below_each_other_each_with_its_part_and_day() -> None:
    second = Statement("Cao Nguyên Vũ, Chuyên viên", date(2027, 1, 5), "Thống nhất.", "phối hợp", "Tạ Nhật Quỳnh")
    said = lines_of(replace(FULL, leaders=(LEADER, LEADER), proposals=(PROPOSAL, second)))
    assert said.count("- Giao phối hợp:") == 2
    assert "- Ý kiến đề xuất (phối hợp): Thống nhất." in said
    given = "- Ngày đề xuất: 05/01/2027. Cao Nguyên Vũ, Chuyên viên (Tạ Nhật Quỳnh cập nhật thay)."
    assert given in " ".join(said)


def test_long_texts_run_over_pages_and_nothing_is_lost() -> None:
    text = "\n".join(f"Đoạn {n}: đề xuất trình Ủy ban nhân dân Thành phố xem xét, quyết định." for n in range(120))
    form = replace(FULL, subject="Về việc bổ sung kinh phí " * 20, proposals=(replace(PROPOSAL, text=text),) * 2)
    pages = pypdf.PdfReader(io.BytesIO(handling_form(form))).pages
    assert len(pages) > 5
    assert squeezed(pages[1].extract_text()).startswith("2")
    said = text_of(form)
    assert [said.count(squeezed(f"Đoạn {n}:")) for n in range(120)] == [2] * 120


@pytest.mark.parametrize(
    "changes",
    [
        {"type_name": "", "number_notation": "", "issued_on": None, "issuer": ""},
        {"arrival_number": "", "arrival_date": None},
        {"subject": "x" * 500},
        {"subject": f"<b>&{ACCENTED}"},
    ],
    ids=["nothing known", "no number yet", "one endless word", "marks and letters"],
)
def test_what_is_not_known_or_odd_breaks_nothing(changes: dict[str, Any]) -> None:
    form = replace(BLANK, **changes)
    text = text_of(form)
    assert "None" not in text
    assert squeezed(form.subject) in text
    if not form.arrival_number:
        assert squeezed("Số đến: …") in text


def test_the_same_form_has_the_same_bytes() -> None:
    assert handling_form(FULL) == handling_form(FULL)

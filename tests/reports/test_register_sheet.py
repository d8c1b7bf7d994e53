"""The register on paper and as a workbook: ten official columns, nothing lost, nothing run, little memory."""

import dataclasses
import io
import itertools
import re
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pypdf
import pytest

from app.clock import VIETNAM
from app.reports.incoming_register import COLUMNS, Extent, IncomingRow, cells, form
from app.reports.sheet import CellKind, Column, SheetForm
from app.reports.sheet_pdf import write_pdf
from app.reports.sheet_xlsx import write_xlsx
from tests.reports.test_letter import ACCENTED

AT = datetime(2026, 12, 30, 9, 30, tzinfo=VIETNAM)
HEADINGS = (
    "Ngày đến", "Số đến", "Tác giả", "Số, ký hiệu văn bản", "Ngày tháng văn bản",
    "Tên loại và trích yếu nội dung văn bản", "Đơn vị hoặc người nhận", "Ngày chuyển", "Ký nhận", "Ghi chú",
)  # fmt: skip
EXTENT = Extent(date(2026, 1, 2), date(2026, 12, 30), 2026, 1, 2026, 298)
FORM = form("ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH", "VĂN PHÒNG", EXTENT, "Trích xuất lúc 09:30 ngày 30/12/2026.")


def row(number: int = 298, **changes: Any) -> IncomingRow:
    values: dict[str, Any] = {
        "arrived_on": date(2026, 12, 30),
        "number": number,
        "author": "Sở Tài chính",
        "number_notation": "1482/STC-NS",
        "issued_on": date(2026, 12, 28),
        "type_name": "Công văn",
        "subject": "Về việc bổ sung kinh phí chống ngập",
    }
    return IncomingRow(**{**values, **changes})


def many(count: int) -> Iterator[IncomingRow]:
    for number in range(1, count + 1):
        yield row(
            number,
            arrived_on=date(2026, 1, 2) + timedelta(days=number % 300),
            number_notation=f"{number}/STC-NS",
            subject=f"Về việc bổ sung kinh phí chống ngập đợt {number} năm 2026 cho các phường " * 2,
        )


def pdf_pages(*rows: IncomingRow, sheet: SheetForm = FORM) -> list[pypdf.PageObject]:
    out = io.BytesIO()
    assert write_pdf(sheet, cells(rows), out) == len(rows)
    return list(pypdf.PdfReader(out).pages)


def workbook(*rows: IncomingRow, sheet: SheetForm = FORM) -> tuple[bytes, Any]:
    out = io.BytesIO()
    assert write_xlsx(sheet, cells(rows), out, AT) == len(rows)
    return out.getvalue(), openpyxl.load_workbook(out).active


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text))


def text_of(page: pypdf.PageObject) -> str:
    return squeezed(page.extract_text())


def midnight(*day: int) -> datetime:
    """A day as workbooks hold it: without zone."""
    return datetime(*day)  # type: ignore[arg-type]  # noqa: DTZ001


def head_row(sheet: Any) -> int:
    return next(cell.row for (cell,) in sheet.iter_rows(max_col=1) if cell.value == HEADINGS[0])


@pytest.mark.clause("212/4.2")
def test_the_register_has_the_ten_official_columns_in_their_order() -> None:
    assert tuple(column.heading for column in COLUMNS) == HEADINGS
    assert FORM.numbers == ("(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)", "(9)", "(10)")
    _, sheet = workbook(row())
    at = head_row(sheet)
    assert tuple(cell.value for cell in sheet[at]) == HEADINGS
    assert tuple(cell.value for cell in sheet[at + 1]) == FORM.numbers


def test_the_title_block_names_body_office_year_days_and_numbers() -> None:
    expected = [
        "ỦY BAN NHÂN DÂN THÀNH PHỐ HỒ CHÍ MINH", "VĂN PHÒNG", "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN", "Năm: 2026",
        "Từ ngày 02/01/2026 đến ngày 30/12/2026", "Từ số 01 đến số 298",
    ]  # fmt: skip
    text = text_of(pdf_pages(row())[0])
    assert text.startswith("".join(squeezed(line) for line in expected))
    _, sheet = workbook(row())
    found = [cell.value for (cell,) in sheet.iter_rows(max_row=head_row(sheet) - 1, max_col=1) if cell.value]
    assert found == expected


def test_a_register_of_two_years_says_to_which_year_its_numbers_belong() -> None:
    two = form("", "VĂN PHÒNG", Extent(date(2025, 12, 30), date(2026, 1, 5), 2025, 801, 2026, 7))
    assert two.lines == ("Năm: 2025 - 2026", "Từ ngày 30/12/2025 đến ngày 05/01/2026", "Từ số 801/2025 đến số 07/2026")


def test_each_cell_stands_in_its_column_with_what_later_offices_fill_in_left_free() -> None:
    assert row(5, notes=("Khẩn", "", "Hủy số đến: vào sổ hai lần")).cells() == (
        date(2026, 12, 30), 5, "Sở Tài chính", "1482/STC-NS", date(2026, 12, 28),
        "Công văn: Về việc bổ sung kinh phí chống ngập", "", None, "", "Khẩn; Hủy số đến: vào sổ hai lần",
    )  # fmt: skip
    passed = row(recipient="Phòng Kinh tế", passed_on=date(2026, 12, 31), receipt="Trần Minh Khôi")
    assert passed.cells()[6:9] == ("Phòng Kinh tế", date(2026, 12, 31), "Trần Minh Khôi")
    text = text_of(pdf_pages(row(5, notes=("Khẩn",)))[0])
    for words in ("30/12/2026", "05", "Sở Tài chính", "1482/STC-NS", "28/12/2026", "Công văn: Về việc", "Khẩn"):
        assert squeezed(words) in text


def test_every_page_repeats_the_head_and_says_which_of_how_many_it_is() -> None:
    pages = pdf_pages(*many(60))
    assert len(pages) > 5
    for number, page in enumerate(pages, 1):
        text = text_of(page)
        assert squeezed("Ngày đến") in text
        assert "(10)" in text
        assert f"Trang{number}/{len(pages)}" in text
        assert float(page.mediabox.width) > float(page.mediabox.height)
    whole = "".join(text_of(page) for page in pages)
    assert all(f"{number}/STC-NS" in whole for number in range(1, 61))


def test_long_text_wraps_inside_its_column_and_a_row_higher_than_a_page_goes_on_over_the_next() -> None:
    subject = " ".join(f"việc{number}" for number in range(900))
    pages = pdf_pages(row(1), row(2, subject=subject), row(3))
    assert len(pages) >= 3
    whole = "".join(text_of(page).split("(10)", 1)[1] for page in pages)
    found = re.findall(r"việc(\d+)", whole.replace("Vềviệcbổ", ""))
    assert len(set(found)) >= 890  # a number that is cut by the end of a page is read apart
    wide = pdf_pages(row(number_notation="1482/2026/QĐ-UBND-VX-KT-ĐT-NC-TH-HCTC" * 2))
    placed: list[tuple[float, str]] = []
    wide[0].extract_text(visitor_text=lambda text, _c, tm, _f, _s: placed.append((tm[4], text)))
    assert squeezed("1482/2026/QĐ-UBND-VX-KT-ĐT-NC-TH-HCTC" * 2) in squeezed(
        "".join(text for x, text in placed if 230 < x < 330)
    )


def test_every_vietnamese_letter_comes_out_in_both() -> None:
    text = "".join(text_of(page) for page in pdf_pages(row(subject=f"{ACCENTED} {ACCENTED.upper()}")))
    letters = set(ACCENTED + ACCENTED.upper())
    assert letters <= set(text)
    decomposed = unicodedata.normalize("NFD", ACCENTED)
    _, sheet = workbook(row(subject=decomposed))
    assert sheet.cell(head_row(sheet) + 2, 6).value == f"Công văn: {ACCENTED}"


def test_a_workbook_has_real_dates_and_numbers_a_frozen_head_and_is_ready_to_print() -> None:
    _, sheet = workbook(row(5), row(6, issued_on=None))
    at = head_row(sheet)
    first = at + 2
    assert sheet.cell(first, 1).value == midnight(2026, 12, 30)
    assert sheet.cell(first, 1).number_format == "dd/mm/yyyy"
    assert (sheet.cell(first, 2).value, sheet.cell(first, 2).number_format) == (5, "00")
    assert sheet.cell(first + 1, 5).value is None
    assert sheet.freeze_panes == f"A{first}"
    assert sheet.print_title_rows == f"${at}:${at + 1}"
    assert sheet.page_setup.orientation == "landscape"
    assert str(sheet.page_setup.paperSize) == "9"
    assert sheet.page_setup.fitToWidth in (None, 1)  # one page across is what a file says by saying nothing
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert "&P/&N" in (sheet.oddFooter.right.text or "")


@pytest.mark.parametrize(
    "typed",
    [
        "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x.test\",\"y\")", "+1+1", "-2+3", "@SUM(1+1)", "\t=1+1", "http://x.test",
        "mailto:a@x.test", "1482", "{=1+1}",
    ],
)  # fmt: skip
def test_text_stays_text_in_a_workbook_whatever_it_begins_with(typed: str) -> None:
    content, sheet = workbook(row(type_name="", author=typed, subject=typed, number_notation=typed, notes=(typed,)))
    at = head_row(sheet) + 2
    for column in (3, 4, 6, 10):
        cell = sheet.cell(at, column)
        assert cell.data_type in ("s", "inlineStr")
        assert cell.value == typed
        assert cell.hyperlink is None
        if typed[0] in "=+-@\t":
            assert cell.quotePrefix
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
        assert not [name for name in parts.namelist() if "externalLink" in name or "sheet1.xml.rels" in name]


def test_a_form_of_other_columns_needs_nothing_but_its_declaration() -> None:
    other = SheetForm(
        "", "VĂN PHÒNG", "SỔ GỬI VĂN BẢN ĐI BƯU ĐIỆN", ("Năm: 2026",),
        (Column("Ngày chuyển", 30, CellKind.DATE), Column("Số lượng bì", 30, CellKind.NUMBER), Column("Ghi chú", 60)),
    )  # fmt: skip
    rows = [(date(2026, 1, 2), 3, "a"), (None, None, None)]
    paper, book = io.BytesIO(), io.BytesIO()
    assert write_pdf(other, rows, paper) == write_xlsx(other, rows, book, AT) == 2
    assert squeezed("02/01/2026 3 a") in text_of(pypdf.PdfReader(paper).pages[0])
    sheet = openpyxl.load_workbook(book).active
    assert [cell.value for cell in sheet[sheet.max_row - 1]] == [midnight(2026, 1, 2), 3, "a"]


def test_rows_that_fail_midway_leave_no_half_workbook() -> None:
    def failing() -> Iterator[IncomingRow]:
        yield from many(3)
        raise OSError("connection lost")

    out = io.BytesIO()
    with pytest.raises(OSError, match="connection lost"):
        write_xlsx(FORM, cells(failing()), out, AT)
    assert out.getvalue() == b""


@pytest.mark.parametrize(("kind", "bound"), [("pdf", 48), ("xlsx", 8)])
def test_five_thousand_rows_stay_under_a_bound_of_memory(tmp_path: Any, kind: str, bound: int) -> None:
    """Peak of Python's memory in MB while rows are read one by one and written to a file on disk."""
    warm = io.BytesIO()  # fonts and modules are loaded once for all
    write_pdf(FORM, cells(many(2)), warm)
    write_xlsx(FORM, cells(many(2)), warm, AT)
    short = (date(2026, 1, 2), 1, "Sở Tài chính", "1/STC", None, "Công văn: Về việc chống ngập", "", None, "", "")
    rows = itertools.repeat(short, 5000)
    with (tmp_path / "sheet").open("w+b") as out:
        tracemalloc.start()
        try:
            count = write_pdf(FORM, rows, out) if kind == "pdf" else write_xlsx(FORM, rows, out, AT)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert count == 5000
    assert peak < bound * 1024**2


def test_a_register_of_three_hundred_documents_needs_no_more_than_thirty_leaves() -> None:
    def real() -> Iterator[IncomingRow]:
        for number, each in enumerate(many(300), 1):
            note = "Hủy số đến: văn bản gửi nhầm nơi nhận, đã gửi trả" if number % 10 == 0 else ""
            subject = f"Về việc bổ sung kinh phí chống ngập đợt {number} năm 2026 cho các phường trên địa bàn Thành phố"
            yield dataclasses.replace(each, subject=subject, notes=(note,))

    assert len(pdf_pages(*real())) <= 30

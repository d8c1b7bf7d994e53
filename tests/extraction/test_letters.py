"""The pages of a letter on which its description stands, read by a worker: PDF and Word, bounded in all directions."""

import io
import re
import time
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen import canvas

from app.demo.texts import letters
from app.extraction.letters import letter_text
from app.extraction.pool import WorkerConfig, WorkerFailed, WorkerPool
from app.reference.document_types import types_on
from app.reports.letter import build
from app.rules.letterhead import TypeFacts, propose

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
UNTIL = date(2026, 6, 30)
TYPES = [
    TypeFacts(i, row.code, row.name, row.abbreviation or "") for i, row in enumerate(types_on(UNTIL).values(), start=1)
]
CODES = {kind.id: kind.code for kind in TYPES}
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(WorkerConfig(size=1))
    pool.warm()
    yield pool
    pool.close()


def pages_pdf(path: Path, texts: list[str]) -> Path:
    drawing = canvas.Canvas(str(path))
    for text in texts:
        drawing.drawString(72, 700, text)
        drawing.showPage()
    drawing.save()
    return path


def docx(path: Path, body: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "word/document.xml", f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
        )
    return path


def paragraph(*runs: str) -> str:
    return "<w:p>" + "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{cell}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def test_the_first_two_pages_and_the_last_are_read_and_all_are_counted(pool: WorkerPool, tmp_path: Path) -> None:
    read = letter_text(pool, pages_pdf(tmp_path / "a.pdf", ["one", "two", "three", "four"]), PDF)
    assert [page.strip() for page in read.text.split("\f")] == ["one", "two", "four"]
    assert read.page_count == 4


@pytest.mark.parametrize("count", [1, 2])
def test_a_short_letter_is_read_once(pool: WorkerPool, tmp_path: Path, count: int) -> None:
    read = letter_text(pool, pages_pdf(tmp_path / "a.pdf", ["one", "two"][:count]), PDF)
    assert len(read.text.split("\f")) == count


def test_columns_and_blank_lines_are_kept(pool: WorkerPool, tmp_path: Path) -> None:
    letter = next(each for each in letters(212, 20, UNTIL) if each.number)
    (path := tmp_path / "a.pdf").write_bytes(build(letter.content))
    lines = letter_text(pool, path, PDF).text.split("\n")
    numbered = next(line for line in lines if "Số:" in line)
    assert "ngày" in numbered
    assert "     " in numbered.strip()
    assert "" in [line.strip() for line in lines[:12]]


def test_a_scan_gives_no_text_and_its_number_of_pages_at_once(pool: WorkerPool, tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    page = Image.new("L", (1654, 2339), 255)
    page.save(path, save_all=True, append_images=[page, page])
    began = time.perf_counter()
    read = letter_text(pool, path, PDF)
    assert (read.text.strip(), read.page_count) == ("", 3)
    assert time.perf_counter() - began < 1


def test_a_page_drawn_with_megabytes_of_lines_is_passed_over(pool: WorkerPool, tmp_path: Path) -> None:
    drawing = canvas.Canvas(str(tmp_path / "map.pdf"), pageCompression=1)
    drawing.drawString(72, 700, "map")
    drawing._code.append("0 0 m 1 1 l S\n" * 400_000)
    drawing.showPage()
    drawing.drawString(72, 700, "letter")
    drawing.save()
    assert letter_text(pool, tmp_path / "map.pdf", PDF).text.strip() == "letter"


def test_a_locked_pdf_gives_nothing(pool: WorkerPool, tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(pages_pdf(tmp_path / "a.pdf", ["secret"])))
    writer.encrypt("a password", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    assert letter_text(pool, tmp_path / "locked.pdf", PDF).text == ""


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\nnonsense", b"PK\x03\x04nonsense"])
@pytest.mark.parametrize("media_type", [PDF, DOCX])
def test_a_file_that_cannot_be_read_is_a_failure_of_the_task_alone(
    pool: WorkerPool, tmp_path: Path, content: bytes, media_type: str
) -> None:
    (path := tmp_path / "broken").write_bytes(content)
    with pytest.raises(WorkerFailed):
        letter_text(pool, path, media_type)
    assert letter_text(pool, pages_pdf(tmp_path / "a.pdf", ["one"]), PDF).text.strip() == "one"


def test_a_word_file_gives_paragraphs_and_its_tables_side_by_side(pool: WorkerPool, tmp_path: Path) -> None:
    body = (
        table(
            (
                paragraph("ỦY BAN NHÂN DÂN") + paragraph("THÀNH PHỐ HỒ CHÍ MINH") + paragraph("SỞ ", "TÀI CHÍNH"),
                paragraph("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM") + paragraph("Độc lập - Tự do - Hạnh phúc"),
            ),
            (
                paragraph("Số: 1482", "/STC-NS") + paragraph("V/v bổ sung kinh phí"),
                paragraph("Thành phố Hồ Chí Minh, ngày 03 tháng 6 năm 2026"),
            ),
        )
        + paragraph("Kính gửi: Ủy ban nhân dân Thành phố")
        + paragraph("Sở Tài chính có ý kiến như sau.") * 500
        + table(
            (
                paragraph("Nơi nhận:") + paragraph("- Như trên."),
                paragraph("GIÁM ĐỐC") + paragraph() + paragraph("Trần Văn Giả"),
            )
        )
    )
    path = docx(tmp_path / "a.docx", body)
    read = letter_text(pool, path, DOCX)
    assert read.page_count is None
    assert len(read.text) < 40_000
    found = propose(read.text, UNTIL, TYPES)
    assert found.number_notation
    assert found.number_notation.value == "1482/STC-NS"
    assert found.issued_on
    assert found.issued_on.value == date(2026, 6, 3)
    assert found.issuer_name
    assert found.issuer_name.value == "Sở Tài chính"
    assert found.subject
    assert found.subject.value == "Về việc bổ sung kinh phí"
    assert found.signer_name
    assert found.signer_name.value == "Trần Văn Giả"


def test_a_word_file_with_a_document_type_or_an_oversized_part_is_not_read(pool: WorkerPool, tmp_path: Path) -> None:
    (tmp_path / "bomb.docx").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with zipfile.ZipFile(tmp_path / "large.docx", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b" " * (25 * 1024**2))
    for name in ("bomb.docx", "large.docx"):
        with pytest.raises(WorkerFailed):
            letter_text(pool, tmp_path / name, DOCX)


def test_a_letter_of_two_pages_is_read_and_understood_faster_than_anybody_notices(
    pool: WorkerPool, tmp_path: Path
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(next(c for c in (build(each.content) for each in letters(212, 300, UNTIL)) if count_pages(c) == 2))
    took = []
    for _ in range(8):
        began = time.perf_counter()
        propose(letter_text(pool, path, PDF).text, UNTIL, TYPES)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.15


def count_pages(content: bytes) -> int:
    return len(PdfReader(io.BytesIO(content)).pages)


def squeezed(value: object) -> object:
    """A text without blanks and hyphens; anything else as it is."""
    return re.sub(r"[\s-]", "", value) if isinstance(value, str) else value


def test_letters_of_the_demo_office_are_understood(pool: WorkerPool, tmp_path: Path) -> None:
    sample = list(letters(212, 300, UNTIL))[::5]
    wrong: dict[str, list[tuple[object, object]]] = {}
    path = tmp_path / "a.pdf"
    for letter in sample:
        path.write_bytes(build(letter.content))
        found = propose(letter_text(pool, path, PDF).text, UNTIL, TYPES)
        expected = {
            "issued_on": letter.issued_on,
            "subject": letter.subject,
            "signer_name": letter.signer_name,
            "signer_position": letter.signer_position or None,
            "urgency": None if letter.urgency == "normal" else letter.urgency,
            "secret": None,
        }
        for name, value in expected.items():
            proposed = getattr(found, name)
            got = proposed.value if proposed else None
            if squeezed(got) != squeezed(value):
                wrong.setdefault(name, []).append((value, got))
        number = found.number_notation.value if found.number_notation else None  # here every hyphen counts
        if number != (letter.number_notation or None):
            wrong.setdefault("number_notation", []).append((letter.number_notation, number))
        code = CODES[found.type_id.value] if found.type_id else None
        if code != letter.type_code:
            wrong.setdefault("type", []).append((letter.type_code, code))
    assert len(sample) == 60
    assert {name: found for name, found in wrong.items() if len(found) > 3} == {}
    for name in ("number_notation", "issued_on"):  # a number or date that is not certain is left to the clerk
        assert [pair for pair in wrong.get(name, []) if pair[1] is not None] == []

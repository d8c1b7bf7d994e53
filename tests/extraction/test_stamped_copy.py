"""A stamped copy: the original is in it byte by byte, the stamp stands upright where it is seen, or it is refused."""

import io
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pypdf.generic import FloatObject, NameObject, NumberObject, RectangleObject
from reportlab.pdfgen import canvas

from app.clock import VIETNAM
from app.extraction.pool import WorkerConfig, WorkerPool
from app.extraction.stamped_copy import CannotStamp, Why, appendix
from app.reports.arrival_stamp import StampFacts, overlay
from app.rules.arrival_stamp import HEIGHT, MM, WIDTH, StampPosition, place
from tests.extraction.test_pdf_facts import raw

FACTS = StampFacts("Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh", "298", "30/12/2026")
OVERLAY = overlay(FACTS, datetime(2026, 12, 30, 9, 30, tzinfo=VIETNAM))
A4 = (210 * MM, 297 * MM)
Stamp = Callable[..., bytes]


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(WorkerConfig(size=1, task_seconds=10, cpu_seconds=10, memory=512 * 1024**2))
    yield pool
    pool.close()


@pytest.fixture
def stamped(pool: WorkerPool, tmp_path: Path) -> Stamp:
    """Stamps some bytes and gives the whole copy, after seeing that the file on disk is as it was."""

    def stamped(content: bytes, position: StampPosition = StampPosition.BELOW_NUMBER) -> bytes:
        path = tmp_path / "received.pdf"
        path.write_bytes(content)
        path.chmod(0o400)
        added = appendix(pool, path, OVERLAY, position)
        assert path.read_bytes() == content
        path.unlink()
        return content + added

    return stamped


def paper(size: tuple[float, float] = A4, pages: int = 1, change: Callable[[Any], None] | None = None) -> bytes:
    out = io.BytesIO()
    drawing = canvas.Canvas(out, pagesize=size, invariant=True)
    for number in range(pages):
        drawing.drawString(30, 30, f"Page {number}")
        drawing.showPage()
    drawing.save()
    if change is None:
        return out.getvalue()
    writer = pypdf.PdfWriter(clone_from=out)
    change(writer)
    changed = io.BytesIO()
    writer.write(changed)
    return changed.getvalue()


def turned(degrees: int) -> Callable[[Any], None]:
    return lambda writer: writer.pages[0].__setitem__(NameObject("/Rotate"), NumberObject(degrees))


def seen(content: bytes) -> tuple[pypdf.PageObject, tuple[float, ...]]:
    """The first page, and how the stamp is brought onto it: a, b, c, d, e, f, in units of the page."""
    page = pypdf.PdfReader(io.BytesIO(content)).pages[0]
    matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    kept: list[tuple[float, ...]] = []
    for operands, operator in page.get_contents().operations:  # type: ignore[union-attr]
        if operator == b"q":
            kept.append(matrix)
        elif operator == b"Q":
            matrix = kept.pop() if kept else matrix
        elif operator == b"cm":
            a, b, c, d, e, f = (float(each) for each in operands)
            o, p, q, r, s, t = matrix
            matrix = (a * o + b * q, a * p + b * r, c * o + d * q, c * p + d * r, e * o + f * q + s, e * p + f * r + t)
        elif operator == b"Do" and operands[0] == "/VanThuDen":
            return page, matrix
    raise AssertionError("no stamp on the page")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text))


@pytest.mark.clause("212/16.4.d")
def test_the_copy_begins_with_every_byte_that_was_received_and_shows_stamp_and_note(stamped: Stamp) -> None:
    original = paper(pages=3)
    copy = stamped(original)
    assert copy.startswith(original)
    reader = pypdf.PdfReader(io.BytesIO(copy))
    assert len(reader.pages) == 3
    first = squeezed(reader.pages[0].extract_text())
    for words in ("Page 0", "ĐẾN", "Số: 298", "Ngày: 30/12/2026", "Bản sao có dấu đến", "bản gốc không thay đổi"):
        assert squeezed(words) in first
    assert "ĐẾN" not in reader.pages[1].extract_text()
    page, matrix = seen(copy)
    assert matrix == pytest.approx((1, 0, 0, 1, *place(StampPosition.BELOW_NUMBER, *A4)), abs=0.01)  # type: ignore[misc]
    form = page["/Resources"]["/XObject"]["/VanThuDen"]  # type: ignore[index]
    assert [float(side) for side in form["/BBox"]] == pytest.approx([0, 0, 50 * MM, 35 * MM], abs=0.01)


@pytest.mark.clause("212/16.4.d")
def test_a_signed_original_stays_whole_and_its_signature_does_not_cover_what_the_copy_adds(
    stamped: Stamp, signed: bytes
) -> None:
    copy = stamped(signed)
    assert copy.startswith(signed)
    (before,) = PdfFileReader(io.BytesIO(signed)).embedded_regular_signatures
    (after,) = PdfFileReader(io.BytesIO(copy)).embedded_regular_signatures
    assert before.evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_FILE
    assert after.evaluate_signature_coverage() is not SignatureCoverageLevel.ENTIRE_FILE
    assert after.compute_digest() == before.compute_digest()


@pytest.mark.parametrize("position", list(StampPosition))
@pytest.mark.parametrize("degrees", [0, 90, 180, 270, -90, 450])
def test_on_a_turned_page_the_stamp_stands_upright_for_whoever_reads_it(
    stamped: Stamp, degrees: int, position: StampPosition
) -> None:
    _, (a, b, c, d, e, f) = seen(stamped(paper(change=turned(degrees)), position))
    turn = degrees % 360
    assert (round(a, 4), round(b, 4), round(c, 4), round(d, 4)) == {
        0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)
    }[turn]  # fmt: skip
    shown = A4 if turn in (0, 180) else (A4[1], A4[0])
    x, y = {0: (e, f), 90: (f, A4[0] - e), 180: (A4[0] - e, A4[1] - f), 270: (A4[1] - f, e)}[turn]
    assert (x, y) == pytest.approx(place(position, *shown), abs=0.01)
    assert 0 < x < shown[0] - WIDTH
    assert 0 < y < shown[1] - HEIGHT


def test_the_stamp_stands_in_what_of_the_page_is_seen_and_measures_the_same_in_other_units(stamped: Stamp) -> None:
    box = (60.0, 100.0, 500.0, 700.0)
    _, (*_, e, f) = seen(stamped(paper(change=lambda w: setattr(w.pages[0], "cropbox", RectangleObject(box)))))
    x, y = place(StampPosition.BELOW_NUMBER, 440, 600) or (0, 0)
    assert (e, f) == pytest.approx((60 + x, 100 + y), abs=0.01)

    def doubled(writer: Any) -> None:
        writer.pages[0][NameObject("/UserUnit")] = FloatObject(2)

    _, (a, _b, _c, d, e, f) = seen(stamped(paper((A4[0] / 2, A4[1] / 2), change=doubled)))
    assert (a, d) == pytest.approx((0.5, 0.5))
    x, y = place(StampPosition.BELOW_NUMBER, *A4) or (0, 0)
    assert (e, f) == pytest.approx((x / 2, y / 2), abs=0.01)


def test_a_page_that_leaves_the_paper_scaled_does_not_move_the_stamp(stamped: Stamp) -> None:
    for careless in (b"0.24 0 0 0.24 50 50 cm", b"q 2 0 0 2 9 9 cm q 3 0 0 3 0 0 cm (q \\) q) Tj % q", b"Q Q"):
        content = raw(
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595.276 841.89]>>",
            b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
            b"<</Length %d>>stream\n%s\nendstream" % (len(careless), careless),
        )
        _, matrix = seen(stamped(content))
        assert matrix == pytest.approx((1, 0, 0, 1, *place(StampPosition.BELOW_NUMBER, *A4)), abs=0.02)  # type: ignore[misc]


def test_what_the_page_had_is_still_there_whether_shared_inherited_or_missing(stamped: Stamp) -> None:
    drawn = b"BT /F1 12 Tf 60 60 Td (Shared) Tj ET /X Do"
    shared = raw(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 595 842]/Resources 5 0 R>>",
        b"<</Type/Page/Parent 2 0 R/Contents 6 0 R>>",
        b"<</Type/Page/Parent 2 0 R/Contents 6 0 R>>",
        b"<</Font<</F1 7 0 R>>/XObject 9 0 R>>",
        b"[8 0 R]",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</X 10 0 R>>",
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 0>>stream\n\nendstream",
    )
    reader = pypdf.PdfReader(io.BytesIO(stamped(shared)))
    first, second = reader.pages
    assert "Shared" in first.extract_text()
    assert set(first["/Resources"]["/XObject"]) == {"/X", "/VanThuDen", "/VanThuBanSao"}  # type: ignore[index]
    assert second.extract_text().strip() == "Shared"
    assert set(second["/Resources"]["/XObject"]) == {"/X"}  # type: ignore[index]
    bare = raw(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R>>")
    assert "298" in pypdf.PdfReader(io.BytesIO(stamped(bare))).pages[0].extract_text()


def test_files_that_end_without_a_line_break_or_keep_their_index_in_a_stream_are_stamped_too(stamped: Stamp) -> None:
    assert seen(stamped(paper().rstrip()))
    modern = copy_into_new_writer(PdfFileReader(io.BytesIO(paper(pages=2))))
    modern.stream_xrefs = True
    out = io.BytesIO()
    modern.write(out)
    assert b"/XRef" in out.getvalue()
    assert seen(stamped(out.getvalue()))


def test_a_length_that_is_wrong_is_the_viewers_concern_and_no_reason_to_refuse(stamped: Stamp) -> None:
    content = raw(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
        b"<</Length 3>>stream\n0 0 9 9 re f\nendstream",
    )
    assert "298" in pypdf.PdfReader(io.BytesIO(stamped(content))).pages[0].extract_text()


def test_a_copy_can_be_stamped_once_more(stamped: Stamp) -> None:
    once = stamped(paper())
    assert stamped(once).startswith(once)


def locked(user: str, owner: str) -> Callable[[Any], None]:
    return lambda writer: writer.encrypt(user, owner, algorithm="AES-128")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (paper(change=locked("bi-mat", "chu")), Why.ENCRYPTED),
        (paper(change=locked("", "chu")), Why.ENCRYPTED),
        (paper((40 * MM, 40 * MM)), Why.TOO_SMALL),
        (b"%PDF-1.7\nnothing of the kind", Why.DAMAGED),
        (b"junk before\n" + paper(), Why.DAMAGED),
        (paper()[:300], Why.DAMAGED),
        (raw(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"), Why.DAMAGED),
        (raw(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"), Why.DAMAGED),
        (b"", Why.DAMAGED),
    ],
)
def test_what_cannot_be_stamped_is_refused_by_name(stamped: Stamp, content: bytes, why: Why) -> None:
    with pytest.raises(CannotStamp) as refused:
        stamped(content)
    assert refused.value.reason is why


def test_a_page_made_to_fill_the_memory_costs_nobody_but_itself(stamped: Stamp) -> None:
    bomb = zlib.compress(zlib.compress(b"0 " * (200 * 1024**2), 9), 9)
    content = raw(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
        b"<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream" % (len(bomb), bomb),
    )
    with suppress(CannotStamp):
        assert stamped(content)
    assert seen(stamped(paper()))

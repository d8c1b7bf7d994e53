"""Text of a letter's first pages and last page, as far as possible with its columns and blank lines.

Only the worker processes import this module, as they do :mod:`app.extraction.pdf`. A PDF gives its layout by the
places of its letters; of a Word file the paragraphs and tables of its main part are read.
"""

import logging
import zipfile
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from pypdf import PageObject, PdfReader

MEDIA_PDF = "application/pdf"
MEDIA_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_PAGE_BYTES = 4 * 1024**2
"""A page of text draws itself in some kilobytes; one with more is a plan or a map, and slow to read."""
_PART_BYTES, _PART = 24 * 1024**2, "word/document.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_GAP = "    "
_HEAD_LINES, _TAIL_LINES, _DEPTH = 250, 120, 6


def letter_task(arguments: dict[str, Any]) -> dict[str, Any]:
    """Texts of pages and their whole number (None where unknown), as a worker is asked for them."""
    path, most = Path(arguments["path"]), int(arguments["max_chars"])
    if arguments["media_type"] == MEDIA_DOCX:
        pages, count = docx_pages(path), None
    else:
        pages, count = pdf_pages(path, int(arguments["first_pages"]))
    return {"pages": [page[:most] for page in pages], "page_count": count}


def pdf_pages(path: Path, first: int) -> tuple[list[str], int | None]:
    """Texts of the first pages and of the last one; ``""`` for a page without text or of unreasonable size."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    with path.open("rb") as file:
        reader = PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            return [], None
        count = len(reader.pages)
        wanted = sorted({*range(min(first, count)), count - 1}) if count else []
        return [_page_text(reader.pages[i]) for i in wanted], count


def _page_text(page: PageObject) -> str:
    contents = page.get_contents()
    if contents is None or len(contents.get_data()) > _PAGE_BYTES:
        return ""
    for options in ({"extraction_mode": "layout", "layout_mode_strip_rotated": True}, {}):
        try:
            text = page.extract_text(**options)  # type: ignore[arg-type]
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001, S112 - the other way of reading may get through
            continue
        if text.strip():
            return text
    return ""


def docx_pages(path: Path) -> list[str]:
    """Beginning and end of a Word file's main text; ``ValueError`` if it is none, or unreasonably large."""
    try:
        with zipfile.ZipFile(path) as package:
            if package.getinfo(_PART).file_size > _PART_BYTES:
                raise ValueError("main part too large")
            with package.open(_PART) as part:
                content = part.read(_PART_BYTES + 1)
    except (KeyError, OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise ValueError(str(error)) from error
    if len(content) > _PART_BYTES or b"<!DOCTYPE" in content[:4096].upper():
        raise ValueError("main part too large, or with a document type")
    try:
        body = ET.fromstring(content).find(f"{_W}body")  # noqa: S314 - no document type, limits of the worker
    except ET.ParseError as error:
        raise ValueError(str(error)) from error
    lines = [] if body is None else _block_lines(body, 0)
    if len(lines) <= _HEAD_LINES + _TAIL_LINES:
        return ["\n".join(lines)]
    return ["\n".join(lines[:_HEAD_LINES]), "\n".join(lines[-_TAIL_LINES:])]


def _block_lines(block: ET.Element, depth: int) -> list[str]:
    """Paragraphs and tables in order; the cells of a row stand side by side, as they do on paper."""
    lines: list[str] = []
    if depth > _DEPTH:
        return lines
    for child in block:
        if child.tag == f"{_W}p":
            lines += _paragraph(child).split("\n")
        elif child.tag == f"{_W}tbl":
            for row in child.iter(f"{_W}tr"):
                cells = [_block_lines(cell, depth + 1) for cell in row.findall(f"{_W}tc")]
                lines += _beside(cells)
            lines.append("")
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent"):
            lines += _block_lines(child, depth + 1)
    return lines


def _paragraph(paragraph: ET.Element) -> str:
    pieces = {f"{_W}tab": _GAP, f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
    return "".join((n.text or "") if n.tag == f"{_W}t" else pieces.get(n.tag, "") for n in paragraph.iter())


def _beside(cells: list[list[str]]) -> list[str]:
    widths = [max((len(line) for line in cell), default=0) for cell in cells]
    rows = zip_longest(*cells, fillvalue="")
    return [_GAP.join(line.ljust(width) for line, width in zip(row, widths, strict=True)).rstrip() for row in rows]

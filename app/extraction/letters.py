"""Asks a worker for the pages of a letter on which its description stands: the first two, and the last."""

import os
from dataclasses import dataclass
from pathlib import Path

from app.extraction.pool import FailureReason, WorkerFailed, WorkerPool

FIRST_PAGES = 2
PAGE_CHARS = 16_000
SECONDS = 3.0
"""Somebody waits at a form; a letter takes some hundredths of a second."""
BREAK = "\f"


@dataclass(frozen=True)
class LetterText:
    """``text``: the pages, parted by form feeds, blank for a scan; ``page_count``: of the whole PDF, if known."""

    text: str
    page_count: int | None


def letter_text(pool: WorkerPool, path: str | os.PathLike[str], media_type: str) -> LetterText:
    """Text of the first two pages and the last one of a PDF or DOCX. :class:`WorkerFailed` if it cannot be had."""
    arguments = {
        "path": str(Path(path).absolute()),
        "media_type": media_type,
        "first_pages": FIRST_PAGES,
        "max_chars": PAGE_CHARS,
    }
    answer = pool.run("letter.text", arguments, timeout=SECONDS)
    pages, count = answer.get("pages"), answer.get("page_count")
    if not isinstance(pages, list) or not all(isinstance(page, str) for page in pages):
        raise WorkerFailed(FailureReason.PROTOCOL, "no pages")
    if count is not None and type(count) is not int:
        raise WorkerFailed(FailureReason.PROTOCOL, "no number of pages")
    return LetterText(BREAK.join(page[:PAGE_CHARS] for page in pages[: FIRST_PAGES + 1]), count)

"""Facts and text of received files, read in limited worker processes. The only door of this package."""

import dataclasses
import os
from pathlib import Path

from app.extraction.facts import PdfFacts
from app.extraction.pool import FailureReason, WorkerConfig, WorkerFailed, WorkerPool

EXCERPT_PAGES = 2
EXCERPT_CHARS = 2000
EXCERPT_SECONDS = 5.0


class Inspector:
    """Examines PDF files out of process; one per program, shared by all threads, made before or after a fork."""

    def __init__(self, config: WorkerConfig | None = None, pool: WorkerPool | None = None):
        self.pool = pool or WorkerPool(config)

    def inspect(self, path: str | os.PathLike[str]) -> PdfFacts:
        """Facts about the PDF file at ``path``; :class:`WorkerFailed` if the file defeated the worker.

        The excerpt of the text is a courtesy: a page that takes too long leaves it at None.
        """
        place = str(Path(path).absolute())
        try:
            facts = PdfFacts.from_message(self.pool.run("pdf.inspect", {"path": place}))
        except ValueError as error:
            raise WorkerFailed(FailureReason.PROTOCOL, str(error)) from error
        if facts.damaged or facts.encrypted:
            return facts
        try:
            excerpt = self._text(place, EXCERPT_PAGES, EXCERPT_CHARS, EXCERPT_SECONDS)
        except WorkerFailed:
            return facts
        return dataclasses.replace(facts, text_excerpt=excerpt)

    def text_of(self, path: str | os.PathLike[str], max_pages: int, max_chars: int) -> str:
        """Text of the first pages, at most ``max_chars`` characters; :class:`WorkerFailed` if it cannot be had."""
        return self._text(str(Path(path).absolute()), max_pages, max_chars, None)

    def close(self) -> None:
        """End the workers."""
        self.pool.close()

    def _text(self, place: str, max_pages: int, max_chars: int, timeout: float | None) -> str:
        answer = self.pool.run(
            "pdf.text", {"path": place, "max_pages": max_pages, "max_chars": max_chars}, timeout=timeout
        )
        text = answer.get("text")
        if not isinstance(text, str):
            raise WorkerFailed(FailureReason.PROTOCOL, "no text")
        return text[:max_chars]

"""Facts and text of received files, read in limited worker processes. The only door of this package."""

import dataclasses
import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from app.extraction.facts import PdfFacts, SignatureFacts, TrustFacts
from app.extraction.pool import FailureReason, WorkerConfig, WorkerFailed, WorkerPool
from app.extraction.trust_folder import State, files_of, state_of

EXCERPT_PAGES = 2
EXCERPT_CHARS = 2000
EXCERPT_SECONDS = 5.0

log = logging.getLogger(__name__)


class Inspector:
    """Examines PDF files out of process; one per program, shared by all threads, made before or after a fork."""

    def __init__(
        self,
        config: WorkerConfig | None = None,
        pool: WorkerPool | None = None,
        trust_dir: str | os.PathLike[str] | None = None,
    ):
        """``trust_dir``: folder of trusted roots and revocation data (docs/van-hanh.md); none trusts nobody."""
        self.pool = pool or WorkerPool(config)
        self.trust_dir = str(Path(trust_dir).absolute()) if trust_dir else ""
        self._named: set[str] = set()
        self._trusted: tuple[State, TrustFacts] = ((), TrustFacts())

    def inspect(self, path: str | os.PathLike[str], *, excerpt: bool = True) -> PdfFacts:
        """Facts about the PDF file at ``path``; :class:`WorkerFailed` if the file defeated the worker.

        The ``excerpt`` of the text is a courtesy: a page that takes too long leaves it at None.
        """
        place = str(Path(path).absolute())
        try:
            facts = PdfFacts.from_message(self.pool.run("pdf.inspect", {"path": place}))
        except ValueError as error:
            raise WorkerFailed(FailureReason.PROTOCOL, str(error)) from error
        if facts.damaged or facts.encrypted or not excerpt:
            return facts
        try:
            text = self._text(place, EXCERPT_PAGES, EXCERPT_CHARS, EXCERPT_SECONDS)
        except WorkerFailed:
            return facts
        return dataclasses.replace(facts, text_excerpt=text)

    def text_of(self, path: str | os.PathLike[str], max_pages: int, max_chars: int) -> str:
        """Text of the first pages, at most ``max_chars`` characters; :class:`WorkerFailed` if it cannot be had."""
        return self._text(str(Path(path).absolute()), max_pages, max_chars, None)

    def signatures(self, path: str | os.PathLike[str], moment: datetime) -> tuple[SignatureFacts, ...]:
        """Every digital signature and time stamp of a PDF file, judged as of ``moment`` (with zone).

        An unreadable file is a fact too; :class:`WorkerFailed` if the file defeated the worker.
        """
        arguments = {"path": str(Path(path).absolute()), "trust_dir": self.trust_dir, "moment": moment.isoformat()}
        answer = self.pool.run("pdf.signatures", arguments)
        self._trust_facts(answer)
        found = answer.get("signatures")
        if not isinstance(found, list):
            raise WorkerFailed(FailureReason.PROTOCOL, "no signatures")
        try:
            return tuple(SignatureFacts.from_message(each) for each in found)
        except (ValueError, TypeError) as error:
            raise WorkerFailed(FailureReason.PROTOCOL, str(error)) from error

    def trust(self) -> TrustFacts:
        """What the trust folder holds, in figures; files that say nothing are named in the log.

        No worker is woken where nothing lies in it, or nothing changed since it was read.
        """
        state = state_of(files_of(self.trust_dir))
        known, facts = self._trusted
        if not state:
            return TrustFacts()
        if state != known:
            facts = self._trust_facts(self.pool.run("trust.read", {"trust_dir": self.trust_dir}))
            self._trusted = (state, facts)
        return facts

    def rest_after(self, seconds: float) -> None:
        """Let workers end that had nothing to do for so long; for a process in which nobody waits for the next one."""
        self.pool.config = dataclasses.replace(self.pool.config, idle_seconds=seconds)

    def close(self) -> None:
        """End the workers."""
        self.pool.close()

    def _trust_facts(self, answer: dict[str, Any]) -> TrustFacts:
        told = answer.get("trust")
        try:
            facts = TrustFacts(**{**told, "unreadable": tuple(map(str, told["unreadable"]))})  # type: ignore[dict-item,index]
        except (TypeError, KeyError) as error:
            raise WorkerFailed(FailureReason.PROTOCOL, "nothing about the trust folder") from error
        for name in facts.unreadable:
            if name not in self._named:  # once, not with every document that arrives
                self._named.add(name)
                log.warning("trust folder %s: %s cannot be read and is left out", self.trust_dir, name)
        return facts

    def _text(self, place: str, max_pages: int, max_chars: int, timeout: float | None) -> str:
        answer = self.pool.run(
            "pdf.text", {"path": place, "max_pages": max_pages, "max_chars": max_chars}, timeout=timeout
        )
        text = answer.get("text")
        if not isinstance(text, str):
            raise WorkerFailed(FailureReason.PROTOCOL, "no text")
        return text[:max_chars]

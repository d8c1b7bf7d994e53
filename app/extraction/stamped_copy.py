"""A copy of a PDF with the arrival stamp on its first page; the file itself is opened in a limited worker only."""

import base64
import binascii
import os
import tempfile
from enum import StrEnum
from pathlib import Path

from app.extraction.pool import FailureReason, WorkerFailed, WorkerPool
from app.rules.arrival_stamp import StampPosition


class CannotStamp(Exception):
    """This file cannot be stamped, whatever is done; ``reason`` is a :class:`Why`."""

    def __init__(self, reason: "Why"):
        super().__init__(reason)
        self.reason = reason


class Why(StrEnum):
    """Why a file cannot be stamped."""

    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TOO_SMALL = "too_small"
    TOO_HEAVY = "too_heavy"  # it defeated the worker: too large, or made to


def appendix(pool: WorkerPool, path: str | os.PathLike[str], overlay: bytes, position: StampPosition) -> bytes:
    """Bytes that, appended to those of the PDF at ``path``, make its stamped copy; the file stays as it is.

    ``overlay`` are the two pages of :func:`app.reports.arrival_stamp.overlay`. Raises :class:`CannotStamp`, and
    :class:`WorkerFailed` where no worker could be had.
    """
    with tempfile.TemporaryDirectory(prefix="van-thu-stamp-") as folder:
        over = Path(folder) / "overlay.pdf"
        over.write_bytes(overlay)
        arguments = {"path": str(Path(path).absolute()), "overlay": str(over), "position": str(position)}
        try:
            answer = pool.run("pdf.stamp", arguments)
        except WorkerFailed as failure:
            if failure.reason in (FailureReason.BUSY, FailureReason.START, FailureReason.CLOSED):
                raise
            raise CannotStamp(Why.TOO_HEAVY) from failure
    refused = answer.get("refused")
    if refused is not None:
        raise CannotStamp(Why(refused) if refused in set(Why) else Why.DAMAGED)
    try:
        return base64.b64decode(answer.get("appendix", None) or "", validate=True) or _none()
    except (TypeError, ValueError, binascii.Error) as error:
        raise WorkerFailed(FailureReason.PROTOCOL, "no appendix") from error


def _none() -> bytes:
    raise ValueError("no appendix")

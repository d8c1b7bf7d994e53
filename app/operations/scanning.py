"""Take in what the scanners wrote (thư mục quét): each complete file becomes a paper in the tray (212/6.2, 16.1.a)."""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from app import clock
from app.actor import Actor
from app.backends import largest_file, scan_folder
from app.errors import DomainError, Obstacle
from app.extensions import db
from app.messages import say
from app.models import JobRun
from app.operations import arrivals, files
from app.rules.jobs import Outcome
from app.storage.folder import REFUSED, TAKEN, FoundFile
from app.vocabulary import Channel

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Files taken in by one run; the next one goes on with the rest."""
KEPT = timedelta(days=7)
"""So long lies what was taken in beside the folder; its bytes are in the store."""
REST = timedelta(minutes=5)
LATER = frozenset({"store_full", "store_failed"})
"""Codes of obstacles that pass by themselves: the file stays where it is."""
YOUNG = timedelta(minutes=2)
"""A damaged PDF this young may still be on its way from the scanner."""


def has_work(last: JobRun | None) -> bool:
    """Whether a complete file lies in the folder. Quick: asked every few seconds.

    ``last``: the last run. What it could not take in is not tried again for a while, unless something came.
    """
    now = clock.now()
    try:
        found = len(scan_folder().complete(now))
    except OSError:
        found = 1  # the run says what is wrong
    if last is None or now - last.started_at >= REST:
        return found > 0
    return last.outcome != Outcome.FAILED and found > last.counts.get("left", 0)


def take_in(actor: Actor, stopping: Callable[[], bool]) -> dict[str, int]:
    """Take in every complete file of the folder; each by itself, so that one bad file does not cost the others.

    A file taken in is moved to ``da-nhan/<day>``, one refused to ``khong-nhan/<day>`` with a note that says why in
    Vietnamese. A crash between the two loses and doubles nothing: the same file again gives the paper it made. What
    the store has no room for stays. Returns counts: ``received``, ``refused``, ``left``. Raises ``OSError`` where
    the folder itself cannot be used.
    """
    folder = scan_folder()
    folder.prepare()
    counts = {"received": 0, "refused": 0, "left": 0}
    day = clock.today().isoformat()
    for file in folder.complete(clock.now()):
        if stopping() or counts["received"] >= AT_ONCE:
            break
        try:
            outcome = _take_one(actor, file, day)
        except Exception:
            log.exception("scan %r could not be taken in; tried again later", os.fsencode(file.path.name))
            db.session.rollback()
            outcome = "left"
        if outcome:
            counts[outcome] += 1
    folder.forget((clock.today() - KEPT).isoformat())
    return counts


def _take_one(actor: Actor, found: FoundFile, day: str) -> str:
    """``received``, ``refused`` or ``left``; nothing where somebody wrote it anew or took it away meanwhile."""
    folder = scan_folder()
    try:
        file = folder.claim(found)
    except FileNotFoundError:
        return ""
    try:
        if not _receive(actor, file):
            folder.give_back(file)
            return ""
    except DomainError as error:
        if any(o.code in LATER or _unfinished(o, file) for o in error.obstacles):
            folder.give_back(file)
            return "left"
        folder.put_aside(file, REFUSED, day, note=_why(error))
        return "refused"
    except BaseException:
        with suppress(OSError):
            folder.give_back(file)
        raise
    folder.put_aside(file, TAKEN, day)
    return "received"


def _receive(actor: Actor, file: FoundFile) -> bool:
    """Whether it was taken in; not where somebody wrote to it while it was read."""
    # the mark is the file's own, wherever it lies: after a crash the same file gives the paper it made
    key = uuid5(NAMESPACE_URL, f"scan:{file.mark}")
    name = os.fsencode(file.path.name).decode("utf-8", "replace")  # an old scanner writes other encodings
    with scan_folder().opened(file) as stream:
        upload = files.receive(actor, stream, name, largest_file())
    if not scan_folder().is_unchanged(file):
        return False
    written = min(file.written_at, clock.now())
    values = {"files": [upload.id], "channel": Channel.PAPER.value, "received_at": written}
    arrivals.receive(actor, values, submission_key=key)
    return True


def _unfinished(obstacle: Obstacle, file: FoundFile) -> bool:
    return obstacle.code == "file_damaged" and clock.now() - file.written_at < YOUNG


def _why(error: DomainError) -> str:
    return "\n".join(say(obstacle) for obstacle in error.obstacles)

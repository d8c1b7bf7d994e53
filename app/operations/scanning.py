"""Take in what the scanners wrote (thư mục quét): each complete file becomes a paper in the tray (212/6.2, 16.1.a)."""

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from app import clock
from app.actor import Actor
from app.backends import largest_file, scan_folder
from app.errors import DomainError, Obstacle
from app.messages import say
from app.models import JobRun
from app.operations import arrivals, files
from app.rules.jobs import Outcome
from app.storage.folder import REFUSED, TAKEN, FoundFile
from app.vocabulary import Channel

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Files of one run; the next one goes on with the rest."""
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
    rests = last is not None and now - last.started_at < REST
    try:
        found = len(scan_folder().complete(now))
    except OSError:
        return not (rests and last is not None and last.outcome == Outcome.FAILED)  # the run says what is wrong
    left = last.counts.get("left", 0) if rests and last is not None else 0
    return found > left


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
    for file in folder.complete(clock.now())[:AT_ONCE]:
        if stopping():
            break
        try:
            _receive(actor, file)
        except FileNotFoundError:
            continue  # written anew or taken away meanwhile
        except DomainError as error:
            if any(o.code in LATER or _unfinished(o, file) for o in error.obstacles):
                counts["left"] += 1
                continue
            folder.put_aside(file, REFUSED, day, note=_why(error))
            counts["refused"] += 1
        else:
            folder.put_aside(file, TAKEN, day)
            counts["received"] += 1
    folder.forget((clock.today() - KEPT).isoformat())
    return counts


def _receive(actor: Actor, file: FoundFile) -> None:
    # another file in the same place has another mark, and makes another paper
    key = uuid5(NAMESPACE_URL, f"scan:{file.path.name}:{file.mark}")
    with scan_folder().opened(file) as stream:
        upload = files.receive(actor, stream, file.path.name, largest_file())
    written = min(file.written_at, clock.now())
    values = {"files": [upload.id], "channel": Channel.PAPER.value, "received_at": written}
    arrivals.receive(actor, values, submission_key=key)


def _unfinished(obstacle: Obstacle, file: FoundFile) -> bool:
    return obstacle.code == "file_damaged" and clock.now() - file.written_at < YOUNG


def _why(error: DomainError) -> str:
    return "\n".join(say(obstacle) for obstacle in error.obstacles)

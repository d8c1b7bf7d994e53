"""Jobs (việc nền): run one, alone, and put the run on record.

Work is done under a PostgreSQL advisory lock, so two workers never run the same job at once, and "is it due" is
asked under that lock, so one of them that comes a moment later finds the turn served. The record of the run is
written by transactions of its own before and after the work: a run that ends the process stays on record too.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zlib import crc32

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.extensions import db
from app.models import JobRun
from app.operations import (
    events,
    files,
    mailing,  # noqa: F401 - it says how mails of the outbox are sent
    outbox,
    reminders,
    scanning,
    signatures,
)
from app.operations.base import operation
from app.operations.unit_of_work import UnitOfWork
from app.operations.verification import VerificationStopped, verify_files
from app.queries.jobs import last_run, outbox_due, served_at
from app.rules.jobs import JOBS, Job, Outcome, is_due
from app.vocabulary import Via

log = logging.getLogger(__name__)

Stopping = Callable[[], bool]
LOCKS = 0x6A6F6273
"""First half of the key of a job's advisory lock ("jobs"); the second is made of its name."""
UPLOADS_KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Result:
    """What a run came to."""

    outcome: Outcome
    counts: dict[str, Any] = field(default_factory=dict)
    error: str = ""


@operation()
def make_access_partitions(actor: Actor, *, uow: UnitOfWork) -> dict[str, int]:
    """Make the access trail's tables of this month and the next, where they are missing. Returns their number."""
    first = clock.today().replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    for month in (first, following):
        uow.session.scalar(select(func.make_access_partition(month)))
    return {"months": 2}


def _access_partitions(actor: Actor, _stopping: Stopping) -> Result:
    return Result(Outcome.DONE, make_access_partitions(actor))


def _clear_uploads(actor: Actor, _stopping: Stopping) -> Result:
    return Result(Outcome.DONE, files.clear_unclaimed(actor, clock.now() - UPLOADS_KEPT))


def _verify(deep: bool) -> Callable[[Actor, Stopping], Result]:
    def verify(actor: Actor, stopping: Stopping) -> Result:
        counts = verify_files(actor, deep=deep, stopping=stopping)
        return Result(Outcome.FINDINGS if counts else Outcome.DONE, counts)

    return verify


def _check_signatures(actor: Actor, stopping: Stopping) -> Result:
    counts = signatures.check_again(actor, stopping)
    return Result(Outcome.FINDINGS if counts["unreadable"] else Outcome.DONE, counts)


def _outbox(actor: Actor, stopping: Stopping) -> Result:
    counts = outbox.deliver(actor, stopping)
    return Result(Outcome.FINDINGS if counts["failed"] else Outcome.DONE, counts)


def _scan_folder(actor: Actor, stopping: Stopping) -> Result:
    counts = scanning.take_in(actor, stopping)
    return Result(Outcome.FINDINGS if counts["refused"] or counts["left"] else Outcome.DONE, counts)


def _remind(actor: Actor, stopping: Stopping) -> Result:
    return Result(Outcome.DONE, reminders.remind(actor, stopping))


def _digest(actor: Actor, stopping: Stopping) -> Result:
    return Result(Outcome.DONE, reminders.digest(actor, stopping))


WORK: dict[str, Callable[[Actor, Stopping], Result]] = {
    "access_partitions": _access_partitions,
    "clear_uploads": _clear_uploads,
    "verify_files": _verify(deep=False),
    "verify_files_deep": _verify(deep=True),
    "check_signatures": _check_signatures,
    "remind": _remind,
    "digest": _digest,
    "outbox": _outbox,
    "scan_folder": _scan_folder,
}
"""Name of a job (:data:`app.rules.jobs.JOBS`) → what it does."""


def _outbox_waits() -> bool:
    return outbox_due(db.session(), clock.now())


def _scans_wait() -> bool:
    return scanning.has_work(last_run(db.session(), "scan_folder"))


WAITS: dict[str, Callable[[], bool]] = {"outbox": _outbox_waits, "scan_folder": _scans_wait}
"""Jobs without a timetable → whether there is work for them now; asked every few seconds."""


def run(name: str, *, by: str = "", only_if_due: bool = False, stopping: Stopping = lambda: False) -> Result | None:
    """Run a job and put it on record; ``None`` when another worker has it or, with ``only_if_due``, nothing is due.

    ``by``: who ordered it by hand, put on record as an event. Call it with nothing open in the session. An error of
    the work becomes a failed run, it is not raised; ``KeyError`` for a job that does not exist.
    """
    job, work = JOBS[name], WORK[name]
    actor = Actor.system(f"{name} by {by}"[:90], Via.CLI) if by else Actor.system(name)
    with _alone(job) as alone:
        if not alone:
            return None
        run_id = _begin(actor, job, only_if_due, by)
        if run_id is None:
            return None
        try:
            result = work(actor, stopping)
        except VerificationStopped:
            result = Result(Outcome.INTERRUPTED)
        except Exception as error:
            log.exception("job %s failed", name)
            result = Result(Outcome.FAILED, error=f"{type(error).__name__}: {error}"[:2000])
        db.session.rollback()  # what the work only read
        _finish(actor, run_id, result)
    log.info("job %s: %s %s", name, result.outcome, result.counts)
    return result


@contextmanager
def _alone(job: Job) -> Iterator[bool]:
    """Hold the job's lock on a connection of its own; gives whether we got it. It goes when the connection does."""
    key = crc32(job.name.encode()) - 2**31
    with Session(db.engine, join_transaction_mode="create_savepoint") as own, own.begin():
        own.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # it idles as long as the job works
        yield bool(own.scalar(select(func.pg_try_advisory_xact_lock(LOCKS, key))))


@operation()
def _begin(actor: Actor, job: Job, only_if_due: bool, by: str, *, uow: UnitOfWork) -> int | None:
    session = uow.session
    # We hold the lock, so nobody runs it: these runs ended with their process.
    dead = update(JobRun).where(JobRun.job == job.name, JobRun.outcome == Outcome.RUNNING)
    session.execute(dead.values(outcome=Outcome.INTERRUPTED))
    now = clock.now()
    if only_if_due and not is_due(job, served_at(session, job.name), now):
        return None
    row = JobRun(job=job.name, started_at=now, outcome=Outcome.RUNNING)
    session.add(row)
    if by:
        events.record(uow, actor, "job.ordered", "job", job.name, by=by)
    session.flush()  # the run is known by its id
    return row.id


@operation()
def _finish(actor: Actor, run_id: int, result: Result, *, uow: UnitOfWork) -> None:
    row = uow.session.get_one(JobRun, run_id)
    row.finished_at = clock.now()
    row.outcome = result.outcome
    row.counts = result.counts
    row.error = result.error

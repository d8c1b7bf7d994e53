"""Jobs and outbox, read: last runs, next turns, what waits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.models import JobRun, Outbox
from app.rules.jobs import INTERRUPTIONS_ALLOWED, JOBS, Job, Outcome, next_turn


def last_run(session: Session, name: str) -> JobRun | None:
    """The latest run of a job, whatever came of it."""
    query = select(JobRun).where(JobRun.job == name).order_by(JobRun.started_at.desc(), JobRun.id.desc()).limit(1)
    return session.scalars(query).one_or_none()


def jobs_whose_last_run(*outcomes: Outcome) -> Select[Any]:
    """Jobs of the timetable whose last run ended like this."""
    last = select(JobRun.job, JobRun.outcome).where(JobRun.job.in_(JOBS)).ext(distinct_on(JobRun.job))
    last_runs = last.order_by(JobRun.job, JobRun.started_at.desc(), JobRun.id.desc()).subquery()
    return select(last_runs.c.job).where(last_runs.c.outcome.in_(outcomes))


def served_at(session: Session, name: str) -> datetime | None:
    """Start of the last run that counts for the timetable.

    A failed run counts: it has its turn again at the next one. An interrupted run does not, so that it is made up
    for at once, unless it happened several times in a row.
    """
    query = select(JobRun.started_at, JobRun.outcome).where(JobRun.job == name)
    runs = session.execute(query.order_by(JobRun.started_at.desc(), JobRun.id.desc()).limit(INTERRUPTIONS_ALLOWED))
    interrupted = []
    for started_at, outcome in runs:
        if outcome != Outcome.INTERRUPTED:
            return started_at
        interrupted.append(started_at)
    return interrupted[0] if len(interrupted) == INTERRUPTIONS_ALLOWED else None


@dataclass(frozen=True)
class JobState:
    """One job with its last run (``None``: never) and its next turn (``None``: whenever there is work)."""

    job: Job
    last: JobRun | None
    next: datetime | None


def overview(session: Session, now: datetime) -> list[JobState]:
    """All jobs in the order of the table."""
    return [JobState(job, last_run(session, job.name), next_turn(job, now)) for job in JOBS.values()]


@dataclass(frozen=True)
class OutboxState:
    """How many rows wait, how many of them failed at least once, and since when the oldest waits."""

    waiting: int
    failed: int
    oldest: datetime | None


def outbox_state(session: Session) -> OutboxState:
    """What the outbox holds now; only rows that are not done are looked at."""
    failed = func.count().filter(Outbox.last_error != "")
    query = select(func.count(), failed, func.min(Outbox.created_at)).where(Outbox.done_at.is_(None))
    return OutboxState(*session.execute(query).one())


def outbox_due(session: Session, now: datetime) -> bool:
    """Whether a row waits to be delivered now."""
    query = select(Outbox.id).where(Outbox.done_at.is_(None), Outbox.available_at <= now).limit(1)
    return session.scalar(query) is not None

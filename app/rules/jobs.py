"""Jobs (việc nền) and their timetable, and when work that failed is tried again. Pure.

Times are those of a clock on the wall in Vietnam. Names of days are written out (``sun``): the scheduler counts
days of the week from Monday, crontab counts them from Sunday.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from apscheduler.triggers.cron import CronTrigger

from app.clock import VIETNAM
from app.vocabulary import N_


class Outcome(StrEnum):
    """How a run of a job ended."""

    RUNNING = "running"
    DONE = "done"
    FINDINGS = "findings"  # it did its work, and somebody must look at what it found
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # the process ended before the job did


OUTCOMES: dict[Outcome, str] = {
    Outcome.RUNNING: N_("running"),
    Outcome.DONE: N_("done"),
    Outcome.FINDINGS: N_("done, with findings"),
    Outcome.FAILED: N_("failed"),
    Outcome.INTERRUPTED: N_("interrupted"),
}


@dataclass(frozen=True)
class Job:
    """One job. ``cron`` holds minute, hour, day, month, day of week; empty: it runs whenever there is work."""

    name: str
    label: str
    cron: str = ""


JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        Job("access_partitions", N_("Prepare the monthly tables of the access trail"), "5 0 * * *"),
        Job("clear_uploads", N_("Clear uploads that no document took"), "30 1 * * *"),
        Job("verify_files", N_("Compare files with the records: names and sizes"), "0 2 * * *"),
        Job("verify_files_deep", N_("Read every file again and compare it with the records"), "30 3 * * sun"),
        Job("check_signatures", N_("Check undecided digital signatures again"), "45 2 * * *"),
        Job("remind", N_("Tell of deadlines that are near or past"), "30 6 * * *"),
        Job("digest", N_("Mail the daily summary"), "0 7 * * *"),  # on days off it finds that it has nothing to do
        Job("outbox", N_("Send what waits in the outbox")),
        Job("scan_folder", N_("Take in what the scanners wrote")),
    )
}

INTERRUPTIONS_ALLOWED = 3
"""After so many interrupted runs a job waits for its next turn: it may be what ends the process."""


def trigger(job: Job) -> CronTrigger:
    """The timetable of a job as the scheduler takes it. Raises ``ValueError`` for a job without one."""
    return CronTrigger.from_crontab(job.cron, timezone=VIETNAM)


def next_turn(job: Job, after: datetime) -> datetime | None:
    """The first turn of a job after an instant; ``None`` for a job without timetable."""
    if not job.cron:
        return None
    return trigger(job).get_next_fire_time(None, after + timedelta(microseconds=1))


def is_due(job: Job, served: datetime | None, now: datetime) -> bool:
    """Whether a turn has come since ``served``, the start of the last run that counts; missed turns count once.

    Also the answer to "did another worker do it already": its run has moved ``served`` past the turn.
    """
    if not job.cron:
        return False
    if served is None:
        return True
    turn = next_turn(job, served)
    return turn is not None and turn <= now


FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after the given number of failed attempts: 1, 2, 4 … minutes, at most 6 hours."""
    return min(FIRST_WAIT * 2 ** min(max(attempts - 1, 0), 20), LONGEST_WAIT)

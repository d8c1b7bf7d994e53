"""`run.py jobs`: a process of its own that runs jobs at their turns until SIGTERM or SIGINT.

Any number of such processes may run beside each other; operations.jobs sees to it that each turn is served once.
Turns that were missed (machine off or asleep, database away, job interrupted) are made up for at start and every
ten minutes. The outbox (by an index that holds waiting rows only) and the scan folder are looked at every few seconds.
"""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from apscheduler.events import EVENT_SCHEDULER_STARTED, SchedulerEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from app import clock
from app.extensions import db
from app.operations import jobs
from app.rules.jobs import JOBS, trigger

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 5
CATCH_UP_EVERY_SECONDS = 600
THREADS = 4
WORKERS_REST_AFTER_SECONDS = 10
"""A worker that opens PDFs holds 50 MB, and starts again within a second when the next job wants it."""


class Runner:
    """The scheduler of one process, with the application whose jobs it runs."""

    def __init__(self, app: Flask, look_every: float = LOOK_EVERY_SECONDS):
        self.app = app
        self.stopping = threading.Event()
        # max_instances: a turn that comes while the last one still works is not a second one. misfire_grace_time:
        # however late the process wakes up, the turn is served; coalesce: once for all that were missed.
        self.scheduler = BlockingScheduler(
            timezone=clock.VIETNAM,
            executors={"default": ThreadPoolExecutor(THREADS)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        for job in JOBS.values():
            if job.cron:
                self.scheduler.add_job(self.turn, trigger(job), args=[job.name], id=job.name)
        at_once: dict[str, Any] = {"trigger": "interval", "next_run_time": clock.in_vietnam(clock.now())}
        self.scheduler.add_job(self.catch_up, seconds=CATCH_UP_EVERY_SECONDS, id="catch-up", **at_once)
        for name in jobs.WAITS:
            self.scheduler.add_job(self.look, args=[name], seconds=look_every, id=name, **at_once)

    def turn(self, name: str) -> None:
        """Run a job if it is due and nobody else has it. Never raises: the scheduler goes on."""
        if self.stopping.is_set():
            return
        try:
            with self.app.app_context():  # exactly one for each run: a nested one would see another session
                jobs.run(name, only_if_due=True, stopping=self.stopping.is_set)
        except Exception:
            log.exception("job %s could not be run or put on record; tried again within ten minutes", name)

    def catch_up(self) -> None:
        """Run everything that is due and was not run."""
        for job in JOBS.values():
            if job.cron:
                self.turn(job.name)

    def look(self, name: str) -> None:
        """Run a job without a timetable when there is work for it. Never raises."""
        if self.stopping.is_set():
            return
        try:
            with self.app.app_context():
                due = jobs.WAITS[name]()
                db.session.rollback()
                if due:
                    jobs.run(name, stopping=self.stopping.is_set)
        except Exception:
            log.exception("whether there is work for %s could not be found out", name)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then start nothing more and wait for what runs to come to a safe end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self.scheduler.add_listener(self._started, EVENT_SCHEDULER_STARTED)
        log.info("jobs: %s", ", ".join(JOBS))
        self.scheduler.start()
        log.info("jobs stopped")

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()  # and nothing else: a handler may come while the scheduler holds its locks

    def _started(self, _event: SchedulerEvent) -> None:
        threading.Thread(target=self._stop_when_told, name="stop", daemon=True).start()

    def _stop_when_told(self) -> None:
        self.stopping.wait()
        self.scheduler.shutdown(wait=True)


def main() -> int:
    """Run jobs in this process until it is told to stop; returns the exit code."""
    from app import create_background_app

    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # "skipped, still running" is how it is meant to be
    app = create_background_app()
    app.extensions["inspector"].rest_after(WORKERS_REST_AFTER_SECONDS)
    Runner(app).run()
    return 0

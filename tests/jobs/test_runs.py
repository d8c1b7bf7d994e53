"""A job runs alone, once for each turn, and every run is on record."""

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select

import config
from app import clock
from app.extensions import db
from app.models import Event, JobRun
from app.operations import jobs
from app.operations.jobs import Result
from app.queries.jobs import overview
from app.rules.jobs import INTERRUPTIONS_ALLOWED, JOBS, Outcome
from tests.fixtures.clock import NOW

NAME = "clear_uploads"


def runs(name: str = NAME) -> list[JobRun]:
    """Runs on record, oldest first."""
    return list(db.session.scalars(select(JobRun).where(JobRun.job == name).order_by(JobRun.id)))


def set_work(monkeypatch: pytest.MonkeyPatch, work: Callable[[], Result | None]) -> None:
    """Let the job do this instead of its work."""
    monkeypatch.setitem(jobs.WORK, NAME, lambda _actor, _stopping: work() or Result(Outcome.DONE))


def test_every_job_of_the_timetable_has_its_work() -> None:
    assert set(jobs.WORK) == set(JOBS)


def test_a_run_is_on_record_with_its_counts(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    set_work(monkeypatch, lambda: Result(Outcome.FINDINGS, {"missing": 2}))
    with app.app_context():
        result = jobs.run(NAME)
        (run,) = runs()
    assert result == Result(Outcome.FINDINGS, {"missing": 2})
    assert (run.outcome, run.counts, run.error) == ("findings", {"missing": 2}, "")
    assert run.finished_at == clock.now()


def test_a_job_that_fails_is_on_record_and_does_not_disturb_the_next(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        db.session.execute(select(1 / (JobRun.id - JobRun.id)))  # leaves the transaction broken, too

    with app.app_context():
        set_work(monkeypatch, fail)
        db.session.add(JobRun(job="other", started_at=clock.now()))
        db.session.commit()
        failed = jobs.run(NAME)
        assert jobs.run("access_partitions") == Result(Outcome.DONE, {"months": 2})
        (run,) = runs()
    assert failed is not None
    assert failed.outcome == Outcome.FAILED
    assert run.outcome == "failed"
    assert "division by zero" in run.error
    assert "job clear_uploads failed" in caplog.text


def test_a_turn_is_served_once(app: Flask) -> None:
    with app.app_context():
        assert jobs.run(NAME, only_if_due=True) is not None
        assert jobs.run(NAME, only_if_due=True) is None
        with clock.set_to(clock.now() + timedelta(days=1)):
            assert jobs.run(NAME, only_if_due=True) is not None
        assert len(runs()) == 2


def test_by_hand_a_job_runs_whether_it_is_due_or_not_and_who_ordered_it_is_on_record(app: Flask) -> None:
    with app.app_context():
        jobs.run(NAME)
        assert jobs.run(NAME, by="Đặng Quốc Huy") is not None
        event = db.session.scalars(select(Event).where(Event.tag == "job.ordered")).one()
    assert event.params == {"by": "Đặng Quốc Huy"}
    assert event.via == "cli"


@pytest.mark.concurrency
def test_an_interrupted_run_is_made_up_for_but_not_without_end(
    app: Flask, real_database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    set_work(monkeypatch, die)
    with clock.set_to(NOW), app.app_context():
        for _attempt in range(INTERRUPTIONS_ALLOWED):
            with pytest.raises(Killed):
                jobs.run(NAME, only_if_due=True)
        assert jobs.run(NAME, only_if_due=True) is None
        assert {run.outcome for run in runs()} == {"interrupted"}
        set_work(monkeypatch, lambda: None)
        with clock.set_to(NOW + timedelta(days=1)):
            assert jobs.run(NAME, only_if_due=True) is not None


def test_the_overview_knows_last_run_and_next_turn(app: Flask) -> None:
    with app.app_context():
        jobs.run(NAME)
        states = {state.job.name: state for state in overview(db.session(), clock.now())}
    assert set(states) == set(JOBS)
    last = states[NAME].last
    assert last is not None
    assert last.outcome == "done"
    assert states[NAME].next == datetime(2026, 12, 31, 1, 30, tzinfo=clock.VIETNAM)
    assert states["verify_files"].last is None


@pytest.mark.concurrency
def test_two_workers_at_the_same_turn_run_a_job_once(
    app: Flask, real_database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, finish, results = threading.Event(), threading.Event(), []

    def work() -> None:
        started.set()
        finish.wait(20)

    def worker() -> None:
        with clock.set_to(NOW), app.app_context():
            results.append(jobs.run(NAME, only_if_due=True))

    set_work(monkeypatch, work)
    first = threading.Thread(target=worker)
    first.start()
    assert started.wait(20)
    second = threading.Thread(target=worker)
    second.start()
    second.join(20)
    assert results == [None], "the second one finds the job taken and does not wait for it"
    with app.app_context():
        assert jobs.run(NAME, by="somebody") is None, "by hand neither"
        assert jobs.run("access_partitions") is not None, "another job is free"
    finish.set()
    first.join(20)
    worker()
    assert results == [None, Result(Outcome.DONE), None], "who comes later finds the turn served"
    with app.app_context():
        assert [run.outcome for run in runs()] == ["done"]


@pytest.mark.concurrency
def test_a_job_whose_process_is_killed_stays_on_record_and_runs_again(app: Flask, real_database: Engine) -> None:
    address = real_database.url.render_as_string(hide_password=False)
    script = """
        import os
        from app import create_app
        from app.operations import jobs
        jobs.WORK["clear_uploads"] = lambda actor, stopping: os._exit(9)
        with create_app().app_context():
            jobs.run("clear_uploads", only_if_due=True)
    """
    environ = {**os.environ, "DATABASE_URL": address, "DATA_DIR": app.config["DATA_DIR"]}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=Path(config.__file__).parent, env=environ, check=False
    )
    assert done.returncode == 9
    with app.app_context():
        assert [(run.outcome, run.finished_at) for run in runs()] == [("running", None)]
        db.session.rollback()
        assert jobs.run(NAME, only_if_due=True) is not None
        assert [run.outcome for run in runs()] == ["interrupted", "done"]

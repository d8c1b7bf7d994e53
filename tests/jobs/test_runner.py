"""The process that runs the jobs, as the supervisor starts it."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

import config
from app.jobs.runner import Runner
from app.operations import jobs
from app.rules.jobs import JOBS

TIMED = sorted(job.name for job in JOBS.values() if job.cron)


def finished(engine: Engine) -> list[str]:
    """Names of the jobs whose runs are on record as done."""
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT job FROM job_run WHERE outcome = 'done'")))


@pytest.mark.concurrency
def test_two_processes_started_together_serve_each_turn_once_and_stop_when_told(
    app: Flask, real_database: Engine, tmp_path: Path
) -> None:
    environ = {
        **os.environ,
        "DATABASE_URL": real_database.url.render_as_string(hide_password=False),
        "DATA_DIR": str(tmp_path),
    }
    with real_database.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO outbox (kind, payload, created_at, available_at)"
                " VALUES ('tests.unknown', '{}', now(), now())"
            )
        )
    command = [sys.executable, str(Path(config.__file__).parent / "run.py"), "jobs"]
    logs = [tmp_path / name for name in ("one.log", "two.log")]
    processes = []
    try:
        for log in logs:
            with log.open("wb") as stream:
                processes.append(subprocess.Popen(command, env=environ, stdout=stream, stderr=stream))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            tried = [path.read_text().count("no handler for tests.unknown") > 0 for path in logs]
            started = all("jobs: " in path.read_text() for path in logs)
            if sorted(finished(real_database)) == TIMED and any(tried) and started:
                break
            time.sleep(0.1)
        time.sleep(1)  # the slower one has looked by now
        for process in processes:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(30) for process in processes]
    finally:
        for process in processes:
            process.kill()
    said = "\n".join(path.read_text() for path in logs)
    assert codes == [0, 0], said
    assert Counter(finished(real_database)) == Counter(TIMED), said
    with real_database.connect() as connection:
        assert connection.scalar(text("SELECT attempts FROM outbox")) == 1, said


def test_a_turn_that_cannot_be_recorded_does_not_end_the_scheduler(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_args: object, **_more: object) -> None:
        raise ConnectionError("database away")

    monkeypatch.setattr(jobs, "run", away)
    runner = Runner(app)
    runner.catch_up()
    assert caplog.text.count("tried again within ten minutes") == len(TIMED)


def test_nothing_more_begins_once_the_process_was_told_to_stop(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(jobs, "run", lambda name, **_more: begun.append(name))
    runner = Runner(app)
    runner.stopping.set()
    runner.catch_up()
    runner.look("outbox")
    assert begun == []


def test_every_job_of_the_timetable_is_scheduled_in_vietnamese_time(app: Flask) -> None:
    runner = Runner(app)
    scheduled = {job.id: job for job in runner.scheduler.get_jobs()}
    assert set(TIMED) <= set(scheduled)
    assert {str(scheduled[name].trigger.timezone) for name in TIMED} == {"Asia/Ho_Chi_Minh"}


def test_the_process_of_the_jobs_has_all_that_jobs_need_and_nothing_that_people_see(
    app: Flask, real_database: Engine
) -> None:
    """Screens, API and console would cost it a third of its memory; every job must come to its end without them."""
    script = """
        import sys
        from app import create_background_app
        from app.jobs.runner import Runner
        from app.operations import jobs
        app = create_background_app()
        Runner(app)
        for name in jobs.WORK:
            with app.app_context():
                result = jobs.run(name)
            print(name, result.outcome, result.error)
        seen = ("app.views", "app.api", "app.admin", "app.demo", "flask_admin", "reportlab", "xlsxwriter", "pypdf")
        print("seen:", [name for name in seen if name in sys.modules])
    """
    environ = {
        **os.environ,
        "DATABASE_URL": real_database.url.render_as_string(hide_password=False),
        "DATA_DIR": app.config["DATA_DIR"],
    }
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=Path(config.__file__).parent,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "seen: []" in said
    assert [line for line in done.stdout.splitlines() if " failed " in line] == []

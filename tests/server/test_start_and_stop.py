"""The whole program as its operator starts and stops it, with a small application in the place of the real one."""

import os
import re
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.server.postgres import EmbeddedPostgres
from tests.server.terminal import Running, call, eventually, processes

pytestmark = pytest.mark.server

Start = Callable[..., Running]


def test_the_start_screen_says_where_who_and_how_to_stop(program: Running) -> None:
    place = str(program.data_dir)
    for shown in (f"http://127.0.0.1:{program.port}/", place, "Khac@2026x", "Ctrl-C", "vanthu1", "quantri"):
        assert shown in program.screen
    assert "accounts=1" in program.get()


@pytest.mark.usefixtures("used_data_dir")
def test_ctrl_c_lets_running_requests_finish_stops_everything_and_leaves_no_process(
    start: Start, data_dir: Path
) -> None:
    running = start().ready()
    answers: list[str] = []
    reader = threading.Thread(target=lambda: answers.append(running.get("/slow")))
    reader.start()
    time.sleep(0.5)
    assert running.press_ctrl_c() == 0
    reader.join(10)
    assert answers == ["done"]
    assert processes(data_dir) == []
    assert "Traceback" not in running.screen
    assert (data_dir / "logs/postgres.log").read_text().rstrip().endswith("database system is shut down")


def test_ctrl_c_during_the_start_leaves_no_process(start: Start, data_dir: Path) -> None:
    running = start()
    assert eventually(lambda: running.children("postgres"))
    assert running.press_ctrl_c() == 0
    assert processes(data_dir) == []
    assert "accounts=1" in start().ready().get()


def test_sigterm_stops_everything_and_leaves_no_process(first_run: Running) -> None:
    assert first_run.process.returncode == 0
    assert processes(first_run.data_dir) == []


@pytest.mark.usefixtures("used_data_dir")
def test_the_second_start_is_quick_and_finds_the_data(start: Start) -> None:
    began = time.monotonic()
    second = start(DEMO_PASSWORD="Sau@20266").ready()
    assert time.monotonic() - began < 10
    assert "accounts=1" in second.get()
    assert "Dautien@2026" in second.screen, "the made-up accounts keep the password they were loaded with"


@pytest.mark.usefixtures("used_data_dir")
def test_after_kill_9_of_the_program_or_of_everything_at_once_the_next_start_recovers(
    start: Start, data_dir: Path
) -> None:
    running = start().ready()
    running.pull_the_plug()
    assert eventually(lambda: not processes(data_dir)), processes(data_dir)
    running = start().ready()
    for pid in processes(data_dir):
        with suppress(ProcessLookupError):  # it went with its parent
            os.kill(pid, signal.SIGKILL)
    running.process.wait(10)
    assert "accounts=1" in start().ready().get()


@pytest.mark.parametrize(("part", "name"), [("web", "web"), ("jobs", "jobs"), ("postgres", "PostgreSQL")])
def test_a_part_that_dies_is_started_again_with_one_line_for_the_operator(
    program: Running, part: str, name: str
) -> None:
    assert eventually(lambda: program.children(part), 30)
    first = set(program.children(part))
    for pid in first:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: set(program.children(part)) - first, 60), program.screen
    assert eventually(lambda: "accounts=1" in program.get(), 30), program.screen
    assert len(re.findall(f"{name} dừng đột ngột", program.screen)) == 1, program.screen


def test_web_and_jobs_never_get_the_owner_of_the_tables(program: Running) -> None:
    for part in ("web", "jobs"):
        assert eventually(lambda: program.children(part), 60)  # noqa: B023 – called at once
        environ = Path(f"/proc/{program.children(part)[0]}/environ").read_bytes()
        assert b"vanthu_app@" in environ
        assert b"vanthu_owner" not in environ
        assert b"Bimat@2026" not in environ


def test_a_command_uses_the_running_database_and_leaves_it_running(program: Running) -> None:
    assert call(program.data_dir, "records", "count").stdout.strip() == "accounts=1"
    assert "accounts=1" in program.get()


def test_a_command_without_the_program_starts_the_database_for_its_own_time(used_data_dir: Path) -> None:
    done = call(used_data_dir, "records", "count")
    assert done.stdout.strip() == "accounts=1", done.stderr
    assert processes(used_data_dir) == []


def test_the_web_server_alone_needs_a_database(data_dir: Path) -> None:
    done = call(data_dir, "web")
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_was_given_is_used_and_left_running(start: Start, used_data_dir: Path) -> None:
    server = EmbeddedPostgres(used_data_dir)
    server.start()
    try:
        program = start(DATABASE_URL=server.app_url, DATABASE_OWNER_URL=server.owner_url)
        assert "theo DATABASE_URL" in program.ready().screen
        assert "accounts=1" in program.get()
        assert len(program.children("postgres")) == 1
        assert program.press_ctrl_c() == 0
        assert server.running()
    finally:
        server.stop()

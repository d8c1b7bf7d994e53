"""`python run.py` with the real application, once from an empty data folder."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.terminal import ROOT, Running, call, environment, processes

pytestmark = pytest.mark.server


def test_the_program_starts_from_nothing_serves_its_first_page_and_stops(
    start: Callable[..., Running], data_dir: Path
) -> None:
    admin = {
        "RECORDS_ADMIN_USERNAME": "lequantri",
        "RECORDS_ADMIN_FULL_NAME": "Lê Quản Trị",
        "RECORDS_ADMIN_PASSWORD": "Matkhau@2026",
    }
    running = start(program=ROOT / "run.py", DEMO="0", **admin).ready()
    assert '<html lang="vi"' in running.get("/login/")
    asked = call(data_dir, "records", "has-accounts", program=ROOT / "run.py")
    assert asked.returncode == 0, asked.stderr
    assert running.children("jobs")
    assert "dừng đột ngột" not in running.screen
    assert running.press_ctrl_c() == 0
    assert processes(data_dir) == []


def test_flask_finds_the_commands_without_a_database(data_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "run", "records", "--help"],
        cwd=ROOT,
        env=environment(data_dir),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for command in ("init", "demo", "create-admin", "has-accounts"):
        assert command in done.stdout
    assert processes(data_dir) == []

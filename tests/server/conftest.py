"""Fixtures of the server tests: a data folder of their own, and nothing left running behind them."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.server.terminal import Running, eventually, processes


@contextmanager
def a_place_for_data() -> Iterator[Path]:
    """A data folder that does not exist yet, below a folder that everybody may pass."""
    parent = Path(tempfile.mkdtemp(prefix="records-server-"))
    parent.chmod(0o711)
    yield parent / "data"
    for pid in processes(parent):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: not processes(parent))
    shutil.rmtree(parent)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data folder that does not exist yet."""
    with a_place_for_data() as place:
        yield place


@pytest.fixture(scope="session")
def first_run() -> Iterator[Running]:
    """A program that was started once and stopped, with the made-up office in its data folder."""
    with a_place_for_data() as place:
        running = Running(place, DEMO_PASSWORD="Dautien@2026").ready()
        running.process.terminate()  # as systemd and docker stop it
        running.process.wait(60)
        yield running


@pytest.fixture
def used_data_dir(first_run: Running, data_dir: Path) -> Path:
    """A data folder in which the program ran before: a copy, with owners and permissions."""
    subprocess.run(["cp", "-a", str(first_run.data_dir), str(data_dir)], check=True)
    return data_dir


@pytest.fixture(scope="session")
def program() -> Iterator[Running]:
    """A program that runs, for tests that leave it running."""
    with a_place_for_data() as place:
        running = Running(place, DEMO_PASSWORD="Khac@2026x", RECORDS_ADMIN_PASSWORD="Bimat@2026")
        yield running.ready()
        running.press_ctrl_c()


@pytest.fixture
def start(data_dir: Path) -> Iterator:
    """Start the program; whatever a test leaves running is stopped."""
    started: list[Running] = []

    def begin(**settings: str) -> Running:
        running = Running(data_dir, **settings)
        started.append(running)
        return running

    yield begin
    for running in started:
        if running.process.poll() is None:
            running.press_ctrl_c()

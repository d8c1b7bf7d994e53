"""The whole program as its users have it: started by run.py in a folder of its own, with its own PostgreSQL."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READY = "nhấn Ctrl-C"
START_SECONDS = 180
ADMIN = {
    "RECORDS_ADMIN_USERNAME": "quantri",
    "RECORDS_ADMIN_FULL_NAME": "Lê Quản Trị",
    "RECORDS_ADMIN_PASSWORD": "Do-Dac@2026",
}


@dataclass(frozen=True)
class Memory:
    """Memory of all processes of the program in MiB; pages that several share are counted once (PSS)."""

    pss: float
    processes: int
    parts: dict[str, float]


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """The program's environment: nothing of the caller's own settings gets through."""
    own = ("DATABASE", "DATA_DIR", "DEMO", "HOST", "PORT", "RECORDS_", "BENCH")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return clean | {"DATA_DIR": str(data_dir), "DEMO": "0"} | ADMIN | settings


class Program:
    """One data folder and the program on it, started and stopped as often as wanted."""

    def __init__(self, data_dir: Path):
        self.data_dir = data_dir
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; gives the seconds until it says that it can be used."""
        screen = self.data_dir.with_name(f"{self.data_dir.name}.screen")
        begun = time.monotonic()
        with screen.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "run.py")],
                env=environment(self.data_dir, PORT=str(self.port)),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        while READY not in screen.read_text(encoding="utf-8"):
            if self._process.poll() is not None or time.monotonic() - begun > START_SECONDS:
                raise RuntimeError("the program did not start:\n" + screen.read_text(encoding="utf-8"))
            time.sleep(0.02)
        return time.monotonic() - begun

    def stop(self) -> None:
        """Stop it as an operator does."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)

    def memory(self) -> Memory:
        """What all its processes hold now."""
        assert self._process is not None  # noqa: S101 - asked of a program that runs
        parts: dict[str, float] = {}
        family = descendants(self._process.pid)
        for pid in family:
            with suppress(OSError):
                roll = (Path("/proc") / str(pid) / "smaps_rollup").read_text()
                held = next(int(line.split()[1]) for line in roll.splitlines() if line.startswith("Pss:")) / 1024
                parts[_part(pid)] = parts.get(_part(pid), 0) + held
        return Memory(sum(parts.values()), len(family), parts)

    def processor_seconds(self) -> dict[str, float]:
        """Processor time that each part has used since it started, children that have ended included."""
        assert self._process is not None  # noqa: S101 - asked of a program that runs
        used: dict[str, float] = {}
        for pid in descendants(self._process.pid):
            with suppress(OSError):
                fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
                ticks = sum(int(field) for field in fields[11:15])
                used[_part(pid)] = used.get(_part(pid), 0) + ticks / os.sysconf("SC_CLK_TCK")
        return used


def descendants(pid: int) -> list[int]:
    """A process and all that it started, directly or not."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        each = waiting.pop()
        found.append(each)
        waiting += children.get(each, [])
    return found


def _part(pid: int) -> str:
    line = (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    for mark, part in (("postgres", "PostgreSQL"), ("worker.py", "PDF workers"), (" web ", "web"), (" jobs", "jobs")):
        if mark in line:
            return part
    return "web" if "van-thu" in line or "gunicorn" in line else "supervisor"


@contextmanager
def place_for_data() -> Iterator[Path]:
    """A data folder that does not exist yet, below one that the database's account may pass; gone afterwards."""
    parent = Path(tempfile.mkdtemp(prefix="van-thu-bench-"))
    parent.chmod(0o711)
    try:
        yield parent / "data"
    finally:
        shutil.rmtree(parent, ignore_errors=True)


@contextmanager
def running() -> Iterator[Program]:
    """A program on a new data folder; not started yet, and stopped at the end."""
    with place_for_data() as place:
        program = Program(place)
        try:
            yield program
        finally:
            program.stop()

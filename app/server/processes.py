"""Child processes: they end with the process that started them, even when that is killed with kill -9."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from app.server import logs

PR_SET_PDEATHSIG = 1
LONGEST_WAIT = 60.0  # seconds between two attempts to start a child that keeps ending
CALM_SECONDS = 60.0  # a child that ran for so long has recovered: the next wait is short again


def dies_with_parent(signal_number: int) -> Callable[[], None] | None:
    """What a child runs before its program so that it gets ``signal_number`` when its parent ends (Linux).

    The kernel counts the *thread* that starts the child as the parent: start children from the main thread.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # loaded before the fork: the child must not import
    parent = os.getpid()

    def ask_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:  # it ended between fork and prctl
            os._exit(1)

    return ask_kernel


def end(
    process: subprocess.Popen,
    first: int,
    patience: float,
    last: int = signal.SIGKILL,
    *,
    hurried: Callable[[], bool] = lambda: False,
) -> bool:
    """Ask a process to end with ``first``; after ``patience`` seconds, or if ``hurried``, force its group by ``last``.

    Returns whether it ended by itself.
    """
    if process.poll() is None:
        with suppress(ProcessLookupError):
            process.send_signal(first)
    deadline = time.monotonic() + patience
    while process.poll() is None:
        if hurried() or time.monotonic() > deadline:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, last)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            return False
        time.sleep(0.02)
    return True


class Restarting:
    """When to try again something that ended unexpectedly: after 1, 2, 4 … seconds, at most a minute apart."""

    def __init__(self) -> None:
        self._wait = 1.0
        self._due: float | None = None
        self._began = time.monotonic()

    def began(self) -> None:
        """It was started now."""
        self._began = time.monotonic()
        self._due = None

    def failed(self) -> float | None:
        """It is down: the seconds until the next attempt where that was decided just now, else None."""
        if self._due is not None:
            return None
        if time.monotonic() - self._began > CALM_SECONDS:
            self._wait = 1.0
        wait, self._wait = self._wait, min(self._wait * 2, LONGEST_WAIT)
        self._due = time.monotonic() + wait
        return wait

    def due(self) -> bool:
        """Whether the next attempt may be made now."""
        return self._due is not None and time.monotonic() >= self._due


class Child:
    """A part of the program in a process group of its own (web, jobs), writing to ``DATA_DIR/logs/<name>.log``."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environ: Mapping[str, str],
        data_dir: Path,
        pass_fds: Sequence[int] = (),
    ):
        self.name = name
        self.command = list(command)
        self.environ = dict(environ)
        self.data_dir = data_dir
        self.pass_fds = tuple(pass_fds)
        self.restarting = Restarting()
        self._process: subprocess.Popen | None = None
        self._log_offset = 0

    def start(self) -> None:
        """Start it; call from the main thread."""
        with logs.open_log(self.data_dir, self.name) as log:
            self._log_offset = os.fstat(log.fileno()).st_size
            self._process = subprocess.Popen(
                self.command,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self.pass_fds,
                start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor only, which stops in order
                preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509 – this process has one thread
            )
        self.restarting.began()

    def exit_code(self) -> int | None:
        """Its exit code, None while it runs (or was never started)."""
        return self._process.poll() if self._process else None

    def wait(self) -> int:
        """Wait until it ends by itself."""
        while (code := self.exit_code()) is None:
            time.sleep(0.02)
        return code

    def said(self) -> str:
        """What it wrote since its last start."""
        return logs.since(self.data_dir / "logs" / f"{self.name}.log", self._log_offset)

    def stop(self, patience: float, hurried: Callable[[], bool] = lambda: False) -> None:
        """SIGTERM, and after ``patience`` seconds SIGKILL for its whole group."""
        if self._process is not None:
            end(self._process, signal.SIGTERM, patience, hurried=hurried)
            self._process = None

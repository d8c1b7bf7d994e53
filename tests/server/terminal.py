"""A person at a terminal: starts the program, reads what it shows, presses Ctrl-C, pulls the plug."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

STANDIN = Path(__file__).with_name("standin.py")
ROOT = Path(__file__).resolve().parents[2]
READY = "nhấn Ctrl-C"


def eventually(condition: Callable[[], object], seconds: float = 15) -> bool:
    """Whether the condition becomes true within this time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """The environment of the program: nothing of the test run's own settings gets through."""
    own = ("DATABASE", "DATA_DIR", "DEMO", "HOST", "PORT", "RECORDS_", "TEST_DATABASE", "PYTEST", "STANDIN")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return clean | {"DATA_DIR": str(data_dir), "RECORDS_WEB_WORKERS": "1"} | settings


def call(data_dir: Path, *arguments: str, program: Path = STANDIN, **settings: str) -> subprocess.CompletedProcess:
    """Run the program until it ends by itself, without a terminal."""
    return subprocess.run(
        [sys.executable, str(program), *arguments],
        env=environment(data_dir, **({"PORT": str(free_port())} | settings)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def processes(data_dir: Path) -> list[int]:
    """Every process that has to do with this data folder, by command line or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                seen = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if os.fsencode(data_dir) in seen:
                found.append(int(entry.name))
    return found


class Running:
    """The program, started in a terminal of its own."""

    def __init__(self, data_dir: Path, *, program: Path = STANDIN, **settings: str):
        self.data_dir = data_dir
        self.port = int(settings.setdefault("PORT", str(free_port())))
        self._screen = data_dir.with_name(f"{data_dir.name}.screen")
        with self._screen.open("wb") as screen:
            self.process = subprocess.Popen(
                [sys.executable, str(program)],
                env=environment(data_dir, **settings),
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=screen,
                start_new_session=True,
            )

    @property
    def screen(self) -> str:
        """All it has shown so far."""
        return self._screen.read_text(encoding="utf-8")

    def ready(self) -> "Running":
        """Wait for the start screen."""
        if not eventually(lambda: READY in self.screen or self.process.poll() is not None, 90):
            raise AssertionError("no start screen:\n" + self.screen)
        assert self.process.poll() is None, self.screen
        return self

    def get(self, path: str = "/") -> str:
        """A page, or the reason why there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        except OSError as error:
            return str(error)
        finally:
            connection.close()

    def press_ctrl_c(self) -> int:
        """Ctrl-C in the terminal, and the exit code that follows."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(60)

    def pull_the_plug(self) -> None:
        """kill -9, as the kernel does when memory runs out."""
        self.process.kill()
        self.process.wait(10)

    def children(self, part: str) -> list[int]:
        """The processes of a part: web, jobs, or postgres."""
        found = []
        for pid in processes(self.data_dir):
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except FileNotFoundError:
                continue  # it ended since it was seen
            is_part = part.encode() in words[2:3] if part != "postgres" else words[0].endswith(b"/postgres")
            if is_part:
                found.append(pid)
        return found

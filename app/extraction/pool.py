"""Long-lived, limited worker processes for files that may be hostile.

One pool serves all threads of a process. It starts workers when they are first needed, in the process
that needs them (so the program may be loaded before gunicorn forks), puts a new worker in the place of one
that crashed, hung or grew, and takes all of them down at the end. Linux only.
"""

import atexit
import contextlib
import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.extraction.tasks import TASKS

_LENGTH = struct.Struct(">I")
_MAX_REQUEST = 60_000  # bytes: fits into the pipe, so that sending never waits for a worker that does not read
_SCRIPT = Path(__file__).with_name("worker.py")


class FailureReason(StrEnum):
    """Why there is no answer."""

    TIMEOUT = "timeout"  # wall clock or processor time
    MEMORY = "memory"
    DIED = "died"  # crashed, or was killed from outside
    ERROR = "error"  # the task raised
    TOO_LARGE = "too_large"
    PROTOCOL = "protocol"  # the answer makes no sense
    BUSY = "busy"  # no worker became free in time
    START = "start"
    CLOSED = "closed"


class WorkerFailed(Exception):
    """The task came to nothing; the pool goes on. ``detail`` is for the log, not for users."""

    def __init__(self, reason: FailureReason, detail: str = ""):
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class WorkerConfig:
    """Size of the pool and limits of each worker; times in seconds, amounts in bytes."""

    size: int = 2
    memory: int = 768 * 1024**2
    task_seconds: float = 30
    cpu_seconds: int = 25
    wait_seconds: float = 60  # for a worker to become free
    start_seconds: float = 30
    open_files: int = 32
    niceness: int = 10
    tasks_per_worker: int = 200
    idle_seconds: float = 120  # a worker that had nothing to do for so long ends: it holds memory that others need
    recycle_above: int = 256 * 1024**2  # a worker that once grew beyond this is replaced after its task
    max_reply: int = 32 * 1024**2
    preload: tuple[str, ...] = ("app.extraction.pdf",)


class WorkerPool:
    """Runs tasks (see :mod:`app.extraction.tasks`) in worker processes; safe for many threads, safe to fork."""

    def __init__(self, config: WorkerConfig | None = None, tasks: Mapping[str, str] = TASKS):
        self.config = config or WorkerConfig()
        self._tasks = dict(tasks)
        self._begin()
        _pools.add(self)

    def run(self, kind: str, arguments: dict[str, Any], timeout: float | None = None) -> dict[str, Any]:
        """Answer of one task; ``timeout`` in seconds of the wall clock, from the moment it starts.

        Raises :class:`WorkerFailed`; an unknown kind or too long arguments are a ``ValueError``.
        """
        if kind not in self._tasks:
            raise ValueError(f"no such kind of task: {kind!r}")
        seconds = self.config.task_seconds if timeout is None else timeout
        cpu_seconds = min(self.config.cpu_seconds, int(seconds) + 1)
        request = json.dumps({"kind": kind, "arguments": arguments, "cpu_seconds": cpu_seconds}).encode()
        if len(request) > _MAX_REQUEST:
            raise ValueError("arguments are too long; pass a path instead of content")
        worker = self._take()
        try:
            # One that was killed while it idled is no reason to disappoint the caller.
            while not worker.send(request):
                worker = self._replace(worker)
            reply = worker.receive(time.monotonic() + seconds, self.config.max_reply)
        except WorkerFailed as failure:
            self._drop(worker)
            raise (WorkerFailed(FailureReason.CLOSED) if self._closed else failure) from None
        except BaseException:
            self._drop(worker)
            raise
        if reply.get("ok") is True and isinstance(reply.get("result"), dict):
            self._give_back(worker, int(reply.get("peak", 0)))
            result: dict[str, Any] = reply["result"]
            return result
        return self._refuse(worker, reply)

    def warm(self) -> str:
        """Start a worker now, so that the first user does not wait; answers "none" or "shared": its network."""
        worker = self._take()
        self._give_back(worker, 0)
        return worker.network

    def close(self) -> None:
        """End all workers; callers that wait for an answer get :class:`WorkerFailed`. Cannot be undone."""
        with self._changed:
            self._closed = True
            if self._retiring is not None:
                self._retiring.cancel()
            idle, busy = list(self._idle), self._all - set(self._idle)
            self._all.clear()
            self._idle.clear()
            self._changed.notify_all()
        for worker in idle:
            worker.end()
        for worker in busy:
            worker.kill()  # the thread that waits for its answer notices, and clears up
        self._spawner.shutdown(wait=False)

    # ---- inside

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._starting = 0
        self._closed = False
        self._retiring: threading.Timer | None = None
        # The kernel ends a worker with the *thread* that started it, so one thread that lives as long as the
        # pool starts them all.
        self._spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="worker-starter")

    def _after_fork(self) -> None:
        """In a forked child: the workers belong to the parent, only their pipes were copied."""
        inherited, closed = list(self._all), self._closed
        self._begin()
        self._closed = closed
        for worker in inherited:
            worker.forget()

    def _take(self) -> "_Worker":
        deadline = time.monotonic() + self.config.wait_seconds
        with self._changed:
            while True:
                if self._closed:
                    raise WorkerFailed(FailureReason.CLOSED)
                if self._idle:
                    return self._idle.pop()
                if len(self._all) + self._starting < self.config.size:
                    self._starting += 1
                    break
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    raise WorkerFailed(FailureReason.BUSY, f"no worker free within {self.config.wait_seconds} s")
        return self._start()

    def _start(self) -> "_Worker":
        """A new worker in a place that was reserved by ``_starting``."""
        worker: _Worker | None = None
        try:
            try:
                worker = self._spawner.submit(_Worker, self.config, self._tasks).result()
                worker.wait_until_ready(time.monotonic() + self.config.start_seconds)
            except (OSError, RuntimeError) as error:
                raise WorkerFailed(FailureReason.START, str(error)) from error
            except WorkerFailed as failure:
                raise WorkerFailed(FailureReason.START, str(failure)) from failure
        except BaseException:
            if worker is not None:
                worker.end()
            with self._changed:
                self._starting -= 1
                self._changed.notify()
            raise
        with self._changed:
            self._starting -= 1
            if not self._closed:
                self._all.add(worker)
                return worker
        worker.end()
        raise WorkerFailed(FailureReason.CLOSED)

    def _replace(self, worker: "_Worker") -> "_Worker":
        worker.end()
        with self._changed:
            self._all.discard(worker)
            self._starting += 1
        return self._start()

    def _drop(self, worker: "_Worker") -> None:
        worker.end()
        with self._changed:
            self._all.discard(worker)
            self._changed.notify()

    def _give_back(self, worker: "_Worker", peak: int) -> None:
        worker.served += 1
        if worker.served >= self.config.tasks_per_worker or peak > self.config.recycle_above:
            self._drop(worker)
            return
        with self._changed:
            if not self._closed:
                worker.idle_since = time.monotonic()
                self._idle.append(worker)
                self._changed.notify()
                self._retire_later(self.config.idle_seconds)
                return
        worker.end()

    def _retire_later(self, seconds: float) -> None:
        """Look after idle workers then; called with the lock held."""
        if self._retiring is None:
            self._retiring = threading.Timer(seconds, self._retire)
            self._retiring.daemon = True
            self._retiring.start()

    def _retire(self) -> None:
        with self._changed:
            self._retiring = None
            if self._closed:
                return
            limit = time.monotonic() - self.config.idle_seconds
            ended = [worker for worker in self._idle if worker.idle_since <= limit]
            self._idle = [worker for worker in self._idle if worker.idle_since > limit]
            self._all.difference_update(ended)
            if self._idle:
                self._retire_later(min(worker.idle_since for worker in self._idle) - limit)
        for worker in ended:
            worker.end()

    def _refuse(self, worker: "_Worker", reply: dict[str, Any]) -> dict[str, Any]:
        reason, detail = str(reply.get("reason")), str(reply.get("detail", ""))[:500]
        if reason in (FailureReason.ERROR, FailureReason.TOO_LARGE):
            self._give_back(worker, 0)
            raise WorkerFailed(FailureReason(reason), detail)
        self._drop(worker)
        raise WorkerFailed(FailureReason.MEMORY if reason == FailureReason.MEMORY else FailureReason.PROTOCOL, detail)


class _Worker:
    """One process and the two pipes to it."""

    def __init__(self, config: WorkerConfig, tasks: dict[str, str]):
        settings = {
            "parent": os.getpid(),
            "sys_path": [entry for entry in sys.path if entry],
            "preload": config.preload,
            "tasks": tasks,
            "memory": config.memory,
            "open_files": config.open_files,
            "niceness": config.niceness,
            "max_reply": config.max_reply,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", str(_SCRIPT), json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={k: v for k, v in os.environ.items() if k in ("LD_LIBRARY_PATH", "SYSTEMROOT")} | {"LANG": "C.UTF-8"},
            cwd="/",
            start_new_session=True,  # Ctrl-C at the terminal is for the parent, which then ends its workers
            bufsize=0,
        )
        assert self._process.stdin is not None  # noqa: S101 - for the type checker: both are pipes
        assert self._process.stdout is not None  # noqa: S101
        self._to, self._from = self._process.stdin, self._process.stdout
        self.served = 0
        self.idle_since = 0.0
        self.network = ""

    @property
    def pid(self) -> int:
        """Process number."""
        return self._process.pid

    def wait_until_ready(self, deadline: float) -> None:
        """Wait for the worker to have loaded its libraries and given up its rights."""
        self.network = str(self.receive(deadline, _MAX_REQUEST).get("network"))

    def send(self, request: bytes) -> bool:
        """Hand a request over; false if the worker is dead already."""
        try:
            self._to.write(_LENGTH.pack(len(request)) + request)
        except (OSError, ValueError):
            return False
        return True

    def receive(self, deadline: float, limit: int) -> dict[str, Any]:
        """The next message; :class:`WorkerFailed` on silence, death or nonsense."""
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size, deadline))
        if length > limit:
            raise WorkerFailed(FailureReason.PROTOCOL, f"{length} bytes announced")
        try:
            message = json.loads(self._exactly(length, deadline))
        except (ValueError, RecursionError) as error:
            raise WorkerFailed(FailureReason.PROTOCOL, str(error)) from error
        if not isinstance(message, dict):
            raise WorkerFailed(FailureReason.PROTOCOL, "not an object")
        return message

    def kill(self) -> None:
        """Kill the process and nothing else; safe from any thread."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def end(self) -> None:
        """Kill the process, reap it, close the pipes; only for whoever holds the worker; safe to repeat."""
        self.kill()
        self._process.wait()
        self.forget()

    def forget(self) -> None:
        """Let go of the pipes only."""
        for pipe in (self._to, self._from):
            with contextlib.suppress(OSError):
                pipe.close()
        if self._process.returncode is None:
            self._process.returncode = 0  # a forked child must not wait for a process that is not its own

    def _exactly(self, length: int, deadline: float) -> bytes:
        content = bytearray()
        poll = select.poll()
        try:
            poll.register(self._from, select.POLLIN)
            while len(content) < length:
                left = deadline - time.monotonic()
                if left <= 0 or not poll.poll(left * 1000):
                    raise WorkerFailed(FailureReason.TIMEOUT, "no answer in time")
                piece = os.read(self._from.fileno(), min(length - len(content), 1 << 16))
                if not piece:
                    raise self._obituary()
                content += piece
        except OSError as error:
            raise WorkerFailed(FailureReason.DIED, str(error)) from error
        return bytes(content)

    def _obituary(self) -> WorkerFailed:
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            return WorkerFailed(FailureReason.DIED, "closed its pipe")
        if code == -signal.SIGXCPU:
            return WorkerFailed(FailureReason.TIMEOUT, "used up its processor time")
        return WorkerFailed(FailureReason.DIED, f"exit code {code}")


_pools: "weakref.WeakSet[WorkerPool]" = weakref.WeakSet()


def _close_all() -> None:
    for pool in list(_pools):
        pool.close()


def _forget_all() -> None:
    for pool in list(_pools):
        pool._after_fork()  # noqa: SLF001 - same module


atexit.register(_close_all)
os.register_at_fork(after_in_child=_forget_all)

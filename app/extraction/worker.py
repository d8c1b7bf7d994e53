"""A process that handles hostile files for :mod:`app.extraction.pool`, started as a script and never imported.

It gives away what it does not need before the first byte from outside is read: memory, processor time,
files, processes, the network where the kernel lets it, and its life beyond that of its parent. It speaks
length-prefixed JSON on its pipes; its parent never unpickles anything.
"""

import contextlib
import ctypes
import importlib
import json
import os
import resource
import signal
import struct
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNET = 0x40000000
_CLONE_NEWUSER = 0x10000000
_LENGTH = struct.Struct(">I")


def main() -> None:
    """Serve one parent until it closes the pipe."""
    config = json.loads(sys.argv[1])
    network = _confine(config)
    requests, replies = _take_pipes()
    _limit(config)
    sys.path[:] = config["sys_path"]
    # The package itself builds the web program; a worker needs only the modules below it.
    package = types.ModuleType("app")
    package.__path__ = [str(Path(__file__).resolve().parent.parent)]
    sys.modules["app"] = package
    for module in config["preload"]:
        importlib.import_module(module)
    _send(replies, {"ready": True, "network": network})
    out_of_memory = json.dumps({"ok": False, "reason": "memory", "detail": ""}).encode()
    while request := _receive(requests):
        resource.setrlimit(resource.RLIMIT_CPU, (_processor_seconds() + request["cpu_seconds"] + 1, -1))
        try:
            _send(replies, _answer(config["tasks"], request), limit=config["max_reply"])
        except MemoryError:
            replies.write(_LENGTH.pack(len(out_of_memory)) + out_of_memory)
            replies.flush()
            os._exit(1)  # what is left of the memory is not to be relied on


def _answer(tasks: dict[str, str], request: dict[str, Any]) -> dict[str, Any]:
    module, _, function = tasks[request["kind"]].partition(":")
    try:
        run: Callable[[dict[str, Any]], dict[str, Any]] = getattr(importlib.import_module(module), function)
        result = run(request["arguments"])
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever the task raised, the parent must get an answer
        return {"ok": False, "reason": "error", "detail": f"{type(error).__name__}: {error}"[:500]}
    return {"ok": True, "result": result, "peak": _peak()}


def _peak() -> int:
    """Most memory this program ever held, in bytes; the figure of getrusage would include that of the parent.

    A task that left no file descriptor free makes it beyond all limits, so that the parent takes a new worker.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return sys.maxsize
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def _confine(config: dict[str, Any]) -> str:
    """Tie this process to its parent, lower its claims, leave the network; says which network is left."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != config["parent"]:  # it died before the line above
        os._exit(0)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # if memory runs out, this process goes first
    os.nice(config["niceness"])
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    isolated = libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    return "none" if isolated else "shared"


def _limit(config: dict[str, Any]) -> None:
    for which, amount in (
        (resource.RLIMIT_AS, config["memory"]),
        (resource.RLIMIT_NOFILE, config["open_files"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, ceiling = resource.getrlimit(which)
        value = amount if ceiling == resource.RLIM_INFINITY else min(amount, ceiling)
        resource.setrlimit(which, (value, value))


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes to the parent for the protocol: what a library prints must not reach it."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    os.close(nowhere)
    return requests, replies


def _processor_seconds() -> int:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return int(usage.ru_utime + usage.ru_stime)


def _receive(requests: BinaryIO) -> dict[str, Any] | None:
    head = requests.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = requests.read(length)
    return json.loads(body) if len(body) == length else None


def _send(replies: BinaryIO, message: dict[str, Any], limit: int = 1 << 20) -> None:
    body = json.dumps(message).encode()
    if len(body) > limit:
        body = json.dumps({"ok": False, "reason": "too_large", "detail": f"{len(body)} bytes"}).encode()
    replies.write(_LENGTH.pack(len(body)) + body)
    replies.flush()


if __name__ == "__main__":
    main()

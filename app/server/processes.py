"""Child processes: they end with the process that started them, even when that is killed with kill -9."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

PR_SET_PDEATHSIG = 1


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


def end(process: subprocess.Popen, first: int, patience: float, last: int = signal.SIGKILL) -> bool:
    """Ask a process to end with ``first``, wait ``patience`` seconds, then force its whole group with ``last``.

    Returns whether it ended by itself.
    """
    if process.poll() is not None:
        return True
    with suppress(ProcessLookupError):
        process.send_signal(first)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, last)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        return False
    return True

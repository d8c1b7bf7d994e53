"""One instance per data folder. The lock is the kernel's (flock): it is gone with its process, however that ends."""

import fcntl
import json
import os
import time
from pathlib import Path
from typing import Literal

from app.server.messages import already_running

Kind = Literal["supervisor", "command"]


class FolderLock:
    """Holds a folder for one process; ``kind`` tells others whether it is worth waiting.

    A command (`flask records …`) ends soon, so others wait for it; a supervisor does not.
    """

    def __init__(self, folder: Path, kind: Kind = "supervisor"):
        self.path = folder / "lock"
        self.kind = kind
        self._descriptor: int | None = None

    def acquire(self, patience: float = 60.0) -> None:
        """Take the lock; wait up to ``patience`` seconds for a command to end.

        Raises :class:`~app.server.messages.StartError` where another instance has it, :class:`OSError` where the
        folder cannot be written.
        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        began = time.monotonic()
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = self.holder()
                # A second even for a supervisor: is_held() of some other process holds the lock for an instant.
                if time.monotonic() - began > (patience if holder.get("kind") == "command" else 1.0):
                    os.close(descriptor)
                    raise already_running(self.path.parent, holder.get("pid")) from None
                time.sleep(0.1)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps({"pid": os.getpid(), "kind": self.kind}).encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; harmless when it is not held. The file stays: deleting it would let two in."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> dict:
        """What the present or last holder wrote: ``pid`` and ``kind``; empty where nothing can be read."""
        try:
            written = json.loads(self.path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return {}
        return written if isinstance(written, dict) else {}

    def is_held(self) -> bool:
        """Whether some process holds the lock now."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

"""The unprivileged account under which root runs PostgreSQL, and what that account can reach.

Nothing here changes a permission: reachability is found out by trying, as that account.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.server.messages import WRONG_USE, StartError


@dataclass(frozen=True)
class Account:
    """An account of the operating system, by number; ``switch`` is False where we already are that account."""

    uid: int
    gid: int
    switch: bool

    @property
    def popen_arguments(self) -> dict[str, Any]:
        """What makes :class:`subprocess.Popen` run a program as this account, without any further group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may go into the folder, through every folder above it."""
        if not self.switch:
            return os.access(folder, os.R_OK | os.W_OK | os.X_OK)
        done = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
            cwd="/",
            capture_output=True,
            check=False,
            **self.popen_arguments,
        )
        return done.returncode == 0

    def owns(self, path: Path) -> bool:
        """Whether the path itself (not what a link points to) belongs to this account."""
        return path.lstat().st_uid == self.uid

    def own(self, path: Path) -> None:
        """Give a folder that we have just made to this account."""
        if self.switch:
            os.chown(path, self.uid, self.gid)


def for_cluster(cluster: Path, name: str) -> Account:
    """Who runs the cluster: its owner where it exists, ``name`` where root makes a new one, else ourselves."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    if cluster.is_dir() and cluster.stat().st_uid != 0:
        owner = cluster.stat()
        return Account(owner.st_uid, owner.st_gid, switch=True)
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise StartError(
            f"Máy này không có tài khoản {name}. Đặt RECORDS_SYSTEM_ACCOUNT là một tài khoản không có đặc quyền.",
            WRONG_USE,
        ) from None
    if entry.pw_uid == 0:
        raise StartError("RECORDS_SYSTEM_ACCOUNT không được là root: PostgreSQL từ chối chạy bằng root.", WRONG_USE)
    return Account(entry.pw_uid, entry.pw_gid, switch=True)

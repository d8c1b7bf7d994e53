"""The files of DATA_DIR/logs: each process writes to its own, and none grows without end.

Files are opened for appending and put aside by copying and truncating, so that a process needs no signal to go on
writing. The few lines written between the two steps may be lost; records of acts are in the database, not here.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO

from app import clock

CHUNK = 4096


def open_log(data_dir: Path, name: str) -> IO[bytes]:
    """``DATA_DIR/logs/<name>.log``, open for appending; the folder is private to the account that runs the program."""
    folder = data_dir / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return open(folder / f"{name}.log", "ab", buffering=0)  # noqa: PTH123 – handed to a child process


def write_line(data_dir: Path, name: str, text: str) -> None:
    """Append one line with the time in Vietnam; a full disk does not stop the program that reports it."""
    with suppress(OSError), open_log(data_dir, name) as file:
        file.write(f"{clock.in_vietnam(clock.now()):%Y-%m-%d %H:%M:%S} {text}\n".encode())


def rotate(data_dir: Path, max_bytes: int, keep: int) -> None:
    """Put aside every log file larger than ``max_bytes``; keep ``keep`` older ones (``web.log.1`` is the newest)."""
    for path in (data_dir / "logs").glob("*.log"):
        with suppress(OSError):  # a full disk: try again at the next turn
            if path.stat().st_size > max_bytes:
                for number in range(keep - 1, 0, -1):
                    older = path.with_name(f"{path.name}.{number}")
                    if older.exists():
                        older.replace(path.with_name(f"{path.name}.{number + 1}"))
                shutil.copyfile(path, path.with_name(f"{path.name}.1"))
                os.truncate(path, 0)


def since(path: Path, offset: int) -> str:
    """What was written to a file after ``offset`` bytes; at most the last 64 KiB."""
    with suppress(OSError), path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(offset, end - 16 * CHUNK))
        return file.read().decode(errors="replace")
    return ""

"""A folder into which a scanner writes (thư mục quét): what lies there complete, and where it goes afterwards.

Knows files, no documents. Names are taken as they are and never followed out of the folder: symbolic links, folders and
whatever is no regular file are left alone.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

QUIET = timedelta(seconds=10)
"""So long must nobody have written to a file before it counts as complete."""
TAKEN, REFUSED = "da-nhan", "khong-nhan"
"""Where a file goes that was taken in, and one that was refused (with a note that says why)."""
CLAIMED = ".dang-nhan"
"""Where a file lies while it is taken in: out of the way of a scanner that writes the same name again."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart")


@dataclass(frozen=True)
class FoundFile:
    """A complete file of the folder. ``mark`` changes when anything is written to it."""

    path: Path
    size: int
    written_at: datetime
    mark: str


class ScanFolder:
    """One watched folder. Every method raises ``OSError`` where the folder cannot be read or written."""

    def __init__(self, root: Path):
        self.root = root

    def prepare(self) -> None:
        """Make the folder and its two subfolders where they are missing."""
        for name in ("", TAKEN, REFUSED, CLAIMED):
            (self.root / name).mkdir(parents=True, exist_ok=True)

    def complete(self, now: datetime) -> list[FoundFile]:
        """Files that nobody has written to for :data:`QUIET`, the oldest first, then by name; also those that were
        being taken in when the program stopped."""
        found = [*self._complete(self.root, now), *self._complete(self.root / CLAIMED, now)]
        return sorted(found, key=lambda file: (file.written_at, file.path.name))

    def _complete(self, folder: Path, now: datetime) -> Iterator[FoundFile]:
        if not folder.is_dir():
            return
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith((".", "~$")) or entry.name.lower().endswith(_UNFINISHED):
                    continue
                with suppress(FileNotFoundError):  # somebody took it away this moment
                    seen = entry.stat(follow_symlinks=False)
                    # the machine's own instant of the last change: a scanner's clock may say anything
                    changed = datetime.fromtimestamp(seen.st_ctime, UTC)
                    if stat.S_ISREG(seen.st_mode) and seen.st_size and now - changed >= QUIET:
                        written = min(datetime.fromtimestamp(seen.st_mtime, UTC), changed)
                        yield FoundFile(Path(entry.path), seen.st_size, written, _mark(seen))

    def claim(self, file: FoundFile) -> FoundFile:
        """Move a file out of the scanner's way before it is read. Raises ``FileNotFoundError`` where another lies in
        its place by now; that one is put back."""
        if file.path.parent.name == CLAIMED:
            return file
        place = _free(self.root / CLAIMED, file.path.name)
        file.path.rename(place)
        if _mark(place.lstat()) != file.mark:
            if file.path.exists():  # and a third one came: this one waits where it is
                raise FileNotFoundError(file.path)
            place.rename(file.path)
            raise FileNotFoundError(file.path)
        return replace(file, path=place)

    def give_back(self, file: FoundFile) -> None:
        """Put a claimed file back where the scanner wrote it, for another time."""
        if file.path.parent.name == CLAIMED:
            file.path.rename(_free(self.root, file.path.name))

    def is_unchanged(self, file: FoundFile) -> bool:
        """Whether nobody wrote to the file since it was found."""
        try:
            return _mark(file.path.lstat()) == file.mark
        except FileNotFoundError:
            return False

    @contextmanager
    def opened(self, file: FoundFile) -> Iterator[BinaryIO]:
        """The bytes of a file found before. Raises ``FileNotFoundError`` where another lies in its place by now."""
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            if _mark(os.fstat(descriptor)) != file.mark:
                raise FileNotFoundError(file.path)
            yield stream

    def put_aside(self, file: FoundFile, where: str, day: str, note: str = "") -> Path:
        """Move a file into a subfolder of the day; ``note`` is written beside it. Gives its new place."""
        folder = self.root / where / day
        folder.mkdir(parents=True, exist_ok=True)
        target = _free(folder, file.path.name)
        file.path.rename(target)
        if note:
            target.with_name(f"{target.name}.ly-do.txt").write_text(note + "\n", encoding="utf-8")
        return target

    def forget(self, before: str) -> int:
        """Remove what was taken in on days before ``before`` (yyyy-mm-dd): its bytes are in the store. Gives the
        number of files. What was refused stays until somebody looks at it."""
        removed = 0
        folder = self.root / TAKEN
        for day in sorted(folder.iterdir()) if folder.is_dir() else ():
            if not _DAY.fullmatch(day.name) or day.is_symlink() or not day.is_dir() or day.name >= before:
                continue
            for path in day.iterdir():
                if path.is_file() and not path.is_symlink():
                    path.unlink()
                    removed += 1
            with suppress(OSError):  # something of somebody's own lies there
                day.rmdir()
        return removed


def _mark(seen: os.stat_result) -> str:
    return f"{seen.st_dev}-{seen.st_ino}-{seen.st_size}-{seen.st_mtime_ns}"


def _free(folder: Path, name: str) -> Path:
    target, number = folder / name, 1
    while target.exists() or target.is_symlink():
        number += 1
        target = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
    return target

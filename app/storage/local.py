"""Files on a local file system, one file per content.

    root/objects/ab/cd/abcd…   the blobs, read-only, never rewritten
    root/partial/              uploads under way, each locked by its writer
    root/lock                  held for the instant in which a name appears, is touched or goes

A blob gets its name by a hard link, after its bytes are on the disk: a crash leaves either no blob
or the whole one, and at worst a partial file, which :meth:`LocalStore.remove_stale_partials` clears.
"""

import errno
import fcntl
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from app.storage.base import (
    BlobEntry,
    Damaged,
    Missing,
    StoredBlob,
    StoreFault,
    StoreFull,
    TooLarge,
    Verdict,
    checked_sha256,
    storage_errors,
)

CHUNK = 1024 * 1024  # bytes in memory at a time
RESERVE_EVERY = 16 * CHUNK  # bytes written between two looks at the free space
_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


class LocalStore:
    """A :class:`~app.storage.base.BlobStore` in a directory of the local file system.

    ``reserve`` bytes of the file system stay free, so that a flood of uploads cannot stop the
    database that may live on the same disk. Safe for many threads and many processes.
    """

    def __init__(self, root: str | os.PathLike[str], *, reserve: int = 0):
        self.root = Path(root)
        self.reserve = reserve
        self._objects = self.root / "objects"
        self._partial = self.root / "partial"
        self._lock = self.root / "lock"
        with storage_errors("preparing the store"):
            for directory in (self.root, self._objects, self._partial):
                directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        # An existing store on a read-only medium must still be readable: the lock file is only made by writers.

    # ---- writing

    def put(self, stream: BinaryIO, limit: int | None = None) -> StoredBlob:
        """See :meth:`~app.storage.base.BlobStore.put`."""
        fd, partial = self._new_partial()
        try:
            sha256, size = self._copy(stream, fd, limit)
            with storage_errors("writing an upload"):
                os.fchmod(fd, 0o440)
                os.fsync(fd)
            return self._publish(partial, sha256, size)
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            os.close(fd)

    def discard(self, sha256: str, *, touched_ns: int | None = None) -> bool:
        """See :meth:`~app.storage.base.BlobStore.discard`."""
        target = self._place(sha256)
        with storage_errors("removing a blob"), self._naming():
            try:
                if touched_ns is not None and target.lstat().st_mtime_ns != touched_ns:
                    return False
                target.unlink()
            except FileNotFoundError:
                return False
            _sync_directory(target.parent)
            return True

    def remove_stale_partials(self) -> int:
        """Remove what interrupted uploads left behind; how many files went. Uploads under way are left alone."""
        removed = 0
        with storage_errors("removing interrupted uploads"):
            for partial in sorted(self._partial.iterdir()):
                try:
                    fd = os.open(partial, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
                except FileNotFoundError:
                    continue
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # its writer holds this lock for as long as it lives
                    partial.unlink(missing_ok=True)
                    removed += 1
                except BlockingIOError:
                    continue
                finally:
                    os.close(fd)
        return removed

    # ---- reading

    def open(self, sha256: str) -> BinaryIO:
        """See :meth:`~app.storage.base.BlobStore.open`."""
        target = self._place(sha256)
        with storage_errors("opening a blob"):
            try:
                fd = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                raise Missing(sha256) from None
            return cast("BinaryIO", os.fdopen(fd, "rb"))

    def path(self, sha256: str) -> Path:
        """See :meth:`~app.storage.base.BlobStore.path`."""
        if not self.exists(sha256):
            raise Missing(sha256)
        return self._place(sha256)

    def exists(self, sha256: str) -> bool:
        """See :meth:`~app.storage.base.BlobStore.exists`."""
        return self._stat(sha256) is not None

    def size(self, sha256: str) -> int:
        """See :meth:`~app.storage.base.BlobStore.size`."""
        found = self._stat(sha256)
        if found is None:
            raise Missing(sha256)
        return found.st_size

    def verify(self, sha256: str) -> Verdict:
        """See :meth:`~app.storage.base.BlobStore.verify`."""
        try:
            blob = self.open(sha256)
        except Missing:
            return Verdict.MISSING
        digest = hashlib.sha256()
        with blob, storage_errors("reading a blob"):
            while chunk := blob.read(CHUNK):
                digest.update(chunk)
        return Verdict.OK if digest.hexdigest() == sha256 else Verdict.CHANGED

    def iter_blobs(self) -> Iterator[BlobEntry]:
        """See :meth:`~app.storage.base.BlobStore.iter_blobs`; one directory in memory at a time."""
        for first in _directories(self._objects):
            for second in _directories(first):
                for name in _names(second):
                    if len(name) != 64 or not name.startswith(first.name + second.name):
                        continue
                    with suppress(ValueError):
                        found = self._stat(name)
                        if found is not None:
                            yield BlobEntry(name, found.st_size, found.st_mtime_ns)

    def free_space(self) -> int:
        """See :meth:`~app.storage.base.BlobStore.free_space`."""
        with storage_errors("asking for the free space"):
            room = os.statvfs(self.root)
        return max(0, room.f_bavail * room.f_frsize - self.reserve)

    # ---- inside

    def _place(self, sha256: str) -> Path:
        checked_sha256(sha256)
        return self._objects / sha256[:2] / sha256[2:4] / sha256

    def _stat(self, sha256: str) -> os.stat_result | None:
        target = self._place(sha256)
        with storage_errors("looking for a blob"):
            try:
                found = target.lstat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return found if stat.S_ISREG(found.st_mode) else None

    def _new_partial(self) -> tuple[int, Path]:
        """A new file that only this writer holds."""
        with storage_errors("starting an upload"):
            while True:
                partial = self._partial / secrets.token_hex(16)
                fd = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX)
                    if os.fstat(fd).st_nlink:  # a cleaner may have come between the two calls
                        return fd, partial
                except BaseException:
                    partial.unlink(missing_ok=True)
                    os.close(fd)
                    raise
                os.close(fd)

    def _copy(self, stream: BinaryIO, fd: int, limit: int | None) -> tuple[str, int]:
        digest, size, look_again_at = hashlib.sha256(), 0, 0
        while True:
            room = CHUNK if limit is None else min(CHUNK, limit + 1 - size)
            chunk = stream.read(room)
            if not chunk:
                return digest.hexdigest(), size
            size += len(chunk)
            if limit is not None and size > limit:
                raise TooLarge(limit)
            digest.update(chunk)
            with storage_errors("writing an upload"):
                if self.reserve and size > look_again_at:
                    look_again_at = size + RESERVE_EVERY
                    if self.free_space() < len(chunk):
                        raise StoreFull(f"fewer than {self.reserve} bytes would stay free")
                view = memoryview(chunk)
                while view:
                    view = view[os.write(fd, view) :]

    def _publish(self, partial: Path, sha256: str, size: int) -> StoredBlob:
        target = self._place(sha256)
        with storage_errors("naming a blob"):
            target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            with self._naming():
                created = _link(partial, target)
                touched_ns = target.lstat().st_mtime_ns if created else _touch(target)
            # Also where another put made the name: it may not have come as far as this line yet.
            for directory in (target.parent, target.parent.parent, self._objects):
                _sync_directory(directory)
        if not created:
            self._recheck(sha256, size)
        return StoredBlob(sha256, size, created, touched_ns)

    def _recheck(self, sha256: str, size: int) -> None:
        """Rely on a blob that is there already only if it is what its name says: a good copy is at hand now."""
        found = self._stat(sha256)
        if found is None:
            raise Damaged(sha256, "the name went away, or is not that of a file")
        if found.st_size != size:
            raise Damaged(sha256, f"{found.st_size} bytes instead of {size}")
        try:
            verdict = self.verify(sha256)
        except StoreFault as error:
            raise Damaged(sha256, f"unreadable: {error}") from error
        if verdict is not Verdict.OK:
            raise Damaged(sha256, "its bytes have changed")

    @contextmanager
    def _naming(self) -> Iterator[None]:
        """Only one process or thread gives, touches or removes a name at a time."""
        fd = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)


def _link(partial: Path, target: Path) -> bool:
    """Give the finished file its name; false if the name is taken. Called under the naming lock."""
    try:
        os.link(partial, target, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if os.path.lexists(target):
            return False
        partial.rename(target)  # the naming lock keeps this from replacing anything
    return True


def _touch(target: Path) -> int:
    """Stamp a blob as wanted again, strictly later than its last stamp."""
    before = target.lstat().st_mtime_ns
    os.utime(target, follow_symlinks=False)
    after = target.lstat().st_mtime_ns
    if after <= before:  # the clock of the file system ticks in milliseconds
        os.utime(target, ns=(before + 1, before + 1), follow_symlinks=False)
        after = target.lstat().st_mtime_ns
    return after


def _sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _names(directory: Path) -> list[str]:
    with storage_errors("listing blobs"):
        try:
            return sorted(entry.name for entry in directory.iterdir())
        except FileNotFoundError:
            return []


def _directories(directory: Path) -> Iterator[Path]:
    for name in _names(directory):
        if len(name) == 2 and (directory / name).is_dir() and not (directory / name).is_symlink():
            yield directory / name

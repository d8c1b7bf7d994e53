"""What a store of files promises, and what can go wrong with it.

Callers turn the errors into messages for people; nothing here speaks to a user.
"""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol

_SHA256 = re.compile(r"[0-9a-f]{64}")


class StorageError(Exception):
    """Base of everything a store answers instead of doing its work."""


class StoreFull(StorageError):
    """No room left: the disk, the quota, or the reserve that the store must leave free."""


class StoreReadOnly(StorageError):
    """The store cannot be written to: mounted read-only, or the rights are missing."""


class StoreFault(StorageError):
    """The medium answered with an error (for example EIO); ``errno`` of the cause says which."""


class TooLarge(StorageError):
    """The upload is longer than ``limit`` bytes; nothing of it was kept."""

    def __init__(self, limit: int):
        super().__init__(f"longer than {limit} bytes")
        self.limit = limit


class Missing(StorageError):
    """There is no blob of this name."""

    def __init__(self, sha256: str):
        super().__init__(sha256)
        self.sha256 = sha256


class Damaged(StorageError):
    """A blob of this name exists, but its bytes are not those that the name promises.

    Raised by ``put`` too: a damaged blob is never taken for the good copy that was just received.
    """

    def __init__(self, sha256: str, detail: str):
        super().__init__(f"{sha256}: {detail}")
        self.sha256 = sha256
        self.detail = detail


class Verdict(StrEnum):
    """What a re-reading of a blob found."""

    OK = "ok"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True)
class StoredBlob:
    """Answer of ``put``. ``created`` is false where the same bytes were there already.

    ``touched_ns`` is the stamp of this put (see :meth:`BlobStore.discard`).
    """

    sha256: str
    size: int
    created: bool
    touched_ns: int


@dataclass(frozen=True)
class BlobEntry:
    """One blob as ``iter_blobs`` finds it: name, bytes, and the stamp of the last ``put`` (ns since the epoch)."""

    sha256: str
    size: int
    touched_ns: int


class BlobStore(Protocol):
    """Bytes under their SHA-256 (64 lower-case hexadecimal digits); another spelling is a ``ValueError``."""

    def put(self, stream: BinaryIO, limit: int | None = None) -> StoredBlob:
        """Keep everything the stream still holds, durably, or nothing of it.

        ``limit`` is in bytes. Raises :class:`TooLarge`, :class:`StoreFull`, :class:`StoreReadOnly`,
        :class:`Damaged`, :class:`StoreFault`; errors of the stream itself pass through unchanged.
        """
        ...

    def open(self, sha256: str) -> BinaryIO:
        """The blob for reading, able to seek; :class:`Missing` if there is none."""
        ...

    def path(self, sha256: str) -> Path:
        """Where the blob lies for programs that want a path; :class:`Missing` if there is none. Never write there."""
        ...

    def exists(self, sha256: str) -> bool:
        """Whether there is a blob of this name (its bytes are not read)."""
        ...

    def size(self, sha256: str) -> int:
        """Bytes of the blob; :class:`Missing` if there is none."""
        ...

    def verify(self, sha256: str) -> Verdict:
        """Read the blob again and compare it with its name; :class:`StoreFault` if the medium cannot be read."""
        ...

    def iter_blobs(self) -> Iterator[BlobEntry]:
        """All blobs in ascending order of their names."""
        ...

    def discard(self, sha256: str, *, touched_ns: int | None = None) -> bool:
        """Remove a blob that no record needs; true if it is gone now because of this call.

        With ``touched_ns`` it goes only if no ``put`` of the same bytes happened since that stamp. So the
        creator of an upload that came to nothing passes ``StoredBlob.touched_ns``, and a sweep for orphans
        passes ``BlobEntry.touched_ns`` of entries older than the longest transaction.
        """
        ...

    def free_space(self) -> int:
        """Bytes that may still be stored."""
        ...


def checked_sha256(sha256: str) -> str:
    """The name itself, if it is one; a name that could lead elsewhere is a ``ValueError``."""
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise ValueError(f"not a SHA-256 in lower-case hexadecimal digits: {sha256!r}")
    return sha256


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


@contextmanager
def storage_errors(doing: str) -> Iterator[None]:
    """Turn an ``OSError`` of the store's own files into a :class:`StorageError`."""
    try:
        yield
    except OSError as error:
        kind = StoreFull if error.errno in _FULL else StoreReadOnly if error.errno in _READ_ONLY else StoreFault
        raise kind(f"{doing}: {error}") from error

"""Whether the store holds what the records say it holds: a comparison, nothing is mended here.

Both sides come in ascending order of SHA-256 and are merged, so memory does not grow with the store.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.storage.base import BlobEntry, BlobStore, StorageError, Verdict


class FindingKind(StrEnum):
    """What does not agree."""

    CHANGED = "changed"  # the bytes are not those of the name (or cannot be read)
    MISSING = "missing"  # a record names a blob that is not there
    ORPHAN = "orphan"  # a blob that no record names
    SIZE = "size"  # the blob has another length than the record says


@dataclass(frozen=True)
class Finding:
    """One disagreement; sizes in bytes. ``touched_ns`` of an orphan is what ``discard`` asks for."""

    kind: FindingKind
    sha256: str
    detail: str
    expected_size: int | None = None
    found_size: int | None = None
    touched_ns: int | None = None


def compare(expected: Iterable[tuple[str, int]], store: BlobStore, deep: bool) -> Iterator[Finding]:
    """Compare records with the store; ``deep`` also reads every blob again.

    ``expected`` gives (SHA-256, size in bytes) in ascending order of SHA-256; another order is a
    ``ValueError``. An orphan may be an upload whose record is not committed yet: look at its age.
    """
    blobs = iter(store.iter_blobs())
    blob = next(blobs, None)
    for sha256, size in _ascending(expected):
        while blob is not None and blob.sha256 < sha256:
            yield _orphan(blob)
            blob = next(blobs, None)
        if blob is None or blob.sha256 != sha256:
            # Listed before a put that came in between: ask again before crying wolf.
            if not store.exists(sha256):
                yield Finding(FindingKind.MISSING, sha256, "not in the store", expected_size=size)
            continue
        yield from _examine(blob, size, store, deep)
        blob = next(blobs, None)
    while blob is not None:
        yield _orphan(blob)
        blob = next(blobs, None)


def _examine(blob: BlobEntry, size: int, store: BlobStore, deep: bool) -> Iterator[Finding]:
    if blob.size != size:
        detail = f"{blob.size} bytes instead of {size}"
        yield Finding(FindingKind.SIZE, blob.sha256, detail, expected_size=size, found_size=blob.size)
    elif deep:
        try:
            verdict = store.verify(blob.sha256)
        except StorageError as error:  # one bad sector must not end the examination of all the others
            detail = f"unreadable: {error}"
            yield Finding(FindingKind.CHANGED, blob.sha256, detail, expected_size=size, found_size=blob.size)
            return
        if verdict is Verdict.CHANGED:
            detail = "the bytes do not match the name"
            yield Finding(FindingKind.CHANGED, blob.sha256, detail, expected_size=size, found_size=blob.size)
        elif verdict is Verdict.MISSING:
            yield Finding(FindingKind.MISSING, blob.sha256, "went away during the comparison", expected_size=size)


def _orphan(blob: BlobEntry) -> Finding:
    detail = "no record names it"
    return Finding(FindingKind.ORPHAN, blob.sha256, detail, found_size=blob.size, touched_ns=blob.touched_ns)


def _ascending(expected: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    last = ""
    for sha256, size in expected:
        if sha256 <= last:
            raise ValueError(f"expected blobs must ascend without repetition: {sha256} after {last}")
        last = sha256
        yield sha256, size

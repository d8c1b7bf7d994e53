"""The store of files: what it keeps, what it refuses, what it answers when the disk lets it down."""

import errno
import hashlib
import io
import os
import stat
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.storage.base import Damaged, Missing, StoreFault, StoreFull, StoreReadOnly, TooLarge, Verdict
from app.storage.local import LocalStore


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(store, content: bytes, **options):
    return store.put(io.BytesIO(content), **options)


def files_below(root):
    return sorted(p for p in root.rglob("*") if p.is_file() and p.name != "lock")


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


@pytest.mark.parametrize("content", [b"", b"x", "Công văn số 15".encode(), os.urandom(3 * 1024 * 1024 + 7)])
def test_what_was_put_is_read_back_under_its_hash(store, content):
    stored = put(store, content)
    assert (stored.sha256, stored.size, stored.created) == (sha256(content), len(content), True)
    with store.open(stored.sha256) as blob:
        assert blob.read() == content
    assert store.path(stored.sha256).read_bytes() == content
    assert store.size(stored.sha256) == len(content)
    assert store.verify(stored.sha256) is Verdict.OK


def test_a_stored_file_is_read_only_and_lies_in_two_levels_of_folders(store):
    stored = put(store, b"a")
    path = store.path(stored.sha256)
    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    assert path.relative_to(store.root).parts == ("objects", stored.sha256[:2], stored.sha256[2:4], stored.sha256)


def test_nothing_but_the_blob_is_left_after_a_put(store):
    stored = put(store, b"a")
    assert files_below(store.root) == [store.path(stored.sha256)]
    assert store.path(stored.sha256).stat().st_nlink == 1


def test_the_same_bytes_are_kept_once_and_never_rewritten(store):
    first = put(store, b"same")
    inode = store.path(first.sha256).stat().st_ino
    second = put(store, b"same")
    assert (second.sha256, second.created) == (first.sha256, False)
    assert store.path(first.sha256).stat().st_ino == inode
    assert len(files_below(store.root)) == 1


@pytest.mark.parametrize("damage", [b"shorter", b"same length but other bytes"])
def test_a_damaged_blob_is_reported_and_never_taken_for_the_copy_just_received(store, damage):
    content = b"same length, the right ones"
    path = store.path(put(store, content).sha256)
    path.chmod(0o600)
    path.write_bytes(damage)
    with pytest.raises(Damaged) as raised:
        put(store, content)
    assert raised.value.sha256 == sha256(content)
    assert path.read_bytes() == damage
    assert store.verify(sha256(content)) is Verdict.CHANGED


def test_an_upload_above_the_limit_leaves_nothing(store):
    with pytest.raises(TooLarge) as raised:
        put(store, b"12345", limit=4)
    assert raised.value.limit == 4
    assert files_below(store.root) == []


def test_an_upload_of_exactly_the_limit_is_kept(store):
    assert put(store, b"1234", limit=4).size == 4


def test_no_more_than_one_byte_beyond_the_limit_is_ever_read(store):
    stream = io.BytesIO(b"x" * 1000)
    with pytest.raises(TooLarge):
        store.put(stream, limit=100)
    assert stream.tell() == 101


def test_an_error_of_the_stream_passes_through_and_leaves_nothing(store):
    class Broken(io.RawIOBase):
        def __init__(self):
            self.calls = 0

        def read(self, _size=-1):
            self.calls += 1
            if self.calls > 2:
                raise ConnectionResetError("the browser went away")
            return b"x" * 100

    with pytest.raises(ConnectionResetError):
        store.put(Broken())
    assert files_below(store.root) == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, StoreFull),
        (errno.EDQUOT, StoreFull),
        (errno.EROFS, StoreReadOnly),
        (errno.EACCES, StoreReadOnly),
        (errno.EIO, StoreFault),
    ],
)
@pytest.mark.parametrize("call", ["write", "fsync", "link"])
def test_every_failure_of_the_disk_has_its_own_error_and_leaves_nothing_visible(
    store, monkeypatch, call, number, expected
):
    def fail(*arguments, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(expected):
        put(store, b"content")
    monkeypatch.undo()
    assert not store.exists(sha256(b"content"))
    assert files_below(store.root) == []


def test_a_disk_that_fills_up_half_way_leaves_nothing(store, monkeypatch):
    real, left = os.write, [1_500_000]

    def write(fd, view):
        if left[0] <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = real(fd, view[: left[0]])
        left[0] -= written
        return written

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(StoreFull):
        put(store, b"x" * 3_000_000)
    assert files_below(store.root) == []


def test_short_writes_lose_no_byte(store, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, view: real(fd, view[:1000]))
    content = os.urandom(100_123)
    assert store.path(put(store, content).sha256).read_bytes() == content


def test_the_reserve_of_the_disk_stays_free(tmp_path):
    free = LocalStore(tmp_path / "a").free_space()
    greedy = LocalStore(tmp_path / "b", reserve=free * 2)
    assert greedy.free_space() == 0
    with pytest.raises(StoreFull):
        put(greedy, b"x")
    assert files_below(greedy.root) == []


def test_a_file_system_without_hard_links_keeps_files_all_the_same(store, monkeypatch):
    def link(*arguments, **options):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    assert put(store, b"a").created
    assert not put(store, b"a").created
    assert len(files_below(store.root)) == 1


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "A" * 64, "g" * 64, "a" * 63, "a" * 64 + "\n"])
def test_a_name_that_is_no_hash_is_never_looked_up(store, name):
    for question in (store.open, store.path, store.exists, store.verify, store.discard, store.size):
        with pytest.raises(ValueError, match="SHA-256"):
            question(name)


def test_a_blob_that_is_not_there_is_missing(store):
    name = sha256(b"nowhere")
    assert not store.exists(name)
    assert store.verify(name) is Verdict.MISSING
    for question in (store.open, store.path, store.size):
        with pytest.raises(Missing):
            question(name)


def test_a_symbolic_link_in_the_store_is_not_followed(store, tmp_path):
    content = b"secret"
    (tmp_path / "outside").write_bytes(content)
    place = store.path(put(store, content).sha256)
    place.unlink()
    place.symlink_to(tmp_path / "outside")
    assert not store.exists(sha256(content))
    with pytest.raises(StoreFault):
        store.open(sha256(content))


def test_blobs_are_listed_in_order_and_nothing_else_is(store):
    names = sorted(put(store, str(n).encode()).sha256 for n in range(50))
    (store.root / "objects" / "README").write_text("x")
    place = store.path(names[0]).parent
    (place / "stray.tmp").write_text("x")
    (place / ("f" * 64)).write_text("in the wrong folder")
    listed = list(store.iter_blobs())
    assert [entry.sha256 for entry in listed] == names
    assert all(entry.size in (1, 2) for entry in listed)


def test_a_discarded_upload_is_gone(store):
    stored = put(store, b"a")
    assert store.discard(stored.sha256, touched_ns=stored.touched_ns)
    assert not store.exists(stored.sha256)
    assert not store.discard(stored.sha256)


def test_bytes_that_somebody_else_put_meanwhile_are_not_discarded(store):
    mine = put(store, b"a")
    theirs = put(store, b"a")
    assert theirs.touched_ns > mine.touched_ns
    assert not store.discard(mine.sha256, touched_ns=mine.touched_ns)
    assert store.verify(mine.sha256) is Verdict.OK


def test_a_blob_put_again_looks_as_young_as_a_new_one(store):
    stored = put(store, b"a")
    os.utime(store.path(stored.sha256), ns=(1, 1))
    again = put(store, b"a")
    new = put(store, b"b")
    assert 0 <= new.touched_ns - again.touched_ns < 60 * 10**9


def test_the_stamp_of_a_listing_is_the_one_that_discard_asks_for(store):
    put(store, b"a")
    (entry,) = store.iter_blobs()
    assert store.discard(entry.sha256, touched_ns=entry.touched_ns)


def test_sixteen_uploads_of_the_same_content_at_once_make_one_blob(store):
    content = os.urandom(2_000_000)
    start = threading.Barrier(16)

    def upload():
        start.wait()
        return put(store, content)

    with ThreadPoolExecutor(16) as threads:
        stored = [f.result() for f in [threads.submit(upload) for _ in range(16)]]
    assert sum(s.created for s in stored) == 1
    assert {s.sha256 for s in stored} == {sha256(content)}
    assert len(files_below(store.root)) == 1
    assert store.verify(sha256(content)) is Verdict.OK


def test_uploads_and_discards_of_the_same_content_never_lose_a_kept_one(store):
    content = b"wanted by somebody"
    start = threading.Barrier(8)
    kept, lost = [], []

    def upload(keeps: bool):
        start.wait()
        for _ in range(25):
            stored = put(store, content)
            if keeps:
                kept.append(stored)
                if not store.exists(stored.sha256):
                    lost.append(stored)
            elif stored.created:
                store.discard(stored.sha256, touched_ns=stored.touched_ns)

    with ThreadPoolExecutor(8) as threads:
        for future in [threads.submit(upload, n % 2 == 0) for n in range(8)]:
            future.result()
    assert len(kept) == 100
    assert not lost  # whoever found the blob there has stamped it, and its maker lets it stay
    assert store.verify(sha256(content)) is Verdict.OK


def test_the_partial_file_of_an_upload_under_way_is_not_cleared(store):
    class Slow(io.BytesIO):
        removed = None

        def read(self, _size=-1):
            if self.tell():
                Slow.removed = store.remove_stale_partials()
            return super().read(10)

    stored = store.put(Slow(b"x" * 30))
    assert Slow.removed == 0
    assert store.verify(stored.sha256) is Verdict.OK


def test_partial_files_without_a_writer_are_cleared(store):
    (store.root / "partial" / "left-behind").write_bytes(b"half a file")
    assert store.remove_stale_partials() == 1
    assert files_below(store.root) == []
    assert store.remove_stale_partials() == 0


def test_three_hundred_megabytes_go_through_a_few_megabytes_of_memory(store, tmp_path):
    source = tmp_path / "large"
    with source.open("wb") as file:
        file.truncate(300 * 1024 * 1024)  # sparse: takes no room
    tracemalloc.start()
    try:
        with source.open("rb") as stream:
            stored = store.put(stream, limit=400 * 1024 * 1024)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert stored.size == 300 * 1024 * 1024
    assert peak < 8 * 1024 * 1024
    store.discard(stored.sha256)


def test_a_store_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreFault):
        LocalStore(tmp_path / "file" / "store")

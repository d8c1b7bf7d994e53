"""Records and store compared: every kind of disagreement is found, and nothing else."""

import errno
import io
import tracemalloc

import pytest

from app.storage.base import BlobEntry, StoreFault, Verdict
from app.storage.local import LocalStore
from app.storage.sanity import FindingKind, compare


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path)


@pytest.fixture
def stored(store):
    return sorted((store.put(io.BytesIO(b"x" * n)) for n in range(20)), key=lambda s: s.sha256)


def records(stored):
    return [(s.sha256, s.size) for s in stored]


def test_a_blob_that_came_during_the_comparison_is_not_missing(store, stored):
    def meanwhile():
        yield from records(stored)
        late = max((store.put(io.BytesIO(b"late %d" % n)) for n in range(50)), key=lambda s: s.sha256)
        if late.sha256 > stored[-1].sha256:
            yield late.sha256, late.size

    assert FindingKind.MISSING not in {f.kind for f in compare(meanwhile(), store, deep=False)}


def test_a_sound_store_gives_no_finding(store, stored):
    assert list(compare(records(stored), store, deep=True)) == []


def test_a_blob_without_record_is_an_orphan_with_its_stamp(store, stored):
    (finding,) = compare(records(stored[:-1]), store, deep=False)
    assert (finding.kind, finding.sha256) == (FindingKind.ORPHAN, stored[-1].sha256)
    assert store.discard(finding.sha256, touched_ns=finding.touched_ns)


def test_a_record_without_blob_is_missing(store, stored):
    store.discard(stored[0].sha256)
    store.discard(stored[7].sha256)
    found = list(compare(records(stored), store, deep=False))
    assert [(f.kind, f.sha256) for f in found] == [(FindingKind.MISSING, stored[n].sha256) for n in (0, 7)]


def test_changed_bytes_of_the_same_length_are_found_only_by_reading(store, stored):
    victim = next(s for s in stored if s.size > 3)
    path = store.path(victim.sha256)
    path.chmod(0o600)
    path.write_bytes(b"y" * victim.size)
    assert list(compare(records(stored), store, deep=False)) == []
    (finding,) = compare(records(stored), store, deep=True)
    assert (finding.kind, finding.sha256) == (FindingKind.CHANGED, victim.sha256)


def test_another_length_is_found_without_reading(store, stored):
    victim = stored[3]
    path = store.path(victim.sha256)
    path.chmod(0o600)
    path.write_bytes(b"z" * 1000)
    (finding,) = compare(records(stored), store, deep=False)
    assert (finding.kind, finding.expected_size, finding.found_size) == (FindingKind.SIZE, victim.size, 1000)


def test_an_unreadable_blob_does_not_end_the_examination(store, stored, monkeypatch):
    real = store.verify

    def verify(sha256):
        if sha256 == stored[0].sha256:
            raise StoreFault("reading a blob") from OSError(errno.EIO, "Input/output error")
        return real(sha256)

    monkeypatch.setattr(store, "verify", verify)
    store.discard(stored[-1].sha256)
    found = list(compare(records(stored), store, deep=True))
    assert [f.kind for f in found] == [FindingKind.CHANGED, FindingKind.MISSING]


def test_an_empty_store_and_no_records_agree(store):
    assert list(compare([], store, deep=True)) == []


def test_records_out_of_order_are_an_error_of_the_caller(store, stored):
    with pytest.raises(ValueError, match="ascend"):
        list(compare(reversed(records(stored)), store, deep=False))
    with pytest.raises(ValueError, match="ascend"):
        list(compare([records(stored)[0]] * 2, store, deep=False))


def test_memory_does_not_grow_with_the_store():
    class Endless:
        def iter_blobs(self):
            return (BlobEntry(f"{n:064x}", 1, 0) for n in range(0, 60_000, 2))

        def exists(self, _sha256):
            return False

        def verify(self, _sha256):
            return Verdict.OK

    tracemalloc.start()
    try:
        kinds = {}
        for finding in compare(((f"{n:064x}", 1) for n in range(0, 60_000, 3)), Endless(), deep=True):
            kinds[finding.kind] = kinds.get(finding.kind, 0) + 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kinds == {FindingKind.ORPHAN: 20_000, FindingKind.MISSING: 10_000}
    assert peak < 1024 * 1024

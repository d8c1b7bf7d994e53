"""A process killed at any moment of an upload leaves no blob or the whole one."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.storage.base import Verdict
from app.storage.local import LocalStore

ROOT = str(Path(__file__).resolve().parents[2])
CONTENT = b"0123456789abcdef" * 200_000
NAME = hashlib.sha256(CONTENT).hexdigest()

UPLOAD = """
import io, os, signal, sys
sys.path.insert(0, sys.argv[1])
from app.storage.local import LocalStore

def die(*arguments, **options):
    os.kill(os.getpid(), signal.SIGKILL)

moment = sys.argv[3]
real_link, real_fsync = os.link, os.fsync
if moment == "before the bytes are on the disk":
    os.fsync = die
elif moment == "before the name":
    os.link = die
elif moment == "after the name":
    def link(*arguments, **options):
        real_link(*arguments, **options)
        die()
    os.link = link

class Slow(io.BytesIO):
    def read(self, size=-1):
        if moment == "while the bytes arrive" and self.tell() > 1_000_000:
            print("half way", flush=True)
            signal.pause()
        return super().read(min(size, 300_000))

LocalStore(sys.argv[2]).put(Slow(b"0123456789abcdef" * 200_000))
"""


def upload_and_die(root: Path, moment: str) -> int:
    process = subprocess.Popen(
        [sys.executable, "-c", UPLOAD, ROOT, str(root), moment], stdout=subprocess.PIPE, text=True
    )
    if moment == "while the bytes arrive":
        assert process.stdout.readline() == "half way\n"
        process.kill()
    process.stdout.close()
    return process.wait(20)


@pytest.mark.parametrize(
    "moment", ["while the bytes arrive", "before the bytes are on the disk", "before the name", "after the name"]
)
def test_a_killed_upload_leaves_no_partial_blob(tmp_path, moment):
    assert upload_and_die(tmp_path, moment) == -signal.SIGKILL
    store = LocalStore(tmp_path)
    visible = [entry.sha256 for entry in store.iter_blobs()]
    if moment == "after the name":
        assert visible == [NAME]
        assert store.verify(NAME) is Verdict.OK
    else:
        assert visible == []
    assert len(list((tmp_path / "partial").iterdir())) == 1
    assert store.remove_stale_partials() == 1
    assert store.verify(NAME) is (Verdict.OK if moment == "after the name" else Verdict.MISSING)


def test_an_upload_killed_at_random_moments_never_leaves_a_visible_fragment(tmp_path):
    code = (
        "import io, sys; sys.path.insert(0, sys.argv[1])\n"
        "from app.storage.local import LocalStore\n"
        "store = LocalStore(sys.argv[2]); print('ready', flush=True); n = 0\n"
        "while True:\n"
        "    n += 1; store.put(io.BytesIO(str(n).encode() * 100_000))\n"
    )
    for attempt in range(6):
        process = subprocess.Popen([sys.executable, "-c", code, ROOT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.01 + 0.013 * attempt)
        process.kill()
        process.stdout.close()
        process.wait(20)
    store = LocalStore(tmp_path)
    entries = list(store.iter_blobs())
    assert entries
    assert all(store.verify(entry.sha256) is Verdict.OK for entry in entries)
    store.remove_stale_partials()
    assert os.listdir(tmp_path / "partial") == []

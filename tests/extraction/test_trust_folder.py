"""The trust folder costs nobody a worker while there is nothing in it to read, or nothing new."""

import time
from pathlib import Path
from typing import Any

import pytest

from app.extraction.facts import TrustFacts
from app.extraction.inspector import Inspector


class Worker:
    """Stands for the pool; counts how often it is woken."""

    def __init__(self) -> None:
        self.woken = 0

    def run(self, kind: str, _arguments: dict[str, Any]) -> dict[str, Any]:
        """Whatever lies there, it is one root."""
        assert kind == "trust.read"
        self.woken += 1
        return {"trust": {"roots": 1, "others": 0, "revocation": 0, "unreadable": []}}


@pytest.fixture
def worker() -> Worker:
    return Worker()


def reading(worker: Worker, folder: Path | None) -> Inspector:
    return Inspector(pool=worker, trust_dir=folder)  # type: ignore[arg-type]


@pytest.mark.clause("212/5.1")
def test_without_a_folder_or_with_an_empty_one_nobody_is_trusted_and_no_worker_woken(
    worker: Worker, tmp_path: Path
) -> None:
    (tmp_path / "crls").mkdir()
    (tmp_path / "README.txt").write_text("Bỏ chứng thư gốc vào đây")
    for folder in (None, tmp_path / "nowhere", tmp_path):
        assert reading(worker, folder).trust() == TrustFacts()
    assert worker.woken == 0


@pytest.mark.clause("212/5.1")
def test_what_lies_there_is_read_once_and_again_when_it_changed(worker: Worker, tmp_path: Path) -> None:
    inspector = reading(worker, tmp_path)
    root = tmp_path / "root.crt"
    root.write_text("a root")
    assert [inspector.trust().roots for _ in range(3)] == [1, 1, 1]
    assert worker.woken == 1
    (tmp_path / "crls").mkdir()
    (tmp_path / "crls" / "new.crl").write_text("a list")
    assert inspector.trust().roots == 1
    root.chmod(0o400)  # perhaps it can be read only now
    assert inspector.trust().roots == 1
    assert worker.woken == 3
    root.unlink()
    (tmp_path / "crls" / "new.crl").unlink()
    assert inspector.trust() == TrustFacts()
    assert worker.woken == 3


def test_workers_may_rest_sooner_where_nobody_waits_for_the_next_one() -> None:
    inspector = Inspector()
    inspector.rest_after(0.2)
    try:
        inspector.pool.warm()
        assert len(inspector.pool._all) == 1
        for _ in range(100):
            if not inspector.pool._all:
                break
            time.sleep(0.1)
        assert not inspector.pool._all
    finally:
        inspector.close()

"""What the jobs do: tables of the access trail, uploads nobody took, files compared with the records."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from app import clock
from app.extensions import db
from app.models import Event, Upload
from app.operations import files, jobs
from app.rules.jobs import JOBS, Outcome
from app.storage.base import StoredBlob
from app.storage.local import LocalStore
from tests.fixtures.office import SYSTEM, pdf

LIMIT = 10**6


@pytest.fixture
def store(app: Flask, tmp_path: Path) -> Iterator[LocalStore]:
    """An empty store of the test's own."""
    usual = app.extensions["store"]
    app.extensions["store"] = LocalStore(tmp_path / "files")
    yield app.extensions["store"]
    app.extensions["store"] = usual


@pytest.fixture
def received(app: Flask, store: LocalStore) -> Callable[[str], str]:
    """Takes in a PDF with this text; gives its SHA-256."""

    def make(words: str) -> str:
        with app.app_context():
            return files.receive(SYSTEM, pdf(words), f"{words}.pdf", LIMIT).sha256

    return make


def overwrite(store: LocalStore, sha256: str, content: bytes) -> None:
    """Change stored bytes behind the back of the program."""
    path = store.path(sha256)
    path.chmod(0o600)
    path.write_bytes(content)


def flipped(store: LocalStore, sha256: str) -> bytes:
    """The same number of bytes, one of them changed."""
    content = bytearray(store.path(sha256).read_bytes())
    content[len(content) // 2] ^= 1
    return bytes(content)


def instant(stored: StoredBlob) -> datetime:
    """When the store took it in: the store asks the machine's own clock."""
    return datetime.fromtimestamp(stored.touched_ns / 10**9, tz=clock.VIETNAM)


def test_the_access_trail_has_its_tables_before_the_month_begins(app: Flask) -> None:
    with app.app_context():
        assert jobs.run("access_partitions") is not None
        names = set(db.session.scalars(text("SELECT inhrelid::regclass::text FROM pg_inherits")))
    assert {"access_202612", "access_202701"} <= names


def test_making_the_tables_again_changes_nothing(app: Flask) -> None:
    with app.app_context():
        results = [jobs.run("access_partitions") for _ in range(2)]
    assert [result and result.outcome for result in results] == [Outcome.DONE, Outcome.DONE]


def test_an_upload_that_no_document_took_goes_after_a_day(
    app: Flask, store: LocalStore, received: Callable[[str], str]
) -> None:
    with clock.set_to(clock.now() - timedelta(hours=25)):
        old = received("old")
    with clock.set_to(clock.now() - timedelta(hours=23)):
        young = received("young")
    with app.app_context():
        result = jobs.run("clear_uploads")
        left = list(db.session.scalars(select(Upload.sha256)))
    assert result is not None
    assert result.counts == {"uploads": 1, "blobs": 1}
    assert left == [young]
    assert not store.exists(old)
    assert store.exists(young)


@pytest.mark.clause("212/16.4.d")
def test_files_that_are_all_there_are_no_finding(app: Flask, received: Callable[[str], str]) -> None:
    received("whole")
    with app.app_context():
        results = [jobs.run(name) for name in ("verify_files", "verify_files_deep")]
        assert db.session.scalars(select(Event).where(Event.tag == "files.findings")).all() == []
    assert [result and result.outcome for result in results] == [Outcome.DONE, Outcome.DONE]


@pytest.mark.clause("212/16.4.d")
def test_each_damage_is_found_named_and_put_on_record(
    app: Flask, store: LocalStore, received: Callable[[str], str]
) -> None:
    received("whole")
    changed, shorter, lost = received("changed"), received("shorter"), received("lost")
    overwrite(store, changed, flipped(store, changed))
    overwrite(store, shorter, b"short")
    store.discard(lost)
    stray = store.put(io.BytesIO(b"nobody knows me"))
    with app.app_context(), clock.set_to(instant(stray) + timedelta(days=1)):
        quick = jobs.run("verify_files")
        deep = jobs.run("verify_files_deep")
        event = db.session.scalars(select(Event).where(Event.tag == "files.findings").order_by(Event.id.desc())).first()
    assert quick is not None
    assert deep is not None
    assert quick.outcome == deep.outcome == Outcome.FINDINGS
    assert quick.counts == {"missing": 1, "size": 1, "orphan": 1}
    assert deep.counts == {"missing": 1, "size": 1, "orphan": 1, "changed": 1}
    assert event is not None
    assert set(event.params["findings"]) == {
        f"changed {changed}",
        f"size {shorter}",
        f"missing {lost}",
        f"orphan {stray.sha256}",
    }


def test_a_file_that_is_just_coming_in_is_no_finding(app: Flask, store: LocalStore) -> None:
    came = instant(store.put(io.BytesIO(b"on its way")))
    found = []
    with app.app_context():
        for minutes in (59, 61):
            with clock.set_to(came + timedelta(minutes=minutes)):
                result = jobs.run("verify_files")
                found.append(result and result.counts)
    assert found == [{}, {"orphan": 1}]


def test_a_comparison_stops_when_the_process_is_told_to_stop(app: Flask, received: Callable[[str], str]) -> None:
    received("one")
    with app.app_context():
        result = jobs.run("verify_files_deep", stopping=lambda: True)
    assert result is not None
    assert result.outcome == Outcome.INTERRUPTED


@pytest.mark.clause("212/16.4.d")
def test_the_command_finds_what_the_job_finds(app: Flask, store: LocalStore, received: Callable[[str], str]) -> None:
    changed = received("changed")
    overwrite(store, changed, flipped(store, changed))
    terminal = app.test_cli_runner()
    quick, deep = (terminal.invoke(args=["records", "verify", *more]) for more in (["--quick"], []))
    assert (quick.exit_code, deep.exit_code) == (0, 1)
    assert f"bị đổi: {changed}" in deep.output


def test_a_job_is_run_by_hand_and_shown_with_its_last_run(app: Flask) -> None:
    terminal = app.test_cli_runner()
    done = terminal.invoke(args=["records", "run-job", "access_partitions", "--actor", "Đặng Quốc Huy"])
    shown = terminal.invoke(args=["records", "jobs"])
    assert (done.exit_code, done.output) == (0, "access_partitions: xong months 2\n")
    assert "gần nhất 30/12/2026 09:30: xong months 2" in shown.output
    assert "lần tới 31/12/2026 00:05" in shown.output
    assert shown.output.count("chưa chạy lần nào") == len(JOBS) - 1


def test_nobody_runs_a_job_by_hand_without_saying_who(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["records", "run-job", "access_partitions"]).exit_code == 2

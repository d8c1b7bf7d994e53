"""The scan folder: what a scanner wrote becomes a paper in the tray, once, and nothing is lost on the way."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.extensions import db
from app.models import Document, DocumentFile, Event, JobRun
from app.operations import jobs, scanning
from app.rules.jobs import Outcome
from app.storage import base as storage
from app.storage.folder import QUIET, ScanFolder
from tests.fixtures.clock import NOW
from tests.fixtures.office import pdf

JOB = Actor.system("scan_folder")


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """An empty scan folder of the test's own."""
    usual = app.extensions["scan_folder"]
    app.extensions["scan_folder"] = ScanFolder(tmp_path / "scan")
    app.extensions["scan_folder"].prepare()
    yield tmp_path / "scan"
    app.extensions["scan_folder"] = usual


def take_in(app: Flask, at: datetime = NOW) -> dict[str, int]:
    with app.app_context(), clock.set_to(at):
        return scanning.take_in(JOB, lambda: False)


def scan(folder: Path, name: str = "SCAN_0012.pdf", text: str = "Trang quet") -> Path:
    path = folder / name
    path.write_bytes(pdf(text).read())
    return path


@pytest.mark.clause("212/6.2")
def test_a_scan_becomes_a_paper_in_the_tray_without_a_number(app: Flask, folder: Path) -> None:
    path = scan(folder)
    content, written = path.read_bytes(), path.stat().st_mtime
    assert take_in(app) == {"received": 1, "refused": 0, "left": 0}
    with app.app_context():
        paper = db.session.scalars(select(Document)).one()
        assert (paper.state, paper.subject, paper.channel) == ("received", "SCAN_0012", "paper")
        assert paper.arrival_number is None
        assert paper.received_at.timestamp() == pytest.approx(written)  # when it was scanned
        event = db.session.scalars(select(Event).where(Event.document_id == paper.id)).one()
        assert (event.tag, event.actor_user_id) == ("incoming.receive", None)
    assert not path.exists()
    assert (folder / "da-nhan" / "2026-12-30" / "SCAN_0012.pdf").read_bytes() == content


def test_a_file_still_being_written_is_left_alone(app: Flask, folder: Path) -> None:
    path = scan(folder)
    changed = datetime.fromtimestamp(path.stat().st_ctime, clock.VIETNAM)
    os.utime(path, (0, 0))  # a scanner with a wrong clock
    assert take_in(app, changed + QUIET / 2)["received"] == 0
    assert path.exists()
    assert take_in(app, changed + QUIET * 2)["received"] == 1


@pytest.mark.parametrize("name", [".hidden.pdf", "~$scan.pdf", "scan.pdf.part", "scan.TMP"])
def test_what_is_no_finished_scan_by_its_name_is_left_alone(app: Flask, folder: Path, name: str) -> None:
    path = scan(folder, name)
    assert take_in(app) == {"received": 0, "refused": 0, "left": 0}
    assert path.exists()


def test_a_link_out_of_the_folder_is_never_followed(app: Flask, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(pdf().read())
    (folder / "link.pdf").symlink_to(secret)
    (folder / "sub").mkdir()
    assert take_in(app) == {"received": 0, "refused": 0, "left": 0}
    assert secret.exists()


def test_one_bad_file_does_not_cost_the_others_and_a_note_says_why(app: Flask, folder: Path) -> None:
    scan(folder, "a.pdf", "mot")
    (folder / "b.pdf").write_bytes(b"MZ\x90\x00" + b"\0" * 200)
    scan(folder, "c.pdf", "hai")
    assert take_in(app) == {"received": 2, "refused": 1, "left": 0}
    refused = folder / "khong-nhan" / "2026-12-30"
    note = (refused / "b.pdf.ly-do.txt").read_text()
    assert note.startswith("b.pdf: ")
    assert (refused / "b.pdf").exists()


def test_a_scan_is_taken_in_once_though_the_machine_stopped_before_it_was_moved(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scan(folder)

    def crash(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(ScanFolder, "put_aside", crash)
        with pytest.raises(KeyboardInterrupt):
            take_in(app)
    assert not path.exists()
    assert (folder / ".dang-nhan" / path.name).exists()
    assert take_in(app)["received"] == 1
    with app.app_context():
        assert len(db.session.scalars(select(Document)).all()) == 1
        assert len(db.session.scalars(select(DocumentFile)).all()) == 1


def test_a_scan_that_overwrites_the_one_being_taken_in_is_a_paper_of_its_own(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scan(folder, text="giay mot")
    second, receive = pdf("giay hai").read(), scanning.files.receive

    def meanwhile(*args: Any, **more: Any) -> Any:
        path.write_bytes(second)  # the scanner writes the same name again
        monkeypatch.setattr(scanning.files, "receive", receive)
        return receive(*args, **more)

    monkeypatch.setattr(scanning.files, "receive", meanwhile)
    assert take_in(app)["received"] == 1
    assert path.read_bytes() == second
    assert take_in(app)["received"] == 1
    with app.app_context():
        held = set(db.session.scalars(select(DocumentFile.sha256)))
        assert len(held) == 2


def test_a_file_written_to_while_it_is_read_is_not_taken_in_half(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan(folder)
    receive = scanning.files.receive

    def meanwhile(*args: Any, **more: Any) -> Any:
        with next((folder / ".dang-nhan").iterdir()).open("ab") as late:
            late.write(b"% more\n")
        return receive(*args, **more)

    with monkeypatch.context() as slow:
        slow.setattr(scanning.files, "receive", meanwhile)
        assert take_in(app) == {"received": 0, "refused": 0, "left": 0}
    assert take_in(app)["received"] == 1


def test_whatever_is_wrong_with_one_file_the_others_are_taken_in(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = os.fsencode(folder) + b"/\xff\xfe-cu.pdf"  # the name of an old scanner
    with open(odd, "wb") as file:
        file.write(pdf("ten la").read())
    scan(folder, "a.pdf", "hong")
    scan(folder, "b.pdf", "lanh")
    claim = ScanFolder.claim

    def failing(self: ScanFolder, file: Any) -> Any:
        if file.path.name == "a.pdf":
            raise PermissionError(13, "Permission denied", "a.pdf")
        return claim(self, file)

    monkeypatch.setattr(ScanFolder, "claim", failing)
    assert take_in(app) == {"received": 2, "refused": 0, "left": 1}
    assert (folder / "a.pdf").exists()


def test_folders_of_somebodys_own_are_never_emptied(app: Flask, folder: Path) -> None:
    own = folder / "da-nhan" / "1-giu-lai"
    own.mkdir()
    (own / "quan-trong.pdf").write_bytes(b"x")
    take_in(app, NOW + timedelta(days=30))
    assert (own / "quan-trong.pdf").exists()


def test_a_run_that_failed_is_not_repeated_at_once(app: Flask, folder: Path) -> None:
    scan(folder)
    failed = JobRun(job="scan_folder", started_at=NOW, outcome=Outcome.FAILED, counts={})
    with app.app_context(), clock.set_to(NOW + timedelta(minutes=1)):
        assert not scanning.has_work(failed)
    with app.app_context(), clock.set_to(NOW + timedelta(minutes=6)):
        assert scanning.has_work(failed)


def test_a_full_store_loses_no_scan_and_is_not_asked_again_at_once(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scan(folder)

    def full(*_args: object, **_more: object) -> None:
        raise storage.StoreFull

    with monkeypatch.context() as broken:
        broken.setattr(type(app.extensions["store"]), "put", full)
        assert take_in(app) == {"received": 0, "refused": 0, "left": 1}
    assert path.exists()
    tried = JobRun(job="scan_folder", started_at=NOW, outcome=Outcome.FINDINGS, counts={"left": 1})
    with app.app_context(), clock.set_to(NOW + timedelta(minutes=1)):
        assert not scanning.has_work(tried)
        scan(folder, "new.pdf")
        assert scanning.has_work(tried)
    with app.app_context(), clock.set_to(NOW + timedelta(minutes=6)):
        assert scanning.has_work(tried)


def test_two_scans_of_one_name_on_one_day_are_both_kept(app: Flask, folder: Path) -> None:
    for text in ("mot", "hai"):
        scan(folder, text=text)
        assert take_in(app)["received"] == 1
    kept = sorted(path.name for path in (folder / "da-nhan" / "2026-12-30").iterdir())
    assert kept == ["SCAN_0012-2.pdf", "SCAN_0012.pdf"]


def test_what_was_taken_in_is_cleared_after_a_week_and_what_was_refused_stays(app: Flask, folder: Path) -> None:
    scan(folder)
    (folder / "bad.pdf").write_bytes(b"MZ" + b"\0" * 200)
    take_in(app)
    take_in(app, NOW + timedelta(days=7))
    assert (folder / "da-nhan" / "2026-12-30").exists()
    take_in(app, NOW + timedelta(days=8))
    assert not (folder / "da-nhan" / "2026-12-30").exists()
    assert (folder / "khong-nhan" / "2026-12-30" / "bad.pdf").exists()


def test_the_job_runs_when_something_lies_in_the_folder_and_puts_its_counts_on_record(app: Flask, folder: Path) -> None:
    with app.app_context(), clock.set_to(NOW):
        assert not jobs.WAITS["scan_folder"]()
        scan(folder)
        assert jobs.WAITS["scan_folder"]()
        db.session.rollback()
        result = jobs.run("scan_folder")
    assert result is not None
    assert (result.outcome, result.counts["received"]) == (Outcome.DONE, 1)

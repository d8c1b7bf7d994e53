"""What is received waits for a document, within bounds: for one account, one document, and the disk."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.actor import Actor
from app.backends import init_backends
from app.errors import Refused
from app.models import Upload
from app.operations import files, incoming
from app.vocabulary import PostKind
from tests.fixtures.clock import NOW
from tests.fixtures.office import SYSTEM, pdf, registration

Actors = Callable[[PostKind], Actor]
LIMIT = 1024**2


def send(actor: Actor, name: str = "a.pdf", limit: int = LIMIT) -> int:
    return files.receive(actor, pdf(name), name, limit).id


def refusal(act: Callable[[], Any]) -> tuple[str, dict[str, Any]]:
    with pytest.raises(Refused) as caught:
        act()
    (obstacle,) = caught.value.obstacles
    assert obstacle.field == "files"
    return obstacle.code, obstacle.params


def test_no_more_than_two_hundred_files_of_one_account_wait(
    session: Any, actor_for_kind: Actors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WAITING_FILES", 3)
    clerk = actor_for_kind(PostKind.CLERK)
    first = [send(clerk, f"{n}.pdf") for n in range(3)]
    code, params = refusal(lambda: send(clerk, "d.pdf"))
    assert (code, params["count"], params["file"]) == ("too_much_waiting", 3, "d.pdf")
    assert send(actor_for_kind(PostKind.ADMIN_HEAD)), "what others sent does not count"
    incoming.register(clerk, registration(files=first[:1]))
    assert send(clerk, "d.pdf"), "what a document took does not wait any more"
    assert send(SYSTEM)


def test_no_more_than_four_times_the_largest_file_waits(session: Any, actor_for_kind: Actors) -> None:
    clerk, size = actor_for_kind(PostKind.CLERK), len(pdf("0.pdf").read())
    for n in range(4):
        send(clerk, f"{n}.pdf", limit=size)
    assert refusal(lambda: send(clerk, "4.pdf", limit=size))[0] == "too_much_waiting"
    assert send(clerk, "4.pdf")


def test_a_refused_file_leaves_no_bytes(app: Flask, session: Any, actor_for_kind: Actors) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    upload = send(clerk, "0.pdf")
    session.execute(update(Upload).where(Upload.id == upload).values(at=NOW))
    before = sum(1 for _ in app.extensions["store"].iter_blobs())
    refusal(lambda: files.receive(clerk, pdf("mới"), "b.pdf", 1))
    assert sum(1 for _ in app.extensions["store"].iter_blobs()) == before


@pytest.fixture
def three_files(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "MAX_FILES_PER_DOCUMENT", 3)


def test_a_document_takes_no_more_files_than_are_configured(
    session: Any, three_files: None, actor_for_kind: Actors
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    sent = [send(clerk, f"{n}.pdf") for n in range(4)]
    code, params = refusal(lambda: incoming.register(clerk, registration(files=sent)))
    assert (code, params) == ("too_many_files", {"count": 4, "limit": 3})
    assert len(incoming.register(clerk, registration(files=sent[:3])).files) == 3


def test_files_added_later_count_together_with_those_before(
    session: Any, three_files: None, actor_for_kind: Actors
) -> None:
    clerk = actor_for_kind(PostKind.CLERK)
    sent = [send(clerk, f"{n}.pdf") for n in range(4)]
    document = incoming.register(clerk, registration(files=sent[:2]))
    document_id = document.id
    more = lambda ids: incoming.attach(clerk, document_id, {"files": ids})  # noqa: E731
    code, params = refusal(lambda: more(sent[2:]))
    assert (code, params) == ("too_many_files", {"count": 4, "limit": 3})
    more(sent[2:3])
    assert refusal(lambda: more(sent[3:]))[0] == "too_many_files"


def test_received_files_leave_the_configured_room_on_the_disk(
    session: Any, app: Flask, actor_for_kind: Actors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("store", "inspector"):
        monkeypatch.setitem(app.extensions, name, app.extensions[name])
    monkeypatch.setitem(app.config, "DATA_DIR", str(tmp_path))
    monkeypatch.setitem(app.config, "MIN_FREE_DISK_MB", 999_999_999)
    clerk = actor_for_kind(PostKind.CLERK)
    init_backends(app)
    assert refusal(lambda: files.receive(clerk, io.BytesIO(b"x"), "a.txt", LIMIT))[0] == "store_full"

"""What a form answers: all that is wrong in one go, every word still there, and whether it would be done at all."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import Document, Event, Upload
from app.operations import arrivals, files
from app.vocabulary import IncomingState, PostKind
from tests.fixtures.office import SENDER, SignedIn, actor_of, pdf, registration, text_of

Clients = Callable[[PostKind | None], SignedIn]
FORM = "/incoming/new/register"


@pytest.fixture
def clerk(client_for: Clients) -> SignedIn:
    return client_for(PostKind.CLERK)


@pytest.fixture
def typed(app: Flask) -> dict[str, Any]:
    """What a clerk types into the form of a registration."""
    with app.app_context():
        values = registration(number_notation="1482/STC-NS")
    return {**values, "issuer": SENDER, "issued_on": "28/12"}


@pytest.fixture
def waiting(app: Flask) -> tuple[int, int]:
    """A paper of the tray: its id and version."""
    with app.app_context():
        actor = actor_of(PostKind.CLERK)
        upload = files.receive(actor, pdf(), "Scan_1.pdf", 10**7)
        paper = arrivals.receive(actor, {"files": [upload.id], "channel": "paper"})
        return paper.id, paper.version


def many(app: Flask, *, of: Any = Document) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(of)) or 0


def test_what_is_missing_unreadable_and_impossible_is_said_in_one_answer(
    app: Flask, clerk: SignedIn, typed: dict[str, Any]
) -> None:
    bad = (io.BytesIO(b"MZ\x90\x00" + b"\0" * 200), "xấu.exe")
    wrong = {"subject": "", "received_at": "chiều qua", "issued_on": "01/01/2030", "page_count": "70000"}
    answer = clerk.send(FORM, **{**typed, **wrong}, files=[bad])
    assert answer.status_code == 422
    page = answer.text
    for field in ("subject", "received_at", "issued_on", "page_count", "files"):
        assert f'id="{field}-error"' in page, field
    assert many(app) == 0


def test_an_unreadable_value_stops_the_act_even_where_none_would_do(
    app: Flask, clerk: SignedIn, typed: dict[str, Any]
) -> None:
    answer = clerk.send(FORM, **{**typed, "received_at": "chiều qua"})
    assert answer.status_code == 422
    assert "chiều qua" in answer.text
    assert many(app) == 0


def test_a_bad_file_does_not_cost_the_good_one_nor_what_else_is_said(app: Flask, clerk: SignedIn) -> None:
    bad = (io.BytesIO(b"MZ\x90\x00" + b"\0" * 200), "xấu.exe")
    answer = clerk.send(FORM, subject="Chỉ có trích yếu", files=[bad, (pdf(), "tốt.pdf")])
    assert answer.status_code == 422
    assert 'id="issuer-error"' in answer.text
    assert "tốt.pdf" in answer.text
    assert many(app, of=Upload) == 1


def test_words_typed_into_a_choice_that_are_none_of_its_values_are_named_and_stay(
    clerk: SignedIn, typed: dict[str, Any]
) -> None:
    answer = clerk.send(FORM, **{**typed, "type_id": "", "type_id_typed": "Công hàm  lạ"})
    assert answer.status_code == 422
    assert 'data-typed="Công hàm lạ"' in answer.text
    assert "“Công hàm lạ”" in text_of(answer)


def test_words_typed_beside_a_chosen_value_do_not_count(app: Flask, clerk: SignedIn, typed: dict[str, Any]) -> None:
    assert clerk.send(FORM, **{**typed, "type_id_typed": "gì đó"}).status_code == 302
    assert many(app) == 1


@pytest.mark.clause("212/5.3")
@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ({}, False),
        ({"refusal_code": "other", "subject": "Thư rác"}, False),
        ({"refusal_code": "other", "subject": "Thư rác", "reason": "Không phải văn bản"}, True),
    ],
)
def test_a_rehearsal_tells_whether_it_would_be_done_and_leaves_nothing_behind(
    app: Flask, clerk: SignedIn, waiting: tuple[int, int], said: dict[str, str], stands: bool
) -> None:
    pk, version = waiting
    events = many(app, of=Event)
    answer = clerk.send(
        f"/incoming/{pk}/refuse", version=version, then="rehearse", issuer=SENDER, channel="paper", **said
    )
    assert (answer.status_code, answer.json) == (200, {"stands": stands})
    with app.app_context():
        paper = db.session.get_one(Document, pk)
        assert (paper.state, paper.version) == (IncomingState.RECEIVED, version)
    assert many(app, of=Event) == events


def test_the_rehearsal_of_a_secret_keeps_its_files_until_somebody_agreed(app: Flask, clerk: SignedIn) -> None:
    (upload,) = clerk.send("/uploads/", files=[(pdf(), "mật.pdf")]).json["uploads"]
    said = {"refusal_code": "secret", "issuer": SENDER, "channel": "paper", "files_kept": upload["id"]}
    assert clerk.send("/incoming/new/refuse", then="rehearse", **said).json == {"stands": True}
    assert many(app, of=Upload) == 1
    assert clerk.send("/incoming/new/refuse", **said).status_code == 302
    assert many(app, of=Upload) == 0

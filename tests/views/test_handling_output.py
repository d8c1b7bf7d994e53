"""The handling form and previews of slips: for people of the Office, on record, and nothing is kept of a preview."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pypdf
import pytest
from flask import Flask
from sqlalchemy import func, select

from app import accesses
from app.actor import Actor
from app.extensions import db
from app.models import Document, DocumentFile, Event
from app.operations import arrivals, incoming, slips
from app.operations.unit_of_work import unit_of_work
from app.vocabulary import AccessKind, PostKind
from tests.fixtures.office import OUTSIDE, SENDER, SignedIn, actor_of, registration, text_of
from tests.reports.test_letter import squeezed

Clients = Callable[[PostKind | None], SignedIn]
Registered = Callable[..., int]
Looks = Callable[[AccessKind], list[int | None]]
STAFF = sorted(set(PostKind) - {PostKind.OUTSIDE})


def read(content: bytes) -> list[str]:
    return [squeezed(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(content)).pages]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    """Documents of the looks of one kind that were put on record, in their order."""
    written: list[tuple[AccessKind, int | None]] = []
    real = accesses.record

    def record(actor: Actor, kind: AccessKind, **more: Any) -> None:
        real(actor, kind, **more)
        written.append((kind, more.get("document_id")))

    monkeypatch.setattr(accesses, "record", record)
    return lambda kind: [document_id for of, document_id in written if of == kind]


@pytest.mark.clause("212/7.2", "212/16.2.a")
@pytest.mark.parametrize("kind", STAFF)
def test_everybody_of_the_office_prints_the_handling_form_and_it_is_on_record(
    client_for: Clients, registered: Registered, looks: Looks, kind: PostKind
) -> None:
    document_id = registered(subject="Về việc chống ngập")
    answer = client_for(kind).get(f"/incoming/{document_id}/handling-form.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    (text,) = read(answer.data)
    assert squeezed("PHIẾU GIẢI QUYẾT VĂN BẢN ĐẾN") in text
    assert squeezed("Về việc chống ngập") in text
    assert looks(AccessKind.PRINT) == [document_id]
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_sender_and_who_is_signed_out_get_no_form(client_for: Clients, registered: Registered) -> None:
    theirs = registered(issuer={"id": None, "name": OUTSIDE})
    for address in (f"/incoming/{theirs}/handling-form.pdf",):
        assert client_for(PostKind.OUTSIDE).get(address).status_code in (302, 403, 404)
        assert client_for(None).get(address).status_code in (302, 401)
    outside = client_for(PostKind.OUTSIDE)
    assert outside.send(f"/incoming/{theirs}/slip-preview/transfer").status_code in (302, 403, 404)
    assert "handling-form" not in outside.get(f"/incoming/{theirs}").text


def test_without_the_record_of_the_look_nothing_leaves(
    client_for: Clients, registered: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = registered()
    client = client_for(PostKind.SPECIALIST)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the trail cannot be written")

    monkeypatch.setattr(accesses, "record", broken)
    with pytest.raises(RuntimeError):
        client.get(f"/incoming/{document_id}/handling-form.pdf")


def test_what_is_not_to_be_settled_has_no_form(app: Flask, client_for: Clients, registered: Registered) -> None:
    document_id = registered()
    with app.app_context():
        version = db.session.get_one(Document, document_id).version
        clerk = actor_of(PostKind.CLERK)
        arrivals.send_back(clerk, document_id, {"refusal_code": "competence"}, expected_version=version)
    answer = client_for(PostKind.SPECIALIST).get(f"/incoming/{document_id}/handling-form.pdf")
    assert answer.status_code == 422
    assert "handling-form" not in client_for(PostKind.SPECIALIST).get(f"/incoming/{document_id}").text
    assert client_for(PostKind.SPECIALIST).get("/incoming/999999/handling-form.pdf").status_code == 404


def test_the_page_offers_the_form(client_for: Clients, registered: Registered) -> None:
    document_id = registered()
    page = client_for(PostKind.SPECIALIST).get(f"/incoming/{document_id}")
    assert f"/incoming/{document_id}/handling-form.pdf" in page.text


# ── previews ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("212/8.2.2")
def test_a_transfer_is_looked_at_before_it_is_made_and_nothing_is_kept(
    app: Flask, client_for: Clients, registered: Registered, looks: Looks
) -> None:
    document_id = registered()
    with app.app_context():
        before = [db.session.scalar(select(func.count()).select_from(each)) for each in (Document, DocumentFile, Event)]
    answer = client_for(PostKind.SPECIALIST).send(
        f"/incoming/{document_id}/slip-preview/transfer",
        recipient=OUTSIDE,
        content="xử lý dứt điểm",
        reply_by="15/01/2027",
    )
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    slip, notice = read(answer.data)
    assert squeezed(f"Kính gửi: {OUTSIDE}") in slip
    assert squeezed("để xử lý dứt điểm; kết quả giải quyết đề nghị trả lời") in slip
    assert squeezed("trước ngày 15 tháng 01 năm 2027") in slip
    assert squeezed(f"Kính gửi: {SENDER}") in notice
    with app.app_context():
        after = [db.session.scalar(select(func.count()).select_from(each)) for each in (Document, DocumentFile, Event)]
    assert after == before
    assert looks(AccessKind.VIEW) == [document_id]


@pytest.mark.clause("212/8.2.3")
def test_a_return_is_looked_at_before_it_is_made_even_half_filled(client_for: Clients, registered: Registered) -> None:
    document_id = registered()
    client = client_for(PostKind.SPECIALIST)
    address = f"/incoming/{document_id}/slip-preview/return"
    (letter,) = read(client.send(address, refusal_code="incomplete", reason="thiếu dự toán").data)
    assert squeezed("Lý do: thiếu tài liệu kèm theo. Thiếu dự toán.") in letter
    (empty,) = read(client.send(address).data)
    assert "…" in empty
    assert client.send(address, refusal_code="<x>", reason="x" * 5000).status_code == 200


def test_a_preview_needs_a_token_the_right_and_a_known_purpose(client_for: Clients, registered: Registered) -> None:
    document_id = registered()
    address = f"/incoming/{document_id}/slip-preview/transfer"
    assert client_for(PostKind.SPECIALIST).post(address).status_code == 400
    assert client_for(PostKind.SPECIALIST).get(address).status_code == 405
    assert client_for(PostKind.SPECIALIST).send(f"/incoming/{document_id}/slip-preview/else").status_code == 404
    assert client_for(PostKind.SPECIALIST).send("/incoming/999999/slip-preview/transfer").status_code == 404
    assert client_for(PostKind.SPECIALIST).send(address, acting_for="99999").status_code == 403


def test_whose_role_no_longer_settles_anything_looks_at_no_slip(
    client_for: Clients, registered: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(_: str | None) -> Actor:
        actor = actor_of(PostKind.SPECIALIST)
        return replace(actor, permissions=actor.permissions - {"transfer handling"})

    monkeypatch.setattr("app.views.handling_output.chosen_actor", without)
    client, document_id = client_for(PostKind.SPECIALIST), registered()
    assert client.send(f"/incoming/{document_id}/slip-preview/transfer").status_code == 403
    assert client.send(f"/incoming/{document_id}/slip-preview/return").status_code == 200


# ── related documents ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_leads_to_the_paper_of_a_slip_which_has_no_page_of_its_own(app: Flask, client_for: Clients) -> None:
    with app.app_context():
        document = incoming.register(actor_of(PostKind.CLERK), registration())
        with unit_of_work() as uow:
            slip, _ = slips.prepare(
                uow, actor_of(PostKind.SPECIALIST), document, "transfer", {"recipient": {"id": None, "name": OUTSIDE}}
            )
        document_id, slip_id = document.id, slip.id
        file_id = db.session.scalars(select(DocumentFile.id).where(DocumentFile.document_id == slip_id)).one()
    client = client_for(PostKind.SPECIALIST)
    page = client.get(f"/incoming/{document_id}")
    assert f"/files/{file_id}?inline=1" in page.text
    assert f"Phiếu chuyển · {OUTSIDE}" in text_of(page)
    assert f'"/incoming/{slip_id}"' not in page.text
    paper = client.get(f"/files/{file_id}?inline=1")
    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    assert client_for(PostKind.OUTSIDE).get(f"/files/{file_id}").status_code == 404
    assert client.get(f"/incoming/{slip_id}").status_code == 404

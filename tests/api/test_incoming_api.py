"""The REST door opens on the same operations, with the same rights and the same answers."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app.extensions import db
from app.models import Document
from app.rules.lifecycles import LIFECYCLES
from app.vocabulary import PostKind
from tests.fixtures.office import PASSWORD, SENDER, SignedIn, pdf, registration

Clients = Callable[[PostKind | None], SignedIn]


@pytest.fixture
def body(app: Flask, isolated: None) -> dict[str, Any]:
    """JSON of a plain registration."""
    with app.app_context():
        return {**registration(), "issued_on": "2026-12-28"}


@pytest.fixture
def bearer(app: Flask, isolated: None) -> Callable[[PostKind], dict[str, str]]:
    """Headers with a bearer token got by user name and password."""

    def make(kind: PostKind) -> dict[str, str]:
        answer = app.test_client().post(
            "/api/v1/security/login", json={"username": kind.value, "password": PASSWORD, "provider": "db"}
        )
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json['access_token']}"}

    return make


def test_every_move_has_its_route_and_openapi_entry_with_its_ground(client_for: Clients) -> None:
    client = client_for(PostKind.IT_CENTRE)
    paths = client.get("/api/v1/_openapi").json["paths"]
    for noun, lifecycle in LIFECYCLES.items():
        for move in lifecycle.moves.values():
            routes = [f"/api/v1/{noun}/{move.verb}"] * move.creates
            routes += [f"/api/v1/{noun}/{{pk}}/{move.verb}"] * bool(move.sources)
            assert routes
            for path in routes:
                entry = paths[path]["post"]
                assert entry["x-basis"] == list(move.basis)
                schema = entry["requestBody"]["content"]["application/json"]["schema"]
                assert {i.name for i in move.inputs} <= set(schema["properties"])
                assert ("version" in schema["required"]) is ("{pk}" in path), "who changes a record says what was seen"


@pytest.mark.clause("212/4.2", "212/16.1.a")
def test_a_program_registers_a_paper_with_its_file_by_bearer_token(
    app: Flask, bearer: Callable[[PostKind], dict[str, str]], body: dict[str, Any]
) -> None:
    client, headers = app.test_client(), bearer(PostKind.CLERK)
    sent = client.post("/api/v1/files/", headers=headers, data={"files": (pdf(pages=2), "công văn.pdf")})
    assert sent.status_code == 201, sent.text
    body["files"] = [sent.json["result"][0]["id"]]
    made = client.post("/api/v1/incoming/register", headers=headers, json=body)
    assert made.status_code == 201, made.text
    assert made.json["result"]["arrival_number"] == 1
    assert made.json["result"]["page_count"] == 2
    shown = client.get(f"/api/v1/incoming/{made.json['id']}", headers=headers).json
    assert shown["moves"] == ["correct", "attach", "add_paper_copy", "send_back", "cancel_number"]
    listed = client.get("/api/v1/incoming/?q=chong ngap", headers=headers).json
    assert [row["id"] for row in listed["result"]] == [made.json["id"]]


def test_a_cookie_needs_the_token_and_nobody_needs_to_sign_in(client_for: Clients, body: dict[str, Any]) -> None:
    clerk = client_for(PostKind.CLERK)
    assert clerk.post("/api/v1/incoming/register", json=body).status_code == 400
    with_token = clerk.post("/api/v1/incoming/register", json=body, headers={"X-CSRFToken": clerk.token()})
    assert with_token.status_code == 201, with_token.text
    assert client_for(None).post("/api/v1/incoming/register", json=body).status_code == 401
    assert client_for(None).get("/api/v1/incoming/").status_code == 401


def test_the_same_idempotency_key_registers_once(app: Flask, client_for: Clients, body: dict[str, Any]) -> None:
    clerk = client_for(PostKind.CLERK)
    headers = {"X-CSRFToken": clerk.token(), "Idempotency-Key": str(uuid4())}
    answers = [clerk.post("/api/v1/incoming/register", json=body, headers=headers).json["id"] for _ in range(3)]
    assert len(set(answers)) == 1


def test_a_refusal_names_all_fields_and_what_to_do(client_for: Clients, body: dict[str, Any]) -> None:
    clerk = client_for(PostKind.CLERK)
    body |= {"subject": "", "urgency": None}
    answer = clerk.post("/api/v1/incoming/register", json=body, headers={"X-CSRFToken": clerk.token()})
    assert answer.status_code == 422
    assert {(o["field"], o["code"]) for o in answer.json["obstacles"]} == {
        ("subject", "missing"),
        ("urgency", "missing"),
    }
    sentences = " ".join(o["message"] for o in answer.json["obstacles"])
    assert "Trích yếu" in sentences
    assert "khẩn" in sentences
    wrong = clerk.post(
        "/api/v1/incoming/register",
        json={**body, "issued_on": "hôm nay", "issuer": "Sở Tài chính", "files": "a"},
        headers={"X-CSRFToken": clerk.token()},
    )
    assert {o["field"] for o in wrong.json["obstacles"]} == {"issued_on", "issuer", "files"}


@pytest.mark.clause("212/16.2.a")
def test_who_may_not_act_is_refused_and_who_may_not_see_finds_nothing(
    client_for: Clients, registered: Callable[..., int]
) -> None:
    theirs = registered()
    specialist, outside = client_for(PostKind.SPECIALIST), client_for(PostKind.OUTSIDE)
    token = {"X-CSRFToken": specialist.token()}
    assert specialist.get(f"/api/v1/incoming/{theirs}").json["moves"] == []
    act = {"reason": "x", "version": 1}
    refused = specialist.post(f"/api/v1/incoming/{theirs}/cancel_number", json=act, headers=token)
    assert refused.status_code == 403
    assert outside.get(f"/api/v1/incoming/{theirs}").status_code == 404


def test_two_programs_with_the_same_version_one_wins_the_other_learns_what_changed(
    app: Flask, client_for: Clients, registered: Callable[..., int], body: dict[str, Any]
) -> None:
    pk, clerk = registered(), client_for(PostKind.CLERK)
    headers = {"X-CSRFToken": clerk.token()}
    version = clerk.get(f"/api/v1/incoming/{pk}").json["result"]["version"]
    first = {**body, "subject": "Một", "reason": "Sửa", "version": version}
    assert clerk.post(f"/api/v1/incoming/{pk}/correct", json=first, headers=headers).status_code == 200
    second = clerk.post(f"/api/v1/incoming/{pk}/correct", json={**first, "subject": "Hai"}, headers=headers)
    assert second.status_code == 409
    assert second.json["changes"][0]["fields"]["subject"][1] == "Một"
    with app.app_context():
        assert db.session.get_one(Document, pk).subject == "Một"


def test_the_list_pages_by_cursor_without_losing_or_repeating_a_row(
    client_for: Clients, registered: Callable[..., int]
) -> None:
    made = [registered(issuer={"id": None, "name": SENDER}) for _ in range(7)]
    clerk, seen, address = client_for(PostKind.CLERK), [], "/api/v1/incoming/?page_size=3"
    while address:
        page = clerk.get(address).json
        seen += [row["id"] for row in page["result"]]
        address = page["next"]
    assert seen == list(reversed(made))
    assert clerk.get("/api/v1/incoming/?page_size=3&after=madeup").status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"received_at": "9999-12-31T23:59:59-14:00"},
        {"received_at": "0001-01-01T00:00:00+14:00"},
        {"issuer": {"id": 99999999, "name": "x"}},
        {"type_id": 10**18},
        {"book_id": "zzz"},
        {"channel": "fax"},
        {"page_count": True},
    ],
)
def test_odd_values_are_refused_by_their_field(
    client_for: Clients, body: dict[str, Any], changes: dict[str, Any]
) -> None:
    clerk = client_for(PostKind.CLERK)
    answer = clerk.post("/api/v1/incoming/register", json={**body, **changes}, headers={"X-CSRFToken": clerk.token()})
    assert answer.status_code == 422, answer.text
    assert {o["field"] for o in answer.json["obstacles"]} == set(changes)


def test_what_no_register_keeps_is_taken_out_of_a_text(client_for: Clients, body: dict[str, Any]) -> None:
    clerk = client_for(PostKind.CLERK)
    body["subject"] = "a\u202eb\x07\x1b[31m\x00\ud800 c"
    answer = clerk.post("/api/v1/incoming/register", json=body, headers={"X-CSRFToken": clerk.token()})
    assert answer.json["result"]["subject"] == "ab[31m c"


def test_a_key_that_is_no_uuid_is_refused_and_bodies_that_are_no_object_too(
    client_for: Clients, body: dict[str, Any]
) -> None:
    clerk = client_for(PostKind.CLERK)
    token = {"X-CSRFToken": clerk.token()}
    answer = clerk.post("/api/v1/incoming/register", json=body, headers={**token, "Idempotency-Key": "o-77"})
    assert answer.status_code == 422
    for raw in (b"[" * 100_000, b"[]", b"{", b"null"):
        answer = clerk.post(
            "/api/v1/incoming/register", data=raw, headers={**token, "Content-Type": "application/json"}
        )
        assert answer.status_code == 400
        assert answer.is_json


def test_the_same_key_with_another_content_is_refused(client_for: Clients, body: dict[str, Any]) -> None:
    clerk = client_for(PostKind.CLERK)
    headers = {"X-CSRFToken": clerk.token(), "Idempotency-Key": str(uuid4())}
    assert clerk.post("/api/v1/incoming/register", json=body, headers=headers).status_code == 201
    other = clerk.post("/api/v1/incoming/register", json={**body, "subject": "Khác"}, headers=headers)
    assert other.status_code == 422


def test_an_upload_over_the_limit_is_told_so_in_json(app: Flask, client_for: Clients) -> None:
    clerk = client_for(PostKind.CLERK)
    limit, app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_CONTENT_LENGTH"], 1000
    try:
        answer = clerk.post(
            "/api/v1/files/", data={"files": (pdf(pages=20), "a.pdf")}, headers={"X-CSRFToken": clerk.token()}
        )
    finally:
        app.config["MAX_CONTENT_LENGTH"] = limit
    assert answer.status_code == 413
    assert answer.is_json


def test_a_change_without_the_version_seen_is_refused(client_for: Clients, registered: Callable[..., int]) -> None:
    pk, clerk = registered(), client_for(PostKind.CLERK)
    headers = {"X-CSRFToken": clerk.token()}
    for version in ({}, {"version": "1"}, {"version": True}):
        answer = clerk.post(f"/api/v1/incoming/{pk}/cancel_number", json={"reason": "x", **version}, headers=headers)
        assert answer.status_code == 422
        assert "version" in {o["field"] for o in answer.json["obstacles"]}

"""Signing in: lockout, sessions that end, a password that must be changed, headers on every page."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.models import Account, Event
from app.operations import accounts
from app.vocabulary import PostKind
from tests.fixtures.clock import NOW
from tests.fixtures.office import PASSWORD, SYSTEM, SignedIn, text_of

Clients = Callable[[PostKind | None], SignedIn]


def sign_in(client: FlaskClient, username: str, password: str) -> Any:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/login/").text)[1]  # type: ignore[index]
    return client.post("/login/", data={"username": username, "password": password, "csrf_token": token})


def user_id(kind: PostKind) -> int:
    from flask_appbuilder.security.sqla.models import User

    return db.session.scalars(select(User.id).where(User.username == kind.value)).one()


def test_a_person_signs_in_whatever_the_letter_case_of_the_user_name_and_out_again(app: Flask, isolated: None) -> None:
    client = app.test_client()
    assert sign_in(client, "CLERK", PASSWORD).status_code == 302
    assert "Lê Thị Hạnh" in text_of(client.get("/"))
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/").text)[1]  # type: ignore[index]
    assert client.get("/logout/").status_code in (404, 405)
    assert client.post("/logout/", data={"csrf_token": token}).status_code == 302
    assert client.get("/incoming/").status_code == 302


def test_five_wrong_passwords_lock_for_twelve_hours_unless_the_administrator_unlocks(
    app: Flask, isolated: None
) -> None:
    client = app.test_client()
    for _ in range(5):
        answer = sign_in(client, "clerk", "sai mật khẩu")
        assert answer.status_code == 401
    assert "khóa" in text_of(answer)
    assert sign_in(client, "clerk", PASSWORD).status_code == 401
    with clock.set_to(NOW + timedelta(hours=11, minutes=59)):
        assert sign_in(client, "clerk", PASSWORD).status_code == 401
    with clock.set_to(NOW + timedelta(hours=12, minutes=1)):
        assert sign_in(app.test_client(), "clerk", PASSWORD).status_code == 302
    for _ in range(5):
        sign_in(client, "specialist", "sai mật khẩu")
    with app.app_context():
        accounts.unlock(SYSTEM, user_id(PostKind.SPECIALIST))
    assert sign_in(app.test_client(), "specialist", PASSWORD).status_code == 302


def test_an_unknown_name_gets_the_same_answer_as_a_wrong_password(app: Flask, isolated: None) -> None:
    one = text_of(sign_in(app.test_client(), "clerk", "sai"))
    other = text_of(sign_in(app.test_client(), "khong-co-ai", "sai"))
    assert one.replace("clerk", "") == other.replace("khong-co-ai", "")


def test_signing_in_failing_and_out_are_on_record_without_any_password(app: Flask, isolated: None) -> None:
    client = app.test_client()
    sign_in(client, "clerk", "Mật-Khẩu-Sai-1")
    sign_in(client, "clerk", PASSWORD)
    with app.app_context():
        query = select(Event).where(Event.tag.startswith("account.sign")).order_by(Event.id)
        events = db.session.scalars(query).all()
        assert [e.tag for e in events] == ["account.sign_in_failed", "account.signed_in"]
        assert all("Sai-1" not in str(e.params) and PASSWORD not in str(e.params) for e in events)


def test_open_sessions_end_when_the_account_is_disabled_or_the_password_changes(
    app: Flask, client_for: Clients
) -> None:
    clerk, specialist = client_for(PostKind.CLERK), client_for(PostKind.SPECIALIST)
    assert clerk.get("/incoming/").status_code == 200
    with app.app_context():
        accounts.disable(SYSTEM, user_id(PostKind.CLERK))
        accounts.assign_password(SYSTEM, user_id(PostKind.SPECIALIST), "Moi-Tinh@2026")
    assert clerk.get("/incoming/").status_code == 302
    assert specialist.get("/incoming/").status_code == 302


def test_an_assigned_password_must_be_changed_before_anything_else(app: Flask, isolated: None) -> None:
    with app.app_context():
        accounts.assign_password(SYSTEM, user_id(PostKind.CLERK), "Tam-Thoi@2026")
    client = app.test_client()
    sign_in(client, "clerk", "Tam-Thoi@2026")
    assert client.get("/incoming/").location.endswith("/password/")
    page = client.get("/password/")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]  # type: ignore[index]
    form = {"csrf_token": token, "current": "Tam-Thoi@2026"}
    for bad in ("ngắn", "khongcochuhoa1!", "Tam-Thoi@2026", "clerk-Clerk1!"):
        assert client.post("/password/", data={**form, "new": bad, "again": bad}).status_code == 422
    assert client.post("/password/", data={**form, "new": "Rieng-Toi@2026", "again": "khác"}).status_code == 422
    done = client.post("/password/", data={**form, "new": "Rieng-Toi@2026", "again": "Rieng-Toi@2026"})
    assert done.status_code == 302
    assert client.get("/incoming/").status_code == 200


def test_the_demo_password_must_be_changed_where_the_program_is_no_demo(app: Flask, client_for: Clients) -> None:
    with app.app_context():
        account = db.session.get_one(Account, user_id(PostKind.CLERK))
        account.password_origin = "demo"
        db.session.commit()
    clerk = client_for(PostKind.CLERK)
    assert clerk.get("/incoming/").status_code == 200
    app.config["DEMO"] = False
    try:
        assert clerk.get("/incoming/").location.endswith("/password/")
    finally:
        app.config["DEMO"] = True


@pytest.mark.parametrize("address", ["/login/", "/", "/incoming/", "/khong-co", "/static/vt/app.js"])
def test_every_answer_carries_the_security_headers(client_for: Clients, address: str) -> None:
    headers = client_for(PostKind.CLERK).get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] in ("DENY", "SAMEORIGIN")
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_to_a_foreign_place(app: Flask, isolated: None, target: str) -> None:
    client = app.test_client()
    page = client.get("/login/", query_string={"next": target}).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]  # type: ignore[index]
    answer = client.post(
        "/login/",
        query_string={"next": target},
        data={"username": "clerk", "password": PASSWORD, "csrf_token": token},
    )
    assert answer.status_code == 302
    assert "evil" not in answer.location
    assert "javascript" not in answer.location


def test_after_a_wrong_password_the_name_stays_and_the_password_waits(app: Flask, isolated: None) -> None:
    client = app.test_client()
    first = client.get("/login/").text
    assert re.search(r'<input[^>]*autofocus[^>]*name="username"', first)
    again = sign_in(client, "clerk", "sai mật khẩu").text
    assert re.search(r'<input[^>]*autofocus[^>]*name="password"', again)
    assert len(re.findall("autofocus", again)) == 1
    assert 'value="clerk"' in again
    for _ in range(4):
        locked = sign_in(client, "clerk", "sai mật khẩu")
    assert "30/12/2026 21:30" in text_of(locked)


def test_the_password_page_calls_the_field_by_its_name(app: Flask, client_for: Clients) -> None:
    refused = client_for(PostKind.CLERK).send("/password/", current=PASSWORD, new="ngan", again="ngan")
    assert refused.status_code == 422
    assert "Mật khẩu mới: phải có ít nhất" in text_of(refused)


def test_a_copy_of_the_cookie_is_worth_nothing_after_signing_out(app: Flask, isolated: None) -> None:
    client, thief = app.test_client(), app.test_client()
    sign_in(client, "clerk", PASSWORD)
    cookie = client.get_cookie("records_session")
    assert cookie is not None
    thief.set_cookie("records_session", cookie.value)
    assert thief.get("/incoming/").status_code == 200
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/password/").text)[1]  # type: ignore[index]
    client.post("/logout/", data={"csrf_token": token})
    thief.set_cookie("records_session", cookie.value)
    assert thief.get("/incoming/").status_code == 302
    assert sign_in(client, "clerk", PASSWORD).status_code == 302


def test_a_session_ends_twelve_hours_after_signing_in_however_busy_it_was(app: Flask, isolated: None) -> None:
    client = app.test_client()
    sign_in(client, "clerk", PASSWORD)
    for minutes in range(10, 12 * 60, 10):
        with clock.set_to(NOW + timedelta(minutes=minutes)):
            assert client.get("/incoming/").status_code == 200
    with clock.set_to(NOW + timedelta(hours=12)):
        assert "/login/" in client.get("/incoming/").location
    assert client.get("/incoming/").status_code == 302, "the cookie itself is over too"


def test_a_session_that_does_not_say_when_it_began_is_over(client_for: Clients) -> None:
    clerk = client_for(PostKind.CLERK)
    with clerk.session_transaction() as opened:
        del opened["signed_in_at"]
    assert clerk.get("/incoming/").status_code == 302


def test_an_address_with_too_many_failures_is_told_to_wait(app: Flask, isolated: None) -> None:
    client = app.test_client()
    for n in range(20):
        assert sign_in(client, f"doan-{n}", "sai").status_code == 401
    refused = sign_in(client, "clerk", PASSWORD)
    assert refused.status_code == 429
    assert "15 phút" in text_of(refused)
    token = app.test_client().post("/api/v1/security/login", json={"username": "x", "password": "y", "provider": "db"})
    assert token.status_code == 429
    assert token.json["obstacles"][0]["code"] == "address_must_wait"
    with clock.set_to(NOW + timedelta(minutes=16)):
        assert sign_in(client, "clerk", PASSWORD).status_code == 302

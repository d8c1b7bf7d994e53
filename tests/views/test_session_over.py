"""A form that comes after its session ended loses nothing, and helps no foreign page."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import Account, Document
from app.operations import accounts
from app.vocabulary import PostKind
from tests.fixtures.office import PASSWORD, SignedIn, actor_of, pdf, registration, text_of

Clients = Callable[[PostKind | None], SignedIn]
OURS = {"Origin": "http://localhost"}
FORM = "/incoming/new/register"


@pytest.fixture
def typed(app: Flask) -> dict[str, Any]:
    """What a clerk typed before the session ended."""
    with app.app_context():
        values = registration(subject='Về "kinh phí" <chống> ngập\nđợt 2')
    return {**{k: v for k, v in values.items() if v is not None}, "issuer": "Sở Tài chính", "issued_on": "28/12"}


def hidden_fields(page: str) -> dict[str, str]:
    form = page[page.index("data-fresh-token") :]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[: form.index("</form>")])
    return {name: html.unescape(value) for name, value in found}


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Document)) or 0


def test_what_was_typed_before_the_session_ended_is_sent_again_with_one_press_after_signing_in(
    app: Flask, client_for: Clients, typed: dict[str, Any]
) -> None:
    browser = client_for(None)
    with browser.session_transaction() as ended:
        ended.clear()
    over = browser.post(FORM, data={"csrf_token": browser.csrf, **typed}, headers=OURS)
    assert over.status_code == 400
    assert "Phiên làm việc đã hết" in text_of(over)
    assert 'target="_blank"' in over.text
    kept = hidden_fields(over.text)
    stale = kept.pop("csrf_token")
    assert kept == typed
    before = count(app)
    assert browser.get("/token/").status_code == 401
    page = browser.get("/login/").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]  # type: ignore[index]
    signed_in = {"username": "clerk", "password": PASSWORD, "csrf_token": token}
    assert browser.post("/login/", data=signed_in).status_code == 302
    fresh = browser.get("/token/")
    assert fresh.headers["Cache-Control"] == "no-store"
    assert count(app) == before
    again = browser.post(FORM, data={**kept, "csrf_token": stale}, headers=OURS)  # as without script
    assert again.status_code == 400
    assert "Đã đăng nhập lại" in text_of(again)
    assert browser.post(FORM, data=hidden_fields(again.text), headers=OURS).status_code == 302
    assert count(app) == before + 1
    assert browser.post(FORM, data={**kept, "csrf_token": fresh.json["token"]}, headers=OURS).status_code != 400


def test_a_session_ended_by_the_it_centre_keeps_what_was_typed_but_opens_nothing(
    app: Flask, client_for: Clients, typed: dict[str, Any]
) -> None:
    clerk = client_for(PostKind.CLERK)
    with app.app_context():
        account = db.session.get_one(Account, actor_of(PostKind.CLERK).user_id)
        accounts.assign_password(actor_of(PostKind.IT_CENTRE), account.user_id, "Mat-Khau-Moi@2026")
    over = clerk.post(FORM, data={"csrf_token": clerk.csrf, **typed}, headers=OURS)
    assert over.status_code == 401
    kept = hidden_fields(over.text)
    del kept["csrf_token"]
    assert kept == typed
    assert "Lê Thị Hạnh" not in text_of(over)
    assert clerk.get("/token/").status_code == 401
    assert clerk.get("/incoming/").status_code == 302


def test_passwords_and_files_are_never_kept_and_the_page_says_so(client_for: Clients, typed: dict[str, Any]) -> None:
    clerk = client_for(PostKind.CLERK)
    over = clerk.post("/password/", data={"current": PASSWORD, "new": "Moi-Moi@2026", "again": "Moi"}, headers=OURS)
    assert over.status_code == 400
    assert set(hidden_fields(over.text)) == {"csrf_token"}
    assert PASSWORD not in over.text
    assert "Moi-Moi" not in over.text
    assert "nhập lại mật khẩu" in text_of(over)
    with_file = {**typed, "files": (pdf(), "công văn.pdf")}
    over = clerk.post(FORM, data=with_file, headers=OURS, content_type="multipart/form-data")
    assert set(hidden_fields(over.text)) == {"csrf_token", *typed}
    assert "chọn lại tệp" in text_of(over)
    nobody = client_for(None)
    over = nobody.post("/login/", data={"username": "clerk", "password": PASSWORD}, headers=OURS)
    assert over.status_code == 400
    assert PASSWORD not in over.text


@pytest.mark.parametrize(
    "sender",
    [
        {},
        {"Origin": "https://ke-xau.example"},
        {"Origin": "null"},
        {"Referer": "https://ke-xau.example/localhost"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_what_a_foreign_page_posted_is_not_offered_for_sending_again(
    client_for: Clients, typed: dict[str, Any], sender: dict[str, str]
) -> None:
    refused = client_for(PostKind.CLERK).post(FORM, data=typed, headers=sender)
    assert refused.status_code == 400
    assert "data-fresh-token" not in refused.text
    assert "1482/STC-NS" not in refused.text


@pytest.mark.parametrize("much", [{"subject": "x" * 205_000}, {f"f{n}": "x" for n in range(501)}])
def test_more_than_the_page_can_hold_is_said_and_never_sent_in_part(client_for: Clients, much: dict[str, str]) -> None:
    over = client_for(PostKind.CLERK).post(FORM, data=much, headers=OURS)
    assert over.status_code == 400
    assert "data-fresh-token" not in over.text
    assert "quá dài" in text_of(over)


def test_the_interface_for_programs_answers_as_json(client_for: Clients) -> None:
    refused = client_for(PostKind.CLERK).post("/api/v1/files/", data={}, headers=OURS)
    assert refused.status_code == 400
    assert refused.is_json


def test_a_disabled_account_gets_no_token(app: Flask, client_for: Clients) -> None:
    clerk = client_for(PostKind.CLERK)
    with app.app_context():
        accounts.disable(actor_of(PostKind.IT_CENTRE), actor_of(PostKind.CLERK).user_id or 0)
    refused = clerk.get("/token/")
    assert refused.status_code in (302, 401)
    assert b'token"' not in refused.data

"""Bearer tokens serve no longer than a session would, and nobody gets one who may not sign in here."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.extensions import appbuilder, db
from app.models import Account, Event
from app.operations import accounts, delegation
from app.rules.lifecycle import Lifecycle
from app.rules.lifecycles import LIFECYCLES, known_permissions
from app.vocabulary import DelegationKind, PostKind
from tests.fixtures.clock import NOW
from tests.fixtures.office import PASSWORD, SYSTEM, SignedIn, actor_of, pdf

Tokens = dict[str, dict[str, str]]
LIST = "/api/v1/incoming/"
REFRESH = "/api/v1/security/refresh"


def log_in(app: Flask, username: str, password: str = PASSWORD, **changes: Any) -> Any:
    body = {"username": username, "password": password, "provider": "db", "refresh": True, **changes}
    return app.test_client().post("/api/v1/security/login", json=body)


def tokens_of(app: Flask, kind: PostKind, password: str = PASSWORD) -> Tokens:
    answer = log_in(app, kind.value, password)
    assert answer.status_code == 200, answer.text
    return {name: {"Authorization": f"Bearer {answer.json[name]}"} for name in ("access_token", "refresh_token")}


def answers(app: Flask, tokens: Tokens) -> list[tuple[int, str]]:
    """What the list says to the access token, and the refreshing to the refresh token."""
    client = app.test_client()
    both = [
        client.get(LIST, headers=tokens["access_token"]),
        client.post(REFRESH, headers=tokens["refresh_token"]),
    ]
    return [(answer.status_code, answer.json.get("message", "")) for answer in both]


def clerk_id() -> int:
    return actor_of(PostKind.CLERK).user_id or 0


ENDINGS: dict[str, Callable[[], Any]] = {
    "disabled": lambda: accounts.disable(SYSTEM, clerk_id()),
    "password given": lambda: accounts.assign_password(SYSTEM, clerk_id(), "Tam-Thoi@2026"),
    "password changed": lambda: accounts.change_password(actor_of(PostKind.CLERK), PASSWORD, "Rieng-Toi@2026"),
    "signed out": lambda: accounts.sign_out(actor_of(PostKind.CLERK)),
}


@pytest.mark.parametrize("how", list(ENDINGS))
def test_a_token_ends_with_the_sessions_of_its_account(app: Flask, isolated: None, how: str) -> None:
    tokens, other = tokens_of(app, PostKind.CLERK), tokens_of(app, PostKind.SPECIALIST)
    assert [status for status, _ in answers(app, tokens)] == [200, 200]
    with app.app_context():
        ENDINGS[how]()
    assert answers(app, tokens) == [(401, "signed_out"), (401, "signed_out")]
    assert [status for status, _ in answers(app, other)] == [200, 200]


def test_a_refreshed_token_carries_the_mark_too(app: Flask, isolated: None) -> None:
    tokens = tokens_of(app, PostKind.CLERK)
    fresh = app.test_client().post(REFRESH, headers=tokens["refresh_token"]).json["access_token"]
    headers = {"Authorization": f"Bearer {fresh}"}
    assert app.test_client().get(LIST, headers=headers).status_code == 200
    with app.app_context():
        accounts.sign_out(actor_of(PostKind.CLERK))
    assert app.test_client().get(LIST, headers=headers).status_code == 401


def test_with_a_password_that_must_be_changed_no_token_opens_anything(app: Flask, isolated: None) -> None:
    with app.app_context():
        accounts.assign_password(SYSTEM, clerk_id(), "Tam-Thoi@2026")
    tokens = tokens_of(app, PostKind.CLERK, "Tam-Thoi@2026")
    assert answers(app, tokens) == [(403, "password_change_due"), (403, "password_change_due")]


def test_a_token_is_judged_by_its_own_owner_whatever_cookie_lies_beside_it(app: Flask, client_for: Any) -> None:
    with app.app_context():
        accounts.assign_password(SYSTEM, clerk_id(), "Tam-Thoi@2026")
    due = tokens_of(app, PostKind.CLERK, "Tam-Thoi@2026")
    assert client_for(PostKind.SPECIALIST).post(REFRESH, headers=due["refresh_token"]).status_code == 403


def test_only_passwords_of_this_program_sign_anybody_in(
    app: Flask, isolated: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert log_in(app, "clerk", provider="ldap").status_code == 400
    monkeypatch.setitem(app.config, "AUTH_API_LOGIN_ALLOW_MULTIPLE_PROVIDERS", True)
    with caplog.at_level(logging.WARNING, logger="app"):
        assert log_in(app, "clerk", provider="ldap").status_code == 401
    assert "LDAP" in caplog.text
    assert PASSWORD not in caplog.text
    with app.test_request_context():
        manager = appbuilder.sm
        assert manager.auth_user_oauth({"username": "clerk"}) is None
        assert manager.auth_user_remote_user("clerk") is None
        assert manager.auth_user_saml({"username": "clerk"}) is None
        assert db.session.scalars(select(Event).where(Event.tag == "account.signed_in")).all() == []


def test_a_program_that_gets_no_token_is_told_why(app: Flask, isolated: None) -> None:
    for _ in range(5):
        answer = log_in(app, "clerk", "sai")
    assert answer.status_code == 401
    assert answer.json["obstacles"][0]["code"] == "locked"
    with app.app_context():
        assert db.session.get_one(Account, clerk_id()).locked_until is not None


# ── the right to use the interface ───────────────────────────────────────────────────────────────────────────────


def take_away(noun: str, *verbs: str) -> None:
    """No role allows these verbs any more."""
    from flask_appbuilder.security.sqla.models import (
        Permission,
        PermissionView,
        ViewMenu,
        assoc_permissionview_role,
    )

    rows = (
        select(PermissionView.id)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .where(ViewMenu.name == noun, Permission.name.in_([f"can_{verb}" for verb in verbs]))
    )
    db.session.execute(
        delete(assoc_permissionview_role).where(assoc_permissionview_role.c.permission_view_id.in_(rows))
    )
    db.session.commit()


@pytest.mark.clause("212/16.2.a")
def test_without_the_right_to_use_the_interface_nothing_of_it_opens(
    app: Flask, client_for: Callable[[PostKind], SignedIn], registered: Callable[..., int]
) -> None:
    pk, clerk = registered(), client_for(PostKind.CLERK)
    assert ("api", "use") in known_permissions()
    assert clerk.get(LIST).status_code == 200
    with app.app_context():
        take_away("api", "use")
    token = {"X-CSRFToken": clerk.csrf}
    opened = [
        clerk.get(LIST),
        clerk.get(f"{LIST}{pk}"),
        clerk.get("/api/v1/_openapi"),
        clerk.post(f"{LIST}{pk}/correct", json={}, headers=token),
        clerk.post(f"{LIST}register", json={}, headers=token),
        clerk.post("/api/v1/files/", headers=token),
        app.test_client().get(LIST, headers=tokens_of(app, PostKind.CLERK)["access_token"]),
    ]
    assert {answer.status_code for answer in opened} == {403}
    assert clerk.get("/incoming/").status_code == 200, "the screens are another matter"


@pytest.mark.clause("212/16.2.a")
def test_files_are_taken_only_from_those_whom_a_move_lets_attach_them(
    app: Flask, client_for: Callable[[PostKind], SignedIn]
) -> None:
    clerk, specialist = client_for(PostKind.CLERK), client_for(PostKind.SPECIALIST)

    def send(client: SignedIn, **fields: Any) -> int:
        data = {"files": (pdf(), "a.pdf"), **fields}
        return client.post("/api/v1/files/", headers={"X-CSRFToken": client.csrf}, data=data).status_code

    def nobody_attaches_by(*lifecycles: Lifecycle) -> None:
        with app.app_context():
            for each in lifecycles:
                take_away(each.noun, *(m.verb for m in each.moves.values() if any(i.name == "files" for i in m.inputs)))

    assert send(clerk) == 201
    assert send(specialist) == 201, "with an opinion"
    nobody_attaches_by(LIFECYCLES["handling"], LIFECYCLES["assignment"])
    assert send(specialist) == 403
    with app.app_context():
        grantor, grantee = actor_of(PostKind.CLERK), actor_of(PostKind.SPECIALIST)
        given = delegation.grant(
            SYSTEM,
            kind=DelegationKind.ENTRY,
            grantor_id=grantor.person_id,
            grantee_id=grantee.person_id,
            authority="Giấy ủy quyền số 1",
            valid_from=NOW.date(),
            valid_to=None,
        ).id
    assert send(specialist, acting_for=str(given)) == 201
    nobody_attaches_by(LIFECYCLES["incoming"])
    assert send(clerk) == 403

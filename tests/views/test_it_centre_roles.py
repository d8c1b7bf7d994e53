"""Roles, delegations and settings on screen: looked at before they change, never overwritten unseen."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.models import Delegation, Person
from app.operations import roles, settings
from app.queries import roles as queries
from app.queries.settings import setting
from app.queries.settings import settings as current
from app.rules import permissions as rules
from app.vocabulary import PostKind
from tests.fixtures.office import PEOPLE, SYSTEM, SignedIn, text_of

Clients = Callable[[PostKind | None], SignedIn]
GROUND = "Giấy ủy quyền số 12/GUQ-VP"


@pytest.fixture
def it(client_for: Clients) -> SignedIn:
    return client_for(PostKind.IT_CENTRE)


def send(client: SignedIn, address: str, fields: "list[tuple[str, str]]") -> Any:
    """POST fields of which some have several values."""
    return client.post(address, data=MultiDict([("csrf_token", client.token()), *fields]))


def form_of(page: str, action: str) -> "list[tuple[str, str]]":
    """What a form of the page would send: hidden fields and ticks."""
    body = page[page.index(f'action="{action}"') :]
    body = body[: body.index("</form>")]
    found = []
    for tag in re.findall(r"<input[^>]*>", body):
        given = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        if given.get("name") != "csrf_token" and (given.get("type") != "checkbox" or " checked" in tag):
            found.append((unescape(given["name"]), unescape(given.get("value", ""))))
    return found


def role(app: Flask, name: str) -> tuple[int, frozenset[queries.Pair]]:
    with app.app_context():
        ids = {label: key for key, label in queries.role_names(db.session()).items()}
        return ids[name], queries.grants(db.session())[ids[name]]


def error_at(page: str, name: str) -> str:
    found = re.search(rf'id="{name}-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    return unescape(found[1]) if found else ""


@pytest.mark.clause("212/17.1")
def test_a_change_of_a_role_is_first_shown_and_only_saved_when_confirmed(
    app: Flask, it: SignedIn, client_for: Clients
) -> None:
    pk, held = role(app, rules.SPECIALIST)
    address = f"/roles/{pk}"
    ticked = [f for f in form_of(it.get(address).text, f"{address}/rights") if f != ("grant", "incoming.download")]
    preview = send(it, f"{address}/rights", [*ticked, ("grant", "incoming.register")])
    words = text_of(preview)
    assert preview.status_code == 200
    assert PEOPLE[PostKind.SPECIALIST][0] in words
    assert PEOPLE[PostKind.HEAD_OF_DEPARTMENT][0] not in words
    assert "được thêm Văn bản đến: Vào sổ" in words
    assert "mất Văn bản đến: Tải tệp về" in words
    assert role(app, rules.SPECIALIST)[1] == held
    saved = send(it, f"{address}/rights", form_of(preview.text, f"{address}/rights"))
    assert saved.status_code == 302
    assert role(app, rules.SPECIALIST)[1] == (held - {("incoming", "download")}) | {("incoming", "register")}
    assert "khác mặc định" in it.get(address).text
    assert client_for(PostKind.SPECIALIST).get("/incoming/new/register", follow_redirects=True).status_code == 200


def test_the_start_can_be_ticked_again(app: Flask, it: SignedIn) -> None:
    pk, held = role(app, rules.SPECIALIST)
    with app.app_context():
        roles.set_grants(SYSTEM, pk, held | {("incoming", "register")})
    address = f"/roles/{pk}"
    page = it.get(f"{address}?start=1")
    preview = send(it, f"{address}/rights", form_of(page.text, f"{address}/rights"))
    send(it, f"{address}/rights", form_of(preview.text, f"{address}/rights"))
    assert role(app, rules.SPECIALIST)[1] == held
    assert "khác mặc định" not in it.get(address).text


def test_a_preview_that_was_overtaken_is_not_saved(app: Flask, it: SignedIn) -> None:
    pk, held = role(app, rules.SPECIALIST)
    address = f"/roles/{pk}"
    fields = [*form_of(it.get(address).text, f"{address}/rights"), ("grant", "incoming.register")]
    preview = send(it, f"{address}/rights", fields)
    with app.app_context():
        roles.set_grants(SYSTEM, pk, held - {("incoming", "list")})
    answer = send(it, f"{address}/rights", form_of(preview.text, f"{address}/rights"))
    assert answer.status_code == 409
    assert role(app, rules.SPECIALIST)[1] == held - {("incoming", "list")}
    assert "hiện: không được phép" in answer.text


def test_nothing_changed_needs_no_preview(app: Flask, it: SignedIn) -> None:
    pk, _held = role(app, rules.SPECIALIST)
    address = f"/roles/{pk}"
    assert send(it, f"{address}/rights", form_of(it.get(address).text, f"{address}/rights")).status_code == 302


def test_rights_that_do_not_exist_are_not_given(app: Flask, it: SignedIn) -> None:
    pk, held = role(app, rules.SPECIALIST)
    fields = [("grant", ".".join(pair)) for pair in held]
    assert (
        send(it, f"/roles/{pk}/rights", [*fields, ("grant", "role.fly"), ("grant", ""), ("grant", "x")]).status_code
        == 302
    )
    assert role(app, rules.SPECIALIST)[1] == held


@pytest.mark.clause("212/17.1")
def test_the_screen_lets_nobody_lock_the_office_out_of_roles(app: Flask, it: SignedIn) -> None:
    pk, held = role(app, rules.IT_CENTRE)
    address = f"/roles/{pk}"
    ticked = [f for f in form_of(it.get(address).text, f"{address}/rights") if f != ("grant", "role.edit")]
    answer = send(it, f"{address}/rights", form_of(send(it, f"{address}/rights", ticked).text, f"{address}/rights"))
    assert answer.status_code == 422
    assert role(app, rules.IT_CENTRE)[1] == held
    ticked = [f for f in form_of(it.get("/roles/posts").text, "/roles/posts") if f != ("role", f"it_centre.{pk}")]
    answer = send(it, "/roles/posts", form_of(send(it, "/roles/posts", ticked).text, "/roles/posts"))
    assert answer.status_code == 422


@pytest.mark.clause("212/17.1")
def test_the_roles_of_posts_change_after_a_preview(app: Flask, it: SignedIn, client_for: Clients) -> None:
    clerk = role(app, rules.CLERK)[0]
    fields = [*form_of(it.get("/roles/posts").text, "/roles/posts"), ("role", f"assistant.{clerk}")]
    preview = send(it, "/roles/posts", fields)
    assert PEOPLE[PostKind.ASSISTANT][0] in preview.text
    assert client_for(PostKind.ASSISTANT).get("/incoming/new/register", follow_redirects=True).status_code == 403
    assert send(it, "/roles/posts", form_of(preview.text, "/roles/posts")).status_code == 302
    assert client_for(PostKind.ASSISTANT).get("/incoming/new/register", follow_redirects=True).status_code == 200
    assert send(it, "/roles/posts", form_of(preview.text, "/roles/posts")).status_code == 409


def test_a_role_is_added_and_a_taken_name_is_refused(app: Flask, it: SignedIn) -> None:
    made = it.send("/roles/new", name="Thư ký lãnh đạo")
    assert made.status_code == 302
    assert "Thư ký lãnh đạo" in text_of(it.get(made.location))
    answer = it.send("/roles/new", name="thư ký lãnh đạo")
    assert answer.status_code == 422
    assert error_at(answer.text, "name")


def terms(app: Flask, **changes: str) -> dict[str, str]:
    with app.app_context():
        ids = {row.full_name: row.id for row in db.session.scalars(select(Person))}
    grantor, grantee = PEOPLE[PostKind.CLERK][0], PEOPLE[PostKind.ASSISTANT][0]
    return {
        "kind": "entry",
        "grantor": grantor,
        "grantor_id": str(ids[grantor]),
        "grantee": grantee,
        "grantee_id": str(ids[grantee]),
        "authority": GROUND,
        "valid_from": "hôm nay",
        "valid_to": "",
        "scope": "all",
        **changes,
    }


def given(app: Flask) -> list[Delegation]:
    with app.app_context():
        return list(db.session.scalars(select(Delegation).order_by(Delegation.id)))


@pytest.mark.clause("212/17.2")
def test_a_delegation_is_given_used_and_revoked_on_screen(app: Flask, it: SignedIn, client_for: Clients) -> None:
    assistant = client_for(PostKind.ASSISTANT)
    assert assistant.get("/incoming/new/register", follow_redirects=True).status_code == 403
    made = it.send("/delegations/new", **terms(app))
    assert made.status_code == 302
    assert assistant.get("/incoming/new/register", follow_redirects=True).status_code == 200
    words = text_of(it.get("/delegations/"))
    assert "Lê Thị Hạnh" in words
    assert GROUND in words
    assert "Đang có hiệu lực" in text_of(it.get(made.location))
    assert it.send(f"{made.location}/revoke").status_code == 302
    assert assistant.get("/incoming/new/register", follow_redirects=True).status_code == 403
    assert it.send(f"{made.location}/revoke").status_code == 422
    assert "Lê Thị Hạnh" in text_of(it.get("/delegations/?state=revoked&q=hanh"))
    assert GROUND not in text_of(it.get("/delegations/?state=in_force"))


def test_a_delegation_may_cover_only_some_acts(app: Flask, it: SignedIn) -> None:
    made = it.send("/delegations/new", **terms(app, scope="some", moves="incoming.register"))
    assert given(app)[0].moves == ["incoming.register"]
    assert "Phạm vi công việc Vào sổ" in text_of(it.get(made.location))


def test_names_are_enough_where_only_one_person_has_them(app: Flask, it: SignedIn) -> None:
    assert it.send("/delegations/new", **terms(app, grantor_id="", grantee_id="")).status_code == 302
    assert it.get("/delegations/people?q=hanh").json[0]["label"] == "Lê Thị Hạnh"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"authority": ""}, ["authority"]),
        ({"grantor": "", "grantor_id": ""}, ["grantor"]),
        ({"grantee": "Không Ai", "grantee_id": ""}, ["grantee"]),
        ({"valid_to": "không phải ngày"}, ["valid_to"]),
        ({"valid_from": "1/2/2027", "valid_to": "1/1/2027"}, ["valid_to"]),
        (
            {"grantor": "", "grantor_id": "", "authority": "", "valid_to": "1/1/2020"},
            ["grantor", "authority", "valid_to"],
        ),
    ],
)
def test_bad_terms_stand_beside_their_fields_and_what_was_typed_stays(
    app: Flask, it: SignedIn, changes: dict[str, str], fields: "list[str]"
) -> None:
    form = terms(app, **changes)
    answer = it.send("/delegations/new", **form)
    assert answer.status_code == 422
    for field in fields:
        assert error_at(answer.text, field), field
    assert f'value="{form["grantee"]}"' in answer.text
    assert given(app) == []


@pytest.mark.parametrize(
    "changes", [{"kind": ""}, {"kind": "magic"}, {"scope": "some"}, {"scope": "some", "moves": "x.y"}]
)
def test_a_delegation_of_no_kind_or_of_no_act_is_refused(app: Flask, it: SignedIn, changes: dict[str, str]) -> None:
    assert it.send("/delegations/new", **terms(app, **changes)).status_code == 422
    assert given(app) == []


def test_nobody_delegates_to_themselves(app: Flask, it: SignedIn) -> None:
    own = terms(app)
    answer = it.send("/delegations/new", **{**own, "grantee": own["grantor"], "grantee_id": own["grantor_id"]})
    assert answer.status_code == 422
    assert error_at(answer.text, "grantee")


def setting_form(app: Flask, **changes: str) -> dict[str, str]:
    with app.app_context():
        now = {name: str(value) for name, value in current(db.session()).items()}
    return {**{f"seen_{name}": value for name, value in now.items()}, **now, **changes}


@pytest.mark.clause("212/17.1")
def test_settings_are_saved_and_their_history_shown(app: Flask, it: SignedIn) -> None:
    assert it.send("/settings/", **setting_form(app, default_working_days="12")).status_code == 302
    with app.app_context():
        assert setting(db.session(), "default_working_days") == 12
    assert "Số ngày làm việc để giải quyết văn bản: 7 → 12" in text_of(it.get("/settings/"))


def test_a_bad_setting_stands_beside_its_field_and_what_was_typed_stays(app: Flask, it: SignedIn) -> None:
    answer = it.send("/settings/", **setting_form(app, default_working_days="bảy", office_name="Văn phòng thử"))
    assert answer.status_code == 422
    assert error_at(answer.text, "default_working_days")
    assert 'value="bảy"' in answer.text
    assert 'value="Văn phòng thử"' in answer.text
    with app.app_context():
        assert setting(db.session(), "office_name") != "Văn phòng thử"


def test_a_setting_that_changed_meanwhile_is_shown_beside_what_was_typed(app: Flask, it: SignedIn) -> None:
    form = setting_form(app, default_working_days="12")
    with app.app_context():
        settings.change(SYSTEM, {**setting_form(app), "default_working_days": "9"})
    answer = it.send("/settings/", **form)
    assert answer.status_code == 409
    assert "Giá trị đang lưu: 9" in answer.text
    assert 'value="12"' in answer.text

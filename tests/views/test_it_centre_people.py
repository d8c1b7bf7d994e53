"""People and accounts on screen: what is typed stays, what is wrong is said, rights are explained."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.extensions import db
from app.models import Account, Organisation, Person, Post
from app.operations import accounts, parties, roles
from app.queries import roles as role_queries
from app.rules.text import person_sort_key
from app.vocabulary import PostKind
from tests.fixtures.office import OUTSIDE, PASSWORD, PEOPLE, SYSTEM, SignedIn, text_of

Clients = Callable[[PostKind | None], SignedIn]


@pytest.fixture
def it(client_for: Clients) -> SignedIn:
    return client_for(PostKind.IT_CENTRE)


def person_id(app: Flask, kind: PostKind) -> int:
    with app.app_context():
        return db.session.scalars(select(Person.id).where(Person.full_name == PEOPLE[kind][0])).one()


def user_id(app: Flask, kind: PostKind) -> int:
    with app.app_context():
        return db.session.scalars(select(User.id).where(User.username == kind.value)).one()


def unit_id(app: Flask, name: str) -> int:
    with app.app_context():
        return db.session.scalars(select(Organisation.id).where(Organisation.name == name)).one()


def newcomer(app: Flask) -> int:
    with app.app_context():
        return parties.add_person(SYSTEM, "Phạm Thị Mới").id


def error_at(page: str, name: str) -> str:
    """The sentence beside a field."""
    found = re.search(rf'id="{name}-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    return unescape(found[1]) if found else ""


def value_of(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    value = re.search(r'value="([^"]*)"', found[0]) if found else None
    return unescape(value[1]) if value else ""


def rows(page: str) -> str:
    """The list itself, without menu and filters."""
    return page[page.index("<tbody>") : page.index("</tbody>")] if "<tbody>" in page else ""


def test_the_list_finds_people_without_marks_and_by_kind_of_post(it: SignedIn) -> None:
    assert "Lê Thị Hạnh" in rows(it.get("/people/?q=le+thi+hanh").text)
    assert "Lê Thị Hạnh" not in rows(it.get("/people/?q=binh").text)
    found = rows(it.get("/people/?kind=archivist").text)
    assert PEOPLE[PostKind.ARCHIVIST][0] in found
    assert "Lê Thị Hạnh" not in found
    assert "Không tìm thấy ai" in it.get("/people/?q=khong+co+nguoi+nay").text


@pytest.mark.clause("212/17.1")
def test_a_persons_page_says_which_role_comes_from_which_post(app: Flask, it: SignedIn) -> None:
    page = text_of(it.get(f"/people/{person_id(app, PostKind.CLERK)}"))
    assert "vì giữ chức danh Văn thư, Bộ phận Văn thư" in page


@pytest.mark.clause("212/17.1")
def test_a_persons_page_explains_why_something_is_allowed_and_why_not(app: Flask, it: SignedIn) -> None:
    address = f"/people/{person_id(app, PostKind.CLERK)}"
    page = text_of(it.get(f"{address}?why=incoming.register"))
    assert "Được phép: Văn bản đến: Vào sổ" in page
    assert "Vai trò “Văn thư” cho phép, có được vì giữ chức danh Văn thư, Bộ phận Văn thư" in page
    page = text_of(it.get(f"{address}?why=role.edit"))
    assert "Không được phép: Vai trò: Sửa" in page
    assert "Vai trò “Trung tâm Tin học” cho phép việc này (do chức danh: Trung tâm Tin học)" in page
    assert it.get(f"{address}?why=role.fly").status_code == 404


def test_the_explanation_follows_an_edit_of_the_role(app: Flask, it: SignedIn) -> None:
    with app.app_context():
        names = {name: key for key, name in role_queries.role_names(db.session()).items()}
        held = role_queries.grants(db.session())[names["Văn thư"]]
        roles.set_grants(SYSTEM, names["Văn thư"], held - {("incoming", "register")})
    page = text_of(it.get(f"/people/{person_id(app, PostKind.CLERK)}?why=incoming.register"))
    assert "Không được phép" in page


def test_a_person_is_added_and_then_shown(app: Flask, it: SignedIn) -> None:
    made = it.send("/people/new", full_name="  Phạm  Thị Mới ", email="moi@hcm.gov.vn", phone="")
    assert made.status_code == 302
    page = text_of(it.get(made.location))
    assert "Phạm Thị Mới" in page
    assert "moi@hcm.gov.vn" in page


def test_what_was_typed_stays_when_it_is_refused(it: SignedIn) -> None:
    answer = it.send("/people/new", full_name="", email="không phải thư", phone="0912")
    assert answer.status_code == 422
    assert "chưa" in error_at(answer.text, "full_name")
    assert error_at(answer.text, "email").startswith("Thư điện tử")
    assert (value_of(answer.text, "email"), value_of(answer.text, "phone")) == ("không phải thư", "0912")


def test_particulars_that_changed_meanwhile_are_not_overwritten(app: Flask, it: SignedIn) -> None:
    pk = person_id(app, PostKind.CLERK)
    version = value_of(it.get(f"/people/{pk}/edit").text, "version")
    with app.app_context():
        parties.change_person(SYSTEM, pk, "Lê Thị Hạnh", phone="111")
    answer = it.send(f"/people/{pk}/edit", full_name="Lê Thị Hạnh", phone="222", email="", version=version)
    assert answer.status_code == 409
    assert value_of(answer.text, "phone") == "222"
    again = it.send(
        f"/people/{pk}/edit", full_name="Lê Thị Hạnh", phone="222", email="", version=value_of(answer.text, "version")
    )
    assert again.status_code == 302


@pytest.mark.clause("212/17.1")
def test_a_post_is_given_with_days_typed_as_people_write_them(app: Flask, it: SignedIn) -> None:
    pk = newcomer(app)
    form = {"kind": "clerk", "title": "Văn thư", "unit_id": unit_id(app, "Bộ phận Văn thư")}
    made = it.send(f"/people/{pk}/posts/new", **form, valid_from="hôm nay", valid_to="31/1/27")
    assert made.status_code == 302
    with app.app_context():
        post = db.session.scalars(select(Post).where(Post.person_id == pk)).one()
        assert (str(post.valid_from), str(post.valid_to)) == ("2026-12-30", "2027-01-31")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "emperor"}, "kind"),
        ({"title": " "}, "title"),
        ({"unit_id": ""}, "unit_id"),
        ({"unit_id": "99999"}, "unit_id"),
        ({"valid_from": "32/13"}, "valid_from"),
        ({"valid_from": "+9999999"}, "valid_from"),
        ({"valid_from": "31/12/2026", "valid_to": "30/12/2026"}, "valid_to"),
        ({"kind": "outside", "outside": "Cơ quan không có"}, "outside"),
        ({"kind": "outside", "outside": "", "outside_id": "1"}, "outside"),
    ],
)
def test_a_bad_appointment_is_refused_beside_its_field(
    app: Flask, it: SignedIn, changes: dict[str, str], field: str
) -> None:
    pk = newcomer(app)
    form = {"kind": "clerk", "title": "Văn thư", "unit_id": str(unit_id(app, "Bộ phận Văn thư")), **changes}
    answer = it.send(f"/people/{pk}/posts/new", **form)
    assert answer.status_code == 422
    assert error_at(answer.text, field)
    assert value_of(answer.text, "title") == form["title"].strip() or field == "title"
    with app.app_context():
        assert db.session.scalars(select(Post).where(Post.person_id == pk)).all() == []


@pytest.mark.parametrize("by_id", [True, False], ids=["chosen", "typed in full"])
def test_an_outside_post_belongs_to_an_outside_organisation(app: Flask, it: SignedIn, by_id: bool) -> None:
    pk = newcomer(app)
    suggestions = it.get("/people/organisations?q=so+xay").json
    assert [each["label"] for each in suggestions] == [OUTSIDE]
    form = {"kind": "outside", "title": "Văn thư Sở", "outside": OUTSIDE}
    if by_id:
        form["outside_id"] = str(suggestions[0]["id"])
    assert it.send(f"/people/{pk}/posts/new", **form).status_code == 302


def test_a_post_ends_with_its_last_day_and_the_own_key_stays(app: Flask, it: SignedIn) -> None:
    pk = person_id(app, PostKind.CLERK)
    with app.app_context():
        posts = {kind: db.session.scalars(select(Post).where(Post.kind == kind)).first().id for kind in PostKind}
    address = f"/people/{pk}/posts/{posts[PostKind.CLERK]}/end"
    assert it.send(address, valid_to="").status_code == 422
    assert it.send(address, valid_to="1/1/2000").status_code == 422
    assert it.send(address, valid_to="hôm nay").status_code == 302
    assert it.get(f"/people/{pk}/posts/{posts[PostKind.SPECIALIST]}/end").status_code == 404
    own = f"/people/{person_id(app, PostKind.IT_CENTRE)}/posts/{posts[PostKind.IT_CENTRE]}/end"
    answer = it.send(own, valid_to="hôm nay")
    assert answer.status_code == 422
    assert "không còn ai sửa được vai trò" in answer.text


def test_a_post_ended_at_once_has_brought_no_right_since_today(app: Flask, it: SignedIn, client_for: Clients) -> None:
    clerk = client_for(PostKind.CLERK)
    assert clerk.get("/incoming/").status_code == 200
    pk = person_id(app, PostKind.CLERK)
    with app.app_context():
        post_id = db.session.scalars(select(Post.id).where(Post.person_id == pk)).one()
    address = f"/people/{pk}/posts/{post_id}/end"
    page = it.get(address).text
    assert 'data-confirm="Kết thúc ngay chức danh Văn thư, Bộ phận Văn thư của Lê Thị Hạnh?"' in page
    assert it.send(address, valid_to="hôm nay", at_once="1").status_code == 302
    with app.app_context():
        assert str(db.session.get_one(Post, post_id).valid_to) == "2026-12-29"
    assert clerk.get("/incoming/").status_code != 200
    assert "Hiện không giữ chức danh nào" in text_of(clerk.get("/"))


@pytest.mark.clause("212/17.1")
def test_a_generated_password_is_shown_once_and_works(app: Flask, it: SignedIn) -> None:
    pk = newcomer(app)
    assert value_of(it.get(f"/accounts/new?person={pk}").text, "username") == "moipt"
    answer = it.send("/accounts/new", person="Phạm Thị Mới", person_id=pk, username="moipt", how="generate")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    password = re.search(r"data-once>([^<]+)<", answer.text)[1]  # type: ignore[index]
    with app.app_context():
        user = db.session.scalars(select(User).where(User.username == "moipt")).one()
        assert check_password_hash(user.password, password)
        assert db.session.get_one(Account, user.id).password_origin == "assigned"
        address = f"/accounts/{user.id}"
    assert password not in it.get(address).text
    assert "Phải đổi mật khẩu" in it.get(address).text


def test_a_typed_password_follows_the_rules_and_is_never_shown(app: Flask, it: SignedIn) -> None:
    pk = newcomer(app)
    form: dict[str, Any] = {"person": "Phạm Thị Mới", "person_id": pk, "username": "moipt", "how": "type"}
    for password, again, field in (("", "", "password"), ("abc", "abc", "password"), ("Abcdef1!", "khác", "again")):
        answer = it.send("/accounts/new", **form, password=password, again=again)
        assert answer.status_code == 422
        assert error_at(answer.text, field)
        assert value_of(answer.text, "username") == "moipt"
        assert "abc" not in value_of(answer.text, "password").lower()
    answer = it.send("/accounts/new", **form, password="Mo-Tai-Khoan@1", again="Mo-Tai-Khoan@1")
    assert answer.status_code == 200
    assert "Mo-Tai-Khoan@1" not in answer.text


def test_an_account_needs_a_person_and_a_free_name(app: Flask, it: SignedIn) -> None:
    newcomer(app)
    answer = it.send("/accounts/new", person="", username="moipt", how="generate")
    assert error_at(answer.text, "person")
    answer = it.send("/accounts/new", person="Không Ai Cả", username="moipt", how="generate")
    assert "không có ai tên này" in error_at(answer.text, "person")
    newcomer(app)
    answer = it.send("/accounts/new", person="Phạm Thị Mới", username="moipt", how="generate")
    assert "nhiều người cùng tên" in error_at(answer.text, "person")
    answer = it.send("/accounts/new", person=PEOPLE[PostKind.CLERK][0], username="CLERK", how="generate")
    assert answer.status_code == 422
    assert error_at(answer.text, "username")
    assert error_at(answer.text, "person")


def test_accounts_stand_by_the_given_names_of_their_people_and_are_found_by_name(it: SignedIn) -> None:
    page = it.get("/accounts/").text
    named = [each for each in re.findall(r'<a class="subj"[^>]*>([^<]+)</a>', page) if " " in each]
    assert len(named) > 5
    assert named == sorted(named, key=person_sort_key)
    assert 'aria-sort="ascending"' in page
    wanted = PEOPLE[PostKind.CLERK][0]
    assert re.findall(r'<a class="subj"[^>]*>([^<]+)</a>', it.get(f"/accounts/?q={wanted}").text) == [wanted]


@pytest.mark.clause("212/17.1")
def test_a_locked_account_says_until_when_and_is_unlocked(app: Flask, it: SignedIn) -> None:
    pk = user_id(app, PostKind.CLERK)
    with app.app_context():
        for _ in range(5):
            with pytest.raises(accounts.SignInRefused):
                accounts.sign_in("clerk", "sai", remote_addr="10.1.2.3")
    assert "Khóa đến 30/12/2026 21:30" in it.get("/accounts/?state=locked").text
    assert "10.1.2.3" in it.get(f"/accounts/{pk}").text
    assert it.send(f"/accounts/{pk}/unlock").status_code == 302
    assert 'class="subj"' not in rows(it.get("/accounts/?state=locked").text)
    refused = it.send(f"/accounts/{pk}/unlock")
    assert refused.status_code == 422
    assert "không bị khóa" in refused.text


def test_disabling_and_enabling_show_in_the_list_and_end_open_sessions(
    app: Flask, it: SignedIn, client_for: Clients
) -> None:
    pk = user_id(app, PostKind.CLERK)
    clerk = client_for(PostKind.CLERK)
    assert clerk.get("/incoming/").status_code == 200
    assert it.send(f"/accounts/{pk}/disable").status_code == 302
    assert clerk.get("/incoming/").status_code == 302
    assert "clerk" in rows(it.get("/accounts/?state=disabled").text)
    assert it.send(f"/accounts/{pk}/disable").status_code == 422
    assert it.send(f"/accounts/{pk}/enable").status_code == 302
    assert "clerk" in rows(it.get("/accounts/?state=active").text)
    assert it.send(f"/accounts/{user_id(app, PostKind.IT_CENTRE)}/disable").status_code == 422


def test_the_last_sign_in_comes_from_the_trail(app: Flask, it: SignedIn) -> None:
    pk = user_id(app, PostKind.CLERK)
    assert "chưa lần nào" in text_of(it.get(f"/accounts/{pk}"))
    with app.app_context():
        accounts.sign_in("clerk", PASSWORD, remote_addr="10.9.9.9")
    assert "30/12/2026 09:30" in rows(it.get("/accounts/?q=clerk").text)
    assert "Đăng nhập từ 10.9.9.9" in text_of(it.get(f"/accounts/{pk}"))


def test_a_new_password_ends_sessions_and_is_due_for_change(app: Flask, it: SignedIn, client_for: Clients) -> None:
    pk = user_id(app, PostKind.CLERK)
    clerk = client_for(PostKind.CLERK)
    answer = it.send(f"/accounts/{pk}/password", how="type", password=PASSWORD, again=PASSWORD)
    assert answer.status_code == 422
    assert it.send(f"/accounts/{pk}/password", how="generate").status_code == 200
    assert clerk.get("/incoming/").status_code == 302
    assert "Phải đổi mật khẩu" in rows(it.get("/accounts/?state=assigned").text)

"""The generated screens of catalogues, as people use them."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder import ModelView
from sqlalchemy import func, select

from app.extensions import appbuilder, db
from app.models import CalendarDay, DocumentType, Event, Organisation, UrgencyLevel, WorkField
from app.operations import catalogue
from app.operations.unit_of_work import unit_of_work
from app.views.catalogue_base import CatalogueView
from app.views.catalogue_terms import DeadlineRuleView, WorkFieldView
from app.views.catalogues import (
    CalendarView,
    DocumentTypeView,
    NumberSeriesView,
    OrganisationView,
    RegisterBookView,
    UrgencyView,
)
from app.vocabulary import PostKind
from tests.fixtures.office import SENDER, SignedIn, actor_of, text_of

VIEWS = (
    *(OrganisationView, DocumentTypeView, UrgencyView, NumberSeriesView, RegisterBookView, CalendarView),
    *(WorkFieldView, DeadlineRuleView),
)
KEPT_BY_THE_ARCHIVIST = (WorkFieldView, DeadlineRuleView)
OFFICE = "Văn phòng Ủy ban nhân dân Thành phố Hồ Chí Minh"
Clients = Callable[[PostKind | None], SignedIn]
BODY = {
    "name": "Sở Du lịch", "abbreviation": "SDL", "kind": "body", "parent": "", "parent_id": "", "ours": "no",
    "category": "", "code_qd20": "", "code_qcvn102": "", "email": "", "address": "",
    "valid_from": "1/1/2026", "valid_to": "",
}  # fmt: skip


@pytest.fixture
def it(client_for: Clients) -> SignedIn:
    return client_for(PostKind.IT_CENTRE)


def send(client: SignedIn, url: str, /, **form: Any) -> Any:
    """POST a form with its token; a field may be called ``address``."""
    return client.post(url, data={"csrf_token": client.token(), **form})


def organisation_id(app: Flask, name: str) -> int:
    with app.app_context():
        return db.session.scalars(select(Organisation.id).where(Organisation.name == name)).one()


def term_of(app: Flask) -> dict[str, str]:
    """A prescribed term as its form sends it."""
    with app.app_context():
        field = db.session.scalars(select(WorkField.id).limit(1)).one()
    return {
        "name": "Trả lời kiến nghị cử tri", "type_id": "", "field_id": str(field), "days": "30",
        "counting": "calendar", "basis": "Luật Hoạt động giám sát", "valid_from": "1/1/2026", "valid_to": "",
    }  # fmt: skip


def filled(page: str) -> dict[str, str]:
    """What the form of a page would send."""
    form = page[page.index('id="model_form"') :]
    values = {}
    for tag in re.findall(r"<input[^>]*>", form):
        given = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        if "name" in given:
            values[given["name"]] = unescape(given.get("value", ""))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        values[name] = unescape(chosen[1]) if chosen else ""
    for name, content in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        values[name] = unescape(content).strip()
    return values


def error_at(page: str, name: str) -> str:
    """The sentence beside a field."""
    found = re.search(rf'id="{name}-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    return unescape(found[1]) if found else ""


def test_every_generated_screen_is_a_catalogue(app: Flask) -> None:
    generated = [view for view in appbuilder.baseviews if isinstance(view, ModelView)]
    assert {type(view) for view in generated} >= set(VIEWS)
    assert all(isinstance(view, CatalogueView) for view in generated)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_states_its_columns(view: type[CatalogueView]) -> None:
    model = {column.key for column in view.datamodel.obj.__mapper__.columns}
    machine = {"id", "version", "sort_key", "folded", "code", "parent_id", "series_id", "type_id", "field_id"}
    assert view.list_columns
    assert view.show_columns
    assert not (set(view.list_columns) | set(view.show_columns)) & machine & model


@pytest.mark.parametrize("view", VIEWS)
def test_all_screens_of_a_catalogue_open_in_vietnamese_words(
    app: Flask, it: SignedIn, view: type[CatalogueView]
) -> None:
    base = view.route_base
    if view is DeadlineRuleView:
        assert send(it, f"{base}/add", **term_of(app)).status_code == 302
    with app.app_context():
        row = db.session.scalars(select(view.datamodel.obj).limit(1)).one()
        key = view.datamodel.get_pk_value(row)
    addresses = [
        f"{base}/list/",
        f"{base}/list/?_flt_0_valid_to=",
        f"{base}/show/{key}",
        f"{base}/add",
        f"{base}/edit/{key}",
    ]
    for address in addresses:
        answer = it.get(address, follow_redirects=True)
        assert answer.status_code == 200, address
        assert not re.search(r"\b\d{4}-\d\d-\d\d\b", answer.text), address
        assert not re.search(r"\b(True|False|None)\b", text_of(answer)), address
        assert not re.search(r"\b(administrative|normative|incoming|outgoing|body|worked|off)\b", text_of(answer)), (
            address
        )


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("kind", [PostKind.SPECIALIST, PostKind.OUTSIDE])
def test_whoever_has_no_right_sees_no_catalogue(client_for: Clients, view: type[CatalogueView], kind: PostKind) -> None:
    client = client_for(kind)
    for end in ("list/", "add", "show/1", "edit/1"):
        assert client.get(f"{view.route_base}/{end}").status_code == 403
    assert view.route_base not in client.get("/").text


@pytest.mark.parametrize("view", VIEWS)
def test_readers_read_and_do_not_change(client_for: Clients, view: type[CatalogueView]) -> None:
    client = client_for(PostKind.MANAGER if view in KEPT_BY_THE_ARCHIVIST else PostKind.ARCHIVIST)
    page = client.get(f"{view.route_base}/list/", follow_redirects=True)
    assert page.status_code == 200
    assert f"{view.route_base}/add" not in page.text
    assert f"{view.route_base}/edit" not in page.text
    assert send(client, f"{view.route_base}/add", name="x").status_code == 403


@pytest.mark.parametrize("view", VIEWS)
def test_nobody_signed_in_is_asked_to_sign_in(client_for: Clients, view: type[CatalogueView]) -> None:
    answer = client_for(None).get(f"{view.route_base}/list/")
    assert answer.status_code == 302
    assert "/login/" in answer.location


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("end", ["download/x", "action/x/1", "action_post"])
def test_generated_routes_that_have_no_use_do_not_exist(it: SignedIn, view: type[CatalogueView], end: str) -> None:
    assert it.get(f"{view.route_base}/{end}").status_code == 404
    assert send(it, f"{view.route_base}/{end}").status_code == 404


@pytest.mark.parametrize("view", [each for each in VIEWS if each is not CalendarView])
def test_only_days_of_the_calendar_have_a_way_to_be_deleted(it: SignedIn, view: type[CatalogueView]) -> None:
    assert send(it, f"{view.route_base}/delete/1").status_code == 404


@pytest.mark.parametrize("key", ["0", "999999", "x", "9" * 40, "01-01-1800", "99-99-2026"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_row_that_is_not_there_is_not_found(it: SignedIn, view: type[CatalogueView], key: str) -> None:
    assert it.get(f"{view.route_base}/show/{key}").status_code == 404
    assert it.get(f"{view.route_base}/edit/{key}").status_code == 404
    assert send(it, f"{view.route_base}/edit/{key}", name="x").status_code == 404


def test_a_form_without_its_token_changes_nothing(app: Flask, it: SignedIn) -> None:
    assert it.post("/organisations/add", data=BODY).status_code == 400


def test_adding_saves_and_shows_the_row_with_its_history(app: Flask, it: SignedIn) -> None:
    answer = send(it, "/organisations/add", **{**BODY, "valid_from": "1/1/2026", "code_qcvn102": "000.00.51.H29"})
    assert answer.status_code == 302
    page = it.get(answer.location)
    for words in ("Sở Du lịch", "Cơ quan, tổ chức", "Ngoài Văn phòng", "000.00.51.H29", "01/01/2026", "đang dùng"):
        assert words in text_of(page)
    assert "Đặng Quốc Huy" in page.text[page.text.index('id="story"') :]
    with app.app_context():
        # the small office itself was added by the program; this screen made one act, and only one
        event = db.session.scalars(select(Event).where(Event.tag == "catalogue.added", Event.via == "web")).one()
        assert event.actor_name == "Đặng Quốc Huy"
        assert event.request_id


def test_the_form_of_a_row_is_filled_with_what_it_says(app: Flask, it: SignedIn) -> None:
    send(it, "/organisations/add", **{**BODY, "parent": SENDER, "kind": "unit", "code_qd20": "H29.51"})
    values = filled(it.get(f"/organisations/edit/{organisation_id(app, 'Sở Du lịch')}").text)
    expected = {"name": "Sở Du lịch", "parent": SENDER, "kind": "unit", "ours": "no", "code_qd20": "H29.51"}
    assert {name: values[name] for name in expected} == expected
    assert values["parent_id"] == str(organisation_id(app, SENDER))
    assert values["valid_from"] == "01/01/2026"
    assert values["seen_version"] == "1"


def test_a_refused_form_says_why_beside_each_field_and_keeps_all_that_was_typed(app: Flask, it: SignedIn) -> None:
    typed = {
        **BODY,
        "name": "",
        "abbreviation": "ABC",
        "valid_from": "32/13",
        "email": "không phải thư",
        "address": "1 Lê Duẩn",
    }
    answer = send(it, "/organisations/add", **typed)
    assert answer.status_code == 422
    values = filled(answer.text)
    assert {name: values[name] for name in ("abbreviation", "valid_from", "email", "address")} == {
        "abbreviation": "ABC", "valid_from": "32/13", "email": "không phải thư", "address": "1 Lê Duẩn",
    }  # fmt: skip
    assert "32/13" in error_at(answer.text, "valid_from")
    assert error_at(answer.text, "name").startswith("Tên:")
    assert error_at(answer.text, "email")
    assert 'aria-invalid="true"' in answer.text
    with app.app_context():
        assert not db.session.scalars(select(Organisation).where(Organisation.abbreviation == "ABC")).all()


def test_a_rule_speaks_beside_its_field(it: SignedIn) -> None:
    answer = send(it, "/organisations/add", **{**BODY, "code_qcvn102": "000.1"})
    assert answer.status_code == 422
    assert "13 ký tự" in error_at(answer.text, "code_qcvn102")


def test_a_constraint_of_the_database_speaks_beside_its_field(it: SignedIn) -> None:
    answer = send(it, "/urgency-levels/add", name="Hỏa tốc", rank="9", handling_hours="")
    assert answer.status_code == 422
    assert error_at(answer.text, "name")
    assert filled(answer.text)["rank"] == "9"


def test_what_was_typed_is_shown_and_never_run(it: SignedIn) -> None:
    answer = send(
        it, "/organisations/add", **{**BODY, "kind": "", "name": '"><script>alert(1)</script>', "parent": '"><b>x'}
    )
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "<b>x" not in answer.text


def test_the_second_of_two_people_sees_what_changed_and_loses_nothing(
    app: Flask, client_for: Clients, it: SignedIn
) -> None:
    send(it, "/organisations/add", **BODY)
    key = organisation_id(app, "Sở Du lịch")
    clerk = client_for(PostKind.CLERK)
    mine, theirs = (filled(c.get(f"/organisations/edit/{key}").text) for c in (it, clerk))
    mine.pop("csrf_token"), theirs.pop("csrf_token")
    assert send(clerk, f"/organisations/edit/{key}", **{**theirs, "email": "sdl@hcm.gov.vn"}).status_code == 302
    answer = send(it, f"/organisations/edit/{key}", **{**mine, "abbreviation": "MOI"})
    assert answer.status_code == 409
    assert "Lê Thị Hạnh" in answer.text
    assert "sdl@hcm.gov.vn" in answer.text
    again = filled(answer.text)
    assert again["abbreviation"] == "MOI"
    again.pop("csrf_token")
    assert send(it, f"/organisations/edit/{key}", **again).status_code == 302  # saved knowingly


def test_a_change_that_does_not_say_what_was_seen_is_stale(app: Flask, it: SignedIn) -> None:
    for seen in ({}, {"seen_version": ""}, {"seen_version": "x"}, {"seen_version": "99999999999999999999"}):
        assert send(it, "/urgency-levels/edit/urgent", name="Khác", rank="1", **seen).status_code == 409
    with app.app_context():
        assert db.session.get_one(UrgencyLevel, "urgent").name == "Khẩn"


def test_a_commit_later_in_the_request_does_not_write_a_refused_edit(
    app: Flask, it: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        before = db.session.get_one(UrgencyLevel, "urgent").name
    committed = []

    def another_commit(response: Any) -> Any:
        with unit_of_work():
            committed.append(response.status_code)
        return response

    monkeypatch.setitem(app.after_request_funcs, None, [another_commit, *app.after_request_funcs.get(None, [])])
    for name in ("Hỏa tốc", "x" * 51):  # refused by the database; refused by the rules
        send(it, "/urgency-levels/edit/urgent", name=name, rank="1", handling_hours="", seen_version="1")
    assert committed == [422, 422]
    with app.app_context():
        row = db.session.get_one(UrgencyLevel, "urgent")
        assert (row.name, row.version) == (before, 1)


def test_the_library_cannot_save_by_itself(app: Flask) -> None:
    for view in VIEWS:
        for verb in (view.datamodel.add, view.datamodel.edit, view.datamodel.delete):
            with pytest.raises(NotImplementedError):
                verb(object())


@pytest.mark.parametrize("typed", ["so tai chinh", "Sở Tài", "TÀI CHÍNH", "stc", "chinh so"])
def test_organisations_are_found_with_and_without_marks(it: SignedIn, typed: str) -> None:
    page = text_of(it.get("/organisations/list/", query_string={"_flt_0_folded": typed}))
    assert SENDER in page
    assert "Sở Xây dựng" not in page


@pytest.mark.parametrize("view", VIEWS)
def test_the_filters_of_a_list_work_without_script(it: SignedIn, view: type[CatalogueView]) -> None:
    page = it.get(f"{view.route_base}/list/", follow_redirects=True).text
    form = page[page.index('role="search"') :]
    names = re.findall(r'<(?:input|select)[^>]* name="([^"]+)"', form[: form.index("</form>")])
    assert names == [f"_flt_0_{column}" for column in view.search_filters]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "so%chinh", "'"])
def test_signs_in_a_search_are_only_signs(it: SignedIn, typed: str) -> None:
    answer = it.get("/organisations/list/", query_string={"_flt_0_folded": typed})
    assert answer.status_code == 200
    assert SENDER not in text_of(answer)


def test_a_list_survives_whatever_stands_in_its_address(it: SignedIn) -> None:
    odd = (
        "page_OrganisationView=-1", "page_OrganisationView=x", "psize_OrganisationView=99999999",
        "_oc_OrganisationView=x;--",
        "_flt_9_name=a", "_flt_0_nothing=a", "_flt_0_ours=x", "_flt_0_kind=zz", "page_X=abc", "_od_OrganisationView=up",
    )  # fmt: skip
    for query in odd:
        assert it.get(f"/organisations/list/?{query}").status_code == 200, query


def test_organisations_stand_in_vietnamese_order(it: SignedIn) -> None:
    for name in ("Ủy ban A", "Đài A", "Ban A", "Công ty A"):
        send(it, "/organisations/add", **{**BODY, "name": name})
    page = it.get("/organisations/list/?_flt_0_folded=a").text
    found = [name for name in re.findall(r'class="subj"[^>]*>([^<]+)<', page) if name.endswith(" A")]
    assert found == ["Ban A", "Công ty A", "Đài A", "Ủy ban A"]


def test_a_list_opens_with_what_is_in_use_and_can_show_all(app: Flask, it: SignedIn) -> None:
    with app.app_context():
        old = db.session.scalars(select(DocumentType).where(DocumentType.code == "ban_cam_ket")).one().name
    assert old not in text_of(it.get("/document-types/list/", follow_redirects=True))
    for part in ("_flt_0_valid_to=closed", "_flt_0_valid_to=&_flt_0_name=cam"):
        assert old in text_of(it.get(f"/document-types/list/?{part}"))


def test_filters_of_one_person_never_narrow_the_list_of_another(it: SignedIn, client_for: Clients) -> None:
    it.get("/organisations/list/?_flt_0_folded=khong+co")
    assert SENDER in text_of(client_for(PostKind.CLERK).get("/organisations/list/?_flt_0_folded=tai"))
    assert not OrganisationView.__dict__.get("_filters")


def test_the_parent_is_suggested_while_typing(app: Flask, it: SignedIn) -> None:
    found = it.get("/organisations/suggest?q=kinh te").get_json()
    assert [row["label"] for row in found] == ["Phòng Kinh tế"]
    assert found[0]["id"] == organisation_id(app, "Phòng Kinh tế")
    page = it.get("/organisations/add").text
    assert 'data-lookup="/organisations/suggest"' in page
    assert SENDER not in page  # no drop-down of all rows


def test_own_units_are_shown_as_a_tree(app: Flask, it: SignedIn) -> None:
    page = it.get("/organisations/units").text
    assert page.index("Phòng Hành chính - Tổ chức") < page.index("Bộ phận Văn thư")
    assert SENDER not in page


def test_a_unit_below_starts_with_what_it_belongs_to(app: Flask, it: SignedIn) -> None:
    key = organisation_id(app, "Phòng Kinh tế")
    values = filled(it.get(f"/organisations/add?below={key}").text)
    assert (values["parent"], values["kind"], values["ours"]) == ("Phòng Kinh tế", "unit", "yes")


def test_a_series_shows_its_last_numbers_and_lets_nobody_change_them(
    app: Flask, it: SignedIn, registered: Callable[..., int]
) -> None:
    registered()
    page = it.get("/number-series/show/1")
    assert re.search(r"2026 1\b", text_of(page))
    fields = filled(it.get("/number-series/edit/1").text)
    assert set(fields) == {"csrf_token", "name", "kind", "valid_from", "valid_to", "seen_version"}


class TestCalendar:
    def test_days_are_typed_as_people_write_them(self, it: SignedIn) -> None:
        answer = send(it, "/calendar/add", day="27/7/2027", kind="off", name="Ngày nghỉ riêng", note="")
        assert answer.location.endswith("/calendar/list/?_flt_0_day=2027")
        assert "27/07/2027, Thứ Ba" in text_of(it.get(answer.location))

    def test_the_list_opens_with_the_present_year(self, it: SignedIn) -> None:
        page = text_of(it.get("/calendar/list/", follow_redirects=True))
        assert "02/09/2026" in page
        assert "02/09/2025" not in page
        assert "Tháng 12" in page

    def test_a_year_that_is_not_entered_is_shown_as_computed_until_its_first_day_is_entered(self, it: SignedIn) -> None:
        assert "/calendar/list/?_flt_0_day=2028" in it.get("/calendar/list/", follow_redirects=True).text
        page = it.get("/calendar/list/?_flt_0_day=2028")
        assert 'data-forecast="2028"' in page.text
        assert "Giao thừa Tết Nguyên Đán" in page.text
        assert 'data-forecast="' not in it.get("/calendar/list/?_flt_0_day=2027").text
        send(it, "/calendar/add", day="3/1/2028", kind="off", name="Nghỉ bù", note="")
        page = it.get("/calendar/list/?_flt_0_day=2028")
        assert 'data-forecast="' not in page.text
        assert "Giao thừa" not in page.text

    def test_a_working_day_is_not_worked_instead(self, it: SignedIn) -> None:
        answer = send(it, "/calendar/add", day="28/7/2027", kind="worked", name="Làm bù", note="")
        assert answer.status_code == 422
        assert "28/07/2027" in error_at(answer.text, "day")

    def test_a_day_is_taken_away_by_a_post_with_a_token(self, app: Flask, it: SignedIn) -> None:
        assert it.get("/calendar/delete/02-09-2026").status_code in (404, 405)
        assert it.post("/calendar/delete/02-09-2026").status_code == 400
        assert send(it, "/calendar/delete/02-09-2026").status_code == 302
        with app.app_context():
            assert db.session.get(CalendarDay, date(2026, 9, 2)) is None
            gone = db.session.scalars(select(Event).where(Event.tag == "catalogue.removed")).one()
            assert gone.subject_id == "2026-09-02"
        assert send(it, "/calendar/delete/02-09-2026").status_code == 404
        assert send(it, "/calendar/delete/x").status_code == 404

    def test_whoever_only_reads_takes_no_day_away(self, client_for: Clients) -> None:
        assert send(client_for(PostKind.CLERK), "/calendar/delete/02-09-2026").status_code == 403


def test_a_clerk_is_told_who_keeps_the_units_of_the_office(app: Flask, client_for: Clients) -> None:
    clerk = client_for(PostKind.CLERK)
    key = organisation_id(app, "Phòng Kinh tế")
    page = clerk.get(f"/organisations/edit/{key}")
    assert page.status_code == 403
    assert "Trung tâm Tin học" in text_of(page)
    values = {**BODY, "name": "Phòng Kinh tế", "kind": "unit", "ours": "yes", "parent": OFFICE, "seen_version": "1"}
    answer = send(clerk, f"/organisations/edit/{key}", **{**values, "abbreviation": "KT"})
    assert answer.status_code == 403
    assert "Trung tâm Tin học" in error_at(answer.text, "ours")
    assert filled(answer.text)["abbreviation"] == "KT"


def test_history_tells_what_was_changed_in_words(app: Flask, it: SignedIn) -> None:
    send(it, "/organisations/add", **BODY)
    key = organisation_id(app, "Sở Du lịch")
    with app.app_context():
        values = {**BODY, "valid_from": None, "parent": None}
        row = db.session.get_one(Organisation, key)
        values |= {"valid_from": row.valid_from, "valid_to": row.valid_from, "category": "company"}
        catalogue.save(actor_of(PostKind.IT_CENTRE), "organisation", key, values)
    story = it.get(f"/organisations/show/{key}").text
    story = unescape(story[story.index('id="story"') :])
    assert "Đến ngày: – → 01/01/2026" in story
    assert "Nhóm: – → Doanh nghiệp, tổ chức khác" in story


def test_a_new_document_type_without_a_place_comes_last_of_its_group(app: Flask, it: SignedIn) -> None:
    with app.app_context():
        query = select(func.max(DocumentType.ordinal)).where(DocumentType.grouping == "normative")
        last = db.session.scalar(query) or 0
    form = {"name": "Loại thử", "abbreviation": "", "grouping": "normative", "valid_from": "1/1/2026", "valid_to": ""}
    assert send(it, "/document-types/add", **form, ordinal="").status_code == 302
    assert send(it, "/document-types/add", **{**form, "name": "Loại khác"}, ordinal="7").status_code == 302
    with app.app_context():
        query = select(DocumentType.name, DocumentType.ordinal).where(DocumentType.name.like("Loại %"))
        made = {name: ordinal for name, ordinal in db.session.execute(query)}  # noqa: C416 - rows, not pairs
    assert made == {"Loại thử": last + 1, "Loại khác": 7}
    refused = send(it, "/document-types/add", **form, ordinal="")
    assert refused.status_code == 422
    assert "cùng tên có hiệu lực từ 01/01/2026 đến nay" in text_of(refused)


def test_the_question_before_a_day_is_deleted_names_it(it: SignedIn) -> None:
    page = it.get("/calendar/list/?_flt_0_day=2026").text
    question = re.search(r'<form method="post" action="[^"]*/delete/24-11-2026"[^>]*>', page)[0]  # type: ignore[index]
    assert 'data-confirm="Xóa 24/11/2026 – Ngày Văn hóa Việt Nam' in question
    assert 'data-confirm-label="Xóa" data-confirm-danger' in question
    assert ">Quay lại</button>" in page
    assert "Hủy bỏ" not in page


def test_the_list_of_prescribed_terms_says_why_it_starts_empty_and_what_holds_meanwhile(
    app: Flask, it: SignedIn
) -> None:
    page = it.get("/prescribed-terms/list/", follow_redirects=True).text
    note = page.index('class="empty')
    with app.test_request_context():
        said = str(DeadlineRuleView.empty_note)
    assert said in unescape(page[note:])
    send(it, "/prescribed-terms/add", **term_of(app))
    page = it.get("/prescribed-terms/list/", follow_redirects=True).text
    assert 'class="empty' not in page
    assert "Trả lời kiến nghị cử tri" in page


def test_a_term_for_a_type_that_is_over_keeps_it_when_changed(app: Flask, it: SignedIn) -> None:
    with app.app_context():
        over = db.session.scalars(select(DocumentType.id).where(DocumentType.valid_to.is_not(None)).limit(1)).one()
    page = send(it, "/prescribed-terms/add", **{**term_of(app), "type_id": str(over)})
    form = filled(it.get(page.location.replace("/show/", "/edit/")).text)
    assert form["type_id"] == str(over)

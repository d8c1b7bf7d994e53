"""The clerk's screens: what is typed is never lost, what is shown is on record, what is not allowed is not there."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from app.extensions import db
from app.models import Access, Document, Upload
from app.vocabulary import PostKind
from tests.fixtures.office import SignedIn, pdf, registration, text_of

Clients = Callable[[PostKind | None], SignedIn]


@pytest.fixture
def typed(app: Flask) -> dict[str, Any]:
    """What a clerk types into the form of a registration."""
    with app.app_context():
        values = registration(number_notation="1482/STC-NS")
    values["issuer"] = values["issuer"]["name"]
    return {**values, "issued_on": "28/12"}


@pytest.mark.clause("212/4.2", "212/5.1", "212/16.1.a", "212/16.1.dd")
def test_a_clerk_registers_a_paper_with_its_pdf_and_finds_it_with_who_did_what(
    client_for: Clients, typed: dict[str, Any]
) -> None:
    clerk = client_for(PostKind.CLERK)
    made = clerk.send("/incoming/new/register", **typed, files=(pdf(pages=2), "công văn.pdf"))
    assert made.status_code == 302, text_of(made)
    page = clerk.get(made.location)
    shown = text_of(page)
    for expected in ("1482/STC-NS", "28/12/2026", "Sở Tài chính", "công văn.pdf", "Văn thư Lê Thị Hạnh", "30/12/2026"):
        assert expected in shown
    listed = text_of(clerk.get("/incoming/?q=chong+ngap"))
    assert "1482/STC-NS" in listed
    file = clerk.get(re.search(r'data-src="([^"]+)"', page.text)[1].replace("&amp;", "&"))  # type: ignore[index]
    assert file.data == pdf(pages=2).read()
    assert file.headers["Content-Type"] == "application/pdf"


def test_a_refused_form_keeps_what_was_typed_and_the_files(client_for: Clients, typed: dict[str, Any]) -> None:
    clerk = client_for(PostKind.CLERK)
    wrong = {**typed, "subject": "", "issued_on": "32/13", "signer_name": "Vũ Đình Thuần"}
    refused = clerk.send("/incoming/new/register", **wrong, files=(pdf(), "công văn.pdf"))
    assert refused.status_code == 422
    for expected in ("1482/STC-NS", "32/13", "Vũ Đình Thuần", "công văn.pdf"):
        assert expected in refused.text
    kept = re.findall(r'name="files_kept" value="(\d+)"', refused.text)
    made = clerk.send("/incoming/new/register", **typed, files_kept=kept)
    assert made.status_code == 302
    assert "công văn.pdf" in clerk.get(made.location).text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("thư.pdf", b"<html><script>alert(1)</script></html>"),
        ("thư.exe", b"MZ\x90\x00" + b"\0" * 200),
        ("thư.pdf", b""),
        ("thư.pdf", b"%PDF-1.7 broken"),
    ],
)
def test_a_file_is_judged_by_its_content_and_a_bad_one_is_named(
    client_for: Clients, typed: dict[str, Any], name: str, content: bytes
) -> None:
    clerk = client_for(PostKind.CLERK)
    refused = clerk.send("/incoming/new/register", **typed, files=(io.BytesIO(content), name))
    assert refused.status_code == 422
    assert name in text_of(refused)


def test_one_bad_file_does_not_cost_the_good_one(app: Flask, client_for: Clients, typed: dict[str, Any]) -> None:
    clerk = client_for(PostKind.CLERK)
    refused = clerk.send(
        "/incoming/new/register", **typed, files=[(pdf(), "tốt.pdf"), (io.BytesIO(b"MZ\x90\x00"), "xấu.exe")]
    )
    assert refused.status_code == 422
    with app.app_context():
        assert db.session.scalars(select(Upload.received_name)).all() == ["tốt.pdf"]


def test_the_same_form_sent_twice_registers_once(app: Flask, client_for: Clients, typed: dict[str, Any]) -> None:
    clerk = client_for(PostKind.CLERK)
    form = clerk.get("/incoming/new/register", follow_redirects=True).text
    key = re.search(r'name="submission_key" value="([^"]+)"', form)[1]  # type: ignore[index]
    places = {clerk.send("/incoming/new/register", **typed, submission_key=key).location for _ in range(2)}
    assert len(places) == 1


def test_the_last_issuing_body_and_type_are_offered_again(client_for: Clients, typed: dict[str, Any]) -> None:
    clerk = client_for(PostKind.CLERK)
    answer = clerk.send("/incoming/new/register", **typed, then="next")
    assert answer.location.endswith("/incoming/new/register")
    form = clerk.get(answer.location, follow_redirects=True).text
    assert 'value="Sở Tài chính"' in form
    assert re.search(rf'<option value="{typed["type_id"]}" selected', form)
    assert typed["subject"] not in form


def test_the_second_of_two_people_is_told_what_changed_and_keeps_the_input(
    client_for: Clients, registered: Callable[..., int], typed: dict[str, Any]
) -> None:
    pk = registered(subject="Một")
    clerk, head = client_for(PostKind.CLERK), client_for(PostKind.ADMIN_HEAD)
    version = re.search(r'name="version" value="(\d+)"', clerk.get(f"/incoming/{pk}/correct").text)[1]  # type: ignore[index]
    typed["reason"] = "Sửa"
    assert head.send(f"/incoming/{pk}/correct", **{**typed, "subject": "Hai", "version": version}).status_code == 302
    answer = clerk.send(f"/incoming/{pk}/correct", **{**typed, "subject": "Ba", "version": version})
    assert answer.status_code == 409
    shown = text_of(answer)
    assert "Trần Văn Bình" in shown
    assert "Một → Hai" in shown
    assert ">Ba</textarea>" in answer.text


@pytest.mark.clause("212/16.2.a", "212/16.6.d")
def test_every_look_and_download_is_on_record(
    app: Flask, client_for: Clients, real_database: Engine, typed: dict[str, Any]
) -> None:
    """On real commits: a look has a transaction of its own."""
    clerk, specialist = client_for(PostKind.CLERK), client_for(PostKind.SPECIALIST)
    typed["issued_on"] = "hôm qua"
    place = clerk.send("/incoming/new/register", **typed, files=(pdf(), "công văn.pdf")).location
    page = specialist.get(place).text
    file = re.search(r'href="(/files/\d+)"', page)[1]  # type: ignore[index]
    specialist.get(file)
    with app.app_context():
        looks = db.session.execute(select(Access.actor_name, Access.kind, Access.what).order_by(Access.id)).all()
    assert ("Trần Minh Khôi", "view", "") in looks
    assert ("Trần Minh Khôi", "download", "công văn.pdf") in looks
    assert "Trần Minh Khôi" in text_of(clerk.get(place))


@pytest.mark.clause("212/16.2.a")
def test_who_may_not_act_sees_no_button_and_is_refused_at_the_address(
    client_for: Clients, registered: Callable[..., int]
) -> None:
    pk = registered()
    specialist = client_for(PostKind.SPECIALIST)
    page = specialist.get(f"/incoming/{pk}")
    assert page.status_code == 200
    assert "/cancel_number" not in page.text
    assert specialist.get(f"/incoming/{pk}/cancel_number").status_code == 403
    assert specialist.send(f"/incoming/{pk}/cancel_number", reason="Thử").status_code == 403


@pytest.mark.clause("212/16.2.a")
def test_what_the_list_hides_does_not_open_by_address_either(
    app: Flask, client_for: Clients, registered: Callable[..., int]
) -> None:
    pk = registered()
    outside = client_for(PostKind.OUTSIDE)
    assert f"/incoming/{pk}" not in outside.get("/incoming/").text
    assert outside.get(f"/incoming/{pk}").status_code == 404
    assert outside.get(f"/incoming/{pk}/correct").status_code in (403, 404)


@pytest.mark.parametrize("address", ["add", "edit/1", "delete/1", "1/delete", "1/edit", "new/correct", "action_post"])
def test_generated_add_edit_and_delete_do_not_exist(
    client_for: Clients, registered: Callable[..., int], address: str
) -> None:
    registered()
    clerk = client_for(PostKind.CLERK)
    assert clerk.get(f"/incoming/{address}").status_code == 404
    assert clerk.send(f"/incoming/{address}").status_code == 404


@pytest.mark.clause("212/16.6.c")
def test_facets_narrow_the_list_and_the_address_keeps_them(client_for: Clients, registered: Callable[..., int]) -> None:
    registered(subject="Thường thôi")
    registered(subject="Gấp lắm", urgency="flash")
    clerk = client_for(PostKind.CLERK)
    shown = text_of(clerk.get("/incoming/?urgency=flash"))
    assert "Gấp lắm" in shown
    assert "Thường thôi" not in shown
    nothing = text_of(clerk.get("/incoming/?arrival_date_to=01/01/2020"))
    assert "Gấp lắm" not in nothing


def test_a_list_page_costs_few_statements(app: Flask, client_for: Clients, registered: Callable[..., int]) -> None:
    from sqlalchemy import event

    for _ in range(5):
        registered()
    clerk = client_for(PostKind.CLERK)
    statements: list[str] = []
    with app.app_context():
        engine = db.engine.engine if hasattr(db.engine, "engine") else db.engine

    def count(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        assert clerk.get("/incoming/").status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(statements) <= 12, "\n".join(s.split("\n")[0][:90] for s in statements)


@pytest.mark.clause("212/4.2")
def test_a_number_is_cancelled_with_a_reason_and_stays_in_the_list(
    app: Flask, client_for: Clients, registered: Callable[..., int]
) -> None:
    pk = registered(number_notation="1482/STC-NS")
    clerk = client_for(PostKind.CLERK)
    assert clerk.send(f"/incoming/{pk}/cancel_number", version=1).status_code == 422
    assert clerk.send(f"/incoming/{pk}/cancel_number", reason="Không nói phiên bản").status_code == 422
    assert clerk.send(f"/incoming/{pk}/cancel_number", reason="Vào sổ nhầm", version=1).status_code == 302
    shown = text_of(clerk.get("/incoming/"))
    assert "1482/STC-NS" in shown
    assert "Đã hủy số" in shown
    with app.app_context():
        assert db.session.get_one(Document, pk).state == "cancelled"


@pytest.mark.clause("212/16.2.a")
def test_an_attempt_without_the_right_is_on_record(app: Flask, client_for: Clients, real_database: Engine) -> None:
    specialist = client_for(PostKind.SPECIALIST)
    assert specialist.get("/incoming/new/register").status_code == 403
    with app.app_context():
        attempt = db.session.execute(select(Access.actor_name, Access.kind, Access.what)).one()
    assert attempt == ("Trần Minh Khôi", "denied", "GET /incoming/new/register")


@pytest.mark.clause("212/4.2")
def test_going_back_to_a_form_that_was_sent_gives_no_second_number(
    app: Flask, client_for: Clients, typed: dict[str, Any]
) -> None:
    clerk = client_for(PostKind.CLERK)
    address = clerk.get("/incoming/new/register").location
    key = address.partition("key=")[2]
    made = clerk.send(address, **typed, submission_key=key)
    assert clerk.get(address).location == made.location  # the address leads to what it made
    again = clerk.send(address, **typed, submission_key=key)
    assert again.location == made.location
    other = clerk.send(address, **{**typed, "subject": "Văn bản khác"}, submission_key=key)
    assert other.status_code == 409 or other.status_code == 422
    assert "1/2026" in text_of(other)
    with app.app_context():
        assert db.session.scalars(select(Document.arrival_number)).all() == [1]


def test_whoever_chose_to_act_for_another_never_acts_as_themselves(
    app: Flask, client_for: Clients, registered: Callable[..., int], typed: dict[str, Any]
) -> None:
    pk = registered()
    clerk = client_for(PostKind.CLERK)
    for chosen in ("999", "²", "x"):
        answer = clerk.send(f"/incoming/{pk}/correct", **typed, reason="Sửa", version=1, acting_for=chosen)
        assert answer.status_code == 403
        assert "1482/STC-NS" in answer.text  # the input is kept
    with app.app_context():
        assert db.session.get_one(Document, pk).version == 1


ODD = ["\x00", "²", "9" * 25, "-1", "' OR 1=1", "\u202e", "x" * 3000, "<b>", "%s", "%(x)s"]


@pytest.mark.parametrize(
    "field", ["issuer", "issuer_id", "number_notation", "issued_on", "type_id", "urgency", "subject"]
)
def test_whatever_is_typed_is_answered_with_the_form_never_with_an_error(
    client_for: Clients, typed: dict[str, Any], field: str
) -> None:
    clerk = client_for(PostKind.CLERK)
    for odd in ODD:
        assert clerk.send("/incoming/new/register", **{**typed, field: odd}).status_code in (302, 422), (field, odd)


@pytest.mark.parametrize("field", ["page_count", "book_id", "channel", "received_at", "files_kept", "acting_for"])
def test_nor_is_anything_else_of_the_form_a_way_to_an_error(
    client_for: Clients, typed: dict[str, Any], field: str
) -> None:
    clerk = client_for(PostKind.CLERK)
    for odd in ODD:
        status = clerk.send("/incoming/new/register", **{**typed, field: odd}).status_code
        assert status in (302, 403, 422), (field, odd, status)


def test_a_key_larger_than_any_record_is_no_page(client_for: Clients) -> None:
    clerk = client_for(PostKind.CLERK)
    for address in ("/incoming/" + "9" * 25, "/files/" + "9" * 25, "/api/v1/incoming/" + "9" * 25):
        assert clerk.get(address).status_code == 404


@pytest.mark.clause("212/4.2")
def test_an_incoming_paper_takes_its_number_from_an_incoming_book_only(
    app: Flask, client_for: Clients, typed: dict[str, Any]
) -> None:
    from app.models import RegisterBook

    with app.app_context():
        outgoing = db.session.scalars(select(RegisterBook.id).where(RegisterBook.code == "di-ubnd")).one()
    refused = client_for(PostKind.CLERK).send("/incoming/new/register", **{**typed, "book_id": str(outgoing)})
    assert refused.status_code == 422
    with app.app_context():
        assert db.session.scalars(select(Document.id)).all() == []


def test_the_second_of_two_who_cancel_learns_who_did_it_and_when(
    client_for: Clients, registered: Callable[..., int]
) -> None:
    pk = registered()
    clerk, head = client_for(PostKind.CLERK), client_for(PostKind.ADMIN_HEAD)
    assert head.send(f"/incoming/{pk}/cancel_number", reason="Nhầm", version=1).status_code == 302
    answer = clerk.send(f"/incoming/{pk}/cancel_number", reason="Nhầm", version=1)
    assert answer.status_code == 409
    assert "Trần Văn Bình" in text_of(answer)


@pytest.mark.clause("212/17.2")
def test_whoever_may_act_for_another_sees_the_buttons(
    app: Flask, client_for: Clients, registered: Callable[..., int]
) -> None:
    from app.operations import delegation
    from app.vocabulary import DelegationKind
    from tests.fixtures.office import SYSTEM, actor_of

    pk = registered()
    assistant = client_for(PostKind.ASSISTANT)
    assert "/correct" not in assistant.get(f"/incoming/{pk}").text
    with app.app_context():
        people = actor_of(PostKind.ADMIN_HEAD).person_id, actor_of(PostKind.ASSISTANT).person_id
        delegation.grant(SYSTEM, DelegationKind.ENTRY, *people, "Giấy ủy quyền 01")
    assert f"/incoming/{pk}/correct" in assistant.get(f"/incoming/{pk}").text
    assert "/incoming/new/register" in assistant.get("/").text


def test_the_way_back_leads_to_the_list_as_it_was_left(client_for: Clients, registered: Callable[..., int]) -> None:
    pk = registered()
    clerk = client_for(PostKind.CLERK)
    clerk.get("/incoming/?q=chong&urgency=normal")
    assert 'href="/incoming/?q=chong&amp;urgency=normal"' in clerk.get(f"/incoming/{pk}").text


def test_the_register_is_called_the_same_in_the_menu_and_on_its_page(client_for: Callable[..., Any]) -> None:
    page = client_for(PostKind.CLERK).get("/incoming/").text
    entry = re.search(r'<a href="/incoming/" aria-current="page">.*?<span>([^<]+)</span>', page, re.DOTALL)
    heading = re.search(r"<h1[^>]*>([^<]+)</h1>", page)
    assert entry
    assert heading
    assert entry[1] == heading[1].strip()

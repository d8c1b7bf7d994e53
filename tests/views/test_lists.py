"""The register as a list: what narrows it is in the address, how it looks is the reader's, script asks for a part."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.extensions import db
from app.models import DocumentType
from app.vocabulary import PostKind
from tests.fixtures.clock import NOW
from tests.fixtures.office import SignedIn, text_of

Clients = Callable[[PostKind | None], SignedIn]


@pytest.fixture
def clerk(client_for: Clients, registered: Callable[..., int]) -> SignedIn:
    """Signed in, with two documents in the register."""
    registered(subject="Về việc lũ lụt", urgency="flash")
    registered(subject="Về việc đào tạo")
    return client_for(PostKind.CLERK)


def heads(page: Any) -> dict[str, tuple[str, str]]:
    """Heads that sort: label → (aria-sort, where the next press leads)."""
    found = re.findall(r'<th[^>]*aria-sort="(\w+)"><a href="([^"]+)"[^>]*>([^<]+)<', page.text)
    return {label: (order, address.replace("&amp;", "&")) for order, address, label in found}


# ── as one types ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_script_asks_for_the_list_alone_and_gets_the_same_rows(clerk: SignedIn) -> None:
    whole = clerk.get("/incoming/?q=lu+lut")
    part = clerk.get("/incoming/?q=lu+lut", headers={"X-Part": "list"})
    for page in (whole, part):
        assert "Về việc lũ lụt" in page.text
        assert "Về việc đào tạo" not in page.text
    assert "<html" not in part.text
    assert 'data-count="1 văn bản"' in part.text
    assert "X-Part" in part.headers["Vary"], "nothing between may give the part for the page"


@pytest.mark.parametrize("typed", ["lu l", "LŨ", "lụt", "so tai chinh", "stc"])
def test_one_box_looks_in_number_abstract_and_sender(clerk: SignedIn, typed: str) -> None:
    assert "Về việc lũ lụt" in clerk.get("/incoming/", query_string={"q": typed}).text


def test_without_script_the_box_has_its_button_and_keeps_the_filters(clerk: SignedIn) -> None:
    page = clerk.get("/incoming/?urgency=flash&sort=issued&dir=asc").text
    assert re.search(r'<form class="list-find" id="list-find" method="get" action="/incoming/"', page)
    for name, value in (("urgency", "flash"), ("sort", "issued"), ("dir", "asc")):
        assert f'<input type="hidden" form="list-find" name="{name}" value="{value}">' in page


def test_the_way_back_leads_to_what_was_typed_last(clerk: SignedIn) -> None:
    page = clerk.get("/incoming/?q=dao+tao", headers={"X-Part": "list"})
    document = re.search(r'class="subj" href="([^"]+)"', page.text)[1]  # type: ignore[index]
    assert 'href="/incoming/?q=dao+tao"' in clerk.get(document).text


# ── order ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_head_sorts_up_down_and_off(clerk: SignedIn) -> None:
    page = clerk.get("/incoming/?q=viec")
    seen = []
    for _ in range(3):
        order, address = heads(page)["Số và ký hiệu"]
        seen.append(order)
        page = clerk.get(address)
    assert seen == ["none", "ascending", "descending"]
    assert heads(page)["Số và ký hiệu"][0] == "none"
    assert page.request.query_string == b"q=viec"


def test_the_order_of_the_list_itself_goes_up_and_back(clerk: SignedIn) -> None:
    order, address = heads(clerk.get("/incoming/"))["Số đến"]
    assert order == "descending"
    order, address = heads(clerk.get(address))["Số đến"]
    assert order == "ascending"
    assert address == "/incoming/"


# ── how it looks ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_chosen_columns_stay_and_are_ones_own(clerk: SignedIn, client_for: Clients) -> None:
    assert ">Trích yếu nội dung</th>" in clerk.get("/incoming/").text.replace("\n", "")
    answer = clerk.send("/incoming/look", density="table", column=["book", "issuer"])
    assert answer.status_code == 302
    for _ in range(2):
        page = clerk.get("/incoming/").text
        shown = re.findall(r'data-label="([^"]+)"', page)[:4]
        assert shown == ["Số đến", "Trích yếu nội dung", "Cơ quan, tổ chức ban hành", "Sổ đăng ký"]
    other = client_for(PostKind.ADMIN_HEAD)
    assert 'data-label="Sổ đăng ký"' not in other.get("/incoming/").text


def test_the_list_returns_to_where_it_was_when_its_look_changes(clerk: SignedIn) -> None:
    clerk.get("/incoming/?q=viec&urgency=flash")
    assert clerk.send("/incoming/look", density="small").location == "/incoming/?q=viec&urgency=flash"


def test_the_standard_look_can_be_had_back(clerk: SignedIn) -> None:
    before = re.findall(r'data-label="([^"]+)"', clerk.get("/incoming/").text)
    clerk.send("/incoming/look", density="table", column=["book"])
    clerk.send("/incoming/look", density="table", column=["book", "standard"])
    assert re.findall(r'data-label="([^"]+)"', clerk.get("/incoming/").text) == before


@pytest.mark.parametrize("density", ["small", "large"])
def test_cards_hold_what_the_table_holds(clerk: SignedIn, density: str) -> None:
    clerk.send("/incoming/look", density=density)
    page = clerk.get("/incoming/").text
    assert f'<ul class="doc-cards of-{density}">' in page
    assert "<table" not in page
    for subject in ("Về việc lũ lụt", "Về việc đào tạo"):
        assert subject in page


@pytest.mark.parametrize("odd", ["", "x", "::::", "huge:book.book.nothing", "table:" + "book." * 500, "small:%00'<b>"])
def test_an_odd_cookie_changes_nothing_it_does_not_know(clerk: SignedIn, odd: str) -> None:
    with clerk.session_transaction() as opened:
        user = opened["_user_id"]
    clerk.set_cookie(f"look-incoming-{user}", odd, path="/incoming")
    page = clerk.get("/incoming/")
    assert page.status_code == 200
    assert "Về việc lũ lụt" in page.text


@pytest.mark.clause("212/16.1.d")
@pytest.mark.parametrize("density", ["table", "small", "large"])
def test_every_row_says_its_urgency_in_a_word(clerk: SignedIn, density: str) -> None:
    clerk.send("/incoming/look", density=density)
    rows = re.split(r"<(?:tr|li) data-row", clerk.get("/incoming/").text)[1:]
    assert len(rows) == 2
    assert "thường" in rows[0].lower()
    assert "hỏa tốc" in rows[1].lower()


# ── filters ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_filter_offers_a_type_of_the_past_that_a_document_bears_and_no_other(app: Flask, clerk: SignedIn) -> None:
    with app.app_context():
        past = select(DocumentType).where(DocumentType.valid_to < NOW.date()).order_by(DocumentType.id).limit(2)
        borne, other = db.session.scalars(past).all()
        db.session.execute(
            text("UPDATE document SET type_id = :type WHERE subject = 'Về việc lũ lụt'"), {"type": borne.id}
        )
        db.session.commit()
        borne_id, other_id, day = borne.id, other.id, borne.valid_to.strftime("%d/%m/%Y")  # type: ignore[union-attr]
    page = clerk.get("/incoming/")
    assert f"type_id={borne_id}" in page.text
    assert f"(đến {day})" in page.text
    assert f"type_id={other_id}" not in page.text
    narrowed = clerk.get(f"/incoming/?type_id={borne_id}")
    assert "không rõ" not in text_of(narrowed)
    assert "Về việc lũ lụt" in narrowed.text
    form = clerk.get("/incoming/new/register", follow_redirects=True).text
    assert f'<option value="{borne_id}"' not in form, "a form offers valid types only"


def test_the_sender_is_looked_up_in_the_filter_itself(clerk: SignedIn) -> None:
    page = clerk.get("/incoming/").text
    assert re.search(r'data-lookup="/lookup/organisations" data-lookup-id="issuer_id"', page)


def test_signatures_to_look_at_are_invalid_and_undecided_ones(app: Flask, clerk: SignedIn) -> None:
    with app.app_context():
        db.session.execute(text("UPDATE document SET signature_verdict = 'invalid' WHERE subject LIKE '%lũ lụt'"))
        db.session.execute(text("UPDATE document SET signature_verdict = 'valid' WHERE subject LIKE '%đào tạo'"))
        db.session.commit()
    page = clerk.get("/incoming/?signature_verdict=doubtful").text
    assert "Về việc lũ lụt" in page
    assert "Về việc đào tạo" not in page


def test_export_is_offered_to_those_who_may_and_takes_the_filters_along(clerk: SignedIn, client_for: Clients) -> None:
    page = clerk.get("/incoming/?urgency=flash").text
    assert 'href="/incoming/export.xlsx?urgency=flash"' in page
    assert 'href="/incoming/export.pdf?urgency=flash"' in page
    assert "export.xlsx" not in client_for(PostKind.SPECIALIST).get("/incoming/").text


def test_one_new_act_is_a_filled_button_and_the_others_are_in_a_menu(clerk: SignedIn, client_for: Clients) -> None:
    page = clerk.get("/incoming/").text
    start = page.index('class="page-head"')
    head = page[start : page.index("</header>", start)]
    assert head.count("btn main") == 1
    assert head.index("/incoming/new/refuse") > head.index("more-menu")
    assert "btn main" not in client_for(PostKind.SPECIALIST).get("/incoming/").text.split("data-list")[0]

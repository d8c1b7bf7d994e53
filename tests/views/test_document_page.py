"""A document's page: what it is, what belongs to it, what happened to it, and the way on; each in words."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.models import Document
from app.operations import arrivals, files, incoming
from app.queries.choices import choices
from app.vocabulary import PostKind
from tests.fixtures.office import SENDER, SignedIn, actor_of, pdf, registration, text_of

Clients = Callable[[PostKind | None], SignedIn]


@pytest.fixture
def done(app: Flask, isolated: None) -> Callable[..., int]:
    """Does something as the clerk, by an operation; gives the id of the document."""

    def make(work: Callable[[Any], Document]) -> int:
        with app.app_context():
            return work(actor_of(PostKind.CLERK)).id

    return make


def upload(clerk: Any, name: str) -> int:
    return files.receive(clerk, pdf(name), f"{name}.pdf", 10_000_000).id


@pytest.mark.clause("212/16.4.a")
def test_the_story_names_the_clause_in_words_and_what_changed(
    client_for: Clients, registered: Callable[..., int], done: Callable[..., int]
) -> None:
    pk = registered(subject="Một")

    def correct(clerk: Any) -> Document:
        values = registration(subject="Hai", issuer={"id": None, "name": SENDER}, reason="Gõ nhầm")
        return incoming.correct(clerk, pk, values)

    done(correct)
    page = client_for(PostKind.SPECIALIST).get(f"/incoming/{pk}")
    shown = text_of(page)
    assert "212/" not in shown
    assert "điểm a khoản 4 Điều 16" in shown
    assert re.search(r"<dt>Trích yếu nội dung</dt><dd><del>Một</del>.*?<ins>Hai</ins>", page.text)
    assert "<blockquote>Gõ nhầm</blockquote>" in page.text


@pytest.mark.clause("212/4.1")
def test_what_was_presented_urgently_says_who_permitted_it_and_that_a_number_is_owed(
    app: Flask, client_for: Clients, done: Callable[..., int]
) -> None:
    def advance(clerk: Any) -> Document:
        leader, name = choices(db.session(), "leaders")[0]
        assert "Phan Gia Lộc" in name
        permitted = {"permitted_by_id": leader, "permitted_note": "Qua điện thoại lúc 07:40", "urgency": "flash"}
        return incoming.advance(clerk, registration(**permitted))

    pk = done(advance)
    page = client_for(PostKind.CLERK).get(f"/incoming/{pk}")
    shown = text_of(page)
    for words in ("Chưa có số đến", "Phan Gia Lộc", "Qua điện thoại lúc 07:40", "HỎA TỐC"):
        assert words in shown
    acts = page.text[page.text.index('class="acts sticky"') : page.text.index('role="tablist"')]
    assert re.search(rf'<a class="btn main" href="/incoming/{pk}/give_number"', acts)
    assert acts.count("btn main") == 1


@pytest.mark.clause("212/4.3")
def test_what_was_sent_back_says_why_and_offers_the_notice_to_those_who_print(
    client_for: Clients, registered: Callable[..., int], done: Callable[..., int]
) -> None:
    pk = registered()
    why = {"refusal_code": "competence", "reason": "Thuộc thẩm quyền của Sở Xây dựng"}
    done(lambda clerk: arrivals.send_back(clerk, pk, why))
    page = client_for(PostKind.CLERK).get(f"/incoming/{pk}")
    assert "Thuộc thẩm quyền của Sở Xây dựng" in text_of(page)
    assert f"/incoming/{pk}/return-notice.pdf" in page.text
    assert "return-notice.pdf" not in client_for(PostKind.SPECIALIST).get(f"/incoming/{pk}").text


def test_content_that_is_withheld_is_not_there_in_any_part_of_the_page(
    app: Flask, client_for: Clients, registered: Callable[..., int]
) -> None:
    made = client_for(PostKind.CLERK)
    with app.app_context():
        clerk = actor_of(PostKind.CLERK)
        pk = incoming.register(clerk, registration(files=[upload(clerk, "mật")])).id
        db.session.execute(text("UPDATE document SET withheld = true WHERE id = :id"), {"id": pk})
        db.session.commit()
    page = made.get(f"/incoming/{pk}").text
    assert "Không hiển thị nội dung" in page
    assert "data-pdf-viewer" not in page
    assert "/files/" not in page


@pytest.mark.clause("212/7.3", "212/16.1.g")
def test_duplicates_and_joined_papers_are_named_from_either_side(
    client_for: Clients, registered: Callable[..., int], done: Callable[..., int]
) -> None:
    first = registered(number_notation="77/STC", subject="Bản thứ nhất")
    twice = {"number_notation": "77/STC", "subject": "Bản thứ hai", "duplicate_reason": "Bản có chữ ký"}
    second = done(lambda clerk: incoming.register(clerk, registration(**twice)))
    paper = done(lambda clerk: arrivals.receive(clerk, {"files": [upload(clerk, "quét")], "channel": "paper"}))
    done(lambda clerk: arrivals.add_paper_copy(clerk, first, {"waiting_ids": [paper]}))
    clerk = client_for(PostKind.CLERK)
    for pk, words in (
        (first, ("Đã vào sổ lần nữa Bản thứ hai", "Bản giấy quét")),
        (second, ("Trùng với Bản thứ nhất",)),
        (paper, ("Là bản giấy của Bản thứ nhất",)),
    ):
        shown = text_of(clerk.get(f"/incoming/{pk}"))
        for each in words:
            assert each in shown


@pytest.mark.clause("212/16.2.a")
def test_an_outside_unit_learns_of_no_document_that_it_may_not_open(
    client_for: Clients, registered: Callable[..., int], done: Callable[..., int]
) -> None:
    other = registered(number_notation="88/STC", subject="Của nơi khác")
    own = registered(issuer={"id": None, "name": "Sở Xây dựng"}, subject="Của mình")

    def link(_clerk: Any) -> Document:
        db.session.execute(text("UPDATE document SET duplicate_of_id = :of WHERE id = :id"), {"of": other, "id": own})
        db.session.commit()
        return db.session.get_one(Document, own)

    done(link)
    page = text_of(client_for(PostKind.OUTSIDE).get(f"/incoming/{own}"))
    assert "Của mình" in page
    assert "Của nơi khác" not in page


def test_the_page_leads_on_in_the_list_its_reader_came_from(
    client_for: Clients, registered: Callable[..., int]
) -> None:
    ids = [registered(urgency=urgency) for urgency in ("flash", "normal", "flash", "normal", "flash")]
    clerk = client_for(PostKind.CLERK)
    clerk.get("/incoming/?urgency=flash")
    page = clerk.get(f"/incoming/{ids[2]}").text
    assert re.search(rf'href="/incoming/{ids[4]}" data-hotkey="k"', page)
    assert re.search(rf'href="/incoming/{ids[0]}" data-hotkey="j"', page)
    assert "2 / 3" in page
    clerk.get("/incoming/?urgency=normal")
    assert 'data-hotkey="j"' not in clerk.get(f"/incoming/{ids[2]}").text, "the list does not hold it"


def test_without_script_every_part_of_the_page_is_there(client_for: Clients, registered: Callable[..., int]) -> None:
    page = client_for(PostKind.CLERK).get(f"/incoming/{registered()}").text
    for part in ("facts", "files", "related", "story", "looks"):
        opening = re.search(rf'<div[^>]*id="{part}"[^>]*>', page)
        assert opening
        assert "hidden" not in opening[0]
    assert re.search(r'<div class="tabs" role="tablist"[^>]*hidden', page), "tabs that do nothing are not shown"


@pytest.mark.clause("212/16.1.m", "212/16.2.a")
def test_the_body_that_sent_a_document_sees_its_state_and_not_who_of_the_office_looked_at_it(
    app: Flask, client_for: Callable[[PostKind], SignedIn], registered: Callable[..., int]
) -> None:
    own = registered(issuer={"id": None, "name": "Sở Xây dựng"})
    inside = client_for(PostKind.SPECIALIST).get(f"/incoming/{own}").text
    assert 'id="looks"' in inside
    assert "Lê Thị Hạnh" in inside
    outside = client_for(PostKind.OUTSIDE).get(f"/incoming/{own}").text
    assert "Đã vào sổ" in outside
    for inner in ('id="looks"', 'id="story"', "Lê Thị Hạnh", "Trần Minh Khôi"):
        assert inner not in outside


def test_a_cancelled_document_says_why(
    client_for: Callable[[PostKind], SignedIn], registered: Callable[..., int]
) -> None:
    pk = registered()
    clerk = client_for(PostKind.CLERK)
    clerk.send(f"/incoming/{pk}/cancel_number", reason="Vào sổ nhầm văn bản", version=1)
    assert text_of(client_for(PostKind.SPECIALIST).get(f"/incoming/{pk}")).count("Vào sổ nhầm văn bản") == 2

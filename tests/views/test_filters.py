"""Filters of a list: what means nothing is said, never passed over; what is in use stands as a chip in words."""

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Organisation
from app.vocabulary import PostKind
from tests.fixtures.office import PEOPLE, SENDER, SignedIn, text_of
from tests.fixtures.settling import Desk, person_id

Clients = Callable[[PostKind | None], SignedIn]


@pytest.fixture
def clerk(client_for: Clients, registered: Callable[..., int]) -> SignedIn:
    """Signed in, with one document in the register that arrived on 30/12/2026."""
    registered(subject="Về việc lũ lụt")
    return client_for(PostKind.CLERK)


@pytest.mark.parametrize("end", ["from", "to"])
@pytest.mark.parametrize("typed", ["99/99/2026", "31/02/2026", "mai kia", "2026"])
def test_a_day_that_is_none_is_said_and_nothing_is_listed(clerk: SignedIn, end: str, typed: str) -> None:
    answer = clerk.get("/incoming/", query_string={f"arrival_date_{end}": typed})
    shown = text_of(answer)
    assert f"Ngày đến: “{typed}” không phải là ngày" in shown
    assert "Về việc lũ lụt" not in shown
    assert f'value="{typed}"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_days_out_of_order_are_said(clerk: SignedIn) -> None:
    shown = text_of(clerk.get("/incoming/?arrival_date_from=05/10/2026&arrival_date_to=01/10/2026"))
    assert "Ngày đến: ngày đầu muộn hơn ngày cuối" in shown
    assert "Về việc lũ lụt" not in shown


@pytest.mark.parametrize(
    ("typed", "day", "found"),
    [("30/12", "30/12/2026", True), ("hôm nay", "30/12/2026", True), ("+1", "31/12/2026", False)],
)
def test_days_are_typed_freely_and_shown_in_full(clerk: SignedIn, typed: str, day: str, found: bool) -> None:
    shown = text_of(clerk.get("/incoming/", query_string={"arrival_date_from": typed}))
    assert f"Ngày đến: từ {day}" in shown
    assert ("Về việc lũ lụt" in shown) is found


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("01/10/2026", "05/10/2026", "Ngày đến: từ 01/10/2026 đến 05/10/2026"),
        ("", "05/10/2026", "Ngày đến: đến 05/10/2026"),
        ("1/10", "01/10/2026", "Ngày đến: 01/10/2026"),
    ],
)
def test_both_ends_of_a_range_are_said_in_one_chip(clerk: SignedIn, first: str, last: str, said: str) -> None:
    shown = text_of(clerk.get(f"/incoming/?arrival_date_from={first}&arrival_date_to={last}"))
    assert said in shown
    assert "đến đến" not in shown.replace("Ngày đến: đến", "")


@pytest.mark.parametrize("facet", ["state", "urgency", "type_id", "book_id", "channel", "issuer_id", "lead_person_id"])
@pytest.mark.parametrize("value", ["gone", "-1", "²", "9" * 30, "'; --"])
def test_a_value_nobody_knows_matches_nothing_and_says_so(clerk: SignedIn, facet: str, value: str) -> None:
    shown = text_of(clerk.get("/incoming/", query_string={facet: value}))
    assert "không rõ" in shown
    assert "Về việc lũ lụt" not in shown


def test_the_register_of_one_issuing_body_is_a_link_away(
    app: Flask, clerk: SignedIn, registered: Callable[..., int]
) -> None:
    registered(subject="Của nơi khác", issuer={"id": None, "name": "Thủ tướng Chính phủ"})
    with app.app_context():
        sender = db.session.scalars(select(Organisation.id).where(Organisation.name == SENDER)).one()
    page = clerk.get(f"/incoming/?issuer_id={sender}&q=viec")
    shown = text_of(page)
    assert f"Nơi gửi: {SENDER}" in shown
    assert "Về việc lũ lụt" in shown
    assert "Của nơi khác" not in shown
    assert f'name="issuer_id" value="{sender}"' in page.text, "the filter stays when another one is chosen"


@pytest.mark.clause("212/16.1.h")
def test_what_one_person_settles_is_found_by_the_name_as_it_is_typed(
    app: Flask, clerk: SignedIn, client_for: Clients
) -> None:
    with app.app_context():
        desk = Desk(db.session())
        desk.assigned()
        db.session.commit()
        settles, other = person_id(PostKind.SPECIALIST), person_id(PostKind.ARCHIVIST)
    name = PEOPLE[PostKind.SPECIALIST][0]
    typed = clerk.get("/lookup/people?q=minh khoi")
    assert [(each["id"], each["label"]) for each in typed.json or ()] == [(settles, name)]
    page = clerk.get(f"/incoming/?lead_person_id={settles}")
    assert f"{name}" in text_of(page)
    assert len(re.findall(r"<tr data-row", page.text)) == 1
    assert not re.findall(r"<tr data-row", clerk.get(f"/incoming/?lead_person_id={other}").text)
    assert client_for(PostKind.OUTSIDE).get("/lookup/people?q=minh").status_code == 403


def test_each_filter_has_a_label_that_is_seen(clerk: SignedIn) -> None:
    page = clerk.get("/incoming/").text
    labels = re.findall(r"<summary class=\"chip[^>]*><span>([^<]+)</span>", page)
    assert labels[:11] == [
        *("Trạng thái", "Mức độ khẩn", "Loại văn bản", "Sổ đăng ký"),
        *("Hình thức nhận", "Ngày đến", "Xử lý", "Đơn vị giải quyết", "Người giải quyết", "Nơi gửi", "Chữ ký số"),
    ]


def test_a_filter_in_use_can_be_taken_away_alone_or_with_all_others(clerk: SignedIn) -> None:
    page = clerk.get("/incoming/?urgency=normal&channel=paper").text
    gone = {html.unescape(each) for each in re.findall(r'class="chip-off" href="([^"]+)"', page)}
    assert gone == {"/incoming/?channel=paper", "/incoming/?urgency=normal"}
    assert re.search(r'href="/incoming/" data-part data-part-key="clear"', page)


def test_programs_are_refused_a_day_that_is_none(clerk: SignedIn) -> None:
    answer = clerk.get("/api/v1/incoming/?arrival_date_from=99/99/2026")
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["obstacles"]] == ["arrival_date_from"]  # type: ignore[index]


@pytest.mark.parametrize("typed", ["%", "100%", "%s", "%(x)s", "{{", "<b>"])
def test_what_is_typed_into_a_filter_is_shown_and_never_carried_out(clerk: SignedIn, typed: str) -> None:
    answer = clerk.get("/incoming/", query_string={"arrival_date_from": typed, "q": typed, "urgency": typed})
    assert answer.status_code == 200
    assert "<b>”" not in answer.text

"""The work desk on the screen: baskets that lead to the lists they count, at the cost of a few statements."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.operations import arrivals, files
from app.vocabulary import PostKind
from tests.fixtures.office import SignedIn, actor_of, pdf, text_of
from tests.fixtures.settling import TODAY, Desk

Clients = Callable[[PostKind | None], SignedIn]


@pytest.fixture
def waiting(app: Flask, registered: Callable[..., int]) -> None:
    """Two papers in the tray, three in the register."""
    for urgency in ("flash", "urgent", "normal"):
        registered(urgency=urgency)
    with app.app_context():
        clerk = actor_of(PostKind.CLERK)
        for name in ("một", "hai"):
            upload = files.receive(clerk, pdf(name), f"{name}.pdf", 10_000_000)
            arrivals.receive(clerk, {"files": [upload.id], "channel": "paper"})


def cards(page: Any) -> dict[str, tuple[int, str]]:
    """Label → (number, address) of every basket."""
    found = {}
    for address, inner in re.findall(
        r'<li><a [^>]*data-basket[^>]* href="([^"]+)">(.*?)</a></li>', page.text, re.DOTALL
    ):
        number = re.search(r"<strong>(\d+)</strong>", inner)
        label = re.search(r"<span>([^<]+)</span>", inner)
        if number and label:
            found[label[1]] = (int(number[1]), html.unescape(address))
    return found


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(
    "kind", [PostKind.CLERK, PostKind.OFFICE_LEADER, PostKind.SPECIALIST, PostKind.OUTSIDE], ids=str
)
def test_the_list_behind_a_basket_says_the_same_number(client_for: Clients, kind: PostKind) -> None:
    person = client_for(kind)
    found = cards(person.get("/"))
    assert found
    for label, (number, address) in found.items():
        answer = person.get(address)
        assert answer.status_code == 200, label
        if address.startswith("/incoming/?"):
            said = re.search(r'data-count="(\d+) văn bản"', answer.text)
            assert said, label
            assert int(said[1]) == number, label


@pytest.mark.usefixtures("waiting")
def test_the_tray_carries_its_number_in_the_menu_of_every_page(client_for: Clients) -> None:
    clerk = client_for(PostKind.CLERK)
    assert cards(clerk.get("/"))["Chờ vào sổ"][0] == 2
    for address in ("/", "/incoming/"):
        entry = re.search(r'<li><a href="/incoming/waiting/".*?</li>', clerk.get(address).text, re.DOTALL)
        assert entry
        assert re.search(r'<span class="n" data-menu-count="\w+">2</span>', entry[0])
    assert not re.search(r'<span class="n"[^>]*">[0-9]', client_for(PostKind.SPECIALIST).get("/").text)


def test_an_empty_basket_is_there_and_grey(client_for: Clients) -> None:
    page = client_for(PostKind.CLERK).get("/")
    assert cards(page)["Chờ vào sổ"][0] == 0
    assert re.search(r'class="basket empty"[^>]* href="/incoming/waiting/\?state=received"', page.text)
    assert 'class="basket late"' not in page.text


@pytest.mark.usefixtures("waiting")
def test_what_is_late_comes_first(app: Flask, client_for: Clients) -> None:
    with app.app_context():
        for part in Desk(db.session()).parts(Desk(db.session()).assigned()):
            part.due_on = TODAY - timedelta(days=1)
        db.session.commit()
    page = client_for(PostKind.OFFICE_LEADER).get("/")
    tones = re.findall(r'<a class="basket( \w+)?"', page.text)
    late = [tone == " late" for tone in tones]
    assert late == sorted(late, reverse=True)
    assert any(late)


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("kind", list(PostKind), ids=str)
@pytest.mark.parametrize("address", ["/", "/incoming/"])
def test_desk_and_list_cost_few_statements(app: Flask, client_for: Clients, kind: PostKind, address: str) -> None:
    person = client_for(kind)
    seen: list[str] = []
    with app.app_context():
        engine = db.engine.engine if hasattr(db.engine, "engine") else db.engine

    def count(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        assert person.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(seen) <= 12, "\n".join(each.split("\n")[0][:90] for each in seen)


def test_the_day_is_written_as_the_office_writes_it(client_for: Clients) -> None:
    assert "Thứ Tư, ngày 30 tháng 12 năm 2026" in text_of(client_for(PostKind.CLERK).get("/"))


def test_a_database_that_does_not_count_costs_the_counters_and_not_the_page(
    client_for: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr("app.views.desk.desk.count_beside", fails)
    page = client_for(PostKind.CLERK).get("/incoming/")
    assert page.status_code == 200
    assert "/incoming/waiting/" in page.text

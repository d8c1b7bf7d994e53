"""The IT centre's screens are closed to everybody else, and every form needs its token."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import Event
from app.vocabulary import PostKind
from tests.fixtures.office import SignedIn

Clients = Callable[[PostKind | None], SignedIn]
VIEWS = ("PeopleView", "AccountView", "RoleView", "DelegationView", "SettingView")


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Every (method, address) of the IT centre's screens."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in VIEWS:
            address = rule.rule
            for name in rule.arguments:
                address = address.replace(f"<int(max=2147483647):{name}>", "1")
            found += [(method, address) for method in rule.methods & {"GET", "POST"}]
    return sorted(found)


def ask(client: SignedIn, method: str, address: str, **form: Any) -> Any:
    return client.get(address) if method == "GET" else client.send(address, **form)


def events(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Event.id)).where(Event.tag != "role.synchronised")) or 0


@pytest.mark.clause("212/16.2.a", "212/17.1")
@pytest.mark.parametrize("kind", [kind for kind in PostKind if kind != PostKind.IT_CENTRE])
def test_everybody_else_is_refused_at_every_address(app: Flask, client_for: Clients, kind: PostKind) -> None:
    client = client_for(kind)
    before = events(app)
    answers = {(method, address): ask(client, method, address).status_code for method, address in addresses(app)}
    assert len(answers) > 25
    assert {place: status for place, status in answers.items() if status != 403} == {}
    assert events(app) == before


def test_nobody_signed_in_is_sent_to_sign_in_from_every_address(app: Flask, client_for: Clients) -> None:
    client = client_for(None)
    for method, address in addresses(app):
        answer = ask(client, method, address)
        assert answer.status_code == 302, address
        assert "/login/" in answer.location, address


def test_no_form_is_taken_without_its_token(app: Flask, client_for: Clients) -> None:
    client = client_for(PostKind.IT_CENTRE)
    before = events(app)
    for method, address in addresses(app):
        if method == "POST":
            assert client.post(address, data={"full_name": "Không Thẻ", "name": "x"}).status_code == 400, address
    assert events(app) == before


def test_the_it_centre_opens_every_page(app: Flask, client_for: Clients) -> None:
    client = client_for(PostKind.IT_CENTRE)
    for method, address in addresses(app):
        if method == "GET" and "/delegations/1" not in address:
            assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("kind", [PostKind.IT_CENTRE, PostKind.CLERK])
def test_the_menu_shows_the_screens_only_to_whoever_may_open_them(client_for: Clients, kind: PostKind) -> None:
    page = client_for(kind).get("/incoming/").text
    for address in ("/people/", "/accounts/", "/roles/", "/delegations/", "/settings/"):
        assert (f'href="{address}"' in page) is (kind == PostKind.IT_CENTRE), address


@pytest.mark.parametrize("address", ["/people/99999", "/accounts/99999", "/roles/99999", "/delegations/99999"])
def test_what_does_not_exist_is_not_found(client_for: Clients, address: str) -> None:
    client = client_for(PostKind.IT_CENTRE)
    assert client.get(address).status_code == 404
    assert client.get(address.replace("99999", "9" * 30)).status_code == 404


@pytest.mark.parametrize(
    "tail", ["?after=xx", "?before=W10", "?after=WzEsMl0", "?state=x&kind=x&unit=x&q=%25%5C", "?unit=9"]
)
def test_an_address_that_somebody_made_up_is_no_fault(client_for: Clients, tail: str) -> None:
    client = client_for(PostKind.IT_CENTRE)
    for address in ("/people/", "/accounts/", "/delegations/"):
        assert client.get(address + tail).status_code == 200

"""Every address is guarded: nothing opens without signing in, nothing changes without a token, nobody gets an error."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.vocabulary import PostKind
from tests.fixtures.office import SignedIn

Clients = Callable[[PostKind | None], SignedIn]

OPEN = {"/login/", "/api/v1/security/login", "/api/v1/security/refresh", "/lang/<locale>", "/back"}
"""What answers without signing in: the way in, and the choice of language."""
PREFIXES_OPEN = ("/static/", "/quan-tri/static/")
BEARER_ONLY = {"/api/v1/security/login", "/api/v1/security/refresh"}
"""Routes of Flask-AppBuilder that take a password or a bearer token and set no cookie: no token to forge."""


def rules(app: Flask) -> Iterator[Rule]:
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if not str(rule).startswith(PREFIXES_OPEN):
            yield rule


def address(rule: Rule) -> str:
    values = {name: "1" if "Integer" in type(rule._converters[name]).__name__ else "x" for name in rule.arguments}
    adapter = rule.map.bind("localhost") if rule.map else None
    assert adapter is not None
    method = next(iter(m for m in (rule.methods or ()) if m in ("GET", "POST")), "GET")
    return adapter.build(rule.endpoint, values, method=method)


@pytest.fixture
def isolate(isolated: None) -> None:
    """These tests live in the house, not in a folder that is isolated by itself."""


def test_nothing_opens_without_signing_in(app: Flask, isolate: None, client_for: Clients) -> None:
    nobody, open_addresses = client_for(None), []
    for rule in rules(app):
        if "GET" in (rule.methods or ()) and str(rule) not in OPEN:
            answer = nobody.get(address(rule))
            signed_out = answer.status_code in (401, 403, 404, 405) or (
                answer.status_code == 302 and "/login/" in answer.location
            )
            if not signed_out:
                open_addresses.append((str(rule), answer.status_code))
    assert open_addresses == []


def test_nothing_changes_without_a_token(app: Flask, isolate: None, client_for: Clients) -> None:
    """A POST with a signed-in cookie but without the token is refused as such, on every route there is."""
    it_centre, unguarded = client_for(PostKind.IT_CENTRE), []
    for rule in rules(app):
        methods = (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
        if str(rule) in BEARER_ONLY:
            continue
        for method in methods:
            answer = it_centre.open(address(rule), method=method)
            if answer.status_code != 400:
                unguarded.append((method, str(rule), answer.status_code))
    assert unguarded == []


@pytest.mark.parametrize("kind", list(PostKind))
def test_no_address_gives_anybody_an_error_of_the_program(
    app: Flask, isolate: None, client_for: Clients, registered: Callable[..., int], kind: PostKind
) -> None:
    registered()
    client, faults = client_for(kind), []
    for rule in rules(app):
        if "GET" in (rule.methods or ()):
            answer = client.get(address(rule))
            if answer.status_code >= 500:
                faults.append((str(rule), answer.status_code))
    assert faults == []


def test_every_screen_is_of_a_known_kind(app: Flask) -> None:
    """A governed screen, a catalogue, a plain page of ours, or one that Flask-AppBuilder brings along."""
    from flask_appbuilder import ModelView

    from app.extensions import appbuilder
    from app.views.catalogue_base import CatalogueView
    from app.views.governed import GovernedView

    for view in appbuilder.baseviews:
        if isinstance(view, ModelView):
            assert isinstance(view, CatalogueView), type(view).__name__
        if isinstance(view, GovernedView):
            assert not isinstance(view, ModelView)


def test_flask_appbuilders_own_screens_for_users_and_roles_are_not_there(app: Flask) -> None:
    addresses = {str(rule) for rule in app.url_map.iter_rules()}
    assert not [
        a for a in addresses if a.startswith(("/users", "/roles/list", "/roles/edit", "/permissions", "/viewmenus"))
    ]
    assert "/resetmypassword/form" not in addresses

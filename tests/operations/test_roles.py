"""Roles: edits hold at once, a new version never overwrites them, and nobody loses the key."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.errors import Forbidden, NotFound, Refused, Stale
from app.models import Event, Post
from app.operations import accounts, parties, roles
from app.queries import roles as queries
from app.rules import permissions as rules
from app.rules.lifecycles import known_permissions
from app.vocabulary import PostKind
from tests.fixtures.office import SYSTEM, actor_of

Actors = Callable[[PostKind], Actor]
KEY = ("role", "edit")


@pytest.fixture
def it(actor_for_kind: Actors) -> Actor:
    return actor_for_kind(PostKind.IT_CENTRE)


def role_id(session: Any, name: str) -> int:
    return session.scalars(select(Role.id).where(Role.name == name)).one()


def held(session: Any, name: str) -> frozenset[queries.Pair]:
    session.expire_all()
    return queries.grants(session)[role_id(session, name)]


def second_administrator(session: Any, it: Actor) -> int:
    """Somebody else of the IT centre with an account; gives the post's id."""
    person = parties.add_person(it, "Vũ Thị Hai")
    post = parties.appoint(it, person.id, it.posts[0].unit_id, PostKind.IT_CENTRE, "Quản trị viên")
    accounts.open_account(it, person.id, "haivt", "Quan-Tri-Hai@1")
    return post.id


@pytest.mark.clause("212/17.1", "212/16.2.a")
def test_an_edit_of_a_role_shows_in_what_its_people_may_do(session: Any, it: Actor) -> None:
    before = held(session, rules.SPECIALIST)
    roles.set_grants(it, role_id(session, rules.SPECIALIST), before | {("incoming", "register")}, seen=before)
    assert "register incoming" in actor_of(PostKind.SPECIALIST).permissions
    assert "register incoming" not in actor_of(PostKind.HEAD_OF_DEPARTMENT).permissions
    roles.set_grants(it, role_id(session, rules.SPECIALIST), before - {("incoming", "list")})
    assert "list incoming" not in actor_of(PostKind.SPECIALIST).permissions


def test_an_edit_is_on_record_with_what_was_added_and_taken(session: Any, it: Actor) -> None:
    before = held(session, rules.SPECIALIST)
    wanted = (before | {("incoming", "register")}) - {("incoming", "download")}
    roles.set_grants(it, role_id(session, rules.SPECIALIST), wanted)
    event = session.scalars(select(Event).where(Event.tag == "role.changed")).one()
    assert (event.params["added"], event.params["removed"]) == (["register incoming"], ["download incoming"])
    roles.set_grants(it, role_id(session, rules.SPECIALIST), wanted)
    assert len(session.scalars(select(Event).where(Event.tag == "role.changed")).all()) == 1


def test_a_role_that_changed_meanwhile_is_not_overwritten(session: Any, it: Actor) -> None:
    seen = held(session, rules.SPECIALIST)
    roles.set_grants(it, role_id(session, rules.SPECIALIST), seen | {("incoming", "register")}, seen=seen)
    with pytest.raises(Stale):
        roles.set_grants(it, role_id(session, rules.SPECIALIST), seen - {("incoming", "list")}, seen=seen)
    assert ("incoming", "register") in held(session, rules.SPECIALIST)


@pytest.mark.clause("212/17.1")
def test_a_new_version_never_overwrites_an_edit(session: Any, it: Actor) -> None:
    before = held(session, rules.SPECIALIST)
    edited = (before - {("incoming", "download")}) | {("incoming", "register")}
    roles.set_grants(it, role_id(session, rules.SPECIALIST), edited)
    roles.set_roles_of_posts(it, {PostKind.OUTSIDE: []})
    added = roles.sync(SYSTEM, known_permissions())
    assert held(session, rules.SPECIALIST) == edited
    assert queries.roles_of_kinds(session)[PostKind.OUTSIDE] == frozenset()
    assert added["grants"] == added["roles"] == added["permissions"] == []
    assert set(added["edited"]) == {
        f"{rules.SPECIALIST}: - download incoming",
        f"{rules.SPECIALIST}: + register incoming",
    }


def test_a_new_version_brings_its_new_permissions_and_only_those(
    session: Any, it: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles.set_grants(it, role_id(session, rules.CLERK), held(session, rules.CLERK) - {("incoming", "cancel_number")})
    start = rules.STARTING_ROLES
    monkeypatch.setattr(
        rules, "STARTING_ROLES", {**start, rules.CLERK: start[rules.CLERK] | {("file", "open")}, "Mới": frozenset()}
    )
    added = roles.sync(SYSTEM, known_permissions() | {("file", "open")})
    assert added["permissions"] == ["open file"]
    assert added["grants"] == [f"{rules.CLERK}: open file"]
    assert added["roles"] == ["Mới"]
    assert ("incoming", "cancel_number") not in held(session, rules.CLERK)
    assert "open file" in actor_of(PostKind.CLERK).permissions


@pytest.mark.clause("212/17.1")
def test_rights_follow_the_kind_of_post_that_brings_the_role(session: Any, it: Actor) -> None:
    clerk = role_id(session, rules.CLERK)
    own = queries.roles_of_kinds(session)[PostKind.ASSISTANT]
    roles.set_roles_of_posts(it, {PostKind.ASSISTANT: [*own, clerk]}, seen={PostKind.ASSISTANT: own})
    assert "register incoming" in actor_of(PostKind.ASSISTANT).permissions
    with pytest.raises(Stale):
        roles.set_roles_of_posts(it, {PostKind.ASSISTANT: []}, seen={PostKind.ASSISTANT: own})
    roles.set_roles_of_posts(it, {PostKind.ASSISTANT: []})
    assert actor_of(PostKind.ASSISTANT).permissions == frozenset()


WAYS_OUT: dict[str, Callable[[Any, Actor], Any]] = {
    "the role loses the right": lambda session, actor: roles.set_grants(
        actor, role_id(session, rules.IT_CENTRE), held(session, rules.IT_CENTRE) - {KEY}
    ),
    "the post loses the role": lambda _session, actor: roles.set_roles_of_posts(actor, {PostKind.IT_CENTRE: []}),
    "the post ends today": lambda session, _actor: parties.end_post(_actor, _own_post(session), clock.today()),
    "the post ends later": lambda session, _actor: parties.end_post(
        _actor, _own_post(session), clock.today() + timedelta(days=30)
    ),
}


def _own_post(session: Any) -> int:
    return session.scalars(select(Post.id).where(Post.kind == PostKind.IT_CENTRE).order_by(Post.id).limit(1)).one()


@pytest.mark.clause("212/17.1")
@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize("by_program", [False, True], ids=["by oneself", "by the program"])
def test_the_last_right_to_change_roles_is_never_lost(session: Any, it: Actor, way: str, by_program: bool) -> None:
    with pytest.raises(Refused, match="Nobody could change roles"):
        WAYS_OUT[way](session, SYSTEM if by_program else it)
    session.rollback()
    assert queries.key_holders(session, clock.today() + timedelta(days=400)) == {it.user_id}


@pytest.mark.clause("212/17.1")
@pytest.mark.parametrize("way", ["the post ends today", "the post ends later"])
def test_nobody_locks_themselves_out_of_roles_even_when_others_remain(session: Any, it: Actor, way: str) -> None:
    second_administrator(session, it)
    with pytest.raises(Refused, match="You would lose"):
        WAYS_OUT[way](session, it)
    session.rollback()
    WAYS_OUT[way](session, SYSTEM)


def test_another_administrator_may_go_as_long_as_one_remains(session: Any, it: Actor) -> None:
    post_id = second_administrator(session, it)
    parties.end_post(it, post_id, clock.today())
    assert queries.key_holders(session, clock.today() + timedelta(days=1)) == {it.user_id}


def test_an_account_that_is_disabled_holds_no_key(session: Any, it: Actor) -> None:
    second_administrator(session, it)
    other = queries.key_holders(session, clock.today()) - {it.user_id}
    accounts.disable(it, *other)
    with pytest.raises(Refused, match="Nobody could change roles"):
        WAYS_OUT["the role loses the right"](session, SYSTEM)


def test_the_preview_tells_who_gains_and_who_loses_what(session: Any, it: Actor) -> None:
    specialist = role_id(session, rules.SPECIALIST)
    wanted = (held(session, rules.SPECIALIST) - {("incoming", "download")}) | {("incoming", "register")}
    (found,) = queries.impact(session, clock.today(), grants_after={specialist: wanted})
    assert [holder.name for holder in found.people] == ["Trần Minh Khôi"]
    assert (found.gained, found.lost) == ({("incoming", "register")}, {("incoming", "download")})


def test_the_preview_does_not_count_what_another_role_gives_as_well(session: Any, it: Actor) -> None:
    kinds = queries.roles_of_kinds(session)
    both = kinds[PostKind.SPECIALIST] | {role_id(session, rules.CLERK)}
    roles.set_roles_of_posts(it, {PostKind.SPECIALIST: both})
    wanted = held(session, rules.SPECIALIST) - {("incoming", "download")}
    assert queries.impact(session, clock.today(), grants_after={role_id(session, rules.SPECIALIST): wanted}) == []
    (found,) = queries.impact(session, clock.today(), kinds_after={PostKind.SPECIALIST: kinds[PostKind.SPECIALIST]})
    assert ("incoming", "register") in found.lost
    assert not found.gained


def test_a_new_role_is_empty_and_its_name_is_free(session: Any, it: Actor) -> None:
    role = roles.add_role(it, "  Thư ký   lãnh đạo ")
    assert role.name == "Thư ký lãnh đạo"
    assert held(session, "Thư ký lãnh đạo") == frozenset()
    for name in ("", "thư ký lãnh đạo", "x" * 65):
        with pytest.raises(Refused) as caught:
            roles.add_role(it, name)
        assert caught.value.obstacles[0].field == "name"


def test_a_role_that_does_not_exist_is_not_found(session: Any, it: Actor) -> None:
    with pytest.raises(NotFound):
        roles.set_grants(it, 99_999, [])


@pytest.mark.clause("212/17.1")
@pytest.mark.parametrize("kind", [kind for kind in PostKind if kind != PostKind.IT_CENTRE])
def test_only_the_it_centre_changes_roles(session: Any, actor_for_kind: Actors, kind: PostKind) -> None:
    actor = actor_for_kind(kind)
    for act in (
        lambda: roles.set_grants(actor, role_id(session, rules.CLERK), []),
        lambda: roles.set_roles_of_posts(actor, {kind: [role_id(session, rules.IT_CENTRE)]}),
        lambda: roles.add_role(actor, "Của tôi"),
    ):
        with pytest.raises(Forbidden):
            act()

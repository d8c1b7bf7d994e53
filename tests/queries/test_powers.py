"""For whom somebody may act: every delegation of today, read in as many statements for ten as for one."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, select

from app.actor import Actor
from app.models import Organisation, Person
from app.operations import delegation
from app.queries.actors import acting_by, powers_of
from app.vocabulary import DelegationKind, PostKind, Power
from tests.fixtures.office import PEOPLE, REGISTRY, actor_of

GROUND = "Giấy ủy quyền số 12/GUQ-VP"


def give(session: Any, grantor: PostKind, kind: DelegationKind = DelegationKind.ENTRY, **terms: Any) -> int:
    def person(of: PostKind) -> int:
        return session.scalars(select(Person.id).where(Person.full_name == PEOPLE[of][0])).one()

    it = actor_of(PostKind.IT_CENTRE)
    return delegation.grant(it, kind, person(grantor), person(PostKind.ASSISTANT), GROUND, **terms).id


def counted(session: Any, read: Callable[[], Any]) -> int:
    statements: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine = session.get_bind().engine
    session.expire_all()
    event.listen(engine, "before_cursor_execute", note)
    try:
        read()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len([s for s in statements if s.startswith(("SELECT", "WITH"))])


@pytest.mark.clause("212/17.2")
def test_each_power_allows_what_the_person_acted_for_may_do(session: Any) -> None:
    for kind in (PostKind.CLERK, PostKind.MANAGER, PostKind.IT_CENTRE):
        give(session, kind)
    give(session, PostKind.ADMIN_HEAD, DelegationKind.SUBSTITUTION)
    powers = {each.on_behalf_of.name: each for each in powers_of(session, actor_of(PostKind.ASSISTANT))}  # type: ignore[union-attr]
    assert len(powers) == 4
    for kind in (PostKind.CLERK, PostKind.MANAGER, PostKind.IT_CENTRE, PostKind.ADMIN_HEAD):
        own, lent = actor_of(kind), powers[PEOPLE[kind][0]]
        assert lent.effective_permissions == own.permissions
        assert lent.effective_posts == own.posts
        assert lent.name == PEOPLE[PostKind.ASSISTANT][0]
    assert powers[PEOPLE[PostKind.ADMIN_HEAD][0]].power == Power.SUBSTITUTION


@pytest.mark.clause("212/17.2")
def test_a_power_for_one_unit_lends_only_the_posts_held_there(session: Any) -> None:
    registry = session.scalars(select(Organisation.id).where(Organisation.name == REGISTRY)).one()
    elsewhere = session.scalars(select(Organisation.id).where(Organisation.name == "Phòng Kinh tế")).one()
    here, there = give(session, PostKind.CLERK, unit_id=registry), give(session, PostKind.CLERK, unit_id=elsewhere)
    assistant = actor_of(PostKind.ASSISTANT)
    in_registry, in_other = acting_by(session, assistant, here), acting_by(session, assistant, there)
    assert in_registry is not None
    assert in_other is not None
    assert "register incoming" in in_registry.effective_permissions
    assert in_other.effective_posts == ()
    assert "register incoming" not in in_other.effective_permissions


def test_many_delegations_cost_no_more_statements_than_one(session: Any) -> None:
    assistant = actor_of(PostKind.ASSISTANT)
    give(session, PostKind.CLERK)
    one = counted(session, lambda: powers_of(session, assistant))
    for kind in (PostKind.MANAGER, PostKind.ADMIN_HEAD, PostKind.SPECIALIST, PostKind.OFFICE_LEADER):
        give(session, kind)
    assert counted(session, lambda: powers_of(session, assistant)) == one <= 5
    assert len(powers_of(session, assistant)) == 5


def test_nobody_without_a_person_has_powers(session: Any) -> None:
    assert powers_of(session, Actor(None, None, "")) == []

"""Delegations: they hold between their dates, end at once when revoked, and cover what they say."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.errors import Forbidden, NotFound, Refused
from app.models import Delegation, Document, Event, Person
from app.operations import delegation, incoming, parties
from app.queries.actors import acting_by, delegations_for
from app.queries.people import delegation_state
from app.vocabulary import DelegationKind, PostKind
from tests.fixtures.clock import NOW
from tests.fixtures.office import PEOPLE, SYSTEM, actor_of, registration

Actors = Callable[[PostKind], Actor]
TODAY = NOW.date()
GROUND = "Giấy ủy quyền số 12/GUQ-VP"


@pytest.fixture
def it(actor_for_kind: Actors) -> Actor:
    return actor_for_kind(PostKind.IT_CENTRE)


def person_id(session: Any, kind: PostKind) -> int:
    return session.scalars(select(Person.id).where(Person.full_name == PEOPLE[kind][0])).one()


def give(session: Any, it: Actor, **terms: Any) -> Delegation:
    """From the clerk to the assistant, unless the terms say otherwise."""
    return delegation.grant(
        it,
        terms.pop("kind", DelegationKind.ENTRY),
        person_id(session, terms.pop("grantor", PostKind.CLERK)),
        person_id(session, terms.pop("grantee", PostKind.ASSISTANT)),
        terms.pop("authority", GROUND),
        **terms,
    )


def assistant_by(session: Any, row: Delegation) -> Actor | None:
    return acting_by(session, actor_of(PostKind.ASSISTANT), row.id)


@pytest.mark.clause("212/17.2")
def test_what_is_done_by_a_delegation_names_both_people_on_record(session: Any, it: Actor) -> None:
    row = give(session, it)
    acting = assistant_by(session, row)
    assert acting is not None
    document = incoming.register(acting, registration())
    event = session.scalars(select(Event).where(Event.document_id == document.id)).one()
    assert (event.actor_name, event.on_behalf_of_name, event.power, event.delegation_id) == (
        PEOPLE[PostKind.ASSISTANT][0],
        PEOPLE[PostKind.CLERK][0],
        "entry",
        row.id,
    )


@pytest.mark.clause("212/17.2")
def test_a_delegation_holds_from_its_first_day_to_its_last_and_not_a_day_longer(
    session: Any, it: Actor, clock_at: Callable[[datetime], None]
) -> None:
    row = give(session, it, valid_from=TODAY + timedelta(days=2), valid_to=TODAY + timedelta(days=4))
    for days in range(7):
        clock_at(NOW + timedelta(days=days))
        assert (assistant_by(session, row) is not None) is (2 <= days <= 4), days


@pytest.mark.clause("212/17.2")
def test_the_last_day_ends_at_midnight_in_vietnam(
    session: Any, it: Actor, clock_at: Callable[[datetime], None]
) -> None:
    row = give(session, it, valid_to=TODAY)
    clock_at(datetime(2026, 12, 30, 23, 59, tzinfo=clock.VIETNAM))
    acting = assistant_by(session, row)
    assert acting is not None
    clock_at(datetime(2026, 12, 31, 0, 0, tzinfo=clock.VIETNAM))
    with pytest.raises(Forbidden, match="no longer holds"):
        incoming.register(acting, registration())


@pytest.mark.clause("212/17.2")
def test_a_revoked_delegation_ends_at_once_for_pages_that_are_open_too(session: Any, it: Actor) -> None:
    row = give(session, it)
    acting = assistant_by(session, row)
    assert acting is not None
    delegation.revoke(it, row.id)
    with pytest.raises(Forbidden, match="no longer holds"):
        incoming.register(acting, registration())
    assert session.scalars(select(Document)).all() == []
    assert assistant_by(session, row) is None
    assert delegations_for(session, person_id(session, PostKind.ASSISTANT)) == []


def test_a_delegation_is_revoked_once(session: Any, it: Actor) -> None:
    row = give(session, it)
    delegation.revoke(it, row.id)
    with pytest.raises(Refused, match="already revoked"):
        delegation.revoke(it, row.id)
    with pytest.raises(NotFound):
        delegation.revoke(it, 99_999)


@pytest.mark.clause("212/17.2")
def test_a_delegation_covers_only_the_acts_it_names(session: Any, it: Actor) -> None:
    row = give(session, it, moves=["incoming.correct"])
    acting = assistant_by(session, row)
    assert acting is not None
    with pytest.raises(Forbidden, match="does not cover"):
        incoming.register(acting, registration())


def test_nobody_gets_more_by_a_delegation_than_its_giver_has(session: Any, it: Actor) -> None:
    row = give(session, it, grantor=PostKind.SPECIALIST)
    acting = assistant_by(session, row)
    assert acting is not None
    with pytest.raises(Forbidden):
        incoming.register(acting, registration())


def test_a_delegation_ends_with_the_post_of_its_giver(session: Any, it: Actor) -> None:
    row = give(session, it)
    parties.end_post(SYSTEM, actor_of(PostKind.CLERK).posts[0].post_id, TODAY - timedelta(days=1))
    acting = assistant_by(session, row)
    assert acting is not None
    assert acting.effective_permissions == frozenset()


def test_authority_to_sign_is_no_entry_for_another(session: Any, it: Actor) -> None:
    row = give(session, it, kind=DelegationKind.SIGNING)
    assert assistant_by(session, row) is None


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        ({"authority": "  "}, ["authority"]),
        ({"authority": "x" * 501}, ["authority"]),
        ({"valid_from": date(2026, 12, 31), "valid_to": date(2026, 12, 30)}, ["valid_to"]),
        ({"valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 29)}, ["valid_to"]),
        ({"moves": []}, ["moves"]),
        ({"moves": ["incoming.fly"]}, ["moves"]),
        ({"grantee": PostKind.CLERK}, ["grantee_id"]),
        ({"grantee": PostKind.CLERK, "authority": "", "moves": []}, ["grantee_id", "authority", "moves"]),
    ],
)
def test_bad_terms_are_refused_all_at_once(session: Any, it: Actor, terms: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(Refused) as caught:
        give(session, it, **terms)
    assert [o.field for o in caught.value.obstacles] == fields
    assert session.scalars(select(Delegation)).all() == []


def test_the_list_tells_how_each_delegation_stands(session: Any, it: Actor) -> None:
    running, later = give(session, it), give(session, it, valid_from=TODAY + timedelta(days=1))
    short = give(session, it, valid_to=TODAY)
    taken = give(session, it)
    delegation.revoke(it, taken.id)
    tomorrow = TODAY + timedelta(days=1)
    assert [delegation_state(row, TODAY) for row in (running, later, short, taken)] == [
        "in_force",
        "to_come",
        "in_force",
        "revoked",
    ]
    assert [delegation_state(row, tomorrow) for row in (later, short)] == ["in_force", "ended"]


@pytest.mark.clause("212/17.1", "212/17.2")
@pytest.mark.parametrize("kind", [kind for kind in PostKind if kind != PostKind.IT_CENTRE])
def test_only_the_it_centre_gives_and_revokes(session: Any, it: Actor, actor_for_kind: Actors, kind: PostKind) -> None:
    row = give(session, it)
    with pytest.raises(Forbidden):
        give(session, actor_for_kind(kind))
    with pytest.raises(Forbidden):
        delegation.revoke(actor_for_kind(kind), row.id)

"""The way on from a document: the rows beside it in the list its reader came from, whatever order and filters."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.actor import Actor
from app.models import Document
from app.operations import incoming
from app.queries import incoming as queries
from app.queries import neighbours as module
from app.queries.listing import ListQuery
from app.queries.matching import document_match
from app.queries.neighbours import Neighbours, neighbours
from app.vocabulary import PostKind
from tests.fixtures.office import registration

Actors = Callable[[PostKind], Actor]


@pytest.fixture
def clerk(session: Any, actor_for_kind: Actors) -> Actor:
    """The clerk, with 12 documents in the register; every third one is urgent and about floods."""
    who = actor_for_kind(PostKind.CLERK)
    for number in range(12):
        wet = number % 3 == 0
        incoming.register(
            who,
            registration(
                subject=f"Về việc {'ngập lụt' if wet else 'đào tạo'} {number}",
                urgency="urgent" if wet else "normal",
                issued_on=date(2026, 12, 1) + timedelta(days=(number * 5) % 11),
            ),
        )
    return who


def beside(session: Any, actor: Actor, query: ListQuery, document: Document) -> Neighbours | None:
    return neighbours(
        session,
        queries.register_query(actor),
        query,
        document,
        by_id=queries.BY_ID,
        sorts=queries.SORTS,
        facets=queries.FACETS,
        match=document_match(query.text),
    )


LISTS = [
    ListQuery(),
    ListQuery(descending=False),
    ListQuery(sort="issued"),
    ListQuery(sort="issued", descending=False),
    ListQuery(facets={"urgency": "urgent"}),
    ListQuery(text="ngap lut"),
    ListQuery(text="ngap", facets={"urgency": "urgent"}, sort="issued", descending=False),
]


@pytest.mark.parametrize("query", LISTS, ids=repr)
@pytest.mark.parametrize("cap", [1000, 2])
def test_neighbours_are_the_rows_above_and_below_in_short_and_long_lists(
    session: Any, clerk: Actor, query: ListQuery, cap: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = queries.page(session, clerk, replace(query, size=50)).rows
    assert len(rows) in (4, 12)
    monkeypatch.setattr(module, "COUNT_CAP", cap)
    for at, row in enumerate(rows):
        found = beside(session, clerk, query, row)
        assert found is not None
        assert found.previous == (rows[at - 1].id if at else None)
        assert found.next == (rows[at + 1].id if at + 1 < len(rows) else None)
        assert (found.position, found.total) == ((at + 1, len(rows)) if cap == 1000 else (None, None))


@pytest.mark.parametrize("cap", [1000, 2])
def test_a_document_that_the_list_does_not_hold_has_none(
    session: Any, clerk: Actor, cap: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordinary = queries.page(session, clerk, ListQuery(facets={"urgency": "normal"})).rows[0]
    monkeypatch.setattr(module, "COUNT_CAP", cap)
    assert beside(session, clerk, ListQuery(facets={"urgency": "urgent"}), ordinary) is None
    assert beside(session, clerk, ListQuery(facets={"arrival_date_from": "32/13"}), ordinary) is None


def test_what_may_not_be_seen_is_no_neighbour(session: Any, clerk: Actor, actor_for_kind: Actors) -> None:
    document = queries.page(session, clerk, ListQuery()).rows[0]
    assert beside(session, actor_for_kind(PostKind.OUTSIDE), ListQuery(), document) is None

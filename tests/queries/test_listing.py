"""Paging by place: in every order, forwards and back, each row once; made-up places and odd filters do no harm."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from app.actor import Actor
from app.models import Document
from app.operations import incoming
from app.queries import incoming as queries
from app.queries.listing import ListQuery, encode_cursor
from app.vocabulary import PostKind
from tests.fixtures.office import registration

Actors = Callable[[PostKind], Actor]


@pytest.fixture
def clerk(session: Any, actor_for_kind: Actors) -> Actor:
    """The clerk, with 23 documents in the register; some of one day, some without a date."""
    who = actor_for_kind(PostKind.CLERK)
    chance = random.Random(212)
    for number in range(23):
        day = None if number % 5 == 0 else date(2026, 12, 1) + timedelta(days=chance.randrange(6))
        incoming.register(who, registration(issued_on=day, subject=f"Văn bản {number}"))
    return who


@pytest.mark.parametrize("sort", [sort.name for sort in queries.SORTS])
@pytest.mark.parametrize("descending", [True, False])
def test_pages_hold_each_row_once_in_order_forwards_and_back(
    session: Any, clerk: Actor, sort: str, descending: bool
) -> None:
    def page(**place: str) -> Any:
        return queries.page(session, clerk, ListQuery(sort=sort, descending=descending, size=4, **place))

    whole = [d.id for d in queries.page(session, clerk, ListQuery(sort=sort, descending=descending, size=100)).rows]
    forwards, pages, here = [], [], page()
    while True:
        pages.append([d.id for d in here.rows])
        forwards += pages[-1]
        if here.next is None:
            break
        here = page(after=here.next)
    assert forwards == whole
    assert len(whole) == 23
    backwards = []
    while here.previous is not None:
        here = page(before=here.previous)
        backwards.append([d.id for d in here.rows])
    assert backwards == pages[-2::-1]


def test_documents_without_a_date_are_not_lost_when_sorted_by_date(session: Any, clerk: Actor) -> None:
    rows = queries.page(session, clerk, ListQuery(sort="issued", descending=False, size=100)).rows
    assert [d.issued_on for d in rows[:5]] == [None] * 5
    days = [d.issued_on for d in rows[5:]]
    assert days == sorted(days)


@pytest.mark.parametrize(
    "place",
    [
        "x",
        "%%%",
        "e30",
        encode_cursor([1]),
        encode_cursor(["a", "b", "c"]),
        encode_cursor([None, None, None]),
        encode_cursor([2026, 10**30, 1]),
        encode_cursor([True, 1, 1]),
    ],
)
def test_a_made_up_place_shows_the_first_page(session: Any, clerk: Actor, place: str) -> None:
    assert len(queries.page(session, clerk, ListQuery(after=place, size=4)).rows) == 4


@pytest.mark.parametrize("typed", ["'", "a & | !", ":*", "\\", "((", "%_", "văn' OR 1=1 --", "\x00", "x" * 5000])
def test_whatever_is_typed_into_the_box_is_only_looked_for(session: Any, clerk: Actor, typed: str) -> None:
    queries.page(session, clerk, ListQuery(text=typed[:200]))


def test_filters_of_no_known_value_match_nothing_and_break_nothing(session: Any, clerk: Actor) -> None:
    for facets in ({"type_id": "x"}, {"type_id": "9" * 30}, {"urgency": "''"}, {"state": "gone"}):
        assert queries.page(session, clerk, ListQuery(facets=facets)).total == 0
    assert queries.page(session, clerk, ListQuery(facets={"arrival_date_from": "hôm kia"})).total == 23


def test_every_facet_has_an_index_in_every_order() -> None:
    """Else one rare value costs a walk through the whole register."""
    indexes = {tuple(str(e) for e in index.expressions) for index in Document.__table__.indexes}  # type: ignore[attr-defined]
    for facet in (facet for facet in queries.FACETS if not facet.is_range):
        for sort in queries.SORTS:
            keys = (facet.column, *(key.expression for key in sort.keys), Document.id)
            assert (
                tuple(str(getattr(key, "property", key)).replace("Document.", "document.") for key in keys) in indexes
            )

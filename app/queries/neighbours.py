"""The rows before and after one in the list its reader came from, at bounded cost however long the list is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.orm import Session

from app.queries.listing import COUNT_CAP, WINDOW, Facet, Key, ListQuery, Match, Sort, facet_conditions


@dataclass(frozen=True)
class Neighbours:
    """Ids of the rows above and below, ``None`` at the ends; ``position`` (from 1) of ``total`` where the list is
    short enough to be counted."""

    previous: int | None
    next: int | None
    position: int | None = None
    total: int | None = None


def neighbours(
    session: Session,
    base: Select[Any],
    query: ListQuery,
    record: Any,
    *,
    by_id: Key,
    sorts: Sequence[Sort],
    facets: Sequence[Facet] = (),
    match: Match | None = None,
) -> Neighbours | None:
    """Neighbours of ``record`` in the list that ``base`` and ``query`` mean; ``None`` when it is not in that list.

    A list of up to ``COUNT_CAP`` rows is gathered, and its places are counted; of a longer one only the rows near the
    record are looked at.
    """
    conditions, faults = facet_conditions(facets, query.facets)
    if faults:
        return None
    sort = next((s for s in sorts if s.name == query.sort), sorts[0])
    keys = [*sort.keys, by_id]
    narrowed = base.where(*conditions)
    listed = narrowed if match is None else narrowed.where(match.condition)
    here = tuple_(*(literal(key.of(record), key.expression.type) for key in keys))
    gathered = (
        listed.with_only_columns(*(key.expression.label(f"key_{at}") for at, key in enumerate(keys)))
        .limit(COUNT_CAP + 1)
        .cte()
        .prefix_with("MATERIALIZED")
    )
    place = tuple_(*gathered.c)
    by_key = gathered.c[f"key_{len(keys) - 1}"]

    def nearest(upwards: bool) -> Any:
        order = [column.asc() if upwards else column.desc() for column in gathered.c]
        return select(by_key).where(place > here if upwards else place < here).order_by(*order).limit(1)

    total, above, found, greater, lesser = session.execute(
        select(
            select(func.count()).select_from(gathered).scalar_subquery(),
            select(func.count()).select_from(gathered).where(place > here).scalar_subquery(),
            select(func.count()).select_from(gathered).where(by_key == by_id.of(record)).scalar_subquery(),
            nearest(upwards=True).scalar_subquery(),
            nearest(upwards=False).scalar_subquery(),
        )
    ).one()
    if total <= COUNT_CAP:
        if not found:
            return None
        position = above + 1 if query.descending else total - above
        return _turned(query, greater, lesser, position, total)
    if session.scalar(listed.with_only_columns(by_id.expression).where(by_id.expression == by_id.of(record))) is None:
        return None
    return _turned(
        query, _near(session, narrowed, keys, here, match, True), _near(session, narrowed, keys, here, match, False)
    )


def _turned(query: ListQuery, greater: int | None, lesser: int | None, *place: int) -> Neighbours:
    return Neighbours(greater, lesser, *place) if query.descending else Neighbours(lesser, greater, *place)


def _near(
    session: Session, narrowed: Select[Any], keys: Sequence[Key], here: Any, match: Match | None, upwards: bool
) -> int | None:
    """The nearest row that is listed, along the index of the order; words are looked for in a window of it."""
    expressions = [key.expression for key in keys]
    place = tuple_(*expressions)
    order = [each.asc() if upwards else each.desc() for each in expressions]
    beyond = narrowed.where(place > here if upwards else place < here).order_by(*order)
    if match is None:
        return session.scalar(beyond.with_only_columns(expressions[-1]).limit(1))
    labelled = [each.label(f"key_{at}") for at, each in enumerate(expressions)]
    near = beyond.with_only_columns(*labelled, match.condition.label("hit")).limit(WINDOW).subquery()
    columns = [near.c[f"key_{at}"] for at in range(len(keys))]
    nearest = [each.asc() if upwards else each.desc() for each in columns]
    return session.scalar(select(columns[-1]).where(near.c.hit).order_by(*nearest).limit(1))

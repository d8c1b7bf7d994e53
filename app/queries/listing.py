"""Lists that do not slow down as the register grows: keyset paging, declared facets, no full count.

A page is found by (sort key, id) after the last row seen, never by an offset. Only facets that are declared
(and have an index of facet, sort, id) can be filtered by. Counting stops at a cap. Words that stand in most rows
are looked for along the order of the list, so that not all rows are gathered and sorted for one page.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, Subquery, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, QueryableAttribute, Session, joinedload

from app import clock
from app.errors import Obstacle
from app.rules.dates import parse_day
from app.rules.text import BIGINT, whole_number
from app.vocabulary import N_

COUNT_CAP = 1000
PAGE_SIZE = 25
WINDOW = 10_000
"""Rows along the order that are looked at for a match before the index of words is asked."""
FAR_WINDOW = 50_000
"""The same for words of very many rows, none of which is near."""
MOST_LEADING = 3


@dataclass(frozen=True)
class Facet:
    """A filter by one indexed column.

    ``choices`` names the list of its values (see queries/choices.py); ``lookup`` names what tells the name of a
    value that no list offers (it is looked up by its beginning); without both it is a range of days. ``meanings``:
    values that say more than one value of the column.
    """

    name: str
    label: str
    column: InstrumentedAttribute[Any]
    choices: str = ""
    is_number: bool = False
    lookup: str = ""
    meanings: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)

    @property
    def is_range(self) -> bool:
        """Whether it is filtered from … to (dates)."""
        return not self.choices and not self.lookup

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names under which an address gives it."""
        return (f"{self.name}_from", f"{self.name}_to") if self.is_range else (self.name,)


@dataclass(frozen=True)
class Key:
    """One sort key: the SQL expression that has the index, and the same of a row that was read. Never NULL."""

    expression: ColumnElement[Any] | InstrumentedAttribute[Any]
    of: Callable[[Any], Any]
    type: type


@dataclass(frozen=True)
class Sort:
    """An order of the list: keys that together with the id have an index."""

    name: str
    label: str
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Match:
    """What a typed text means: the condition of the rows it finds, and of those among them that stand first."""

    condition: ColumnElement[bool]
    leading: ColumnElement[bool] | None = None


@dataclass(frozen=True)
class ListQuery:
    """What the address of a list says."""

    text: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    descending: bool = True
    after: str = ""
    before: str = ""
    size: int = PAGE_SIZE


@dataclass(frozen=True)
class Page:
    """One page of a list. ``total`` counts up to ``COUNT_CAP``; ``None`` cursors: there is no such page.

    With ``faults`` (filters that mean nothing) there are no rows.
    """

    rows: Sequence[Any]
    total: int
    more_than_total: bool
    next: str | None
    previous: str | None
    faults: tuple[Obstacle, ...] = ()


def encode_cursor(values: Sequence[Any]) -> str:
    """A place in the list as an address carries it."""
    plain = [v.isoformat() if isinstance(v, date | datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def decode_cursor(text: str, keys: Sequence[Key]) -> list[Any] | None:
    """The place that a cursor means; ``None`` when somebody made it up."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(values, list) or len(values) != len(keys):
            return None
        return [_typed(value, key.type) for value, key in zip(values, keys, strict=True)]
    except (ValueError, TypeError, binascii.Error):
        return None


def _typed(value: Any, kind: type) -> Any:
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    if kind is int and (isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**63):
        raise ValueError(value)
    if kind is str and (not isinstance(value, str) or "\x00" in value):
        raise ValueError(value)
    return kind(value)


def facet_conditions(
    facets: Sequence[Facet], wanted: Mapping[str, str]
) -> tuple[list[ColumnElement[bool]], list[Obstacle]]:
    """Conditions for the facets that the query names, and what is wrong with the days given.

    Values that are none of a facet's kind match nothing.
    """
    conditions: list[ColumnElement[bool]] = []
    faults: list[Obstacle] = []
    for facet in facets:
        if facet.is_range:
            first, last = (_day(facet, name, wanted, faults) for name in facet.parameters)
            if first is not None and last is not None and first > last:
                message = N_("%(label)s: the first day lies after the last. Check both.")
                faults.append(Obstacle(message, facet.parameters[0], {"label": facet.label}, "days_out_of_order"))
            if first is not None:
                conditions.append(facet.column >= first)
            if last is not None:
                conditions.append(facet.column <= last)
        elif wanted.get(facet.name):
            conditions.append(_condition(facet, wanted[facet.name]))
    return conditions, faults


def capped_count(base: Select[Any], facets: Sequence[Facet], wanted: Mapping[str, str]) -> ScalarSelect[int]:
    """How many rows a list without words to look for has, up to one past the cap; to be asked for beside others."""
    conditions, _faults = facet_conditions(facets, wanted)
    return counted(base.where(*conditions))


def counted(query: Select[Any]) -> ScalarSelect[int]:
    """How many rows a query has, up to one past the cap."""
    capped = query.with_only_columns(literal(1)).order_by(None).limit(COUNT_CAP + 1).subquery()
    return select(func.count()).select_from(capped).scalar_subquery()


def _condition(facet: Facet, value: str) -> ColumnElement[bool]:
    if value in facet.meanings:
        return facet.meanings[value]
    number = whole_number(value, BIGINT)
    return facet.column == ((-1 if number is None else number) if facet.is_number else value)


def _day(facet: Facet, name: str, wanted: Mapping[str, str], faults: list[Obstacle]) -> date | None:
    typed = wanted.get(name, "").strip()
    day = as_day(typed)
    if typed and day is None:
        message = N_("%(label)s: “%(typed)s” is no date. Write it as 03/08/2026, 3/8 or “hôm nay”.")
        faults.append(Obstacle(message, name, {"label": facet.label, "typed": typed}, "no_date"))
    return day


def as_day(typed: str) -> date | None:
    """The day that was typed, freely or as programs write it; ``None`` when it is none."""
    try:
        return parse_day(typed, clock.today())
    except (ValueError, OverflowError):
        return None


def page(
    session: Session,
    base: Select[Any],
    query: ListQuery,
    *,
    by_id: Key,
    sorts: Sequence[Sort],
    facets: Sequence[Facet] = (),
    match: Match | None = None,
    load: Sequence[Any] = (),
) -> Page:
    """One page of ``base`` as the query asks, its rows in one of the orders ``sorts`` and then by ``by_id``.

    At most ``query.size`` rows, and on the first page those that lead before them. One statement gives the rows and a
    count that stops at the cap; two or more where words are looked for. Rows are what ``base`` selects, a
    single entity by itself.
    """
    sort = next((s for s in sorts if s.name == query.sort), sorts[0])
    conditions, faults = facet_conditions(facets, query.facets)
    if faults:
        return Page((), 0, False, None, None, tuple(faults))
    listing = _Listing(session, base.where(*conditions), [*sort.keys, by_id], [_loading(each) for each in load])
    leading = listing.take_leading(match)
    backwards = bool(query.before)
    cursor = decode_cursor(query.before or query.after, listing.keys) if (query.before or query.after) else None
    downwards = query.descending != backwards
    if match is None:
        rows, total = listing.rows_and_count(cursor, downwards, query.size + 1)
    else:
        total, seen_all = listing.count(match, [*sorts[0].keys, by_id])
        total += len(leading)
        listing.few, listing.seen_all = total <= COUNT_CAP, seen_all
        rows = listing.rows(match, cursor, downwards, query.size + 1)
    further = len(rows) > query.size
    rows = rows[: query.size]
    if backwards:
        rows.reverse()
    has_next = bool(rows) and (further or backwards)
    has_previous = bool(rows) and (further if backwards else cursor is not None)
    return Page(
        rows if has_previous else [*leading, *rows],
        min(total, COUNT_CAP),
        total > COUNT_CAP,
        listing.place_of(rows[-1]) if has_next else None,
        listing.place_of(rows[0]) if has_previous else None,
    )


def _loading(each: Any) -> Any:
    """How a relation is read with its row; what is an option already stays as it is."""
    return joinedload(each) if isinstance(each, QueryableAttribute) else each


class _Listing:
    """The statements of one page.

    ``seen_all``: a window holds all rows that the filters leave; ``few``: the words find no more than the cap.
    """

    few = seen_all = False

    def __init__(self, session: Session, narrowed: Select[Any], keys: Sequence[Key], options: Sequence[Any]):
        self.session, self.narrowed, self.keys, self.options = session, narrowed, keys, options

    def place_of(self, row: Any) -> str:
        return encode_cursor([key.of(row) for key in self.keys])

    def _read(self, query: Select[Any]) -> list[Any]:
        found = self.session.execute(query.options(*self.options)).unique()
        return list(found.scalars() if len(found.keys()) == 1 else found)

    def take_leading(self, match: Match | None) -> list[Any]:
        """The rows that stand before all others, newest first; the list goes on without them."""
        if match is None or match.leading is None:
            return []
        order = [key.expression.desc() for key in self.keys]
        rows = self._read(self._gathered(self.narrowed, match.leading).order_by(*order).limit(MOST_LEADING))
        if rows:
            by_id = self.keys[-1]
            self.narrowed = self.narrowed.where(by_id.expression.not_in([by_id.of(row) for row in rows]))
        return rows

    def rows_and_count(self, cursor: Sequence[Any] | None, descending: bool, count: int) -> tuple[list[Any], int]:
        """Rows beyond the cursor, in order, and how many the list has, up to one past the cap."""
        query = self._beyond(cursor, descending).order_by(*self._order(descending)).limit(count)
        found = self.session.execute(query.add_columns(counted(self.narrowed)).options(*self.options)).unique().all()
        if not found:
            return [], self._count(self.narrowed) if cursor is not None else 0
        single = len(query.column_descriptions) == 1
        return [row[0] if single else row[:-1] for row in found], found[0][-1]

    def count(self, match: Match, keys: Sequence[Key]) -> tuple[int, bool]:
        """Rows up to one past the cap or more; and whether a window held all that there was to look at."""
        newest = [key.expression.desc() for key in keys]
        window = self.narrowed.with_only_columns(match.condition.label("hit")).order_by(*newest).limit(WINDOW)
        looked_at = window.subquery()
        seen, hits = self.session.execute(
            select(func.count(), func.count().filter(looked_at.c.hit)).select_from(looked_at)
        ).one()
        if seen < WINDOW or hits > COUNT_CAP:
            return hits, seen < WINDOW
        return self._count(self.narrowed.where(match.condition)), False

    def _count(self, query: Select[Any]) -> int:
        return self.session.scalar(select(counted(query))) or 0

    def _beyond(self, cursor: Sequence[Any] | None, descending: bool) -> Select[Any]:
        if cursor is None:
            return self.narrowed
        place = tuple_(*(key.expression for key in self.keys))
        limit = tuple_(*(literal(v, key.expression.type) for v, key in zip(cursor, self.keys, strict=True)))
        return self.narrowed.where(place < limit if descending else place > limit)

    def _order(self, descending: bool) -> list[Any]:
        return [key.expression.desc() if descending else key.expression.asc() for key in self.keys]

    def rows(self, match: Match, cursor: Sequence[Any] | None, descending: bool, count: int) -> list[Any]:
        """Rows beyond the cursor that match, in order."""
        placed, order = self._beyond(cursor, descending), self._order(descending)
        if self.few and not self.seen_all:
            return self._read(self._gathered(placed, match.condition).order_by(*order).limit(count))
        for window in (WINDOW, FAR_WINDOW):
            near = self._keyed(placed, match.condition.label("hit")).order_by(*order).limit(window).subquery()
            found = self._read(self._of(near, descending).where(near.c.hit).limit(count))
            if len(found) == count or self.seen_all:
                return found
        far = self._keyed(placed.where(match.condition)).order_by(*order).limit(count).subquery()
        return self._read(self._of(far, descending))

    def _gathered(self, placed: Select[Any], condition: ColumnElement[bool]) -> Select[Any]:
        """Few matches, found by the index of words before anything is sorted: the planner may not walk for them."""
        by_id = self.keys[-1].expression
        ids = placed.where(condition).with_only_columns(by_id.label("found_id")).limit(COUNT_CAP + 1)
        found = ids.cte().prefix_with("MATERIALIZED")
        return self.narrowed.join(found, found.c.found_id == by_id)

    def _keyed(self, placed: Select[Any], *more: ColumnElement[Any]) -> Select[Any]:
        keys = [key.expression.label(f"key_{at}") for at, key in enumerate(self.keys)]
        return placed.with_only_columns(*keys, *more)

    def _of(self, places: Subquery, descending: bool) -> Select[Any]:
        """The rows at some places, in order; a LIMIT within keeps the planner from gathering all matches."""
        keys = [places.c[f"key_{at}"] for at in range(len(self.keys))]
        joined = self.narrowed.join(places, keys[-1] == self.keys[-1].expression)
        return joined.order_by(*(key.desc() if descending else key.asc() for key in keys))

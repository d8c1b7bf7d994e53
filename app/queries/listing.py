"""Lists that do not slow down as the register grows: keyset paging, declared facets, no full count.

A page is found by (sort key, id) after the last row seen, never by an offset. Only facets that are declared
(and have an index of facet, sort, id) can be filtered by. Counting stops at a cap.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from app.models import Document
from app.rules.text import words

COUNT_CAP = 1000
PAGE_SIZE = 25


@dataclass(frozen=True)
class Facet:
    """A filter by one indexed column; ``choices`` names the list of its values, dates are given as ranges."""

    name: str
    label: str
    column: InstrumentedAttribute[Any]
    choices: str = ""
    is_number: bool = False

    @property
    def is_range(self) -> bool:
        """Whether it is filtered from … to (dates)."""
        return not self.choices


@dataclass(frozen=True)
class Key:
    """One sort key: the SQL expression that has the index, and the same of a row that was read. Never NULL."""

    expression: ColumnElement[Any] | InstrumentedAttribute[Any]
    of: Callable[[Any], Any]
    type: type


BY_ID = Key(Document.id, lambda row: row.id, int)


@dataclass(frozen=True)
class Sort:
    """An order of the list: keys that together with the id have an index."""

    name: str
    label: str
    keys: tuple[Key, ...]


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
    """One page of a list. ``total`` counts up to ``COUNT_CAP``; ``None`` cursors: there is no such page."""

    rows: Sequence[Any]
    total: int
    more_than_total: bool
    next: str | None
    previous: str | None


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
    return kind(value)


def text_condition(typed: str) -> ColumnElement[bool] | None:
    """Every typed word as the beginning of a word of the record, marks and case aside; an index answers."""
    found = words(typed)
    if not found:
        return None
    return Document.search.op("@@")(func.to_tsquery("simple", " & ".join(f"{word}:*" for word in found[:12])))


def facet_conditions(facets: Sequence[Facet], wanted: Mapping[str, str]) -> list[ColumnElement[bool]]:
    """Conditions for the facets that the query names; values that are none of their kind match nothing."""
    conditions: list[ColumnElement[bool]] = []
    for facet in facets:
        if facet.is_range:
            for suffix, compare in (("_from", facet.column.__ge__), ("_to", facet.column.__le__)):
                day = as_date(wanted.get(facet.name + suffix, ""))
                if day is not None:
                    conditions.append(compare(day))
        elif wanted.get(facet.name):
            value = wanted[facet.name]
            if facet.is_number:
                conditions.append(facet.column == (int(value) if value.isdigit() and len(value) < 19 else -1))
            else:
                conditions.append(facet.column == value)
    return conditions


def as_date(text: str) -> date | None:
    """``dd/mm/yyyy`` as people write it, or ISO as programs do."""
    for pattern in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def page(
    session: Session,
    base: Select[Any],
    query: ListQuery,
    facets: Sequence[Facet],
    sorts: Sequence[Sort],
    load: Sequence[Any] = (),
) -> Page:
    """One page of ``base`` (a select of ``Document`` with visibility and kind) as the query asks.

    At most ``query.size`` rows; two statements: the rows, and a count that stops at the cap.
    """
    sort = next((s for s in sorts if s.name == query.sort), sorts[0])
    keys = [*sort.keys, BY_ID]
    conditions = facet_conditions(facets, query.facets)
    text = text_condition(query.text)
    if text is not None:
        conditions.append(text)
    filtered = base.where(*conditions)
    backwards = bool(query.before)
    cursor = decode_cursor(query.before or query.after, keys) if (query.before or query.after) else None
    descending = query.descending != backwards
    rows_query = filtered
    if cursor is not None:
        place = tuple_(*(key.expression for key in keys))
        limit = tuple_(*(literal(v, key.expression.type) for v, key in zip(cursor, keys, strict=True)))
        rows_query = rows_query.where(place < limit if descending else place > limit)
    order = [key.expression.desc() if descending else key.expression.asc() for key in keys]
    options = [joinedload(relation) for relation in load]
    rows_query = rows_query.options(*options).order_by(*order).limit(query.size + 1)
    rows = list(session.scalars(rows_query).unique())
    further = len(rows) > query.size
    rows = rows[: query.size]
    if backwards:
        rows.reverse()
    counted = filtered.with_only_columns(literal(1)).limit(COUNT_CAP + 1).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0

    def cursor_of(row: Any) -> str:
        return encode_cursor([key.of(row) for key in keys])

    has_next = bool(rows) and (further if not backwards else True)
    has_previous = bool(rows) and (further if backwards else cursor is not None)
    return Page(
        rows,
        min(total, COUNT_CAP),
        total > COUNT_CAP,
        cursor_of(rows[-1]) if has_next else None,
        cursor_of(rows[0]) if has_previous else None,
    )

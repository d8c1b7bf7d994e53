"""The filters of a list in words: what each of them offers, and a chip for each one in use.

Every value is an address: filters work without script, and a list that was narrowed can be sent to somebody.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app import clock
from app.queries.choices import filter_choices, name_of
from app.queries.listing import Facet, ListQuery, as_day
from app.vocabulary import N_

LOOKUPS = {"organisations": "LookupView.organisations", "people": "LookupView.people"}
"""Where the values of a facet are looked up that no list offers."""
Address = Callable[..., str]
"""Address of the list with something changed: ``address(query, **changes)``."""


@dataclass(frozen=True)
class Option:
    """One value that a filter offers."""

    label: str
    address: str
    chosen: bool = False


@dataclass(frozen=True)
class Filter:
    """One filter of a list. ``words``: what it is set to, in words; ``remove``: the address without it.

    ``kind``: ``choice`` (options alone), ``days`` (options, and two fields from … to) or ``lookup`` (one field).
    """

    name: str
    label: str
    kind: str
    options: Sequence[Option]
    words: str = ""
    remove: str = ""
    fields: Mapping[str, str] = ()  # type: ignore[assignment]
    lookup: str = ""

    @property
    def applied(self) -> bool:
        """Whether it narrows the list now."""
        return bool(self.remove)


def filter_words(session: Session, facets: Sequence[Facet], query: ListQuery, address: Address) -> dict[str, Any]:
    """``filters`` for the template: what can be chosen and what narrows the list now, each with its address."""
    lists = filter_choices(session, {facet.choices for facet in facets if facet.choices}, gettext)
    return {"filters": [_filter(session, facet, query, address, lists.get(facet.choices, [])) for facet in facets]}


def _filter(
    session: Session, facet: Facet, query: ListQuery, address: Address, offered: Sequence[tuple[str, str]]
) -> Filter:
    given = {name: query.facets.get(name, "") for name in facet.parameters}
    remove = address(query, **dict.fromkeys(facet.parameters, "")) if any(given.values()) else ""
    label = gettext(facet.label)
    if facet.is_range:
        return Filter(
            facet.name, label, "days", _spans(facet, query, address), _days_in_words(facet, given), remove, given
        )
    value = given[facet.name]
    if facet.lookup:
        name = (name_of(session, facet.lookup, value) or gettext("unknown value")) if value else ""
        return Filter(facet.name, label, "lookup", (), name, remove, given, url_for(LOOKUPS[facet.lookup]))
    others = address(query, **{facet.name: ""})
    options = [Option(said, _further(others, {facet.name: code}), code == value) for code, said in offered]
    words = dict(offered).get(value) or gettext("unknown value") if value else ""
    return Filter(facet.name, label, "choice", options, words, remove, given)


def _spans(facet: Facet, query: ListQuery, address: Address) -> list[Option]:
    """Spans of days that an office asks for every day."""
    today = clock.today()
    first, last = facet.parameters
    spans = (
        (N_("Today"), today, today),
        (N_("Yesterday"), today - timedelta(days=1), today - timedelta(days=1)),
        (N_("The last 7 days"), today - timedelta(days=6), today),
        (N_("This month"), today.replace(day=1), today),
        (N_("This year"), today.replace(month=1, day=1), today),
    )
    now = as_day(query.facets.get(first, "")), as_day(query.facets.get(last, ""))
    others = address(query, **dict.fromkeys(facet.parameters, ""))
    return [
        Option(gettext(said), _further(others, {first: _written(since), last: _written(until)}), now == (since, until))
        for said, since, until in spans
    ]


def _further(address: str, given: Mapping[str, str]) -> str:
    """An address with more parameters: what a filter's values have in common is written once for all of them."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(given)}"


def _days_in_words(facet: Facet, given: Mapping[str, str]) -> str:
    since, until = (_as_typed(given[name]) for name in facet.parameters)
    if since and since == until:
        return since
    if since and until:
        return gettext("from %(first)s to %(last)s", first=since, last=until)
    return gettext("from %(day)s", day=since) if since else gettext("up to %(day)s", day=until) if until else ""


def _as_typed(typed: str) -> str:
    day = as_day(typed)
    return _written(day) if day else f"“{typed}”" if typed.strip() else ""


def _written(day: date) -> str:
    return day.strftime("%d/%m/%Y")

"""The filters of a list in words: values to choose from, and a chip for each one in use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.queries.choices import choices, name_of
from app.queries.listing import Facet, ListQuery, as_day
from app.vocabulary import N_


@dataclass(frozen=True)
class Chip:
    """One filter in use; ``removes`` changes the address so that it falls away."""

    text: str
    removes: Mapping[str, str]


def filter_words(session: Session, facets: Sequence[Facet], query: ListQuery) -> dict[str, Any]:
    """``lists`` (values to choose from, by facet) and ``chips`` (what narrows the list now) for the template."""
    lists = {facet.name: choices(session, facet.choices, gettext) for facet in facets if facet.choices}
    chips = [Chip(f"“{query.text}”", {"q": ""})] if query.text else []
    for facet in facets:
        for name in facet.parameters:
            if query.facets.get(name):
                words = _words(session, facet, name, query.facets[name], lists)
                chips.append(Chip(f"{gettext(facet.label)}: {words}", {name: ""}))
    return {"lists": lists, "chips": chips}


def _words(
    session: Session, facet: Facet, name: str, value: str, lists: Mapping[str, Sequence[tuple[str, str]]]
) -> str:
    if facet.is_range:
        day = as_day(value)
        words = N_("from %(day)s") if name == facet.parameters[0] else N_("up to %(day)s")
        return gettext(words) % {"day": day.strftime("%d/%m/%Y") if day else f"“{value}”"}
    found = name_of(session, facet.lookup, value) if facet.lookup else dict(lists[facet.name]).get(value)
    return found or gettext("unknown value")

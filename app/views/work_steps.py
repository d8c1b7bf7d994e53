"""The list of work that one came from, seen from one of its documents: how far one is, and what comes next (S1)."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from flask import session, url_for
from flask_babel import gettext

from app.actor import Actor
from app.extensions import db
from app.models import Document
from app.queries import incoming
from app.queries.listing import ListQuery
from app.queries.matching import document_match
from app.queries.neighbours import Neighbours, neighbours
from app.rules.incoming import NOUN

OF_WORK = frozenset({"handling", "presented_to_id"})
"""Filters of the register with which it is a list of work: after an act the next of its documents opens."""


@dataclass(frozen=True)
class Steps:
    """Place in the list, and addresses; empty where the list ends. ``of_work``: whether one goes on after an act."""

    position: int | None
    total: int | None
    previous_url: str
    next_url: str
    list_url: str
    list_label: str
    of_work: bool


def steps_of(actor: Actor, document: Document, work: str | None) -> Steps | None:
    """The way on from a document, where its reader came from a list that has it. ``work``: the row of the list of work
    from which it was opened."""
    del work
    if document.arrival_number is None:
        return None
    address = session.get(f"list:{NOUN}", "")
    given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    facets = {name: given[name] for facet in incoming.FACETS for name in facet.parameters if given.get(name)}
    query = ListQuery(
        text=given.get("q", "")[:200],
        facets=facets,
        sort=given.get("sort", ""),
        descending=given.get("dir", "desc") != "asc",
    )
    found = neighbours(
        db.session(),
        incoming.register_query(actor),
        query,
        document,
        by_id=incoming.BY_ID,
        sorts=incoming.SORTS,
        facets=incoming.FACETS,
        match=document_match(query.text),
    )
    if found is None:
        return None
    return _steps(found, address or url_for("IncomingView.list"), bool(OF_WORK & facets.keys()))


def _steps(found: Neighbours, address: str, of_work: bool) -> Steps:
    def page(pk: int | None) -> str:
        return url_for("IncomingView.show", pk=pk) if pk is not None else ""

    return Steps(
        found.position,
        found.total,
        page(found.previous),
        page(found.next),
        address,
        gettext("Incoming register"),
        of_work,
    )

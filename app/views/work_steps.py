"""The list that one came from, seen from one of its documents: how far one is, and what comes next (S1).

An address names the list: ``work=<assignment>`` a row of the work that somebody has, ``from=handling`` the documents to
be presented and assigned; without either it is the register. What the list showed last is in the session.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import session, url_for
from flask_babel import gettext
from sqlalchemy import select

from app.actor import Actor
from app.extensions import db
from app.models import Assignment, Document
from app.queries import assignments, incoming, to_settle
from app.queries.listing import ListQuery
from app.queries.matching import document_match
from app.queries.neighbours import Neighbours, neighbours
from app.request import other_powers
from app.rules.assignments import NOUN as ASSIGNMENT
from app.rules.handling import NOUN as HANDLING
from app.rules.incoming import NOUN as INCOMING
from app.rules.text import BIGINT, whole_number

WORK = "work"
FROM = "from"
OPENED = "list_opened"
"""Session key: when the list of work was shown last."""


@dataclass(frozen=True)
class Steps:
    """Place in the list, and addresses, empty where the list ends. ``onward_url``: where one goes on after an act in a
    list of work, the list itself when it is done; empty where one stays."""

    position: int | None
    total: int | None
    previous_url: str
    next_url: str
    list_url: str
    list_label: str
    onward_url: str = ""
    menu: str = ""
    """Name of the list's entry in the menu."""


def origin_of(values: Mapping[str, str]) -> dict[str, str]:
    """What an address or a form says about the list that one came from, for the addresses that follow."""
    if whole_number(values.get(WORK), BIGINT) is not None:
        return {WORK: values[WORK]}
    return {FROM: HANDLING} if values.get(FROM) == HANDLING else {}


def steps_of(actor: Actor, document: Document, origin: Mapping[str, str]) -> Steps | None:
    """The way on from a document, where its reader came from a list that has it."""
    if WORK in origin:
        return _in_work(actor, int(origin[WORK]))
    if origin.get(FROM) == HANDLING:
        return _to_settle(actor, document)
    return _in_register(actor, document) if document.arrival_number is not None else None


def _given(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def _in_work(actor: Actor, assignment_id: int) -> Steps | None:
    address = session.get(f"list:{ASSIGNMENT}")
    if not address:
        return None
    reader = _reader(actor, _given(address).get("for", ""))
    opened = session.get(OPENED)
    since = datetime.fromisoformat(opened) if opened else None
    found = assignments.neighbours_of(db.session(), reader, address, assignment_id, since)
    onward = assignments.next_of(db.session(), reader, address, assignment_id)
    if found is None and onward is None:
        return None
    wanted = {each for each in (found.previous if found else None, found.next if found else None, onward) if each}
    query = select(Assignment.id, Assignment.document_id).where(Assignment.id.in_(wanted))
    documents = {row.id: row.document_id for row in db.session.execute(query)} if wanted else {}

    def page(pk: int | None) -> str:
        return url_for("IncomingView.show", pk=documents[pk], work=pk) if pk in documents else ""

    follows = urlsplit(address).path == url_for("FollowView.list")
    label = gettext("Follow and chase") if follows else gettext("My work")
    steps = _steps(found, page, address, label, page(onward) or address)
    return replace(steps, menu="follow" if follows else ASSIGNMENT)


def _reader(actor: Actor, delegation: str) -> Actor:
    wanted = whole_number(delegation, BIGINT)
    for each in other_powers() if wanted else ():
        if each.on_behalf_of is not None and each.on_behalf_of.delegation_id == wanted:
            return each
    return actor


def _to_settle(actor: Actor, document: Document) -> Steps | None:
    address = session.get(f"list:{HANDLING}")
    if not address:
        return None
    query = to_settle.query_of(_given(address), actor)
    found = to_settle.neighbours_of(db.session(), actor, query, document)
    if found is None:
        return None

    def page(pk: int | None) -> str:
        origin: dict[str, Any] = {FROM: HANDLING}
        return url_for("IncomingView.show", pk=pk, **origin) if pk is not None else ""

    onward = page(found.next) or page(found.previous) or address
    return replace(_steps(found, page, address, gettext("Present and assign"), onward), menu="settling")


def _in_register(actor: Actor, document: Document) -> Steps | None:
    address = session.get(f"list:{INCOMING}", "")
    given = _given(address)
    query = ListQuery(
        text=given.get("q", "")[:200],
        facets={name: given[name][:60] for facet in incoming.FACETS for name in facet.parameters if given.get(name)},
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
        facets=incoming.facets_of(actor),
        match=document_match(query.text),
    )
    if found is None:
        return None

    def page(pk: int | None) -> str:
        return url_for("IncomingView.show", pk=pk) if pk is not None else ""

    steps = _steps(found, page, address or url_for("IncomingView.list"), gettext("Incoming register"))
    return replace(steps, menu=INCOMING)


def _steps(
    found: Neighbours | None, page: Callable[[int | None], str], address: str, label: str, onward: str = ""
) -> Steps:
    if found is None:  # it has left the list meanwhile
        return Steps(None, None, "", "" if onward == address else onward, address, label, onward)
    return Steps(found.position, found.total, page(found.previous), page(found.next), address, label, onward)

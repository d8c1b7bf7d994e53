"""Documents by the state of their settling: to be presented, waiting for assignment, being settled, answer in
preparation; urgent ones that have no number yet among them (212/4.1, 212/7.1).

The urgent come first, then what came first; an index has that order for each state. What is settled stands in the
register.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.models import URGENT_FIRST, Document
from app.queries import listing
from app.queries.assignments import is_suspended
from app.queries.deadlines import soon_until
from app.queries.listing import Facet, Key, ListQuery, Page, Sort
from app.queries.matching import document_match
from app.queries.neighbours import Neighbours, neighbours
from app.queries.visibility import visible
from app.vocabulary import N_, DocumentKind, HandlingState, PostKind

STATES = (HandlingState.PENDING, HandlingState.PRESENTED, HandlingState.ASSIGNED, HandlingState.ANSWERING)
ME = "me"
"""Value of the facet ``presented_to_id``: the reader."""
FACET_NAMES = ("handling", "presented_to_id", "stand", "urgency", "type_id", "lead_unit_id")
_LEVELS = "normal urgent very_urgent flash"
BY_ID = Key(Document.id, lambda row: row.id, int)
_RANK = Key(URGENT_FIRST, lambda row: -(_LEVELS.find(row.urgency) + 1), int)
_presented = func.coalesce(Document.presented_at, Document.received_at)
SORTS: tuple[Sort, ...] = (
    Sort("urgency", N_("Urgent first"), (_RANK, Key(Document.received_at, lambda row: row.received_at, datetime))),
)
PRESENTED_SORTS: tuple[Sort, ...] = (
    Sort("urgency", N_("Urgent first"), (_RANK, Key(_presented, lambda r: r.presented_at or r.received_at, datetime))),
)
LOADED = (
    *(Document.type, Document.urgency_level, Document.presented_to),
    *(Document.lead_unit, Document.lead_person),
)


def state_meant(actor: Actor, wanted: str) -> HandlingState:
    """The state that an address names, else the one with which the reader's work begins."""
    if wanted in STATES:
        return HandlingState(wanted)
    kinds = {post.kind for post in actor.effective_posts}
    if kinds & {PostKind.CLERK, PostKind.ADMIN_HEAD}:
        return HandlingState.PENDING
    return HandlingState.PRESENTED if PostKind.OFFICE_LEADER in kinds else HandlingState.ASSIGNED


def settling_query(actor: Actor, state: HandlingState) -> Select[Any]:
    """Documents in a state of settling that the actor may see."""
    kind = literal(DocumentKind.INCOMING.value, literal_execute=True)  # as the partial index has it
    handling = literal(state.value, literal_execute=True)
    return select(Document).where(Document.kind == kind, Document.handling == handling, visible(actor))


def facets(session: Session, actor: Actor, wanted: Mapping[str, str]) -> tuple[Facet, ...]:
    """The facets of the list; ``wanted``: what its address says."""
    stand = wanted.get("stand", "")
    own = Document.presented_to_id == (actor.effective_person_id or -1)
    return (
        Facet(
            "presented_to_id",
            N_("Presented to"),
            Document.presented_to_id,
            choices="presented_to",
            is_number=True,
            meanings={ME: own},
        ),
        Facet("stand", N_("Deadline"), Document.state, choices="standings", meanings={stand: standing(session, stand)}),
        Facet("urgency", N_("Urgency"), Document.urgency, choices="urgency_levels"),
        Facet("type_id", N_("Document type"), Document.type_id, choices="document_types", is_number=True),
        Facet("lead_unit_id", N_("Settling unit"), Document.lead_unit_id, choices="own_units", is_number=True),
    )


def standing(session: Session, wanted: str) -> ColumnElement[bool]:
    """How the deadline of what is being settled must stand today; nothing stands otherwise. What is suspended has none
    that runs."""
    today = clock.today()
    waits = is_suspended(Document.id)
    runs = and_(Document.handling.in_(RUNNING), Document.due_on.is_not(None), ~waits)
    if wanted == "late":
        return and_(runs, Document.due_on < today)
    if wanted == "soon":
        return and_(runs, Document.due_on >= today, Document.due_on <= soon_until(session))
    if wanted == "in_time":
        return and_(runs, Document.due_on > max(today, soon_until(session)))
    return or_(Document.due_on.is_(None), ~Document.handling.in_(RUNNING), waits) if wanted == "none" else false()


RUNNING = (HandlingState.ASSIGNED, HandlingState.ANSWERING)
"""States in which the deadline of a document runs."""


def query_of(args: Mapping[str, str], actor: Actor) -> ListQuery:
    """What the address of the list says; the state always stands among its facets. Where it says none, a leader
    begins with what was presented to them."""
    found = {name: args[name][:60] for name in FACET_NAMES if args.get(name)}
    if found.get("handling") not in STATES:
        found["handling"] = state_meant(actor, "").value
        if found["handling"] == HandlingState.PRESENTED:
            found.setdefault("presented_to_id", ME)
    return ListQuery(
        text=args.get("q", "")[:200],
        facets=found,
        sort=SORTS[0].name,
        descending=args.get("dir") == "desc",
        after=args.get("after", "")[:500],
        before=args.get("before", "")[:500],
    )


def _sorts(query: ListQuery) -> tuple[Sort, ...]:
    return PRESENTED_SORTS if query.facets.get("handling") == HandlingState.PRESENTED else SORTS


def page(session: Session, actor: Actor, query: ListQuery) -> Page:
    """One page of the documents in a state of settling."""
    match = document_match(query.text)
    return listing.page(
        session,
        settling_query(actor, state_meant(actor, query.facets.get("handling", ""))),
        query,
        by_id=BY_ID,
        sorts=_sorts(query),
        facets=facets(session, actor, query.facets),
        match=match and replace(match, leading=None),
        load=LOADED,
    )


def neighbours_of(session: Session, actor: Actor, query: ListQuery, document: Document) -> Neighbours | None:
    """The documents before and after one in the list that the query means; ``None`` when it is not in that list."""
    return neighbours(
        session,
        settling_query(actor, state_meant(actor, query.facets.get("handling", ""))),
        query,
        document,
        by_id=BY_ID,
        sorts=_sorts(query),
        facets=facets(session, actor, query.facets),
        match=document_match(query.text),
    )

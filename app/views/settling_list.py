"""What is to be presented, assigned and settled: documents by the state of their settling (212/7.1, 212/7.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import request, session, url_for
from flask_babel import gettext

from app.actor import Actor
from app.extensions import db
from app.queries import to_settle as queries
from app.queries.listing import Facet, ListQuery, Page
from app.request import current_actor
from app.rules import handling as rules
from app.views.bulk_bar import bulk_bar
from app.views.columns import Column
from app.views.dues import dues_of
from app.views.incoming import row_words
from app.views.record_list import RecordList
from app.views.work import Tab
from app.vocabulary import N_, HandlingState

SETTLING_MENU = "settling"
"""Name of the menu entry."""
COLUMNS = (
    Column("number", N_("Arrival number"), fixed=True),
    Column("notation", N_("Number and notation")),
    Column("subject", N_("Abstract"), fixed=True),
    Column("type", N_("Document type"), shown=False),
    Column("received", N_("Received at"), shown=False),
    Column("arrived", N_("Arrival date")),
    Column("presented", N_("Presented to")),
    Column("handler", N_("Settled by")),
    Column("due", N_("Deadline")),
)
TABS = {
    HandlingState.PENDING: N_("To be presented"),
    HandlingState.PRESENTED: N_("Waiting for assignment"),
    HandlingState.ASSIGNED: N_("Being settled"),
    HandlingState.ANSWERING: N_("Answer in preparation"),
}
MOVES = {
    HandlingState.PENDING: (rules.PRESENT,),
    HandlingState.PRESENTED: (rules.ASSIGN, rules.PRESENT),
    HandlingState.ASSIGNED: (rules.FILE,),
    HandlingState.ANSWERING: (),
}
"""What may be done with several at once, the likeliest first."""
_ONLY_IN = {
    "presented": {HandlingState.PRESENTED},
    "handler": {HandlingState.ASSIGNED, HandlingState.ANSWERING},
    "due": {HandlingState.ASSIGNED, HandlingState.ANSWERING},
}


class SettlingView(RecordList):
    """Trình, phân công: what waits to be presented and assigned, what is being settled; urgent ones first."""

    route_base = "/handling"
    class_permission_name = rules.NOUN
    title = N_("Present and assign")
    noun = rules.NOUN
    sorts = queries.SORTS
    downwards = False
    columns = COLUMNS
    list_template = "work/settling.html"
    rows_template = "incoming/_rows.html"

    def list_query(self, given: Mapping[str, str] | None = None) -> ListQuery:
        """What the address says; the state always stands in it."""
        return queries.query_of(request.args if given is None else given, current_actor())

    def remember(self, query: ListQuery) -> None:
        """The list's whole address, from which the pages of its documents know their neighbours."""
        session[self._list_key] = self.address(query, after=query.after, before=query.before)

    def query_page(self, actor: Actor, query: ListQuery) -> Page:
        """One page of a state."""
        return queries.page(db.session(), actor, query)

    def shown_facets(self, actor: Actor, query: ListQuery) -> Sequence[Facet]:
        """The facets that mean something in the state."""
        known = queries.facets(db.session(), actor, query.facets)
        return [each for each in known if each.name not in _HIDDEN[_state(query)] or query.facets.get(each.name)]

    def look(self, actor: Actor) -> Any:
        """The chosen columns, without those that are empty in the state."""
        chosen, state = super().look(actor), _state(self.list_query())
        shown = tuple(each for each in chosen.columns if state in _ONLY_IN.get(each.name, {state}))
        return replace(chosen, columns=shown)

    def row_context(self, actor: Actor, page: Page, query: ListQuery) -> dict[str, Any]:
        """Words, deadlines, tabs, and the bar of acts."""
        state = _state(query)
        ids = f"{url_for(f'{self.endpoint}.ids')}?{self.address(query).partition('?')[2]}"
        return {
            **row_words(),
            "dues": dues_of(page.rows),
            "from_list": rules.NOUN,
            "tabs": [Tab(gettext(label), self._tab(each), each == state) for each, label in TABS.items()],
            "tabs_label": gettext("How far they are settled"),
            "kept_facets": ("handling",),
            "empty": (gettext("Nothing here"), gettext("No document is in this state now.")),
            "bulk": bulk_bar(actor, MOVES[state], page, "HandlingView", ids),
        }

    def _tab(self, state: HandlingState) -> str:
        return url_for(f"{self.endpoint}.list", handling=str(state))


_HIDDEN = {
    HandlingState.PENDING: {"presented_to_id", "stand", "lead_unit_id"},
    HandlingState.PRESENTED: {"stand", "lead_unit_id"},
    HandlingState.ASSIGNED: set(),
    HandlingState.ANSWERING: set(),
}
"""Facets that would leave nothing, or everything, in a state."""


def _state(query: ListQuery) -> HandlingState:
    return HandlingState(query.facets["handling"])

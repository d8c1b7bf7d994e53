"""Screens of incoming documents (văn bản đến)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext

from app.actor import Actor
from app.extensions import db
from app.models import Document
from app.operations.incoming import subject_of
from app.queries import incoming as queries
from app.queries.listing import Facet, ListQuery, Page
from app.request import current_actor
from app.rules import handling
from app.rules import incoming as rules
from app.rules.lifecycle import Subject, permission_key
from app.views.bulk_bar import bulk_bar
from app.views.columns import Column, Look
from app.views.dues import dues_of
from app.views.governed import GovernedView
from app.views.incoming_page import page_context
from app.views.registering import RegisteringForms
from app.vocabulary import N_

COLUMNS = (
    Column("number", N_("Arrival number"), sort="arrival", fixed=True),
    Column("notation", N_("Number and notation"), sort="issued"),
    Column("subject", N_("Abstract"), fixed=True),
    Column("issuer", N_("Issuing body"), shown=False),
    Column("type", N_("Document type"), shown=False),
    Column("urgency", N_("Urgency"), shown=False),
    Column("signer", N_("Signed by"), shown=False),
    Column("pages", N_("Number of pages"), shown=False),
    Column("channel", N_("Arrived by"), shown=False),
    Column("book", N_("Register book"), shown=False),
    Column("signature", N_("Digital signature"), shown=False),
    Column("received", N_("Received at"), shown=False),
    Column("arrived", N_("Arrival date")),
    Column("handler", N_("Settled by")),
    Column("due", N_("Deadline")),
    Column("settling", N_("Settling"), shown=False),
    Column("state", N_("State"), shown=False),
)
"""Columns of the register; what has no column of its own stands small under the abstract."""


INSIDE = frozenset({"handler", "due"})
"""Columns that only the Office sees."""


def _insider(actor: Actor) -> bool:
    return any(post.ours for post in actor.effective_posts)


def row_words() -> dict[str, Any]:
    """What codes in a row of documents are called."""
    return {
        "states": {str(state): gettext(label) for state, label in rules.LIFECYCLE.states.items()},
        "channels": {str(channel): gettext(label) for channel, label in rules.CHANNELS.items()},
        "settlings": {str(state): gettext(label) for state, label in handling.LIFECYCLE.states.items()},
        "verdicts": {str(verdict): gettext(label) for verdict, label in rules.VERDICTS.items()},
    }


class IncomingView(RegisteringForms, GovernedView):
    """Sổ văn bản đến: the register, a document beside its story, and the forms of its moves."""

    route_base = "/incoming"
    class_permission_name = rules.NOUN
    lifecycle = rules.LIFECYCLE
    title = N_("Incoming register")
    facets = queries.FACETS
    sorts = queries.SORTS
    columns = COLUMNS
    list_template = "incoming/list.html"
    rows_template = "incoming/_rows.html"
    show_template = "incoming/show.html"

    def query_page(self, actor: Actor, query: ListQuery) -> Page:
        """One page of the register."""
        return queries.page(db.session(), actor, query)

    def list_context(self, actor: Actor) -> dict[str, Any]:
        """Whether the list may leave as a file."""
        context = super().list_context(actor)
        return {**context, "may_export": permission_key(rules.NOUN, "export") in actor.permissions}

    def look(self, actor: Actor) -> Look:
        """The chosen columns; who in the Office settles it is no business of the body that sent it (212/16.1.m)."""
        chosen = super().look(actor)
        if _insider(actor):
            return chosen
        return replace(chosen, columns=tuple(each for each in chosen.columns if each.name not in INSIDE))

    def shown_facets(self, actor: Actor, _query: ListQuery) -> Sequence[Facet]:
        """Filters, without those of the Office’s own work for others."""
        return queries.facets_of(actor)

    def row_context(self, actor: Actor, page: Page, query: ListQuery) -> dict[str, Any]:
        """Words of codes, deadlines of what is being settled, and the bar of acts for what is not."""
        ids = f"{url_for(f'{self.endpoint}.ids')}?{self.address(query).partition('?')[2]}"
        return {
            **row_words(),
            "dues": dues_of(page.rows) if _insider(actor) else {},
            "bulk": bulk_bar(actor, (handling.PRESENT, handling.ASSIGN), page, "HandlingView", ids),
        }

    def load(self, actor: Actor, pk: int) -> Document:
        """The document with its files."""
        return queries.one(db.session(), actor, pk)

    def subject(self, actor: Actor, record: Document | None) -> Subject:
        """State, and what the actor is to it."""
        return subject_of(db.session(), actor, record)

    def page_context(self, actor: Actor, record: Document) -> dict[str, Any]:
        """The PDF to show, the other files, the timeline, the way on in the list."""
        return {**page_context(actor, record), **row_words()}

    def links(self, record: Document) -> dict[str, int]:
        """The story of the document itself."""
        return {"document_id": record.id}

    def made_by(self, submission_key: UUID) -> Document | None:
        """The document that a form with this key registered."""
        return queries.made_by(db.session(), current_actor(), submission_key)

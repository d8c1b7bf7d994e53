"""The screens of a governed noun, generated from its lifecycle, facets and columns; nothing is changed here.

A list with keyset paging and facets, a page with the moves as buttons, one form per move. Generated add, edit
and delete do not exist: their addresses answer 404 to everybody.
"""

from typing import Any

from flask import render_template, url_for
from flask_appbuilder import expose, has_access
from flask_babel import gettext

from app.actor import Actor
from app.errors import DomainError, Forbidden, NotFound
from app.messages import say
from app.request import PK, current_actor, look
from app.views.move_forms import MoveForms
from app.views.record_list import RecordList


class GovernedView(RecordList, MoveForms):
    """Base of the screens of a governed record (văn bản, hồ sơ …). Subclasses declare, and give four readers."""

    show_template: str = ""
    base_permissions = ["can_list", "can_show"]

    # ── what a subclass must say ────────────────────────────────────────────────────────────────────────────────

    def page_context(self, actor: Actor, record: Any) -> dict[str, Any]:
        """More for the template of the record's page."""
        raise NotImplementedError

    def links(self, record: Any) -> dict[str, int]:
        """In whose stories a look at the record stands (``document_id``, ``case_file_id``)."""
        raise NotImplementedError

    # ── list and page ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def noun(self) -> str:  # type: ignore[override]
        """The list is named like the noun."""
        return self.lifecycle.noun

    def list_context(self, actor: Actor) -> dict[str, Any]:
        """What stands around the list: the acts that make a new record."""
        return {"creating": [m for m in self.lifecycle.creating_moves() if self._button(actor, m, None)]}

    def looked_at(self, actor: Actor, record: Any) -> None:
        """The look is on record before anything is shown (212/16.2.a)."""
        look(actor, self.lifecycle.subject_type, record.id, self.links(record))

    @expose(f"/{PK}")
    @has_access
    def show(self, pk: int) -> Any:
        """The record's page; the look is on record before anything is shown."""
        actor = current_actor()
        record = self.load(actor, pk)
        look(actor, self.lifecycle.subject_type, record.id, self.links(record))
        return self.render_template(
            self.show_template,
            record=record,
            moves=[m for m in self.lifecycle.moves.values() if m.sources and self._button(actor, m, record)],
            state_label=gettext(self.lifecycle.states[record.state]),
            move_url=lambda move: url_for(f"{self.endpoint}.act_form", pk=pk, verb=move.verb),
            **{"list_url": self.list_url(), **self.page_context(actor, record)},
        )


def error_page(error: DomainError) -> Any:
    """A refusal that no form could show: its own page, in plain words."""
    name = "404.html" if isinstance(error, NotFound) else "403.html" if isinstance(error, Forbidden) else "409.html"
    return render_template(f"errors/{name}", sentences=[say(o) for o in error.obstacles]), error.status

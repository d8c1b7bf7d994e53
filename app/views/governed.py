"""The screens of a governed noun, generated from its lifecycle, facets and columns; nothing is changed here.

A list with keyset paging and facets, a page with the moves as buttons, one form per move. Generated add, edit
and delete do not exist: their addresses answer 404 to everybody.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import g, make_response, redirect, render_template, request, session, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext

from app.actor import Actor
from app.errors import DomainError, Forbidden, NotFound
from app.extensions import db
from app.messages import say
from app.queries.listing import Facet, ListQuery, Page, Sort
from app.request import PK, current_actor, look
from app.views.columns import DENSITIES, Column, Look, heads, look_of, look_text
from app.views.filters import filter_words
from app.views.move_forms import MoveForms

PART_HEADER = "X-Part"
"""A request with this header wants the list alone, not the page around it."""
STANDARD = "standard"
"""Instead of names of columns: those that the list has to begin with."""


class GovernedView(MoveForms):
    """Base of the screens of a governed record (văn bản, hồ sơ …). Subclasses declare, and give four readers."""

    title: str = ""
    facets: Sequence[Facet] = ()
    sorts: Sequence[Sort] = ()
    columns: Sequence[Column] = ()
    """Columns that the list may show, in order."""
    list_template: str = "governed/list.html"
    rows_template: str = ""
    """Draws the rows of a page as a table or as cards."""
    show_template: str = ""
    base_permissions = ["can_list", "can_show"]
    default_view = "list"

    # ── what a subclass must say ────────────────────────────────────────────────────────────────────────────────

    def query_page(self, actor: Actor, query: ListQuery) -> Page:
        """One page of the list, restricted to what the actor may see."""
        raise NotImplementedError

    def page_context(self, actor: Actor, record: Any) -> dict[str, Any]:
        """More for the template of the record's page."""
        raise NotImplementedError

    def links(self, record: Any) -> dict[str, int]:
        """In whose stories a look at the record stands (``document_id``, ``case_file_id``)."""
        raise NotImplementedError

    # ── list and page ───────────────────────────────────────────────────────────────────────────────────────────

    @expose("/")
    @has_access
    def list(self) -> Any:
        """The list; its text, facets, order and place are in the address, so that Back brings them back."""
        actor = current_actor()
        session[self._list_key] = request.full_path
        query = self.list_query()
        part = request.headers.get(PART_HEADER) == "list"
        response = make_response(
            self.render_template(
                "governed/_part.html" if part else self.list_template,
                title=gettext(self.title),
                page=self.query_page(actor, query),
                query=query,
                sorts=self.sorts,
                **filter_words(db.session(), self.facets, query, self.address),
                look=(look := self.look(actor)),
                heads=heads(look, query, self.sorts[0].name),
                columns=self.columns,
                densities=DENSITIES,
                look_url=url_for(f"{self.endpoint}.list_look"),
                rows_template=self.rows_template,
                address=self.address,
                **self.row_context(),
                **({} if part else self.list_context(actor)),
            )
        )
        response.vary.add(PART_HEADER)
        return response

    def list_context(self, actor: Actor) -> dict[str, Any]:
        """What stands around the list: the acts that make a new record."""
        return {"creating": [m for m in self.lifecycle.creating_moves() if self._button(actor, m, None)]}

    def row_context(self) -> dict[str, Any]:
        """More for the template of the rows."""
        return {}

    def look(self, actor: Actor) -> Look:
        """How this reader wants the list to look."""
        return look_of(request.cookies.get(self._look_name(actor), ""), self.columns)

    def _look_name(self, actor: Actor) -> str:
        return f"look-{self.lifecycle.noun}-{actor.user_id}"

    @expose("/look", methods=["POST"])
    @has_access
    @permission_name("list")
    def list_look(self) -> Any:
        """Keep the chosen columns and density, and show the list where it was."""
        names = request.form.getlist("column")
        if STANDARD in names:
            names = [column.name for column in self.columns if column.shown]
        chosen = look_text(request.form.get("density", ""), names, self.columns)
        response = redirect(self.list_url())
        response.set_cookie(
            self._look_name(current_actor()),
            chosen,
            max_age=365 * 24 * 3600,
            path=self.route_base or "/",
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
        return response

    def list_query(self, given: Mapping[str, str] | None = None) -> ListQuery:
        """The list's state from the address: the present one, or the parameters given."""
        args = request.args if given is None else given
        names = [name for facet in self.facets for name in facet.parameters]
        return ListQuery(
            text=args.get("q", "")[:200],
            facets={name: args[name][:60] for name in names if args.get(name)},
            sort=args.get("sort", "") or self.sorts[0].name,
            descending=args.get("dir", "desc") != "asc",
            after=args.get("after", "")[:500],
            before=args.get("before", "")[:500],
        )

    def address(self, query: ListQuery, **changes: Any) -> str:
        """The address of the same list with something changed; leaving the page unless a place is given."""
        state: dict[str, Any] = {"q": query.text, **query.facets}
        if query.sort != self.sorts[0].name:
            state["sort"] = query.sort
        if not query.descending:
            state["dir"] = "asc"
        state.update(changes)
        known = g.setdefault("list_addresses", {})  # a page asks for it once for each value of its filters
        if self.endpoint not in known:
            known[self.endpoint] = url_for(f"{self.endpoint}.list")
        given = {name: value for name, value in state.items() if value not in ("", None)}
        return f"{known[self.endpoint]}?{urlencode(given)}" if given else known[self.endpoint]

    @property
    def _list_key(self) -> str:
        """Session key of the list's last address: the way back keeps filters and place."""
        return f"list:{self.lifecycle.noun}"

    def list_url(self) -> str:
        """The list as this person left it."""
        return session.get(self._list_key) or url_for(f"{self.endpoint}.list")

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

"""A list of records on the screen: text, facets, order and place in the address; columns and density in a cookie.

What a list needs of its noun is declared by a subclass; nothing is changed here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import g, jsonify, make_response, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext

from app.actor import Actor
from app.extensions import db
from app.queries.listing import Facet, ListQuery, Page, Sort
from app.request import current_actor
from app.translation import vn_number
from app.views.columns import DENSITIES, Column, Look, heads, look_of, look_text
from app.views.filters import filter_words

PART_HEADER = "X-Part"
"""A request with this header wants the list alone, not the page around it."""
STANDARD = "standard"
"""Instead of names of columns: those that the list has to begin with."""
MOST_TICKED = 100
"""As many rows of a filter can be ticked at once: their ids go in one address."""


class RecordList(BaseView):
    """Base of the screens that list records. Subclasses declare, and give the reader of a page."""

    title: str = ""
    noun: str = ""
    """Names the cookie of the look, and the session key of the list's last address."""
    facets: Sequence[Facet] = ()
    sorts: Sequence[Sort] = ()
    downwards: bool = True
    """Whether the list's own order goes from the newest down."""
    columns: Sequence[Column] = ()
    """Columns that the list may show, in order."""
    list_template: str = "governed/list.html"
    rows_template: str = ""
    """Draws the rows of a page as a table or as cards."""
    base_permissions = ["can_list"]
    default_view = "list"

    def query_page(self, actor: Actor, query: ListQuery) -> Page:
        """One page of the list, restricted to what the actor may see."""
        raise NotImplementedError

    @expose("/")
    @has_access
    def list(self) -> Any:
        """The list; its text, facets, order and place are in the address, so that Back brings them back."""
        actor = current_actor()
        query = self.list_query()
        self.remember(query)
        part = request.headers.get(PART_HEADER) == "list"
        response = make_response(
            self.render_template(
                "governed/_part.html" if part else self.list_template,
                title=gettext(self.title),
                page=(page := self.query_page(actor, query)),
                query=query,
                sorts=self.sorts,
                downwards=self.downwards,
                counted=self.counted(page),
                **filter_words(db.session(), self.shown_facets(actor, query), query, self.address),
                look=(look := self.look(actor)),
                heads=heads(look, query, self.sorts[0].name, downwards=self.downwards),
                columns=self.columns,
                densities=DENSITIES,
                look_url=url_for(f"{self.endpoint}.list_look"),
                rows_template=self.rows_template,
                address=self.address,
                **self.row_context(actor, page, query),
                **({} if part else self.list_context(actor)),
            )
        )
        response.vary.add(PART_HEADER)
        return response

    def remember(self, _query: ListQuery) -> None:
        """Keep the list's address: the way back to it."""
        session[self._list_key] = request.full_path

    def list_context(self, _actor: Actor) -> dict[str, Any]:
        """What stands around the list."""
        return {}

    def row_context(self, _actor: Actor, _page: Page, _query: ListQuery) -> dict[str, Any]:
        """More for the template of the rows."""
        return {}

    def shown_facets(self, _actor: Actor, _query: ListQuery) -> Sequence[Facet]:
        """The facets that are offered as chips."""
        return self.facets

    def counted(self, page: Page) -> str:
        """How many there are, in words."""
        if page.more_than_total:
            return gettext("More than %(count)s documents", count=vn_number(page.total))
        return gettext("%(count)s documents", count=vn_number(page.total))

    @expose("/ids")
    @has_access
    @permission_name("list")
    def ids(self) -> Any:
        """The records of the filter that the address says, for ticking them all: ``{"ids": […], "more": …}``."""
        query = replace(self.list_query(), after="", before="", size=MOST_TICKED)
        page = self.query_page(current_actor(), query)
        return jsonify(ids=[self.tick_of(row) for row in page.rows][:MOST_TICKED], more=page.next is not None)

    def tick_of(self, row: Any) -> int:
        """The id that a tick of a row stands for."""
        found: int = row.id
        return found

    def look(self, actor: Actor) -> Look:
        """How this reader wants the list to look."""
        return look_of(request.cookies.get(self._look_name(actor), ""), self.columns)

    def _look_name(self, actor: Actor) -> str:
        return f"look-{self.noun}-{actor.user_id}"

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
            descending=args.get("dir") != "asc" if self.downwards else args.get("dir") == "desc",
            after=args.get("after", "")[:500],
            before=args.get("before", "")[:500],
        )

    def address(self, query: ListQuery, **changes: Any) -> str:
        """The address of the same list with something changed; leaving the page unless a place is given."""
        state: dict[str, Any] = {"q": query.text, **query.facets}
        if query.sort != self.sorts[0].name:
            state["sort"] = query.sort
        if query.descending != self.downwards:
            state["dir"] = "desc" if query.descending else "asc"
        state.update(changes)
        known = g.setdefault("list_addresses", {})  # a page asks for it once for each value of its filters
        if self.endpoint not in known:
            known[self.endpoint] = url_for(f"{self.endpoint}.list")
        given = {name: value for name, value in state.items() if value not in ("", None)}
        return f"{known[self.endpoint]}?{urlencode(given)}" if given else known[self.endpoint]

    @property
    def _list_key(self) -> str:
        """Session key of the list's last address: the way back keeps filters and place."""
        return f"list:{self.noun}"

    def list_url(self) -> str:
        """The list as this person left it."""
        return session.get(self._list_key) or url_for(f"{self.endpoint}.list")

"""The screens of a governed noun, generated from its lifecycle, facets and columns; nothing is changed here.

A list with keyset paging and facets, a page with the moves as buttons, one form per move. Generated add, edit
and delete do not exist: their addresses answer 404 to everybody.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext

from app.actor import Actor
from app.errors import DomainError, Forbidden, NotFound, Obstacle, Refused, Stale
from app.extensions import appbuilder, db
from app.messages import say, translated
from app.operations.base import act
from app.operations.files import receive
from app.queries.listing import Facet, ListQuery, Page, Sort
from app.request import PK, chosen_actor, current_actor, file_limit, look, other_powers
from app.rules.lifecycle import InputType, Lifecycle, Move, Subject, allowed, permission_obstacle
from app.rules.text import whole_number
from app.views.filters import filter_words
from app.views.forms import MoveForm
from app.views.uploads import staged
from app.vocabulary import N_

Refusals = list[DomainError]
Ids = list[int]
KEPT = "kept_inputs"
"""Session key: last values of inputs that are offered again in the next form."""


class GovernedView(BaseView):
    """Base of the screens of a governed record (văn bản, hồ sơ …). Subclasses declare, and give four readers."""

    lifecycle: Lifecycle
    title: str = ""
    facets: Sequence[Facet] = ()
    sorts: Sequence[Sort] = ()
    list_template: str = ""
    show_template: str = ""
    base_permissions = ["can_list", "can_show"]
    default_view = "list"

    # ── what a subclass must say ────────────────────────────────────────────────────────────────────────────────

    def query_page(self, actor: Actor, query: ListQuery) -> Page:
        """One page of the list, restricted to what the actor may see."""
        raise NotImplementedError

    def load(self, actor: Actor, pk: int) -> Any:
        """The record with what its page shows. Raises NotFound."""
        raise NotImplementedError

    def subject(self, actor: Actor, record: Any | None) -> Subject:
        """What the rules need to know of the record, or of a new one."""
        raise NotImplementedError

    def values_for(self, move: Move, record: Any) -> dict[str, Any]:
        """What the form of a move starts with."""
        raise NotImplementedError

    def page_context(self, actor: Actor, record: Any) -> dict[str, Any]:
        """More for the template of the record's page."""
        raise NotImplementedError

    def links(self, record: Any) -> dict[str, int]:
        """In whose stories a look at the record stands (``document_id``, ``case_file_id``)."""
        raise NotImplementedError

    def headline(self, record: Any) -> str:
        """What the record is called in forms and questions."""
        raise NotImplementedError

    def made_by(self, submission_key: uuid.UUID) -> Any | None:
        """The record that a form with this key made already, if the actor may see it."""
        raise NotImplementedError

    def saved_message(self, move: Move, record: Any) -> str:
        """What the person reads when it is done."""
        raise NotImplementedError

    # ── list and page ───────────────────────────────────────────────────────────────────────────────────────────

    @expose("/")
    @has_access
    def list(self) -> Any:
        """The list; its text, facets, order and place are in the address, so that Back brings them back."""
        actor = current_actor()
        session[self._list_key] = request.full_path
        query = self.list_query()
        page = self.query_page(actor, query)
        return self.render_template(
            self.list_template,
            title=gettext(self.title),
            page=page,
            query=query,
            facets=self.facets,
            sorts=self.sorts,
            **filter_words(db.session(), self.facets, query),
            address=self.address,
            creating=[m for m in self.lifecycle.creating_moves() if self._button(actor, m, None)],
        )

    def list_query(self) -> ListQuery:
        """The list's state from the address."""
        args = request.args
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
        return url_for(f"{self.endpoint}.list", **{k: v for k, v in state.items() if v not in ("", None)})

    @property
    def _list_key(self) -> str:
        """Session key of the list's last address: the way back keeps filters and place."""
        return f"list:{self.lifecycle.noun}"

    def list_url(self) -> str:
        """The list as this person left it."""
        return session.get(self._list_key) or url_for(f"{self.endpoint}.list")

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
            list_url=self.list_url(),
            move_url=lambda move: url_for(f"{self.endpoint}.act_form", pk=pk, verb=move.verb),
            **self.page_context(actor, record),
        )

    # ── moves ───────────────────────────────────────────────────────────────────────────────────────────────────

    @expose("/new/<verb>", methods=["GET", "POST"])
    def new(self, verb: str) -> Any:
        """The form of a move that makes a new record, and what it does."""
        move = self._move(verb, creates=True)
        key = _key(request.args.get("key"))
        if request.method == "GET" and self._powers(current_actor(), move):
            # the key is part of the address: going back to a form that was sent brings the same key again
            if key is None:
                return redirect(url_for(f"{self.endpoint}.new", verb=verb, key=uuid.uuid4()))
            made = self.made_by(key)
            if made is not None:
                flash(gettext("This form was sent already: here is what it made."), "info")
                return redirect(url_for(f"{self.endpoint}.show", pk=made.id))
        return self._form(move, None)

    @expose(f"/{PK}/<verb>", methods=["GET", "POST"])
    def act_form(self, pk: int, verb: str) -> Any:
        """The form of a move on a record, and what it does."""
        return self._form(self._move(verb, creates=False), pk)

    def _move(self, verb: str, *, creates: bool) -> Move:
        move = self.lifecycle.moves.get(verb)
        if move is None or not (move.creates if creates else move.sources):
            abort(404)
        return move

    def _button(self, actor: Actor, move: Move, record: Any | None) -> bool:
        """Whether to show the move: allowed by the own posts, or by one of the delegations held."""
        return allowed(move, actor, self.subject(actor, record)) or any(
            allowed(move, other, self.subject(other, record)) for other in other_powers()
        )

    def _powers(self, actor: Actor, move: Move) -> "Sequence[tuple[str, str]]":
        """For whom the actor may make this move: own post first (if it may), then each delegation."""
        powers = [] if permission_obstacle(move, actor) else [("", gettext("Own post"))]
        powers += [
            (str(other.on_behalf_of.delegation_id), other.on_behalf_of.name)
            for other in other_powers()
            if other.on_behalf_of is not None and not permission_obstacle(move, other)
        ]
        return powers

    def _form(self, move: Move, pk: int | None) -> Any:
        actor = current_actor()
        if actor.user_id is None:
            return redirect(url_for(f"{appbuilder.sm.auth_view.endpoint}.login", next=request.full_path))
        powers = self._powers(actor, move)
        if not powers:
            raise Forbidden(*filter(None, [permission_obstacle(move, actor)]))
        record = self.load(actor, pk) if pk is not None else None
        if request.method == "GET":
            return self._show_form(move, record, self._new_form(move, record), powers)
        form = MoveForm(move)
        form.bind(request.form)
        refused: Refusals = [Refused(*form.parse_obstacles)] if form.parse_obstacles else []
        version = whole_number(request.form.get("version"))
        if pk is not None and version is None:
            refused.append(Refused(Obstacle(N_("Open this form again: it does not say which version it changes."))))
        try:
            acting = chosen_actor(request.form.get("acting_for") or powers[0][0])
        except Forbidden as error:
            acting = actor
            refused.append(error)
        kept = self._take_files(move, form, actor, refused)
        if not refused:
            try:
                made = act(
                    acting,
                    move,
                    pk,
                    form.values,
                    expected_version=version,
                    submission_key=_key(request.form.get("submission_key")),
                )
            except NotFound:
                raise
            except DomainError as error:
                refused.append(error)
            else:
                return self._done(move, made, form, pk)
        form.uploads = staged(actor, kept)
        return self._show_form(move, record, form, powers, refused)

    def _new_form(self, move: Move, record: Any | None) -> MoveForm:
        initial = self.values_for(move, record)
        if record is None or move.creates:
            kept = session.get(KEPT, {}).get(move.name, {})
            initial |= {i.name: kept[i.name] for i in move.inputs if i.keep and i.name in kept}
        return MoveForm(move, initial)

    def _take_files(self, move: Move, form: MoveForm, actor: Actor, refused: Refusals) -> "Sequence[int]":
        """Receive each file of the request by itself: one bad file does not cost the others."""
        kept: Ids = []
        for each in move.inputs:
            if each.type != InputType.FILES:
                continue
            bound = form.fields[each.name]
            kept = [*bound.value]
            for file in request.files.getlist(each.name):
                if not file.filename:
                    continue
                try:
                    kept.append(receive(actor, file.stream, file.filename, file_limit()).id)  # type: ignore[arg-type]
                except Refused as error:
                    refused.append(error)
            bound.value = kept
        return kept

    def _show_form(
        self,
        move: Move,
        record: Any | None,
        form: MoveForm,
        powers: "Sequence[tuple[str, str]]",
        refused: "Sequence[DomainError]" = (),
    ) -> Any:
        for error in refused:
            form.show(error)
        stale = next((e for e in refused if isinstance(e, Stale)), None)
        status = max((e.status for e in refused), default=200)
        page = self.render_template(
            "governed/move.html",
            move=move,
            form=form,
            record=record,
            title=gettext(move.label),
            headline=self.headline(record) if record is not None else "",
            obstacles=[translated(o) for e in refused for o in e.obstacles],
            stale=stale.changes if stale is not None else (),
            version=request.form.get("version") or (record.version if record is not None else ""),
            newest_version=record.version if record is not None else "",
            submission_key=request.form.get("submission_key") or request.args.get("key") or uuid.uuid4(),
            powers=powers,
            acting_for=request.form.get("acting_for", ""),
            back_url=self._back(record),
            file_limit=file_limit(),
        )
        return page, status

    def _back(self, record: Any | None) -> str:
        if record is None:
            return self.list_url()
        return url_for(f"{self.endpoint}.show", pk=record.id)

    def _done(self, move: Move, made: Any, form: MoveForm, pk: int | None) -> Any:
        flash(self.saved_message(move, made), "success")
        if move.creates:
            kept = {i.name: form.fields[i.name].raw for i in move.inputs if i.keep}
            session[KEPT] = {**session.get(KEPT, {}), move.name: kept}
            if request.form.get("then") == "next":
                return redirect(self.next_url(move, pk))
        return redirect(url_for(f"{self.endpoint}.show", pk=made.id))


    def next_url(self, move: Move, _pk: int | None) -> str:
        """Where the next of a series is entered: an empty form. ``_pk``: the record just acted on, if it was there."""
        return url_for(f"{self.endpoint}.new", verb=move.verb)


def _key(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def error_page(error: DomainError) -> Any:
    """A refusal that no form could show: its own page, in plain words."""
    name = "404.html" if isinstance(error, NotFound) else "403.html" if isinstance(error, Forbidden) else "409.html"
    return render_template(f"errors/{name}", sentences=[say(o) for o in error.obstacles]), error.status

"""Delegations (ủy quyền): given on a written authority, revoked at once, both on record (212/17.2).

The IT centre sees and gives all of them (:class:`DelegationView`); everybody what concerns themselves
(:class:`MyDelegationView`): who stands in while they are away, who enters for them, and what they were given.
"""

from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext

from app import clock
from app.errors import NotFound, Refused
from app.extensions import db
from app.models import Delegation
from app.operations import delegation
from app.queries import delegations as own_queries
from app.queries import people as queries
from app.request import current_actor, file_limit
from app.views.administration import Faults, history, may, place
from app.views.delegation_forms import FILTERS, form_context, give, opening_values, taken, uploads_waiting, words

STILL = (queries.IN_FORCE, queries.TO_COME)


class DelegationPages(BaseView):
    """What both have in common: one delegation, the form, the written authority, revoking."""

    own = False

    def row(self, pk: int) -> Delegation:
        """A delegation that the person at the screen may see. Raises NotFound."""
        raise NotImplementedError

    def changes(self, _row: Delegation) -> bool:
        """Whether the person at the screen may revoke it and attach its paper."""
        raise NotImplementedError

    def page(self, pk: int, faults: Faults) -> Any:
        """One delegation: who, for whom, what, on which ground, how long, and its story."""
        row = self.row(pk)
        page = self.render_template(
            "delegations/show.html",
            title=gettext("Delegation from %(grantor)s to %(grantee)s", grantor=row.grantor, grantee=row.grantee),
            row=row,
            view=self.endpoint,
            own=self.own,
            changes=self.changes(row),
            papers=own_queries.papers_of(db.session(), [pk]).get(pk, []),
            uploads=uploads_waiting() if request.method == "POST" else (),
            file_limit=file_limit(),
            entries=history(db.session(), "delegation", [pk]),
            faults=faults,
            may=may,
            **words(),
        )
        return page, faults.status

    def form(self, grantor_id: int | None) -> Any:
        """The form of a new delegation, and what it does."""
        faults = Faults()
        values: Any = opening_values()
        if request.method == "POST":
            values = request.form
            made = give(faults, grantor_id=grantor_id)
            if made is not None:
                flash(gettext("The delegation is given and on record."), "success")
                return redirect(url_for(f"{self.endpoint}.show", pk=made.id))
        title = gettext("Delegate, or say who stands in") if self.own else gettext("Give a delegation")
        page = self.render_template(
            "delegations/new.html",
            title=title,
            view=self.endpoint,
            **form_context(current_actor(), values, faults, own=self.own),
        )
        return page, faults.status

    def add_paper(self, pk: int) -> Any:
        """Attach the written authority that was not at hand."""
        if not self.changes(self.row(pk)):
            abort(403)
        faults = Faults()
        sent = taken(faults)
        if not faults:
            try:
                delegation.add_paper(current_actor(), pk, sent)
            except Refused as error:
                faults.errors.append(error)
        if faults:
            return self.page(pk, faults)
        flash(gettext("The written authority is attached."), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=pk))

    def end(self, pk: int) -> Any:
        """Revoke: it ends at once, for pages that are open too."""
        self.row(pk)
        try:
            delegation.revoke(current_actor(), pk)
        except Refused as error:
            return self.page(pk, Faults([error]))
        flash(gettext("The delegation is revoked. It ended at once."), "success")
        return redirect(url_for(f"{self.endpoint}.show", pk=pk))


class DelegationView(DelegationPages):
    """Ủy quyền: list, one delegation, giving and revoking, for the IT centre."""

    route_base = "/delegations"
    class_permission_name = "delegation"
    default_view = "list"

    def row(self, pk: int) -> Delegation:
        return queries.delegation(db.session(), pk)

    def changes(self, _row: Delegation) -> bool:
        return may("delegation", "revoke")

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> Any:
        """Delegations, those given last first."""
        args = request.args
        state = {"q": args.get("q", "")[:100], "state": args.get("state", "")}
        if state["state"] not in FILTERS:
            state["state"] = ""
        page = queries.delegations(
            db.session(),
            state["q"],
            state=state["state"],
            after=args.get("after", "")[:500],
            before=args.get("before", "")[:500],
        )
        return self.render_template(
            "delegations/list.html",
            title=gettext("Delegations"),
            page=page,
            state=state,
            address=place("DelegationView.list", state),
            may=may,
            **words(),
        )

    @expose("/people")
    @has_access
    @permission_name("add")
    def people(self) -> Any:
        """Suggestions as JSON ``[{id, label, hint}]`` for ``?q=``."""
        found = queries.find_people(db.session(), request.args.get("q", "")[:100])
        return jsonify([{"id": each.id, "label": each.name, "hint": each.hint} for each in found])

    @expose("/<int(max=2147483647):pk>")
    @has_access
    @permission_name("show")
    def show(self, pk: int) -> Any:
        """One delegation and its story."""
        return self.page(pk, Faults())

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def new(self) -> Any:
        """Give a delegation between any two people."""
        return self.form(None)

    @expose("/<int(max=2147483647):pk>/paper", methods=["POST"])
    @has_access
    @permission_name("add")
    def paper(self, pk: int) -> Any:
        """Attach the written authority."""
        return self.add_paper(pk)

    @expose("/<int(max=2147483647):pk>/revoke", methods=["POST"])
    @has_access
    @permission_name("revoke")
    def revoke(self, pk: int) -> Any:
        """Revoke at once."""
        return self.end(pk)


class MyDelegationView(DelegationPages):
    """Ủy quyền của tôi: what I gave and was given; leaders, heads and specialists give and revoke their own."""

    route_base = "/my-delegations"
    class_permission_name = "delegation"
    default_view = "mine"
    own = True

    def row(self, pk: int) -> Delegation:
        return own_queries.own_delegation(db.session(), current_actor().person_id, pk)

    def changes(self, _row: Delegation) -> bool:
        own = _row.grantor_id == current_actor().person_id and _row.kind in delegation.OWN_KINDS
        return own and may("delegation", "grant_own")

    @expose("/")
    @has_access
    @permission_name("see_own")
    def mine(self) -> Any:
        """What I gave, and what I was given; what holds comes first."""
        person_id = current_actor().person_id
        rows = queries.delegations_of(db.session(), person_id) if person_id is not None else []
        today = clock.today()
        rows.sort(key=lambda row: queries.delegation_state(row, today) not in STILL)
        return self.render_template(
            "delegations/mine.html",
            title=gettext("My delegations"),
            given=[row for row in rows if row.grantor_id == person_id],
            received=[row for row in rows if row.grantee_id == person_id],
            may=may,
            **words(),
        )

    @expose("/people")
    @has_access
    @permission_name("grant_own")
    def people(self) -> Any:
        """Colleagues as JSON ``[{id, label, hint}]`` for ``?q=``."""
        found = queries.find_people(db.session(), request.args.get("q", "")[:100])
        return jsonify([{"id": each.id, "label": each.name, "hint": each.hint} for each in found])

    @expose("/<int(max=2147483647):pk>")
    @has_access
    @permission_name("see_own")
    def show(self, pk: int) -> Any:
        """One delegation that I gave or was given."""
        return self.page(pk, Faults())

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("grant_own")
    def new(self) -> Any:
        """Say who stands in for me, or who enters for me."""
        person_id = current_actor().person_id
        if person_id is None:
            raise NotFound
        return self.form(person_id)

    @expose("/<int(max=2147483647):pk>/paper", methods=["POST"])
    @has_access
    @permission_name("grant_own")
    def paper(self, pk: int) -> Any:
        """Attach the written authority."""
        return self.add_paper(pk)

    @expose("/<int(max=2147483647):pk>/revoke", methods=["POST"])
    @has_access
    @permission_name("grant_own")
    def revoke(self, pk: int) -> Any:
        """Revoke at once."""
        return self.end(pk)

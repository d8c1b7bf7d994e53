"""Delegations (ủy quyền): given on a written authority, revoked at once, both on record (212/17.2)."""

from collections.abc import Sequence
from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext

from app import clock
from app.errors import DomainError, Obstacle, Refused
from app.extensions import db
from app.models import Delegation
from app.operations import delegation
from app.queries import people as queries
from app.request import current_actor
from app.rules.lifecycles import LIFECYCLES, move_named
from app.views.administration import (
    DELEGATION_KINDS,
    Faults,
    history,
    may,
    place,
    typed,
    typed_day,
    typed_number,
    typed_person,
)
from app.vocabulary import N_, DelegationKind

STATES = {
    queries.IN_FORCE: N_("In force"),
    queries.TO_COME: N_("Not yet in force"),
    queries.ENDED: N_("Ended"),
    queries.REVOKED: N_("Revoked"),
}
STATE_COLOURS = {queries.IN_FORCE: "good", queries.TO_COME: "note", queries.REVOKED: "late"}
KIND_HINTS = {
    DelegationKind.ENTRY: N_("Administrative staff enter for a leader or specialist; both names stand on record"),
    DelegationKind.SUBSTITUTION: N_("Somebody stands in while the other is away"),
    DelegationKind.SIGNING: N_("Signing on behalf (thừa lệnh, ký thay), as the written authority says"),
}


class DelegationView(BaseView):
    """Ủy quyền: list, one delegation, giving and revoking."""

    route_base = "/delegations"
    class_permission_name = "delegation"
    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> Any:
        """Delegations, those given last first."""
        args = request.args
        state = {"q": args.get("q", "")[:100], "state": args.get("state", "")}
        if state["state"] not in STATES:
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
            **_words(),
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
        """One delegation: who, for whom, what, on which ground, how long, and its story."""
        return self._page(pk, Faults())

    def _page(self, pk: int, faults: Faults) -> Any:
        row = queries.delegation(db.session(), pk)
        units = {unit_id: name for unit_id, name, _depth in queries.unit_tree(db.session())}
        page = self.render_template(
            "delegations/show.html",
            title=gettext("Delegation from %(grantor)s to %(grantee)s", grantor=row.grantor, grantee=row.grantee),
            row=row,
            unit=units.get(row.unit_id, "") if row.unit_id else "",
            entries=history(db.session(), "delegation", [pk]),
            faults=faults,
            may=may,
            **_words(),
        )
        return page, faults.status

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def new(self) -> Any:
        """Give a delegation."""
        session = db.session()
        faults = Faults()
        values: Any = {"kind": "entry", "scope": "all", "valid_from": clock.today().strftime("%d/%m/%Y")}
        chosen: Sequence[str] = ()
        if request.method == "POST":
            values = request.form
            chosen = request.form.getlist("moves")
            made = self._grant(faults, chosen)
            if made is not None:
                flash(gettext("The delegation is given and on record."), "success")
                return redirect(url_for("DelegationView.show", pk=made.id))
        page = self.render_template(
            "delegations/new.html",
            title=gettext("Give a delegation"),
            values=values,
            chosen=chosen,
            faults=faults,
            kinds=[(k.value, gettext(label), gettext(KIND_HINTS[k])) for k, label in DELEGATION_KINDS.items()],
            acts=[
                (gettext(each.label), [(move.name, gettext(move.label)) for move in each.moves.values()])
                for each in LIFECYCLES.values()
            ],
            units=queries.unit_tree(session),
        )
        return page, faults.status

    def _grant(self, faults: Faults, chosen: Sequence[str]) -> Delegation | None:
        """Read the form and give the delegation; what is wrong goes to ``faults``, all at once where possible."""
        session = db.session()
        kind = typed("kind")
        if kind not in set(DelegationKind):
            faults.add(
                Obstacle(N_("%(label)s: missing. Choose one."), "kind", {"label": N_("Kind of delegation")}, "missing")
            )
        grantor = typed_person(session, "grantor", N_("Delegated by"), faults)
        grantee = typed_person(session, "grantee", N_("Delegated to"), faults)
        start = typed_day("valid_from", N_("From day"), faults)
        end = typed_day("valid_to", N_("Until day"), faults)
        moves = chosen if request.form.get("scope") == "some" else None
        if faults or grantor is None or grantee is None:
            faults.add(*delegation.terms_obstacles(typed("authority"), start, end, moves))
            return None
        unit_id = typed_number("unit_id")
        units = {unit[0] for unit in queries.unit_tree(session)}
        try:
            return delegation.grant(
                current_actor(),
                DelegationKind(kind),
                grantor,
                grantee,
                typed("authority"),
                valid_from=start,
                valid_to=end,
                moves=moves,
                unit_id=unit_id if unit_id in units else None,
            )
        except DomainError as error:
            faults.errors.append(error)
            return None

    @expose("/<int(max=2147483647):pk>/revoke", methods=["POST"])
    @has_access
    @permission_name("revoke")
    def revoke(self, pk: int) -> Any:
        """Revoke: it ends at once, for pages that are open too."""
        try:
            delegation.revoke(current_actor(), pk)
        except Refused as error:
            return self._page(pk, Faults([error]))
        flash(gettext("The delegation is revoked. It ended at once."), "success")
        return redirect(url_for("DelegationView.show", pk=pk))


def _words() -> dict[str, Any]:
    """What the templates need to put a delegation into words."""

    def covers(row: Delegation) -> str:
        if row.moves is None:
            return gettext("all acts")
        found = [move_named(name) for name in row.moves]
        return ", ".join(gettext(move.label) for move in found if move is not None)

    return {
        "covers": covers,
        "state_of": lambda row: queries.delegation_state(row, clock.today()),
        "states": {name: gettext(label) for name, label in STATES.items()},
        "state_colours": STATE_COLOURS,
        "kinds": {kind.value: gettext(label) for kind, label in DELEGATION_KINDS.items()},
    }

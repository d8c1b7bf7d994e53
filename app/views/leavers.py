"""Handing over the work of who leaves (bàn giao công việc): what is open, to whom it goes, or why somebody may go."""

from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext, ngettext

from app.errors import DomainError
from app.extensions import db
from app.models import Organisation
from app.operations import leavers
from app.operations.registry import number_of
from app.queries import leavers as queries
from app.queries import people
from app.request import current_actor
from app.rules.text import BIGINT, whole_number
from app.views.administration import Faults, history, may, typed, typed_person
from app.vocabulary import N_, AssignmentKind

MENU = "leavers"
"""Name of the menu entry."""
ASSIGNMENT_KINDS = {
    AssignmentKind.LEAD: N_("Leads"),
    AssignmentKind.COORDINATE: N_("Co-ordinates"),
    AssignmentKind.INFORM: N_("To know"),
}


class LeaverView(BaseView):
    """Bàn giao công việc: whose work lies with nobody any more; one person's open things, and where they go."""

    route_base = "/hand-over"
    class_permission_name = "person"
    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("hand_over")
    def list(self) -> Any:
        """People who have left and with whom work still lies; anybody else is found by name."""
        person_id = whole_number(request.args.get("person_id"), BIGINT)
        if person_id is not None:
            return redirect(url_for("LeaverView.show", pk=person_id))
        return self.render_template(
            "leavers/list.html",
            title=gettext("Hand over work"),
            rows=queries.leavers(db.session()),
            units=queries.headless_units(db.session()),
        )

    @expose("/people")
    @has_access
    @permission_name("hand_over")
    def people(self) -> Any:
        """Suggestions as JSON ``[{id, label, hint}]`` for ``?q=``."""
        found = people.find_people(db.session(), request.args.get("q", "")[:100])
        return jsonify([{"id": each.id, "label": each.name, "hint": each.hint} for each in found])

    @expose("/units/<int(max=2147483647):pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("hand_over")
    def unit(self, pk: int) -> Any:
        """What a unit holds as a whole that nobody heads, and to whom it goes."""
        faults = Faults()
        if request.method == "POST":
            to_id = typed_person(db.session(), "to", N_("Hand over to"), faults)
            if to_id is None or faults:
                faults.add(*leavers.reason_obstacles(typed("reason")))
            else:
                try:
                    done = leavers.hand_over_unit(current_actor(), pk, to_id, typed("reason"))
                except DomainError as error:
                    faults.errors.append(error)
                else:
                    flash(_handed_over(done.assignments, done.to_name), "success")
                    return redirect(url_for("LeaverView.list"))
        unit = db.session().get(Organisation, pk)
        if unit is None or not unit.ours:
            abort(404)
        page = self.render_template(
            "leavers/unit.html",
            title=gettext("Hand over the work of %(name)s", name=unit.name),
            unit=unit,
            assignments=queries.unit_assignments(db.session(), pk),
            count=queries.count_of(db.session(), queries.held_by_unit(pk)),
            number_of=number_of,
            kinds={kind.value: gettext(label) for kind, label in ASSIGNMENT_KINDS.items()},
            values=request.form,
            faults=faults,
        )
        return page, faults.status

    @expose("/<int(max=2147483647):pk>")
    def show(self, pk: int) -> Any:
        """What lies with a person, for the head who hands it over and for the IT centre that waits for it."""
        actor = current_actor()
        if actor.user_id is None:
            abort(401)
        if not (may("person", "hand_over") or may("person", "show")):
            abort(403)
        return self._page(pk, {}, Faults())

    @expose("/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @permission_name("hand_over")
    def hand_over(self, pk: int) -> Any:
        """Hand everything over, or what is ticked."""
        faults = Faults()
        to_id = typed_person(db.session(), "to", N_("Hand over to"), faults)
        everything = request.form.get("scope") != "some"
        if faults or to_id is None:
            faults.add(*leavers.reason_obstacles(typed("reason")))
            return self._page(pk, request.form, faults)
        chosen: dict[str, Any] = {}
        if not everything:
            chosen = {
                "assignment_ids": _ids("assignment"),
                "document_ids": _ids("document"),
                "given": "given" in request.form,
                "delegations": "delegations" in request.form,
            }
        try:
            done = leavers.hand_over(current_actor(), pk, to_id, typed("reason"), **chosen)
        except DomainError as error:
            faults.errors.append(error)
            return self._page(pk, request.form, faults)
        count = done.assignments + done.documents + done.given
        flash(
            _handed_over(count, done.to_name) if count else gettext("The delegations are revoked."),
            "success",
        )
        return redirect(url_for("LeaverView.show", pk=pk))

    @expose("/<int(max=2147483647):pk>/let-go", methods=["POST"])
    @has_access
    @permission_name("let_go")
    def let_go(self, pk: int) -> Any:
        """Close the account although things are open, by the head's decision."""
        faults = Faults()
        try:
            person = leavers.let_go(current_actor(), pk, typed("reason"))
        except DomainError as error:
            faults.errors.append(error)
            return self._page(pk, {"let_go": "1", "why": typed("reason")}, faults)
        flash(gettext("%(name)s may go; the decision is on record.", name=person.full_name), "success")
        return redirect(url_for("LeaverView.show", pk=pk))

    def _page(self, pk: int, values: Any, faults: Faults) -> Any:
        session = db.session()
        person = people.person(session, pk)
        things = queries.open_things(session, pk)
        page = self.render_template(
            "leavers/show.html",
            title=gettext("Hand over the work of %(name)s", name=person.full_name),
            person=person,
            things=things,
            labels={check.name: gettext(check.label) for check in queries.CHECKS},
            assignments=queries.assignments_held(session, pk) if "assignments" in things else [],
            documents=queries.documents_presented(session, pk) if "presented" in things else [],
            delegations=queries.powers_held(session, pk) if "delegations" in things else [],
            given=queries.count_of(session, queries.given_by(pk)),
            released=queries.released(session, pk),
            account_open=person.user is not None and person.user.active,
            own=pk == current_actor().person_id,
            number_of=number_of,
            kinds={kind.value: gettext(label) for kind, label in ASSIGNMENT_KINDS.items()},
            ticked={name: {str(each) for each in _ids(name)} for name in ("assignment", "document")},
            entries=history(session, "person", [pk]),
            values=values,
            faults=faults,
            may=may,
        )
        return page, faults.status


def _handed_over(count: int, name: str) -> str:
    return ngettext(
        "%(num)s piece of work is handed over to %(name)s.",
        "%(num)s pieces of work are handed over to %(name)s.",
        count,
        name=name,
    )


def _ids(name: str) -> list[int]:
    found = (whole_number(each, BIGINT) for each in request.form.getlist(name))
    return [each for each in found if each is not None]

"""People and posts (con người và chức danh): who holds what, and which rights follow from it today (212/17.1)."""

from datetime import timedelta
from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext

from app import clock
from app.errors import DomainError, NotFound, Obstacle
from app.extensions import db
from app.models import Organisation, Person, Post
from app.operations import parties
from app.queries import people as queries
from app.queries import roles as role_queries
from app.queries.parties import find_organisations, organisation_named
from app.request import current_actor
from app.rules.permissions import POST_KINDS
from app.views.accounts import account_state
from app.views.administration import (
    DELEGATION_KINDS,
    Faults,
    grouped,
    history,
    kind_label,
    may,
    noun_label,
    pair_label,
    place,
    typed,
    typed_day,
    typed_number,
    verb_label,
)
from app.vocabulary import N_, PostKind


class PeopleView(BaseView):
    """Con người và chức danh: list, a person's page, particulars, appointing and ending."""

    route_base = "/people"
    class_permission_name = "person"
    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> Any:
        """People in Vietnamese order, found with or without marks."""
        args = request.args
        state = {"q": args.get("q", "")[:100], "kind": args.get("kind", ""), "unit": args.get("unit", "")}
        if state["kind"] not in set(PostKind):
            state["kind"] = ""
        session = db.session()
        units = queries.unit_tree(session)
        if state["unit"] not in {str(unit[0]) for unit in units}:
            state["unit"] = ""
        page = queries.people(
            session,
            state["q"],
            kind=state["kind"],
            unit_id=int(state["unit"]) if state["unit"] else None,
            after=args.get("after", "")[:500],
            before=args.get("before", "")[:500],
        )
        return self.render_template(
            "people/list.html",
            title=gettext("People and posts"),
            page=page,
            state=state,
            kinds={kind.value: gettext(label) for kind, label in POST_KINDS.items()},
            units=units,
            held=_held_today,
            address=place("PeopleView.list", state),
            may_add=may("person", "add"),
        )

    @expose("/lookup")
    @has_access
    @permission_name("list")
    def lookup(self) -> Any:
        """Suggestions as JSON ``[{id, label, hint}]`` for ``?q=``."""
        found = queries.find_people(db.session(), request.args.get("q", "")[:100])
        return jsonify([{"id": each.id, "label": each.name, "hint": each.hint} for each in found])

    @expose("/organisations")
    @has_access
    @permission_name("edit")
    def organisations(self) -> Any:
        """Outside organisations as JSON ``[{id, label, hint}]`` for ``?q=``."""
        found = find_organisations(db.session(), request.args.get("q", "")[:100])
        return jsonify([{"id": o.id, "label": o.name, "hint": o.abbreviation} for o in found])

    @expose("/<int(max=2147483647):pk>")
    @has_access
    @permission_name("show")
    def show(self, pk: int) -> Any:
        """Posts, account, delegations, the rights of today and where each comes from."""
        session = db.session()
        person = queries.person(session, pk)
        today = clock.today()
        account = queries.account(session, person.user_id) if person.user_id is not None else None
        return self.render_template(
            "people/show.html",
            title=person.full_name,
            person=person,
            posts=sorted(person.posts, key=lambda p: (p.valid_to is not None and p.valid_to < today, -p.id)),
            post_state=_post_state,
            kind_label=kind_label,
            account=account,
            account_state=account_state(account) if account is not None else None,
            delegations=[(d, queries.delegation_state(d, today)) for d in queries.delegations_of(session, pk)],
            delegation_kinds={kind.value: gettext(label) for kind, label in DELEGATION_KINDS.items()},
            **_rights(person),
            entries=history(session, "person", [pk]),
            may=may,
        )

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def new(self) -> Any:
        """Add a person."""
        faults = Faults()
        if request.method == "POST":
            try:
                person = parties.add_person(
                    current_actor(), typed("full_name"), email=typed("email"), phone=typed("phone")
                )
            except DomainError as error:
                faults.errors.append(error)
            else:
                flash(gettext("%(name)s is added. Give a post next: rights follow from it.", name=person), "success")
                return redirect(url_for("PeopleView.show", pk=person.id))
        return self._form(None, request.form, faults)

    @expose("/<int(max=2147483647):pk>/edit", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def edit(self, pk: int) -> Any:
        """Change name, address, telephone."""
        person = queries.person(db.session(), pk)
        faults = Faults()
        if request.method == "POST":
            try:
                parties.change_person(
                    current_actor(),
                    pk,
                    typed("full_name"),
                    email=typed("email"),
                    phone=typed("phone"),
                    expected_version=typed_number("version"),
                )
            except NotFound:
                raise
            except DomainError as error:
                faults.errors.append(error)
                person = queries.person(db.session(), pk)
            else:
                flash(gettext("The particulars are changed."), "success")
                return redirect(url_for("PeopleView.show", pk=pk))
            return self._form(person, request.form, faults)
        now = {"full_name": person.full_name, "email": person.email, "phone": person.phone}
        return self._form(person, now, faults)

    def _form(self, person: Person | None, values: Any, faults: Faults) -> Any:
        page = self.render_template(
            "people/form.html",
            title=gettext("Change particulars") if person else gettext("Add a person"),
            person=person,
            values=values,
            faults=faults,
        )
        return page, faults.status

    @expose("/<int(max=2147483647):pk>/posts/new", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def appoint(self, pk: int) -> Any:
        """Give a post: in an own unit, or an outside post in an outside organisation."""
        session = db.session()
        person = queries.person(session, pk)
        faults = Faults()
        values: Any = {"valid_from": clock.today().strftime("%d/%m/%Y")}
        if request.method == "POST":
            values = request.form
            kind = typed("kind")
            start = typed_day("valid_from", N_("From day"), faults)
            end = typed_day("valid_to", N_("Until day"), faults)
            unit_id = _unit(kind, faults)
            if kind not in set(PostKind):
                faults.add(Obstacle(N_("%(label)s: missing. Choose one."), "kind", {"label": N_("Kind of post")}))
            if not faults and unit_id is not None:
                try:
                    post = parties.appoint(
                        current_actor(), pk, unit_id, PostKind(kind), typed("title"), valid_from=start, valid_to=end
                    )
                except DomainError as error:
                    faults.errors.append(error)
                else:
                    flash(gettext("%(name)s now holds: %(post)s.", name=person, post=post), "success")
                    return redirect(url_for("PeopleView.show", pk=pk))
            elif not typed("title"):
                label = {"label": N_("Title of the post")}
                faults.add(Obstacle(N_("%(label)s: missing. Enter it."), "title", label, "missing"))
        names = role_queries.role_names(session)
        brought = role_queries.roles_of_kinds(session)
        page = self.render_template(
            "people/appoint.html",
            title=gettext("Give a post"),
            person=person,
            values=values,
            faults=faults,
            units=queries.unit_tree(session),
            kinds=[
                (kind.value, gettext(label), ", ".join(names[i] for i in sorted(brought[kind])))
                for kind, label in POST_KINDS.items()
            ],
        )
        return page, faults.status

    @expose("/<int(max=2147483647):pk>/posts/<int(max=2147483647):post_pk>/end", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def end(self, pk: int, post_pk: int) -> Any:
        """End a post with its last day; the row stays."""
        post = queries.post_of(db.session(), pk, post_pk)
        faults = Faults()
        values: Any = {"valid_to": clock.today().strftime("%d/%m/%Y")}
        if request.method == "POST":
            values = request.form
            at_once = "at_once" in values
            last = (
                clock.today() - timedelta(days=1)
                if at_once
                else typed_day("valid_to", N_("Last day in the post"), faults)
            )
            if last is None and not faults:
                label = {"label": N_("Last day in the post")}
                faults.add(Obstacle(N_("%(label)s: missing. Enter it."), "valid_to", label, "missing"))
            if last is not None:
                try:
                    parties.end_post(current_actor(), post_pk, last, expected_version=typed_number("version"))
                except DomainError as error:
                    faults.errors.append(error)
                    post = queries.post_of(db.session(), pk, post_pk)
                else:
                    flash(gettext("The post ends with %(day)s.", day=last.strftime("%d/%m/%Y")), "success")
                    return redirect(url_for("PeopleView.show", pk=pk))
        person = queries.person(db.session(), pk)
        page = self.render_template(
            "people/end.html", title=gettext("End a post"), person=person, post=post, values=values, faults=faults
        )
        return page, faults.status


def _unit(kind: str, faults: Faults) -> int | None:
    """The unit that the form means: chosen from the own tree, or an outside organisation chosen or typed in full."""
    session = db.session()
    if kind != PostKind.OUTSIDE:
        unit_id = typed_number("unit_id")
        if unit_id is None or session.get(Organisation, unit_id) is None:
            label = {"label": N_("Unit")}
            faults.add(Obstacle(N_("%(label)s: missing. Choose one."), "unit_id", label, "missing"))
            return None
        return unit_id
    chosen, name = typed_number("outside_id"), typed("outside")
    if name and chosen is not None and session.get(Organisation, chosen) is not None:
        return chosen
    found = organisation_named(session, name) if name else None
    if found is None:
        message = N_("%(label)s: choose an organisation from the suggestions; add it to the catalogue if it is new.")
        faults.add(Obstacle(message, "outside", {"label": N_("Outside organisation")}, "unknown"))
        return None
    return found.id


def _post_state(post: Post) -> str:
    today = clock.today()
    if post.valid_from > today:
        return "to_come"
    return "ended" if post.valid_to is not None and post.valid_to < today else "held"


def _held_today(person: Person) -> list[Post]:
    return [post for post in person.posts if _post_state(post) == "held"]


def _rights(person: Person) -> dict[str, Any]:
    """What the person may do today, from which role, and which post brings that role; and the answer to “why”."""
    session = db.session()
    names, of_roles = role_queries.role_names(session), role_queries.grants(session)
    of_kinds = role_queries.roles_of_kinds(session)
    because: dict[int, list[str]] = {}
    for post in _held_today(person):
        for role_id in of_kinds.get(post.kind, ()):
            because.setdefault(role_id, []).append(gettext("because of the post %(post)s", post=post))
    for role_id in role_queries.roles_of_account(session, person.user_id):
        because.setdefault(role_id, []).append(gettext("given to the account itself"))
    sources: dict[role_queries.Pair, list[int]] = {}
    for role_id in sorted(because):
        for pair in of_roles[role_id]:
            sources.setdefault(pair, []).append(role_id)
    asked = _asked()
    elsewhere = [i for i, pairs in of_roles.items() if asked in pairs]
    return {
        "roles": [(role_id, names[role_id], reasons) for role_id, reasons in sorted(because.items())],
        "role_names": names,
        "sources": sources,
        "because": because,
        "rights": grouped(list(sources)),
        "askable": grouped(list(role_queries.permission_rows(session))),
        "asked": asked,
        "asked_label": pair_label(asked) if asked else "",
        "elsewhere": [
            (names[i], [kind_label(kind) for kind, ids in of_kinds.items() if i in ids]) for i in sorted(elsewhere)
        ],
        "noun_label": noun_label,
        "verb_label": verb_label,
    }


def _asked() -> role_queries.Pair | None:
    noun, _, verb = request.args.get("why", "")[:80].partition(".")
    if not noun or not verb:
        return None
    if (noun, verb) not in role_queries.permission_rows(db.session()):
        abort(404)
    return noun, verb

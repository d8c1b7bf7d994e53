"""Roles (vai trò): what each allows, which posts bring it, and what a change would do to whom (212/17.1)."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext

from app import clock
from app.errors import DomainError, NotFound
from app.extensions import db
from app.operations import roles
from app.queries import roles as queries
from app.queries.roles import Pair
from app.request import current_actor
from app.rules.permissions import POST_KINDS, STARTING_ROLES
from app.views.administration import (
    Faults,
    grouped,
    history,
    kind_label,
    may,
    noun_label,
    pair_label,
    typed,
    verb_label,
)
from app.vocabulary import PostKind


class RoleView(BaseView):
    """Vai trò: list, permissions with a preview before they change, and the roles that posts bring."""

    route_base = "/roles"
    class_permission_name = "role"
    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> Any:
        """Roles: how many rights, from which posts, held by how many today, and whether the start was changed."""
        session = db.session()
        of_roles, of_kinds = queries.grants(session), queries.roles_of_kinds(session)
        known = set(queries.permission_rows(session))
        people: dict[int, int] = {}
        for holder in queries.holders(session, clock.today()):
            for role_id in queries.roles_of(holder, of_kinds):
                people[role_id] = people.get(role_id, 0) + 1
        rows = [
            {
                "id": role_id,
                "name": name,
                "rights": len(of_roles[role_id]),
                "kinds": [kind_label(kind) for kind in PostKind if role_id in of_kinds[kind]],
                "people": people.get(role_id, 0),
                "edited": _differs(name, of_roles[role_id], known),
            }
            for role_id, name in queries.role_names(session).items()
        ]
        return self.render_template("roles/list.html", title=gettext("Roles"), rows=rows, may=may)

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def new(self) -> Any:
        """Add a role, empty at first."""
        faults = Faults()
        if request.method == "POST":
            try:
                role = roles.add_role(current_actor(), typed("name"))
            except DomainError as error:
                faults.errors.append(error)
            else:
                flash(gettext("The role %(name)s is added. Tick what it allows.", name=role.name), "success")
                return redirect(url_for("RoleView.show", pk=role.id))
        page = self.render_template("roles/new.html", title=gettext("Add a role"), values=request.form, faults=faults)
        return page, faults.status

    @expose("/<int(max=2147483647):pk>")
    @has_access
    @permission_name("show")
    def show(self, pk: int) -> Any:
        """The role's rights as ticks, with what differs from the start; ``?start=1`` ticks the start."""
        session = db.session()
        name, held = _role(pk)
        start = STARTING_ROLES.get(name)
        ticked = held
        if start is not None and "start" in request.args:
            ticked = start & set(queries.permission_rows(session))
        return self._page(pk, ticked, Faults())

    def _page(self, pk: int, ticked: frozenset[Pair], faults: Faults) -> Any:
        session = db.session()
        name, held = _role(pk)
        rows = queries.permission_rows(session)
        of_kinds = queries.roles_of_kinds(session)
        start = STARTING_ROLES.get(name)
        page = self.render_template(
            "roles/show.html",
            title=name,
            pk=pk,
            held=held,
            ticked=ticked,
            start=start & set(rows) if start is not None else None,
            differs=_differs(name, held, set(rows)),
            rights=grouped(list(rows)),
            kinds=[kind_label(kind) for kind in PostKind if pk in of_kinds[kind]],
            people=[
                holder for holder in queries.holders(session, clock.today()) if pk in queries.roles_of(holder, of_kinds)
            ],
            faults=faults,
            entries=history(session, "role", [pk], limit=30),
            noun_label=noun_label,
            verb_label=verb_label,
            may=may,
        )
        return page, faults.status

    @expose("/<int(max=2147483647):pk>/rights", methods=["POST"])
    @has_access
    @permission_name("edit")
    def change(self, pk: int) -> Any:
        """First what would happen to whom, then, confirmed, the change itself."""
        session = db.session()
        name, held = _role(pk)
        wanted, seen = _pairs("grant"), _pairs("seen")
        if request.form.get("step") == "save":
            try:
                roles.set_grants(current_actor(), pk, wanted, seen=seen)
            except NotFound:
                raise
            except DomainError as error:
                return self._page(pk, wanted, Faults([error]))
            flash(gettext("The role %(name)s is changed. It holds from the next page on.", name=name), "success")
            return redirect(url_for("RoleView.show", pk=pk))
        known = set(queries.permission_rows(session))
        wanted &= known
        if wanted == held:
            flash(gettext("Nothing was changed."), "info")
            return redirect(url_for("RoleView.show", pk=pk))
        return self.render_template(
            "roles/preview.html",
            title=gettext("Change the role %(name)s", name=name),
            action=url_for("RoleView.change", pk=pk),
            back=url_for("RoleView.show", pk=pk),
            fields=[
                *(("grant", ".".join(pair)) for pair in sorted(wanted)),
                *(("seen", ".".join(pair)) for pair in sorted(seen)),
            ],
            added=[pair_label(p) for p in _flat(wanted - held)],
            removed=[pair_label(p) for p in _flat(held - wanted)],
            impacts=_impacts(grants_after={pk: frozenset(wanted)}),
        )

    @expose("/posts", methods=["GET"])
    @has_access
    @permission_name("show")
    def posts(self) -> Any:
        """Which kind of post brings which roles."""
        return self._posts_page(queries.roles_of_kinds(db.session()), Faults())

    def _posts_page(self, ticked: Mapping[str, frozenset[int]], faults: Faults) -> Any:
        session = db.session()
        page = self.render_template(
            "roles/posts.html",
            title=gettext("Roles of posts"),
            kinds=[(kind.value, gettext(label)) for kind, label in POST_KINDS.items()],
            names=queries.role_names(session),
            ticked=ticked,
            held=queries.roles_of_kinds(session),
            faults=faults,
            entries=history(session, "role", [kind.value for kind in PostKind], limit=20),
            may=may,
        )
        return page, faults.status

    @expose("/posts", methods=["POST"])
    @has_access
    @permission_name("edit")
    def change_posts(self) -> Any:
        """First what would happen to whom, then, confirmed, the change itself."""
        wanted, seen = _ids_of_kinds("role"), _ids_of_kinds("seen")
        if request.form.get("step") == "save":
            try:
                roles.set_roles_of_posts(current_actor(), wanted, seen=seen)
            except DomainError as error:
                return self._posts_page(wanted, Faults([error]))
            flash(gettext("The roles of posts are changed. They hold from the next page on."), "success")
            return redirect(url_for("RoleView.posts"))
        session = db.session()
        names, held = queries.role_names(session), queries.roles_of_kinds(session)
        wanted = {kind: ids & names.keys() for kind, ids in wanted.items()}
        if wanted == held:
            flash(gettext("Nothing was changed."), "info")
            return redirect(url_for("RoleView.posts"))
        return self.render_template(
            "roles/preview.html",
            title=gettext("Change the roles of posts"),
            action=url_for("RoleView.change_posts"),
            back=url_for("RoleView.posts"),
            fields=[
                (field, f"{kind}.{role_id}")
                for field, of_kinds in (("role", wanted), ("seen", seen))
                for kind, ids in of_kinds.items()
                for role_id in sorted(ids)
            ],
            added=[f"{kind_label(k)}: {names[i]}" for k in PostKind for i in sorted(wanted[k] - held[k])],
            removed=[f"{kind_label(k)}: {names[i]}" for k in PostKind for i in sorted(held[k] - wanted[k])],
            impacts=_impacts(kinds_after=wanted),
        )


def _role(pk: int) -> tuple[str, frozenset[Pair]]:
    session = db.session()
    name = queries.role_names(session).get(pk)
    if name is None:
        raise NotFound
    return name, queries.grants(session)[pk]


def _pairs(field: str) -> frozenset[Pair]:
    """Rights that the form names as ``noun.verb``."""
    found = set()
    for text in request.form.getlist(field):
        noun, _, verb = text.partition(".")
        found.add((noun, verb))
    return frozenset(found)


def _ids_of_kinds(field: str) -> dict[str, frozenset[int]]:
    """Roles of every kind of post, as the form names them (``kind.role id``)."""
    found: dict[str, set[int]] = {kind.value: set() for kind in PostKind}
    for text in request.form.getlist(field):
        kind, _, number = text.partition(".")
        if kind in found and number.isascii() and number.isdigit() and len(number) < 10:
            found[kind].add(int(number))
    return {kind: frozenset(ids) for kind, ids in found.items()}


def _differs(name: str, held: frozenset[Pair], known: set[Pair]) -> bool:
    """Whether a role of the start holds something else now; roles that the IT centre made have no start."""
    return name in STARTING_ROLES and held != STARTING_ROLES[name] & known


def _flat(pairs: frozenset[Pair]) -> list[Pair]:
    return [pair for group in grouped(list(pairs)).values() for pair in group]


def _impacts(**after: Any) -> list[dict[str, Any]]:
    """Who gains and who loses what, as the preview shows it; the largest group first."""
    found = queries.impact(db.session(), clock.today(), **after)
    return [
        {
            "gained": [pair_label(p) for p in _flat(each.gained)],
            "lost": [pair_label(p) for p in _flat(each.lost)],
            "people": sorted(each.people, key=lambda one: not one.has_account),
            "without_account": sum(not one.has_account for one in each.people),
        }
        for each in sorted(found, key=lambda i: -len(i.people))
    ]

"""Accounts (tài khoản): open, unlock, new password, disable, enable; each by its operation, on record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, flash, jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext

from app import clock
from app.errors import DomainError, Obstacle, Refused
from app.extensions import db
from app.operations import accounts
from app.queries import people as queries
from app.queries.leavers import released
from app.queries.settings import setting
from app.request import current_actor
from app.rules import accounts as rules
from app.rules.text import words
from app.views.administration import Faults, history, may, place, typed, typed_person
from app.vocabulary import N_, PostKind

STATES = {
    "active": N_("Active"),
    "locked": N_("Locked"),
    "disabled": N_("Disabled"),
    "assigned": N_("With a password given by an administrator"),
}


@dataclass(frozen=True)
class AccountState:
    """How an account stands, in words, and the colour of its tag."""

    name: str
    label: str
    colour: str


def account_state(row: queries.AccountRow) -> AccountState:
    """Disabled, locked until when, to change the password first, or active."""
    account = row.account
    if not account.user.active:
        return AccountState("disabled", gettext("Disabled"), "")
    if account.locked_until is not None and account.locked_until > clock.now():
        until = clock.in_vietnam(account.locked_until).strftime("%d/%m/%Y %H:%M")
        return AccountState("locked", gettext("Locked until %(until)s", until=until), "late")
    today = clock.today()
    posts = row.person.posts if row.person is not None else ()
    administrator = any(
        p.kind == PostKind.IT_CENTRE and p.valid_from <= today and (p.valid_to is None or p.valid_to >= today)
        for p in posts
    )
    due = rules.must_change(
        account.password_origin,
        demo_allowed=current_app.config["DEMO"],
        age_days=(clock.now() - account.password_changed_at).days,
        profile=_profile() if administrator else None,
    )
    if due:
        return AccountState("due", gettext("Must change the password"), "soon")
    return AccountState("active", gettext("Active"), "good")


def _profile() -> rules.PasswordProfile:
    return rules.PROFILES[setting(db.session(), "password_profile")]


class AccountView(BaseView):
    """Tài khoản: list, an account's page with its sign-ins, and what the IT centre may do to it."""

    route_base = "/accounts"
    class_permission_name = "account"
    default_view = "list"

    @expose("/")
    @has_access
    @permission_name("list")
    def list(self) -> Any:
        """Accounts with state and last sign-in."""
        args = request.args
        state = {"q": args.get("q", "")[:100], "state": args.get("state", "")}
        if state["state"] not in STATES:
            state["state"] = ""
        page = queries.accounts(
            db.session(),
            state["q"],
            state=state["state"],
            after=args.get("after", "")[:500],
            before=args.get("before", "")[:500],
        )
        return self.render_template(
            "accounts/list.html",
            title=gettext("Accounts"),
            page=page,
            state=state,
            states={name: gettext(label) for name, label in STATES.items()},
            account_state=account_state,
            address=place("AccountView.list", state),
            may=may,
        )

    @expose("/<int(max=2147483647):pk>")
    @has_access
    @permission_name("show")
    def show(self, pk: int) -> Any:
        """State, sign-ins and acts of one account."""
        return self._page(pk, Faults())

    def _page(self, pk: int, faults: Faults) -> Any:
        row = queries.account(db.session(), pk)
        page = self.render_template(
            "accounts/show.html",
            title=row.account.user.username,
            row=row,
            state=account_state(row),
            own=pk == current_actor().user_id,
            let_go=row.person is not None and released(db.session(), row.person.id),
            entries=history(db.session(), "account", [pk], limit=60),
            faults=faults,
            may=may,
        )
        return page, faults.status

    @expose("/people")
    @has_access
    @permission_name("add")
    def people(self) -> Any:
        """Suggestions as JSON ``[{id, label, hint}]`` for ``?q=``."""
        found = queries.find_people(db.session(), request.args.get("q", "")[:100])
        return jsonify([{"id": each.id, "label": each.name, "hint": each.hint} for each in found])

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def new(self) -> Any:
        """Open an account for a person; the password is shown once, on the answer to this very form."""
        session = db.session()
        faults = Faults()
        values: Any = {"how": "generate"}
        given = request.args.get("person", "")
        if given.isdigit() and len(given) < 10:
            person = queries.person(session, int(given))
            values |= {"person": person.full_name, "person_id": person.id, "username": _suggested(person.full_name)}
        if request.method == "POST":
            values = request.form
            person_id = typed_person(session, "person", N_("Person"), faults)
            password = self._password(faults)
            if not faults and person_id is not None and password:
                try:
                    account = accounts.open_account(current_actor(), person_id, typed("username"), password)
                except DomainError as error:
                    faults.errors.append(error)
                else:
                    return self._given(account.user_id, password, gettext("The account is open"))
        page = self.render_template(
            "accounts/open.html", title=gettext("Open an account"), values=values, faults=faults, profile=_profile()
        )
        return page, faults.status

    @expose("/<int(max=2147483647):pk>/password", methods=["GET", "POST"])
    @has_access
    @permission_name("assign_password")
    def assign_password(self, pk: int) -> Any:
        """Give a new password; its owner must change it at the next sign-in."""
        row = queries.account(db.session(), pk)
        faults = Faults()
        if request.method == "POST":
            password = self._password(faults)
            if not faults and password:
                try:
                    accounts.assign_password(current_actor(), pk, password)
                except DomainError as error:
                    faults.errors.append(error)
                else:
                    return self._given(pk, password, gettext("The new password is set"))
        page = self.render_template(
            "accounts/assign.html",
            title=gettext("Give a new password"),
            row=row,
            values=request.form if request.method == "POST" else {"how": "generate"},
            faults=faults,
            profile=_profile(),
        )
        return page, faults.status

    def _password(self, faults: Faults) -> str:
        """The password typed, or a random one when the form asks for it."""
        if request.form.get("how") != "type":
            return accounts.suggest_password()
        password = request.form.get("password", "")
        if not password:
            faults.add(Obstacle(N_("%(label)s: missing. Enter it."), "password", {"label": N_("Password")}, "missing"))
        elif password != request.form.get("again", ""):
            faults.add(Obstacle(N_("Repeat the new password: the two differ. Type both again."), "again"))
        return password

    def _given(self, user_id: int, password: str, heading: str) -> Any:
        """The only page that ever shows a password: never stored, never in an address, not kept by browsers."""
        row = queries.account(db.session(), user_id)
        shown = password if request.form.get("how") != "type" else ""
        return self.render_template("accounts/given.html", title=heading, row=row, password=shown)

    @expose("/<int(max=2147483647):pk>/unlock", methods=["POST"])
    @has_access
    @permission_name("unlock")
    def unlock(self, pk: int) -> Any:
        """Unlock after too many wrong passwords."""
        return self._act(accounts.unlock, pk, gettext("The account is unlocked."))

    @expose("/<int(max=2147483647):pk>/disable", methods=["POST"])
    @has_access
    @permission_name("disable")
    def disable(self, pk: int) -> Any:
        """Disable; open sessions end at once."""
        return self._act(accounts.disable, pk, gettext("The account is disabled; its open sessions have ended."))

    @expose("/<int(max=2147483647):pk>/enable", methods=["POST"])
    @has_access
    @permission_name("enable")
    def enable(self, pk: int) -> Any:
        """Let it be used again."""
        return self._act(accounts.enable, pk, gettext("The account is active again."))

    def _act(self, act: Callable[..., Any], pk: int, done: str) -> Any:
        try:
            act(current_actor(), pk)
        except Refused as error:
            return self._page(pk, Faults([error]))
        flash(done, "success")
        return redirect(url_for("AccountView.show", pk=pk))


def _suggested(full_name: str) -> str:
    """A user name as offices form it: given name, then the initials before it (Lê Thị Hạnh: hanhlt)."""
    parts = words(full_name)
    return (parts[-1] + "".join(part[0] for part in parts[:-1]))[:64] if parts else ""

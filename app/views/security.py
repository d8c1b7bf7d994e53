"""Sign in and out, and every check of a right: Flask-AppBuilder's security manager on posts held today."""

import logging
from typing import Any

from flask import Response, current_app, flash, g, jsonify, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import Role, User
from flask_appbuilder.security.views import AuthDBView
from flask_appbuilder.utils.base import get_safe_redirect
from flask_jwt_extended import JWTManager
from flask_login import current_user, login_user, logout_user

from app import clock
from app.actor import Actor
from app.extensions import db
from app.messages import as_json, say
from app.models import Account
from app.operations import accounts
from app.queries.actors import actor_for, role_ids, signed_in
from app.queries.settings import setting
from app.request import API_PREFIX, current_actor, remote_addr, request_id
from app.rules import accounts as rules
from app.rules.lifecycle import permission_key
from app.views.session_over import session_over
from app.vocabulary import PostKind, Via

log = logging.getLogger(__name__)
OPEN_WHILE_MUST_CHANGE = frozenset({"static", "appbuilder.static"})
FAB_SCREENS = {"OpenApi": ("api", "use"), "SwaggerView": ("api", "use")}
"""Screens that Flask-AppBuilder brings along, and which of our permissions opens them."""
MENU_PERMISSIONS = {
    "waiting": permission_key("incoming", "register"),
    "settling": permission_key("assignment", "follow"),
    "follow": permission_key("assignment", "follow"),
    "leavers": permission_key("person", "hand_over"),
}
"""Menu entries that are no noun, and which permission makes them useful."""
CHANGE_PASSWORD = "PasswordView.change"  # noqa: S105 - an endpoint
USE_API = permission_key("api", "use")
SIGNED_OUT, PASSWORD_DUE = "signed_out", "password_change_due"
"""Why a session or token does not serve, as programs are told."""


class LoginView(AuthDBView):
    """Đăng nhập, đăng xuất. Says why it failed and what to do next; keeps the user name typed."""

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        """Show the form; sign in; go where the person wanted to go."""
        home = self.appbuilder.get_url_for_index
        target = get_safe_redirect(request.args["next"]) if request.args.get("next") else home
        if g.user is not None and g.user.is_authenticated:
            return redirect(target)
        form = LoginForm_db()
        status = 200
        if form.validate_on_submit():
            try:
                user = accounts.sign_in(
                    form.username.data, form.password.data, request_id=request_id(), remote_addr=remote_addr()
                )
            except accounts.SignInRefused as refusal:
                form.password.data = ""
                for obstacle in refusal.obstacles:
                    flash(say(obstacle), "danger")
                status = _status_of(refusal)
            else:
                session.clear()  # a session made before signing in must not become a signed-in one
                login_user(user, remember=False)
                session["mark"] = db.session.get_one(Account, user.id).session_mark
                session["signed_in_at"] = clock.now()
                return redirect(target)
        page = self.render_template(self.login_template, title=self.title, form=form, appbuilder=self.appbuilder)
        return page, status

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Response:
        """Sign out; a POST with a token, so that no foreign page can do it."""
        if g.user is not None and g.user.is_authenticated:
            accounts.sign_out(current_actor())
        logout_user()
        session.clear()
        return redirect(url_for("LoginView.login"))  # type: ignore[return-value]


class TokenApi(SecurityApi):
    """Tokens for programs; says why there is none, as the sign-in page does."""

    @expose("/login", methods=["POST"])
    def login(self) -> Response:
        answer = super().login()
        refusal: accounts.SignInRefused | None = g.get("sign_in_refused")
        if refusal is None:
            return answer
        return self.response(_status_of(refusal), message="Not authorized", obstacles=as_json(refusal))

    login.__doc__ = SecurityApi.login.__doc__


def _status_of(refusal: accounts.SignInRefused) -> int:
    return 429 if refusal.obstacles[0].code == accounts.CROWDED.code else 401


class OfficeSecurityManager(SecurityManager):
    """Rights come from the posts held today; every check of Flask-AppBuilder goes through this class.

    Its own screens for users and roles are not registered: ours change rights by operations.
    """

    authdbview = LoginView
    security_api = TokenApi

    def register_views(self) -> None:
        """Only the sign-in page and the token routes of the REST API."""
        self.appbuilder.add_api(self.security_api)
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)

    def create_jwt_manager(self, app: Any) -> JWTManager:
        """Tokens carry the mark of the account, as sessions do, and say why they no longer serve."""
        manager = super().create_jwt_manager(app)
        manager.additional_claims_loader(
            lambda user_id: {"mark": db.session.get_one(Account, int(user_id)).session_mark}
        )
        manager.user_lookup_error_loader(_token_refused)
        return manager

    def load_user(self, pk: int) -> User | None:
        """The owner of a session or token while the account is active, read together with its state for the guard."""
        user, g.account = signed_in(db.session(), int(pk))
        return user if user is not None and user.is_active else None

    def load_user_jwt(self, _jwt_header: dict[str, Any], jwt_data: dict[str, Any]) -> User | None:
        """The owner of an access or refresh token, judged like an open session; ``None``: it does not serve."""
        user = super().load_user_jwt(_jwt_header, jwt_data)
        if user is None:
            return None
        g.pop("actor", None)  # a cookie beside the token may be somebody else's
        g.token_refusal = why_refused(db.session.get(Account, user.id), jwt_data.get("mark"))
        if not g.token_refusal:
            return user
        g.user = self.lm.anonymous_user()
        g.pop("actor", None)
        return None

    def auth_user_db(self, username: str, password: str) -> User | None:
        """Password check of the REST token route; the same operation as the sign-in page."""
        try:
            return accounts.sign_in(
                username or "", password or "", via=Via.API, request_id=request_id(), remote_addr=remote_addr()
            )
        except accounts.SignInRefused as refusal:
            g.sign_in_refused = refusal
            return None

    def auth_user_ldap(self, username: str, password: str) -> None:  # noqa: ARG002
        """Nobody: only passwords of this program count, with their lockout and their record."""
        _refuse_elsewhere("LDAP")

    def auth_user_oauth(self, userinfo: Any) -> None:  # noqa: ARG002
        """Nobody, see :meth:`auth_user_ldap`."""
        _refuse_elsewhere("OAuth")

    def auth_user_remote_user(self, username: str) -> None:  # noqa: ARG002
        """Nobody, see :meth:`auth_user_ldap`."""
        _refuse_elsewhere("REMOTE_USER")

    def auth_user_saml(self, userinfo: Any) -> None:  # noqa: ARG002
        """Nobody, see :meth:`auth_user_ldap`."""
        _refuse_elsewhere("SAML")

    def get_user_roles(self, user: Any) -> list[Role]:
        """Roles of the posts held today, of the account itself, and of its groups."""
        if not user.is_authenticated:
            return []
        actor = current_actor()
        if actor.user_id != user.id:
            actor = actor_for(db.session(), user, Via.WEB)
        ids = role_ids(db.session(), user.id, actor.posts)
        return [db.session.get_one(Role, role_id) for role_id in sorted(ids)]

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Deny by default; Flask-AppBuilder's "Admin" counts for nothing beyond what its rows grant.

        Every address of the interface for programs also asks for the right to use that interface.
        """
        granted = current_actor().permissions
        if request.path.startswith(API_PREFIX) and USE_API not in granted:
            return False
        if view_name in FAB_SCREENS:  # opened by a permission of ours
            view_name, permission_name = FAB_SCREENS[view_name]
        return permission_key(view_name, permission_name.removeprefix("can_")) in granted

    def is_item_public(self, permission_name: str, view_name: str) -> bool:  # noqa: ARG002
        """Nothing is public."""
        return False

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:
        """A menu entry carries the noun of its screen and is shown to whoever may open it."""
        granted = current_actor().permissions
        shown = {
            n
            for n in menu_names or []
            if {permission_key(n, "list"), permission_key(n, "show"), MENU_PERMISSIONS.get(n, "")} & granted
        }
        for item in self.appbuilder.menu.menu:
            if item.childs and any(child.name in shown for child in item.childs):
                shown.add(item.name)
        return shown


def must_change_password(actor: Actor, account: Account) -> bool:
    """Whether this person must choose a new password before anything else."""
    administrator = any(post.kind == PostKind.IT_CENTRE for post in actor.posts)
    return rules.must_change(
        account.password_origin,
        demo_allowed=current_app.config["DEMO"],
        age_days=(clock.now() - account.password_changed_at).days,
        # the profile limits the age of administrators' passwords alone: nobody else's request asks for it
        profile=rules.PROFILES[setting(db.session(), "password_profile")] if administrator else None,
    )


def why_refused(account: Account | None, mark: Any) -> str:
    """Why a session or token of the present user with this mark does not serve; empty when it does.

    ``SIGNED_OUT``: the account's mark changed since (signed out, password changed or given, disabled).
    ``PASSWORD_DUE``: only the change of password is open.
    """
    if account is None or mark != account.session_mark:
        return SIGNED_OUT
    return PASSWORD_DUE if must_change_password(current_actor(), account) else ""


def _token_refused(_jwt_header: Any, _jwt_data: Any) -> Any:
    reason = g.get("token_refusal") or SIGNED_OUT
    return jsonify(message=reason), 403 if reason == PASSWORD_DUE else 401


def _refuse_elsewhere(kind: str) -> None:
    log.warning("sign-in by %s from %s refused: only passwords of this program count", kind, remote_addr())


def guard() -> Any:
    """Before each request: end sessions whose mark or time is gone, hold people to a due change of password."""
    if request.endpoint in OPEN_WHILE_MUST_CHANGE or request.endpoint is None or not g.user.is_authenticated:
        return None
    account = db.session.get(Account, g.user.id)
    refusal = why_refused(account, session.get("mark"))
    if refusal == SIGNED_OUT or rules.session_over(session.get("signed_in_at"), clock.now()):
        logout_user()
        session.clear()
        g.user = current_user
        g.pop("actor", None)
        if request.path.startswith(API_PREFIX):
            return {"message": SIGNED_OUT}, 401
        if request.method == "POST":
            return session_over(401)
        return redirect(url_for("LoginView.login", next=request.full_path))
    free = {CHANGE_PASSWORD, "LoginView.logout", "LocaleView.index"}
    if request.endpoint not in free and refusal == PASSWORD_DUE:
        if request.path.startswith(API_PREFIX):
            return {"message": PASSWORD_DUE}, 403
        return redirect(url_for(CHANGE_PASSWORD))
    return None


def init_guard(app: Any) -> None:
    """Install :func:`guard` after Flask-AppBuilder's own hook that sets ``g.user``."""
    app.before_request(guard)

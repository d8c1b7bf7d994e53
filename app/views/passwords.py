"""Change the own password."""

from typing import Any

from flask import flash, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext

from app.errors import Obstacle, Refused
from app.extensions import appbuilder, db
from app.messages import by_field, translated
from app.models import Account
from app.operations import accounts
from app.queries.settings import setting
from app.request import current_actor
from app.rules.accounts import PROFILES
from app.views.security import must_change_password
from app.vocabulary import N_


class PasswordView(BaseView):
    """Đổi mật khẩu của chính mình; the only page open while a change is due."""

    route_base = "/password"
    default_view = "change"

    @expose("/", methods=["GET", "POST"])
    def change(self) -> Any:
        """The form, the rules it follows, and what is wrong with what was typed."""
        actor = current_actor()
        if actor.user_id is None:
            return redirect(url_for(f"{appbuilder.sm.auth_view.endpoint}.login"))
        obstacles: tuple[Obstacle, ...] = ()
        errors: Any = {}
        if request.method == "POST":
            try:
                if request.form.get("new", "") != request.form.get("again", ""):
                    raise Refused(Obstacle(N_("Repeat the new password: the two differ. Type both again."), "again"))
                account = accounts.change_password(actor, request.form.get("current", ""), request.form.get("new", ""))
            except Refused as error:
                errors, obstacles = by_field(error), tuple(translated(o) for o in error.obstacles)
            else:
                session["mark"] = account.session_mark
                flash(gettext("Your password is changed. Your other sessions are signed out."), "success")
                return redirect(appbuilder.get_url_for_index)
        account = db.session.get_one(Account, actor.user_id)
        page = self.render_template(
            "accounts/password.html",
            profile=PROFILES[setting(db.session(), "password_profile")],
            due=must_change_password(actor, account),
            errors=errors,
            obstacles=obstacles,
        )
        return page, 422 if obstacles else 200

"""The home page: what is there to do, and what came in last."""

from typing import Any

from flask import redirect, url_for
from flask_appbuilder import IndexView, expose

from app.extensions import db
from app.operations.incoming import subject_of
from app.queries import incoming
from app.request import current_actor, other_powers
from app.rules import incoming as rules
from app.rules.lifecycle import allowed, permission_key


class DeskView(IndexView):
    """Bàn làm việc."""

    class_permission_name = "desk"

    @expose("/")
    def index(self) -> Any:
        """The desk of whoever is signed in; everybody else signs in first."""
        actor = current_actor()
        if actor.user_id is None:
            return redirect(url_for("LoginView.login"))
        self.update_redirect()
        may_read = permission_key(rules.NOUN, "list") in actor.permissions
        return self.render_template(
            "desk/index.html",
            actor=actor,
            may_register=any(
                allowed(rules.REGISTER, each, subject_of(db.session(), each, None)) for each in (actor, *other_powers())
            ),
            may_read=may_read,
            latest=incoming.latest(db.session(), actor) if may_read else (),
        )

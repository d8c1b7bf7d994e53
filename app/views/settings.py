"""Settings (thiết lập): one page made from their definitions; each change on record."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext, ngettext

from app.errors import DomainError
from app.extensions import db
from app.operations import settings as operations
from app.queries.settings import settings
from app.request import current_actor
from app.rules.settings import DEFINITIONS
from app.views.administration import Faults, history, may

SEEN = "seen_"


class SettingView(BaseView):
    """Thiết lập: all of them on one page, with hints, and what was changed before."""

    route_base = "/settings"
    class_permission_name = "setting"
    default_view = "show"

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("show")
    def show(self) -> Any:
        """The settings as they are."""
        now = {name: str(value) for name, value in settings(db.session()).items()}
        return self._page(now, now, Faults())

    @expose("/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def change(self) -> Any:
        """Save them, or say beside each field what is wrong."""
        raw = {name: request.form[name][:2000] for name in DEFINITIONS if name in request.form}
        seen = {name: request.form[SEEN + name] for name in DEFINITIONS if SEEN + name in request.form}
        now = {name: str(value) for name, value in settings(db.session()).items()}
        try:
            changed = operations.change(current_actor(), raw, seen=seen)
        except DomainError as error:
            return self._page({**now, **raw}, now, Faults([error]))
        if changed:
            count = len(changed)
            flash(ngettext("%(num)s setting is changed.", "%(num)s settings are changed.", count), "success")
        else:
            flash(gettext("Nothing was changed."), "info")
        return redirect(url_for("SettingView.show"))

    def _page(self, values: dict[str, str], now: dict[str, str], faults: Faults) -> Any:
        page = self.render_template(
            "settings/show.html",
            title=gettext("Settings"),
            definitions=DEFINITIONS.values(),
            values=values,
            now=now,
            seen=SEEN,
            faults=faults,
            entries=history(db.session(), "setting", list(DEFINITIONS), limit=20),
            may=may,
        )
        return page, faults.status

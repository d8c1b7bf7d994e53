"""Screens: Flask-AppBuilder views that turn forms into an actor and plain values, and call operations."""

from typing import Any

from flask import Flask, render_template
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import HTTPException

from app.errors import DomainError


def register(app: Flask, appbuilder: AppBuilder) -> None:
    """All screens, in the order of the menu. A menu entry carries the noun whose ``list`` or ``show`` opens it."""
    from app.views.governed import error_page
    from app.views.incoming import IncomingView
    from app.views.passwords import PasswordView
    from app.views.uploads import FileView, LookupView

    appbuilder.add_view(
        IncomingView,
        "incoming",
        label=_("Incoming register"),
        icon="fa-inbox",
        category="register",
        category_label=_("Documents"),
    )
    appbuilder.add_view_no_menu(FileView)
    appbuilder.add_view_no_menu(LookupView)
    appbuilder.add_view_no_menu(PasswordView)
    app.register_error_handler(DomainError, error_page)
    for status in (400, 403, 404, 405, 409, 413, 429, 500, 503):
        app.register_error_handler(status, _plain_error)


def _plain_error(error: HTTPException) -> Any:
    """One calm page for what HTTP itself refuses; the details are in the log, not on the screen."""
    status = error.code or 500
    name = status if status in (400, 403, 404, 409, 413, 429, 500, 503) else 404
    return render_template(f"errors/{name}.html", sentences=[]), status

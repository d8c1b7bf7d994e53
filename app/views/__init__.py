"""Screens: Flask-AppBuilder views that turn forms into an actor and plain values, and call operations."""

from typing import Any

from flask import Flask, render_template, request
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import BadRequest, HTTPException, ServiceUnavailable

from app.errors import DomainError
from app.request import API_PREFIX
from app.rules import signatures


def register(app: Flask, appbuilder: AppBuilder) -> None:
    """All screens, in the order of the menu. A menu entry carries the noun whose ``list`` or ``show`` opens it."""
    from app.views import catalogues
    from app.views.accounts import AccountView
    from app.views.arrivals import WAITING_MENU, ArrivalsView
    from app.views.delegations import DelegationView, MyDelegationView
    from app.views.desk import menu_counts
    from app.views.governed import error_page
    from app.views.handling import AssignmentView, HandlingView
    from app.views.handling_output import HandlingOutputView
    from app.views.incoming import IncomingView
    from app.views.incoming_output import IncomingOutputView
    from app.views.leavers import MENU as LEAVERS_MENU
    from app.views.leavers import LeaverView
    from app.views.notices import NoticeView, bell
    from app.views.passwords import PasswordView
    from app.views.people import PeopleView
    from app.views.roles import RoleView
    from app.views.session_over import TokenView, token_refused
    from app.views.settings import SettingView
    from app.views.settling_list import SETTLING_MENU, SettlingView
    from app.views.uploads import FileView, LookupView, UploadView
    from app.views.work import FOLLOW_MENU, FollowView, WorkView

    appbuilder.add_link("desk", href="/", label=_("Work desk"), icon="fa-home")
    documents = {"category": "register", "category_label": _("Documents")}
    appbuilder.add_view(WorkView, "assignment", label=_("My work"), icon="fa-tasks", **documents)
    appbuilder.add_view(SettlingView, SETTLING_MENU, label=_("Present and assign"), icon="fa-share-square", **documents)
    appbuilder.add_view(FollowView, FOLLOW_MENU, label=_("Follow and chase"), icon="fa-bullhorn", **documents)
    appbuilder.add_view(
        ArrivalsView,
        WAITING_MENU,
        label=_("Waiting to be registered"),
        icon="fa-inbox",
        category="register",
        category_label=_("Documents"),
    )
    appbuilder.add_view(
        IncomingView,
        "incoming",
        label=_("Incoming register"),
        icon="fa-book",
        category="register",
        category_label=_("Documents"),
    )
    catalogues.register(appbuilder)
    administration = {"category": "administration", "category_label": _("Administration")}
    appbuilder.add_view(PeopleView, "person", label=_("People and posts"), icon="fa-users", **administration)
    appbuilder.add_view(AccountView, "account", label=_("Accounts"), icon="fa-id-card", **administration)
    appbuilder.add_view(RoleView, "role", label=_("Roles"), icon="fa-shield", **administration)
    appbuilder.add_view(DelegationView, "delegation", label=_("Delegations"), icon="fa-share", **administration)
    appbuilder.add_view(LeaverView, LEAVERS_MENU, label=_("Hand over work"), icon="fa-exchange", **administration)
    appbuilder.add_view(SettingView, "setting", label=_("Settings"), icon="fa-cog", **administration)
    appbuilder.add_view_no_menu(MyDelegationView)
    appbuilder.add_view_no_menu(IncomingOutputView)
    appbuilder.add_view_no_menu(HandlingView)
    appbuilder.add_view_no_menu(AssignmentView)
    appbuilder.add_view_no_menu(HandlingOutputView)
    appbuilder.add_view_no_menu(FileView)
    appbuilder.add_view_no_menu(UploadView)
    appbuilder.add_view_no_menu(LookupView)
    appbuilder.add_view_no_menu(NoticeView)
    appbuilder.add_view_no_menu(PasswordView)
    appbuilder.add_view_no_menu(TokenView)
    app.jinja_env.filters["signature_lines"] = signatures.lines
    app.jinja_env.globals["bell_of_page"] = bell
    app.jinja_env.globals["counts_of_menu"] = menu_counts
    app.register_error_handler(DomainError, error_page)
    app.register_error_handler(CSRFError, token_refused)
    app.register_error_handler(DataError, lambda _: _plain_error(BadRequest()))
    app.register_error_handler(OperationalError, lambda _: _plain_error(ServiceUnavailable()))
    for status in (400, 403, 404, 405, 409, 413, 429, 500, 503):
        app.register_error_handler(status, _plain_error)


def _plain_error(error: HTTPException) -> Any:
    """One calm page for what HTTP itself refuses; the details are in the log, not on the screen."""
    status = error.code or 500
    if request.path.startswith(API_PREFIX):
        return {"message": error.name}, status
    name = status if status in (400, 403, 404, 409, 413, 429, 500, 503) else 404
    return render_template(f"errors/{name}.html", sentences=[]), status

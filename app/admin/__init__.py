"""Flask-Admin: the technical console of the IT centre at ``/quan-tri``, read-only."""

from flask import Flask
from flask_admin import Admin
from flask_babel import lazy_gettext as _

from app.extensions import appbuilder

ADDRESS = "/quan-tri"


def init_console(app: Flask) -> None:
    """Hang the console on the application, and a link to it into the menu of those who may open it."""
    from app.admin.overview import OverviewView
    from app.admin.views import tables
    from app.request import csp_nonce
    from app.translation import install_admin_translations

    install_admin_translations()
    console = Admin(
        app,
        name="Văn Thư",
        index_view=OverviewView(name=_("Overview"), endpoint="console", url=ADDRESS),
        csp_nonce_generator=csp_nonce,
    )
    for table in tables():
        console.add_view(table)
    appbuilder.add_link(
        "console",
        href=f"{ADDRESS}/",
        label=_("Technical console"),
        icon="fa-terminal",
        category="administration",
        category_label=_("Administration"),
    )

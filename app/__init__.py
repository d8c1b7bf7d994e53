"""Văn Thư: the records-management system of a Vietnamese public office (Decision 212/QĐ-VP, 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Put the application together: configuration, extensions, backends, views, API, console, commands.

    ``config`` is what ``config.load()`` gives; without it the environment is read. No logic here, and no import
    at the top: the supervisor and the workers that open PDFs use parts of the package without any of this.
    """
    from app import api, cli, views
    from app.admin import init_console
    from app.extensions import appbuilder, csrf, db
    from app.request import init_requests
    from app.translation import (
        compile_catalogues,
        install_admin_translations,
        install_form_translations,
        register_filters,
    )
    from app.views.desk import DeskView
    from app.views.security import OfficeSecurityManager, init_guard

    app = create_background_app(config)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(compile_catalogues())
    install_form_translations()
    install_admin_translations()
    register_filters(app)
    if app.config.get("TRUSTED_PROXIES"):
        from werkzeug.middleware.proxy_fix import ProxyFix

        count = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    with app.app_context():
        csrf.init_app(app)
        init_requests(app)
        appbuilder.security_manager_class = OfficeSecurityManager
        appbuilder.indexview = DeskView
        appbuilder.init_app(app, db.session)
        app.jinja_env.globals["appbuilder"] = appbuilder  # pages that no view renders (errors) need the shell too
        init_guard(app)
        views.register(app, appbuilder)
        api.register(app, appbuilder)
        init_console(app)
    cli.register(app)
    return app


def create_background_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Configuration, database and backends: all that operations need, and nothing that a person sees.

    For a process without doors, like that of the jobs: screens, API, console and the libraries under them would cost it
    a third of its memory.
    """
    import logging

    from flask import Flask

    from app import models  # noqa: F401 - they must be known before anything asks for them
    from app.backends import init_backends
    from app.connections import tune
    from app.extensions import db

    app = Flask(__name__)
    if config is None:
        from config import load

        config = load()
    app.config.update(config)
    logging.getLogger("app").setLevel(app.config.get("LOG_LEVEL", "INFO"))
    with app.app_context():
        db.init_app(app)
        tune(db.engines.values())
        init_backends(app)
    return app

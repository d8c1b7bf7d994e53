"""The same table as a plain Flask-AppBuilder list: a model and a ModelView, as its documentation shows them.

Runs on its own, with DATABASE_URL of the owner, whose schema ``plain`` holds the tables of its sign-in.
"""

import os
from datetime import date

import sqlalchemy as sa
from flask import Flask
from flask_appbuilder import AppBuilder, Model, ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.utils.legacy import get_sqla_class
from sqlalchemy.orm import Mapped, mapped_column

from bench.plain_account import PAGE, PASSWORD, USERNAME


class Document(Model):
    """What its list shows of the table ``document``."""

    __tablename__ = "document"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    arrival_number: Mapped[int | None]
    arrival_date: Mapped[date | None]
    number_notation: Mapped[str]
    issuer_name: Mapped[str]
    subject: Mapped[str]
    urgency: Mapped[str]
    state: Mapped[str]

    def __repr__(self) -> str:
        return self.subject


class DocumentView(ModelView):
    """The list as it comes: 25 rows, newest first."""

    datamodel = SQLAInterface(Document)
    list_columns = ["arrival_number", "arrival_date", "number_notation", "issuer_name", "subject", "urgency", "state"]
    search_columns = ["subject", "state", "urgency", "number_notation"]
    base_order = ("arrival_date", "desc")
    page_size = PAGE


def create_app() -> Flask:
    """The application, with an administrator."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="only-for-measuring-0123456789abcdef",  # noqa: S106
        SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"],
        SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"options": "-csearch_path=plain,public"}, "pool_pre_ping": True},
        WTF_CSRF_ENABLED=False,
        AUTH_RATE_LIMITED=False,
        RATELIMIT_ENABLED=False,
        APP_NAME="plain",
    )
    db = get_sqla_class()()
    db.init_app(app)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(sa.text("CREATE SCHEMA IF NOT EXISTS plain"))
            tables = [table for table in Model.metadata.sorted_tables if table.name.startswith("ab_")]
            Model.metadata.create_all(connection, tables=tables)
        builder = AppBuilder(app, db.session)
        builder.add_view(DocumentView, "Documents", category="Records")
        if builder.sm.find_user(USERNAME) is None:
            builder.sm.add_user(USERNAME, "A", "B", "a@example.vn", builder.sm.find_role("Admin"), PASSWORD)
    return app

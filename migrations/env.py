"""Alembic environment: the models' metadata, one transaction, a lock against two migrations at once."""

from typing import Any

from alembic import context
from flask_appbuilder import Model
from sqlalchemy import create_engine, pool, text

import app.models  # noqa: F401 - fills the metadata

MIGRATION_LOCK = 212_2019


def include_object(_item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Monthly partitions of ``access`` are made by the program itself; the rest is compared."""
    return not (kind in ("table", "index") and reflected and compare_to is None and "access_" in (name or ""))


def run_migrations() -> None:
    url = context.config.attributes["url"]
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            include_object=include_object,
            compare_type=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            connection.execute(text("SET LOCAL lock_timeout = '30s'"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            context.run_migrations()
        connection.commit()


run_migrations()

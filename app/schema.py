"""Bring a database's schema to what the program expects: Alembic, driven from code."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import create_engine, make_url, pool

from app.privileges import apply_privileges

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def _config(owner_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(rev)s_%%(slug)s")
    config.attributes["url"] = owner_url
    return config


def head() -> str:
    """The revision this program needs."""
    revision = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if revision is None:
        raise RuntimeError("no migrations found")
    return revision


def current(url: str) -> str | None:
    """The revision a database is at, ``None`` when it was never migrated."""
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(owner_url: str, app_url: str, revision: str = "head") -> None:
    """Migrate as the owner, then give the program's account its privileges. Quick when there is nothing to do."""
    command.upgrade(_config(owner_url), revision)
    engine = create_engine(owner_url, poolclass=pool.NullPool)
    with engine.begin() as connection:
        apply_privileges(connection, make_url(app_url).username or make_url(owner_url).username or "")


def downgrade(owner_url: str, revision: str) -> None:
    """Take migrations back, for the migration tests and for a failed upgrade."""
    command.downgrade(_config(owner_url), revision)


def make_revision(owner_url: str, message: str) -> Path:
    """Write a new migration from the difference between models and database (developers only); gives its file.

    The database is brought to the newest migration first, so an empty one will do. The next number after that
    migration becomes the name of the new one.
    """
    command.upgrade(_config(owner_url), "head")
    written = command.revision(_config(owner_url), message, autogenerate=True, rev_id=f"{int(head()) + 1:04d}")
    if not isinstance(written, Script):
        raise TypeError(written)
    return Path(written.path)

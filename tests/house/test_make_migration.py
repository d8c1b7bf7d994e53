"""The command that writes a migration: numbered, readable, and only against a database that is up to date."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.util import CommandError
from sqlalchemy import URL

from app import schema


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations to write into."""
    copy = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "MIGRATIONS", copy)
    return copy


def test_a_new_migration_follows_the_newest_and_is_numbered_after_it(
    migrations: Path, new_database: Callable[[], tuple[URL, URL]]
) -> None:
    owner, program = (url.render_as_string(hide_password=False) for url in new_database())
    before = schema.head()
    with pytest.raises(CommandError):
        schema.make_revision(owner, "too early")
    schema.upgrade(owner, program)
    written = schema.make_revision(owner, "copies of a document")
    assert written.parent == migrations / "versions"
    assert schema.head() == f"{int(before) + 1:04d}"
    assert written.name.endswith(f"_{schema.head()}_copies_of_a_document.py")
    assert f"down_revision = '{before}'" in written.read_text()

"""The command that writes a migration: it follows the newest one, on whatever database."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL

from app import schema


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations to write into."""
    copy = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "MIGRATIONS", copy)
    return copy


def test_a_new_migration_follows_the_newest_also_on_an_empty_database(
    migrations: Path, new_database: Callable[[], tuple[URL, URL]]
) -> None:
    owner = new_database()[0].render_as_string(hide_password=False)
    before = schema.head()
    written = schema.make_revision(owner, "copies of a document")
    assert written.parent == migrations / "versions"
    assert schema.head() == f"{int(before) + 1:04d}"
    assert written.name.endswith(f"_{schema.head()}_copies_of_a_document.py")
    assert f"down_revision = '{before}'" in written.read_text()

"""First page of the console: is everything well, and where to look if not."""

import platform
import shutil
import tomllib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import current_app
from flask_admin import AdminIndexView, expose
from flask_babel import gettext

from app import clock, schema
from app.admin.gate import Gate
from app.backends import store
from app.extensions import db
from app.queries.health import database_health
from app.queries.jobs import outbox_state, overview
from app.rules.jobs import OUTCOMES, Outcome
from app.storage.base import StorageError
from app.vocabulary import N_

LIBRARIES = ("Flask", "Flask-AppBuilder", "SQLAlchemy", "SQLAlchemy-Continuum", "Flask-Admin", "APScheduler", "psycopg")
OPTIONAL_PROGRAMS: dict[str, str] = {
    "pg_dump": N_("back up the database"),
    "pg_restore": N_("restore the database"),
    "psql": N_("look into the database by hand"),
}
"""Programs of the system that are not needed to run, and what is missing without them."""


@cache
def program_version() -> str:
    """The version of this program, from pyproject.toml beside it."""
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    return tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]


def missing_programs(folder: str) -> dict[str, str]:
    """Optional programs that are neither in ``folder`` nor on the PATH, and what they are for."""
    return {
        name: purpose
        for name, purpose in OPTIONAL_PROGRAMS.items()
        if not (folder and shutil.which(name, path=folder)) and not shutil.which(name)
    }


def free_space() -> int | None:
    """Bytes that the store may still take; ``None`` when it does not answer."""
    try:
        return store().free_space()
    except StorageError:
        return None


class OverviewView(Gate, AdminIndexView):
    """Tình trạng hệ thống."""

    @expose("/")
    def index(self) -> Any:
        """Versions, space, jobs, outbox, separation of accounts, missing programs."""
        session = db.session()
        now = clock.now()
        return self.render(
            "admin/index.html",
            now=now,
            database=database_health(session),
            expected_revision=schema.head(),
            free=free_space(),
            program=program_version(),
            python=platform.python_version(),
            libraries=[(name, version(name)) for name in LIBRARIES],
            jobs=overview(session, now),
            outcome_label=lambda outcome: gettext(OUTCOMES[Outcome(outcome)]),
            outbox=outbox_state(session),
            missing=missing_programs(current_app.config["POSTGRES_TOOLS_DIR"]),
        )

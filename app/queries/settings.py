"""Settings, read: what the IT centre set, else the default."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Setting
from app.rules.settings import DEFINITIONS


def setting(session: Session, name: str) -> Any:
    """The value of one setting. Raises ``KeyError`` for a name that is not defined."""
    definition = DEFINITIONS[name]
    row = session.get(Setting, name)
    return definition.default if row is None else row.value


def settings(session: Session) -> dict[str, Any]:
    """All settings, by name."""
    stored = {row.name: row.value for row in session.scalars(select(Setting))}
    return {name: stored.get(name, each.default) for name, each in DEFINITIONS.items()}

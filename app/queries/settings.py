"""Settings, read: what the IT centre set, else the default."""

from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.models import Setting
from app.rules.settings import DEFINITIONS

_READ = "settings"


@event.listens_for(Session, "after_flush")
@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, *_: Any) -> None:
    session.info.pop(_READ, None)


def _stored(session: Session) -> dict[str, Any]:
    """What differs from the defaults; a few rows, read once in a transaction that writes nothing."""
    if _READ not in session.info:
        session.info[_READ] = {row.name: row.value for row in session.execute(select(Setting.name, Setting.value))}
    found: dict[str, Any] = session.info[_READ]
    return found


def setting(session: Session, name: str) -> Any:
    """The value of one setting. Raises ``KeyError`` for a name that is not defined."""
    definition = DEFINITIONS[name]
    return _stored(session).get(name, definition.default)


def settings(session: Session) -> dict[str, Any]:
    """All settings, by name."""
    stored = _stored(session)
    return {name: stored.get(name, each.default) for name, each in DEFINITIONS.items()}

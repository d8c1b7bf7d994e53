"""Units, organisations and people, read."""

from collections.abc import Mapping

from flask import g, has_request_context
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.models import Organisation
from app.rules.text import fold


def own_units(session: Session) -> Mapping[int, tuple[int | None, str]]:
    """Own units, id → (parent id, name); some tens of rows, read once a request."""
    if has_request_context() and "own_units" in g:
        return g.own_units
    query = select(Organisation.id, Organisation.parent_id, Organisation.name).where(Organisation.ours)
    units = {row.id: (row.parent_id, row.name) for row in session.execute(query)}
    if has_request_context():
        g.own_units = units
    return units


def unit_path(session: Session, unit_id: int | None) -> tuple[int, ...]:
    """Ids of an own unit and of all units above it, itself first; empty for ``None``."""
    units = own_units(session)
    path: list[int] = []
    while unit_id is not None and unit_id not in path:
        path.append(unit_id)
        unit_id = units[unit_id][0] if unit_id in units else None
    return tuple(path)


def find_organisations(session: Session, typed: str, limit: int = 12) -> list[Organisation]:
    """Living bodies and people whose name or abbreviation holds every typed word, with or without marks.

    Word beginnings count; those that begin with what was typed come first.
    """
    folded = fold(typed).strip()
    query = select(Organisation).where(
        or_(Organisation.valid_to.is_(None), Organisation.valid_to >= clock.today()), ~Organisation.ours
    )
    for word in folded.split():
        escaped = word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        query = query.where(or_(Organisation.folded.like(f"{escaped}%"), Organisation.folded.like(f"% {escaped}%")))
    found = session.scalars(query.order_by(Organisation.sort_key).limit(200)).all()
    return sorted(found, key=lambda o: (not o.folded.startswith(folded), o.sort_key))[:limit]


def organisation_named(session: Session, name: str) -> Organisation | None:
    """The living organisation of exactly this name, letter case aside."""
    query = select(Organisation).where(
        Organisation.folded.like(fold(name).replace("%", "") + "%"),
        or_(Organisation.valid_to.is_(None), Organisation.valid_to >= clock.today()),
    )
    for organisation in session.scalars(query.order_by(Organisation.id).limit(50)):
        if organisation.name.casefold() == name.casefold():
            return organisation
    return None

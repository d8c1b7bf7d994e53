"""Units, organisations and people, read."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, event, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.models import Organisation, Person
from app.queries.matching import escape_like, word_beginnings
from app.rules.text import clean, fold
from app.vocabulary import OrganisationKind

_OWN_UNITS = "own_units"
_NAMED = "bodies_named"
"""Keys in a session's ``info`` under which own units and bodies by name are kept while nothing is written."""


@event.listens_for(Session, "after_flush")
@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, *_: Any) -> None:
    session.info.pop(_OWN_UNITS, None)
    session.info.pop(_NAMED, None)


def own_units(session: Session) -> Mapping[int, tuple[int | None, str]]:
    """Own units, id → (parent id, name); some tens of rows, read once in a transaction that writes nothing."""
    if _OWN_UNITS not in session.info:
        query = select(Organisation.id, Organisation.parent_id, Organisation.name).where(Organisation.ours)
        units = {row.id: (row.parent_id, row.name) for row in session.execute(query)}
        session.info[_OWN_UNITS] = units
    return session.info[_OWN_UNITS]


def unit_path(session: Session, unit_id: int | None) -> tuple[int, ...]:
    """Ids of an own unit and of all units above it, itself first; empty for ``None``."""
    units = own_units(session)
    path: list[int] = []
    while unit_id is not None and unit_id not in path:
        path.append(unit_id)
        unit_id = units[unit_id][0] if unit_id in units else None
    return tuple(path)


def _living() -> ColumnElement[bool]:
    return or_(Organisation.valid_to.is_(None), Organisation.valid_to >= clock.today())


def find_organisations(
    session: Session, typed: str, *, own: bool = False, people: bool = True, limit: int = 12
) -> list[Organisation]:
    """Living organisations whose name or abbreviation holds every typed word, with or without marks.

    Word beginnings count; those that begin with what was typed come first. ``own``: units of the Office too;
    ``people``: citizens too.
    """
    query = select(Organisation).where(_living(), *word_beginnings(Organisation.folded, typed))
    if not own:
        query = query.where(~Organisation.ours)
    if not people:
        query = query.where(Organisation.kind != OrganisationKind.PERSON)
    folded = fold(typed).strip()
    found = session.scalars(query.order_by(Organisation.sort_key).limit(200)).all()
    return sorted(found, key=lambda o: (not o.folded.startswith(folded), o.sort_key))[:limit]


def organisations_named(session: Session, name: str, *, living: bool = False) -> list[Organisation]:
    """All organisations of exactly this name, letter case aside, the oldest first; open or closed, or living ones."""
    name = clean(name)
    known: dict[str, list[Organisation]] = session.info.setdefault(_NAMED, {})
    if name not in known:  # a registration asks several times for the same body
        query = select(Organisation).where(
            Organisation.folded.like(f"{escape_like(fold(name))}%"),  # the index finds few
            func.lower(Organisation.name) == func.lower(name),
        )
        known[name] = list(session.scalars(query.order_by(Organisation.id)))
    today = clock.today()
    return [each for each in known[name] if not living or each.valid_to is None or each.valid_to >= today]


def body_meant(session: Session, issuer: Mapping[str, Any]) -> Organisation | None:
    """The organisation that a form means: the one that was chosen, unless another name was typed over it; else the
    living one of that name. ``None`` for a body that is in no catalogue."""
    name = clean(issuer.get("name"))
    chosen = session.get(Organisation, issuer["id"]) if issuer.get("id") else None
    if chosen is not None and chosen.name == name:
        return chosen
    return organisation_named(session, name) if name else None


def organisation_named(session: Session, name: str) -> Organisation | None:
    """The living organisation of exactly this name, letter case aside; of several the oldest."""
    return next(iter(organisations_named(session, name, living=True)), None)


def organisation_name(session: Session, organisation_id: int) -> str | None:
    """The name of an organisation, open or closed."""
    return session.scalar(select(Organisation.name).where(Organisation.id == organisation_id))


def name_of_person(session: Session, person_id: int) -> str | None:
    """The name of a person, in the Office or gone."""
    return session.scalar(select(Person.full_name).where(Person.id == person_id))

"""The office as papers name it: from the settings, and its row in the tree of bodies and units."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Organisation
from app.queries.parties import unit_path
from app.queries.settings import settings
from app.reports.masthead import heading_lines, place_of
from app.vocabulary import OrganisationKind

USUAL_ABBREVIATION = "VP"
"""Of an office whose row has none (``212/QĐ-VP``)."""


@dataclass(frozen=True)
class OfficeNames:
    """Names of the office as forms print them."""

    office: str
    """Full name."""
    superior: str
    agency: str
    place: str


def office_names(session: Session) -> OfficeNames:
    """The office's names, and the place that stands before a date."""
    known = settings(session)
    superior, agency = heading_lines(known["parent_name"], known["office_name"])
    return OfficeNames(known["office_name"], superior, agency, place_of(known["parent_name"]))


def own_office(session: Session, unit_id: int | None) -> Organisation | None:
    """The row of the office: of the name that the settings say, else the nearest body above a unit of ours."""
    query = select(Organisation).where(Organisation.ours, Organisation.kind == OrganisationKind.BODY)
    bodies = {each.id: each for each in session.scalars(query.order_by(Organisation.id))}
    name = settings(session)["office_name"].casefold()
    named = next((each for each in bodies.values() if each.name.casefold() == name), None)
    return named or next((bodies[each] for each in unit_path(session, unit_id) if each in bodies), None)

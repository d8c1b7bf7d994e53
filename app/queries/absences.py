"""Who is away today, and who stands in (vắng mặt, người thay): substitutions in force (212/17.2)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.models import Delegation, Person
from app.vocabulary import DelegationKind


@dataclass(frozen=True)
class Absence:
    """Somebody is away from ``since`` until ``until`` (both included; ``None``: until revoked)."""

    since: date
    until: date | None
    substitute_name: str
    substitute_id: int


def substitutes(session: Session, person_ids: Collection[int]) -> dict[int, Absence]:
    """Those of the people who are away today, by person; of several substitutions the one that was given last."""
    if not person_ids:
        return {}
    today = clock.today()
    query = (
        select(Delegation.grantor_id, Delegation.valid_from, Delegation.valid_to, Person.full_name, Person.id)
        .join(Person, Person.id == Delegation.grantee_id)
        .where(
            Delegation.grantor_id.in_(person_ids),
            Delegation.kind == DelegationKind.SUBSTITUTION,
            Delegation.revoked_at.is_(None),
            Delegation.valid_from <= today,
            or_(Delegation.valid_to.is_(None), Delegation.valid_to >= today),
        )
        .order_by(Delegation.id)
    )
    rows = session.execute(query)
    return {row.grantor_id: Absence(row.valid_from, row.valid_to, row.full_name, row.id) for row in rows}

"""Directions that a person gives often, for the dialog of an assignment (S5 of the work screens)."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import Assignment

LAST = 5000
"""So many of the newest assignments are looked at, whoever gave them: what was usual years ago is usual no more."""
LONGEST = 120
"""A quick phrase is a phrase; what is longer was written for one document."""


def frequent_directions(session: Session, person_id: int | None, limit: int = 6) -> list[str]:
    """What the person wrote when assigning of late, the most frequent first, of equals the newest."""
    if person_id is None:
        return []
    newest = select(Assignment.id, Assignment.assigned_by_id, Assignment.directions)
    rows = newest.order_by(Assignment.id.desc()).limit(LAST).subquery()
    query = (
        select(rows.c.directions)
        .where(rows.c.assigned_by_id == person_id, rows.c.directions != "", func.length(rows.c.directions) <= LONGEST)
        .group_by(rows.c.directions)
        .order_by(func.count().desc(), func.max(rows.c.id).desc())
    )
    return list(session.scalars(query.limit(limit)))

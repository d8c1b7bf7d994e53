"""Choice lists that depend on who chooses: (value, label) in the order to show.

A form offers what each power of its reader offers; the operation takes only what the acting person is offered.
"""

from collections.abc import Callable, Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.models import CaseFile
from app.vocabulary import CaseFileState

Choices = list[tuple[str, str]]
_MOST = 300


def open_case_files(session: Session, actors: Collection[Actor]) -> Choices:
    """Open case files of the units in which one of the actors serves, and those that one of them answers for, the
    newest first; each with its unit and who is responsible (212/13.2)."""
    units = {post.unit_id for each in actors for post in each.effective_posts if post.ours}
    people = {each.effective_person_id for each in actors if each.effective_person_id is not None}
    if not (units or people):
        return []
    query = (
        select(CaseFile)
        .where(
            CaseFile.state == CaseFileState.OPEN,
            or_(CaseFile.unit_id.in_(units), CaseFile.responsible_id.in_(people)),
        )
        .options(joinedload(CaseFile.unit), joinedload(CaseFile.responsible))
        .order_by(CaseFile.id.desc())
        .limit(_MOST)
    )
    return [(str(each.id), _label(each)) for each in session.scalars(query)]


def _label(each: CaseFile) -> str:
    whose = [each.unit.name, each.responsible.full_name if each.responsible is not None else ""]
    return f"{each.code} {each.title} ({', '.join(filter(None, whose))})".strip()


OWN: dict[str, Callable[[Session, Collection[Actor]], Choices]] = {"open_case_files": open_case_files}
"""Lists by name; all others are the same for everybody (``app/queries/choices.py``)."""

"""Documents that belong to another one: linked, or registered twice (212/3.3, 212/16.1.g)."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.models import Document, DocumentLink
from app.queries.visibility import visible
from app.rules.relations import DUPLICATE_OF, FROM_HERE, HAS_DUPLICATE, PERHAPS_DUPLICATE, TO_HERE
from app.vocabulary import IncomingState, LinkKind

MOST = 50
"""So many of each kind are shown."""


@dataclass(frozen=True)
class Related:
    """A document and what it is to the one that is shown (a catalogue entry)."""

    label: str
    document: Document


def related(session: Session, actor: Actor, document: Document) -> list[Related]:
    """What belongs to a document and may be seen by the actor: duplicates first, then links, the newest first."""
    found = []
    query = (
        select(Document).where(visible(actor)).options(joinedload(Document.urgency_level), joinedload(Document.type))
    )
    twice = [Document.duplicate_of_id == document.id]
    if document.duplicate_of_id is not None:
        twice.append(Document.id == document.duplicate_of_id)
    for each in session.scalars(query.where(or_(*twice)).order_by(Document.id.desc()).limit(MOST)):
        if each.id == document.duplicate_of_id:
            waits = document.state == IncomingState.RECEIVED
            found.append(Related(PERHAPS_DUPLICATE if waits else DUPLICATE_OF, each))
        else:
            found.append(Related(HAS_DUPLICATE if each.arrival_number else PERHAPS_DUPLICATE, each))
    links = select(DocumentLink).where(or_(DocumentLink.from_id == document.id, DocumentLink.to_id == document.id))
    rows = session.scalars(links.order_by(DocumentLink.id.desc()).limit(MOST)).all()
    if not rows:
        return found
    ids = {row.from_id if row.to_id == document.id else row.to_id for row in rows}
    others = {each.id: each for each in session.scalars(query.where(Document.id.in_(ids)))}
    for row in rows:
        here = row.from_id == document.id
        other = others.get(row.to_id if here else row.from_id)
        if other is not None:
            found.append(Related((FROM_HERE if here else TO_HERE)[LinkKind(row.kind)], other))
    return found

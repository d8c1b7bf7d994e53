"""Documents that belong to another one: linked, or registered twice (212/3.3, 212/16.1.g)."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.actor import Actor
from app.models import Document, DocumentFile, DocumentLink
from app.queries.incoming import is_withheld
from app.queries.visibility import visible
from app.rules.handling import HANDWRITING_TITLE
from app.rules.relations import DUPLICATE_OF, FROM_HERE, HAS_DUPLICATE, PERHAPS_DUPLICATE, TO_HERE, WORKING_PAPER
from app.rules.slips import STATES
from app.vocabulary import DocumentKind, IncomingState, LinkKind

MOST = 50
"""So many of each kind are shown."""


@dataclass(frozen=True)
class Related:
    """A document and what it is to the one that is shown (a catalogue entry)."""

    label: str
    document: Document
    file: DocumentFile | None = None
    """Of a document that has no page of its own (outgoing, working paper): its paper."""

    @property
    def state(self) -> str:
        """The state of such a document in words (a catalogue entry); empty for an incoming one."""
        return "" if self.document.kind == DocumentKind.INCOMING else STATES.get(self.document.state, "")


def is_handwriting(each: Related) -> bool:
    """Whether it is the scan of what a leader wrote on the paper (212/7.2)."""
    of = each.document
    return of.kind == DocumentKind.WORKING_PAPER and of.subject.startswith(HANDWRITING_TITLE)


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
    papers = _papers(session, [each.id for each in others.values() if each.kind != DocumentKind.INCOMING])
    for row in rows:
        here = row.from_id == document.id
        other = others.get(row.to_id if here else row.from_id)
        if other is not None:
            label = (FROM_HERE if here else TO_HERE)[LinkKind(row.kind)]
            if other.kind == DocumentKind.WORKING_PAPER:
                label = WORKING_PAPER
            found.append(Related(label, other, papers.get(other.id)))
    return found


def _papers(session: Session, document_ids: Collection[int]) -> dict[int, DocumentFile]:
    """The newest file of each document whose bytes are not withheld."""
    if not document_ids:
        return {}
    files = select(DocumentFile).where(DocumentFile.document_id.in_(document_ids), ~is_withheld(DocumentFile.sha256))
    return {file.document_id: file for file in session.scalars(files.order_by(DocumentFile.ordinal))}

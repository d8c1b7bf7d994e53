"""Who may see which documents: one predicate for list, page, file, API and operation (212/16.2.a)."""

from sqlalchemy import ColumnElement, false, select, true
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotFound
from app.models import Document


def visible(actor: Actor) -> ColumnElement[bool]:
    """SQL condition on ``Document``: everybody of the Office sees all; an outside unit's user sees what that
    unit sent; without a post nobody sees anything. The posts used are those of the power in use.
    """
    if actor.is_system or any(post.ours for post in actor.effective_posts):
        return true()
    outside = [post.unit_id for post in actor.effective_posts]
    return Document.issuer_id.in_(outside) if outside else false()


def get_visible(session: Session, actor: Actor, document_id: int, *, kind: str, lock: bool = False) -> Document:
    """One document that the actor may see, locked for a change when asked. Raises :class:`NotFound`."""
    query = select(Document).where(Document.id == document_id, Document.kind == kind, visible(actor))
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    document = session.scalars(query).one_or_none()
    if document is None:
        raise NotFound
    return document

"""Delegations as the people concerned see them, and the files of their written authorities (212/17.2)."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.errors import NotFound
from app.models import Delegation, DocumentFile
from app.queries.incoming import is_withheld


def own_delegation(session: Session, person_id: int | None, delegation_id: int) -> Delegation:
    """A delegation that this person gave or received. Raises NotFound for any other."""
    row = session.get(Delegation, delegation_id)
    if row is None or person_id is None or person_id not in (row.grantor_id, row.grantee_id):
        raise NotFound
    return row


def papers_of(session: Session, delegation_ids: Collection[int]) -> dict[int, list[DocumentFile]]:
    """Files of the written authorities, by delegation, in the order in which they came; one statement."""
    query = (
        select(Delegation.id, DocumentFile)
        .join(DocumentFile, DocumentFile.document_id == Delegation.paper_id)
        .where(Delegation.id.in_(delegation_ids), ~is_withheld(DocumentFile.sha256))
        .options(joinedload(DocumentFile.blob))
        .order_by(DocumentFile.ordinal)
    )
    found: dict[int, list[DocumentFile]] = {}
    for delegation_id, file in session.execute(query):
        found.setdefault(delegation_id, []).append(file)
    return found

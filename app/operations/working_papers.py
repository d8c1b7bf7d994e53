"""Working papers (tài liệu của hồ sơ): files that came along with an opinion, a direction, a delegation.

Each is a document of its own, so that case files, search, holds and disposal know one kind of thing.
"""

from collections.abc import Sequence

from sqlalchemy import select

from app.models import Document, DocumentLink, Upload, UrgencyLevel
from app.operations import files
from app.operations.unit_of_work import UnitOfWork
from app.vocabulary import DocumentKind, LinkKind, WorkingPaperState


def keep(
    uow: UnitOfWork, title: str, uploads: Sequence[Upload], *, about: Document | None = None, unit_id: int | None = None
) -> Document | None:
    """Keep uploaded files as one working paper of ``title`` (at most 500 characters), as part of the document
    ``about``; ``None`` where there is no file. The uploads were claimed by the caller. Clause 212/16.1.a."""
    if not uploads:
        return None
    session = uow.session
    urgency = (
        about.urgency
        if about is not None
        else session.scalars(select(UrgencyLevel.code).order_by(UrgencyLevel.rank).limit(1)).one()
    )
    paper = Document(
        kind=DocumentKind.WORKING_PAPER,
        state=WorkingPaperState.KEPT,
        subject=title[:500],
        urgency=urgency,
        unit_id=unit_id,
        page_count=files.page_count(uploads),
    )
    session.add(paper)
    session.flush()  # its files and its link point at it
    files.attach(uow, paper, uploads, created=True)
    if about is not None:
        session.add(DocumentLink(from_id=paper.id, to_id=about.id, kind=LinkKind.PART_OF))
    return paper

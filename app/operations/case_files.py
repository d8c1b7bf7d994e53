"""Case files (hồ sơ công việc): open one, put a document into it, take out what was put aside (212/13.2)."""

from collections.abc import Sequence

from sqlalchemy import func, select

from app import clock
from app.errors import Obstacle, Refused
from app.models import CaseFile, CaseFileItem, Document
from app.operations.unit_of_work import UnitOfWork
from app.vocabulary import N_, CaseFileState


def open_file(uow: UnitOfWork, title: str, *, unit_id: int, responsible_id: int | None) -> CaseFile:
    """Mở hồ sơ: begin a case file of a matter."""
    made = CaseFile(
        state=CaseFileState.OPEN,
        title=title,
        unit_id=unit_id,
        responsible_id=responsible_id,
        opened_at=clock.now(),
    )
    uow.session.add(made)
    uow.session.flush()  # its items point at it
    return made


def open_one(uow: UnitOfWork, case_file_id: int) -> CaseFile:
    """An open case file, locked so that its ordinals are given one after another. Raises Refused."""
    query = select(CaseFile).where(CaseFile.id == case_file_id).with_for_update()
    found = uow.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None or found.state != CaseFileState.OPEN:
        raise Refused(Obstacle(N_("Case file: it is not open any more. Choose another one."), "case_file_id"))
    return found


def put_in(uow: UnitOfWork, case_file: CaseFile, *documents: Document) -> None:
    """Put documents into a case file, in this order; what is in it already stays where it is."""
    session = uow.session
    here = select(CaseFileItem.document_id).where(
        CaseFileItem.case_file_id == case_file.id, CaseFileItem.removed_at.is_(None)
    )
    present = set(session.scalars(here))
    ordinals = select(func.max(CaseFileItem.ordinal)).where(CaseFileItem.case_file_id == case_file.id)
    last = session.scalar(ordinals) or 0
    for document in documents:
        if document.id not in present:
            last += 1
            session.add(
                CaseFileItem(case_file_id=case_file.id, document_id=document.id, ordinal=last, added_at=clock.now())
            )


def take_out(uow: UnitOfWork, drafts: Sequence[Document], document: Document, reason: str) -> None:
    """Take drafts that were put aside out of their case files, and the document they were to answer where it came in
    with one of them: what is not settled in a case file does not belong there. The reason stands with each; their
    ordinals are given to nothing else. What came in before, or has gone out, stays."""
    session = uow.session
    ids = [each.id for each in drafts]
    query = select(CaseFileItem).where(
        CaseFileItem.document_id.in_([*ids, document.id]), CaseFileItem.removed_at.is_(None)
    )
    items = session.scalars(query.order_by(CaseFileItem.id)).all() if ids else []
    places = {(each.case_file_id, each.ordinal) for each in items if each.document_id in ids}
    for each in items:  # a draft lies right behind what came in with it
        if each.document_id in ids or (each.case_file_id, each.ordinal + 1) in places:
            each.removed_at, each.reason = clock.now(), reason


def where_it_is(uow: UnitOfWork, document: Document) -> list[CaseFile]:
    """The open case files that a document is in, the first one first."""
    query = (
        select(CaseFile)
        .join(CaseFileItem, CaseFileItem.case_file_id == CaseFile.id)
        .where(
            CaseFileItem.document_id == document.id,
            CaseFileItem.removed_at.is_(None),
            CaseFile.state == CaseFileState.OPEN,
        )
    )
    return list(uow.session.scalars(query.order_by(CaseFileItem.id)))

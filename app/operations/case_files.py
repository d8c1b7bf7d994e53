"""Case files (hồ sơ công việc): open one, and put a document into it (212/13.2)."""

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

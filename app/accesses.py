"""Who looked, downloaded, printed, exported (212/16.2.a, 16.6.d): written at once, on a short transaction of its own.

A look must be on record even when the page fails afterwards, and must never commit what a view left in its session.
"""

from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.extensions import db
from app.models import Access
from app.vocabulary import AccessKind


def record(
    actor: Actor,
    kind: AccessKind,
    *,
    subject: tuple[str, int] | None = None,
    document_id: int | None = None,
    case_file_id: int | None = None,
    file_id: int | None = None,
    what: str = "",
    remote_addr: str = "",
) -> None:
    """Add one line to the access trail, of ``subject`` (type, id) and in the stories it belongs to.

    Raises when it cannot be written, so that nothing is shown unrecorded.
    """
    line = Access(
        at=clock.now(),
        kind=kind,
        user_id=actor.user_id,
        actor_name=actor.name,
        subject_type=subject[0] if subject else "",
        subject_id=str(subject[1]) if subject else "",
        document_id=document_id,
        case_file_id=case_file_id,
        file_id=file_id,
        what=what[:200],
        remote_addr=remote_addr[:50],
        via=actor.via,
        request_id=actor.request_id,
    )
    with Session(db.engine, join_transaction_mode="create_savepoint") as own, own.begin():
        own.add(line)

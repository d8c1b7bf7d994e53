"""Files (tệp): receive bytes, claim them for a document, clear away what no document took (212/16.1.a, 16.4.d)."""

import hashlib
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from app import clock
from app.actor import Actor
from app.backends import inspector, most_files, store
from app.errors import Obstacle, Refused
from app.extraction.facts import SignatureFacts
from app.extraction.pool import WorkerFailed
from app.models import Blob, Document, DocumentFile, Upload
from app.operations import signatures
from app.operations.base import operation
from app.operations.unit_of_work import UnitOfWork
from app.storage import base as storage
from app.storage.sniff import examine, safe_name
from app.vocabulary import N_, FileRole

PDF = "application/pdf"
WAITING_FILES = 200
WAITING_SHARE = 4
"""So many files, or so many times the largest file, may one account leave waiting for a document."""


def receive(actor: Actor, stream: BinaryIO, received_name: str, limit: int) -> Upload:
    """Take in one file: stream it into the store, judge it by its content, and keep it for a document to come.

    ``limit`` is in bytes. Nothing is read whole into memory; the PDF is opened only in a limited worker
    process. The received bytes are never rewritten. Raises Refused, naming the file and the remedy; also when
    too much that the account sent waits for a document already.
    """
    name = safe_name(received_name)
    _refuse_hoarding(actor, name, WAITING_SHARE * limit)
    try:
        stored = store().put(stream, limit)
    except storage.StorageError as error:
        raise Refused(_storage_obstacle(error, name)) from error
    try:
        return _take_in(actor, stored, received_name, name)
    except BaseException:
        if stored.created:  # and nobody else sent the same bytes meanwhile
            store().discard(stored.sha256, touched_ns=stored.touched_ns)
        raise


@operation()
def _refuse_hoarding(actor: Actor, name: str, most_bytes: int, *, uow: UnitOfWork) -> None:
    if actor.user_id is None:  # the program itself
        return
    query = select(func.count(), func.coalesce(func.sum(Blob.size), 0)).select_from(Upload).join(Upload.blob)
    count, size = uow.session.execute(query.where(Upload.user_id == actor.user_id, Upload.claimed_at.is_(None))).one()
    if count >= WAITING_FILES or size >= most_bytes:
        raise Refused(
            Obstacle(
                N_(
                    "%(count)s files that you sent (%(size)s MB) wait for a document already. Use them first, "
                    "or wait a day: what no document took is then cleared away."
                ),
                "files",
                {"file": name, "count": count, "size": int(size) // 1024**2},
                code="too_much_waiting",
            )
        )


def _take_in(actor: Actor, stored: storage.StoredBlob, received_name: str, name: str) -> Upload:
    seen = examine(store().path(stored.sha256), received_name)
    blocking = [problem for problem in seen.problems if problem.blocking]
    # of a program or a page with scripts nothing more needs to be said: renaming it would not help
    worst = [problem for problem in blocking if problem.code in ("program", "active_content")] or blocking
    if worst:
        raise Refused(*(Obstacle(p.message, "files", {"file": name, **p.params}, f"file_{p.code}") for p in worst))
    pages, facts = _pdf_facts(stored.sha256, name) if seen.type.media_type == PDF else (None, {})
    notices = [problem.code for problem in seen.problems]
    if notices:
        facts["notices"] = notices
    found = signatures.look(actor, stored.sha256, facts) if seen.type.media_type == PDF else ()
    return _stage(actor, stored, name, seen.type.media_type, pages, facts, found)


def _pdf_facts(sha256: str, name: str) -> tuple[int | None, dict[str, Any]]:
    """What the worker found in a PDF; one that defeated the worker is kept, and that fact with it."""
    try:
        facts = inspector().inspect(store().path(sha256), excerpt=False)
    except WorkerFailed as error:
        return None, {"unread": str(error)[:200]}
    if facts.damaged:
        raise Refused(
            Obstacle(
                N_("The PDF is damaged and cannot be opened. Scan or export it again."),
                "files",
                {"file": name},
                code="file_damaged",
            )
        )
    return facts.page_count or None, {
        "encrypted": facts.encrypted,
        "signatures": facts.has_signatures,
        "javascript": facts.has_javascript,
        "embedded_files": facts.has_embedded_files,
    }


@operation()
def _stage(
    actor: Actor,
    stored: storage.StoredBlob,
    name: str,
    media_type: str,
    pages: int | None,
    facts: dict[str, Any],
    found: Sequence[SignatureFacts],
    *,
    uow: UnitOfWork,
) -> Upload:
    _lock_blob(uow, stored.sha256)
    if not store().exists(stored.sha256):  # cleared away between receiving and locking
        raise Refused(Obstacle(N_("The file was not kept. Send it again."), "files", {"file": name}))
    uow.session.execute(
        insert(Blob)
        .values(
            sha256=stored.sha256,
            size=stored.size,
            media_type=media_type,
            page_count=pages,
            facts=facts,
            stored_at=clock.now(),
        )
        .on_conflict_do_nothing()
    )
    if found:
        signatures.keep(uow, actor, {stored.sha256: found})
    upload = Upload(sha256=stored.sha256, received_name=name, user_id=actor.user_id, at=clock.now())
    uow.session.add(upload)
    uow.session.flush()  # the form carries the upload's id
    return upload


def _lock_blob(uow: UnitOfWork, sha256: str) -> None:
    """Against clearing away a blob at the very moment when the same bytes arrive again."""
    key = int.from_bytes(hashlib.sha256(sha256.encode()).digest()[:8], "big", signed=True)
    uow.session.execute(select(func.pg_advisory_xact_lock(key)))


def _storage_obstacle(error: storage.StorageError, name: str) -> Obstacle:
    if isinstance(error, storage.TooLarge):
        return Obstacle(
            N_("Larger than %(limit)s MB. Split it or scan it at a lower resolution."),
            "files",
            {"file": name, "limit": error.limit // 1024**2},
            code="too_large",
        )
    if isinstance(error, storage.StoreFull):
        return Obstacle(
            N_("There is no room left for files. Nothing was lost; tell the IT centre, then try again."),
            "files",
            {"file": name},
            code="store_full",
        )
    return Obstacle(
        N_("The file store cannot take it now. Nothing was lost; tell the IT centre, then try again."),
        "files",
        {"file": name},
        code="store_failed",
    )


def claimable(uow: UnitOfWork, actor: Actor, upload_ids: Sequence[Any], found: list[Obstacle]) -> list[Upload]:
    """The actor's own uploads that no document has taken yet, in the order given, locked; the rest into ``found``."""
    ids = [int(i) for i in dict.fromkeys(upload_ids)]
    if not ids:
        return []
    if len(ids) > most_files():
        found.append(_too_many(len(ids)))
        return []
    query = select(Upload).where(
        Upload.id.in_(ids), Upload.claimed_at.is_(None), Upload.user_id.is_not_distinct_from(actor.user_id)
    )
    query = query.options(joinedload(Upload.blob, innerjoin=True)).order_by(Upload.id)
    locked = query.with_for_update(of=Upload).execution_options(populate_existing=True)
    uploads = {u.id: u for u in uow.session.scalars(locked)}
    if len(uploads) < len(ids):
        found.append(Obstacle(N_("Files: no longer there. Choose them again."), "files"))
    return [uploads[i] for i in ids if i in uploads]


def _too_many(count: int) -> Obstacle:
    return Obstacle(
        N_("Files: the document would hold %(count)s, at most %(limit)s are allowed. Join some into one file."),
        "files",
        {"count": count, "limit": most_files()},
        code="too_many_files",
    )


def page_count(uploads: Sequence[Upload]) -> int | None:
    """Pages of the main file, the first one, where it is a PDF that could be read."""
    return uploads[0].blob.page_count if uploads else None


def pages_of(session: Session, document: Document) -> int | None:
    """Pages of a document's main file, where it has one that could be read."""
    query = select(Blob.page_count).join(DocumentFile, DocumentFile.sha256 == Blob.sha256)
    return session.scalar(query.where(DocumentFile.document_id == document.id, DocumentFile.role == FileRole.MAIN))


def attach(
    uow: UnitOfWork, document: Document, uploads: Sequence[Upload], *, created: bool = False
) -> list[DocumentFile]:
    """Make uploads files of a document: the first file a document ever gets is the main one, the rest are attached.

    What is known of their signatures becomes the verdict on the document (212/5.1), whatever it is. Raises Refused
    when the document would hold more than the configured number. ``created``: it was made just now and has none.
    """
    if not uploads:
        return []
    session = uow.session
    taken = 0 if created else _taken(session, document)
    if taken + len(uploads) > most_files():
        raise Refused(_too_many(taken + len(uploads)))
    now: datetime = clock.now()
    made = []
    for ordinal, upload in enumerate(uploads, start=taken + 1):
        upload.claimed_at = now
        made.append(
            DocumentFile(
                document_id=document.id,
                sha256=upload.sha256,
                role=FileRole.MAIN if ordinal == 1 else FileRole.ATTACHMENT,
                ordinal=ordinal,
                title=upload.received_name,
                received_name=upload.received_name,
                added_at=now,
            )
        )
    session.add_all(made)
    signed = [upload.sha256 for upload in uploads if signatures.may_be_signed(upload.blob.facts)]
    for sha256 in sorted(signed):
        _lock_blob(uow, sha256)  # a check of the same bytes that is being written now must see this document, or we it
    if signed:  # others change no verdict
        document.signature_verdict = signatures.verdict_on(session, document)
    return made


def copy_to(uow: UnitOfWork, document: Document, held: Sequence[DocumentFile]) -> None:
    """Make files of one document files of another too; the bytes are stored once.

    Raises Refused when the document would hold more than the configured number.
    """
    taken = _taken(uow.session, document)
    if taken + len(held) > most_files():
        raise Refused(_too_many(taken + len(held)))
    for ordinal, file in enumerate(held, start=taken + 1):
        uow.session.add(
            DocumentFile(
                document_id=document.id,
                sha256=file.sha256,
                role=FileRole.MAIN if ordinal == 1 else FileRole.ATTACHMENT,
                ordinal=ordinal,
                title=file.title,
                received_name=file.received_name,
                added_at=clock.now(),
            )
        )
    document.signature_verdict = signatures.verdict_on(uow.session, document)


def keep_made(
    uow: UnitOfWork, document: Document, content: bytes, title: str, role: FileRole, pages: int | None = None
) -> DocumentFile:
    """Keep a PDF that the program itself made (a slip, a form) as a file of a document.

    It is stored within the act that makes it; if that comes to nothing, bytes that nobody else has go again. Raises
    Refused when the store cannot take it, or the document would hold too many files.
    """
    taken = _taken(uow.session, document)
    if taken >= most_files():
        raise Refused(_too_many(taken + 1))
    try:
        stored = store().put(io.BytesIO(content))
    except storage.StorageError as error:
        raise Refused(_storage_obstacle(error, title)) from error
    if stored.created:
        uow.undo(lambda: _take_back(stored))
    _lock_blob(uow, stored.sha256)
    if not store().exists(stored.sha256):  # cleared away between storing and locking
        raise Refused(Obstacle(N_("The file was not kept. Send it again."), "files", {"file": title}))
    now = clock.now()
    row = {"sha256": stored.sha256, "size": stored.size, "media_type": PDF, "page_count": pages, "stored_at": now}
    uow.session.execute(insert(Blob).values(facts={}, **row).on_conflict_do_nothing())
    made = DocumentFile(
        document_id=document.id,
        sha256=stored.sha256,
        role=role,
        ordinal=taken + 1,
        title=title,
        received_name=title,
        added_at=now,
    )
    uow.session.add(made)
    return made


def _take_back(stored: storage.StoredBlob) -> None:
    store().discard(stored.sha256, touched_ns=stored.touched_ns)


def _taken(session: Session, document: Document) -> int:
    query = select(func.max(DocumentFile.ordinal)).where(DocumentFile.document_id == document.id)
    return session.scalar(query) or 0


def forget(actor: Actor, upload_ids: Sequence[int]) -> int:
    """Forget own uploads that no document has taken, and at once the bytes that nothing else refers to.

    For what must not stay even a day: a state secret that was stopped at the form (Decision 1.2), and a file that
    its sender took back. What is not the actor's, or was taken by a document, stays. Returns the number of uploads.
    """
    count, unused = _forget_own(actor, list(upload_ids))
    for sha256 in unused:
        _discard(actor, sha256)
    return count


@operation()
def _forget_own(actor: Actor, upload_ids: list[int], *, uow: UnitOfWork) -> tuple[int, list[str]]:
    session = uow.session
    own = Upload.id.in_(upload_ids), Upload.claimed_at.is_(None), Upload.user_id.is_not_distinct_from(actor.user_id)
    sent = session.scalars(delete(Upload).where(*own).returning(Upload.sha256)).all()
    unused: list[str] = []
    for sha256 in sorted(set(sent)):
        _lock_blob(uow, sha256)
        referred = exists().where(DocumentFile.sha256 == Blob.sha256) | exists().where(Upload.sha256 == Blob.sha256)
        unused += session.scalars(delete(Blob).where(Blob.sha256 == sha256, ~referred).returning(Blob.sha256)).all()
    return len(sent), unused


def clear_unclaimed(actor: Actor, older_than: datetime) -> dict[str, int]:
    """Forget uploads older than ``older_than`` that no document took, and bytes that nothing refers to any more.

    The database's foreign keys refuse to lose a blob that a document uses. Bytes go only after the commit: a
    crash between the two leaves bytes without a row, which the verification names, never a row without bytes.
    Returns counts.
    """
    uploads, unused = _forget(actor, older_than)
    return {"uploads": uploads, "blobs": sum(_discard(actor, sha256) for sha256 in unused)}


@operation()
def _forget(actor: Actor, older_than: datetime, *, uow: UnitOfWork) -> tuple[int, list[str]]:
    session = uow.session
    uploads = session.scalars(
        delete(Upload).where(Upload.claimed_at.is_(None), Upload.at < older_than).returning(Upload.id)
    ).all()
    session.execute(delete(Upload).where(Upload.claimed_at < older_than))
    referred = exists().where(DocumentFile.sha256 == Blob.sha256) | exists().where(Upload.sha256 == Blob.sha256)
    query = select(Blob.sha256).where(Blob.stored_at < older_than, ~referred).order_by(Blob.sha256).limit(1000)
    unused: list[str] = []
    for sha256 in session.scalars(query).all():
        _lock_blob(uow, sha256)
        unused += session.scalars(delete(Blob).where(Blob.sha256 == sha256, ~referred).returning(Blob.sha256)).all()
    return len(uploads), unused


@operation()
def _discard(actor: Actor, sha256: str, *, uow: UnitOfWork) -> bool:
    """Take bytes away, unless the same bytes came in again meanwhile."""
    _lock_blob(uow, sha256)
    return uow.session.get(Blob, sha256) is None and store().discard(sha256)

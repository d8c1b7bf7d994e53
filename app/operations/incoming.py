"""Incoming documents (văn bản đến): register, correct, add files, cancel a number (Decision, chapter II)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.errors import NotFound, Obstacle
from app.models import Document, DocumentType, Organisation, RegisterBook, UrgencyLevel
from app.operations import files, registers
from app.operations.base import check_version, judge, operation, transition
from app.operations.unit_of_work import UnitOfWork
from app.queries.parties import organisation_named, unit_path
from app.queries.visibility import get_visible
from app.rules import incoming as rules
from app.rules.lifecycle import Move, Subject, check_inputs
from app.rules.permissions import incoming_relations
from app.rules.text import clean, identity_key, split_number
from app.vocabulary import N_, DocumentKind, EntryState, PostKind

KIND = DocumentKind.INCOMING
_REGISTRY_POSTS = (PostKind.CLERK, PostKind.ADMIN_HEAD)


def subject_of(session: Session, actor: Actor, document: Document | None) -> Subject:
    """What the rules need to know of a document (or of a new one) to judge the actor's moves on it."""
    path = unit_path(session, document.unit_id) if document else ()
    return Subject(document.state if document else "", incoming_relations(actor, path))


@operation(rules.REGISTER)
def register(
    actor: Actor, values: Mapping[str, Any], *, submission_key: UUID | None = None, uow: UnitOfWork
) -> Document:
    """Đăng ký văn bản đến: enter a document and give it the next arrival number and date.

    ``values`` are the inputs of ``rules.incoming.REGISTER``: ``issuer`` is ``{"id", "name"}``, ``files`` a list
    of upload ids, dates are dates, ``received_at`` an instant with zone. The same ``submission_key`` again (a
    double click, a repeated request) gives the document made the first time. The number is taken last, so that
    others wait as briefly as possible; a rollback gives it back. Clauses 212/4.1, 4.2, 5.1, 16.1.dd.

    Raises Forbidden, Refused with all obstacles at once.
    """
    made = _made_before(uow.session, submission_key)
    if made is not None:
        return made
    cleaned, found = check_inputs(rules.REGISTER, values)
    now = clock.now()
    found += rules.facts_obstacles(cleaned, now)
    described = _description(uow.session, cleaned, found)
    book = _book(uow.session, cleaned.get("book_id"), found)
    uploads = files.claimable(uow, actor, cleaned.get("files") or [], found)
    judge(actor, rules.REGISTER, subject_of(uow.session, actor, None), found)
    if book is None:  # judged above; a required book that is missing has been refused
        raise NotFound
    received_at = cleaned.get("received_at") or now
    document = Document(
        kind=KIND,
        state=rules.REGISTER.target,
        channel=cleaned["channel"],
        book_id=book.id,
        series_id=book.series_id,
        received_at=received_at,
        unit_id=next((p.unit_id for p in actor.effective_posts if p.ours and p.kind in _REGISTRY_POSTS), None),
        submission_key=submission_key,
        **described,
    )
    if document.page_count is None:
        document.page_count = files.page_count(uploads)
    number, instant = registers.take_number(uow, book.series_id)
    made = _made_before(uow.session, submission_key)  # a twin request may have won while this one waited
    if made is not None:
        registers.put_back(uow, book.series_id, number)
        return made
    document.arrival_number = number.number
    document.arrival_year = number.year
    document.arrival_date = number.day
    document.registered_at = instant
    uow.session.add(document)
    uow.session.flush()  # the register's line and the files point at the document
    registers.enter(uow, book.series_id, document.id, number, instant, EntryState.LIVE)
    files.attach(uow, document, uploads)
    transition(
        uow,
        actor,
        document,
        rules.REGISTER,
        number=number.number,
        year=number.year,
        titles=[u.received_name for u in uploads],
    )
    return document


@operation(rules.CORRECT)
def correct(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Sửa thông tin mô tả: correct the description, with a reason; number, arrival date and bytes never change.

    Raises Forbidden, WrongState, NotFound, Refused, Stale. Clauses 212/16.4.a, 212/16.7.c.
    """
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    cleaned, found = check_inputs(rules.CORRECT, values)
    found += rules.facts_obstacles({**cleaned, "received_at": document.received_at}, clock.now())
    described = _description(uow.session, cleaned, found)
    changed = any(getattr(document, name) != value for name, value in described.items())
    if not changed and not found:
        found.append(Obstacle(N_("Nothing is changed. Change a field, or go back."), code="nothing_changed"))
    _judge(uow, actor, rules.CORRECT, document, found)
    check_version(uow, document, expected_version)
    for name, value in described.items():
        setattr(document, name, value)
    transition(uow, actor, document, rules.CORRECT, reason=cleaned["reason"])
    return document


@operation(rules.ATTACH)
def attach(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Đính kèm tệp: add files to a registered document; those received before stay as they are (212/16.1.a)."""
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    cleaned, found = check_inputs(rules.ATTACH, values)
    uploads = files.claimable(uow, actor, cleaned.get("files") or [], found)
    _judge(uow, actor, rules.ATTACH, document, found)
    check_version(uow, document, expected_version)
    files.attach(uow, document, uploads)
    transition(
        uow, actor, document, rules.ATTACH, titles=", ".join(u.received_name for u in uploads), count=len(uploads)
    )
    return document


@operation(rules.CANCEL_NUMBER)
def cancel_number(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Hủy số đến: the line stays in the register as cancelled, with its reason; the number is never given again."""
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    cleaned, found = check_inputs(rules.CANCEL_NUMBER, values)
    _judge(uow, actor, rules.CANCEL_NUMBER, document, found)
    check_version(uow, document, expected_version)
    registers.cancel_entry(uow, document.id, cleaned["reason"])
    transition(
        uow,
        actor,
        document,
        rules.CANCEL_NUMBER,
        reason=cleaned["reason"],
        number=document.arrival_number,
        year=document.arrival_year,
    )
    return document


def _judge(uow: UnitOfWork, actor: Actor, move: Move, document: Document, found: list[Obstacle]) -> None:
    judge(actor, move, subject_of(uow.session, actor, document), found)


def _made_before(session: Session, submission_key: UUID | None) -> Document | None:
    if submission_key is None:
        return None
    return session.scalars(select(Document).where(Document.submission_key == submission_key)).one_or_none()


def _book(session: Session, book_id: Any, found: list[Obstacle]) -> RegisterBook | None:
    book = session.get(RegisterBook, int(book_id)) if book_id else None
    if book_id and (book is None or (book.valid_to is not None and book.valid_to < clock.today())):
        found.append(Obstacle(N_("Register book: no longer open. Choose another."), "book_id"))
        return None
    return book


def _description(session: Session, cleaned: Mapping[str, Any], found: list[Obstacle]) -> dict[str, Any]:
    """Columns of the description from cleaned inputs; adds what is wrong with references to ``found``."""
    issuer = cleaned.get("issuer") or {}
    name = clean(issuer.get("name"))
    organisation = session.get(Organisation, int(issuer["id"])) if issuer.get("id") else None
    if organisation is None or organisation.name != name:
        organisation = organisation_named(session, name) if name else None
    type_id = int(cleaned["type_id"]) if cleaned.get("type_id") else None
    document_type = session.get(DocumentType, type_id) if type_id else None
    if type_id and document_type is None:
        found.append(Obstacle(N_("Document type: not in the catalogue. Choose another."), "type_id"))
    urgency = cleaned.get("urgency")
    if urgency and session.get(UrgencyLevel, urgency) is None:
        found.append(Obstacle(N_("Urgency: not in the catalogue. Choose another."), "urgency"))
    number_notation = cleaned.get("number_notation") or ""
    code_number, code_notation = split_number(number_notation)
    return {
        "issuer_id": organisation.id if organisation else None,
        "issuer_name": organisation.name if organisation else name,
        "number_notation": number_notation,
        "code_number": code_number[:11],
        "code_notation": code_notation[:50],
        "identity_key": identity_key(number_notation, name)[:300],
        "issued_on": cleaned.get("issued_on"),
        "type_id": type_id,
        "urgency": urgency,
        "subject": cleaned.get("subject"),
        "signer_name": cleaned.get("signer_name") or "",
        "signer_position": cleaned.get("signer_position") or "",
        "page_count": cleaned.get("page_count"),
        "language": cleaned.get("language") or "Tiếng Việt",
        "identifier": cleaned.get("identifier") or "",
        "identifier_key": identity_key(cleaned.get("identifier") or ""),
        "note": cleaned.get("note") or "",
    }

"""Incoming documents (văn bản đến): register, correct, add files, cancel a number (Decision, chapter II)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.errors import Obstacle, Refused, WrongState
from app.models import Document, Event, Organisation, RegisterBook
from app.operations import files, registers
from app.operations.base import check_version, judge, operation, read_inputs, transition
from app.operations.unit_of_work import UnitOfWork
from app.queries.incoming import values_of
from app.queries.parties import organisation_named, unit_path
from app.queries.visibility import get_visible
from app.rules import incoming as rules
from app.rules.lifecycle import Move, Subject
from app.rules.permissions import incoming_relations
from app.rules.text import BIGINT, clean, identity_key, split_number, whole_number
from app.vocabulary import N_, DocumentKind, EntryState, PostKind

KIND = DocumentKind.INCOMING
SUBJECT = rules.LIFECYCLE.subject_type
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
    judge(actor, rules.REGISTER, subject_of(uow.session, actor, None))  # who may not, learns nothing more
    cleaned, found = read_inputs(uow.session, rules.REGISTER, values)
    digest = _digest(actor, cleaned)
    made = _made_before(uow.session, submission_key, digest)
    if made is not None:
        return made
    now = clock.now()
    found += rules.facts_obstacles(cleaned, now)
    described = _description(uow.session, cleaned, found)
    uploads = files.claimable(uow, actor, cleaned.get("files") or [], found)
    judge(actor, rules.REGISTER, subject_of(uow.session, actor, None), found)
    book = uow.session.get_one(RegisterBook, int(cleaned["book_id"]))
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
        submission_digest=digest,
        **described,
    )
    if document.page_count is None:
        document.page_count = files.page_count(uploads)
    number, instant = registers.take_number(uow, book.series_id)
    document.arrival_number = number.number
    document.arrival_year = number.year
    document.arrival_date = number.day
    document.registered_at = instant
    uow.session.add(document)
    uow.session.flush()  # the register's line and the files point at the document
    registers.enter(uow, book.series_id, document.id, number, instant, EntryState.LIVE)
    files.attach(uow, document, uploads)
    _record(
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
    """Đính chính thông tin: correct description and circumstances of arrival, with a reason. Number, arrival date
    and received bytes never change; another book must be one of the same number series.

    Raises Forbidden, WrongState, NotFound, Refused, Stale. Clauses 212/16.4.a, 212/16.7.c.
    """
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    cleaned, found = read_inputs(uow.session, rules.CORRECT, values, values_of(document))
    cleaned["received_at"] = cleaned.get("received_at") or document.received_at
    found += rules.facts_obstacles(cleaned, clock.now())
    described = {**_description(uow.session, cleaned, found), **_arrival(uow.session, document, cleaned, found)}
    changed = any(getattr(document, name) != value for name, value in described.items())
    if not changed and not found:
        found.append(Obstacle(N_("Nothing is changed. Change a field, or go back."), code="nothing_changed"))
    _judge(uow, actor, rules.CORRECT, document, found)
    check_version(uow, document, SUBJECT, expected_version)
    for name, value in described.items():
        setattr(document, name, value)
    _record(uow, actor, document, rules.CORRECT, reason=cleaned["reason"])
    return document


@operation(rules.ATTACH)
def attach(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Đính kèm tệp: add files to a registered document; those received before stay as they are (212/16.1.a)."""
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    cleaned, found = read_inputs(uow.session, rules.ATTACH, values)
    uploads = files.claimable(uow, actor, cleaned.get("files") or [], found)
    _judge(uow, actor, rules.ATTACH, document, found)
    check_version(uow, document, SUBJECT, expected_version)
    files.attach(uow, document, uploads)
    _record(uow, actor, document, rules.ATTACH, titles=", ".join(u.received_name for u in uploads), count=len(uploads))
    return document


@operation(rules.CANCEL_NUMBER)
def cancel_number(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Hủy số đến: the line stays in the register as cancelled, with its reason; the number is never given again."""
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    cleaned, found = read_inputs(uow.session, rules.CANCEL_NUMBER, values)
    _judge(uow, actor, rules.CANCEL_NUMBER, document, found)
    check_version(uow, document, SUBJECT, expected_version)
    registers.cancel_entry(uow, document.id, cleaned["reason"])
    _record(
        uow,
        actor,
        document,
        rules.CANCEL_NUMBER,
        reason=cleaned["reason"],
        number=document.arrival_number,
        year=document.arrival_year,
    )
    return document


def _record(uow: UnitOfWork, actor: Actor, document: Document, move: Move, **params: Any) -> None:
    transition(uow, actor, document, move, subject_type=SUBJECT, document_id=document.id, **params)


def _judge(uow: UnitOfWork, actor: Actor, move: Move, document: Document, found: list[Obstacle]) -> None:
    try:
        judge(actor, move, subject_of(uow.session, actor, document), found)
    except WrongState as error:
        raise WrongState(*error.obstacles, *_what_came_between(uow.session, document)) from None


def _what_came_between(session: Session, document: Document) -> list[Obstacle]:
    """Who brought the document into the state in which it is, and when."""
    query = select(Event).where(Event.document_id == document.id, Event.state_after == document.state)
    event = session.scalars(query.order_by(Event.id).limit(1)).first()
    if event is None:
        return []
    at = clock.in_vietnam(event.at).strftime("%d/%m/%Y %H:%M")
    return [
        Obstacle(
            N_("%(who)s brought it into this state on %(at)s."),
            params={"who": event.actor_name, "at": at},
            code="since",
        )
    ]


def _digest(actor: Actor, cleaned: Mapping[str, Any]) -> str:
    """What tells two contents of one form apart; files are left out, a repeated request sends them anew."""
    content = {name: value for name, value in cleaned.items() if name != "files"}
    text = json.dumps([actor.user_id, content], sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _made_before(session: Session, submission_key: UUID | None, digest: str) -> Document | None:
    """The document that this very form made before; twins wait for each other. Another content is refused."""
    if submission_key is None:
        return None
    session.execute(select(func.pg_advisory_xact_lock(submission_key.int % 2**63)))
    made = session.scalars(select(Document).where(Document.submission_key == submission_key)).one_or_none()
    if made is not None and made.submission_digest != digest:
        raise Refused(
            Obstacle(
                N_("This form was used already: it made arrival number %(number)s. Open a new form for another paper."),
                params={"number": f"{made.arrival_number}/{made.arrival_year}"},
                code="used",
            )
        )
    return made


def _arrival(session: Session, document: Document, cleaned: Mapping[str, Any], found: list[Obstacle]) -> dict[str, Any]:
    """Columns of the arrival that may be corrected."""
    book_id = cleaned.get("book_id")
    book = session.get(RegisterBook, int(book_id)) if book_id and book_id.isdigit() else None
    if book is not None and book.series_id != document.series_id:
        found.append(Obstacle(N_("Register book: belongs to another number series. Choose another."), "book_id"))
    return {
        "book_id": book.id if book else document.book_id,
        "channel": cleaned.get("channel"),
        "received_at": cleaned["received_at"],
    }


def _description(session: Session, cleaned: Mapping[str, Any], found: list[Obstacle]) -> dict[str, Any]:
    """Columns of the description from cleaned inputs; an issuing body that does not exist goes into ``found``."""
    issuer = cleaned.get("issuer") or {}
    name = clean(issuer.get("name"))
    organisation = session.get(Organisation, issuer["id"]) if issuer.get("id") else None
    if organisation is None and issuer.get("id"):
        found.append(Obstacle(N_("Issuing body: not in the catalogue. Choose another, or type its name."), "issuer"))
    if organisation is None or organisation.name != name:
        organisation = organisation_named(session, name) if name else None
    type_id = whole_number(cleaned.get("type_id"), BIGINT)
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
        "urgency": cleaned.get("urgency"),
        "subject": cleaned.get("subject"),
        "signer_name": cleaned.get("signer_name") or "",
        "signer_position": cleaned.get("signer_position") or "",
        "page_count": cleaned.get("page_count"),
        "language": cleaned.get("language") or "Tiếng Việt",
        "identifier": cleaned.get("identifier") or "",
        "identifier_key": identity_key(cleaned.get("identifier") or ""),
        "note": cleaned.get("note") or "",
    }

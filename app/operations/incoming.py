"""Incoming documents (văn bản đến): register, present urgently, number later, correct, add files, cancel a number.

What waits to be registered, and what is refused or sent back: :mod:`app.operations.arrivals` (Decision, chapter II).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.errors import Obstacle, Refused
from app.models import Document, RegisterBook, Upload
from app.operations import arrivals, files, registers
from app.operations.base import check_version, judge, operation, read_inputs
from app.operations.registry import (
    KIND,
    SUBJECT,
    describe,
    digest_of,
    is_repeat,
    judge_on,
    lock_all,
    made_before,
    number_of,
    record,
    registry_unit,
    subject_of,
    submission,
)
from app.operations.unit_of_work import UnitOfWork
from app.queries.choices import choices
from app.queries.holdings import living
from app.queries.incoming import duplicates, same_file, values_of
from app.queries.visibility import get_visible
from app.rules import incoming as rules
from app.rules.lifecycle import Move
from app.rules.registers import NextNumber
from app.rules.text import BIGINT, whole_number
from app.vocabulary import N_, EntryState, HandlingState


@operation(rules.REGISTER)
def register(
    actor: Actor,
    values: Mapping[str, Any],
    *,
    on: int | None = None,
    expected_version: int | None = None,
    submission_key: UUID | None = None,
    uow: UnitOfWork,
) -> Document:
    """Đăng ký văn bản đến: enter a document and give it the next arrival number and date.

    ``values`` are the inputs of ``rules.incoming.REGISTER``: ``issuer`` is ``{"id", "name"}``, ``files`` a list
    of upload ids, dates are dates, ``received_at`` an instant with zone. ``on``: the waiting document that is
    entered; without it a new one is made. The same ``submission_key`` again (a double click, a repeated request)
    gives the document made the first time. The number is taken last, so that others wait as briefly as possible; a
    rollback gives it back. Clauses 212/4.1, 4.2, 5.1, 16.1.dd, 16.1.g.

    Raises Forbidden, Refused with all obstacles at once (a duplicate among them, unless ``duplicate_reason`` says
    why it is registered all the same), and with ``on`` NotFound, WrongState, Stale.
    """
    entering = _enter(uow, actor, rules.REGISTER, values, on, expected_version, submission_key)
    if entering.repeated:
        return entering.document
    return _entered(uow, actor, entering, _number(uow, entering.document))


@operation(rules.ADVANCE)
def advance(
    actor: Actor,
    values: Mapping[str, Any],
    *,
    on: int | None = None,
    expected_version: int | None = None,
    submission_key: UUID | None = None,
    uow: UnitOfWork,
) -> Document:
    """Trình khẩn: let an urgent document be handled before it has a number, a leader having permitted it (212/4.1).

    As :func:`register`, with who permitted it and how; the number is owed until :func:`give_number`.
    """
    entering = _enter(uow, actor, rules.ADVANCE, values, on, expected_version, submission_key)
    document = entering.document
    if not entering.repeated:
        entering.said["leader"] = dict(choices(uow.session, "leaders"))[str(document.permitted_by_id)]
        entering.said["reason"] = document.permitted_note
        _entered(uow, actor, entering)
    return document


@operation(rules.GIVE_NUMBER)
def give_number(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Cấp số đến sau: the number owed to a document that was presented urgently, at the latest in the transaction
    that gives the outgoing number (212/4.1). Raises Forbidden, WrongState, NotFound, Stale."""
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    _, found = read_inputs(uow.session, rules.GIVE_NUMBER, values)
    judge_on(uow, actor, rules.GIVE_NUMBER, document, found)
    check_version(uow, document, SUBJECT, expected_version)
    number, instant = _number(uow, document)
    record(uow, actor, document, rules.GIVE_NUMBER, number=document.arrival_number, year=document.arrival_year)
    _write_entry(uow, document, number, instant)
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
    cleaned["received_at"] = _instant_meant(cleaned.get("received_at"), document.received_at)
    found += rules.facts_obstacles(cleaned, clock.now(), registered_at=document.registered_at)
    described = {**describe(uow.session, cleaned, found), **_arrival(uow.session, document, cleaned, found)}
    if (described["identity_key"], described["identifier_key"]) != (document.identity_key, document.identifier_key):
        same = _duplicates(uow, actor, described, cleaned, found, but=document_id)
        described["duplicate_of_id"] = same[0].id if same else None
    changed = any(getattr(document, name) != value for name, value in described.items())
    if not changed and not found:
        found.append(Obstacle(N_("Nothing is changed. Change a field, or go back."), code="nothing_changed"))
    judge_on(uow, actor, rules.CORRECT, document, found)
    check_version(uow, document, SUBJECT, expected_version)
    for name, value in described.items():
        setattr(document, name, value)
    record(uow, actor, document, rules.CORRECT, reason=cleaned["reason"])
    return document


@operation(rules.ATTACH)
def attach(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Đính kèm tệp: add files to a registered document; those received before stay as they are (212/16.1.a)."""
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    cleaned, found = read_inputs(uow.session, rules.ATTACH, values)
    uploads = files.claimable(uow, actor, cleaned.get("files") or [], found)
    judge_on(uow, actor, rules.ATTACH, document, found)
    check_version(uow, document, SUBJECT, expected_version)
    files.attach(uow, document, uploads)
    record(uow, actor, document, rules.ATTACH, titles=[u.received_name for u in uploads], count=len(uploads))
    return document


@operation(rules.CANCEL_NUMBER)
def cancel_number(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Hủy số đến: the line stays in the register as cancelled, with its reason; the number is never given again."""
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    cleaned, found = read_inputs(uow.session, rules.CANCEL_NUMBER, values)
    found += rules.handling_obstacles(document.handling, held=bool(living(uow.session, document.id)))
    judge_on(uow, actor, rules.CANCEL_NUMBER, document, found)
    check_version(uow, document, SUBJECT, expected_version)
    registers.cancel_entry(uow, document.id, cleaned["reason"])
    document.handling = document.presented_to_id = document.presented_at = None
    record(
        uow,
        actor,
        document,
        rules.CANCEL_NUMBER,
        reason=cleaned["reason"],
        number=document.arrival_number,
        year=document.arrival_year,
    )
    return document


@dataclass
class _Entering:
    """A document about to be entered: everything is checked, the row is filled, nothing is written yet."""

    move: Move
    document: Document
    created: bool = False
    repeated: bool = False
    """This very form was sent before: there is nothing to do."""
    uploads: Sequence[Upload] = ()
    waiting: Sequence[Document] = ()
    said: dict[str, Any] = field(default_factory=dict)
    """What the event tells."""


def _enter(
    uow: UnitOfWork,
    actor: Actor,
    move: Move,
    values: Mapping[str, Any],
    on: int | None,
    expected_version: int | None,
    submission_key: UUID | None,
) -> _Entering:
    """What registering and presenting urgently have in common, up to the row itself."""
    session = uow.session
    cleaned, found = read_inputs(session, move, values)
    lock_all(uow, [on, *(cleaned.get("waiting_ids") or [])])
    document = get_visible(session, actor, on, kind=KIND, lock=True) if on is not None else None
    if document is None:
        judge(actor, move, subject_of(session, actor, None))  # who may not, learns nothing more
    digest = digest_of(session, actor, move, cleaned)
    if document is not None and is_repeat(session, document, move, submission_key, digest):
        return _Entering(move, document, repeated=True)
    made = made_before(session, submission_key, digest) if document is None else None
    if made is not None:
        return _Entering(move, made, repeated=True)
    secret = rules.secrecy_obstacles(cleaned, kept=document is not None or bool(cleaned.get("waiting_ids")))
    if secret:
        if document is not None:
            told = {"type_id": whole_number(cleaned.get("type_id"), BIGINT)}
            judge_on(uow, actor, move, document, described=told)
        raise Refused(*secret)  # nothing else matters then
    now = clock.now()
    if document is not None:
        cleaned["received_at"] = cleaned.get("received_at") or document.received_at
    found += rules.facts_obstacles(cleaned, now)
    described = describe(session, cleaned, found)
    uploads = files.claimable(uow, actor, cleaned.get("files") or [], found)
    waiting = arrivals.claimable(uow, actor, cleaned.get("waiting_ids") or [], found, but=on)
    same = _duplicates(uow, actor, described, cleaned, found, but=on)
    if document is None:
        judge(actor, move, subject_of(session, actor, None, described), found)
    else:
        judge_on(uow, actor, move, document, found, described)
        check_version(uow, document, SUBJECT, expected_version)
    described |= _arrival_of(session, move, cleaned, now)
    described["duplicate_of_id"] = _resembles(session, actor, document, same, uploads)
    entering = _Entering(move, document or Document(kind=KIND, state=move.target), document is None)
    _fill(actor, entering, described, submission_key, digest)
    entering.uploads, entering.waiting = uploads, waiting
    if entering.document.page_count is None:
        entering.document.page_count = files.page_count(uploads) or files.pages_of(session, entering.document)
    if same:
        entering.said |= {"duplicate_of": number_of(same[0]), "because": cleaned["duplicate_reason"]}
    return entering


def _arrival_of(session: Session, move: Move, cleaned: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Columns of the arrival, and who permitted that it is presented first."""
    book_id = int(cleaned["book_id"])
    advance = move is rules.ADVANCE
    return {
        "channel": cleaned["channel"],
        "book_id": book_id,
        "series_id": session.scalars(select(RegisterBook.series_id).where(RegisterBook.id == book_id)).one(),
        "received_at": cleaned.get("received_at") or now,
        "permitted_by_id": int(cleaned["permitted_by_id"]) if advance else None,
        "permitted_note": cleaned["permitted_note"] if advance else "",
    }


def _resembles(
    session: Session, actor: Actor, document: Document | None, same: Sequence[Document], uploads: Sequence[Upload]
) -> int | None:
    """The document that this one repeats by number or identifier, else the one that holds the very same file."""
    if same:
        return same[0].id
    if document is not None and document.duplicate_of_id is not None:
        return document.duplicate_of_id
    twins = same_file(session, actor, [each.sha256 for each in uploads[:1]]) if document is None else []
    return twins[0].id if twins else None


def _fill(actor: Actor, entering: _Entering, values: Mapping[str, Any], key: UUID | None, digest: str) -> None:
    document = entering.document
    for name, value in values.items():
        setattr(document, name, value)
    document.unit_id = document.unit_id or registry_unit(actor)
    if entering.created:
        document.submission_key, document.submission_digest = key, digest
    elif key is not None:
        entering.said["submission"] = submission(key, digest)


def _entered(
    uow: UnitOfWork, actor: Actor, entering: _Entering, given: tuple[NextNumber, datetime] | None = None
) -> Document:
    """Write the document with its line in the register, its files and its event."""
    document = entering.document
    document.handling = HandlingState.PENDING  # with its state, not before: each is checked by the other
    if entering.created:
        uow.session.add(document)
        uow.session.flush()  # the register's line and the files point at the document
    if given is not None:
        entering.said |= {"number": given[0].number, "year": given[0].year}
    entering.said["titles"] = [u.received_name for u in entering.uploads]
    # number and state go into the row together
    record(uow, actor, document, entering.move, created=entering.created, **entering.said)
    if given is not None:
        _write_entry(uow, document, *given)
    files.attach(uow, document, entering.uploads, created=entering.created)
    for each in entering.waiting:
        arrivals.join_into(uow, actor, each, document)
    return document


def _number(uow: UnitOfWork, document: Document) -> tuple[NextNumber, datetime]:
    """Give the next number of the document's series; its line in the register is written with :func:`_write_entry`."""
    assert document.series_id is not None  # noqa: S101 - taken from its book
    number, instant = registers.take_number(uow, document.series_id)
    document.arrival_number = number.number
    document.arrival_year = number.year
    document.arrival_date = number.day
    document.registered_at = instant
    return number, instant


def _write_entry(uow: UnitOfWork, document: Document, number: NextNumber, instant: datetime) -> None:
    assert document.series_id is not None  # noqa: S101 - the number was taken from it
    registers.enter(uow, document.series_id, document.id, number, instant, EntryState.LIVE)


def _instant_meant(given: datetime | None, present: datetime | None) -> datetime | None:
    """A form shows an instant to the minute; given back unchanged it means the very same, seconds and all."""
    if given is None or (present is not None and given == present.replace(second=0, microsecond=0)):
        return present
    return given


def _duplicates(
    uow: UnitOfWork,
    actor: Actor,
    described: Mapping[str, Any],
    cleaned: Mapping[str, Any],
    found: list[Obstacle],
    but: int | None,
) -> list[Document]:
    """Documents that are the same by number or identifier; without a reason to go on all the same, an obstacle.

    Two clerks with the same paper wait for each other here, so that the second is told (212/16.1.g).
    """
    for key in sorted({described["identity_key"], described["identifier_key"]} - {""}):
        digest = hashlib.sha256(key.encode()).digest()[:8]
        uow.session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest, "big", signed=True))))
    same = duplicates(
        uow.session,
        actor,
        number_notation=described["number_notation"],
        issuer_id=described["issuer_id"],
        issuer_name=described["issuer_name"],
        identifier=described["identifier"],
        issued_on=described["issued_on"],
        but=but,
    )
    if same and not cleaned.get("duplicate_reason"):
        found.append(
            Obstacle(
                N_(
                    "Registered already as %(numbers)s. If this is its paper copy, add it there; "
                    "else say why it is registered once more."
                ),
                "duplicate_reason",
                {"numbers": ", ".join(number_of(each) for each in same), "ids": [each.id for each in same]},
                code="duplicate",
            )
        )
    return same


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

"""What arrives and has no number yet, and what is not kept: the tray of waiting papers, paper copies, refusal, return
(nhận vào khay, ghép, bản giấy đến sau, từ chối, gửi trả; 212/4.3, 5.3, 6.2, 7.3)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.errors import Obstacle
from app.models import Document, DocumentFile, DocumentLink
from app.operations import events, files
from app.operations.base import ON_REFUSAL, check_version, judge, operation, read_inputs
from app.operations.registry import (
    KIND,
    SUBJECT,
    describe,
    digest_of,
    judge_on,
    lock_all,
    made_before,
    number_of,
    record,
    registry_unit,
    subject_of,
)
from app.operations.unit_of_work import UnitOfWork
from app.queries.holdings import living
from app.queries.incoming import by_number, same_file
from app.queries.visibility import get_visible, visible
from app.rules import incoming as rules
from app.rules.lifecycle import obstacles
from app.rules.text import clean, whole_number
from app.vocabulary import N_, IncomingState, LinkKind, RefusalReason

_NUMBER = re.compile(r"0*([1-9][0-9]{0,8})(?:/([0-9]{4}))?")


@operation(rules.RECEIVE)
def receive(
    actor: Actor, values: Mapping[str, Any], *, submission_key: UUID | None = None, uow: UnitOfWork
) -> Document:
    """Nhận vào khay: put files into the tray as one paper that waits to be registered (212/6.2, 16.1.a).

    Called for files dropped on the page, and by the job that watches the scan folder. The first file is the main one
    and gives the working title. What holds a file that another document holds is marked as its possible duplicate.
    Raises Forbidden, Refused.
    """
    session = uow.session
    judge(actor, rules.RECEIVE, subject_of(session, actor, None))
    cleaned, found = read_inputs(session, rules.RECEIVE, values)
    digest = digest_of(session, actor, rules.RECEIVE, cleaned)
    made = made_before(session, submission_key, digest)
    if made is not None:
        return made
    now = clock.now()
    found += rules.facts_obstacles(cleaned, now)
    uploads = files.claimable(uow, actor, cleaned.get("files") or [], found)
    judge(actor, rules.RECEIVE, subject_of(session, actor, None), found)
    same = same_file(session, actor, [uploads[0].sha256])
    document = Document(
        kind=KIND,
        state=rules.RECEIVE.target,
        subject=clean(PurePath(uploads[0].received_name).stem)[:500] or uploads[0].received_name,
        urgency="normal",
        channel=cleaned["channel"],
        received_at=cleaned.get("received_at") or now,
        unit_id=registry_unit(actor),
        page_count=files.page_count(uploads),
        duplicate_of_id=same[0].id if same else None,
        submission_key=submission_key,
        submission_digest=digest if submission_key else "",
    )
    session.add(document)
    session.flush()  # files and event point at the document
    files.attach(uow, document, uploads, created=True)
    record(uow, actor, document, rules.RECEIVE, created=True, titles=[u.received_name for u in uploads])
    return document


@operation(rules.ADD_PAPER_COPY)
def add_paper_copy(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Bản giấy đến sau: note that the paper copy of a document came, with its scan where there is one; it goes to
    where the document is being handled and gets no number (212/7.3). Raises Forbidden, WrongState, NotFound, Refused,
    Stale."""
    cleaned, found = read_inputs(uow.session, rules.ADD_PAPER_COPY, values)
    lock_all(uow, [document_id, *(cleaned.get("waiting_ids") or [])])
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    found += rules.facts_obstacles({"received_at": cleaned.get("received_at")}, clock.now())
    uploads = files.claimable(uow, actor, cleaned.get("files") or [], found)
    waiting = claimable(uow, actor, cleaned.get("waiting_ids") or [], found, but=document_id)
    judge_on(uow, actor, rules.ADD_PAPER_COPY, document, found)
    check_version(uow, document, SUBJECT, expected_version)
    arrived = cleaned.get("received_at") or (waiting[0].received_at if waiting else clock.now())
    document.paper_received_at = document.paper_received_at or arrived  # of several copies the first
    files.attach(uow, document, uploads)
    record(
        uow,
        actor,
        document,
        rules.ADD_PAPER_COPY,
        reason=cleaned.get("note") or "",
        titles=[u.received_name for u in uploads],
    )
    for each in waiting:
        join_into(uow, actor, each, document, LinkKind.PAPER_COPY_OF)
    return document


@operation(rules.REFUSE)
def refuse(
    actor: Actor,
    values: Mapping[str, Any],
    *,
    on: int | None = None,
    expected_version: int | None = None,
    submission_key: UUID | None = None,
    uow: UnitOfWork,
) -> Document:
    """Từ chối nhận: a document that breaks the rules of exchange is not taken in; who refused and why is on record,
    and the sender can be told (212/5.3, 4.3). ``on``: the waiting document; without it one is recorded as refused.

    The content of what is refused as a state secret is withheld from everybody from then on. Raises Forbidden,
    Refused, and with ``on`` NotFound, WrongState, Stale.
    """
    session = uow.session
    document = get_visible(session, actor, on, kind=KIND, lock=True) if on is not None else None
    if document is None:
        judge(actor, rules.REFUSE, subject_of(session, actor, None))
    cleaned, found = read_inputs(session, rules.REFUSE, values)
    digest = digest_of(session, actor, rules.REFUSE, cleaned)
    made = made_before(session, submission_key, digest) if document is None else None
    if made is not None:
        return made
    found += rules.refusal_obstacles(cleaned)
    found += rules.facts_obstacles(cleaned, clock.now())
    described = {name: value for name, value in describe(session, cleaned, found).items() if name in _KNOWN_OF_REFUSED}
    secret = cleaned.get("refusal_code") == RefusalReason.SECRET
    if secret:  # the record says that it came and went, and nothing of what it says
        if cleaned.get("files"):
            found.append(
                Obstacle(N_("Files: a document with state secrets is not uploaded. Take the files away."), "files")
            )
        described |= {"subject": rules.SECRET_SUBJECT, "number_notation": "", "code_number": "", "code_notation": ""}
    uploads = files.claimable(uow, actor, cleaned.get("files") or [], found)
    if document is None:
        judge(actor, rules.REFUSE, subject_of(session, actor, None), found)
        document = Document(
            kind=KIND,
            state=rules.REFUSE.target,
            urgency="normal",
            unit_id=registry_unit(actor),
            submission_key=submission_key,
            submission_digest=digest if submission_key else "",
            received_at=cleaned.get("received_at") or clock.now(),
            **described,
        )
        session.add(document)
    else:
        judge_on(uow, actor, rules.REFUSE, document, found)
        check_version(uow, document, SUBJECT, expected_version)
        for name, value in described.items():
            setattr(document, name, value)
    document.channel = cleaned["channel"]
    _say_why(document, cleaned)
    session.flush()  # files and event point at the document
    files.attach(uow, document, uploads)
    titles = [u.received_name for u in uploads]
    record(uow, actor, document, rules.REFUSE, created=on is None, titles=titles, **_why(cleaned))
    return document


@operation(rules.SEND_BACK)
def send_back(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Gửi trả: a registered document outside the Office's competence, or faulty, goes back to its sender; its number
    stays in the register (212/4.3). Raises Forbidden, WrongState, NotFound, Refused, Stale."""
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    cleaned, found = read_inputs(uow.session, rules.SEND_BACK, values)
    found += rules.refusal_obstacles(cleaned)
    found += rules.handling_obstacles(document.handling, held=bool(living(uow.session, document.id)))
    judge_on(uow, actor, rules.SEND_BACK, document, found)
    check_version(uow, document, SUBJECT, expected_version)
    _say_why(document, cleaned)
    document.handling = document.presented_to_id = document.presented_at = None
    if document.withheld:  # the line stays in the register, and says nothing of what the document says
        document.subject, document.note = rules.SECRET_SUBJECT, ""
        document.identity_key = document.identifier_key = ""
    record(uow, actor, document, rules.SEND_BACK, **_why(cleaned))
    return document


@operation(rules.JOIN)
def join(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Ghép vào văn bản đã có: the files of a waiting paper become files of a document of this year's register, or of
    another year's (``298/2025``). Raises Forbidden, WrongState, NotFound, Refused, Stale."""
    cleaned, found = read_inputs(uow.session, rules.JOIN, values)
    into = _numbered(uow, actor, cleaned.get("into"), found)
    lock_all(uow, [document_id, into.id if into else None])
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    into = get_visible(uow.session, actor, into.id, kind=KIND, lock=True) if into else None
    judge_on(uow, actor, rules.JOIN, document, found)
    check_version(uow, document, SUBJECT, expected_version)
    assert into is not None  # noqa: S101 - else an obstacle was found
    judge_on(uow, actor, rules.ATTACH, into)
    join_into(uow, actor, document, into)
    return document


@operation(rules.DISCARD)
def discard(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Bỏ khỏi khay: what waits and is no document leaves the tray, with a reason; nothing is deleted."""
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    cleaned, found = read_inputs(uow.session, rules.DISCARD, values)
    judge_on(uow, actor, rules.DISCARD, document, found)
    check_version(uow, document, SUBJECT, expected_version)
    record(uow, actor, document, rules.DISCARD, reason=cleaned["reason"])
    return document


def claimable(
    uow: UnitOfWork, actor: Actor, document_ids: Sequence[Any], found: list[Obstacle], *, but: int | None
) -> list[Document]:
    """Papers of the tray that the actor may see, in the order given, locked; the rest into ``found``."""
    ids = [i for i in dict.fromkeys(int(i) for i in document_ids) if i != but]
    if not ids:
        return []
    query = select(Document).where(
        Document.id.in_(ids), Document.kind == KIND, Document.state == IncomingState.RECEIVED, visible(actor)
    )
    query = query.order_by(Document.id).with_for_update(key_share=True)
    rows = {row.id: row for row in uow.session.scalars(query.execution_options(populate_existing=True))}
    if len(rows) < len(ids):
        found.append(
            Obstacle(N_("Waiting papers: one of them is no longer in the tray. Open the tray again."), "waiting_ids")
        )
    for row in rows.values():
        judge_on(uow, actor, rules.JOIN, row)  # another registry's papers are not ours to take
    return [rows[i] for i in ids if i in rows]


def join_into(
    uow: UnitOfWork, actor: Actor, waiting: Document, into: Document, kind: LinkKind = LinkKind.PART_OF
) -> None:
    """Make the files of a waiting paper files of ``into``, and link the two. Both are locked and judged already."""
    session = uow.session
    held = session.scalars(
        select(DocumentFile).where(DocumentFile.document_id == waiting.id).order_by(DocumentFile.ordinal)
    ).all()
    files.copy_to(uow, into, held)
    session.add(DocumentLink(from_id=waiting.id, to_id=into.id, kind=kind))
    record(uow, actor, waiting, rules.JOIN, into=number_of(into), into_id=into.id)


_KNOWN_OF_REFUSED = frozenset(
    {"issuer_id", "issuer_name", "number_notation", "code_number", "code_notation", "issued_on", "subject"}
)
"""Without the keys of duplicates: what was refused never stands against the same document sent again."""


@operation()
def stop_secret(actor: Actor, on: int | None, values: Mapping[str, Any], *, uow: UnitOfWork) -> None:
    """Dừng văn bản mật: what somebody said to be a state secret is kept from everybody at once – the content of papers
    in the tray is withheld, with an event; files that were only sent are forgotten with their bytes (Decision 1.2).

    Called after the refusal of the act itself, whatever door it came through. Papers that the actor may not act on stay
    as they are.
    """
    session = uow.session
    waiting = [each for each in [on, *(values.get("waiting_ids") or [])] if each is not None]
    lock_all(uow, waiting)
    for document_id in dict.fromkeys(map(int, waiting)):
        query = select(Document).where(Document.id == document_id, Document.kind == KIND, visible(actor))
        paper = session.scalars(query.with_for_update(key_share=True)).one_or_none()
        if paper is None or paper.withheld or obstacles(rules.REFUSE, actor, subject_of(session, actor, paper)):
            continue
        paper.withheld = True
        events.record(uow, actor, "incoming.withheld", "document", paper.id, document_id=paper.id)
    files.forget(actor, [int(each) for each in values.get("files") or []])


ON_REFUSAL["secret"] = stop_secret


def _say_why(document: Document, cleaned: Mapping[str, Any]) -> None:
    document.refusal_code = cleaned["refusal_code"]
    document.withheld = document.withheld or cleaned["refusal_code"] == RefusalReason.SECRET


def _why(cleaned: Mapping[str, Any]) -> dict[str, str]:
    code = RefusalReason(cleaned["refusal_code"])
    return {"why": rules.REFUSAL_REASONS[code], "code": code, "reason": cleaned.get("reason") or ""}


def _numbered(uow: UnitOfWork, actor: Actor, typed: str | None, found: list[Obstacle]) -> Document | None:
    match = _NUMBER.fullmatch((typed or "").replace(" ", ""))
    year = whole_number(match[2]) if match and match[2] else clock.today().year
    document = by_number(uow.session, actor, int(match[1]), year or 0) if match else None
    if document is None and typed:
        found.append(
            Obstacle(
                N_("Arrival number: “%(typed)s” is not in the register. Write it like 298, or 298/2025."),
                "into",
                {"typed": typed},
            )
        )
    return document

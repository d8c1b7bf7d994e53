"""What all acts on incoming documents (văn bản đến) have in common: who acts, what is described, what is told."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.errors import Obstacle, Refused, WrongState
from app.models import Document, Event, Organisation, Upload
from app.operations.base import judge, transition
from app.operations.unit_of_work import UnitOfWork
from app.queries.parties import body_meant, unit_path
from app.rules import incoming as rules
from app.rules.lifecycle import Move, Subject
from app.rules.permissions import incoming_relations
from app.rules.registers import written
from app.rules.text import BIGINT, clean, identity_key, split_number, whole_number
from app.vocabulary import N_, DocumentKind, PostKind

KIND = DocumentKind.INCOMING
SUBJECT = rules.LIFECYCLE.subject_type
_REGISTRY_POSTS = (PostKind.CLERK, PostKind.ADMIN_HEAD)


def subject_of(
    session: Session, actor: Actor, document: Document | None, described: Mapping[str, Any] | None = None
) -> Subject:
    """What the rules need to know of a document (or of a new one) to judge the actor's moves on it.

    ``described``: the columns that the move gives it; its kind counts where the document has none yet.
    """
    path = unit_path(session, document.unit_id) if document else ()
    told = (described or {}).get("type_id")
    type_id = document.type_id or told if document else told
    return Subject(document.state if document else "", incoming_relations(actor, path), type_id)


def number_of(document: Document) -> str:
    """Arrival number as sentences write it; what has none yet, by the instant it arrived."""
    if document.arrival_number is None:
        return clock.in_vietnam(document.received_at or clock.now()).strftime("%d/%m/%Y %H:%M")
    return f"{written(document.arrival_number)}/{document.arrival_year}"


def registry_unit(actor: Actor) -> int | None:
    """The unit in whose register the actor works; ``None`` for the program itself."""
    return next((p.unit_id for p in actor.effective_posts if p.ours and p.kind in _REGISTRY_POSTS), None)


def record(uow: UnitOfWork, actor: Actor, document: Document, move: Move, **params: Any) -> None:
    """Bring the document where the move leads, with the move's event in its story."""
    transition(uow, actor, document, move, subject_type=SUBJECT, document_id=document.id, **params)


def judge_on(
    uow: UnitOfWork,
    actor: Actor,
    move: Move,
    document: Document,
    found: list[Obstacle] | None = None,
    described: Mapping[str, Any] | None = None,
) -> None:
    """Judge a move on a document; a wrong state says who brought it there and when."""
    try:
        judge(actor, move, subject_of(uow.session, actor, document, described), found)
    except WrongState as error:
        raise WrongState(*error.obstacles, *what_came_between(uow.session, document, document.state)) from None


def what_came_between(session: Session, document: Document, state: str | None) -> list[Obstacle]:
    """Who brought the document into the state in which it is, when it came into it last, and to whom it was given
    until when."""
    query = select(Event).where(
        Event.subject_type == SUBJECT,
        Event.subject_id == str(document.id),
        Event.state_after == state,
        Event.state_before.is_distinct_from(state),
    )
    event = session.scalars(query.order_by(Event.id.desc()).limit(1)).first()
    if event is None:
        return []
    at = clock.in_vietnam(event.at).strftime("%d/%m/%Y %H:%M")
    assigned = (event.params or {}).get("assigned")
    told = {"who": event.actor_name, "at": at}
    if assigned:
        message = N_("%(who)s gave it on %(at)s: %(assigned)s.")
        return [Obstacle(message, params={**told, "assigned": assigned}, code="since")]
    return [Obstacle(N_("%(who)s brought it into this state on %(at)s."), params=told, code="since")]


def lock_all(uow: UnitOfWork, document_ids: Iterable[Any]) -> None:
    """Lock every document that an act concerns, in the order of their ids, before it looks at any: two people who act
    on the same papers then wait for each other instead of each for the other."""
    ids = sorted({int(each) for each in document_ids if each is not None})
    if len(ids) > 1:
        query = select(Document.id).where(Document.id.in_(ids)).order_by(Document.id)
        uow.session.execute(query.with_for_update(key_share=True)).all()


def digest_of(session: Session, actor: Actor, move: Move, cleaned: Mapping[str, Any]) -> str:
    """What tells two contents of one form apart: who sent what by which move, and the bytes of its files – the same
    bytes sent anew are the same."""
    content = {name: value for name, value in cleaned.items() if name != "files"}
    uploads = select(Upload.sha256).where(Upload.id.in_([int(i) for i in cleaned.get("files") or []]))
    text = json.dumps(
        [actor.user_id, move.name, content, sorted(session.scalars(uploads))],
        sort_keys=True,
        default=str,
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def made_before(session: Session, submission_key: UUID | None, digest: str) -> Document | None:
    """The document that this very form made before; twins wait for each other. Another content is refused."""
    if submission_key is None:
        return None
    session.execute(select(func.pg_advisory_xact_lock(submission_key.int % 2**63)))
    made_id = session.scalar(select(Document.id).where(Document.submission_key == submission_key))
    made = session.get_one(Document, made_id) if made_id is not None else None
    if made is not None and made.submission_digest != digest:
        raise Refused(
            Obstacle(
                N_("This form was used already: it made arrival number %(number)s. Open a new form for another paper.")
                if made.arrival_number is not None
                else N_("This form was used already, for the paper of %(number)s. Open a new form for another paper."),
                params={"number": number_of(made)},
                code="used",
            )
        )
    return made


def is_repeat(session: Session, document: Document, move: Move, key: UUID | None, digest: str) -> bool:
    """Whether the very form that is sent now made this move on the document already (a double click)."""
    if key is None:
        return False
    query = select(Event.id).where(
        Event.document_id == document.id,
        Event.tag == move.name,
        Event.params["submission"].astext == submission(key, digest),
    )
    return session.scalar(query.limit(1)) is not None


def submission(key: UUID, digest: str) -> str:
    """How the event of a move on a document that was there remembers the form that made it."""
    return f"{key}:{digest}"


def describe(session: Session, cleaned: Mapping[str, Any], found: list[Obstacle]) -> dict[str, Any]:
    """Columns of the description from cleaned inputs; an issuing body that does not exist goes into ``found``."""
    issuer = cleaned.get("issuer") or {}
    name = clean(issuer.get("name"))
    organisation = body_meant(session, issuer)
    if organisation is None and issuer.get("id") and session.get(Organisation, issuer["id"]) is None:
        found.append(Obstacle(N_("Issuing body: not in the catalogue. Choose another, or type its name."), "issuer"))
    type_id = whole_number(cleaned.get("type_id"), BIGINT)
    number_notation = cleaned.get("number_notation") or ""
    code_number, code_notation = split_number(number_notation)
    return {
        "issuer_id": organisation.id if organisation else None,
        "issuer_name": organisation.name if organisation else name,
        "number_notation": number_notation,
        "code_number": code_number[:11],
        "code_notation": code_notation[:50],
        "identity_key": rules.document_key(number_notation, organisation.id if organisation else None, name),
        "issued_on": cleaned.get("issued_on"),
        "type_id": type_id,
        "urgency": cleaned.get("urgency"),
        "field_id": whole_number(cleaned.get("field_id"), BIGINT),
        "subject": cleaned.get("subject"),
        "signer_name": cleaned.get("signer_name") or "",
        "signer_position": cleaned.get("signer_position") or "",
        "page_count": cleaned.get("page_count"),
        "language": cleaned.get("language") or "Tiếng Việt",
        "identifier": cleaned.get("identifier") or "",
        "identifier_key": identity_key(cleaned.get("identifier") or ""),
        "note": cleaned.get("note") or "",
    }

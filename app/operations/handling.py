"""Settling incoming documents (giải quyết văn bản đến): presenting, assigning, routing (Decision, article 7).

Outcomes: :mod:`app.operations.settling`. What each holder does with the own part: :mod:`app.operations.assignments`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.errors import Obstacle, WrongState
from app.models import Assignment, Document, Person
from app.operations import files, notices, working_papers
from app.operations.assigning import (
    Giving,
    close,
    give,
    lead_due,
    lead_name,
    mirror,
    read_giving,
    tell_given,
    tell_holders,
    words,
)
from app.operations.base import check_version, judge, operation, read_inputs, touch, transition
from app.operations.registry import KIND, SUBJECT, what_came_between
from app.operations.unit_of_work import UnitOfWork
from app.queries.absences import substitutes
from app.queries.choices import choices
from app.queries.deadlines import calendar, proposed
from app.queries.history import last_actor
from app.queries.holdings import document_subject, living
from app.queries.visibility import get_visible
from app.rules import handling as rules
from app.rules.deadlines import deadline
from app.rules.lifecycle import Move
from app.vocabulary import AssignmentState, HandlingState, NoticeKind


@dataclass
class Case:
    """A document about to be acted on: locked and read, with what is held of it and what the form says."""

    document: Document
    living: list[Assignment]
    cleaned: dict[str, Any]
    found: list[Obstacle] = field(default_factory=list)


def open_case(uow: UnitOfWork, actor: Actor, move: Move, document_id: int, values: Mapping[str, Any]) -> Case:
    """Lock the document, then read what is held of it and what the form says. Raises NotFound."""
    document = get_visible(uow.session, actor, document_id, kind=KIND, lock=True)
    cleaned, found = read_inputs(uow.session, move, values, actor=actor)
    return Case(document, living(uow.session, document.id), cleaned, found)


def judge_case(uow: UnitOfWork, actor: Actor, move: Move, case: Case, expected_version: int | None) -> None:
    """Judge the move with everything that was found; a wrong state says who brought it there. Raises Forbidden,
    WrongState, Refused, Stale."""
    subject = document_subject(uow.session, actor, case.document, case.living)
    try:
        judge(actor, move, subject, case.found)
    except WrongState as error:
        between = what_came_between(uow.session, case.document, case.document.handling)
        raise WrongState(*error.obstacles, *between) from None
    check_version(uow, case.document, SUBJECT, expected_version)


def record_case(uow: UnitOfWork, actor: Actor, case: Case, move: Move, **params: Any) -> None:
    """Bring the settling where the move leads, with the move's event in the document's story. Whoever has the document
    open is told of it, also where only what others hold changed."""
    document = case.document
    touch(document)
    transition(uow, actor, document, move, subject_type=SUBJECT, document_id=document.id, state="handling", **params)


# ── presenting ───────────────────────────────────────────────────────────────────────────────────────────────────


@operation(rules.PRESENT)
def present(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Trình văn bản: to the office leader in charge, or a head of department with authority (212/7.1); again to
    another while nobody has assigned it. Raises Forbidden, WrongState, NotFound, Refused, Stale."""
    case = open_case(uow, actor, rules.PRESENT, document_id, values)
    judge_case(uow, actor, rules.PRESENT, case, expected_version)
    leader = uow.session.get_one(Person, int(case.cleaned["to_id"]))
    case.document.presented_to_id, case.document.presented_at = leader.id, clock.now()
    note = case.cleaned.get("note") or ""
    record_case(uow, actor, case, rules.PRESENT, to=leader.full_name, note=note)
    away = substitutes(uow.session, [leader.id]).get(leader.id)
    told = [leader.id, away.substitute_id if away is not None else None]
    notices.tell(uow, actor, NoticeKind.PRESENTED, told, document=case.document, note=note)
    return case.document


@operation(rules.DECLINE)
def decline(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Trả lại văn thư: not mine to assign; the registry presents it to somebody else, or sends it back to its sender
    (212/7.1). Raises Forbidden, WrongState, NotFound, Refused, Stale."""
    case = open_case(uow, actor, rules.DECLINE, document_id, values)
    judge_case(uow, actor, rules.DECLINE, case, expected_version)
    case.document.presented_to_id = case.document.presented_at = None
    reason = case.cleaned["reason"]
    presenter = last_actor(uow.session, case.document.id, rules.PRESENT.name)
    # what others still had beside a lead that was given back: nobody would be there to decide on it
    lost = close(uow.session, case.living, case.living, AssignmentState.WITHDRAWN, reason)
    record_case(uow, actor, case, rules.DECLINE, reason=reason)
    notices.tell(
        uow, actor, NoticeKind.GIVEN_BACK, [presenter], document=case.document, variant="declined", reason=reason
    )
    tell_holders(uow, actor, NoticeKind.WITHDRAWN, case.document, lost, reason=reason)
    return case.document


# ── assigning ────────────────────────────────────────────────────────────────────────────────────────────────────


@operation(rules.ASSIGN)
def assign(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Phân công: one leads, others co-ordinate or are informed, with directions and a deadline (212/7.2); entered by
    the leader, or for the leader by whoever is authorised, who may add the paper with the leader's handwriting.

    ``assignees``: rows ``{"unit_id" or "person_id", "kind", "due_on"}``; ``due_on``: for all rows without their own,
    by default the proposed one. Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    case = open_case(uow, actor, rules.ASSIGN, document_id, values)
    giving = _read(uow, actor, case)
    uploads = files.claimable(uow, actor, case.cleaned.get("files") or [], case.found)
    judge_case(uow, actor, rules.ASSIGN, case, expected_version)
    _keep_handwriting(uow, case, uploads)
    return _assign(uow, actor, rules.ASSIGN, case, giving)


@operation(rules.ROUTE)
def route(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Chuyển xử lý theo yêu cầu: the registry routes any document when a leader assigns or a specialist asks, with
    the request on record (212/16.2.b). What is held at the top becomes what the form says.

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    case = open_case(uow, actor, rules.ROUTE, document_id, values)
    giving = _read(uow, actor, case)
    uploads = files.claimable(uow, actor, case.cleaned.get("files") or [], case.found)
    case.found += rules.request_obstacles(case.cleaned, actor.person_id)
    judge_case(uow, actor, rules.ROUTE, case, expected_version)
    bypassed = case.document.presented_to_id if case.document.handling == HandlingState.PRESENTED else None
    requester = uow.session.get_one(Person, int(case.cleaned["requested_by_id"]))
    giving = Giving(giving.assignees, requester.id, giving.directions, giving.due_on)
    _keep_handwriting(uow, case, uploads)
    request = case.cleaned["request_note"]
    _assign(uow, actor, rules.ROUTE, case, giving, requester=requester.full_name, request=request)
    if bypassed != requester.id:  # to whom it was presented, and who has it no longer
        notices.tell(uow, actor, NoticeKind.WITHDRAWN, [bypassed], document=case.document, reason=request)
    return case.document


@operation(rules.REASSIGN)
def reassign(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Điều chỉnh phân công: who stays keeps the assignment and what was done with it, who is left out loses it, who
    is new gets one (212/7.2, 16.1.i). Raises Forbidden, WrongState, NotFound, Refused, Stale."""
    case = open_case(uow, actor, rules.REASSIGN, document_id, values)
    giving = _read(uow, actor, case)
    judge_case(uow, actor, rules.REASSIGN, case, expected_version)
    return _assign(uow, actor, rules.REASSIGN, case, giving, reason=case.cleaned["reason"])


@operation(rules.WITHDRAW)
def withdraw(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Thu hồi phân công: everybody loses what they had; the document waits for its assignment again (212/7.2).

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    case = open_case(uow, actor, rules.WITHDRAW, document_id, values)
    judge_case(uow, actor, rules.WITHDRAW, case, expected_version)
    reason = case.cleaned["reason"]
    told = close(uow.session, case.living, case.living, AssignmentState.WITHDRAWN, reason)
    mirror(case.document, case.living)
    record_case(uow, actor, case, rules.WITHDRAW, reason=reason)
    tell_holders(uow, actor, NoticeKind.WITHDRAWN, case.document, told, reason=reason)
    return case.document


def due_when_empty(session: Session, document: Document) -> date:
    """The deadline when nobody types one: the document's own, while it is still to come; else the proposed one – by
    law or seven working days from the day after receipt (212/4.4) – or, if that has passed, as many days from today."""
    today = clock.today()
    if document.due_on is not None and document.due_on >= today:
        return document.due_on
    rule = proposed(session, document)
    return rule.due_on if rule.due_on >= today else deadline(today, rule.term, calendar(session)).due_on


def _read(uow: UnitOfWork, actor: Actor, case: Case) -> Giving:
    when_empty = due_when_empty(uow.session, case.document)
    return read_giving(uow.session, actor, case.cleaned, when_empty, case.found)


def _keep_handwriting(uow: UnitOfWork, case: Case, uploads: Any) -> None:
    title = f"{rules.HANDWRITING_TITLE}: {case.document}"
    working_papers.keep(uow, title, uploads, about=case.document, unit_id=case.document.unit_id)


def _may_be_in_charge(session: Session, person_id: int | None) -> bool:
    """Whether documents are presented to this person (212/7.1). A specialist at whose request something is routed gets
    no leader's place by it: the registry stays in charge."""
    return str(person_id) in {value for value, _ in choices(session, "distributors")}


def _assign(uow: UnitOfWork, actor: Actor, move: Move, case: Case, giving: Giving, **said: Any) -> Document:
    document = case.document
    given = give(uow, document, None, case.living, giving, reason=said.get("reason") or said.get("request") or "")
    mirror(document, living(uow.session, document.id))
    if document.handling == HandlingState.PENDING and _may_be_in_charge(uow.session, giving.by_id):
        # routed before anybody was asked: the leader who asked is in charge
        document.presented_to_id, document.presented_at = giving.by_id, clock.now()
    record_case(
        uow,
        actor,
        case,
        move,
        assigned=words(giving),
        lead=lead_name(giving),
        due=lead_due(giving).strftime("%d/%m/%Y"),
        directions=giving.directions,
        **said,
    )
    tell_given(uow, actor, document, given, directions=giving.directions, reason=said.get("reason", ""))
    return document

"""Outcomes of settling an incoming document (Decision 8.2): filed, transferred, returned, processed; and reopening.

What goes out is an outgoing document in preparation; until it has gone the document stays with who leads it, and its
deadline runs.
"""

from collections.abc import Mapping
from typing import Any

from app import clock
from app.actor import Actor
from app.errors import Obstacle
from app.models import Assignment, Document, DocumentLink
from app.operations import case_files, notices, slips
from app.operations.assigning import close, leaf_of, mirror, name_of, recompute, tell_holders
from app.operations.base import operation
from app.operations.deadline_record import record_changes
from app.operations.handling import Case, due_when_empty, judge_case, open_case, record_case
from app.operations.unit_of_work import UnitOfWork
from app.queries.holdings import all_of
from app.queries.own_choices import open_case_files
from app.rules import handling as rules
from app.rules import incoming
from app.rules import slips as slip_rules
from app.rules.lifecycle import Move
from app.vocabulary import (
    LIVING,
    N_,
    AssignmentKind,
    AssignmentState,
    DocumentKind,
    HandlingOutcome,
    HandlingState,
    LinkKind,
    NoticeKind,
    OutgoingState,
    RefusalReason,
)


@operation(rules.FILE)
def file(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Lưu tham khảo: read, and nothing more is to be done (212/8.2.1). Raises Forbidden, WrongState, NotFound,
    Refused, Stale."""
    case = open_case(uow, actor, rules.FILE, document_id, values)
    judge_case(uow, actor, rules.FILE, case, expected_version)
    _settle(uow, actor, rules.FILE, case, HandlingOutcome.FILED, note=case.cleaned.get("note") or "")
    return case.document


@operation(rules.TRANSFER)
def transfer(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Phiếu chuyển: prepare a transfer slip to the competent body and a notice to the sender (212/8.2.2, S.3).

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    case = open_case(uow, actor, rules.TRANSFER, document_id, values)
    case.found += rules.reply_obstacles(case.cleaned, clock.today())
    case.found += slip_rules.transfer_obstacles(case.cleaned, case.document.issuer_id, case.document.issuer_name)
    judge_case(uow, actor, rules.TRANSFER, case, expected_version)
    slips.prepare(uow, actor, case.document, slip_rules.TRANSFER, case.cleaned)
    case.document.outcome = HandlingOutcome.TRANSFERRED
    record_case(uow, actor, case, rules.TRANSFER, recipient=case.cleaned["recipient"]["name"])
    return case.document


@operation(rules.RETURN_TO_SENDER)
def return_to_sender(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Hoàn trả nơi gửi: conditions for settling are missing; prepare the letter that says so (212/8.2.3).

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    case = open_case(uow, actor, rules.RETURN_TO_SENDER, document_id, values)
    case.found += incoming.refusal_obstacles(case.cleaned)
    judge_case(uow, actor, rules.RETURN_TO_SENDER, case, expected_version)
    slips.prepare(uow, actor, case.document, slip_rules.RETURN, case.cleaned)
    case.document.outcome = HandlingOutcome.RETURNED
    code = RefusalReason(case.cleaned["refusal_code"])
    reason = case.cleaned.get("reason") or ""
    record_case(uow, actor, case, rules.RETURN_TO_SENDER, why=incoming.REFUSAL_REASONS[code], reason=reason)
    return case.document


@operation(rules.PROCESS)
def process(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Xử lý: open or join a case file and begin the draft of an answer, linked with what it answers (212/8.2.4, 13.2).

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    case = open_case(uow, actor, rules.PROCESS, document_id, values)
    case.found += rules.process_obstacles(case.cleaned)
    case.found += _in_another_file(uow, actor, case)
    judge_case(uow, actor, rules.PROCESS, case, expected_version)
    session, document, cleaned = uow.session, case.document, case.cleaned
    leaf = leaf_of(case.living)
    assert leaf is not None  # noqa: S101 - the actor was judged to hold it
    if cleaned.get("case_file_id"):
        case_file = case_files.open_one(uow, int(cleaned["case_file_id"]))
    else:
        title = cleaned["case_title"]
        case_file = case_files.open_file(uow, title, unit_id=leaf.unit_id, responsible_id=leaf.person_id)
    draft = Document(
        kind=DocumentKind.OUTGOING,
        state=OutgoingState.PREPARING,
        subject=cleaned["draft_subject"],
        type_id=int(cleaned["draft_type_id"]),
        urgency=document.urgency,
        unit_id=leaf.unit_id,
    )
    session.add(draft)
    session.flush()  # link and case file point at it
    session.add(DocumentLink(from_id=draft.id, to_id=document.id, kind=LinkKind.ANSWERS))
    case_files.put_in(uow, case_file, document, draft)
    document.outcome = HandlingOutcome.PROCESSED
    record_case(
        uow, actor, case, rules.PROCESS, case_file=case_file.title, case_file_id=case_file.id, draft=draft.subject
    )
    return document


def _in_another_file(uow: UnitOfWork, actor: Actor, case: Case) -> list[Obstacle]:
    """A matter has one case file: what is in an open one goes on there, unless it is the file of another unit."""
    chosen = str(case.cleaned.get("case_file_id") or "")
    offered = {value for value, _ in open_case_files(uow.session, [actor])}
    own = [each for each in case_files.where_it_is(uow, case.document) if str(each.id) in offered]
    if not own or chosen in {str(each.id) for each in own}:
        return []
    message = N_("Case file: the document is in “%(case_file)s” already. Join that one.")
    return [Obstacle(message, "case_file_id", {"case_file": own[0].title}, "in_a_file")]


@operation(rules.COMPLETE)
def complete(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Hoàn thành: what was prepared has been signed and has gone out; its number and date are put on record, and the
    document is settled (212/8.1, 9.1). Raises Forbidden, WrongState, NotFound, Refused, Stale."""
    case = open_case(uow, actor, rules.COMPLETE, document_id, values)
    case.found += rules.answer_obstacles(case.cleaned, clock.today())
    judge_case(uow, actor, rules.COMPLETE, case, expected_version)
    number, issued_on = case.cleaned["number_notation"], case.cleaned["issued_on"]
    slips.issued(uow, actor, case.document, number, issued_on)
    _settle(
        uow,
        actor,
        rules.COMPLETE,
        case,
        HandlingOutcome(case.document.outcome),
        number=number,
        day=issued_on.strftime("%d/%m/%Y"),
        note=case.cleaned.get("note") or "",
    )
    return case.document


@operation(rules.REVISE)
def revise(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Soạn lại: put aside what was prepared, to settle the document otherwise (212/8.2).

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    case = open_case(uow, actor, rules.REVISE, document_id, values)
    judge_case(uow, actor, rules.REVISE, case, expected_version)
    aside = slips.abandon(uow, actor, case.document)
    case_files.take_out(uow, aside, case.document, case.cleaned["reason"])
    case.document.outcome = ""
    record_case(uow, actor, case, rules.REVISE, reason=case.cleaned["reason"])
    return case.document


@operation(rules.REOPEN)
def reopen(
    actor: Actor, document_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Document:
    """Mở lại: the leader is not content; who led has it again, what was prepared and has not gone is put aside.

    Raises Forbidden, WrongState, NotFound, Refused, Stale. Clauses 212/16.1.i, 16.1.k.
    """
    case = open_case(uow, actor, rules.REOPEN, document_id, values)
    session, document = uow.session, case.document
    when_empty = due_when_empty(session, document)
    due_on = case.cleaned.get("due_on") or when_empty
    case.found += rules.deadline_obstacles(due_on, clock.today(), "due_on")
    judge_case(uow, actor, rules.REOPEN, case, expected_version)
    aside = slips.abandon(uow, actor, document)
    case_files.take_out(uow, aside, document, case.cleaned["reason"])
    chain = [each for each in case.living if each.kind == AssignmentKind.LEAD]
    if document.handling == HandlingState.SETTLED:
        chain = _led_last(all_of(session, document.id), document)
        for each in chain:
            each.state, each.finished_at, each.closing_note = AssignmentState.OPEN, None, ""
            session.flush()  # from the top down: who is below is held by who is above
    before = {each.id: each.due_on for each in chain}
    for each in chain:
        each.due_on = due_on
    record_changes(session, before, chain, actor.effective_person_id, case.cleaned["reason"])
    for each in chain:
        recompute(each, chain)
    document.outcome, document.settled_at = "", None
    mirror(document, chain)
    leaf = leaf_of(chain)
    record_case(
        uow,
        actor,
        case,
        rules.REOPEN,
        reason=case.cleaned["reason"],
        lead=name_of(session, leaf) if leaf else "",
        due=due_on.strftime("%d/%m/%Y"),
    )
    tell_holders(
        uow,
        actor,
        NoticeKind.REOPENED,
        document,
        [leaf] if leaf else [],
        reason=case.cleaned["reason"],
    )
    return document


def _settle(uow: UnitOfWork, actor: Actor, move: Move, case: Case, outcome: HandlingOutcome, **said: Any) -> None:
    """The document is settled: everybody's part of it ends, and who assigned it is told."""
    document = case.document
    leaf = leaf_of(case.living)
    close(uow.session, case.living, case.living, AssignmentState.DONE)
    document.outcome, document.settled_at = outcome, clock.now()
    record_case(uow, actor, case, move, **said)
    told = {each.assigned_by_id for each in case.living} | {document.presented_to_id}
    notices.tell(
        uow,
        actor,
        NoticeKind.SETTLED,
        sorted(each for each in told if each is not None),
        document=document,
        assignment_id=leaf.id if leaf else None,
        note=said.get("note") or "",
    )


def _led_last(rows: list[Assignment], document: Document) -> list[Assignment]:
    """The chain that led when the document was settled, from the top down."""
    done = [each for each in rows if each.kind == AssignmentKind.LEAD and each.state == AssignmentState.DONE]
    chain: list[Assignment] = []
    parent_id: int | None = None
    while True:
        below = [each for each in done if each.parent_id == parent_id and each not in chain]
        if not below or any(each.state in LIVING and each.parent_id == parent_id for each in rows):
            return chain
        last = max(below, key=lambda each: (each.finished_at, each.id))
        if chain and last.finished_at != chain[0].finished_at:
            return chain  # what was below had ended before
        chain.append(last)
        parent_id = last.id

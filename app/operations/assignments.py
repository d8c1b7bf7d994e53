"""Assignments (việc được giao): what heads and specialists do with what was given (Decision, articles 7, 8, 17.2).

Every act locks the document first, then reads the assignment: two people who act on one document wait for each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app import clock
from app.actor import Actor
from app.errors import Obstacle
from app.models import Assignment, Document, Opinion
from app.operations import files, notices, working_papers
from app.operations.assigning import (
    Giving,
    bring_forward,
    close,
    give,
    key_of,
    latest_below,
    mirror,
    name_of,
    read_giving,
    recompute,
    tell_given,
    tell_holders,
    words,
)
from app.operations.base import check_version, judge, operation, read_inputs, touch, transition
from app.operations.deadline_record import end_asked, record_changes
from app.operations.unit_of_work import UnitOfWork
from app.queries.deadlines import proposed_below
from app.queries.holdings import assignment_subject, get_assignment, holders, holding, living
from app.rules import assignments as rules
from app.rules.lifecycle import Move
from app.vocabulary import (
    LIVING,
    N_,
    AssignmentKind,
    AssignmentState,
    HandlingState,
    NoticeKind,
)

SUBJECT = rules.LIFECYCLE.subject_type


@dataclass
class Part:
    """An assignment about to be acted on: its document is locked, and what is held of it is read."""

    own: Assignment
    living: list[Assignment]
    cleaned: dict[str, Any]
    found: list[Obstacle] = field(default_factory=list)

    @property
    def document(self) -> Document:
        """The document it is about."""
        return self.own.document


def open_part(uow: UnitOfWork, actor: Actor, move: Move, assignment_id: int, values: Mapping[str, Any]) -> Part:
    """Lock the document of an assignment, then read both and what the form says. Raises NotFound."""
    own = get_assignment(uow.session, actor, assignment_id, lock=True)
    cleaned, found = read_inputs(uow.session, move, values, actor=actor)
    return Part(own, living(uow.session, own.document_id), cleaned, found)


def judge_part(
    uow: UnitOfWork, actor: Actor, move: Move, part: Part, expected_version: int | None, *, deciding: bool = False
) -> None:
    """Judge the move with everything that was found. ``deciding``: by whoever decides on extensions, be one asked for
    or not. Raises Forbidden, WrongState, Refused, Stale."""
    judge(actor, move, assignment_subject(uow.session, actor, part.own, deciding=deciding), part.found)
    check_version(uow, part.own, SUBJECT, expected_version)


def record_part(uow: UnitOfWork, actor: Actor, part: Part, move: Move, **params: Any) -> None:
    """Bring the assignment where the move leads, with the move's event in the document's story."""
    transition(uow, actor, part.own, move, subject_type=SUBJECT, document_id=part.own.document_id, **params)


def keep_in_step(part: Part) -> None:
    """What was passed on, and what lists show of the document, after a part of it began or ended.

    Whoever gave it and has the dialog open meanwhile is told: to them it would still look as before.
    """
    parent = next((each for each in part.living if each.id == part.own.parent_id), None)
    if parent is not None:
        recompute(parent, part.living)
    mirror(part.document, part.living)
    if part.own.kind != AssignmentKind.INFORM:
        touch(parent if parent is not None else part.document)


# ── passing on, asking ───────────────────────────────────────────────────────────────────────────────────────────


@operation(rules.PASS_ON)
def pass_on(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Giao tiếp trong đơn vị: the head passes what the unit has to its people; below what leads one leads, and no
    deadline is later than the unit's own, while that has not passed (212/7.2, 8.1). Again, to change it.

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    part = open_part(uow, actor, rules.PASS_ON, assignment_id, values)
    own = part.own
    leads, latest = own.kind == AssignmentKind.LEAD, latest_below(part.living, own)
    giving = read_giving(
        uow.session,
        actor,
        part.cleaned,
        proposed_below(uow.session, own.due_on, latest),
        part.found,
        below=own.unit_id,
        lead=leads,
        latest=latest,
    )
    part.found += _to_oneself(part, giving)
    judge_part(uow, actor, rules.PASS_ON, part, expected_version)
    given = give(uow, part.document, own, part.living, giving)
    mirror(part.document, living(uow.session, own.document_id))
    record_part(uow, actor, part, rules.PASS_ON, assigned=words(giving), directions=giving.directions)
    tell_given(uow, actor, part.document, given, directions=giving.directions)
    return own


@operation(rules.ASK)
def ask(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Xin ý kiến: others co-ordinate by answering a question; the own part stays as it is (212/8.1, 10.1).

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    part = open_part(uow, actor, rules.ASK, assignment_id, values)
    own = part.own
    rows = [{**row, "kind": AssignmentKind.COORDINATE} for row in part.cleaned.get("assignees") or []]
    cleaned = {**part.cleaned, "assignees": rows, "directions": part.cleaned.get("question")}
    latest = latest_below(part.living, own)
    when_empty = proposed_below(uow.session, own.due_on, latest)
    giving = read_giving(uow.session, actor, cleaned, when_empty, part.found, lead=False, latest=latest)
    part.found += _to_oneself(part, giving) + _asked_already(part, giving)
    judge_part(uow, actor, rules.ASK, part, expected_version)
    given = give(uow, part.document, own, part.living, giving, only_add=True)
    names = ", ".join(each.name for each in giving.assignees)
    record_part(uow, actor, part, rules.ASK, assigned=names, question=giving.directions)
    tell_holders(
        uow, actor, NoticeKind.OPINION, part.document, given.touched, variant="asked", directions=giving.directions
    )
    return own


def _to_oneself(part: Part, giving: Giving) -> list[Obstacle]:
    own = part.own
    if own.person_id is not None and any(each.person_id == own.person_id for each in giving.assignees):
        return [Obstacle(N_("Who is to handle it: this is who has it already. Choose somebody else."), "assignees")]
    if own.person_id is None and any(each.key == key_of(own) for each in giving.assignees):
        return [Obstacle(N_("Who is to handle it: the unit has it already. Choose its people."), "assignees")]
    return []


def _asked_already(part: Part, giving: Giving) -> list[Obstacle]:
    present = {key_of(each) for each in part.living if each.parent_id == part.own.id}
    twice = [each.name for each in giving.assignees if each.key in present]
    if not twice:
        return []
    message = N_("Whom to ask: %(names)s has a part of it already. Choose somebody else, or wait for the answer.")
    return [Obstacle(message, "assignees", {"names": ", ".join(twice)})]


# ── opinions, ends of one part ───────────────────────────────────────────────────────────────────────────────────


@operation(rules.OPINE)
def opine(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Ghi ý kiến: an opinion with its files, by whoever has a part of it or gave one, or entered for them (212/8.1,
    17.2). Raises Forbidden, WrongState, NotFound, Refused, Stale."""
    part = open_part(uow, actor, rules.OPINE, assignment_id, values)
    uploads = files.claimable(uow, actor, part.cleaned.get("files") or [], part.found)
    judge_part(uow, actor, rules.OPINE, part, expected_version)
    _write_opinion(uow, actor, part, uploads)
    touch(part.own)  # a form sent twice says it once
    record_part(uow, actor, part, rules.OPINE, text=_excerpt(part), titles=[u.received_name for u in uploads])
    _tell_around(uow, actor, part, "")
    return part.own


@operation(rules.CONTRIBUTE)
def contribute(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Góp ý kiến phối hợp: the opinion of who co-ordinates, and the end of that part (212/7.2, 8.1).

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    part = open_part(uow, actor, rules.CONTRIBUTE, assignment_id, values)
    uploads = files.claimable(uow, actor, part.cleaned.get("files") or [], part.found)
    judge_part(uow, actor, rules.CONTRIBUTE, part, expected_version)
    _write_opinion(uow, actor, part, uploads)
    _end(uow, actor, part, rules.CONTRIBUTE, text=_excerpt(part), titles=[u.received_name for u in uploads])
    _tell_around(uow, actor, part, "contributed")
    return part.own


@operation(rules.ACKNOWLEDGE)
def acknowledge(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Đã xem: who was to know of it has read it (212/7.2). Raises Forbidden, WrongState, NotFound, Refused, Stale."""
    part = open_part(uow, actor, rules.ACKNOWLEDGE, assignment_id, values)
    judge_part(uow, actor, rules.ACKNOWLEDGE, part, expected_version)
    _end(uow, actor, part, rules.ACKNOWLEDGE)
    return part.own


@operation(rules.GIVE_BACK)
def give_back(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Trả lại việc: not mine to do; who gave it decides anew. What leads at the top goes back to the leader, who
    assigns the document once more (212/8.1, 16.1.i). Raises Forbidden, WrongState, NotFound, Refused, Stale."""
    part = open_part(uow, actor, rules.GIVE_BACK, assignment_id, values)
    part.found += rules.answering_obstacles(part.own.kind, part.document.handling)
    judge_part(uow, actor, rules.GIVE_BACK, part, expected_version)
    _end(uow, actor, part, rules.GIVE_BACK, note=part.cleaned["reason"], reason=part.cleaned["reason"])
    lost = _lead_is_missing(uow, part)
    notices.tell(
        uow,
        actor,
        NoticeKind.GIVEN_BACK,
        _givers(uow, part),
        document=part.document,
        assignment_id=part.own.id,
        reason=part.cleaned["reason"],
    )
    tell_holders(uow, actor, NoticeKind.WITHDRAWN, part.document, lost, reason=part.cleaned["reason"])
    return part.own


@operation(rules.TAKE_BACK)
def take_back(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Rút lại phần việc: who gave it takes it back, with everything below it (212/7.2, 16.1.i).

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    part = open_part(uow, actor, rules.TAKE_BACK, assignment_id, values)
    part.found += rules.answering_obstacles(part.own.kind, part.document.handling)
    judge_part(uow, actor, rules.TAKE_BACK, part, expected_version)
    reason = part.cleaned["reason"]
    ended = _end(uow, actor, part, rules.TAKE_BACK, note=reason, reason=reason, holder=name_of(uow.session, part.own))
    ended += _lead_is_missing(uow, part)
    tell_holders(uow, actor, NoticeKind.WITHDRAWN, part.document, ended, reason=reason)
    return part.own


@operation(rules.RESTORE)
def restore(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Phục hồi quyền xử lý: a part that was finished or given back is open again, while the document is being settled
    and nobody else has that part (212/17.2). Raises Forbidden, WrongState, NotFound, Refused, Stale."""
    part = open_part(uow, actor, rules.RESTORE, assignment_id, values)
    own, document = part.own, part.document
    by_id = {each.id: each for each in (own, *part.living)}
    part.found += rules.restore_obstacles(
        holding(own),
        [holding(each) for each in part.living],
        document.handling,
        lambda each: name_of(uow.session, by_id[each.id]),
    )
    judge_part(uow, actor, rules.RESTORE, part, expected_version)
    holder = name_of(uow.session, own)
    record_part(uow, actor, part, rules.RESTORE, reason=part.cleaned["reason"], holder=holder)
    own.finished_at, own.closing_note = None, ""
    uow.session.flush()  # the part counts as held again in what is read below
    part.living.append(own)
    before = {each.id: each.due_on for each in part.living}
    for above in [each for each in part.living if each.id == own.parent_id]:
        moved = bring_forward(part.living, above)  # the deadline above may have changed meanwhile
        record_changes(uow.session, before, moved, actor.effective_person_id, part.cleaned["reason"])
    keep_in_step(part)
    if own.kind == AssignmentKind.LEAD and own.parent_id is None and document.handling == HandlingState.PRESENTED:
        document.handling = HandlingState.ASSIGNED
    tell_holders(uow, actor, NoticeKind.REOPENED, document, [own], reason=part.cleaned["reason"])
    return own


@operation(rules.CHASE)
def chase(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Đôn đốc: whoever has it is told to settle it, and the chase is on record (212/16.1.h, 16.1.i).

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    part = open_part(uow, actor, rules.CHASE, assignment_id, values)
    part.found += rules.chase_obstacles(part.own.kind)
    judge_part(uow, actor, rules.CHASE, part, expected_version)
    own = part.own
    own.chased_at, own.chase_count = clock.now(), own.chase_count + 1
    message = part.cleaned.get("message") or ""
    holder = name_of(uow.session, own)
    record_part(uow, actor, part, rules.CHASE, holder=holder, note=message, times=own.chase_count)
    tell_holders(uow, actor, NoticeKind.CHASED, part.document, [own], note=message)
    return own


def _end(uow: UnitOfWork, actor: Actor, part: Part, move: Move, *, note: str = "", **said: Any) -> list[Assignment]:
    """End the own part as the move says, and what is below it with it; its event says from which state it came.

    Returns the assignments that ended.
    """
    assert move.target is not None  # noqa: S101 - the moves that come here end something
    record_part(uow, actor, part, move, **said)
    part.own.finished_at, part.own.closing_note = clock.now(), note
    part.own.suspended_on, part.own.passed_on = None, False
    end_asked(uow.session, [part.own])
    below = [each for each in part.living if each.parent_id == part.own.id]
    kept = AssignmentState.WITHDRAWN if move.target != AssignmentState.DONE else AssignmentState.DONE
    ended = close(uow.session, part.living, below, kept)
    keep_in_step(part)
    return [part.own, *ended]


def _lead_is_missing(uow: UnitOfWork, part: Part) -> list[Assignment]:
    """Nobody leads the document any more: it waits for its assignment again; where no leader is in charge, for being
    presented to one, and what others have of it ends. Gives what ended."""
    if part.own.kind != AssignmentKind.LEAD or part.own.parent_id is not None:
        return []
    if part.document.presented_to_id is not None:
        part.document.handling = HandlingState.PRESENTED
        return []
    part.document.handling = HandlingState.PENDING
    return close(uow.session, part.living, part.living, AssignmentState.WITHDRAWN)


def _write_opinion(uow: UnitOfWork, actor: Actor, part: Part, uploads: Any) -> Opinion:
    title = f"Ý kiến của {actor.on_behalf_of.name if actor.on_behalf_of else actor.name}: {part.document}"
    paper = working_papers.keep(uow, title, uploads, about=part.document, unit_id=part.own.unit_id)
    post = actor.effective_posts[0] if actor.effective_posts else None
    made = Opinion(
        document_id=part.own.document_id,
        assignment_id=part.own.id,
        person_id=actor.effective_person_id,
        post=post.title if post else "",
        text=part.cleaned["text"],
        at=clock.now(),
        paper_id=paper.id if paper is not None else None,
    )
    uow.session.add(made)
    return made


def _excerpt(part: Part) -> str:
    text: str = part.cleaned["text"]
    return text if len(text) <= 200 else text[:199] + "…"


def _givers(uow: UnitOfWork, part: Part) -> list[int | None]:
    """Who is to hear of what became of a part: who gave it, whoever has the part above, the leader in charge."""
    above = [each for each in part.living if each.id == part.own.parent_id]
    people = holders(uow.session, above)
    return [part.own.assigned_by_id, *(p for each in above for p in people[each.id]), part.document.presented_to_id]


def _tell_around(uow: UnitOfWork, actor: Actor, part: Part, variant: str) -> None:
    """An opinion is told to who leads and to who gave the part."""
    leads = [each for each in part.living if each.kind == AssignmentKind.LEAD and each.state in LIVING]
    people = holders(uow.session, leads)
    told = [p for each in leads for p in people[each.id]]
    notices.tell(
        uow,
        actor,
        NoticeKind.OPINION,
        [*told, part.own.assigned_by_id],
        document=part.document,
        assignment_id=part.own.id,
        variant=variant,
        note=_excerpt(part),
    )

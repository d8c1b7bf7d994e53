"""Deadlines of assignments: extension asked for and decided, deadline changed, suspension (Decision 4.4, 8.1).

Every change is a row of its own: what was asked, why, who decided, from which day to which.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app import clock
from app.actor import Actor
from app.errors import Obstacle
from app.models import Assignment
from app.operations import deadline_record, files, notices, working_papers
from app.operations.assigning import bound_by, bring_forward, mirror, name_of, tell_holders
from app.operations.assignments import Part, judge_part, open_part, record_part
from app.operations.base import operation
from app.operations.unit_of_work import UnitOfWork
from app.queries.deadlines import calendar
from app.queries.holdings import asked
from app.rules import assignments as rules
from app.rules import deadlines
from app.rules.handling import deadline_obstacles
from app.vocabulary import N_, DeadlineChangeKind, DeadlineChangeState, NoticeKind

NOTHING_ASKED = Obstacle(N_("No extension is asked for here, or it is decided already."), code="not_asked")


@operation(rules.ASK_EXTENSION)
def ask_extension(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Xin gia hạn: ask who assigned it for a later deadline, with a reason (212/8.1). Asking is not granting: the day
    may lie behind that of the unit above.

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    part = open_part(uow, actor, rules.ASK_EXTENSION, assignment_id, values)
    own = part.own
    due_on: date | None = part.cleaned.get("due_on")
    part.found += rules.later_obstacles(due_on, own.due_on, clock.today())
    waiting = asked(uow.session, own.id)
    part.found += rules.asked_obstacles(waiting.due_asked if waiting is not None else None)
    judge_part(uow, actor, rules.ASK_EXTENSION, part, expected_version)
    assert due_on is not None  # noqa: S101 - required by the move
    reason = part.cleaned["reason"]
    deadline_record.ask(uow.session, own, due_on, actor.effective_person_id, reason)
    record_part(uow, actor, part, rules.ASK_EXTENSION, day=_day(due_on), reason=reason)
    notices.tell(
        uow,
        actor,
        NoticeKind.EXTENSION_ASKED,
        [own.assigned_by_id, part.document.presented_to_id if own.parent_id is None else None],
        document=part.document,
        assignment_id=own.id,
        due_asked=due_on,
        reason=reason,
    )
    return own


@operation(rules.GRANT_EXTENSION)
def grant_extension(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Cho gia hạn: until the day asked for, or another one (212/8.1). Raises Forbidden, WrongState, NotFound, Refused,
    Stale."""
    part = open_part(uow, actor, rules.GRANT_EXTENSION, assignment_id, values)
    own = part.own
    waiting = asked(uow.session, own.id)
    due_on = part.cleaned.get("due_on") or (waiting.due_asked if waiting else None)
    if waiting is None:
        part.found.append(NOTHING_ASKED)
    else:
        later = rules.later_obstacles(due_on, own.due_on, clock.today())
        part.found += later or _beyond_above(uow, part, due_on)
    judge_part(uow, actor, rules.GRANT_EXTENSION, part, expected_version, deciding=True)
    assert waiting is not None and due_on is not None  # noqa: S101, PT018 - both were judged
    note = part.cleaned.get("note") or ""
    decider, before = actor.effective_person_id, _days(part)
    deadline_record.decide(waiting, DeadlineChangeState.GRANTED, decider, note, due_on)
    below = _move(part, due_on)
    deadline_record.record_changes(uow.session, before, below, decider, note or waiting.reason)
    record_part(uow, actor, part, rules.GRANT_EXTENSION, day=_day(due_on), note=note)
    tell_holders(uow, actor, NoticeKind.DEADLINE, part.document, [own], variant="granted", note=note)
    tell_holders(uow, actor, NoticeKind.DEADLINE, part.document, below, variant="", reason=note or waiting.reason)
    return own


@operation(rules.REFUSE_EXTENSION)
def refuse_extension(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Không cho gia hạn: the deadline stays, and the reason is on record (212/8.1). Raises Forbidden, WrongState,
    NotFound, Refused, Stale."""
    part = open_part(uow, actor, rules.REFUSE_EXTENSION, assignment_id, values)
    own = part.own
    waiting = asked(uow.session, own.id)
    if waiting is None:
        part.found.append(NOTHING_ASKED)
    judge_part(uow, actor, rules.REFUSE_EXTENSION, part, expected_version, deciding=True)
    assert waiting is not None  # noqa: S101 - else nobody is there to decide
    reason = part.cleaned["reason"]
    deadline_record.decide(waiting, DeadlineChangeState.REFUSED, actor.effective_person_id, reason, own.due_on)
    asked_for = _day(waiting.due_asked) if waiting.due_asked else ""
    record_part(uow, actor, part, rules.REFUSE_EXTENSION, day=asked_for, reason=reason)
    tell_holders(uow, actor, NoticeKind.DEADLINE, part.document, [own], variant="refused", reason=reason)
    return own


@operation(rules.CHANGE_DEADLINE)
def change_deadline(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Đổi hạn: who assigned it sets another deadline, earlier or later, with a reason (212/7.2, 16.1.i). An extension
    that was asked for is answered by it; what was passed on comes forward with it. Raises Forbidden, WrongState,
    NotFound, Refused, Stale."""
    part = open_part(uow, actor, rules.CHANGE_DEADLINE, assignment_id, values)
    own = part.own
    due_on: date | None = part.cleaned.get("due_on")
    if due_on is not None:
        part.found += deadline_obstacles(due_on, clock.today(), "due_on")
        part.found += _beyond_above(uow, part, due_on)
        if due_on == own.due_on:
            part.found.append(Obstacle(N_("New deadline: it is the present one. Choose another day."), "due_on"))
    judge_part(uow, actor, rules.CHANGE_DEADLINE, part, expected_version)
    assert due_on is not None  # noqa: S101 - required by the move
    reason = part.cleaned["reason"]
    before = _days(part)
    below = _move(part, due_on)
    deadline_record.record_changes(uow.session, before, [own, *below], actor.effective_person_id, reason)
    record_part(uow, actor, part, rules.CHANGE_DEADLINE, day=_day(due_on), reason=reason)
    tell_holders(uow, actor, NoticeKind.DEADLINE, part.document, [own, *below], variant="", reason=reason)
    return own


@operation(rules.SUSPEND)
def suspend(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Tạm dừng: another body must answer first; the deadline stands still until it is resumed (212/8.1).

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    part = open_part(uow, actor, rules.SUSPEND, assignment_id, values)
    uploads = files.claimable(uow, actor, part.cleaned.get("files") or [], part.found)
    judge_part(uow, actor, rules.SUSPEND, part, expected_version)
    own = part.own
    own.waiting_for, own.suspended_on = part.cleaned["waiting_for"], clock.today()
    title = f"Căn cứ tạm dừng: {part.document}"
    working_papers.keep(uow, title, uploads, about=part.document, unit_id=own.unit_id)
    record_part(uow, actor, part, rules.SUSPEND, waiting_for=own.waiting_for)
    _tell_giver(uow, actor, part, "suspended", own.waiting_for)
    return own


@operation(rules.RESUME)
def resume(
    actor: Actor, assignment_id: int, values: Mapping[str, Any], *, expected_version: int | None = None, uow: UnitOfWork
) -> Assignment:
    """Tiếp tục: the deadline moves by the working days that the suspension took, for the unit above as well (212/8.1).

    Raises Forbidden, WrongState, NotFound, Refused, Stale.
    """
    part = open_part(uow, actor, rules.RESUME, assignment_id, values)
    judge_part(uow, actor, rules.RESUME, part, expected_version)
    own, today, days = part.own, clock.today(), calendar(uow.session)
    since = own.suspended_on or today
    upwards, before, note = _with_those_above(part), _days(part), part.cleaned.get("note") or ""
    for each in upwards:
        if each.due_on is not None:
            each.due_on = deadlines.extended(each.due_on, since, today, days)
    by_id, why, kind = actor.effective_person_id, own.waiting_for, DeadlineChangeKind.SUSPENSION
    deadline_record.record_changes(uow.session, before, upwards, by_id, why, kind=kind, note=note)
    before = _days(part)
    moved = bring_forward(part.living, upwards[-1])  # who was late above may bind again
    deadline_record.record_changes(uow.session, before, moved, by_id, why)
    own.suspended_on, own.waiting_for = None, ""
    mirror(part.document, part.living)
    record_part(uow, actor, part, rules.RESUME, day=_day(own.due_on) if own.due_on else "", note=note)
    _tell_giver(uow, actor, part, "resumed", note)
    return own


def _with_those_above(part: Part) -> Sequence[Assignment]:
    by_id = {each.id: each for each in part.living}
    found = [part.own]
    while found[-1].parent_id in by_id:
        found.append(by_id[found[-1].parent_id])
    return found


def _beyond_above(uow: UnitOfWork, part: Part, due_on: date | None) -> list[Obstacle]:
    """Nobody below has more time than whoever is above; that one may ask for more first (212/8.1)."""
    above = bound_by(part.living, next((each for each in part.living if each.id == part.own.parent_id), None))
    if above is None or above.due_on is None or due_on is None or due_on <= above.due_on:
        return []
    message = N_(
        "%(holder)s must be done by %(latest)s. Have the deadline of %(holder)s extended first, or choose"
        " that day at the latest."
    )
    params = {"holder": name_of(uow.session, above), "latest": _day(above.due_on)}
    return [Obstacle(message, "due_on", params, "too_late")]


def _move(part: Part, due_on: date) -> list[Assignment]:
    """Set the own deadline; what is below comes forward with it. Gives these parts."""
    part.own.due_on = due_on
    below = bring_forward(part.living, part.own)
    mirror(part.document, part.living)
    return below


def _days(part: Part) -> dict[int, date | None]:
    return {each.id: each.due_on for each in part.living}


def _tell_giver(uow: UnitOfWork, actor: Actor, part: Part, variant: str, note: str) -> None:
    notices.tell(
        uow,
        actor,
        NoticeKind.DEADLINE,
        [part.own.assigned_by_id, part.document.presented_to_id],
        document=part.document,
        assignment_id=part.own.id,
        variant=variant,
        due=part.own.due_on,
        note=note,
    )


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")

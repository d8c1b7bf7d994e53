"""What the clock brings about: reminders of deadlines, and the daily summary by mail (212/16.1.h, 212/16.1.l).

Both look at what is there and not at when they ran last, so days on which the machine was off are made up for by one
run, and a second run finds nothing left to tell.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from app import clock
from app.actor import Actor
from app.backends import mailer
from app.models import Notice, NoticeChoice
from app.operations.base import operation
from app.operations.notices import Telling, post, write
from app.operations.unit_of_work import UnitOfWork, unit_of_work
from app.queries import deadlines
from app.queries import notices as queries
from app.queries.notices import DueWork, Recipient
from app.rules.notices import MOST_LINES, Digest, Told, Work, digest_letter, path_of, stored, wants_digest
from app.translation import vietnamese
from app.vocabulary import NoticeKind

PORTION = 500
"""Assignments, or people, of one transaction: a run that is ended loses no more than that."""
LOOKS_BACK = timedelta(days=14)
"""Notices older than this are not told in a daily summary any more: the program has them."""

Stopping = Callable[[], bool]


def remind(actor: Actor, stopping: Stopping = lambda: False) -> dict[str, int]:
    """Tell of open work that is due soon or overdue, once for each assignment, deadline and person (212/16.1.h).

    Due soon: whoever holds it. Overdue: whoever holds it, and who assigned it. Work given to a unit as a whole is held
    by its heads. A deadline that changed is told anew. Returns how many notices were made.
    """
    made, after = 0, 0
    while not stopping():
        told, last = _remind_portion(actor, after)
        made += told
        if last is None:
            break
        after = last
    return {"told": made}


@operation()
def _remind_portion(actor: Actor, after: int, *, uow: UnitOfWork) -> tuple[int, int | None]:
    work = queries.due_work(uow.session, deadlines.soon_until(uow.session), after=after, limit=PORTION)
    if not work:
        return 0, None
    heads = queries.heading(uow.session)
    known = queries.reminded(uow.session, [each.assignment_id for each in work])
    tellings = [
        telling
        for each in work
        for telling in _reminders(actor, each, heads, clock.today())
        if (each.assignment_id, telling.person_id, str(telling.told.kind), each.due_on.isoformat()) not in known
    ]
    return write(uow, tellings), work[-1].assignment_id


def _reminders(actor: Actor, work: DueWork, heads: Mapping[int, Sequence[int]], today: date) -> list[Telling]:
    holders = _holders(work, heads)
    late = work.due_on < today
    kind = NoticeKind.OVERDUE if late else NoticeKind.DUE_SOON
    whose = {"due": work.due_on, "unit": work.unit if work.person_id is None else ""}
    found = [_telling(actor, each, kind, work, whose) for each in holders]
    if late and work.assigned_by_id is not None and work.assigned_by_id not in holders:
        by = {"due": work.due_on, "variant": "assigned", "holder": work.person or work.unit}
        found.append(_telling(actor, work.assigned_by_id, kind, work, by))
    return found


def _telling(actor: Actor, person_id: int, kind: NoticeKind, work: DueWork, params: Mapping[str, object]) -> Telling:
    told = Told(kind, actor.name, stored(params), work.number, work.year, work.subject)
    return Telling(person_id, told, work.document_id, work.assignment_id)


def _holders(work: DueWork, heads: Mapping[int, Sequence[int]]) -> list[int]:
    return [work.person_id] if work.person_id is not None else list(dict.fromkeys(heads.get(work.unit_id, ())))


# ── the daily summary ────────────────────────────────────────────────────────────────────────────────────────────


def digest(actor: Actor, stopping: Stopping = lambda: False) -> dict[str, int]:
    """Mail each person one summary of this working day: work overdue and due soon, notices not read yet (16.1.l).

    Nothing on a day off, nothing where there is nothing to say or no mail server; nobody gets two on one day. Returns
    how many were put into the outbox.
    """
    counts = {"mails": 0}
    with unit_of_work() as uow:
        today = clock.today()
        _forget_old(uow)
        if mailer() is None or not deadlines.calendar(uow.session).is_working(today):
            return counts
        people = [each for each in queries.addressees(uow.session, today) if wants_digest(each.ways)]
        work = _work_of_all(uow, today) if people else {}
    for first in range(0, len(people), PORTION):
        if stopping():
            break
        counts["mails"] += _digest_portion(actor, people[first : first + PORTION], work, today)
    return counts


def _forget_old(uow: UnitOfWork) -> None:
    """No summary tells what is old; so the index of what waits for one stays as small as a fortnight."""
    old = update(Notice).where(Notice.digest, Notice.digested_at.is_(None), Notice.at < clock.now() - LOOKS_BACK)
    uow.session.execute(old.values(digested_at=clock.now()).execution_options(synchronize_session=False))


def _work_of_all(uow: UnitOfWork, today: date) -> dict[int, list[DueWork]]:
    """Open work that is late or soon, by everybody who has to do it, the most pressing first; no more than is told."""
    heads = queries.heading(uow.session)
    found: dict[int, list[DueWork]] = {}
    for each in queries.pressing_work(uow.session, today, deadlines.soon_until(uow.session), MOST_LINES + 1):
        for person_id in _holders(each, heads):
            found.setdefault(person_id, []).append(each)
    return found


@operation()
def _digest_portion(
    actor: Actor,
    people: Sequence[Recipient],
    work: Mapping[int, Sequence[DueWork]],
    today: date,
    *,
    uow: UnitOfWork,
) -> int:
    ids = [each.person_id for each in people]
    now = clock.now()
    notices = queries.undigested(uow.session, ids, now - LOOKS_BACK, MOST_LINES + 1)
    served = []
    for person in people:
        mine = work.get(person.person_id, ())
        found = Digest(
            today,
            tuple(_work(each) for each in mine if each.due_on < today)[: MOST_LINES + 1],
            tuple(_work(each) for each in mine if each.due_on >= today)[: MOST_LINES + 1],
            tuple((queries.told(each), _path(each), each.document_id) for each in notices.get(person.person_id, ())),
        )
        if found:
            post(uow, person, asdict(digest_letter(found, vietnamese)))
            served.append(person.person_id)
    _digested(uow, ids, served, today)
    return len(served)


def _digested(uow: UnitOfWork, ids: Sequence[int], served: Sequence[int], today: date) -> None:
    """Put on record, set-wise, that these people had their summary of the day, and what it told."""
    done = update(Notice).where(Notice.person_id.in_(ids), Notice.digest, Notice.digested_at.is_(None))
    uow.session.execute(done.values(digested_at=clock.now()).execution_options(synchronize_session=False))
    if served:
        rows = [{"person_id": each, "digested_on": today, "version": 1} for each in served]
        made = insert(NoticeChoice).values(rows)
        uow.session.execute(
            made.on_conflict_do_update(
                index_elements=["person_id"],
                set_={"digested_on": func.greatest(NoticeChoice.digested_on, made.excluded.digested_on)},
            )
        )


def _path(notice: Notice) -> str:
    return path_of(notice.document_id, notice.assignment_id)


def _work(each: DueWork) -> Work:
    return Work(
        each.due_on,
        path_of(each.document_id, each.assignment_id),
        each.number,
        each.year,
        each.subject,
        each.unit if each.person_id is None else "",
        each.document_id,
    )

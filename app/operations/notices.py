"""Tell people (thông báo): a notice in the program, a mail, a line in the daily summary (212/16.1.l).

Everything is a row of the act's own transaction: what is rolled back is told to nobody, what is committed is told
even if the process ends at that moment.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app import clock
from app.actor import Actor
from app.backends import mailer
from app.errors import Obstacle, Stale, refuse_if
from app.models import Document, Notice, NoticeChoice
from app.operations.base import STALE, operation, require
from app.operations.unit_of_work import UnitOfWork
from app.queries.notices import Recipient, choice, own_notice, recipients, unread_about
from app.rules.notices import KINDS, Told, Way, hour, letter, loud_at, path_of, stored, ways_of
from app.translation import vietnamese
from app.vocabulary import N_, NoticeKind

MAIL = "mail"
"""Kind of the outbox rows that are mails."""


_mailing: ContextVar[bool] = ContextVar("mailing", default=True)


@contextmanager
def unmailed() -> Iterator[None]:
    """Nobody gets a mail meanwhile: for what happened long ago, and was made up (the demo office)."""
    token = _mailing.set(False)
    try:
        yield
    finally:
        _mailing.reset(token)


@dataclass(frozen=True)
class Telling:
    """One thing to be told to one person."""

    person_id: int
    told: Told
    document_id: int
    assignment_id: int | None = None


def tell(
    uow: UnitOfWork,
    actor: Actor,
    kind: NoticeKind,
    person_ids: Iterable[int | None],
    *,
    document: Document,
    assignment_id: int | None = None,
    **params: Any,
) -> None:
    """Tell people of an act on a document, as each of them chose; call it within the operation of the act (16.1.l).

    Never the person who acts, nobody twice in one unit of work for one document (the first call counts: tell the
    weightier thing first), nobody without an account in use and a post today; ``None`` among the ids is passed over.
    ``params`` are plain values or days: ``variant`` chooses the sentence (:mod:`app.rules.notices`; for ASSIGNED the
    kind of assignment, for OPINION ``asked`` or ``contributed``, for GIVEN_BACK ``declined``, for DEADLINE
    ``granted``, ``refused``, ``suspended``, ``resumed``), and ``unit``, ``holder``, ``due``, ``due_asked``,
    ``directions``, ``reason``, ``note`` are told after it. One statement reads; rows are written with the flush.
    """
    tell_each(uow, actor, kind, document, [(person_ids, assignment_id, params)])


def tell_each(
    uow: UnitOfWork,
    actor: Actor,
    kind: NoticeKind,
    document: Document,
    parts: Iterable[tuple[Iterable[int | None], int | None, Mapping[str, Any]]],
) -> None:
    """The same for several assignments of a document at once: people, assignment and parameters of each.

    As :func:`tell`, with one statement for all of them.
    """
    subject = "" if document.withheld else document.subject
    behalf = {"for": actor.on_behalf_of.name if actor.on_behalf_of else ""}
    tellings = []
    for person_ids, assignment_id, params in parts:
        kept = stored({**params, **behalf})
        told = Told(kind, actor.name, kept, document.arrival_number, document.arrival_year, subject)
        for person_id in person_ids:
            if person_id is None or person_id == actor.person_id or (person_id, document.id) in uow.told:
                continue
            uow.told.add((person_id, document.id))
            tellings.append(Telling(person_id, told, document.id, assignment_id))
    if tellings:
        write(uow, tellings)


def write(uow: UnitOfWork, tellings: Sequence[Telling]) -> int:
    """Add the rows of what is to be told, as each person chose; gives the number of notices. One statement reads."""
    with uow.session.no_autoflush:  # the act may not be complete yet
        people = {each.person_id: each for each in recipients(uow.session, {each.person_id for each in tellings})}
    now = clock.now()
    letters: dict[tuple[int, int | None], dict[str, Any]] = {}
    count = 0
    for each in tellings:
        person = people.get(each.person_id)
        ways = ways_of(person.ways, each.told.kind) if person is not None else ()
        if person is None or not ways:
            continue
        uow.session.add(_notice(each, now, ways))
        count += 1
        if Way.MAIL in ways:
            key = (id(each.told), each.assignment_id)
            if key not in letters:
                letters[key] = asdict(letter(each.told, path_of(each.document_id, each.assignment_id), vietnamese))
            post(uow, person, letters[key], document_id=each.document_id)
    return count


def _notice(each: Telling, now: datetime, ways: Iterable[Way]) -> Notice:
    return Notice(
        person_id=each.person_id,
        kind=each.told.kind,
        at=now,
        document_id=each.document_id,
        assignment_id=each.assignment_id,
        actor_name=each.told.actor_name[:100],
        params=dict(each.told.params),
        bell=Way.BELL in ways,
        digest=Way.DIGEST in ways,
    )


def post(uow: UnitOfWork, person: Recipient, text: Mapping[str, Any], *, document_id: int | None = None) -> None:
    """Leave a mail to somebody in the outbox, for after the quiet hours; nothing where no server or address is."""
    if mailer() is None or not person.email or not _mailing.get():
        return
    payload = {"person_id": person.person_id, "document_id": document_id, "letter": dict(text)}
    uow.outbox(MAIL, payload, available_at=loud_at(clock.now(), person.quiet_from, person.quiet_to))


# ── what the person does with them ───────────────────────────────────────────────────────────────────────────────


@operation()
def read(actor: Actor, notice_id: int, *, uow: UnitOfWork) -> Notice:
    """Mark one of the own notices read; gives it. Raises Forbidden, and NotFound for one of somebody else."""
    require(actor, "notice", "edit")
    notice = own_notice(uow.session, actor, notice_id, lock=True)
    notice.read_at = notice.read_at or clock.now()
    return notice


@operation()
def read_all(actor: Actor, until: int | None = None, *, uow: UnitOfWork) -> int:
    """Mark the own notices read, up to the one seen last (an id; all without it); gives how many were unread.

    Raises Forbidden.
    """
    require(actor, "notice", "edit")
    mine = [Notice.person_id == actor.person_id, Notice.bell, Notice.read_at.is_(None)]
    if until is not None:
        mine.append(Notice.id <= until)
    marked = update(Notice).where(*mine).values(read_at=clock.now()).execution_options(synchronize_session=False)
    return uow.session.execute(marked).rowcount  # type: ignore[attr-defined]


@operation()
def read_about(actor: Actor, document_id: int, *, uow: UnitOfWork) -> int:
    """Mark the own notices about a document read, once its page is opened; gives how many were unread.

    Raises Forbidden.
    """
    require(actor, "notice", "edit")
    mine = unread_about(actor, document_id)
    marked = update(Notice).where(mine).values(read_at=clock.now()).execution_options(synchronize_session=False)
    return uow.session.execute(marked).rowcount  # type: ignore[attr-defined]


@operation()
def choose(
    actor: Actor,
    ways: Mapping[NoticeKind, Iterable[Way]],
    quiet_from: str = "",
    quiet_to: str = "",
    *,
    seen: int | None = None,
    uow: UnitOfWork,
) -> NoticeChoice:
    """Keep how the person is told of each kind, and the quiet hours (``HH:MM``, both or neither; 16.1.l).

    ``seen``: version of the choices when the person looked, 0 where there were none. Raises Forbidden, Refused, Stale.
    """
    require(actor, "notice", "edit")
    refuse_if(_hour_obstacles(quiet_from, quiet_to))
    person_id = actor.person_id
    if person_id is None:
        refuse_if([Obstacle(N_("Only somebody with a post is told of anything."), code="no_person")])
        raise AssertionError
    row = choice(uow.session, person_id)
    if seen is not None and seen != (row.version if row is not None else 0):
        raise Stale(STALE)
    if row is None:
        row = NoticeChoice(person_id=person_id)
        uow.session.add(row)
    row.ways = {str(kind): sorted(str(way) for way in ways[kind]) for kind in KINDS if kind in ways}
    row.quiet_from, row.quiet_to = quiet_from, quiet_to
    try:
        uow.session.flush()  # who chose first in another window has made the row
    except IntegrityError as error:
        raise Stale(STALE) from error
    return row


def _hour_obstacles(quiet_from: str, quiet_to: str) -> list[Obstacle]:
    found = []
    for name, text in (("quiet_from", quiet_from), ("quiet_to", quiet_to)):
        try:
            hour(text)
        except ValueError:
            message = N_("“%(typed)s” is no time of day. Write it as 18:00.")
            found.append(Obstacle(message, name, {"typed": text[:20]}, "no_time"))
    if not found and bool(quiet_from) != bool(quiet_to):
        missing = "quiet_to" if quiet_from else "quiet_from"
        found.append(
            Obstacle(N_("Quiet hours need a beginning and an end. Enter both, or none."), missing, code="missing")
        )
    return found

"""Tell people (thông báo): a notice in the program, a mail, a line in the daily summary (212/16.1.l).

Everything is a row of the act's own transaction: what is rolled back is told to nobody, what is committed is told
even if the process ends at that moment.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from app import clock
from app.actor import Actor
from app.backends import mailer
from app.models import Document, Notice
from app.operations.unit_of_work import UnitOfWork
from app.queries.notices import recipients
from app.rules.notices import Told, Way, letter, loud_at, path_of, stored, ways_of
from app.translation import vietnamese
from app.vocabulary import NoticeKind

MAIL = "mail"
"""Kind of the outbox rows that are mails."""


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
    wanted = {each for each in person_ids if each is not None and each != actor.person_id}
    wanted -= {person_id for person_id, document_id in uow.told if document_id == document.id}
    if not wanted:
        return
    kept = stored(params | {"for": actor.on_behalf_of.name if actor.on_behalf_of else ""})
    now = clock.now()
    told = Told(kind, actor.name, kept, document.arrival_number, document.arrival_year, document.subject)
    post = mailer()
    mail = asdict(letter(told, path_of(document.id, assignment_id), vietnamese)) if post is not None else None
    with uow.session.no_autoflush:  # the act may not be complete yet
        people = recipients(uow.session, sorted(wanted))
    for each in people:
        uow.told.add((each.person_id, document.id))
        ways = ways_of(each.ways, kind)
        if not ways:
            continue
        uow.session.add(
            Notice(
                person_id=each.person_id,
                kind=kind,
                at=now,
                document_id=document.id,
                assignment_id=assignment_id,
                actor_name=actor.name[:100],
                params=kept,
                bell=Way.BELL in ways,
                digest=Way.DIGEST in ways,
            )
        )
        if mail is not None and Way.MAIL in ways and each.email:
            payload = {"to": each.email, "person_id": each.person_id, "document_id": document.id, "letter": mail}
            uow.outbox(MAIL, payload, available_at=loud_at(now, each.quiet_from, each.quiet_to))

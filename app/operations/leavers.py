"""Settling a leaver (bàn giao khi nghỉ, chuyển công tác): work goes over to somebody else, powers end, on record."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Select, false, select
from sqlalchemy.orm import Session

from app.actor import Actor
from app.errors import NotFound, Obstacle, refuse_if
from app.models import Assignment, Delegation, Document, Organisation, Person, Post
from app.operations import accounts, bulk, delegation, events, notices
from app.operations.assigning import close
from app.operations.base import operation, require
from app.operations.registry import SUBJECT
from app.operations.unit_of_work import UnitOfWork
from app.queries import leavers as queries
from app.queries.choices import choices
from app.queries.holdings import living
from app.rules.text import clean
from app.vocabulary import LIVING, N_, AssignmentKind, AssignmentState, NoticeKind

NOUN = "person"
ASSIGNMENT = "assignment"
_WEIGHT = {AssignmentKind.LEAD: 0, AssignmentKind.COORDINATE: 1, AssignmentKind.INFORM: 2}
BASIS = ("212/16.2.a", "212/7.2")


@dataclass(frozen=True)
class HandedOver:
    """How much went over to whom."""

    to_name: str
    assignments: int
    documents: int
    given: int
    delegations: int


@operation()
def hand_over(
    actor: Actor,
    from_id: int,
    to_id: int,
    reason: str,
    assignment_ids: Collection[int] | None = None,
    *,
    document_ids: Collection[int] | None = None,
    given: bool | None = None,
    delegations: bool | None = None,
    uow: UnitOfWork,
) -> HandedOver:
    """Bàn giao công việc của một người cho người khác, for one reason and in one act (212/7.2, 16.2.a).

    Without ``assignment_ids`` everything goes over. With them only these, beside the presented ``document_ids``, and
    where asked for the place of who ``given`` the living assignments of others (who then decides on extensions) and
    the end of the ``delegations`` given and received. What has left the person's hands meanwhile is passed over; what
    led a document goes on leading it. Raises Forbidden, NotFound, Refused with all obstacles.
    """
    require(actor, NOUN, "hand_over")
    session = uow.session
    leaver, heir = session.get(Person, from_id), session.get(Person, to_id)
    if leaver is None or heir is None:
        raise NotFound
    everything = assignment_ids is None
    own = queries.posts_in_office(session, to_id)
    found = reason_obstacles(reason)
    if from_id == to_id:
        found.append(Obstacle(N_("Hand over to: the same person. Choose somebody else."), "to"))
    else:
        found += _heir_obstacles(session, heir, own)
    held, papers = queries.held_by(from_id), queries.presented_to(from_id)
    if not everything:
        held = held.where(Assignment.id.in_(assignment_ids or ()))
        papers = papers.where(Document.id.in_(document_ids or ()))
    of_others = queries.given_by(from_id) if everything or given else None
    led = queries.led_by(from_id)
    # delegations first, then documents: in the order of whoever acts by a delegation
    powers = _powers(session, from_id) if everything or delegations else []
    _lock_documents(session, held, papers, of_others)
    assignments = _read(session, held)
    documents = session.scalars(_anew(select(Document).where(Document.id.in_(papers)).order_by(Document.id))).all()
    decides = _read(session, of_others) if of_others is not None else []
    in_charge = session.scalars(_anew(select(Document).where(Document.id.in_(led)))).all() if decides else []
    if documents and own and str(to_id) not in {value for value, _ in choices(session, "distributors")}:
        message = N_("Hand over to: what is presented goes to an office leader or an authorised head. Choose one.")
        found.append(Obstacle(message, "to"))
    if not (assignments or documents or decides or powers):
        found.append(Obstacle(N_("Nothing is left to hand over. Open the page again."), code="nothing"))
    refuse_if(found)
    why = {"before": leaver.full_name, "name": heir.full_name, "reason": clean(reason)}
    left = _without_doubles(uow, assignments, to_id)
    decides = [each for each in decides if each.state in LIVING]  # else it ended just now
    _presented(uow, actor, documents, to_id, why)
    _giver(uow, actor, decides, in_charge, to_id, why)
    _assignments(uow, actor, assignments, left, from_id, to_id, own, why)
    for power in powers:
        delegation.end(uow, actor, power, reason=clean(reason))
    result = HandedOver(heir.full_name, len(assignments), len(documents), len(decides), len(powers))
    count = len(assignments) + len(documents) + len(decides)
    events.record(uow, actor, "person.handed_over", NOUN, from_id, basis=BASIS, count=count, **why)
    return result


@operation()
def hand_over_unit(actor: Actor, unit_id: int, to_id: int, reason: str, *, uow: UnitOfWork) -> HandedOver:
    """Giao việc của đơn vị không còn người phụ trách cho một người: all that it holds as a whole, in one act, while
    nobody heads it (212/7.2). Raises Forbidden, NotFound, Refused with all obstacles."""
    require(actor, NOUN, "hand_over")
    session = uow.session
    unit, heir = session.get(Organisation, unit_id), session.get(Person, to_id)
    if unit is None or not unit.ours or heir is None:
        raise NotFound
    own = queries.posts_in_office(session, to_id)
    found = [*reason_obstacles(reason), *_heir_obstacles(session, heir, own)]
    held = queries.held_by_unit(unit_id)
    _lock_documents(session, held, select(Document.id).where(false()), None)
    assignments = _read(session, held)
    if not assignments:
        message = N_("Nothing is left to hand over, or somebody heads the unit again. Open the page again.")
        found.append(Obstacle(message, code="nothing"))
    refuse_if(found)
    why = {"before": unit.name, "name": heir.full_name, "reason": clean(reason)}
    left = _without_doubles(uow, assignments, to_id)
    # what the heir gave the unit is not decided by the heir now: there the head who hands over does
    _assignments(uow, actor, assignments, left, to_id, to_id, own, why)
    return HandedOver(heir.full_name, len(assignments), 0, 0, 0)


def _heir_obstacles(session: Session, heir: Person, posts: Sequence[Post]) -> list[Obstacle]:
    """Why somebody cannot be given the work of another."""
    if posts and heir.user_id is not None and session.get_one(User, heir.user_id).active:
        return []
    return [Obstacle(N_("Hand over to: without a post or an account in use. Choose somebody else."), "to")]


def reason_obstacles(reason: str) -> list[Obstacle]:
    """Why a reason does not do: none, or too long."""
    if not clean(reason):
        return [Obstacle(N_("%(label)s: missing. Enter it."), "reason", {"label": N_("Reason")}, code="missing")]
    if len(clean(reason)) > 500:
        return [Obstacle(N_("Reason: at most 500 characters. Shorten it."), "reason")]
    return []


def _lock_documents(session: Session, held: Select[Any], papers: Select[Any], given: Select[Any] | None) -> None:
    """Lock every document concerned in the order of ids, before anything of it is read, as all acts do."""
    ids = set(session.scalars(select(Assignment.document_id).where(Assignment.id.in_(held))))
    ids |= set(session.scalars(papers))
    if given is not None:
        ids |= set(session.scalars(select(Assignment.document_id).where(Assignment.id.in_(given))))
    if ids:
        query = select(Document.id).where(Document.id.in_(ids)).order_by(Document.id)
        session.execute(query.with_for_update(key_share=True)).all()


def _read(session: Session, ids: Select[Any]) -> Sequence[Assignment]:
    """Assignments as they are now that their documents are locked."""
    return session.scalars(_anew(select(Assignment).where(Assignment.id.in_(ids)).order_by(Assignment.id))).all()


def _anew(query: Select[Any]) -> Select[Any]:
    return query.execution_options(populate_existing=True)


def _powers(session: Session, person_id: int) -> Sequence[Delegation]:
    query = select(Delegation).where(Delegation.id.in_(queries.powers_of(person_id))).order_by(Delegation.id)
    return session.scalars(_anew(query.with_for_update())).all()


def _assignments(
    uow: UnitOfWork,
    actor: Actor,
    had: Sequence[Assignment],
    assignments: Sequence[Assignment],
    from_id: int,
    to_id: int,
    own: Sequence[Post],
    why: dict[str, str],
) -> None:
    """The work in hand: a new holder, in the same unit where that person serves there too, else in the own one.

    ``had``: all that the leaver held; ``assignments``: what of it goes over.
    """
    acts = [{"subject_id": each.id, "document_id": each.document_id, **why} for each in had]
    documents = _by_id(uow.session, [each.document_id for each in assignments])
    units = {each.id: _unit_for(own, each.unit_id) for each in assignments}
    leading = [each for each in assignments if each.kind == AssignmentKind.LEAD and not each.passed_on]
    places = {each.document_id: units[each.id] for each in leading}
    told = [(each.id, each.document_id, each.kind, each.due_on, each.directions) for each in assignments]
    bulk.update(
        uow, Document, [{"id": id_, "lead_person_id": to_id, "lead_unit_id": unit} for id_, unit in places.items()]
    )
    bulk.update(
        uow,
        Assignment,
        [
            {
                "id": each.id,
                "person_id": to_id,
                "unit_id": units[each.id],
                "assigned_by_id": each.assigned_by_id if each.assigned_by_id != from_id else actor.person_id,
            }
            for each in assignments
        ],
    )
    bulk.record_each(uow, actor, "assignment.handed_over", ASSIGNMENT, acts, basis=BASIS)
    told.sort(key=lambda each: _WEIGHT[AssignmentKind(each[2])])  # one notice a document: of the weightiest part
    for id_, document_id, kind, due_on, directions in told:
        notices.tell(
            uow,
            actor,
            NoticeKind.ASSIGNED,
            [to_id],
            document=documents[document_id],
            assignment_id=id_,
            variant=str(kind),
            due=due_on,
            directions=directions,
            reason=why["reason"],
        )


def _without_doubles(uow: UnitOfWork, assignments: Sequence[Assignment], to_id: int) -> list[Assignment]:
    """End the lighter part where the heir holds one beside the leaver's already: nobody has two at one place. Gives
    what is left to hand over. Before anything is written set-wise: here records are changed one by one."""
    query = select(Assignment).where(
        Assignment.id.in_(queries.held_by(to_id)),
        Assignment.document_id.in_({each.document_id for each in assignments}),
    )
    heirs = {(each.document_id, each.parent_id): each for each in uow.session.scalars(_anew(query))}
    left = []
    for each in assignments:
        beside = heirs.get((each.document_id, each.parent_id))
        lighter = None
        if beside is not None:
            heavier = _WEIGHT[AssignmentKind(each.kind)] < _WEIGHT[AssignmentKind(beside.kind)]
            lighter = beside if heavier else each
            close(uow.session, living(uow.session, each.document_id), [lighter], AssignmentState.WITHDRAWN)
        if lighter is not each:
            left.append(each)
    return left


def _unit_for(own: Sequence[Post], unit_id: int) -> int:
    return next((post.unit_id for post in own if post.unit_id == unit_id), own[0].unit_id)


def _presented(uow: UnitOfWork, actor: Actor, documents: Sequence[Document], to_id: int, why: dict[str, str]) -> None:
    """What waits for directions waits for those of another, for as long as it has waited already (212/7.1)."""
    ids = [each.id for each in documents]
    bulk.update(uow, Document, [{"id": id_, "presented_to_id": to_id} for id_ in ids])
    acts = [{"subject_id": id_, "document_id": id_, **why} for id_ in ids]
    bulk.record_each(uow, actor, "document.handed_over", SUBJECT, acts, basis=("212/7.1", *BASIS))
    for document in _by_id(uow.session, ids).values():
        notices.tell(uow, actor, NoticeKind.PRESENTED, [to_id], document=document, reason=why["reason"])


def _giver(
    uow: UnitOfWork,
    actor: Actor,
    given: Sequence[Assignment],
    in_charge: Sequence[Document],
    to_id: int,
    why: dict[str, str],
) -> None:
    """Somebody must be there who grants extensions, takes back what is given back, changes what was assigned (8.1)."""
    bulk.update(uow, Document, [{"id": each.id, "presented_to_id": to_id} for each in in_charge])
    # nobody decides on their own work: there the head who hands over does
    deciders = {each.id: to_id if each.person_id != to_id else actor.person_id for each in given}
    names = {actor.person_id: actor.name, to_id: why["name"]}
    acts = [
        {"subject_id": each.id, "document_id": each.document_id, **why, "name": names[deciders[each.id]]}
        for each in given
    ]
    bulk.update(uow, Assignment, [{"id": id_, "assigned_by_id": decider} for id_, decider in deciders.items()])
    bulk.record_each(uow, actor, "assignment.giver_changed", ASSIGNMENT, acts, basis=BASIS)


def _by_id(session: Session, ids: Iterable[int]) -> dict[int, Document]:
    query = select(Document).where(Document.id.in_(set(ids))).order_by(Document.id)
    return {each.id: each for each in session.scalars(query)}


@operation()
def let_go(actor: Actor, person_id: int, reason: str, *, uow: UnitOfWork) -> Person:
    """Cho nghỉ dù còn việc: an office leader's decision, on record with its reason and what is open; it closes the
    account.

    From then on the last post may end too. What stays open is followed up as the work of people who have left
    (``queries.leavers.orphaned``). The decision is void once the person gets a post or an account again.
    Not for oneself. Raises Forbidden, NotFound, Refused with all obstacles.
    """
    require(actor, NOUN, "let_go")
    session = uow.session
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    found = reason_obstacles(reason)
    if person_id == actor.person_id:
        found.append(Obstacle(N_("Nobody lets themselves go. Ask another head.")))
    things = queries.open_things(session, person_id)
    if not things:
        found.append(Obstacle(N_("Nothing is open any more: the IT centre can close the account.")))
    refuse_if(found)
    events.record(
        uow,
        actor,
        queries.RELEASED,
        NOUN,
        person_id,
        basis=BASIS,
        count=sum(things.values()),
        things=dict(things),
        reason=clean(reason),
    )
    if person.user_id is not None and session.get_one(User, person.user_id).active:
        accounts.shut(uow, actor, person.user_id, reason=clean(reason))
    return person

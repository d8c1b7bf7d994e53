"""What is printed of the settling of a document, read: the handling form, and what slips tell (212/7.2, 212/8.2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app import clock
from app.actor import Actor
from app.models import Assignment, DeadlineChange, Document, DocumentType, Event, Opinion, Organisation, Person, Post
from app.queries.office import USUAL_ABBREVIATION, office_names, own_office
from app.reports.handling_form import Distribution, Entrusted, HandlingForm, Statement
from app.rules.handling import ROUTE
from app.rules.registers import written
from app.rules.slips import TYPE_CODES, Signatory, SlipFacts, TypeRow, signatory
from app.vocabulary import (
    AssignmentKind,
    AssignmentState,
    DeadlineChangeKind,
    DeadlineChangeState,
    OrganisationKind,
    PostKind,
)

_TOGETHER = timedelta(minutes=1)
"""What one person gives within so short a time is one decision."""
_LEADS = (PostKind.OFFICE_LEADER, PostKind.HEAD_OF_DEPARTMENT, PostKind.ADMIN_HEAD)
_REMARKS = {AssignmentState.GIVEN_BACK: "đã trả lại", AssignmentState.WITHDRAWN: "đã thu hồi"}


# ── the handling form ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Told:
    """What is on record of one document, read at once."""

    assignments: Mapping[int, Assignment]
    first_due: Mapping[int, date]
    """Assignment → its deadline before the first change."""
    events: Sequence[Event]
    posts: Sequence[Post]

    def post_on(self, person_id: int, day: date) -> Post | None:
        """The post that a person held on a day."""
        held = [p for p in self.posts if p.person_id == person_id and p.valid_from <= day]
        living = [p for p in held if p.valid_to is None or p.valid_to >= day]
        return next(iter(living), None)

    def named(self, person: Person | None, at: datetime, post: str = "") -> str:
        """Name and post as they were then."""
        if person is None:
            return "Hệ thống"
        held = self.post_on(person.id, clock.in_vietnam(at).date())
        return ", ".join(part for part in (person.full_name, post or (_title(held) if held else "")) if part)

    def entered_by(self, person: Person | None, at: datetime) -> str:
        """Who entered it for that person (212/17.2); empty where nobody but the person acted."""
        for event in self.events:
            routed = person is not None and event.params.get("requester") == person.full_name
            theirs = person is not None and (event.on_behalf_of_id == person.id or routed)
            if theirs and abs(event.at - at) <= _TOGETHER:
                return ", ".join(part for part in (event.actor_name, event.actor_post) if part)
        return ""


def form_of(session: Session, document: Document) -> HandlingForm:
    """The handling form of an incoming document as its record has it (Decree 30/2020, appendix IV, VII).

    First level: what leaders gave to units and people. Second: what heads of units passed on within them, and what
    they said. Third: what those who settle it proposed, whoever leads it first.
    """
    told = _read(session, document)
    rows = list(told.assignments.values())
    top = [each for each in rows if each.parent_id is None]
    below = [each for each in rows if each.parent_id is not None and told.assignments[each.parent_id].person_id is None]
    said: dict[int, list[Statement]] = {0: [], 1: [], 2: []}
    opinions = session.scalars(
        select(Opinion)
        .where(Opinion.document_id == document.id)
        .options(joinedload(Opinion.person))
        .order_by(Opinion.at, Opinion.id)
    )
    for opinion in opinions:
        level, part = _level(told, opinion)
        said[level].append(
            Statement(
                told.named(opinion.person, opinion.at, opinion.post),
                clock.in_vietnam(opinion.at).date(),
                opinion.text,
                part,
                told.entered_by(opinion.person, opinion.at),
            )
        )
    names = office_names(session)
    begun = [each for each in (document.presented_at, *(each.assigned_at for each in rows)) if each is not None]
    return HandlingForm(
        office=names.office,
        place=names.place,
        dated=clock.in_vietnam(min(begun)).date() if begun else clock.today(),
        type_name=document.type.name if document.type else "",
        number_notation=document.number_notation,
        issued_on=document.issued_on,
        issuer=document.issuer_name,
        subject=document.subject,
        arrival_number=written(document.arrival_number) if document.arrival_number else "",
        arrival_date=document.arrival_date,
        leaders=_in_order([*_decisions(told, top), *said[0]]),
        heads=_in_order([*_decisions(told, below), *said[1]]),
        proposals=tuple(sorted(said[2], key=lambda each: bool(each.part))),
    )


def _read(session: Session, document: Document) -> _Told:
    query = select(Assignment).where(Assignment.document_id == document.id).order_by(Assignment.id)
    query = query.options(
        joinedload(Assignment.unit), joinedload(Assignment.person), joinedload(Assignment.assigned_by)
    )
    assignments = {each.id: each for each in session.scalars(query)}
    changes = select(DeadlineChange).where(
        DeadlineChange.assignment_id.in_(assignments),
        DeadlineChange.state == DeadlineChangeState.GRANTED,
        DeadlineChange.kind.in_(DeadlineChangeKind),
    )
    first_due: dict[int, date] = {}
    for change in session.scalars(changes.order_by(DeadlineChange.id.desc())):
        if change.due_before is not None:
            first_due[change.assignment_id] = change.due_before
    events = session.scalars(
        select(Event)
        .where(Event.document_id == document.id, or_(Event.on_behalf_of_id.is_not(None), Event.tag == ROUTE.name))
        .order_by(Event.id)
    ).all()
    people = {p for a in assignments.values() for p in (a.person_id, a.assigned_by_id) if p is not None}
    people |= set(session.scalars(select(Opinion.person_id).where(Opinion.document_id == document.id)))
    posts = select(Post).where(Post.person_id.in_(people - {None})).options(joinedload(Post.unit)).order_by(Post.id)
    return _Told(assignments, first_due, events, session.scalars(posts).all())


def _level(told: _Told, opinion: Opinion) -> tuple[int, str]:
    """At which level of the form an opinion stands, and in which part where not as the one who leads."""
    given = told.assignments.get(opinion.assignment_id) if opinion.assignment_id else None
    day = clock.in_vietnam(opinion.at).date()
    post = told.post_on(opinion.person_id, day) if opinion.person_id else None
    if given is None:
        if post is not None and post.kind in _LEADS:
            return (0 if post.kind == PostKind.OFFICE_LEADER else 1), ""
        return 2, ""
    if given.person_id is None:
        return 1, ""
    return 2, "" if given.kind == AssignmentKind.LEAD else "phối hợp"


def _decisions(told: _Told, rows: Iterable[Assignment]) -> list[Distribution]:
    """Assignments as the decisions by which they were given: one leader, one moment."""
    ordered = sorted(rows, key=lambda each: (each.assigned_by_id or 0, each.assigned_at, each.id))
    found: list[list[Assignment]] = []
    for each in ordered:
        last = found[-1][-1] if found else None
        same = last is not None and last.assigned_by_id == each.assigned_by_id and last.parent_id == each.parent_id
        if same and last is not None and each.assigned_at - last.assigned_at <= _TOGETHER:
            found[-1].append(each)
        else:
            found.append([each])
    return [_decision(told, group) for group in found]


def _decision(told: _Told, group: Sequence[Assignment]) -> Distribution:
    first = group[0]
    words = {each.directions.strip() for each in group}
    shared = next(iter(words)) if len(words) == 1 else ""
    by_kind = {
        kind: tuple(_entrusted(told, each, apart=not shared) for each in rows)
        for kind, rows in groupby(sorted(group, key=lambda each: each.kind), key=lambda each: each.kind)
    }
    return Distribution(
        by=told.named(first.assigned_by, first.assigned_at),
        on=clock.in_vietnam(first.assigned_at).date(),
        lead=by_kind.get(AssignmentKind.LEAD, ()),
        coordinate=by_kind.get(AssignmentKind.COORDINATE, ()),
        inform=by_kind.get(AssignmentKind.INFORM, ()),
        directions=shared,
        entered_by=told.entered_by(first.assigned_by, first.assigned_at),
    )


def _entrusted(told: _Told, each: Assignment, *, apart: bool) -> Entrusted:
    remark = _REMARKS.get(AssignmentState(each.state), "")
    if remark and each.finished_at is not None:
        remark = f"{remark} ngày {clock.in_vietnam(each.finished_at):%d/%m/%Y}"
    name = each.unit.name
    if each.person is not None:
        name = f"{each.person.full_name} ({each.unit.name})" if each.parent_id is None else each.person.full_name
    return Entrusted(
        name=name,
        due_on=each.due_on if each.kind != AssignmentKind.INFORM else None,
        first_due=told.first_due.get(each.id),
        directions=each.directions if apart else "",
        remark=remark,
    )


def _in_order(entries: Sequence[Distribution | Statement]) -> tuple[Distribution | Statement, ...]:
    return tuple(sorted(entries, key=lambda each: each.on))


# ── slips ────────────────────────────────────────────────────────────────────────────────────────────────────────


def slip_facts(session: Session, document: Document, actor: Actor) -> SlipFacts:
    """What slips on a document tell: the office, the unit of who prepares them, the document, who is to sign.

    Types are those that the catalogue has today: before Decree 30/2020 there is no notice (phiếu báo).
    """
    names, today = office_names(session), clock.today()
    unit_id = unit_of(actor, document)
    unit = session.get(Organisation, unit_id) if unit_id is not None else None
    office = own_office(session, unit_id)
    sender = session.get(Organisation, document.issuer_id) if document.issuer_id else None
    return SlipFacts(
        office=names.office,
        superior=names.superior,
        agency=names.agency,
        place=names.place,
        abbreviation=(office.abbreviation if office else "") or USUAL_ABBREVIATION,
        unit=(unit.abbreviation or unit.name) if unit and unit is not office else "",
        unit_code=unit.abbreviation if unit and unit is not office else "",
        types=_types(session, today),
        on=today,
        type_name=document.type.name if document.type else "",
        number_notation=document.number_notation,
        issued_on=document.issued_on,
        subject=document.subject,
        issuer=document.issuer_name,
        issuer_is_person=sender is not None and sender.kind == OrganisationKind.PERSON,
        arrival_number=written(document.arrival_number) if document.arrival_number else "",
        arrival_date=document.arrival_date,
        signatory=_signatory(session, document, today),
    )


def unit_of(actor: Actor, document: Document) -> int | None:
    """The unit that drafts: that of who prepares the slip, else the one that leads the document."""
    return next((post.unit_id for post in actor.effective_posts if post.ours), document.lead_unit_id)


def _types(session: Session, day: date) -> dict[str, TypeRow]:
    query = select(DocumentType).where(
        DocumentType.code.in_(set(TYPE_CODES.values())),
        DocumentType.valid_from <= day,
        or_(DocumentType.valid_to.is_(None), DocumentType.valid_to >= day),
    )
    return {each.code: TypeRow(each.id, each.name, each.abbreviation) for each in session.scalars(query)}


def _signatory(session: Session, document: Document, today: date) -> Signatory:
    """Who is to sign: the leader who assigned the document last, else the head of the Office, else a deputy."""
    query = (
        select(Post)
        .join(Post.person)
        .where(
            Post.kind == PostKind.OFFICE_LEADER,
            Post.valid_from <= today,
            or_(Post.valid_to.is_(None), Post.valid_to >= today),
        )
        .options(joinedload(Post.person), joinedload(Post.unit))
        .order_by(Person.sort_key, Post.id)
    )
    leaders = session.scalars(query).all()
    heads = [each for each in leaders if not each.title.casefold().startswith("phó ")]
    assigned = session.scalars(
        select(Assignment.assigned_by_id)
        .where(Assignment.document_id == document.id, Assignment.parent_id.is_(None))
        .order_by(Assignment.id.desc())
    )
    wanted = [each for person_id in assigned for each in leaders if each.person_id == person_id]
    post = next(iter([*wanted, *heads, *leaders]), None)
    if post is None:
        return Signatory()
    head = heads[0].title if heads else "Chánh Văn phòng"
    return signatory(post.kind, post.title, post.unit.name, post.person.full_name, head)


def _title(post: Post) -> str:
    """Title with the unit where it does not say it: ``Trưởng phòng Kinh tế``."""
    if post.title.casefold() in ("trưởng phòng", "phó trưởng phòng") and post.unit.name.startswith("Phòng "):
        return f"{post.title} {post.unit.name[6:]}"
    return post.title

"""Choice lists that inputs of moves and filters of lists name: (value, label) in the order to show.

Labels of the program's own lists are catalogue entries, which ``say`` puts into the reader's language; names from
the database stand as they are.
"""

from collections.abc import Callable, Collection
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Executable,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    event,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from app import clock
from app.actor import Actor
from app.models import (
    Assignment,
    Delegation,
    Document,
    DocumentType,
    NumberSeries,
    Organisation,
    Person,
    Post,
    RegisterBook,
    UrgencyLevel,
    WorkField,
)
from app.queries.absences import substitutes
from app.queries.own_choices import OWN
from app.queries.parties import name_of_person, organisation_name
from app.rules import incoming
from app.rules.assignments import LIFECYCLE as ASSIGNMENTS
from app.rules.handling import ASSIGN, RETURN_REASONS
from app.rules.handling import KINDS as PARTS
from app.rules.handling import LIFECYCLE as HANDLING
from app.rules.text import BIGINT, name_sort_key, whole_number
from app.vocabulary import (
    LIVING,
    N_,
    NUMBERED,
    DelegationKind,
    DocumentKind,
    HandlingState,
    IncomingState,
    PostKind,
    SeriesKind,
)

Choices = list[tuple[str, str]]
_TODAY = bindparam("today", type_=Date)
Say = Callable[[str], str]


def _document_types() -> Select[str, str]:
    valid = _valid(DocumentType, _TODAY)
    return select(cast(DocumentType.id, String).label("value"), DocumentType.name.label("label")).where(valid)


def document_types(session: Session, day: date | None = None) -> Choices:
    """Types valid on a day (today), in catalogue order."""
    query = _document_types().order_by(DocumentType.ordinal, DocumentType.name)
    return _read(session, query, day)


def _urgency_levels() -> Select[str, str]:
    return select(UrgencyLevel.code.label("value"), UrgencyLevel.name.label("label"))


def work_fields(session: Session) -> Choices:
    """Fields of work valid today, in catalogue order."""
    query = (
        select(WorkField.id, WorkField.name)
        .where(_valid(WorkField, clock.today()))
        .order_by(WorkField.ordinal, WorkField.name)
    )
    return [(str(row.id), row.name) for row in session.execute(query)]


def urgency_levels(session: Session) -> Choices:
    """Levels, lowest first."""
    return _read(session, _urgency_levels().order_by(UrgencyLevel.rank))


def _types_of_documents(today: Any) -> Select[Any]:
    """Types valid today, and those of the past that a document in the register bears."""
    valid = _valid(DocumentType, today)
    query = _offered("document_types", DocumentType.id, DocumentType.name, DocumentType.valid_to, DocumentType.ordinal)
    return query.where(or_(valid, DocumentType.id.in_(_in_register(Document.type_id))))


def _books_of_documents(today: Any) -> Select[Any]:
    """Open incoming books, and closed ones that hold a document."""
    query = _offered("incoming_books", RegisterBook.id, RegisterBook.name, RegisterBook.valid_to, RegisterBook.ordinal)
    return query.join(NumberSeries, NumberSeries.id == RegisterBook.series_id).where(
        NumberSeries.kind == SeriesKind.INCOMING,
        or_(_valid(RegisterBook, today), RegisterBook.id.in_(_in_register(Document.book_id))),
    )


def _levels(_today: Any) -> Select[Any]:
    return _offered("urgency_levels", UrgencyLevel.code, UrgencyLevel.name, null(), UrgencyLevel.rank)


def _own_units(today: date) -> Select[Any]:
    """Units of the Office, and those of the past that still lead a document or hold work."""
    ours = _offered("own_units", Organisation.id, Organisation.name, Organisation.valid_to, cast(literal(0), Integer))
    works = or_(_valid(Organisation, today), _held_by(Assignment.unit_id == Organisation.id))
    return ours.where(Organisation.ours, works)


def _holders(today: date) -> Select[Any]:
    """Who holds a post in the Office today, and whoever still holds work."""
    ours = select(Post.person_id).join(Organisation, Organisation.id == Post.unit_id)
    ours = ours.where(Organisation.ours, _valid(Post, today))
    held = _held_by(Assignment.person_id == Person.id)
    return _named_people("holders").where(or_(Person.id.in_(ours), held))


def _presented_to(today: date) -> Select[Any]:
    """To whom documents are presented: leaders of the Office, and whoever has one that waits."""
    leaders_now = select(Post.person_id).where(Post.kind == PostKind.OFFICE_LEADER, _valid(Post, today))
    presented = literal(HandlingState.PRESENTED.value, literal_execute=True)
    waiting = select(literal(1)).where(Document.handling == presented, Document.presented_to_id == Person.id).limit(1)
    return _named_people("presented_to").where(or_(Person.id.in_(leaders_now), waiting.scalar_subquery().is_not(None)))


def _named_people(name: str) -> Select[Any]:
    place = func.row_number().over(order_by=(Person.sort_key, Person.id))
    return _offered(name, Person.id, Person.full_name, null(), cast(place, Integer))


def _held_by(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether an assignment that is still held fulfils it: one look into an index for each value."""
    states = [literal(state.value, literal_execute=True) for state in LIVING]
    found = select(literal(1)).where(Assignment.state.in_(states), condition).limit(1)
    return found.scalar_subquery().is_not(None)


def _offered(name: str, value: Any, label: Any, valid_to: Any, ordinal: Any) -> Select[Any]:
    return select(
        literal(name).label("list"),
        cast(value, String).label("value"),
        label.label("label"),
        cast(valid_to, Date).label("valid_to"),
        ordinal.label("ordinal"),
    )


def _valid(table: Any, day: Any) -> ColumnElement[bool]:
    return and_(table.valid_from <= day, or_(table.valid_to.is_(None), table.valid_to >= day))


def _in_register(column: InstrumentedAttribute[Any]) -> Select[Any]:
    """The values of a column that documents in the register have: one look into an index for each value there is, never
    at all documents, however few of them have the value."""
    kind = literal(DocumentKind.INCOMING.value, literal_execute=True)  # the partial indexes are for this kind alone
    least = select(func.min(column).label("value")).where(Document.kind == kind, Document.arrival_number.is_not(None))
    found = least.cte(f"{column.key}_in_register", recursive=True)
    further = least.where(column > found.c.value).scalar_subquery()
    found = found.union_all(select(further).where(found.c.value.is_not(None)))
    return select(found.c.value).where(found.c.value.is_not(None))


def _incoming_books() -> Select[str, str]:
    return (
        select(cast(RegisterBook.id, String).label("value"), RegisterBook.name.label("label"))
        .join(NumberSeries, NumberSeries.id == RegisterBook.series_id)
        .where(NumberSeries.kind == SeriesKind.INCOMING, _valid(RegisterBook, _TODAY))
    )


def incoming_books(session: Session) -> Choices:
    """Open books on incoming series."""
    return _read(session, _incoming_books().order_by(RegisterBook.ordinal, RegisterBook.name))


def leaders(session: Session) -> Choices:
    """Who may permit the urgent exception today: leaders of the Office and the Standing Committee (212/4.1)."""
    return _people(session, Post.kind.in_((PostKind.OFFICE_LEADER, PostKind.STANDING_COMMITTEE)))


def distributors(session: Session) -> Choices:
    """To whom documents are presented today (212/7.1): office leaders, and heads of department whom one of them has
    authorised in writing to assign."""
    today = clock.today()
    authorised = (
        select(Delegation.grantee_id)
        .join(Post, Post.person_id == Delegation.grantor_id)
        .where(
            _held(Post, today),
            Post.kind == PostKind.OFFICE_LEADER,
            _held(Delegation, today),
            Delegation.revoked_at.is_(None),
            Delegation.kind.in_((DelegationKind.ENTRY, DelegationKind.SUBSTITUTION)),
            or_(Delegation.moves.is_(None), Delegation.moves.contains([ASSIGN.name])),
        )
    )
    return _people(
        session,
        or_(
            Post.kind == PostKind.OFFICE_LEADER,
            and_(Post.kind == PostKind.HEAD_OF_DEPARTMENT, Post.person_id.in_(authorised)),
        ),
    )


def requesters(session: Session) -> Choices:
    """Who may ask the registry to route a document: everybody who holds a post in the Office today (212/16.2.b)."""
    return _people(session, Post.unit.has(Organisation.ours))


def _held(table: Any, day: date) -> ColumnElement[bool]:
    return and_(table.valid_from <= day, or_(table.valid_to.is_(None), table.valid_to >= day))


def _people(session: Session, condition: ColumnElement[bool]) -> Choices:
    """People by a post they hold today, with that post; each once, in Vietnamese order."""
    query = (
        select(Person.id, Person.full_name, Post.title)
        .join(Post, Post.person_id == Person.id)
        .where(condition, _held(Post, clock.today()))
        .order_by(Person.sort_key, Post.id)
    )
    found: dict[str, str] = {}
    for row in session.execute(query):
        found.setdefault(str(row.id), f"{row.full_name}, {row.title}")
    return list(found.items())


def _read(session: Session, query: Select[str, str], day: date | None = None) -> Choices:
    return [(row.value, row.label) for row in session.execute(query, {"today": day or clock.today()})]


def return_reasons(say: Say) -> Choices:
    """Why a document is returned to its sender instead of being settled (212/8.2.3)."""
    return [(str(reason), say(incoming.REFUSAL_REASONS[reason])) for reason in RETURN_REASONS]


def handling_states(say: Say) -> Choices:
    """How far the settling of a document has come."""
    return [(str(state), say(label)) for state, label in HANDLING.states.items()]


def assignment_parts(say: Say) -> Choices:
    """What somebody was given a document for; first all that has to be done."""
    known = [(str(kind), say(label)) for kind, label in PARTS.items()]
    return [("to_do", say(N_("Leading or co-ordinating"))), *known]


def assignment_states(say: Say) -> Choices:
    """Whether what is held is worked on."""
    return [(str(state), say(ASSIGNMENTS.states[state])) for state in LIVING]


def assigned_states(say: Say) -> Choices:
    """How far the settling of what was assigned has come."""
    return [(str(each), say(HANDLING.states[each])) for each in (HandlingState.ASSIGNED, HandlingState.ANSWERING)]


def standings(say: Say) -> Choices:
    """How a deadline stands."""
    return [
        ("late", say(N_("Overdue"))),
        ("soon", say(N_("Due soon"))),
        ("in_time", say(N_("In time"))),
        ("none", say(N_("No running deadline"))),
    ]


def readings(say: Say) -> Choices:
    """Whether anybody opened what was given to them."""
    return [("yes", say(N_("Not opened yet"))), ("no", say(N_("Opened")))]


def extensions(say: Say) -> Choices:
    """Whether an extension is asked for and not decided."""
    return [("yes", say(N_("Asked for"))), ("no", say(N_("Not asked for")))]


def passings(say: Say) -> Choices:
    """Whether somebody below leads what a unit was given."""
    return [("no", say(N_("Not passed on"))), ("yes", say(N_("Passed on")))]


def refusal_reasons(say: Say) -> Choices:
    """Why a document is refused or sent back."""
    return [(str(reason), say(label)) for reason, label in incoming.REFUSAL_REASONS.items()]


def secrecy_levels(say: Say) -> Choices:
    """Levels of secrecy, none first; every other one is stopped."""
    return [(level, say(label)) for level, label in incoming.SECRECY_LEVELS.items()]


def verdicts(say: Say) -> Choices:
    """What checking the digital signatures came to; last, whatever a clerk must look at."""
    known = [(str(verdict), say(label)) for verdict, label in incoming.VERDICTS.items()]
    return [*known, (incoming.DOUBTFUL, say(N_("Signatures to look at")))]


def own_leading(say: Say) -> Choices:
    """What a leader permitted to be settled before it has a number, or was presented (212/4.1)."""
    return [("me", say(N_("Permitted by me or presented to me")))]


def duplicates(say: Say) -> Choices:
    """Whether it was marked as a duplicate of another document."""
    return [(incoming.MARKED, say(N_("Perhaps registered already")))]


def channels(say: Say) -> Choices:
    """How a document may arrive."""
    return [(channel.value, say(label)) for channel, label in incoming.CHANNELS.items()]


def incoming_states(say: Say) -> Choices:
    """States of documents in the register."""
    return [(str(state), say(incoming.LIFECYCLE.states[state])) for state in NUMBERED]


def waiting_states(say: Say) -> Choices:
    """States of documents that have no arrival number."""
    return [(str(state), say(incoming.LIFECYCLE.states[state])) for state in IncomingState if state not in NUMBERED]


STORED: dict[str, Callable[[Session], Choices]] = {
    "document_types": document_types,
    "urgency_levels": urgency_levels,
    "incoming_books": incoming_books,
    "leaders": leaders,
    "distributors": distributors,
    "requesters": requesters,
    "work_fields": work_fields,
}
_CHOSEN: dict[str, Callable[[], Select[str, str]]] = {
    "document_types": _document_types,
    "urgency_levels": _urgency_levels,
    "incoming_books": _incoming_books,
}
"""The lists of every registration as queries, where only some of their values are asked about."""
DECLARED: dict[str, Callable[[Say], Choices]] = {
    "channels": channels,
    "duplicates": duplicates,
    "own_leading": own_leading,
    "incoming_states": incoming_states,
    "waiting_states": waiting_states,
    "refusal_reasons": refusal_reasons,
    "return_reasons": return_reasons,
    "handling_states": handling_states,
    "assignment_parts": assignment_parts,
    "assignment_states": assignment_states,
    "assigned_states": assigned_states,
    "standings": standings,
    "readings": readings,
    "extensions": extensions,
    "passings": passings,
    "secrecy_levels": secrecy_levels,
    "verdicts": verdicts,
}
OF_FILTERS: dict[str, Callable[[Any], Select[Any]]] = {
    "document_types": _types_of_documents,
    "incoming_books": _books_of_documents,
    "urgency_levels": _levels,
    "own_units": _own_units,
    "holders": _holders,
    "presented_to": _presented_to,
}
"""Lists that filters offer from the database: values of the past too, where a document in the register has them."""
BEFORE: dict[str, Callable[[Say], Choices]] = {
    "holders": lambda say: [("unit", say(N_("The unit as a whole")))],
    "presented_to": lambda say: [("me", say(N_("Presented to me")))],
}
"""What stands before the values of a list that filters offer from the database."""
NAMES: dict[str, Callable[[Session, int], str | None]] = {"organisations": organisation_name, "people": name_of_person}
"""Lists too long to offer: what tells the name of one value."""


def choices(session: Session, name: str, say: Say = str, actors: Collection[Actor] = ()) -> Choices:
    """One list by its name; ``actors``: who chooses, for lists that differ among people. Raises ``KeyError``.

    What is stored is read once in a transaction that writes nothing: a form asks for each list several times.
    """
    if name in OWN:
        return OWN[name](session, actors)
    if name not in STORED:
        return DECLARED[name](say)
    read: dict[Any, Choices] = session.info.setdefault(_READ, {})
    key = (name, clock.today())
    if key not in read:
        read[key] = STORED[name](session)
    return _with_absences(session, read[key], say) if name == "distributors" and say is not str else read[key]


def _with_absences(session: Session, people: Choices, say: Say) -> Choices:
    """Who is away today says so where people choose, with who stands in (212/7.1, 17.2)."""
    away = substitutes(session, [int(value) for value, _ in people])
    found = []
    for value, label in people:
        absence = away.get(int(value))
        if absence is not None:
            words = N_("%(who)s – away, %(name)s stands in")
            if absence.until is not None:
                words = N_("%(who)s – away until %(day)s, %(name)s stands in")
            day = f"{absence.until:%d/%m}" if absence.until else ""
            said = {"who": label, "day": day, "name": absence.substitute_name}
        found.append((value, say(words) % said if absence is not None else label))
    return found


def offered(
    session: Session, chosen: Collection[tuple[str, str]], actors: Collection[Actor] = ()
) -> set[tuple[str, str]]:
    """Those of some values (name of the list, value) that their lists offer ``actors`` now; for the lists of a
    registration one statement. Raises ``KeyError``."""
    known = {
        name: {value for value, _ in choices(session, name, actors=actors)} for name, _ in chosen if name not in _CHOSEN
    }
    found = {(name, value) for name, value in chosen if value in known.get(name, ())}
    stored = sorted({(name, value) for name, value in chosen if name in _CHOSEN})
    if stored:
        lists = tuple(name for name, _ in stored)
        values = {f"value_{at}": value for at, (_, value) in enumerate(stored)}
        found |= {(row.list, row.value) for row in session.execute(_among(lists), {**values, "today": clock.today()})}
    return found


@cache
def _among(lists: tuple[str, ...]) -> Executable:
    """The query for one value of each of these lists, bound as ``value_0`` and so on."""
    queries = []
    for at, name in enumerate(lists):
        values = _CHOSEN[name]().subquery()
        wanted = values.c.value == bindparam(f"value_{at}", type_=String)
        queries.append(select(literal(name, literal_execute=True).label("list"), values.c.value).where(wanted))
    return union_all(*queries)


_READ = "choices"


@event.listens_for(Session, "after_flush")
@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, *_: Any) -> None:
    session.info.pop(_READ, None)


def _nothing(_say: Say) -> Choices:
    return []


@cache
def _offered_by_filters(lists: frozenset[str]) -> Executable:
    return union_all(*(OF_FILTERS[name](_TODAY) for name in sorted(lists)))


def filter_choices(session: Session, names: Collection[str], say: Say = str) -> dict[str, Choices]:
    """Several lists as filters offer them, by name; all that is stored in one statement. What is no longer valid comes
    last and says until when it was. Raises ``KeyError``."""
    today = clock.today()
    found: dict[str, Choices] = {
        name: BEFORE.get(name, _nothing)(say) if name in OF_FILTERS else choices(session, name, say) for name in names
    }
    stored = frozenset(names).intersection(OF_FILTERS)
    if not stored:
        return found
    rows = session.execute(_offered_by_filters(stored), {"today": today}).all()
    past = {row: row.valid_to is not None and row.valid_to < today for row in rows}
    for row in sorted(rows, key=lambda row: (past[row], row.ordinal, name_sort_key(row.label), row.valid_to or today)):
        label = row.label
        if past[row]:
            label = say(N_("%(name)s (until %(day)s)")) % {"name": label, "day": row.valid_to.strftime("%d/%m/%Y")}
        found[row.list].append((row.value, label))
    return found


def name_of(session: Session, name: str, value: str) -> str | None:
    """The name of one value of a list too long to offer; ``None`` when there is no such value. Raises ``KeyError``."""
    number = whole_number(value, BIGINT)
    return NAMES[name](session, number) if number is not None else None

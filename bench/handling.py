"""Work in hand: baskets, counters and lists of work, whatever the length of the register behind them.

The newest ten thousand documents carry twenty open parts each, held by the people of twenty departments. The same work
is made on a short register and on a long one, so that what grows is the register alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from app import clock
from app.actor import Actor
from app.extensions import db
from app.models import Assignment, Document, Organisation, Person, Post
from app.operations import accounts, bulk, parties
from app.operations.base import operation
from app.operations.unit_of_work import UnitOfWork
from app.vocabulary import AssignmentKind, AssignmentState, HandlingState, OrganisationKind, PostKind
from bench.browser import Browser
from bench.lists import timed
from bench.machine import Spread
from bench.office import CLERKS, FIRST_DAY, PASSWORD, SYSTEM
from bench.profile import counted, sign_in

DOCUMENTS = 10_000
PARTS_EACH = 20
DEPARTMENTS = 20
PEOPLE_EACH = 10
PORTION = 1_000
"""Documents taken up in one transaction."""
LEADER, HEAD, SPECIALIST = "lanhdao", "truongphong", "chuyenvien"
"""User names: of who assigned everything, of the first head, of the first specialist."""
SUSPENDED_ONE_IN, WHOLE_UNIT_ONE_IN, STATE_ONE_IN = 20, 10, 50


@dataclass(frozen=True)
class Seen:
    """A page that somebody opens all day."""

    name: str
    username: str
    address: str


PAGES = (
    Seen("desk of a clerk", CLERKS[0], "/"),
    Seen("desk of a leader", LEADER, "/"),
    Seen("desk of a head", HEAD, "/"),
    Seen("desk of a specialist", SPECIALIST, "/"),
    Seen("to be presented", CLERKS[0], "/handling/?handling=pending"),
    Seen("waiting for my assignment", LEADER, "/handling/?handling=presented&presented_to_id=me"),
    Seen("being settled", LEADER, "/handling/?handling=assigned"),
    Seen("my work", SPECIALIST, "/work/"),
    Seen("my work, overdue", SPECIALIST, "/work/?stand=late"),
    Seen("my unit’s work", HEAD, "/work/?scope=unit"),
    Seen("given by me", LEADER, "/work/?scope=given"),
    Seen("all work, overdue", LEADER, "/work/?scope=all&stand=late"),
    Seen("all work, words", LEADER, "/work/?scope=all&q=kinh+phi"),
    Seen("who holds what", LEADER, "/work/follow/"),
)


def furnish() -> None:
    """Departments with their people; the leader, the first head and the first specialist have accounts. Needs the
    office of :func:`bench.office.furnish` and an application context."""
    office = db.session().scalars(select(Organisation).where(Organisation.ours).order_by(Organisation.id)).first()
    if office is None:
        raise RuntimeError("no office")
    _person("Trần Lãnh Đạo", office.id, PostKind.OFFICE_LEADER, LEADER)
    for number in range(1, DEPARTMENTS + 1):
        made = parties.add_organisation(
            SYSTEM, f"Phòng Đo {number}", kind=OrganisationKind.UNIT, parent_id=office.id, ours=True
        )
        _person(f"Lê Trưởng Phòng {number}", made.id, PostKind.HEAD_OF_DEPARTMENT, HEAD if number == 1 else "")
        for place in range(1, PEOPLE_EACH):
            username = SPECIALIST if (number, place) == (1, 1) else ""
            _person(f"Phạm Chuyên Viên {number}.{place}", made.id, PostKind.SPECIALIST, username)


def _person(name: str, unit_id: int, kind: PostKind, username: str) -> None:
    made = parties.add_person(SYSTEM, name)
    parties.appoint(SYSTEM, made.id, unit_id, kind, "Đo", valid_from=FIRST_DAY)
    if username:
        accounts.open_account(SYSTEM, made.id, username, PASSWORD, origin="own")


def take_up() -> int:
    """Give out the newest documents of the register; returns how many parts are open now."""
    session = db.session()
    newest = select(Document.id).where(Document.handling == HandlingState.SETTLED).order_by(Document.id.desc())
    ids = list(session.scalars(newest.limit(DOCUMENTS)))
    query = select(Post.person_id, Post.unit_id, Post.kind).join(Organisation, Organisation.id == Post.unit_id)
    posts = session.execute(query.where(Organisation.name.like("Phòng Đo %")).order_by(Post.id)).all()
    holders = [(row.person_id, row.unit_id) for row in posts]
    leader = session.scalars(select(Person.id).join(Post).where(Post.kind == PostKind.OFFICE_LEADER)).first()
    for start in range(0, len(ids), PORTION):
        give_out(SYSTEM, ids[start : start + PORTION], holders, leader, start)
    return len(ids) * PARTS_EACH


@operation()
def give_out(
    actor: Actor,  # noqa: ARG001 - the frame uses it
    ids: Sequence[int],
    holders: Sequence[tuple[int, int]],
    leader: int | None,
    start: int,
    *,
    uow: UnitOfWork,
) -> None:
    """Documents on their way through settling, with everybody's part of each."""
    now, today = clock.now(), clock.today()
    bulk.update(uow, Document, [_taken_up(each, start + at, holders, leader) for at, each in enumerate(ids)])
    rows = [row for at, each in enumerate(ids) for row in _parts(each, start + at, holders, today)]
    common = {"assigned_by_id": leader, "assigned_at": now - timedelta(days=10)}
    bulk.insert(uow, Assignment, [{**common, **row} for row in rows])


def _taken_up(document_id: int, at: int, holders: Sequence[tuple[int, int]], leader: int | None) -> dict[str, Any]:
    states = {0: HandlingState.PENDING, 1: HandlingState.PRESENTED, 2: HandlingState.ANSWERING}
    state = states.get(at % STATE_ONE_IN, HandlingState.ASSIGNED)
    return {
        "id": document_id,
        "handling": state,
        "outcome": "",
        "presented_to_id": leader,
        "presented_at": clock.now() - timedelta(days=11),
        "lead_unit_id": holders[at % len(holders)][1],
        "due_on": clock.today() + timedelta(days=at % 60 - 20),
    }


def _parts(document_id: int, at: int, holders: Sequence[tuple[int, int]], today: date) -> Iterator[dict[str, Any]]:
    for place in range(PARTS_EACH):
        person_id, unit_id = holders[(at + place * 7) % len(holders)]
        kind = (AssignmentKind.LEAD, AssignmentKind.INFORM, AssignmentKind.COORDINATE)[place and 1 + place % 2]
        waits = (at + place) % SUSPENDED_ONE_IN == 0
        yield {
            "document_id": document_id,
            "kind": kind,
            "state": AssignmentState.SUSPENDED if waits else AssignmentState.OPEN,
            "unit_id": unit_id,
            "person_id": None if (at + place) % WHOLE_UNIT_ONE_IN == 0 else person_id,
            "due_on": today + timedelta(days=(at * 3 + place * 5) % 60 - 20),
        }


def measure(port: int, rounds: int = 15) -> dict[str, Spread]:
    """Each page over HTTP, by the person whose it is."""
    found: dict[str, Spread] = {}
    for username in dict.fromkeys(each.username for each in PAGES):
        browser = Browser(port).sign_in(username, PASSWORD)
        theirs = {each.name: each.address for each in PAGES if each.username == username}
        found |= timed(browser, theirs, rounds, 2.0)
    return {each.name: found[each.name] for each in PAGES}


def statements(app: Flask) -> Mapping[str, int]:
    """SQL statements of each page, everything of the request included."""
    found = {}
    for each in PAGES:
        client = sign_in(app, each.username)
        client.get(each.address)
        with counted(app) as sent:
            answer = client.get(each.address)
        if answer.status_code != 200:
            raise RuntimeError(f"{each.name}: {answer.status_code}")
        found[each.name] = len(sent)
    return found

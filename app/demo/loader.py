"""Load the demo office through the same operations that people use, with the clock set to when it happened.

The office (units, people, accounts) is made in one transaction, each document in one of its own. A load that was
cut off is taken up by the next one at the very step where it stopped; one that is complete is never repeated.
"""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.event import listen, remove
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.demo.address_book import CONTACTS, OWN_CODES
from app.demo.facts import working_day_near
from app.demo.office import DELEGATIONS, PEOPLE, UNITS, DemoDelegation
from app.demo.steps import Act, Plan
from app.demo.texts import SPAN_DAYS
from app.demo.work import Begun, Office
from app.extensions import db
from app.models import Document, Event, Organisation, Person, User
from app.operations import accounts, catalogue, delegation, events, notices, parties
from app.operations.jobs import make_access_partitions
from app.operations.unit_of_work import unit_of_work
from app.queries import catalogues
from app.reference.organisations import OrganisationGroup
from app.vocabulary import DocumentKind, HandlingOutcome, HandlingState, Via

SYSTEM = Actor.system("demo", Via.CLI)
BEGUN, LOADED = "demo.begun", "demo.loaded"
"""Tags of the events by which a load knows what the one before it did."""
DECISION = date(2019, 7, 11)
"""Day of the Decision: since then the units stand as they are."""
MERGER = date(2025, 7, 1)
"""Day from which the address book and the posts hold."""
_LOCK = 0x64656D6F


def load(password: str, *, count: int = 300, seed: int = 212) -> str:
    """Load the demo office with ``count`` documents into an empty database; one line in Vietnamese on what was done.

    Does nothing, and says nothing, where anybody has an account or any document exists that is not the demo's.
    All demo accounts get ``password``. Needs start data and roles (``flask records init``).
    """
    with _alone(), _in_haste(), notices.unmailed():
        session = db.session()
        begun = _begun(session)
        if begun is None:
            if _in_use(session):
                return ""
            begun = _furnish(password, count, seed)
        elif _tagged(session, LOADED) is not None or _others_wrote(session, begun):
            return ""
        office = Office(begun)
        office.go_on()
        with unit_of_work() as uow:
            events.record(uow, SYSTEM, LOADED, "demo", "", documents=len(begun.plan.items), people=len(PEOPLE))
        told = f"{_told(begun.plan)} {_told_of_settling(session)}"
        return told if office.trusted else f"{told} {_UNTRUSTED}"


@contextmanager
def _alone() -> Iterator[None]:
    """One load at a time; the lock goes with its connection, however this process ends."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
        own.execute(select(func.pg_advisory_lock(_LOCK)))
        try:
            yield
        finally:
            own.execute(select(func.pg_advisory_unlock(_LOCK)))


@contextmanager
def _in_haste() -> Iterator[None]:
    """Commits do not wait for the disk, and seldom is looked for garbage: what a crash of the machine loses of the last
    instant, the next load makes again."""

    def begin(_session: Session, _transaction: Any, connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")

    usual = gc.get_threshold()
    gc.set_threshold(50_000, *usual[1:])
    listen(db.session, "after_begin", begin)
    try:
        yield
    finally:
        remove(db.session, "after_begin", begin)
        gc.set_threshold(*usual)


def _tagged(session: Session, tag: str) -> Event | None:
    return session.scalars(select(Event).where(Event.tag == tag).limit(1)).one_or_none()


def _begun(session: Session) -> Begun | None:
    event = _tagged(session, BEGUN)
    if event is None:
        return None
    return Begun(datetime.fromisoformat(event.params["now"]), event.params["seed"], event.params["count"])


def _in_use(session: Session) -> bool:
    """Whether somebody works here already: made-up accounts with a known password have no place there."""
    return any(session.scalar(select(column).limit(1)) is not None for column in (User.id, Person.id, Document.id))


def _others_wrote(session: Session, begun: Begun) -> bool:
    """Whether people went to work before the load was complete: old numbers must not follow theirs (212/4.2).

    They made documents of their own, or went on with what the load had put into the tray. What the load does lies in
    the past of the instant at which it was begun.
    """
    ours = begun.keys()
    came = select(Document.submission_key).where(Document.kind == DocumentKind.INCOMING)
    if any(key not in ours for key in session.scalars(came)):
        return True
    acts = or_(*(Event.tag.startswith(f"{noun}.") for noun in ("incoming", "handling", "assignment")))
    acted = select(Event.id).where(acts, Event.at > begun.now)
    return session.scalar(acted.limit(1)) is not None


_UNTRUSTED = "Không ghi được chứng thư gốc mẫu vào thư mục tin cậy nên chữ ký số mẫu chưa xác định được."


def _told(plan: Plan) -> str:
    """The line for the operator."""
    acts = Counter(step.act for step in plan.steps)
    ends = (Act.REGISTER, Act.REFUSE, Act.JOIN, Act.DISCARD)
    scans = {step.other for step in plan.steps if step.act is Act.PAPER_COPY and step.other is not None}
    received = {step.index for step in plan.steps if step.act is Act.RECEIVE}
    waiting = received - scans - {step.index for step in plan.steps if step.act in ends}
    owed = acts[Act.ADVANCE] - acts[Act.GIVE_NUMBER]
    return (
        f"Đã nạp cơ quan mẫu: {len(PEOPLE)} tài khoản, {len(CONTACTS)} nơi gửi; {len(plan.arrivals)} văn bản đến đã "
        f"vào sổ ({acts[Act.CORRECT]} đã sửa, {acts[Act.ATTACH]} bổ sung tệp, {acts[Act.PAPER_COPY]} có bản giấy đến "
        f"sau, {acts[Act.GIVE_NUMBER]} trình khẩn rồi cấp số, {acts[Act.SEND_BACK]} gửi trả, {acts[Act.CANCEL]} hủy "
        f"số); {len(waiting)} đang chờ trong khay, {owed} trình khẩn còn nợ số, {acts[Act.REFUSE]} từ chối nhận, "
        f"{acts[Act.JOIN] + len(scans)} đã ghép, {acts[Act.DISCARD]} bỏ khỏi khay; "
        f"{sum(bool(item.signing) for item in plan.items)} văn bản ký số."
    )


def _told_of_settling(session: Session) -> str:
    """The second line: how far the documents are settled."""
    kind = Document.kind == DocumentKind.INCOMING
    of_states = select(Document.handling, func.count()).where(kind).group_by(Document.handling)
    by_state = dict(session.execute(of_states).all())
    by_outcome = dict(
        session.execute(
            select(Document.outcome, func.count())
            .where(kind, Document.handling == HandlingState.SETTLED)
            .group_by(Document.outcome)
        ).all()
    )
    done = {outcome: by_outcome.get(outcome, 0) for outcome in HandlingOutcome}
    waiting = {state: by_state.get(state, 0) for state in HandlingState}
    return (
        f"Giải quyết: {waiting[HandlingState.SETTLED]} văn bản đã xong ({done[HandlingOutcome.FILED]} lưu tham khảo, "
        f"{done[HandlingOutcome.PROCESSED]} đã trả lời, {done[HandlingOutcome.TRANSFERRED]} phiếu chuyển, "
        f"{done[HandlingOutcome.RETURNED]} hoàn trả); {waiting[HandlingState.ASSIGNED]} đang xử lý, "
        f"{waiting[HandlingState.ANSWERING]} đang soạn trả lời, {waiting[HandlingState.PRESENTED]} chờ phân công, "
        f"{waiting[HandlingState.PENDING]} chờ trình."
    )


# ---- the office itself


def _furnish(password: str, count: int, seed: int) -> Begun:
    """Units, address book, people, posts, accounts and delegations: all of them or nothing."""
    begun = Begun(clock.now(), seed, count)
    first_day = clock.in_vietnam(begun.now).date() - timedelta(days=SPAN_DAYS + 14)
    since = min(MERGER, first_day)
    with unit_of_work() as uow, clock.set_to(datetime.combine(first_day, time(8), clock.VIETNAM)):
        for day in range(14, SPAN_DAYS + 14, 28):
            with clock.set_to(datetime.combine(first_day + timedelta(days=day), time(8), clock.VIETNAM)):
                make_access_partitions(SYSTEM)
        places = _units(uow.session, min(DECISION, since))
        for contact in CONTACTS:
            places[contact.key] = parties.add_organisation(
                SYSTEM, contact.name, kind=contact.kind, abbreviation=contact.abbreviation, category=contact.group,
                email=contact.email, address=contact.address, codes=contact.codes, valid_from=since,
            ).id  # fmt: skip
        people: dict[str, int] = {}
        for each in PEOPLE:
            person = parties.add_person(SYSTEM, each.full_name, email=each.email, phone=each.phone)
            people[each.user_name] = person.id
            parties.appoint(SYSTEM, person.id, places[each.unit], each.kind, each.title, valid_from=since)
            accounts.open_account(SYSTEM, person.id, each.user_name, password, origin="demo")
        for lent in DELEGATIONS:
            _lend(begun, lent, first_day, people, places)
        with clock.set_to(begun.now):
            events.record(uow, SYSTEM, BEGUN, "demo", "", now=begun.now.isoformat(), seed=seed, count=count)
    return begun


def _lend(begun: Begun, lent: DemoDelegation, first_day: date, people: dict[str, int], places: dict[str, int]) -> None:
    today = clock.in_vietnam(begun.now).date()
    start = today + timedelta(days=lent.since) if lent.since is not None else first_day
    day_before = datetime.combine(
        max(first_day, working_day_near(start - timedelta(days=1), -1)), time(9), clock.VIETNAM
    )
    with clock.set_to(day_before):
        delegation.grant(
            SYSTEM, lent.kind, people[lent.grantor], people[lent.grantee], lent.authority, moves=lent.moves,
            valid_from=start, valid_to=today + timedelta(days=lent.until) if lent.until is not None else None,
            unit_id=places[lent.unit] if lent.unit else None,
        )  # fmt: skip


def _units(session: Session, since: date) -> dict[str, int]:
    """Own units by key. The Office and the body above it are there from the start; they get what they lack."""
    office = session.scalars(select(Organisation).where(Organisation.ours)).one()
    assert office.parent_id is not None  # noqa: S101 - the start data put a body above it
    known = {"ubnd": office.parent_id, "van_phong": office.id}
    places: dict[str, int] = {}
    for unit in UNITS:
        codes = OWN_CODES.get(unit.key, ())
        if unit.key in known:
            places[unit.key] = known[unit.key]
            row = session.get_one(Organisation, known[unit.key])
            given = {"ours": "yes", "abbreviation": unit.abbreviation, "category": OrganisationGroup.OWN}
            given |= {name: dict(codes).get(scheme, "") for name, scheme in catalogue.CODE_FIELDS.items()}
            values = {**catalogues.values_of(session, "organisation", row), **given}
            catalogue.save(SYSTEM, "organisation", row.id, values)
            continue
        places[unit.key] = parties.add_organisation(
            SYSTEM, unit.name, kind=unit.kind, parent_id=places[unit.parent] if unit.parent else None, ours=unit.ours,
            abbreviation=unit.abbreviation, category=OrganisationGroup.OWN, codes=codes, valid_from=since,
        ).id  # fmt: skip
    return places

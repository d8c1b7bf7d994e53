"""Load the demo office through the same operations that people use, with the clock set to when it happened.

The office (units, people, accounts) is made in one transaction, each document in one of its own. A load that was
cut off is taken up by the next one at the very step where it stopped; one that is complete is never repeated.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.actor import Actor
from app.demo.address_book import CONTACTS, OWN_CODES
from app.demo.office import DELEGATIONS, PEOPLE, UNITS
from app.demo.steps import Act, Plan
from app.demo.texts import SPAN_DAYS
from app.demo.work import Begun, Office
from app.extensions import db
from app.models import Document, Event, Organisation, Person, User
from app.operations import accounts, catalogue, delegation, events, parties
from app.operations.jobs import make_access_partitions
from app.operations.unit_of_work import unit_of_work
from app.queries import catalogues
from app.reference.organisations import OrganisationGroup
from app.vocabulary import Via

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
    with _alone():
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
        return _told(begun.plan) if office.trusted else f"{_told(begun.plan)} {_UNTRUSTED}"


@contextmanager
def _alone() -> Iterator[None]:
    """One load at a time; the lock goes with its connection, however this process ends."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
        own.execute(select(func.pg_advisory_lock(_LOCK)))
        try:
            yield
        finally:
            own.execute(select(func.pg_advisory_unlock(_LOCK)))


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
    if any(key not in ours for key in session.scalars(select(Document.submission_key))):
        return True
    acted = select(Event.id).where(Event.tag.startswith("incoming."), Event.at > begun.now)
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
            delegation.grant(
                SYSTEM, lent.kind, people[lent.grantor], people[lent.grantee], lent.authority, valid_from=first_day,
                unit_id=places[lent.unit] if lent.unit else None,
            )  # fmt: skip
        with clock.set_to(begun.now):
            events.record(uow, SYSTEM, BEGUN, "demo", "", now=begun.now.isoformat(), seed=seed, count=count)
    return begun


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

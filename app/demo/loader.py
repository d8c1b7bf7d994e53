"""Load the demo office through the same operations that people use, with the clock set to when it happened.

The office (units, people, accounts) is made in one transaction, each document in one of its own. A load that was
cut off is taken up by the next one at the very step where it stopped; one that is complete is never repeated.
"""

import io
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import accesses, clock
from app.actor import Actor
from app.demo.address_book import CONTACTS, OWN_CODES
from app.demo.enclosures import EnclosedFile, enclosed
from app.demo.office import DELEGATIONS, PEOPLE, UNITS
from app.demo.plan import Act, Arrival, Plan, Step, make_plan
from app.demo.texts import SPAN_DAYS, Letter
from app.extensions import db
from app.models import (
    Access,
    Delegation,
    Document,
    DocumentFile,
    DocumentType,
    Event,
    Organisation,
    Person,
    RegisterBook,
)
from app.operations import accounts, catalogue, delegation, events, files, incoming, parties
from app.operations.jobs import make_access_partitions
from app.operations.unit_of_work import unit_of_work
from app.queries import catalogues
from app.queries.actors import acting_by, actor_for
from app.reference.document_types import types_on
from app.reference.organisations import OrganisationGroup
from app.reports.letter import build
from app.rules.incoming import LIFECYCLE
from app.vocabulary import AccessKind, Via

SYSTEM = Actor.system("demo", Via.CLI)
BEGUN, LOADED = "demo.begun", "demo.loaded"
"""Tags of the events by which a load knows what the one before it did."""
DECISION = date(2019, 7, 11)
"""Day of the Decision: since then the units stand as they are."""
MERGER = date(2025, 7, 1)
"""Day from which the address book and the posts hold."""
_LIMIT = 20 * 1024**2
_AHEAD = 6
"""So many letters are written while the ones before them are entered."""
_LOCK = 0x64656D6F
_KEYS = uuid5(NAMESPACE_URL, "urn:van-thu:demo")


@dataclass(frozen=True)
class _Load:
    """What a load was begun with; the same again gives the same plan."""

    now: datetime
    seed: int
    count: int

    def key(self, index: int) -> UUID:
        """Submission key of the document number ``index``."""
        return uuid5(_KEYS, f"{self.seed}/{index}")


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
        return _Office(begun).go_on()


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


def _begun(session: Session) -> _Load | None:
    event = _tagged(session, BEGUN)
    if event is None:
        return None
    return _Load(datetime.fromisoformat(event.params["now"]), event.params["seed"], event.params["count"])


def _in_use(session: Session) -> bool:
    """Whether somebody works here already: made-up accounts with a known password have no place there."""
    return any(session.scalar(select(column).limit(1)) is not None for column in (User.id, Person.id, Document.id))


def _others_wrote(session: Session, begun: _Load) -> bool:
    """Whether people went to work before the load was complete: old numbers must not follow theirs (212/4.2)."""
    ours = {begun.key(i) for i in range(begun.count)}
    return any(key not in ours for key in session.scalars(select(Document.submission_key)))


# ---- the office itself


def _furnish(password: str, count: int, seed: int) -> _Load:
    """Units, address book, people, posts, accounts and delegations: all of them or nothing."""
    begun = _Load(clock.now(), seed, count)
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


# ---- its work


class _Office:
    """The office at work: makes every step of the plan that is not made yet."""

    def __init__(self, begun: _Load):
        session = db.session()
        self._begun = begun
        self._plan: Plan = make_plan(begun.seed, begun.count, begun.now)
        self._actors = _actors(session)
        self._places = {row.name: row.id for row in session.scalars(select(Organisation).where(~Organisation.ours))}
        self._books = {row.code: str(row.id) for row in session.scalars(select(RegisterBook))}
        self._types = {
            (row.code, row.valid_from): str(row.id) for row in session.scalars(select(DocumentType))
        }  # a code may come back with another abbreviation
        keys = {begun.key(i): i for i in range(len(self._plan.arrivals))}
        made = session.execute(select(Document.submission_key, Document.id).where(Document.submission_key.in_(keys)))
        self._documents = {keys[key]: document_id for key, document_id in made if key is not None}
        self._done: set[Any] = {tuple(row) for row in session.execute(select(Event.document_id, Event.tag))}
        self._done |= {tuple(row) for row in session.execute(select(Access.document_id, Access.at))}

    def go_on(self) -> str:
        """Make what is left of the plan; the line to tell the operator."""
        for step, sent in self._with_files(step for step in self._plan.steps if not self._is_done(step)):
            with clock.set_to(step.at):
                self._make(step, sent)
        with unit_of_work() as uow:
            events.record(uow, SYSTEM, LOADED, "demo", "", documents=len(self._documents), people=len(PEOPLE))
        acts = [step.act for step in self._plan.steps]
        return (
            f"Đã nạp cơ quan mẫu: {len(PEOPLE)} tài khoản, {len(CONTACTS)} nơi gửi, {len(self._documents)} văn bản đến "
            f"({acts.count(Act.CORRECT)} đã sửa, {acts.count(Act.ATTACH)} bổ sung tệp, "
            f"{acts.count(Act.CANCEL)} hủy số)."
        )

    def _is_done(self, step: Step) -> bool:
        document_id = self._documents.get(step.index)
        if step.act in (Act.VIEW, Act.DOWNLOAD):
            return (document_id, step.at) in self._done
        return (document_id, step.act.value) in self._done

    def _with_files(self, steps: Iterable[Step]) -> Iterator[tuple[Step, list[EnclosedFile]]]:
        """Each step with the files it brings; one thread writes them ahead while files and database are waited for."""
        ahead: deque[tuple[Step, Future[list[EnclosedFile]]]] = deque()
        with ThreadPoolExecutor(max_workers=1) as writer:
            for step in steps:
                ahead.append((step, writer.submit(_files_of, step, self._plan.arrivals[step.index])))
                if len(ahead) > _AHEAD:
                    done, sent = ahead.popleft()
                    yield done, sent.result()
            for done, sent in ahead:
                yield done, sent.result()

    def _make(self, step: Step, sent: list[EnclosedFile]) -> None:
        arrival, actor = self._plan.arrivals[step.index], self._actors[step.who]
        uploads = [files.receive(actor, io.BytesIO(file.content), file.name, _LIMIT).id for file in sent]
        if step.act is Act.REGISTER:
            values = {**self._description(arrival.typed), **self._arrival(arrival), "files": uploads}
            made = incoming.register(actor, values, submission_key=self._begun.key(step.index))
            self._documents[step.index] = made.id
            return
        document_id = self._documents[step.index]
        if step.act in (Act.VIEW, Act.DOWNLOAD):
            self._look(actor, step, document_id)
        elif step.act is Act.CORRECT:
            pages = db.session.get_one(Document, document_id).page_count
            values = {**self._description(arrival.letter), **self._arrival(arrival)}
            values |= {"page_count": pages, "reason": step.reason}
            incoming.correct(actor, document_id, values)
        elif step.act is Act.ATTACH:
            incoming.attach(actor, document_id, {"files": uploads})
        else:
            incoming.cancel_number(actor, document_id, {"reason": self._reason(step, arrival)})

    def _arrival(self, arrival: Arrival) -> dict[str, Any]:
        return {
            "book_id": self._books[arrival.letter.book],
            "channel": arrival.letter.channel,
            "received_at": arrival.received_at,
        }

    def _description(self, letter: Letter) -> dict[str, Any]:
        kind = types_on(letter.issued_on)[letter.type_code]
        return {
            "issuer": {"id": self._places.get(letter.sender_name), "name": letter.sender_name},
            "number_notation": letter.number_notation,
            "issued_on": letter.issued_on,
            "type_id": self._types[kind.code, kind.valid_from],
            "urgency": letter.urgency,
            "subject": letter.subject,
            "signer_name": letter.signer_name,
            "signer_position": letter.signer_position,
            "note": "" if letter.sender else f"Địa chỉ người gửi: {letter.sender_address}",
        }

    def _reason(self, step: Step, arrival: Arrival) -> str:
        if arrival.first is None:
            return step.reason
        first = self._documents[self._plan.arrivals.index(arrival.first)]
        document = db.session.get_one(Document, first)
        return step.reason.format(first=f"{document.arrival_number}/{document.arrival_year}")

    def _look(self, actor: Actor, step: Step, document_id: int) -> None:
        address = f"10.20.{sum(step.who.encode()) % 8 + 1}.{sum(step.who.encode()) % 200 + 20}"
        if step.act is Act.VIEW:
            subject = (LIFECYCLE.subject_type, document_id)
            accesses.record(actor, AccessKind.VIEW, subject=subject, document_id=document_id, remote_addr=address)
            return
        query = select(DocumentFile.id, DocumentFile.title).where(DocumentFile.document_id == document_id)
        file_id, title = db.session.execute(query.order_by(DocumentFile.ordinal).limit(1)).one()
        accesses.record(
            actor, AccessKind.DOWNLOAD, document_id=document_id, file_id=file_id, what=title, remote_addr=address
        )


def _files_of(step: Step, arrival: Arrival) -> list[EnclosedFile]:
    """The files that a step brings, the letter itself first."""
    letter = arrival.letter
    if step.act is Act.ATTACH:
        return [enclosed(letter, kind) for kind in arrival.later]
    if step.act is not Act.REGISTER:
        return []
    return [EnclosedFile(letter.file_name, build(letter.content)), *(enclosed(letter, k) for k in arrival.enclosures)]


def _actors(session: Session) -> dict[str, Actor]:
    """Everybody by user name; who enters for somebody else acts by that delegation (212/17.2)."""
    names = {each.user_name for each in PEOPLE}
    users = session.scalars(select(User).where(User.username.in_(names)))
    actors = {user.username: actor_for(session, user, Via.WEB) for user in users}
    for lent in DELEGATIONS:
        actor = actors[lent.grantee]
        row = select(Delegation.id).where(Delegation.grantee_id == actor.person_id).order_by(Delegation.id).limit(1)
        acting = acting_by(session, actor, session.scalars(row).one())
        if acting is not None:
            actors[lent.grantee] = acting
    return actors

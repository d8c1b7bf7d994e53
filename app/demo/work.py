"""The demo office at work: makes the steps of the plan by the operations that people use, each at its own time."""

import io
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import accesses, clock
from app.actor import Actor
from app.backends import inspector
from app.demo.desks import Desks
from app.demo.enclosures import EnclosedFile, Enclosure, enclosed
from app.demo.office import DELEGATIONS, PEOPLE
from app.demo.plan import make_plan
from app.demo.settling_plan import make_settling
from app.demo.settling_steps import Work
from app.demo.steps import SCANNER, Act, Arrival, Brings, Paper, Plan, Signing, Step
from app.demo.texts import SPAN_DAYS, Letter
from app.extensions import db
from app.models import Access, Document, DocumentFile, DocumentType, Event, Organisation, RegisterBook
from app.operations import arrivals, files, incoming
from app.queries.actors import actor_for, powers_of
from app.reference.document_types import types_on
from app.reports.letter import build
from app.rules.incoming import LIFECYCLE
from app.vocabulary import AccessKind, Via

if TYPE_CHECKING:
    from app.demo.signing import Signatory

_LIMIT = 20 * 1024**2
_AHEAD = 6
"""So many letters are written while the ones before them are entered."""
_KEYS = uuid5(NAMESPACE_URL, "urn:van-thu:demo")
_LOOKS = (Act.VIEW, Act.DOWNLOAD)
REGISTRAR = ("troly", "hanhchinh")
"""Who registers for whom."""


@dataclass(frozen=True)
class Begun:
    """What a load was begun with; the same again gives the same plan."""

    now: datetime
    seed: int
    count: int

    def key(self, index: int) -> UUID:
        """Submission key of the document number ``index``."""
        return uuid5(_KEYS, f"{self.seed}/{index}")

    @cached_property
    def plan(self) -> Plan:
        """Everything that is to happen."""
        return make_plan(self.seed, self.count, self.now)

    @cached_property
    def settling(self) -> tuple[Work, ...]:
        """Everything that is done to settle what came."""
        return make_settling(self.seed, self.plan, self.now)

    def keys(self) -> dict[UUID, int]:
        """All documents of the load, by their submission keys."""
        return {self.key(i): i for i in range(len(self.plan.items))}


class Office:
    """The office at work: makes every step of the plan that is not made yet."""

    def __init__(self, begun: Begun):
        session = db.session()
        self._begun = begun
        self._plan = begun.plan
        self._items = self._plan.items
        with clock.set_to(begun.now):  # a delegation may have ended when the load goes on
            own, lent = _actors(session)
        self._actors = {**own, REGISTRAR[0]: lent[REGISTRAR], SCANNER: Actor.system("scan_folder")}
        self._places = {row.name: row.id for row in session.scalars(select(Organisation).where(~Organisation.ours))}
        self._books = {row.code: str(row.id) for row in session.scalars(select(RegisterBook))}
        self._types = {
            (row.code, row.valid_from): str(row.id) for row in session.scalars(select(DocumentType))
        }  # a code may come back with another abbreviation
        keys = begun.keys()
        made = session.execute(select(Document.submission_key, Document.id).where(Document.submission_key.in_(keys)))
        self._documents = {keys[key]: document_id for key, document_id in made if key is not None}
        self._desks = Desks(own, lent, self._documents)
        self._done: set[Any] = {tuple(row) for row in session.execute(select(Event.document_id, Event.tag))}
        self._done |= {tuple(row) for row in session.execute(select(Access.document_id, Access.at))}
        self._entering = {Act.REGISTER: incoming.register, Act.ADVANCE: incoming.advance, Act.REFUSE: arrivals.refuse}
        self._signatory: Signatory | None = None
        self.trusted = True
        """Whether the certificate of the demo's signatures could be put into the trust folder."""

    def go_on(self) -> None:
        """Make what is left of the plan."""
        left = [step for step in self._plan.steps if not self._is_done(step)]
        if any(self._items[step.index].signing for step in left):
            self._prepare_signing()
        waiting = deque(self._begun.settling)
        for step, sent in self._with_files(left):
            self._settle(waiting, step.at)
            with clock.set_to(step.at):
                self._make(step, sent)
        self._settle(waiting, None)

    def _settle(self, waiting: deque[Work], until: datetime | None) -> None:
        """Make the acts of settling that come before an instant; all that are left without one."""
        while waiting and (until is None or waiting[0].at < until):
            self._desks.make(waiting.popleft())

    def _prepare_signing(self) -> None:
        """Make the authority that signs. Where nobody may write its certificate down, its signatures stay undecided."""
        from app.demo.signing import Signatory  # it loads slowly, and most starts of the program load no demo

        begun = self._begun.now
        self._signatory = Signatory(begun - timedelta(days=SPAN_DAYS + 30), begun)
        try:
            self._signatory.publish(Path(inspector().trust_dir))
        except OSError:
            self.trusted = False

    def _is_done(self, step: Step) -> bool:
        document_id = self._documents.get(step.index)
        return (document_id, step.at if step.act in _LOOKS else step.act.value) in self._done

    def _with_files(self, steps: Iterable[Step]) -> Iterator[tuple[Step, list[EnclosedFile]]]:
        """Each step with the files it brings; one thread writes them ahead while files and database are waited for."""
        ahead: deque[tuple[Step, Future[list[EnclosedFile]]]] = deque()
        with ThreadPoolExecutor(max_workers=1) as writer:
            for step in steps:
                ahead.append((step, writer.submit(_files_of, step, self._items[step.index], self._signatory)))
                if len(ahead) > _AHEAD:
                    done, sent = ahead.popleft()
                    yield done, sent.result()
            for done, sent in ahead:
                yield done, sent.result()

    def _make(self, step: Step, sent: list[EnclosedFile]) -> None:
        item, actor = self._items[step.index], self._actors[step.who]
        uploads = [files.receive(actor, io.BytesIO(file.content), file.name, _LIMIT).id for file in sent]
        document_id = self._documents.get(step.index)
        if step.act is Act.RECEIVE:
            values = {"files": uploads, "channel": item.letter.channel}
            made = arrivals.receive(actor, values, submission_key=self._begun.key(step.index))
            self._documents[step.index] = made.id
        elif step.act in self._entering:
            key = self._begun.key(step.index) if document_id is None else None
            values = {**self._entry(step, item), "files": uploads}
            self._documents[step.index] = self._entering[step.act](actor, values, on=document_id, submission_key=key).id
        elif document_id is not None:
            self._go_on_with(document_id, step, item, actor, uploads)

    def _go_on_with(self, document_id: int, step: Step, item: Paper, actor: Actor, uploads: list[int]) -> None:
        """What is done to a document that is there already."""
        if step.act in _LOOKS:
            self._look(actor, step, document_id)
        elif step.act is Act.GIVE_NUMBER:
            incoming.give_number(actor, document_id, {})
        elif step.act is Act.CORRECT:
            pages = db.session.get_one(Document, document_id).page_count
            values = {**self._description(item.letter), **self._arrival(item)}
            incoming.correct(actor, document_id, {**values, "page_count": pages, "reason": step.reason})
        elif step.act is Act.ATTACH:
            incoming.attach(actor, document_id, {"files": uploads})
        elif step.act is Act.PAPER_COPY:
            waiting = [] if step.other is None else [self._documents[step.other]]
            arrivals.add_paper_copy(actor, document_id, {"waiting_ids": waiting, "note": step.reason})
        elif step.act is Act.JOIN:
            arrivals.join(actor, document_id, {"into": self._number_of(step.other)})
        elif step.act is Act.SEND_BACK:
            arrivals.send_back(actor, document_id, {"refusal_code": step.code, "reason": step.reason})
        else:
            act = arrivals.discard if step.act is Act.DISCARD else incoming.cancel_number
            act(actor, document_id, {"reason": self._reason(step, item)})

    def _entry(self, step: Step, item: Paper) -> dict[str, Any]:
        """What the clerk enters when a paper is registered, presented urgently, or refused."""
        if step.act is Act.REFUSE:
            known = {k: v for k, v in self._description(item.letter).items() if k not in ("identifier", "note")}
            said = {"refusal_code": step.code, "reason": step.reason, "channel": item.letter.channel}
            return {**known, **said, "received_at": item.received_at}
        typed = item.typed if isinstance(item, Arrival) else item.letter
        values = {**self._description(typed), **self._arrival(item), "identifier": item.letter.identifier}
        if step.act is Act.ADVANCE:
            return {
                **values,
                "permitted_by_id": str(self._actors[step.leader].person_id),
                "permitted_note": step.reason,
            }
        return {**values, "duplicate_reason": step.reason}

    def _arrival(self, item: Paper) -> dict[str, Any]:
        return {
            "book_id": self._books[item.letter.book],
            "channel": item.letter.channel,
            "received_at": item.received_at,
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
            "identifier": letter.identifier,
            "note": "" if letter.sender else f"Địa chỉ người gửi: {letter.sender_address}",
        }

    def _reason(self, step: Step, item: Paper) -> str:
        other = step.other
        if isinstance(item, Arrival) and item.first is not None:
            other = self._plan.arrivals.index(item.first)
        return step.reason if other is None else step.reason.format(first=self._number_of(other))

    def _number_of(self, index: int | None) -> str:
        """Arrival number of an item, as people write it: ``298/2025``."""
        document = db.session.get_one(Document, None if index is None else self._documents[index])
        return f"{document.arrival_number}/{document.arrival_year}"

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


def _files_of(step: Step, item: Paper, signatory: "Signatory | None") -> list[EnclosedFile]:
    """The files that a step brings, the letter itself first."""
    letter = item.letter
    if step.act is Act.ATTACH and isinstance(item, Arrival):
        return [enclosed(letter, kind) for kind in item.later]
    waited = isinstance(item, Arrival) and item.scanned
    entered = step.act is Act.RECEIVE or (step.act is Act.REGISTER and not waited) or step.act is Act.ADVANCE
    if not entered:
        return []
    if item.brings is Brings.ANNEX:
        return [replace(enclosed(letter, Enclosure.PAPERS), name=item.file_name)]
    content = letter.content
    if item.brings is Brings.SCAN:
        content = replace(content, keywords=f"{content.keywords}; {item.file_name.removesuffix('.pdf')}")
    main = build(content)
    if item.signing is not Signing.NONE and signatory is not None:
        main = signatory.sign(main, letter, item.signing, item.received_at)
    return [EnclosedFile(item.file_name or letter.file_name, main), *(enclosed(letter, k) for k in item.enclosures)]


def _actors(session: Session) -> tuple[dict[str, Actor], dict[tuple[str, str], Actor]]:
    """Everybody by user name; and whoever acts for somebody else by a delegation, by both names (212/17.2)."""
    names = {each.user_name for each in PEOPLE}
    users = session.scalars(select(User).where(User.username.in_(names)))
    actors = {user.username: actor_for(session, user, Via.WEB) for user in users}
    people = {user_name: actor.person_id for user_name, actor in actors.items()}
    lent = {
        (each.grantee, each.grantor): acting
        for each in DELEGATIONS
        for acting in powers_of(session, actors[each.grantee])
        if acting.on_behalf_of is not None and acting.on_behalf_of.person_id == people[each.grantor]
    }
    return actors, lent

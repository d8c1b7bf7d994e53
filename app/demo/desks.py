"""The demo office settles: makes the acts of the plan by the operations that people use, each at its own time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app import clock
from app.actor import Actor
from app.demo.address_book import BY_KEY
from app.demo.office import PEOPLE, UNITS
from app.demo.settling_steps import OF_PARTS, Deed, Share, Work
from app.extensions import db
from app.models import Assignment, AssignmentReading, CaseFileItem, DocumentType, Event, Notice, Organisation, Person
from app.operations import notices, readings
from app.operations.base import OPERATIONS
from app.reference.document_types import types_on
from app.vocabulary import LIVING


@dataclass(frozen=True)
class Names:
    """Ids of what the plan calls by user name or key."""

    people: Mapping[str, int]
    units: Mapping[str, int]
    bodies: Mapping[str, int]
    types: Mapping[tuple[str, Any], str]


def names() -> Names:
    """The ids, as they are in the database."""
    session = db.session()
    by_name = dict(session.execute(select(Person.full_name, Person.id)).all())
    own = dict(session.execute(select(Organisation.name, Organisation.id).where(Organisation.ours)).all())
    outside = dict(session.execute(select(Organisation.name, Organisation.id).where(~Organisation.ours)).all())
    return Names(
        {each.user_name: by_name[each.full_name] for each in PEOPLE},
        {each.key: own[each.name] for each in UNITS if each.name in own},
        {key: outside[each.name] for key, each in BY_KEY.items()},
        {(row.code, row.valid_from): str(row.id) for row in session.scalars(select(DocumentType))},
    )


class Desks:
    """Makes every act of settling that is not made yet."""

    def __init__(self, own: Mapping[str, Actor], lent: Mapping[tuple[str, str], Actor], documents: Mapping[int, int]):
        """``documents``: ids by their number in the plan, as they come to be."""
        self._own, self._lent, self._documents, self._names = own, lent, documents, names()
        session = db.session()
        acts = select(Event.document_id, Event.tag, Event.at).where(Event.tag.in_([deed.value for deed in Deed]))
        self._done: set[Any] = {tuple(row) for row in session.execute(acts)}
        seen = select(Assignment.document_id, AssignmentReading.person_id, AssignmentReading.at)
        joined = seen.join(Assignment, Assignment.id == AssignmentReading.assignment_id)
        self._done |= {tuple(row) for row in session.execute(joined)}

    def make(self, work: Work) -> None:
        """Make one act, at its time, if it is not made yet."""
        document_id = self._documents.get(work.index)
        with clock.set_to(work.at):
            if work.deed is Deed.READ:
                self._read(work)
            elif document_id is None or self._is_done(work, document_id):
                return
            elif work.deed is Deed.SEE:
                readings.seen(self._own[work.who], document_id)
            else:
                actor = self._lent[work.who, work.behalf] if work.behalf else self._own[work.who]
                subject = self._part(document_id, work.holder) if work.deed in OF_PARTS else document_id
                OPERATIONS[work.deed](actor, subject, self._values(work))

    def _is_done(self, work: Work, document_id: int) -> bool:
        said = self._names.people[work.who] if work.deed is Deed.SEE else work.deed.value
        return (document_id, said, work.at) in self._done

    def _read(self, work: Work) -> None:
        """Mark read what was told until then: a load that goes on later may have told more already."""
        person_id = self._names.people[work.who]
        last = db.session.scalar(select(func.max(Notice.id)).where(Notice.person_id == person_id, Notice.at <= work.at))
        if last is not None:
            notices.read_all(self._own[work.who], last)

    def _part(self, document_id: int, holder: str) -> int:
        """The part of a document that somebody holds now."""
        query = select(Assignment.id).where(Assignment.document_id == document_id, Assignment.state.in_(LIVING))
        return db.session.scalars(query.filter_by(**self._holder(holder)).order_by(Assignment.id.desc()).limit(1)).one()

    def _case_file(self, document_id: int) -> str:
        """The case file that a document was put into."""
        query = select(CaseFileItem.case_file_id).where(CaseFileItem.document_id == document_id)
        return str(db.session.scalars(query.order_by(CaseFileItem.id).limit(1)).one())

    def _holder(self, holder: str) -> dict[str, int | None]:
        """Unit and person as a row of the dialog has them."""
        if holder in self._names.units:
            return {"unit_id": self._names.units[holder], "person_id": None}
        return {"person_id": self._names.people[holder]}

    def _row(self, share: Share) -> dict[str, Any]:
        return {"unit_id": None, **self._holder(share.holder), "kind": share.kind, "due_on": share.due_on}

    def _values(self, work: Work) -> dict[str, Any]:
        values = dict(work.values)
        if work.shares:
            values["assignees"] = [self._row(share) for share in work.shares]
        if work.deed is Deed.PRESENT:
            values["to_id"] = str(self._names.people[values.pop("to")])
        elif work.deed is Deed.ROUTE:
            values["requested_by_id"] = str(self._names.people[values.pop("requested_by")])
        elif work.deed is Deed.TRANSFER:
            key = values["recipient"]
            values["recipient"] = {"id": self._names.bodies[key], "name": BY_KEY[key].name}
        elif work.deed is Deed.PROCESS:
            if "joins" in values:
                values["case_file_id"] = self._case_file(self._documents[values.pop("joins")])
            kind = types_on(work.at.date())["cong_van"]
            values["draft_type_id"] = self._names.types[kind.code, kind.valid_from]
        return values

"""Random people assign, pass on, ask, give back, settle and reopen; what people hold stays one tree with one lead.

The law tables say who may; here the relations are computed anew from what is held, without the code under test.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from sqlalchemy import func, select

from app import clock
from app.errors import DomainError, Forbidden, Refused, WrongState
from app.extensions import db
from app.models import Assignment, Document, Event
from app.operations import assignments, handling, settling, terms  # noqa: F401 - declare their operations
from app.operations.base import act
from app.queries.choices import choices
from app.rules.lifecycle import Relation
from app.rules.lifecycles import LIFECYCLES
from app.vocabulary import (
    LIVING,
    AssignmentKind,
    AssignmentState,
    DocumentKind,
    HandlingState,
    OutgoingState,
    PostKind,
)
from tests.fixtures.application import engine_in_use
from tests.fixtures.clock import NOW
from tests.fixtures.office import actor_of
from tests.fixtures.settling import Desk, person, person_id, unit, unit_id
from tests.rules.test_law_of_settling import LAW_OF_ASSIGNMENTS, LAW_OF_HANDLING

P, K, H, R = PostKind, AssignmentKind, HandlingState, Relation
ACTORS = (P.CLERK, P.OFFICE_LEADER, P.HEAD_OF_DEPARTMENT, P.SPECIALIST, P.ARCHIVIST)
PEOPLE = st.sampled_from([*ACTORS, P.OFFICE_LEADER, P.HEAD_OF_DEPARTMENT, P.SPECIALIST])
HOLDERS = st.lists(
    st.tuples(st.sampled_from(["unit", P.SPECIALIST, P.ARCHIVIST, P.HEAD_OF_DEPARTMENT]), st.sampled_from(list(K))),
    min_size=1,
    max_size=3,
)
DAYS = st.integers(0, 30)


class Settling(RuleBasedStateMachine):
    """A few documents, settled by many."""

    documents: Bundle[int] = Bundle("documents")

    def __init__(self) -> None:
        super().__init__()
        self.made: list[int] = []
        self.acts: dict[int, int] = {}
        self.now = NOW
        self.open = ExitStack()

    @initialize()
    def begin(self) -> None:
        app, connect = CONTEXT[0]
        self.open.enter_context(connect())
        self.open.enter_context(app.app_context())
        self.open.callback(db.session.remove)
        self.actors = {kind: actor_of(kind) for kind in ACTORS}
        self.ids = {kind: person_id(kind) for kind in ACTORS}
        self.economy = unit_id()
        self.letter = next(value for value, label in choices(db.session(), "document_types") if label == "Công văn")

    def teardown(self) -> None:
        self.open.close()

    @rule(target=documents)
    def register(self) -> Any:
        if len(self.made) >= 3:
            return multiple()
        with clock.set_to(self.now):
            document = Desk(db.session()).registered()
        self.made.append(document.id)
        self.acts[document.id] = 0
        return document.id

    # ── what the small model knows ──────────────────────────────────────────────────────────────────────────────

    def _holds(self, who: PostKind, part: Assignment) -> bool:
        if part.person_id is not None:
            return part.person_id == self.ids[who]
        return who == P.HEAD_OF_DEPARTMENT and part.unit_id == self.economy

    def _to_document(self, who: PostKind, document: Document) -> set[R]:
        found = {R.REGISTRY_CLERK} if who == P.CLERK else set()
        if document.presented_to_id == self.ids[who]:
            found.add(R.IN_CHARGE)
        for part in self._living(document.id):
            below = [p for p in self._living(document.id) if p.parent_id == part.id and p.kind == K.LEAD]
            if part.kind == K.LEAD and not below and self._holds(who, part):
                found.add(R.LEAD)
        return found

    def _to_part(self, who: PostKind, part: Assignment) -> set[R]:
        """Whoever would decide is told where nothing is asked: that is a refusal, not a want of right."""
        found = self._to_document(who, part.document) - {R.LEAD}
        if part.assigned_by_id == self.ids[who]:
            found.add(R.ASSIGNER)
        if found & {R.ASSIGNER, R.IN_CHARGE} and not self._holds(who, part):
            found.add(R.DECIDER)
        if self._holds(who, part):
            below = [p for p in self._living(part.document_id) if p.parent_id == part.id and p.kind == K.LEAD]
            if not (part.kind == K.LEAD and below):
                found.add({K.LEAD: R.LEAD, K.COORDINATE: R.COORDINATOR, K.INFORM: R.INFORMED}[K(part.kind)])
            if who == P.HEAD_OF_DEPARTMENT and part.unit_id == self.economy and part.kind != K.INFORM:
                found.add(R.HEAD)
        return found

    def _above(self, part: Assignment, held: list[Assignment]) -> list[Assignment]:
        found = [each for each in held if each.id == part.parent_id]
        return [*found, *self._above(found[0], held)] if found else []

    def _living(self, document_id: int) -> list[Assignment]:
        query = select(Assignment).where(Assignment.document_id == document_id, Assignment.state.in_(LIVING))
        return list(db.session.scalars(query))

    def _values(self, rows: list[tuple[Any, K]], days: int) -> dict[str, Any]:
        assignees = [unit(kind) if who == "unit" else person(who, kind) for who, kind in rows]
        day: date = self.now.date() + timedelta(days=days)
        return {
            "to_id": str(self.ids[P.OFFICE_LEADER]),
            "requested_by_id": str(self.ids[P.OFFICE_LEADER]),
            "request_note": "Trực tiếp",
            "assignees": assignees,
            "due_on": day,
            "reason": "Vì một lẽ",
            "note": "Ghi chú",
            "text": "Ý kiến",
            "question": "Có vướng gì không?",
            "message": "Khẩn trương",
            "waiting_for": "Ý kiến của Sở",
            "recipient": {"id": None, "name": "Sở Xây dựng"},
            "refusal_code": "incomplete",
            "case_title": "Một việc",
            "draft_type_id": self.letter,
            "draft_subject": "Trả lời",
            "number_notation": "12/VP-KT",
            "issued_on": None,
        }

    def _do(self, name: str, who: PostKind, on: int, values: dict[str, Any]) -> Any:
        noun, _, verb = name.partition(".")
        move = LIFECYCLES[noun][verb]
        with clock.set_to(self.now):
            try:
                return act(self.actors[who], move, on, {i.name: values.get(i.name) for i in move.inputs})
            except DomainError as error:
                return error
            finally:
                db.session.expire_all()

    def _expect(self, made: Any, allowed: bool, right_state: bool, document_id: int) -> None:
        if not allowed:
            assert isinstance(made, Forbidden), made
        elif not right_state:
            assert isinstance(made, WrongState), made
        elif isinstance(made, Refused):
            assert made.obstacles  # an input that does not fit: nothing may have changed, the invariants see to it
        else:
            assert not isinstance(made, DomainError), made
            self.acts[document_id] += 1

    # ── what people do ──────────────────────────────────────────────────────────────────────────────────────────

    @rule(who=PEOPLE, document=documents, name=st.sampled_from([*LAW_OF_HANDLING]), rows=HOLDERS, days=DAYS)
    def act_on_a_document(self, who: PostKind, document: int, name: str, rows: list[Any], days: int) -> None:
        record = db.session.get_one(Document, document)
        relations, states = LAW_OF_HANDLING[name]
        allowed = bool(relations & self._to_document(who, record))
        in_state = H(record.handling) in states
        values = self._values(rows, days) | {"issued_on": self.now.date()}
        self._expect(self._do(name, who, document, values), allowed, in_state, document)

    @rule(document=documents, rows=HOLDERS, days=DAYS, kind=st.sampled_from(["unit", P.SPECIALIST]))
    def go_forward(self, document: int, rows: list[Any], days: int, kind: Any) -> None:
        """The usual way, so that there is something to act on."""
        state = H(db.session.get_one(Document, document).handling)
        lead = [(kind, K.LEAD), *((who, K.COORDINATE) for who, _ in rows if who != kind)]
        unique = list({who: (who, part) for who, part in lead}.values())
        way = {H.PENDING: (P.CLERK, "handling.present"), H.PRESENTED: (P.OFFICE_LEADER, "handling.assign")}
        if state in way:
            who, name = way[state]
            made = self._do(name, who, document, self._values(unique, days))
            self._expect(made, not isinstance(made, Forbidden), True, document)

    @rule(
        who=PEOPLE,
        document=documents,
        name=st.sampled_from([*LAW_OF_ASSIGNMENTS]),
        rows=HOLDERS,
        days=DAYS,
        pick=st.integers(0, 9),
    )
    def act_on_a_part(self, who: PostKind, document: int, name: str, rows: list[Any], days: int, pick: int) -> None:
        query = select(Assignment).where(Assignment.document_id == document).order_by(Assignment.id.desc())
        parts = list(db.session.scalars(query))
        if not parts:
            return
        part = parts[pick % len(parts)]
        relations, states = LAW_OF_ASSIGNMENTS[name]
        allowed = bool(relations & self._to_part(who, part))
        in_state = AssignmentState(part.state) in states
        self._expect(self._do(name, who, part.id, self._values(rows, days)), allowed, in_state, document)

    @rule(days=st.integers(1, 9))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    # ── what always holds ───────────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def what_is_held_is_a_tree_with_one_lead(self) -> None:
        for document_id in self.made:
            document = db.session.get_one(Document, document_id)
            held = self._living(document_id)
            ids = {each.id for each in held}
            top = [each for each in held if each.parent_id is None and each.kind == K.LEAD]
            assert all(each.parent_id is None or each.parent_id in ids for each in held), "a part hangs in the air"
            leads_below = [each.parent_id for each in held if each.kind == K.LEAD]
            assert len(leads_below) == len(set(leads_below)), "two lead at one place"
            assert len(top) == (document.handling in (H.ASSIGNED, H.ANSWERING)), (document.handling, top)
            if document.handling == H.SETTLED:
                assert held == []
                assert document.outcome
                assert document.settled_at is not None
            if document.handling == H.PENDING:
                assert held == []

    @invariant()
    def lists_show_what_is_held(self) -> None:
        for document_id in self.made:
            document = db.session.get_one(Document, document_id)
            held = self._living(document_id)
            leads = {each.parent_id: each for each in held if each.kind == K.LEAD}
            for each in held:
                assert each.passed_on == (each.kind == K.LEAD and each.id in leads)
                assert each.kind == K.INFORM or each.due_on is not None
                for above in self._above(each, held):
                    if above.due_on is not None and each.due_on is not None and above.due_on >= self.now.date():
                        assert each.due_on <= above.due_on
            leaf = leads.get(None)
            if leaf is None:
                continue
            assert document.due_on == leaf.due_on
            while leaf.id in leads:
                leaf = leads[leaf.id]
            assert (document.lead_unit_id, document.lead_person_id) == (leaf.unit_id, leaf.person_id)

    @invariant()
    def every_part_says_when_it_ended_and_no_answer_is_left_behind(self) -> None:
        for part in db.session.scalars(select(Assignment)) if self.made else ():
            assert (part.finished_at is None) == (part.state in LIVING)
        for document in db.session.scalars(select(Document).where(Document.kind == DocumentKind.OUTGOING)):
            assert document.state in set(OutgoingState)
        preparing = select(func.count(Document.id)).where(
            Document.kind == DocumentKind.OUTGOING, Document.state == OutgoingState.PREPARING
        )
        answering = select(func.count(Document.id)).where(Document.handling == H.ANSWERING)
        if self.made:
            assert (db.session.scalar(preparing) > 0) == (db.session.scalar(answering) > 0)

    @invariant()
    def every_act_is_told_once(self) -> None:
        if not self.made:
            return
        query = (
            select(Event.document_id, func.count())
            .where(Event.tag.like("handling.%") | Event.tag.like("assignment.%"))
            .group_by(Event.document_id)
        )
        counts = dict(map(tuple, db.session.execute(query)))
        assert {key: counts.get(key, 0) for key in self.made} == self.acts


CONTEXT: list[Any] = []
"""The application and the way to a fresh database, handed to the machine by the test that runs it."""


@pytest.mark.clause("212/7.1", "212/7.2", "212/8.1", "212/16.1.i", "212/16.2.a")
def test_whatever_people_do_while_settling_one_leads_and_everything_is_told(app: Flask, furnished: str) -> None:
    @contextmanager
    def connect() -> Iterator[None]:
        with app.app_context():
            connection = db.engine.connect()
        connection.name = connection.engine.name
        outer = connection.begin()
        with engine_in_use(app, connection), clock.set_to(NOW):
            yield
        outer.rollback()
        connection.close()

    CONTEXT[:] = [(app, connect)]
    examples = int(os.environ.get("LIFECYCLE_EXAMPLES", "20"))
    Settling.TestCase.settings = settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        derandomize=bool(os.environ.get("CI")),
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    Settling.TestCase().runTest()

"""Random people do random things to random incoming documents; a small model says what must come of it.

After every step the register is exactly 1 … n, states, lines, links and story agree, and nothing was lost.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from sqlalchemy import func, select

from app import clock
from app.errors import DomainError, Forbidden, Refused, Stale, WrongState
from app.extensions import db
from app.models import Document, DocumentFile, DocumentLink, Event, RegisterEntry
from app.operations import arrivals, files, incoming  # noqa: F401 - declare their operations
from app.operations.base import act
from app.queries.choices import choices
from app.rules.incoming import LIFECYCLE
from app.vocabulary import NUMBERED, IncomingState, PostKind
from tests.fixtures.application import engine_in_use
from tests.fixtures.clock import NOW
from tests.fixtures.office import actor_of, pdf, registration

S = IncomingState
REGISTRY = (PostKind.CLERK, PostKind.ADMIN_HEAD)
OTHERS = (PostKind.SPECIALIST, PostKind.OFFICE_LEADER, PostKind.ARCHIVIST)
ACTS = {  # verb → (from, to); by hand, not from the code under test
    "register": (S.RECEIVED, S.REGISTERED),
    "advance": (S.RECEIVED, S.URGENT),
    "give_number": (S.URGENT, S.REGISTERED),
    "refuse": (S.RECEIVED, S.REFUSED),
    "send_back": (S.REGISTERED, S.RETURNED),
    "cancel_number": (S.REGISTERED, S.CANCELLED),
    "discard": (S.RECEIVED, S.DISCARDED),
}
STAYS = {  # verb → states in which it may be made; the state stays
    "attach": {S.RECEIVED, S.REGISTERED, S.URGENT},
    "correct": {S.REGISTERED, S.URGENT},
    "add_paper_copy": {S.REGISTERED, S.URGENT},
}
DESCRIBED = {"register", "advance", "correct", "refuse"}
PEOPLE = st.sampled_from([*REGISTRY, *REGISTRY, *OTHERS])
NUMBERS = st.integers(1, 6)
"""Few enough that the same number comes again."""


class Paper:
    """What the model knows of one document."""

    def __init__(self, state: S, number_notation: str = ""):
        self.state, self.notation = state, number_notation
        self.files = 0
        self.acts = 1
        self.version = 1


class IncomingRegister(RuleBasedStateMachine):
    """One register, used by many."""

    papers: Bundle[int] = Bundle("papers")

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[int, Paper] = {}
        self.given: list[int] = []
        self.now = NOW
        self.open = ExitStack()

    @initialize()
    def begin(self) -> None:
        app, connect = CONTEXT[0]
        self.open.enter_context(connect())
        self.open.enter_context(app.app_context())
        self.open.callback(db.session.remove)
        self.actors = {kind: actor_of(kind) for kind in (*REGISTRY, *OTHERS)}
        self.leader = choices(db.session(), "leaders")[0][0]
        self.serial = 0

    def teardown(self) -> None:
        self.open.close()

    def _made(self, verb: str, who: PostKind, on: int | None, values: dict[str, Any], *, stale: bool = False) -> Any:
        """Make the act at a moment of its own; whatever it answers, the session is left usable."""
        self.now += timedelta(minutes=7)
        version = None if on is None else self.model[on].version - (1 if stale else 0)
        with clock.set_to(self.now):
            try:
                return act(self.actors[who], LIFECYCLE[verb], on, values, expected_version=version)
            except DomainError as error:
                return error
            finally:
                db.session.expire_all()

    def _upload(self, who: PostKind) -> list[int]:
        self.serial += 1
        with clock.set_to(self.now):
            return [files.receive(self.actors[who], pdf(f"{self.serial}"), f"{self.serial}.pdf", 10**6).id]

    def _typed(self, verb: str, number: int, who: PostKind, **more: Any) -> dict[str, Any]:
        values: dict[str, Any] = {"reason": "Vì một lẽ", "refusal_code": "form", **more}
        if verb in DESCRIBED:
            values |= registration(number_notation=f"{number}/CV-MH", urgency="urgent", subject=f"Lần {uuid4()}")
        if verb == "advance":
            values |= {"permitted_by_id": self.leader, "permitted_note": "Qua điện thoại"}
        if verb in ("attach", "receive"):
            values |= {"files": self._upload(who), "channel": "paper"}
        return values

    def _is_double(self, notation: str, but: int | None) -> bool:
        living = {S.REGISTERED, S.URGENT, S.RETURNED}
        return any(p.notation == notation and p.state in living for key, p in self.model.items() if key != but)

    # ── what people do ──────────────────────────────────────────────────────────────────────────────────────────

    @rule(target=papers, who=PEOPLE)
    def put_into_tray(self, who: PostKind) -> Any:
        if who not in REGISTRY:
            made = self._made("receive", who, None, {"files": [], "channel": "paper"})
            assert isinstance(made, Forbidden)
            return multiple()
        made = self._made("receive", who, None, self._typed("receive", 0, who))
        assert isinstance(made, Document), made
        self.model[made.id] = Paper(S.RECEIVED)
        self.model[made.id].files = 1
        return made.id

    @rule(
        target=papers, who=PEOPLE, number=NUMBERS, verb=st.sampled_from(["register", "advance"]), anyway=st.booleans()
    )
    def enter_by_hand(self, who: PostKind, number: int, verb: str, anyway: bool) -> Any:
        values = self._typed(verb, number, who, **({"duplicate_reason": "Gửi lại"} if anyway else {}))
        made = self._made(verb, who, None, values)
        if who not in REGISTRY:
            assert isinstance(made, Forbidden)
        elif self._is_double(values["number_notation"], None) and not anyway:
            assert isinstance(made, Refused)
            assert [o.code for o in made.obstacles] == ["duplicate"]
        else:
            assert isinstance(made, Document), made
            self.model[made.id] = Paper(ACTS[verb][1], values["number_notation"])
            if verb == "register":
                self.given.append(made.arrival_number)
            return made.id
        return multiple()

    @rule(
        who=PEOPLE,
        paper=papers,
        verb=st.sampled_from([*ACTS, *STAYS]),
        number=NUMBERS,
        anyway=st.booleans(),
        stale=st.sampled_from([False, False, False, True]),
    )
    def do_something(self, who: PostKind, paper: int, verb: str, number: int, anyway: bool, stale: bool) -> None:
        known = self.model[paper]
        may_be_in = STAYS.get(verb) or {ACTS[verb][0]}
        values = self._typed(verb, number, who if who in REGISTRY else PostKind.CLERK)
        if anyway:
            values["duplicate_reason"] = "Gửi lại"
        made = self._made(verb, who, paper, values, stale=stale)
        notation = values.get("number_notation", known.notation)
        if who not in REGISTRY:
            assert isinstance(made, Forbidden)
        elif known.state not in may_be_in:
            assert isinstance(made, WrongState)
        elif verb in ("register", "advance") and self._is_double(notation, paper) and not anyway:
            assert isinstance(made, Refused)
        elif stale:
            assert isinstance(made, Stale)
        else:
            assert isinstance(made, Document), made
            known.acts += 1
            known.version = made.version
            if verb in ACTS:
                known.state = ACTS[verb][1]
            if verb in ("register", "give_number"):
                self.given.append(made.arrival_number)
            if verb in ("register", "advance", "correct"):
                known.notation = notation
            known.files += verb == "attach"

    @rule(who=st.sampled_from(REGISTRY), one=consumes(papers), other=papers)
    def join(self, who: PostKind, one: int, other: int) -> None:
        """A paper of the tray goes to a document of the register, and is never seen in the tray again."""
        number = db.session.get_one(Document, other).arrival_number
        made = self._made("join", who, one, {"into": str(number or 10**8)})
        fits = self.model[one].state == S.RECEIVED
        into = self.model[other].state
        if fits and into in STAYS["attach"] and number:
            assert isinstance(made, Document), made
            self.model[one].state = S.JOINED
            self.model[one].acts += 1
            self.model[other].files += self.model[one].files
        else:
            assert isinstance(made, WrongState | Refused)

    # ── what always holds ───────────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def numbers_are_exactly_one_to_n_in_order_of_time(self) -> None:
        if not self.model:
            return
        lines = db.session.scalars(select(RegisterEntry).order_by(RegisterEntry.number)).all()
        assert [line.number for line in lines] == list(range(1, len(lines) + 1)) == self.given
        assert [line.registered_at for line in lines] == sorted(line.registered_at for line in lines)
        numbered = select(Document.id).where(Document.arrival_number.is_not(None))
        assert set(db.session.scalars(numbered)) == {line.document_id for line in lines}

    @invariant()
    def every_document_is_where_the_acts_left_it(self) -> None:
        rows = {row.id: row for row in db.session.scalars(select(Document))} if self.model else {}
        assert {key: S(row.state) for key, row in rows.items()} == {key: p.state for key, p in self.model.items()}
        for key, row in rows.items():
            assert (row.arrival_number is not None) == (row.state in NUMBERED)
            last = db.session.scalars(
                select(Event).where(Event.document_id == key, Event.state_after.is_not(None)).order_by(Event.id.desc())
            ).first()
            assert last is not None
            assert last.state_after == row.state
            self.model[key].version = row.version

    @invariant()
    def every_act_is_told_once_and_no_file_is_lost(self) -> None:
        if not self.model:
            return
        query = select(Event.document_id, func.count()).where(Event.tag.like("incoming.%")).group_by(Event.document_id)
        assert dict(map(tuple, db.session.execute(query))) == {key: p.acts for key, p in self.model.items()}
        held = select(DocumentFile.document_id, func.count()).group_by(DocumentFile.document_id)
        counts = dict(map(tuple, db.session.execute(held)))
        assert {key: counts.get(key, 0) for key in self.model} == {key: p.files for key, p in self.model.items()}
        joined = sum(p.state == S.JOINED for p in self.model.values())
        assert db.session.scalar(select(func.count(DocumentLink.id))) == joined


CONTEXT: list[Any] = []
"""The application and the way to a fresh database, handed to the machine by the test that runs it."""


@pytest.mark.clause("212/4.1", "212/4.2", "212/16.1.dd", "212/16.1.g")
def test_whatever_people_do_to_incoming_documents_the_register_stays_right(app: Flask, furnished: str) -> None:
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
    IncomingRegister.TestCase.settings = settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        derandomize=bool(os.environ.get("CI")),
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    IncomingRegister.TestCase().runTest()

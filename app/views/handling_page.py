"""The tab "Xử lý" of a document: who has what until when, what was said, and what the reader may do now (S3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.actor import Actor
from app.models import Assignment, CaseFile, DeadlineChange, Document, DocumentFile, Opinion
from app.queries.history import came_with
from app.queries.holdings import holding
from app.queries.parties import unit_path
from app.queries.settling import Part, Settling, settling_of
from app.rules import assignments, handling
from app.rules.lifecycle import Move, Subject, allowed
from app.trail_words import line
from app.views.deadline_words import Said, by_rule, standing
from app.vocabulary import (
    LIVING,
    AssignmentKind,
    AssignmentState,
    DeadlineChangeKind,
    HandlingOutcome,
    HandlingState,
    Power,
)

AT_THE_PART = (
    assignments.GRANT_EXTENSION,
    assignments.REFUSE_EXTENSION,
    assignments.CHASE,
    assignments.CHANGE_DEADLINE,
    assignments.RESTORE,
    assignments.TAKE_BACK,
)
"""Acts on what somebody was given: they stand with it."""
NEXT = (
    assignments.RESUME,
    assignments.ACKNOWLEDGE,
    assignments.CONTRIBUTE,
    handling.ASSIGN,
    handling.COMPLETE,
    assignments.PASS_ON,
    handling.PROCESS,
    handling.PRESENT,
)
"""What usually comes next, first things first; one of these is the filled button."""
_TONES = {HandlingState.PENDING: "note", HandlingState.PRESENTED: "note", HandlingState.SETTLED: "good"}
_WAITS = (HandlingState.PENDING, HandlingState.PRESENTED, HandlingState.ASSIGNED)
_PART_TONES = {
    AssignmentState.SUSPENDED: "soon",
    AssignmentState.GIVEN_BACK: "late",
    AssignmentState.DONE: "good",
}


@dataclass(frozen=True)
class Act:
    """A button: the move and its form."""

    move: Move
    address: str

    @property
    def label(self) -> str:
        """Its words."""
        return gettext(self.move.label)


@dataclass(frozen=True)
class Line:
    """One part in the tree, as the page shows it."""

    assignment: Assignment
    kind: str
    state: str
    tone: str
    due: Said | None
    mine: bool
    unread: bool
    asked: DeadlineChange | None
    changes: Sequence[tuple[DeadlineChange, str]]
    acts: Sequence[Act]
    said: str = ""
    """Directions; of what the document itself was assigned with, once."""
    entered: str = ""
    """Who entered it for whoever gave it (212/16.2.b, 17.2), and from whom it was handed over."""
    below: Sequence["Line"] = ()


@dataclass(frozen=True)
class Word:
    """What somebody wrote along with the last step: who did what, when, the words."""

    act: str
    at: datetime
    text: str


@dataclass(frozen=True)
class SettlingPage:
    """All that the tab shows, and the acts of the bar above it."""

    state: str
    tone: str
    outcome: str
    due: Said | None
    rule: Said | None
    """The deadline by rule and why, while the document's own is that one or there is none yet."""
    lines: Sequence[Line]
    opinions: Sequence[tuple[Opinion, Sequence[DocumentFile]]]
    case_files: Sequence[CaseFile]
    main: Act | None = None
    others: Sequence[Act] = ()
    word: "Word | None" = None
    unread: Sequence[int] = field(default_factory=tuple)
    """Parts of the reader that nobody of them has opened yet."""


def settling_page(
    session: Session, actor: Actor, powers: Sequence[Actor], document: Document, origin: Mapping[str, Any]
) -> SettlingPage | None:
    """What is on record of the settling of a document; ``None`` where it is not there to be settled. ``powers``: the
    actor once for each delegation; ``origin``: what the addresses of forms carry along, of the list that
    one came from."""
    if document.handling is None:
        return None
    found = settling_of(session, document)
    path = unit_path(session, document.unit_id)
    everyone = (actor, *powers)
    own = [holding(each) for each in found.living]
    subjects = {
        id(each): Subject(
            document.handling,
            handling.document_relations(each, path, document.presented_to_id, own),
            document.type_id,
        )
        for each in everyone
    }
    judged = _Judged(session, document, path, everyone, origin, found)
    acts = [
        Act(move, url_for("HandlingView.act_form", pk=document.id, verb=move.verb, **origin))
        for move in handling.LIFECYCLE.moves.values()
        if any(allowed(move, each, subjects[id(each)]) for each in everyone)
    ]
    acts += judged.own_acts(found.parts)
    asked = [act for part in found.parts if part.asked for act in judged.acts(part, [assignments.GRANT_EXTENSION])]
    main = next(iter(asked), None) or judged.next_of(acts, found.parts)
    due = None
    if document.due_on and document.handling != HandlingState.SETTLED:
        due = _still(document.due_on) if judged.waits else standing(session, document.due_on)
    moved = any(part.changes and part.asked is None for part in found.parts)  # the day is nobody's rule any more
    rule = by_rule(session, document) if document.handling != HandlingState.SETTLED and not moved else None
    return SettlingPage(
        state=gettext(handling.LIFECYCLE.states[document.handling]),
        tone=_TONES.get(HandlingState(document.handling), ""),
        outcome=gettext(handling.OUTCOMES[HandlingOutcome(document.outcome)]) if document.outcome else "",
        due=due,
        rule=rule if rule is not None and (due is None or due.day == rule.day) else None,
        lines=judged.lines(session, found.roots),
        opinions=[(each, found.files.get(each.paper_id or 0, ())) for each in found.opinions],
        case_files=found.case_files,
        main=main,
        word=word_of(session, document),
        others=[act for act in acts if act is not main],
        unread=_unread(actor, found),
    )


def word_of(session: Session, document: Document) -> Word | None:
    """The note or reason with which a document that nobody has settled yet came where it is."""
    if document.handling not in _WAITS:
        return None
    found = came_with(session, document)
    return Word(line(found[0]), found[0].at, found[1]) if found is not None else None


def _unread(actor: Actor, found: Settling) -> list[int]:
    return [
        part.assignment.id
        for part in found.parts
        if part.assignment.state in LIVING
        and actor.person_id is not None
        and actor.person_id not in part.readers
        and handling.holds(actor, part.assignment.unit_id, part.assignment.person_id)
    ]


class _Judged:
    """The parts of one document, judged for everybody in whose place the reader stands, without a statement each."""

    def __init__(
        self,
        session: Session,
        document: Document,
        path: tuple[int, ...],
        everyone: Sequence[Actor],
        origin: Mapping[str, Any],
        found: Settling,
    ):
        self.found = found
        self.waits = any(each.state == AssignmentState.SUSPENDED for each in found.living)
        self.session = session
        self.document = document
        self.path = path
        self.everyone = everyone
        self.origin = origin

    def subject(self, actor: Actor, part: Part) -> Subject:
        """What the rules ask about a part; who asked for an extension is known already."""
        asked = part.asked is not None
        each = holding(part.assignment, extension_asked=asked, units=unit_path(self.session, part.assignment.unit_id))
        relations = assignments.relations(actor, each, self.path, self.document.presented_to_id)
        return Subject(part.assignment.state, relations, self.document.type_id)

    def acts(self, part: Part, moves: Iterable[Move]) -> list[Act]:
        """Those of the moves that may be made on the part."""
        subjects = [(each, self.subject(each, part)) for each in self.everyone]
        return [
            Act(move, url_for("AssignmentView.act_form", pk=part.assignment.id, verb=move.verb, **self.origin))
            for move in moves
            if any(allowed(move, each, subject) for each, subject in subjects) and not self.in_vain(part, move)
        ]

    def in_vain(self, part: Part, move: Move) -> bool:
        """Whether the operation could only refuse the move as things stand, whatever is entered."""
        each, state = part.assignment, self.document.handling
        if move is assignments.CHASE:
            return bool(assignments.chase_obstacles(each.kind))
        if move is assignments.ASK_EXTENSION:
            return bool(assignments.asked_obstacles(part.asked.due_asked if part.asked is not None else None))
        if move in (assignments.GIVE_BACK, assignments.TAKE_BACK):
            return bool(assignments.answering_obstacles(each.kind, state))
        if move is assignments.RESTORE:
            living = [holding(other) for other in self.found.living]
            return bool(assignments.restore_obstacles(holding(each), living, state, lambda _each: ""))
        return False

    def passed(self, parts: Sequence[Part]) -> bool:
        """Whether the reader has passed on what there was to pass on."""
        return any(self.mine(part) and part.assignment.passed_on and part.assignment.state in LIVING for part in parts)

    def next_of(self, acts: Sequence[Act], parts: Sequence[Part]) -> Act | None:
        """The act that usually comes next: never again what was done already."""
        done = {handling.PRESENT} if self.document.handling != HandlingState.PENDING else set()
        if self.passed(parts):
            done.add(assignments.PASS_ON)
        return next((act for move in NEXT if move not in done for act in acts if act.move is move), None)

    def mine(self, part: Part) -> bool:
        """Whether it is the reader's, or that of somebody for whom the reader may act."""
        return any(handling.holds(each, part.assignment.unit_id, part.assignment.person_id) for each in self.everyone)

    def own_acts(self, parts: Sequence[Part]) -> list[Act]:
        """What may be done with the reader's own parts, and an opinion on any; each act once, on the lowest part."""
        found: dict[str, Act] = {}
        moves = [move for move in assignments.LIFECYCLE.moves.values() if move not in AT_THE_PART]
        order = sorted(parts, key=lambda part: (self.mine(part), part.assignment.id), reverse=True)
        for part in order:
            wanted = moves if self.mine(part) else [assignments.OPINE]
            for act in self.acts(part, wanted):
                found.setdefault(act.move.verb, act)
        passed = self.passed(parts)
        order_of = [move.verb for move in moves]
        ordered = sorted(found.values(), key=lambda act: order_of.index(act.move.verb))
        return [act for act in ordered if not (passed and act.move is assignments.PASS_ON)] + [
            act for act in ordered if passed and act.move is assignments.PASS_ON
        ]

    def line(self, session: Session, part: Part, said: str) -> Line:
        """One part with what is below it; ``said``: the directions to show with it."""
        each = part.assignment
        living = each.state in LIVING
        return Line(
            assignment=each,
            kind=gettext(handling.KINDS[AssignmentKind(each.kind)]),
            state=gettext(assignments.LIFECYCLE.states[each.state]),
            tone=_PART_TONES.get(AssignmentState(each.state), ""),
            due=self.due(session, each) if living else None,
            mine=living and self.mine(part),
            unread=living and not part.readers,
            asked=part.asked,
            changes=[(change, _change_words(change)) for change in part.changes if change is not part.asked],
            acts=self.acts(part, AT_THE_PART),
            said=said,
            entered=", ".join(filter(None, (_entered(part), _handed_over(part)))),
            below=self.lines(session, part.below),
        )

    def due(self, session: Session, each: Assignment) -> Said | None:
        """How the deadline of a part stands, in the words of the lists: what is suspended or only to be known does not
        run."""
        if each.due_on is None:
            return None
        if each.kind == AssignmentKind.INFORM:
            return Said(each.due_on, gettext("for information"), "")
        still = each.state == AssignmentState.SUSPENDED or (each.passed_on and self.waits)
        return _still(each.due_on) if still else standing(session, each.due_on)

    def lines(self, session: Session, parts: Sequence[Part]) -> list[Line]:
        """Parts side by side: what is held first, who leads before the others. Directions that all at the top have
        once; what somebody below was told or asked stands with each."""
        kinds = list(AssignmentKind)
        order = sorted(
            parts,
            key=lambda part: (
                part.assignment.state not in LIVING,
                kinds.index(AssignmentKind(part.assignment.kind)),
                part.assignment.id,
            ),
        )
        told: set[str] = set()
        found = []
        for part in order:
            words = part.assignment.directions
            found.append(self.line(session, part, "" if words in told else words))
            if part.assignment.parent_id is None and part.assignment.state in LIVING:
                told.add(words)
        return found


def _still(day: date) -> Said:
    return Said(day, gettext("suspended, the deadline stands still"), "")


def _entered(part: Part) -> str:
    by, giver = part.entered_by, part.assignment.assigned_by
    if not by or giver is None or by == giver.full_name:
        return ""
    return (
        gettext("in whose place %(name)s acted", name=by)
        if part.power == Power.SUBSTITUTION
        else gettext("entered by %(name)s", name=by)
    )


def _handed_over(part: Part) -> str:
    return gettext("handed over from %(name)s", name=part.handed_over_by) if part.handed_over_by else ""


def _change_words(change: DeadlineChange) -> str:
    if change.kind == DeadlineChangeKind.SUSPENSION:
        days = {"before": _day(change.due_before), "after": _day(change.due_after)}
        return gettext("Moved by the suspension: %(before)s → %(after)s", **days)
    kind = gettext(assignments.CHANGE_KINDS[change.kind])  # type: ignore[index]
    state = gettext(assignments.CHANGE_STATES[change.state])  # type: ignore[index]
    return f"{kind}, {state}: {_day(change.due_before)} → {_day(change.due_after or change.due_asked)}"


def _day(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else "–"

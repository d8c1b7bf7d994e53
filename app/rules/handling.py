"""Settling incoming documents (giải quyết văn bản đến): from presenting to the outcome, on the document itself. Pure.

What each unit and person is given, and does with it, are the moves of :mod:`app.rules.assignments`. A document is
settled by whoever leads it (212/7.2, 212/8); its state of settling stands beside that of its registration, because an
urgent document is settled before it has a number (212/4.1).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.actor import Actor
from app.errors import Obstacle
from app.rules.incoming import REFUSAL_REASONS
from app.rules.lifecycle import Input, InputType, Lifecycle, Move, Relation
from app.rules.permissions import incoming_relations
from app.vocabulary import N_, AssignmentKind, HandlingOutcome, HandlingState, PostKind

NOUN = "handling"
REGISTRY = frozenset({Relation.REGISTRY_CLERK, Relation.REGISTRY_HEAD})
HEADS = frozenset({PostKind.HEAD_OF_DEPARTMENT, PostKind.ADMIN_HEAD})
"""Posts that act for what their unit was given as a whole."""

REASON = Input("reason", N_("Reason"), InputType.TEXT, required=True, max_length=500)
ASSIGNEES = Input("assignees", N_("Who is to handle it"), InputType.ASSIGNEES, required=True)
DIRECTIONS = Input("directions", N_("Directions"), InputType.TEXT, max_length=2000, lookup="directions")
DUE_ON = Input(
    "due_on",
    N_("Deadline"),
    InputType.DATE,
    hint=N_("For all who have none of their own; the proposed day, when left empty"),
)
HANDWRITING = Input(
    "files", N_("Paper with the leader’s handwriting"), InputType.FILES, hint=N_("A scan or photograph"), aside=True
)
HANDWRITING_TITLE = "Bút phê của lãnh đạo"
"""How the working paper begins that keeps such a scan; records are Vietnamese."""

PRESENT = Move(
    NOUN,
    "present",
    N_("Present for assignment"),
    basis=("212/7.1",),
    who=REGISTRY,
    sources=frozenset({HandlingState.PENDING, HandlingState.PRESENTED}),
    target=HandlingState.PRESENTED,
    inputs=(
        Input("to_id", N_("Present to"), InputType.CHOICE, required=True, choices="distributors", keep=True),
        Input("note", N_("Note to the leader"), InputType.TEXT, max_length=500),
    ),
    event=N_("presented it to %(to)s"),
    done=N_("Presented to %(to)s."),
    main=True,
    bulk=True,
)
DECLINE = Move(
    NOUN,
    "decline",
    N_("Give back to the registry"),
    basis=("212/7.1", "212/16.2.b"),
    who=frozenset({Relation.IN_CHARGE}),
    sources=frozenset({HandlingState.PRESENTED}),
    target=HandlingState.PENDING,
    inputs=(replace(REASON, hint=N_("For example: another leader is in charge")),),
    event=N_("gave it back to the registry"),
    done=N_("It is with the registry again."),
)
ASSIGN = Move(
    NOUN,
    "assign",
    N_("Assign"),
    basis=("212/7.2", "212/S.2"),
    who=frozenset({Relation.IN_CHARGE}),
    sources=frozenset({HandlingState.PRESENTED}),
    target=HandlingState.ASSIGNED,
    inputs=(ASSIGNEES, DIRECTIONS, DUE_ON, HANDWRITING),
    event=N_("assigned it: %(assigned)s"),
    done=N_("Assigned: %(lead)s leads, until %(due)s."),
    main=True,
    bulk=True,
)
ROUTE = Move(
    NOUN,
    "route",
    N_("Route at somebody’s request"),
    basis=("212/16.2.b",),
    who=REGISTRY,
    sources=frozenset({HandlingState.PENDING, HandlingState.PRESENTED, HandlingState.ASSIGNED}),
    target=HandlingState.ASSIGNED,
    inputs=(
        Input("requested_by_id", N_("At whose request"), InputType.CHOICE, required=True, choices="requesters"),
        Input(
            "request_note",
            N_("How it was requested"),
            InputType.TEXT,
            required=True,
            max_length=500,
            hint=N_("For example: by telephone at 07:40, 03/08/2026"),
        ),
        ASSIGNEES,
        DIRECTIONS,
        DUE_ON,
        HANDWRITING,
    ),
    event=N_("routed it at the request of %(requester)s: %(assigned)s"),
    done=N_("Routed: %(lead)s leads, until %(due)s."),
)
REASSIGN = Move(
    NOUN,
    "reassign",
    N_("Change the assignment"),
    basis=("212/7.2", "212/16.1.i"),
    who=frozenset({Relation.IN_CHARGE}),
    sources=frozenset({HandlingState.ASSIGNED}),
    target=HandlingState.ASSIGNED,
    inputs=(ASSIGNEES, DIRECTIONS, DUE_ON, REASON),
    event=N_("changed the assignment: %(assigned)s"),
    done=N_("The assignment is changed: %(lead)s leads, until %(due)s."),
)
WITHDRAW = Move(
    NOUN,
    "withdraw",
    N_("Withdraw the assignment"),
    basis=("212/7.2", "212/16.1.i"),
    who=frozenset({Relation.IN_CHARGE}),
    sources=frozenset({HandlingState.ASSIGNED}),
    target=HandlingState.PRESENTED,
    inputs=(REASON,),
    event=N_("withdrew the whole assignment"),
    done=N_("The assignment is withdrawn. The document is with you again."),
    advice=N_("Whoever has it loses it; what they wrote stays on record."),
    danger=True,
)
FILE = Move(
    NOUN,
    "file",
    N_("File for reference"),
    basis=("212/8.2.1",),
    who=frozenset({Relation.LEAD}),
    sources=frozenset({HandlingState.ASSIGNED}),
    target=HandlingState.SETTLED,
    inputs=(Input("note", N_("What was decided"), InputType.TEXT, max_length=500),),
    event=N_("settled it: filed for reference"),
    done=N_("Settled: filed for reference."),
    bulk=True,
)
TRANSFER = Move(
    NOUN,
    "transfer",
    N_("Transfer slip to the competent body"),
    basis=("212/8.2.2", "212/S.3"),
    who=frozenset({Relation.LEAD}),
    sources=frozenset({HandlingState.ASSIGNED}),
    target=HandlingState.ANSWERING,
    inputs=(
        Input("recipient", N_("Competent body"), InputType.ORGANISATION, required=True, max_length=200),
        Input(
            "content",
            N_("What it is asked to do"),
            InputType.TEXT,
            max_length=1000,
            hint=N_("“to consider and settle within its competence”, when left empty"),
        ),
        Input("reply_by", N_("Reply wished by"), InputType.DATE),
    ),
    event=N_("prepared a transfer slip to %(recipient)s, and a notice to the sender"),
    done=N_("The transfer slip to %(recipient)s and the notice to the sender are prepared."),
)
RETURN_TO_SENDER = Move(
    NOUN,
    "return_to_sender",
    N_("Return to the sender"),
    basis=("212/8.2.3", "212/S.3"),
    who=frozenset({Relation.LEAD}),
    sources=frozenset({HandlingState.ASSIGNED}),
    target=HandlingState.ANSWERING,
    inputs=(
        Input("refusal_code", N_("Reason"), InputType.CHOICE, required=True, choices="return_reasons"),
        Input(
            "reason",
            N_("In words"),
            InputType.TEXT,
            max_length=500,
            hint=N_("What is missing or wrong, for the sender"),
        ),
    ),
    event=N_("prepared a return letter to the sender: %(why)s"),
    done=N_("The return letter is prepared."),
)
PROCESS = Move(
    NOUN,
    "process",
    N_("Process: case file and draft"),
    basis=("212/8.2.4", "212/13.2"),
    who=frozenset({Relation.LEAD}),
    sources=frozenset({HandlingState.ASSIGNED}),
    target=HandlingState.ANSWERING,
    inputs=(
        Input("case_file_id", N_("Join an open case file"), InputType.CHOICE, choices="open_case_files"),
        Input(
            "case_title",
            N_("Or open a new case file"),
            max_length=500,
            hint=N_("Title of the matter"),
        ),
        Input("draft_type_id", N_("Type of the draft"), InputType.CHOICE, required=True, choices="document_types"),
        Input("draft_subject", N_("Abstract of the draft"), InputType.TEXT, required=True, max_length=500),
    ),
    event=N_("took it into the case file “%(case_file)s” and began a draft"),
    done=N_("It is in the case file “%(case_file)s”, and the draft is begun."),
    main=True,
)
COMPLETE = Move(
    NOUN,
    "complete",
    N_("The answer has gone out"),
    basis=("212/8.1", "212/9.1"),
    who=frozenset({Relation.LEAD}),
    sources=frozenset({HandlingState.ANSWERING}),
    target=HandlingState.SETTLED,
    inputs=(
        Input(
            "number_notation",
            N_("Number and notation of the answer"),
            required=True,
            max_length=50,
            hint=N_("As issued, e.g. 215/VP-KT"),
        ),
        Input("issued_on", N_("Date of the answer"), InputType.DATE, required=True, past=True),
        Input("note", N_("Note"), InputType.TEXT, max_length=500),
    ),
    event=N_("settled it: the answer %(number)s of %(day)s has gone out"),
    done=N_("Settled: the answer %(number)s has gone out."),
    main=True,
)
REVISE = Move(
    NOUN,
    "revise",
    N_("Take back what was prepared"),
    basis=("212/8.2.2", "212/8.2.3", "212/8.2.4"),
    who=frozenset({Relation.LEAD}),
    sources=frozenset({HandlingState.ANSWERING}),
    target=HandlingState.ASSIGNED,
    inputs=(REASON,),
    event=N_("took back what was prepared, to settle it otherwise"),
    done=N_("What was prepared is put aside. Choose another outcome."),
    danger=True,
)
REOPEN = Move(
    NOUN,
    "reopen",
    N_("Reopen"),
    basis=("212/16.1.i", "212/16.1.k"),
    who=frozenset({Relation.IN_CHARGE, Relation.REGISTRY_HEAD}),
    sources=frozenset({HandlingState.ANSWERING, HandlingState.SETTLED}),
    target=HandlingState.ASSIGNED,
    inputs=(
        REASON,
        Input(
            "due_on",
            N_("New deadline"),
            InputType.DATE,
            hint=N_("The old one, when left empty and still to come; else the usual number of days from today"),
        ),
    ),
    event=N_("reopened it; %(lead)s has it again until %(due)s"),
    done=N_("Reopened: %(lead)s has it again until %(due)s."),
)

LIFECYCLE = Lifecycle(
    NOUN,
    N_("Settling of incoming documents"),
    {
        HandlingState.PENDING: N_("To be presented"),
        HandlingState.PRESENTED: N_("Waiting for assignment"),
        HandlingState.ASSIGNED: N_("Being settled"),
        HandlingState.ANSWERING: N_("Answer in preparation"),
        HandlingState.SETTLED: N_("Settled"),
    },
    (
        *(ASSIGN, PRESENT, PROCESS, FILE, TRANSFER, RETURN_TO_SENDER, COMPLETE, REASSIGN, ROUTE, REOPEN),
        *(DECLINE, REVISE, WITHDRAW),
    ),
    begins_in=(HandlingState.PENDING,),
    subject_type="document",
)

OUTCOMES: dict[HandlingOutcome, str] = {
    HandlingOutcome.FILED: N_("Filed for reference"),
    HandlingOutcome.TRANSFERRED: N_("Transferred to the competent body"),
    HandlingOutcome.RETURNED: N_("Returned to the sender"),
    HandlingOutcome.PROCESSED: N_("Processed: draft and answer"),
}
RETURN_REASONS = tuple(REFUSAL_REASONS)
KINDS: dict[AssignmentKind, str] = {
    AssignmentKind.LEAD: N_("leads"),
    AssignmentKind.COORDINATE: N_("co-ordinates"),
    AssignmentKind.INFORM: N_("for information"),
}
"""What somebody is given a document for, in words."""


# ── who is what ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Holding:
    """What the rules must know of one living assignment of a document."""

    id: int
    parent_id: int | None
    kind: str
    unit_id: int
    person_id: int | None
    assigned_by_id: int | None
    passed_on: bool = False
    extension_asked: bool = False
    unit_path: tuple[int, ...] = ()
    """Ids of its unit and of all units above; needed to judge who gave it."""

    @property
    def key(self) -> "Holder":
        """Who has it."""
        return holder(self.unit_id, self.person_id)


Holder = tuple[int, int | None]
"""Who has something, whatever unit a person sits in now; nobody has two parts at one place."""


def holder(unit_id: int, person_id: int | None) -> Holder:
    """A person, or (with ``person_id`` None) a unit as a whole, as one who has a part."""
    return (0, person_id) if person_id is not None else (unit_id, None)


def people_of(actor: Actor) -> frozenset[int]:
    """The people in whose place the actor stands: whoever they act for, and themselves."""
    return frozenset(each for each in (actor.effective_person_id, actor.person_id) if each is not None)


def holds(actor: Actor, unit_id: int, person_id: int | None) -> bool:
    """Whether what a person, or (with ``person_id`` None) a whole unit, was given is the actor's: a unit's by its
    head. Whoever acts for another has what the other has, and nothing of their own (212/17.2)."""
    if person_id is not None:
        return person_id == actor.effective_person_id and _lent(actor, unit_id)
    return heads(actor, unit_id)


def _lent(actor: Actor, unit_id: int) -> bool:
    """Whether a delegation for one unit covers what the person acted for has in ``unit_id``; own work always is."""
    behalf = actor.on_behalf_of
    return behalf is None or not behalf.one_unit or any(post.unit_id == unit_id for post in behalf.posts)


def gave(actor: Actor, each: Holding) -> bool:
    """Whether the actor gave it: in person, or acts for who did. A delegation for one unit covers what was given to
    that unit and the units below it (212/17.2)."""
    if each.assigned_by_id is None or each.assigned_by_id not in people_of(actor):
        return False
    behalf = actor.on_behalf_of
    if behalf is None or not behalf.one_unit or each.assigned_by_id == actor.person_id:
        return True
    return any(post.unit_id in (each.unit_id, *each.unit_path) for post in behalf.posts)


def heads(actor: Actor, unit_id: int) -> bool:
    """Whether the actor heads that very unit."""
    return any(post.ours and post.kind in HEADS and post.unit_id == unit_id for post in actor.effective_posts)


def document_relations(
    actor: Actor, unit_path: tuple[int, ...], presented_to_id: int | None, living: Iterable[Holding]
) -> frozenset[Relation]:
    """What the actor is to the settling of a document. ``unit_path``: of the unit that keeps its register."""
    found = set(incoming_relations(actor, unit_path))
    if presented_to_id is not None and presented_to_id in people_of(actor):
        found.add(Relation.IN_CHARGE)
    for each in living:
        leads = each.kind == AssignmentKind.LEAD and not each.passed_on
        if leads and holds(actor, each.unit_id, each.person_id):
            found.add(Relation.LEAD)
    return frozenset(found)


# ── what an assignment must say ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Assignee:
    """One row of the dialog: a unit as a whole, or a person in a unit, with what they are to do until when."""

    unit_id: int
    person_id: int | None
    kind: AssignmentKind
    due_on: date | None
    name: str

    @property
    def key(self) -> Holder:
        """Who it is: the same assignee keeps what they have when an assignment is changed."""
        return holder(self.unit_id, self.person_id)


def assignee_obstacles(
    assignees: Sequence[Assignee], due_on: date, today: date, *, lead: bool = True, latest: date | None = None
) -> list[Obstacle]:
    """What speaks against the rows of an assignment (212/7.2): exactly one leads (``lead``; else nobody does),
    nobody stands there twice, no deadline lies in the past or after ``latest``, the deadline of who passes it on."""
    found = []
    leads = [each for each in assignees if each.kind == AssignmentKind.LEAD]
    if lead and not leads:
        message = N_("Who is to handle it: nobody leads. Choose who leads.")
        found.append(Obstacle(message, "assignees", code="no_lead"))
    elif lead and len(leads) > 1:
        message = N_("Who is to handle it: %(names)s lead at once. Only one may lead; let the others co-ordinate.")
        found.append(Obstacle(message, "assignees", {"names": ", ".join(e.name for e in leads)}, "many_leads"))
    elif not lead and leads:
        message = N_("Who is to handle it: this unit only co-ordinates, so nobody below it leads.")
        found.append(Obstacle(message, "assignees", code="no_leading_below"))
    keys = [each.key for each in assignees]
    for each in {e.key: e for e in assignees if keys.count(e.key) > 1}.values():
        message = N_("Who is to handle it: %(name)s stands there twice. Choose one part.")
        found.append(Obstacle(message, "assignees", {"name": each.name}, "twice"))
    found += deadline_obstacles(due_on, today, "due_on", latest)
    for each in assignees:
        if each.due_on is not None:
            found += deadline_obstacles(each.due_on, today, "assignees", latest, each.name)
    return found


def deadline_obstacles(
    due_on: date, today: date, name: str, latest: date | None = None, whose: str = ""
) -> list[Obstacle]:
    """A deadline lies neither in the past nor behind the one that bounds it. ``whose``: of one row among many."""
    params: dict[str, Any] = {"day": due_on.strftime("%d/%m/%Y"), "name": whose}
    if due_on < today:
        message = (
            N_("Deadline of %(name)s: %(day)s has passed already. Choose a later day.")
            if whose
            else N_("Deadline: %(day)s has passed already. Choose a later day.")
        )
        return [Obstacle(message, name, params, "past")]
    if latest is not None and due_on > latest:
        params = {**params, "latest": latest.strftime("%d/%m/%Y")}
        message = (
            N_("Deadline of %(name)s: %(day)s is later than the %(latest)s by which the unit itself must be done.")
            if whose
            else N_("Deadline: %(day)s is later than the %(latest)s by which the unit itself must be done.")
        )
        return [Obstacle(message, name, params, "too_late")]
    return []


def request_obstacles(values: Mapping[str, Any], person_id: int | None) -> list[Obstacle]:
    """What is routed at a request is routed at somebody else's: of a leader or a specialist (212/16.2.b)."""
    if person_id is not None and values.get("requested_by_id") == str(person_id):
        message = N_("At whose request: this is yourself. Choose who asked for it.")
        return [Obstacle(message, "requested_by_id", code="oneself")]
    return []


def reply_obstacles(values: Mapping[str, Any], today: date) -> list[Obstacle]:
    """A reply is wished by a day to come (212/8.2.2)."""
    if (values.get("reply_by") or today) < today:
        return [Obstacle(N_("Reply wished by: that day has passed already. Choose a later day."), "reply_by")]
    return []


def answer_obstacles(values: Mapping[str, Any], today: date) -> list[Obstacle]:
    """What has gone out bears no date to come (212/9.1)."""
    if (values.get("issued_on") or today) > today:
        message = N_("Date of the answer: it lies in the future. Check day, month and year.")
        return [Obstacle(message, "issued_on")]
    return []


def process_obstacles(values: Mapping[str, Any]) -> list[Obstacle]:
    """Processing puts the document into one case file: an open one, or a new one (212/13.2)."""
    joins, opens = values.get("case_file_id"), values.get("case_title")
    if not joins and not opens:
        return [Obstacle(N_("Case file: choose an open one, or enter the title of a new one."), "case_title")]
    if joins and opens:
        message = N_("Case file: either join an open one or open a new one. Empty one of the two fields.")
        return [Obstacle(message, "case_title")]
    return []

"""Assignments (việc được giao): what who leads, co-ordinates or is informed may do with the own part. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from app.actor import Actor
from app.errors import Obstacle
from app.rules.handling import (
    ASSIGNEES,
    DIRECTIONS,
    DUE_ON,
    REASON,
    REGISTRY,
    Holding,
    deadline_obstacles,
    gave,
    heads,
    holds,
    people_of,
)
from app.rules.lifecycle import Input, InputType, Lifecycle, Move, Relation
from app.rules.permissions import incoming_relations
from app.vocabulary import (
    LIVING,
    N_,
    AssignmentKind,
    AssignmentState,
    DeadlineChangeKind,
    DeadlineChangeState,
    HandlingState,
)

NOUN = "assignment"
OPEN = frozenset({AssignmentState.OPEN})
HELD = frozenset(LIVING)
DOES = frozenset({Relation.LEAD, Relation.COORDINATOR})
HOLDS = DOES | {Relation.INFORMED, Relation.HEAD}
GIVES = frozenset({Relation.ASSIGNER, Relation.IN_CHARGE})

OPINION = Input("text", N_("Opinion"), InputType.TEXT, required=True, max_length=4000)
FILES = Input("files", N_("Files"), InputType.FILES, aside=True)

PASS_ON = Move(
    NOUN,
    "pass_on",
    N_("Pass on within the unit"),
    basis=("212/7.2", "212/8.1"),
    who=frozenset({Relation.HEAD}),
    sources=OPEN,
    inputs=(ASSIGNEES, DIRECTIONS, DUE_ON),
    event=N_("passed it on: %(assigned)s"),
    done=N_("Passed on: %(assigned)s."),
    main=True,
)
ASK = Move(
    NOUN,
    "ask",
    N_("Ask for an opinion"),
    basis=("212/8.1", "212/10.1.b"),
    who=DOES | {Relation.HEAD},
    sources=OPEN,
    inputs=(
        replace(ASSIGNEES, label=N_("Whom to ask")),
        Input("question", N_("Question"), InputType.TEXT, required=True, max_length=2000),
        replace(DUE_ON, label=N_("Answer by"), hint=N_("The own deadline, when left empty")),
    ),
    event=N_("asked %(assigned)s: %(question)s"),
    done=N_("Asked: %(assigned)s."),
)
OPINE = Move(
    NOUN,
    "opine",
    N_("Write an opinion"),
    basis=("212/8.1", "212/17.2"),
    who=HOLDS | GIVES,
    sources=HELD,
    inputs=(OPINION, FILES),
    event=N_("wrote: %(text)s"),
    done=N_("The opinion is on record."),
)
CONTRIBUTE = Move(
    NOUN,
    "contribute",
    N_("Give the opinion and finish"),
    basis=("212/7.2", "212/8.1"),
    who=frozenset({Relation.COORDINATOR}),
    sources=OPEN,
    target=AssignmentState.DONE,
    inputs=(OPINION, FILES),
    event=N_("contributed: %(text)s"),
    done=N_("Your part is finished; who leads is told."),
    main=True,
)
ACKNOWLEDGE = Move(
    NOUN,
    "acknowledge",
    N_("Have read it"),
    basis=("212/7.2", "212/8.2.1"),
    who=frozenset({Relation.INFORMED}),
    sources=OPEN,
    target=AssignmentState.DONE,
    event=N_("has read it"),
    done=N_("Read."),
    main=True,
    bulk=True,
)
GIVE_BACK = Move(
    NOUN,
    "give_back",
    N_("Give back"),
    basis=("212/8.1", "212/16.1.i"),
    who=DOES,
    sources=OPEN,
    target=AssignmentState.GIVEN_BACK,
    inputs=(replace(REASON, hint=N_("For example: another department is in charge of this")),),
    event=N_("gave it back"),
    done=N_("Given back to who assigned it."),
    bulk=True,
)
TAKE_BACK = Move(
    NOUN,
    "take_back",
    N_("Take this part back"),
    basis=("212/7.2", "212/16.1.i"),
    who=GIVES,
    sources=HELD,
    target=AssignmentState.WITHDRAWN,
    inputs=(REASON,),
    event=N_("took the part of %(holder)s back"),
    done=N_("The part of %(holder)s is taken back."),
    danger=True,
)
ASK_EXTENSION = Move(
    NOUN,
    "ask_extension",
    N_("Ask for an extension"),
    basis=("212/8.1", "212/4.4"),
    who=DOES | {Relation.HEAD},
    sources=OPEN,
    inputs=(Input("due_on", N_("Until when"), InputType.DATE, required=True), REASON),
    event=N_("asked for an extension until %(day)s"),
    done=N_("Asked. Who assigned it decides."),
)
GRANT_EXTENSION = Move(
    NOUN,
    "grant_extension",
    N_("Grant the extension"),
    basis=("212/8.1", "212/16.1.i"),
    who=frozenset({Relation.DECIDER}),
    sources=HELD,
    inputs=(
        Input("due_on", N_("Until when"), InputType.DATE, hint=N_("The day asked for, when left empty")),
        Input("note", N_("Note"), InputType.TEXT, max_length=500),
    ),
    event=N_("granted an extension until %(day)s"),
    done=N_("Extended until %(day)s."),
    main=True,
    bulk=True,
)
REFUSE_EXTENSION = Move(
    NOUN,
    "refuse_extension",
    N_("Refuse the extension"),
    basis=("212/8.1", "212/16.1.i"),
    who=frozenset({Relation.DECIDER}),
    sources=HELD,
    inputs=(REASON,),
    event=N_("refused an extension until %(day)s"),
    done=N_("Refused. The deadline stays as it is."),
)
CHANGE_DEADLINE = Move(
    NOUN,
    "change_deadline",
    N_("Change the deadline"),
    basis=("212/7.2", "212/16.1.i"),
    who=GIVES,
    sources=OPEN,
    inputs=(Input("due_on", N_("New deadline"), InputType.DATE, required=True), REASON),
    event=N_("changed the deadline to %(day)s"),
    done=N_("The deadline is %(day)s now."),
)
SUSPEND = Move(
    NOUN,
    "suspend",
    N_("Suspend: wait for another body"),
    basis=("212/8.1", "212/4.4"),
    who=frozenset({Relation.LEAD}),
    sources=OPEN,
    target=AssignmentState.SUSPENDED,
    inputs=(
        Input("waiting_for", N_("Waiting for whom and what"), InputType.TEXT, required=True, max_length=500),
        FILES,
    ),
    event=N_("suspended it, waiting for: %(waiting_for)s"),
    done=N_("Suspended. The deadline moves by the working days until it is resumed."),
    advice=N_("For what another body must answer first. Who assigned it is told."),
)
RESUME = Move(
    NOUN,
    "resume",
    N_("Resume"),
    basis=("212/8.1", "212/4.4"),
    who=frozenset({Relation.LEAD}),
    sources=frozenset({AssignmentState.SUSPENDED}),
    target=AssignmentState.OPEN,
    inputs=(Input("note", N_("What came in"), InputType.TEXT, max_length=500),),
    event=N_("resumed it; the deadline is %(day)s now"),
    done=N_("Resumed. The deadline is %(day)s now."),
    main=True,
)
CHASE = Move(
    NOUN,
    "chase",
    N_("Chase"),
    basis=("212/16.1.h", "212/16.1.i"),
    who=GIVES | REGISTRY,
    sources=HELD,
    inputs=(Input("message", N_("Message"), InputType.TEXT, max_length=500),),
    event=N_("chased %(holder)s"),
    done=N_("%(holder)s is told."),
    bulk=True,
)
RESTORE = Move(
    NOUN,
    "restore",
    N_("Restore the right to handle"),
    basis=("212/17.2", "212/16.1.i"),
    who=HOLDS | GIVES,
    sources=frozenset({AssignmentState.DONE, AssignmentState.GIVEN_BACK}),
    target=AssignmentState.OPEN,
    inputs=(REASON,),
    event=N_("restored the right of %(holder)s to handle it"),
    done=N_("%(holder)s may handle it again."),
)

LIFECYCLE = Lifecycle(
    NOUN,
    N_("Assignments"),
    {
        AssignmentState.OPEN: N_("In work"),
        AssignmentState.SUSPENDED: N_("Suspended"),
        AssignmentState.GIVEN_BACK: N_("Given back"),
        AssignmentState.WITHDRAWN: N_("Withdrawn"),
        AssignmentState.DONE: N_("Finished"),
    },
    (
        *(CONTRIBUTE, ACKNOWLEDGE, PASS_ON, GRANT_EXTENSION, RESUME, REFUSE_EXTENSION, ASK, OPINE, ASK_EXTENSION),
        *(SUSPEND, GIVE_BACK, CHASE, CHANGE_DEADLINE, RESTORE, TAKE_BACK),
    ),
    begins_in=(AssignmentState.OPEN,),
    final=(AssignmentState.WITHDRAWN,),
    subject_type="assignment",
)

CHANGE_KINDS: dict[DeadlineChangeKind, str] = {
    DeadlineChangeKind.EXTENSION: N_("Extension"),
    DeadlineChangeKind.SUSPENSION: N_("Suspension"),
    DeadlineChangeKind.CHANGE: N_("Deadline changed"),
}
CHANGE_STATES: dict[DeadlineChangeState, str] = {
    DeadlineChangeState.ASKED: N_("asked for"),
    DeadlineChangeState.GRANTED: N_("granted"),
    DeadlineChangeState.REFUSED: N_("refused"),
}

_HOLDING = {
    AssignmentKind.LEAD: Relation.LEAD,
    AssignmentKind.COORDINATE: Relation.COORDINATOR,
    AssignmentKind.INFORM: Relation.INFORMED,
}


def chase_obstacles(kind: str) -> list[Obstacle]:
    """Why a part of this kind is not chased: who is only to know of a document has nothing to settle (212/7.2)."""
    if kind != AssignmentKind.INFORM:
        return []
    return [Obstacle(N_("It was given for information only: there is nothing to chase."), code="only_informed")]


def answering_obstacles(kind: str, handling: str | None) -> list[Obstacle]:
    """Why the lead neither goes back nor is taken: what was prepared to answer would belong to nobody (212/8.2)."""
    if kind != AssignmentKind.LEAD or handling != HandlingState.ANSWERING:
        return []
    message = N_("An answer is in preparation. Whoever leads takes it back first, or the leader reopens the document.")
    return [Obstacle(message, code="answering")]


def restore_obstacles(
    each: Holding, living: Iterable[Holding], handling: str | None, name_of: Callable[[Holding], str]
) -> list[Obstacle]:
    """Why the right to a part that has ended is not restored (212/17.2): the document is settled, nobody is above any
    more, somebody else leads, the same holder has another part by now. ``living``: what is held of the document."""
    found = []
    if handling not in (HandlingState.ASSIGNED, HandlingState.PRESENTED, HandlingState.ANSWERING):
        message = N_("The document is settled. Have it reopened by the leader who assigned it.")
        found.append(Obstacle(message, code="settled"))
    held = [other for other in living if other.id != each.id]
    above = next((other for other in held if other.id == each.parent_id), None)
    beside = [other for other in held if other.parent_id == each.parent_id]
    leads = [other for other in beside if other.kind == AssignmentKind.LEAD]
    if each.parent_id is not None and above is None:
        message = N_("Who gave this part does not have the document any more. Ask the leader for a new assignment.")
        return [*found, Obstacle(message, code="no_parent")]
    if each.kind == AssignmentKind.LEAD and above is not None and above.kind != AssignmentKind.LEAD:
        message = N_("Who gave this part does not lead any more. Ask the leader for a new assignment.")
        return [*found, Obstacle(message, code="no_lead_above")]
    if each.kind == AssignmentKind.LEAD and leads:
        message = N_("%(name)s leads it now. Have the assignment changed by the leader.")
        return [*found, Obstacle(message, params={"name": name_of(leads[0])}, code="led")]
    if any(other.key == each.key for other in beside):
        message = N_("%(name)s has another part of it by now. Go on with that one.")
        return [*found, Obstacle(message, params={"name": name_of(each)}, code="has_another")]
    return found


def asked_obstacles(due_asked: date | None) -> list[Obstacle]:
    """An extension is asked for once, until it is decided. ``due_asked``: the day asked for already (212/8.1)."""
    if due_asked is None:
        return []
    message = N_("An extension until %(day)s is asked for already. Wait for the answer.")
    return [Obstacle(message, params={"day": due_asked.strftime("%d/%m/%Y")}, code="asked")]


def later_obstacles(due_on: date | None, present: date | None, today: date) -> list[Obstacle]:
    """An extension leads beyond the present deadline, and not into the past (212/8.1)."""
    if due_on is None:
        return []
    found = deadline_obstacles(due_on, today, "due_on")
    if not found and present is not None and due_on <= present:
        message = N_("Until when: the deadline is %(day)s already. Choose a later day.")
        found.append(Obstacle(message, "due_on", {"day": present.strftime("%d/%m/%Y")}))
    return found


def relations(
    actor: Actor, each: Holding, unit_path: tuple[int, ...], presented_to_id: int | None
) -> frozenset[Relation]:
    """What the actor is to one assignment. Who passed it on heads it still, and leads no more.

    ``unit_path``: of the unit that keeps the document's register; ``presented_to_id``: who is in charge of it.
    """
    found = set(incoming_relations(actor, unit_path))
    if presented_to_id is not None and presented_to_id in people_of(actor):
        found.add(Relation.IN_CHARGE)
    if gave(actor, each):
        found.add(Relation.ASSIGNER)
    mine = holds(actor, each.unit_id, each.person_id)
    decides = GIVES if presented_to_id is not None else GIVES | {Relation.REGISTRY_HEAD}
    if each.extension_asked and not mine and found & decides:
        found.add(Relation.DECIDER)
    if mine:
        if not each.passed_on:
            found.add(_HOLDING[AssignmentKind(each.kind)])
        if heads(actor, each.unit_id) and each.kind != AssignmentKind.INFORM:
            found.add(Relation.HEAD)
    return frozenset(found)

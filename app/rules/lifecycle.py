"""Moves: what may happen to a record, as data. Pure.

One :class:`Move` declares one act: its clause, label, who may do it, from which states to which, and what it
asks for. The button and its form, the REST route with its OpenAPI entry, the permission row, the event tag,
the diagram in ``docs/lifecycles.md`` and the table tests all come from this one declaration.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.actor import Actor
from app.errors import Obstacle
from app.rules.text import clean, clean_lines
from app.vocabulary import N_


class Relation(StrEnum):
    """What an actor is to a record at this moment; computed from posts, assignments and delegations."""

    REGISTRY_CLERK = "registry_clerk"
    REGISTRY_HEAD = "registry_head"
    IN_CHARGE = "in_charge"
    """The leader to whom the document was presented, and who assigned it (212/7.1, 7.2)."""
    LEAD = "lead"
    """Holds what leads: settles the document, nobody below leads for them."""
    COORDINATOR = "coordinator"
    INFORMED = "informed"
    HEAD = "head"
    """Heads the unit that holds the assignment."""
    ASSIGNER = "assigner"
    """Gave the assignment."""
    DECIDER = "decider"
    """Gave the assignment whose holder asks for an extension."""
    SYSTEM = "system"


class InputType(StrEnum):
    """Type of an input field; the web form and the JSON schema are made from it."""

    LINE = "line"
    TEXT = "text"
    DATE = "date"
    DATETIME = "datetime"
    INTEGER = "integer"
    CHOICE = "choice"
    ORGANISATION = "organisation"
    FILES = "files"
    RECORDS = "records"
    ASSIGNEES = "assignees"
    """Units and people, each with what they are to do: ``{"unit_id" or "person_id", "kind", "due_on"}``."""


@dataclass(frozen=True)
class Unread:
    """In the place of a value: what was given could not be read. The act is refused for these reasons, together with
    all others that stand against it."""

    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True)
class Input:
    """One field that a move asks for. ``label`` and ``hint`` are catalogue entries (English)."""

    name: str
    label: str
    type: InputType = InputType.LINE
    required: bool = False
    max_length: int | None = None
    choices: str = ""
    """Name of the choice list that the outside offers (document types, urgency levels …)."""
    hint: str = ""
    keep: bool = False
    """The last value is offered again in the next form (registering in series)."""
    group: str = ""
    """Inputs of one group stand side by side on a wide screen."""
    aside: bool = False
    """Stands beside the others on a wide screen (what is about the arrival, not about the paper)."""
    past: bool = False
    """A day that cannot lie in the future: typed without a year it is the last one that was."""
    lookup: str = ""
    """Name of the suggestions that the outside offers while one types (documents by number)."""
    on_demand: bool = False
    """Shown only when something was refused for want of it (why a duplicate is registered all the same)."""

    def cleaned(self, raw: Any) -> Any:
        """Text in normal form, everything else as it came; empty text becomes ``None``."""
        if self.type == InputType.TEXT:
            return clean_lines(raw) or None
        if self.type in (InputType.LINE, InputType.CHOICE) and (raw is None or isinstance(raw, str)):
            return clean(raw) or None
        if self.type == InputType.ORGANISATION and isinstance(raw, dict):
            name = clean(raw.get("name"))
            return {"id": raw.get("id"), "name": name} if name else None
        return raw


@dataclass(frozen=True)
class Move:
    """One act on one kind of record. ``creates``: it may begin with nothing, and then makes the record; ``sources``:
    the states from which it acts on one that is there. ``target`` None: the state stays."""

    noun: str
    verb: str
    label: str
    basis: tuple[str, ...]
    who: frozenset[Relation]
    sources: frozenset[str] = frozenset()
    creates: bool = False
    target: str | None = None
    inputs: tuple[Input, ...] = ()
    event: str = ""
    """Sentence of the timeline, a catalogue entry with the event's parameters."""
    done: str = N_("Done.")
    """What the person reads when it is done."""
    advice: str = ""
    danger: bool = False
    main: bool = False
    bulk: bool = False
    """May be made on several records at once, each with a result of its own."""

    @property
    def name(self) -> str:
        """``noun.verb``: name of the move and tag of its event."""
        return f"{self.noun}.{self.verb}"

    @property
    def permission(self) -> str:
        """Flask-AppBuilder's name of the permission (``can_<verb>``), on the noun."""
        return f"can_{self.verb}"

    def acts_on(self, state: str) -> bool:
        """Whether it may begin in this state; the empty state is that of a record yet to be made."""
        return self.creates if not state else state in self.sources

    def input(self, name: str) -> Input:
        """The input field of that name; raises ``KeyError``."""
        for each in self.inputs:
            if each.name == name:
                return each
        raise KeyError(name)


@dataclass(frozen=True)
class Subject:
    """What the rules must know of a record to judge a move on it."""

    state: str
    relations: frozenset[Relation]
    type_id: int | None = None
    """Id of the kind of document the record is, or belongs to; ``None`` while nobody has said."""


def permission_key(noun: str, verb: str) -> str:
    """How :class:`~app.actor.Actor` spells a permission."""
    return f"{verb} {noun}"


def permission_obstacle(move: Move, actor: Actor) -> Obstacle | None:
    """Whether the actor's power allows this kind of act at all (button level; roles decide, 212/16.2.a)."""
    if actor.is_system:
        return (
            None
            if Relation.SYSTEM in move.who
            else Obstacle(N_("The program itself may not do this."), code="forbidden")
        )
    if permission_key(move.noun, move.verb) not in actor.effective_permissions:
        return Obstacle(N_("Your role does not allow this. Ask the IT centre if it should."), code="forbidden")
    behalf = actor.on_behalf_of
    if behalf is not None and behalf.moves is not None and move.name not in behalf.moves:
        return Obstacle(
            N_("The delegation from %(name)s does not cover this act."), params={"name": behalf.name}, code="forbidden"
        )
    return None


def obstacles(move: Move, actor: Actor, subject: Subject) -> list[Obstacle]:
    """THE predicate: why this actor may not make this move on this record now; empty when allowed.

    Button, check, list, batch action and REST route all ask this one function.
    """
    found = []
    lacking = permission_obstacle(move, actor)
    if lacking:
        found.append(lacking)
    elif not (subject.relations & move.who):
        found.append(Obstacle(N_("This record is not yours to act on."), code="forbidden"))
    else:
        found += _kind_obstacles(actor, subject)
    if not move.acts_on(subject.state):
        found.append(Obstacle(N_("The record is no longer in a state that allows this."), code="wrong_state"))
    return found


def _kind_obstacles(actor: Actor, subject: Subject) -> list[Obstacle]:
    """A delegation for certain kinds of document covers no other, nor one whose kind nobody has said; what is yet to be
    made is judged by the kind that it gets (212/17.2)."""
    behalf = actor.on_behalf_of
    if behalf is None or behalf.type_ids is None or subject.type_id in behalf.type_ids:
        return []
    if not subject.state and subject.type_id is None:
        return []
    return [
        Obstacle(
            N_("The delegation from %(name)s does not cover this kind of document."),
            params={"name": behalf.name},
            code="forbidden",
        )
    ]


def allowed(move: Move, actor: Actor, subject: Subject) -> bool:
    """Whether :func:`obstacles` finds none."""
    return not obstacles(move, actor, subject)


def check_inputs(move: Move, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Obstacle]]:
    """Clean the values of a move's inputs and find what is missing, too long or :class:`Unread`, all at once.

    Returns the cleaned values of declared inputs only, and the obstacles, each naming its field.
    """
    cleaned: dict[str, Any] = {}
    found: list[Obstacle] = []
    for each in move.inputs:
        given = values.get(each.name)
        if isinstance(given, Unread):
            cleaned[each.name] = None
            found += given.obstacles
            continue
        value = each.cleaned(given)
        cleaned[each.name] = value
        if each.required and (value is None or value == []):
            choose = each.type in (InputType.CHOICE, InputType.FILES, InputType.RECORDS, InputType.ASSIGNEES)
            message = N_("%(label)s: missing. Choose one.") if choose else N_("%(label)s: missing. Enter it.")
            found.append(Obstacle(message, field=each.name, params={"label": each.label}, code="missing"))
            continue
        text = value["name"] if isinstance(value, dict) else value
        if each.max_length and isinstance(text, str) and len(text) > each.max_length:
            found.append(
                Obstacle(
                    N_("%(label)s: %(length)s characters, at most %(limit)s are allowed. Shorten it."),
                    field=each.name,
                    params={"label": each.label, "length": len(text), "limit": each.max_length},
                    code="too_long",
                )
            )
    return cleaned, found


class Lifecycle:
    """The moves of one noun, in the order in which buttons show them.

    ``begins_in``: states in which a record is put by an act of another noun (what is registered is to be settled).
    ``subject_type`` is how the trails name the kind of record (several nouns may be one kind: documents).
    """

    def __init__(
        self,
        noun: str,
        label: str,
        states: Mapping[str, str],
        moves: Iterable[Move],
        final: Iterable[str] = (),
        begins_in: Iterable[str] = (),
        subject_type: str = "",
    ):
        self.noun = noun
        self.subject_type = subject_type
        self.label = label
        self.states = dict(states)
        self.moves = {move.verb: move for move in moves}
        self.final = frozenset(final)
        self.begins_in = frozenset(begins_in)

    def __getitem__(self, verb: str) -> Move:
        return self.moves[verb]

    def allowed_moves(self, actor: Actor, subject: Subject) -> list[Move]:
        """The moves this actor may make on this record now."""
        return [move for move in self.moves.values() if move.sources and allowed(move, actor, subject)]

    def creating_moves(self) -> list[Move]:
        """The moves that may make a new record."""
        return [move for move in self.moves.values() if move.creates]

"""All lifecycles, by noun: what generates routes, permissions, diagrams and table tests walks this. Pure."""

from app.actor import Actor
from app.rules import assignments, handling, incoming
from app.rules.lifecycle import InputType, Lifecycle, Move, permission_obstacle
from app.rules.permissions import STARTING_ROLES

LIFECYCLES: dict[str, Lifecycle] = {
    lifecycle.noun: lifecycle for lifecycle in (incoming.LIFECYCLE, handling.LIFECYCLE, assignments.LIFECYCLE)
}


def all_moves() -> list[Move]:
    """Every move of every noun."""
    return [move for lifecycle in LIFECYCLES.values() for move in lifecycle.moves.values()]


def may_send_files(actor: Actor) -> bool:
    """Whether the actor's power allows any move that takes files: only then are files received for it."""
    return any(
        permission_obstacle(move, actor) is None
        for move in all_moves()
        if any(each.type == InputType.FILES for each in move.inputs)
    )


def move_named(name: str) -> Move | None:
    """The move of that name (``noun.verb``), if there is one."""
    noun, _, verb = name.partition(".")
    lifecycle = LIFECYCLES.get(noun)
    return lifecycle.moves.get(verb) if lifecycle else None


def known_permissions() -> frozenset[tuple[str, str]]:
    """Every (noun, verb) that the program asks for: of moves, and of the screens that roles start with."""
    moves = {(move.noun, move.verb) for move in all_moves()}
    return frozenset(moves.union(*STARTING_ROLES.values()))

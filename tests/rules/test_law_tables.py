"""Who may do what in which state: the law written down by hand, held against the one predicate."""

from itertools import product

import pytest

from app.actor import Actor, HeldPost
from app.rules.incoming import LIFECYCLE
from app.rules.lifecycle import Subject, obstacles, permission_key
from app.rules.permissions import ROLES_OF_POSTS, STARTING_ROLES, incoming_relations
from app.vocabulary import IncomingState, PostKind

OFFICE, SECTION, REGISTRY, ECONOMY, SENDER = 1, 2, 3, 4, 9
UNITS = {
    PostKind.CLERK: (REGISTRY, (REGISTRY, SECTION, OFFICE)),
    PostKind.ADMIN_HEAD: (SECTION, (SECTION, OFFICE)),
    PostKind.HEAD_OF_DEPARTMENT: (ECONOMY, (ECONOMY, OFFICE)),
    PostKind.SPECIALIST: (ECONOMY, (ECONOMY, OFFICE)),
    PostKind.OUTSIDE: (SENDER, (SENDER,)),
}

REGISTRY_POSTS = (PostKind.CLERK, PostKind.ADMIN_HEAD)
_NEW = ""
S = IncomingState
WHERE_212 = {
    "incoming.receive": {_NEW},
    "incoming.register": {_NEW, S.RECEIVED},
    "incoming.advance": {_NEW, S.RECEIVED},
    "incoming.give_number": {S.URGENT},
    "incoming.correct": {S.REGISTERED, S.URGENT},
    "incoming.attach": {S.RECEIVED, S.REGISTERED, S.URGENT},
    "incoming.add_paper_copy": {S.REGISTERED, S.URGENT},
    "incoming.refuse": {_NEW, S.RECEIVED},
    "incoming.send_back": {S.REGISTERED},
    "incoming.cancel_number": {S.REGISTERED},
    "incoming.join": {S.RECEIVED},
    "incoming.discard": {S.RECEIVED},
}
"""In which states each act may begin (empty: with nothing there yet), by hand from chapter II of the Decision."""

LAW_212_INCOMING: list[tuple[PostKind, str, str, bool]] = [
    (kind, state, move, kind in REGISTRY_POSTS and state in states)
    for move, states in WHERE_212.items()
    for kind in PostKind
    for state in (_NEW, *IncomingState)
]
"""(kind of post, state, move, may): every kind of post × state × move. The registry acts, and nobody else."""


def actor(kind: PostKind, unit: tuple[int, tuple[int, ...]] | None = None) -> Actor:
    """Somebody in one post, with the role it brings from the first day."""
    unit_id, path = unit or UNITS.get(kind, (OFFICE, (OFFICE,)))
    post = HeldPost(1, kind, "Chức danh", unit_id, "Đơn vị", path, ours=kind != PostKind.OUTSIDE)
    grants = STARTING_ROLES[ROLES_OF_POSTS[kind]]
    return Actor(1, 1, "Người", (post,), frozenset(permission_key(noun, verb) for noun, verb in grants))


def may(who: Actor, state: str, verb: str) -> bool:
    """What the program says."""
    path = (REGISTRY, SECTION, OFFICE) if state else ()
    subject = Subject(state, incoming_relations(who, path))
    return not obstacles(LIFECYCLE[verb], who, subject)


@pytest.mark.clause("212/16.2.a", "212/4.1")
@pytest.mark.parametrize(("kind", "state", "move", "ok"), LAW_212_INCOMING)
def test_a_post_may_make_a_move_in_a_state_just_as_the_law_says(
    kind: PostKind, state: str, move: str, ok: bool
) -> None:
    assert may(actor(kind), state, move.partition(".")[2]) is ok


def test_the_table_leaves_no_case_out() -> None:
    """Every post × state × move is in the table exactly once, the state before a record is there included."""
    cases = [(k, s, m) for k, s, m, _ in LAW_212_INCOMING]
    expected = [
        (kind, state, move.name)
        for kind, state, move in product(PostKind, ("", *IncomingState), LIFECYCLE.moves.values())
    ]
    assert sorted(cases) == sorted(expected)


def test_a_clerk_of_another_section_does_not_act_on_this_register() -> None:
    elsewhere = actor(PostKind.CLERK, (ECONOMY, (ECONOMY, OFFICE)))
    assert not may(elsewhere, IncomingState.REGISTERED, "correct")


def test_a_post_without_the_role_does_not_act_and_a_role_without_the_post_neither() -> None:
    clerk = actor(PostKind.CLERK)
    stripped = Actor(1, 1, "Người", clerk.posts, frozenset())
    roleful = Actor(1, 1, "Người", actor(PostKind.SPECIALIST).posts, clerk.permissions)
    assert not may(stripped, IncomingState.REGISTERED, "correct")
    assert not may(roleful, IncomingState.REGISTERED, "correct")


def test_the_program_itself_makes_no_move_that_is_not_its_own() -> None:
    program = Actor.system("thử")
    own = {(move, state) for move in WHERE_212 for state in (_NEW, *S) if may(program, state, move.partition(".")[2])}
    assert own == {("incoming.receive", _NEW), ("incoming.give_number", S.URGENT)}
